// The pictures in a row: input, output, target, difference, every pixel as large as the others, one range of colours for
// the last three.

import { h, setText } from "./dom.js";
import { createSurface, number, style, under, write } from "./filter_bank_paint.js";
import { GRADIENT, paintPicture, paintSigned } from "./kernel_lab_scale.js";

const WIDE_PX = 216, MOST_PX = 22;
/** Beyond the range is the colour of its end; what is no number has that of 0. */
const clamped = (values, range) => values.map((value) => (Number.isNaN(value) ? 0 : Math.max(-range, Math.min(range, value))));

/** A picture with its title, its pixels and the number at the place. */
function createFigure({ role, letter, title, stage, code }, act, signal) {
  const surface = createSurface("kn-surface");
  const value = number(role, ""), where = h("span"), at = h("p", { class: "kn-at" }, where, value);
  const badge = stage && h("span", { class: "kn-badge", "aria-hidden": "true" }, stage);
  const shape = h("span", { class: "kn-shape" }), old = h("span", { class: "kn-tag", hidden: true }, "before the update");
  for (const [name, set] of Object.entries({ tabindex: 0, role: "application", "aria-roledescription": "picture",
    "aria-label": `${title}: arrows move the place` })) surface.el.setAttribute(name, set);
  const el = h("figure", { class: `kn-figure cl-${role}` }, h("figcaption", { class: "kn-title" }, badge,
    h("span", { class: "cl-letter", "aria-hidden": "true" }, letter), title, shape), h("code", { class: "kn-code" }, code),
  h("div", { class: "kn-frame" }, surface.el, old), at);
  const on = (type, handler) => surface.el.addEventListener(type, act.timed(handler), { signal });
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview({ place: act.over(role, under(event, surface)) }));
  on("pointerleave", (event) => event.pointerType !== "touch" && act.preview(null));
  on("click", (event) => act.pin(act.over(role, under(event, surface))));
  return { el, role, surface, value, where, at, stage, shape, old };
}

/** {el, legend, draw(), mark({place, tap})}; tap null: the place is pointed at. */
export function createMaps(state, weight, act, signal) {
  const make = (options) => createFigure(options, act, signal);
  const input = make({ role: "input", letter: "I", title: "input", code: "input[0, 0]" });
  const output = make({ role: "output", letter: "O", title: "output", stage: 1, code: "output = layer(input)" });
  const target = make({ role: "target", letter: "T", title: "target", code: "target[0, 0]" });
  const difference = make({ role: "difference", letter: "D", title: "difference", stage: 2, code: "output - target" });
  const after = (sign, part) => h("div", { class: "kn-pair" }, h("span", { class: "kn-sign", "aria-hidden": "true" }, sign), part);
  const low = number("range", "0"), high = number("range", "1");
  const legend = h("p", { class: "kn-legend" }, low, h("span", { class: "kn-gradient", style: `background: ${GRADIENT}` }), high,
    h("span", {}, "one range for output, target and difference; beyond it, the colour of its end"));
  const el = h("div", { class: "kn-row" }, input.el, after("∗", weight), after("→", output.el), after("−", target.el),
    after("=", difference.el));
  return {
    el, legend,
    draw() {
      const { problem: { g, reach }, run: { stage } } = state, there = [g.H_out, g.W_out];
      const px = Math.min(MOST_PX, WIDE_PX / g.W);
      const one = (figure, values, shape, paint) => {
        style(figure.surface.el, "width", `${Math.round(shape[1] * px)}px`);
        const ready = !(figure.stage > stage);
        figure.el.classList.toggle("kn-waiting", !ready);
        figure.old.hidden = !(figure.stage && stage === 5);
        setText(figure.shape, shape.join(" × "));
        figure.surface.paint(...shape, (pixels) => (ready ? paint(pixels) : pixels.fill(0))); // it keeps its size
        figure.surface.holds(ready && { role: figure.role, index: "0", shape, values });
      };
      const signed = (values) => (pixels) => paintSigned(pixels, clamped(values, reach), 0, g.W_out, reach);
      const { values, low: black, high: white } = state.input, seen = state.shown;
      one(input, values, [g.H, g.W], (pixels) => paintPicture(pixels, values, [0], black, white));
      one(output, seen.output, there, signed(seen.output));
      one(target, state.problem.target, there, signed(state.problem.target));
      one(difference, seen.difference, there, signed(seen.difference));
      write(low, -reach);
      write(high, reach);
    },
    /** What is pointed at: a place, whose window and three numbers are shown, or a tap, with all that it reads. */
    mark({ place: [i, j], tap }) {
      const { problem: { g, target: wanted }, shown, run: { stage } } = state, at = i * g.W_out + j;
      const u = Math.floor(tap / g.kW), v = tap % g.kW;
      if (tap === null) input.surface.box([i, j], [g.kH, g.kW]);
      else if (tap < g.kH * g.kW) input.surface.box([u, v], [g.H_out, g.W_out]);
      else input.surface.box(null);
      const numbers = [[output, shown.output[at]], [target, wanted[at]], [difference, shown.difference[at]]];
      for (const [figure, value] of numbers) {
        const ready = !(figure.stage > stage);
        figure.surface.box(tap === null ? [i, j] : null, [1, 1]);
        figure.value.dataset.index = `0,${i},${j}`;
        setText(figure.where, `[0, 0, ${i}, ${j}] = `);
        figure.at.classList.toggle("kn-hidden", !ready);
        if (ready) write(figure.value, value);
        else delete figure.value.dataset.value;
      }
      setText(input.where, tap === null ? `window from row ${i}, column ${j}`
        : tap < g.kH * g.kW ? `what weight[0, 0, ${u}, ${v}] reads` : "the bias reads nothing");
    },
  };
}
