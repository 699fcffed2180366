// How often which test picture was called what: a row for what it is, a column for what the network says. A cell shows
// one of its pictures, and another one at each press.

import { h, setText } from "./dom.js";
import { testedText } from "./feature_maps_words.js";
import { number, style, write } from "./filter_bank_paint.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** {el, draw()}. */
export function createTable(state, act, signal) {
  const { classes, labels } = state.facts, every = Array.from({ length: classes }, (_, k) => k);
  const cells = every.map((row) => every.map((column) => h("button", { type: "button", class: "fm-count", tabindex: -1,
    data: { role: "confusion", index: `${row},${column}` } })));
  const share = number("accuracy", ""), words = h("span"), when = number("measured-step", "");
  const body = h("tbody", {}, every.map((row) => h("tr", {}, h("th", { scope: "row" }, String(row)),
    cells[row].map((cell, column) => h("td", { class: row === column ? "fm-diagonal" : "" }, cell)))));
  const corner = h("th", { scope: "col" }, h("span", { class: "cl-hidden" }, "it is"));
  const head = h("tr", {}, corner, every.map((k) => h("th", { scope: "col" }, String(k))));
  let at = [0, 0];
  const focus = (to) => {
    cells[at[0]][at[1]].tabIndex = -1;
    at = to.map((value) => Math.max(0, Math.min(classes - 1, value)));
    cells[at[0]][at[1]].tabIndex = 0;
  };
  focus([0, 0]);
  const placeOf = (event) => event.target.closest("button")?.dataset.index?.split(",").map(Number);
  body.addEventListener("click", act.timed((event) => {
    const place = placeOf(event);
    if (!place) return;
    focus(place);
    const found = labels.flatMap((label, k) => (label === place[0] && state.measured.said[k] === place[1] ? [k] : []));
    const now = found.indexOf(state.model.get("picture"));
    if (found.length) state.setPicture(found[(now + 1) % found.length]);
  }), { signal });
  body.addEventListener("keydown", act.timed((event) => {
    const step = ARROWS[event.key], place = placeOf(event);
    if (!step || !place) return;
    focus(place.map((value, axis) => value + step[axis]));
    cells[at[0]][at[1]].focus();
    event.preventDefault();
  }), { signal });
  return {
    el: h("section", { class: "fm-confusion", "aria-label": "what is confused" },
      h("p", { class: "fm-accuracy" }, h("b", {}, share), words, " after step ", when),
      h("p", { class: "cl-note fm-axes-names" }, "Rows: what it is. Columns: what the network says. Press a cell to see one."),
      h("div", { class: "cl-scroll" }, h("table", { class: "fm-table" }, h("caption", { class: "cl-hidden" }, "what is confused"),
        h("thead", {}, head), body))),
    draw() {
      const { accuracy, table, step } = state.measured, { picture } = state.frame;
      write(share, Number((100 * accuracy).toFixed(6)));
      setText(words, testedText(state.facts));
      write(when, step);
      const here = [labels[picture], state.measured.said[picture]];
      table.forEach((counts, row) => {
        const most = Math.max(1, counts.reduce((sum, count) => sum + count, 0));
        counts.forEach((count, column) => {
          const cell = cells[row][column];
          write(cell, count);
          cell.classList.toggle("fm-none", !count);
          cell.classList.toggle("fm-in", row === here[0] && column === here[1]);
          style(cell, "--share", (count / most).toFixed(3));
          cell.setAttribute("aria-label", `${count}: ${row} called ${column}`);
        });
      });
    },
  };
}
