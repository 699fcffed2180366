// The arithmetic of one output number, a line for each channel and one for their sum.

import { h, setText } from "./dom.js";
import { format } from "./numbers.js";
import { equals, indexed, operand } from "./conv_stepper_words.js";

/** Longer products are cut short: their sum says the rest. */
const MOST_TERMS = 15, MOST_SUMS = 8;

export function createEquation({ g, at, batched }, rows) {
  const lines = rows.map((row) => createLine(g, row));
  const last = createTotal(g);
  const el = h("div", { class: "cs-equation", role: "group", "aria-label": "the arithmetic of this output number" },
    lines.map((line) => line.el), last.el);
  return {
    el,
    draw(parts, [i, j]) {
      lines.forEach((line) => line.draw(parts.channels[line.c]));
      last.draw(parts, indexed("output", batched, at.sample, at.filter, i, j));
    },
    /** Lights the term of tap (u, v) of channel c; none without one. */
    light(tap) {
      el.querySelector(".cl-lit")?.classList.remove("cl-lit");
      const line = tap && lines.find((one) => one.c === tap[0]);
      line?.term(tap[1] * g.kW + tap[2])?.classList.add("cl-lit");
    },
  };
}

function createLine(g, { c, channel, weightOf }) {
  const taps = g.kH * g.kW;
  const shown = taps > MOST_TERMS ? MOST_TERMS - 3 : taps;
  const terms = Array.from({ length: shown }, () => {
    const [from, by] = [h("b", { class: "cl-input" }), h("b", { class: "cl-weight" })];
    return { from, by, el: h("span", { class: "cs-term" }, from, "×", by) };
  });
  const written = terms.flatMap((term, at) => (at ? [" + ", term.el] : [term.el]));
  if (shown < taps) written.push(` + … (${taps} products)`);
  const sum = h("span", { class: "cs-from-sums" });
  const name = g.Cg > 1 ? h("span", { class: "cs-name" }, `channel ${channel}`) : null;
  const el = h("p", { class: "cs-line" }, name, h("span", { class: "cs-from-products" }, written), sum);
  return {
    el, c,
    term: (tap) => terms[tap]?.el,
    draw(part) {
      terms.forEach((term, tap) => {
        setText(term.from, format(part.window[tap]));
        setText(term.by, operand(weightOf(tap)));
      });
      const exact = equals(...part.window, ...part.window.map((_, tap) => weightOf(tap)), part.sum);
      setText(sum, ` ${exact} ${format(part.sum)}`);
    },
  };
}

function createTotal(g) {
  const [sums, bias, value] = ["sums", "bias", "bias"].map((stage) => h("span", { class: `cs-from-${stage}` }));
  const el = h("p", { class: "cs-line cs-total" }, g.Cg > 1 ? h("span", { class: "cs-name" }, "together") : null,
    sums, bias, value);
  return {
    el,
    draw(parts, output) {
      const all = parts.channels.map((part) => part.sum);
      const some = all.length > MOST_SUMS ? all.slice(0, MOST_SUMS - 2) : all;
      const rest = some.length < all.length ? ` + … (${all.length} sums)` : "";
      setText(sums, some.map((sum, at) => (at ? operand(sum) : format(sum))).join(" + ") + rest);
      setText(bias, ` + bias ${operand(parts.bias)}`);
      setText(value, ` ${equals(...all, parts.bias, parts.value)} ${format(parts.value)} → ${output}`);
    },
  };
}
