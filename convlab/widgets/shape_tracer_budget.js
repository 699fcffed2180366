// What the model costs, and who spends it: a bar each for parameters, multiply-adds and memory, with the limit in it.

import { h } from "./dom.js";
import { amounts, count, limitText, memory, mostText, tensorsText, whole } from "./shape_tracer_words.js";

const LEAST_SHARE = 0.004; // a part below this is no pixel wide

/** {el, draw(), mark(at)}. */
export function createBudget(state, act, signal) {
  const el = h("section", { class: "st-budget", "aria-label": "what the model costs" });
  const over = ({ target }) => target.closest("[data-at]")?.dataset.at;
  el.addEventListener("pointerover", act.timed((event) => act.preview(over(event))), { signal });
  el.addEventListener("pointerleave", () => act.preview(), { signal });
  el.addEventListener("click", act.timed((event) => over(event) && act.pin(Number(over(event)))), { signal });
  return {
    el,
    draw() {
      el.replaceChildren(...amounts(state.trace, state.budget).map((one) => bar(one, state.trace)));
    },
    mark(at) {
      for (const part of el.querySelectorAll(".st-part")) part.classList.toggle("st-here", part.dataset.at === String(at));
    },
  };
}

function bar(one, { shape, totals }) {
  const { name, title, total, limit, over, parts } = one, most = Math.max(total, limit ?? 0, 1);
  const written = name === "memory" ? memory(total) : { number: whole(total), unit: "" };
  const samples = shape.length === 4 ? `, for ${count(shape[0], "sample")}` : "";
  const more = name === "parameters" ? tensorsText(totals) : samples;
  const shown = parts.filter(({ share }) => share >= LEAST_SHARE);
  const width = (amount) => `${(100 * amount) / most}%`;
  const segments = shown.map(({ row, name: layer, amount }) =>
    h("i", { class: `st-part${row ? "" : " st-rest"}`, title: `${layer}: ${whole(amount)}`, style: `width: ${width(amount)}`,
      data: row ? { at: row } : {} }));
  const line = limit !== null && h("b", { class: "st-limit", style: `left: ${width(limit)}` });
  return h("div", { class: `st-amounts${over > 0 ? " st-over" : ""}` },
    h("p", { class: "st-sum" }, h("span", { class: "st-total", data: { role: `sum-${name}`, index: "", value: total } },
      written.number), ` ${written.unit} ${title}${more}`),
    h("p", { class: "st-verdict" }, limit !== null && (over > 0 ? "✗ " : "✓ "), limitText(one)),
    h("div", { class: "st-bar", "aria-hidden": "true" }, segments, line),
    h("p", { class: "st-most" }, mostText(parts)));
}
