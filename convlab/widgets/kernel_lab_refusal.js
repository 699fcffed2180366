// What PyTorch refuses: its words, ours, and a drawing of why.

import { pads, extent } from "./conv.js";
import { h } from "./dom.js";

const ACROSS = 150;

/** Returns {el, draw()}; hidden while the layer is legal. */
export function createRefusal({ lab }) {
  const words = h("div", { class: "kl-said" });
  const drawing = h("div", { class: "kl-why" });
  const el = h("div", { class: "cl-problem kl-problem", role: "alert", hidden: true }, words, drawing);
  return {
    el,
    draw() {
      const { problem, spec, shape } = lab.state;
      el.hidden = !problem;
      if (!problem) return;
      words.replaceChildren(h("p", { class: "cl-title" }, "PyTorch refuses this:"), h("code", {}, problem.torch),
        h("p", {}, problem.ours));
      drawing.replaceChildren(...[why(spec, shape)].filter(Boolean));
    },
  };
}

function why(spec, shape) {
  const [C, H, W] = shape.slice(-3);
  if (spec.groups > 0 && (spec.in_channels % spec.groups || spec.out_channels % spec.groups)) {
    const odd = spec.in_channels % spec.groups ? "in" : "out";
    return shares(spec[`${odd}_channels`], spec.groups, `${odd}_channels`);
  }
  if (C !== spec.in_channels) return channels(spec.in_channels, C);
  const window = [0, 1].map((axis) => extent(spec.kernel_size[axis], spec.dilation[axis]));
  const padded = [H, W].map((length, axis) => length + pads(spec)[axis].reduce((a, b) => a + b, 0));
  return window.some((length, axis) => length > padded[axis]) ? sticksOut(padded, window) : null;
}

/** The padded input and the window, to scale, corner on corner. */
function sticksOut(padded, window) {
  const scale = ACROSS / Math.max(...padded, ...window);
  const [height, width] = [0, 1].map((axis) => Math.max(padded[axis], window[axis]) * scale);
  const box = ([rows, columns], name) => h("rect", {
    x: 1, y: 1, width: columns * scale, height: rows * scale, class: `kl-box-${name}`,
  });
  const text = `The window, ${window.join(" × ")}, sticks out of the padded input, ${padded.join(" × ")}.`;
  return h("figure", {}, h("svg", {
    width: width + 2, height: height + 2, viewBox: `0 0 ${width + 2} ${height + 2}`, role: "img", "aria-label": text,
  }, box(padded, "input"), box(window, "window")),
  h("figcaption", { class: "cl-note" }, h("span", { class: "kl-squares cl-input" }, h("i")), `input ${padded.join(" × ")}`, h("br"),
    h("span", { class: "kl-squares cl-weight" }, h("i")), `window ${window.join(" × ")}`));
}

const squares = (count, name) => Array.from({ length: Math.min(count, 24) }, () => h("i", { class: name }));

/** What the layer takes above what came. */
function channels(wanted, came) {
  return h("figure", { role: "img", "aria-label": `The layer takes ${wanted} channels, the input has ${came}.` },
    h("p", {}, h("small", {}, `the layer takes ${wanted}`), h("span", { class: "kl-squares cl-weight" }, squares(wanted, ""))),
    h("p", {}, h("small", {}, `the input has ${came}`), h("span", { class: "kl-squares cl-input" }, squares(came, ""))));
}

/** Channels dealt out to the groups, with what is left over. */
function shares(count, groups, name) {
  const each = Math.floor(count / groups), left = count % groups;
  const piles = Array.from({ length: Math.min(groups, 12) }, () => h("span", { class: "kl-squares cl-input" }, squares(each, "")));
  return h("figure", { role: "img", "aria-label": `${count} ${name} in ${groups} groups: ${left} left over.` },
    h("p", {}, h("small", {}, `${groups} groups of ${each}`), piles),
    h("p", {}, h("small", {}, `left over: ${left}`), h("span", { class: "kl-squares cl-weight" }, squares(left, ""))));
}
