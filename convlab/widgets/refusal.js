// What PyTorch refuses: its own message, ours under it, and a drawing of why.

import { h } from "./dom.js";
import { extent, pads } from "./conv.js";
import { call } from "./conv_stepper_words.js";

/** The panel for a layer that does not run. */
export function refusal(layer) {
  const { torch, ours } = layer.problem;
  return h("div", { class: "cl-problem cl-refusal" },
    h("div", { class: "cl-words" }, h("p", { class: "cl-refuses" }, "PyTorch refuses this:"), h("code", {}, torch),
      h("p", {}, ours),
      layer.legal ? h("p", { class: "cl-note" }, "Greyed below: the last layer that runs, ",
        h("code", {}, call(layer.legal.spec)), ` on an input (${layer.legal.shape.join(", ")}).`) : null),
    why(layer.spec, layer.shape));
}

function why(spec, shape) {
  const C = shape.at(-3);
  for (const [name, label] of [["in_channels", "input channels"], ["out_channels", "output channels"]]) {
    if (spec.groups > 1 && spec[name] % spec.groups) return shares(spec[name], spec.groups, label);
  }
  if (spec.groups < 1) return null;
  if (C !== spec.in_channels) return mismatch(spec.in_channels, C);
  const window = [0, 1].map((axis) => extent(spec.kernel_size[axis], spec.dilation[axis]));
  if (spec.padding === "same" && spec.stride.some((step) => step > 1)) return null;
  const frame = pads(spec);
  if (Math.min(...frame.flat(), ...window.map((length) => length - 1)) < 0) return null;
  const [H, W] = shape.slice(-2);
  return sizes([H, W], frame, window);
}

const rect = (kind, x, y, width, height) => h("rect", { class: `cl-why-${kind}`, x, y, width, height });
/** Words under a drawing, with a sample of what they name in front. */
const caption = (x, y, text, kind) => [kind && rect(kind, x + 1, y - 9, 10, 10),
  h("text", { class: "cl-caption", x: x + (kind ? 18 : 0), y }, text)].filter(Boolean);
const picture = (width, height, label, ...children) => h("svg", {
  class: "cl-why", viewBox: `-4 -4 ${width + 8} ${height + 8}`, width: width + 8, height: height + 8,
  role: "img", "aria-label": label,
}, ...children);

/** The window over the padded input, to scale: what sticks out is hatched. */
function sizes([H, W], [[top, bottom], [left, right]], [kH, kW]) {
  const padded = [H + top + bottom, W + left + right];
  const all = [Math.max(padded[0], kH), Math.max(padded[1], kW)];
  const px = Math.min(22, 170 / Math.max(...all));
  const at = [all[0] * px, all[1] * px];
  const label = `a window of ${kH} x ${kW} on a padded input of ${padded.join(" x ")}`;
  const whole = padded[0] > H || padded[1] > W ? `, padded ${padded.join(" × ")}` : "";
  return picture(Math.max(at[1], 190), at[0] + 40, label,
    rect("out", 0, 0, kW * px, kH * px),
    rect("frame", 0, 0, padded[1] * px, padded[0] * px),
    rect("inner", left * px, top * px, W * px, H * px),
    rect("over", 0, 0, kW * px, kH * px),
    ...caption(0, at[0] + 18, `window ${kH} × ${kW}`, "over cl-why-full"),
    ...caption(0, at[0] + 36, `input ${H} × ${W}${whole}`, "inner"));
}

/** A row of boxes for the layer's channels, one for the input's: those without a partner are hatched. */
function mismatch(wanted, came) {
  const most = Math.max(wanted, came), px = Math.min(26, 200 / most), size = px * 0.8;
  const row = (count, partner, y, kind) => Array.from({ length: count }, (_, at) =>
    rect(at < partner ? kind : "out", at * px, y, size, size));
  return picture(Math.max(most * px, 200), 2 * size + 58, `the layer has ${wanted} channels, the input ${came}`,
    ...caption(0, 12, `the layer reads ${wanted}`), ...row(wanted, came, 18, "over cl-why-full"),
    ...caption(0, size + 38, `the input has ${came}`), ...row(came, wanted, size + 44, "inner"));
}

/** Channels dealt out to groups: those left over are hatched. */
function shares(channels, groups, label) {
  const each = Math.floor(channels / groups), left = channels - each * groups;
  const px = Math.min(24, 220 / (channels + groups)), size = px * 0.85;
  const boxes = Array.from({ length: channels }, (_, at) => {
    const group = each ? Math.min(groups, Math.floor(at / each)) : groups;
    return rect(group < groups ? "inner" : "out", at * px + group * px * 0.6, 20, size, size);
  });
  return picture(240, size + 44, `${channels} ${label} in ${groups} groups leave ${left}`,
    ...caption(0, 12, `${channels} ${label} in ${groups} groups of ${each}`), ...boxes,
    ...caption(0, size + 40, `${left} left over`));
}
