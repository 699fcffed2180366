// The input's size as numbers under the hand: drag, type, arrows; the model's name before them.

import { h } from "./dom.js";
import { write } from "./grid.js";
import { makeEditable } from "./numbers.js";

const LETTERS = { 5: ["N", "C", "D", "H", "W"], 4: ["N", "C", "H", "W"], 3: ["C", "H", "W"], 2: ["N", "features"] };
const MEANING = { N: "samples", C: "channels", H: "rows", W: "columns", D: "depth", features: "features" };
/** What a hand can reach; the model runs in Python, and a picture of 1024 x 1024 may take it seconds. */
const MOST = { N: 64, C: 1024, D: 256, H: 1024, W: 1024, features: 65536 };

/** The name of each axis of an input of this rank. */
const lettersOf = (rank) => LETTERS[rank] ?? Array.from({ length: rank }, (_, at) => `axis ${at}`);

/** {el, draw()}: `Net` on (N, C, H, W). */
export function createInput(state, act, signal) {
  const name = h("code", { class: "st-model" }), field = h("span", { class: "st-shape cl-input", role: "group",
    "aria-label": "size of the input" });
  const el = h("div", { class: "st-header" }, name, h("span", { class: "st-on" }, "on"),
    h("span", { class: "cl-letter cl-input", "aria-hidden": "true" }, "I"), field);
  let numbers = [];
  const build = (rank) => {
    const letters = lettersOf(rank);
    numbers = letters.map((letter, axis) => {
      const most = MOST[letter] ?? 1024;
      const label = `${letter}${MEANING[letter] && MEANING[letter] !== letter ? `, ${MEANING[letter]} of the input` : ""}`;
      return h("span", { class: "st-number cl-cell", role: "spinbutton", tabindex: 0, "aria-label": label,
        "aria-valuemin": 1, "aria-valuemax": most, data: { role: "length", index: axis, most } });
    });
    const comma = (at) => (at < rank - 1 || rank === 1 ? "," : "");
    field.replaceChildren(h("span", { class: "st-bracket" }, "("), ...numbers.map((number, at) =>
      h("span", { class: "st-axis" }, h("span", { class: "st-slot" }, number, comma(at)), h("small", {}, letters[at]))),
    h("span", { class: "st-bracket" }, ")"));
  };
  const set = (number, value) => {
    if (!Number.isInteger(value)) return; // half a pixel is no size: what was there stays
    const axis = Number(number.dataset.index), most = Math.max(Number(number.dataset.most), state.shape[axis]);
    state.setLength(axis, Math.min(most, Math.max(1, value)));
  };
  const get = (number) => state.shape[Number(number.dataset.index)];
  makeEditable({ el: field, focus: (cell) => cell.focus({ preventScroll: true }) },
    { get, set, handler: act.timed, signal });
  field.addEventListener("keydown", act.timed((event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || event.target.getAttribute("role") !== "spinbutton" || event.ctrlKey || event.metaKey || event.altKey) return;
    set(event.target, get(event.target) + by);
    event.preventDefault();
  }), { signal });
  return {
    el,
    draw() {
      name.textContent = state.name;
      if (numbers.length !== state.shape.length) build(state.shape.length);
      numbers.forEach((number, axis) => number.querySelector("input") || write(number, state.shape[axis]));
    },
  };
}
