// What stands beside a question: grids of numbers and lines of code.

import { createGrid } from "./grid.js";
import { h } from "./dom.js";

const LETTERS = { input: "I", weight: "W", output: "O", gradient: "G", product: "P" };

/** The figure blocks of a question as one element; null when there are none. */
export function figure(blocks) {
  if (!blocks.length) return null;
  const draw = (block) => (block.code === undefined ? numbers(block) : code(block.code));
  return h("div", { class: "qc-figure" }, blocks.map(draw));
}

export function code(text, label = "code") {
  return h("pre", { tabindex: 0, role: "region", "aria-label": label }, h("code", {}, text));
}

function numbers({ role, title, values, mark = [] }) {
  const rows = values.length, columns = Math.max(...values.map((row) => row.length));
  const grid = createGrid({ role, rows, columns, index: (i, j) => `0,${i},${j}`, label: `${title}: ${said(values)}` });
  grid.fill(values.flat());
  values.forEach((row, i) => row.forEach((value, j) => { if (value === null) grid.cell(i, j).textContent = "?"; }));
  grid.mark("here", mark ?? []);
  const letter = LETTERS[role] && h("span", { class: "cl-letter", "aria-hidden": "true" }, LETTERS[role]);
  grid.el.setAttribute("role", "img"); // one picture: its numbers are in its label, row by row
  return h("div", { class: `cl-${role}` },
    h("p", { class: "cl-title" }, letter, title),
    h("div", { class: "cl-scroll", tabindex: columns > 8 ? 0 : null, role: columns > 8 ? "region" : null,
      "aria-label": columns > 8 ? title : null }, grid.el));
}

const said = (values) => values.map((row) => row.map((value) => value ?? "unknown").join(", ")).join("; ");
