// A grid of numbers: the picture of one channel. One element a cell, so that every number can be read,
// pointed at, focused and tested.

import { format } from "./numbers.js";
import { become, h, setText } from "./dom.js";

/**
 * Creates a grid of `rows` x `columns` cells.
 *
 * role: "input", "weight", "output", "product", "padding", "grad-input", ... (its colour and letter)
 * index(i, j): the text of data-index ("c,i,j"; "o,c,u,v" for a weight); without it, whoever asks has them dressed
 * label: what the whole grid is, for those who listen
 * name(i, j): what one cell is ("input[0, 2, 3]"); given only where cells take the focus
 * from: a grid that goes: its element and its cells stay where they are, the focus with them
 *
 * Returns {el, rows, columns, cell(i, j), at(cell), set(i, j, value), forget(), fill(values, from), fit(),
 * mark(name, cells), focus(cell), offer(cell)}.
 */
export function createGrid({ role, rows, columns, index, label, name, cellRole = "spinbutton", from }) {
  const el = from?.el ?? h("div", { class: `cl-grid cl-${role}`, role: "group" });
  el.setAttribute("aria-label", label);
  el.style.setProperty("--columns", columns);
  const cells = Array.from({ length: rows * columns }, (_, place) => {
    const i = Math.floor(place / columns), j = place % columns;
    const kept = j < from?.columns && from.cell(i, j);
    const cell = kept || document.createElement("span"), tabIndex = kept ? kept.tabIndex : place || from ? -1 : 0;
    cell.className = "cl-cell";
    if (index) dress(cell, { role, index: index(i, j), name: name?.(i, j), cellRole, tabIndex });
    return cell;
  });
  become(el, cells);
  return { el, rows, columns, scale: 1, chars: from?.chars ?? 1, cells, ...reading(cells, columns), ...writing(el, cells, columns) };
}

/**
 * Says what a cell is; one with a name takes the focus (by Tab where tabIndex is 0). What it showed was another number and
 * goes, unless `kept`: then another one is written at once, which costs less where the two are equal.
 */
export function dress(cell, { role, index, name, cellRole = "spinbutton", tabIndex = -1, kept = false }) {
  const say = (attribute, text) => {
    // Even the tabindex that it has, set again on what has the focus, costs a layout of the page.
    if (cell.getAttribute(attribute) !== text) cell.setAttribute(attribute, text);
  };
  say("data-role", role);
  say("data-index", index);
  if (!kept || cell.getAttribute("role") !== (name ? cellRole : null)) cell.removeAttribute("data-value");
  cell.convlabName = name;
  if (name) {
    say("role", cellRole);
    say("tabindex", String(tabIndex));
    if (!kept || cellRole !== "button") entitle(cell, "");
  } else if (cell.hasAttribute("role")) {
    for (const attribute of ["role", "aria-label", "tabindex", "aria-valuenow"]) cell.removeAttribute(attribute);
    cell.convlabLabel = "";
  }
}

/** Tells those who listen what a cell is and what it shows; a spin button says its value itself. */
function entitle(cell, shown) {
  const { convlabName: name } = cell;
  if (!name) return;
  const label = shown && cell.getAttribute("role") === "button" ? `${name} = ${shown}` : name;
  if (cell.convlabLabel !== label) cell.setAttribute("aria-label", cell.convlabLabel = label);
}

function reading(cells, columns) {
  return {
    cell: (i, j) => cells[i * columns + j],
    at(cell) {
      const place = cells.indexOf(cell);
      return place < 0 ? null : [Math.floor(place / columns), place % columns];
    },
    /** Moves the focus, and the cell that Tab comes to; without a target only the latter is `offer`ed. */
    focus(cell, options) {
      if (!cell.hasAttribute("tabindex")) return;
      const others = [...this.el.querySelectorAll('[tabindex="0"]')].filter((other) => other !== cell);
      // In this order: a tabindex that changes on what has the focus costs a layout of the page.
      if (cell.tabIndex !== 0) cell.tabIndex = 0;
      if (cell !== document.activeElement) cell.focus(options ?? { preventScroll: true });
      for (const other of others) other.tabIndex = -1;
    },
    offer(cell) {
      if (cell.tabIndex === 0) return;
      for (const other of this.el.querySelectorAll('[tabindex="0"]')) other.tabIndex = -1;
      cell.tabIndex = 0;
    },
  };
}

function writing(el, cells, columns) {
  const marked = new Map();
  const last = []; // asking the page what a cell shows costs more than remembering it
  return {
    set(i, j, value) {
      const place = i * columns + j;
      if (place in last && last[place] === value) return;
      last[place] = value;
      const cell = cells[place];
      write(cell, value, this.scale);
      if (cell.textContent.length > this.chars) this.fit();
    },
    /** Has every cell written anew at its next turn: after `dress`, or with another scale. */
    forget() {
      last.length = 0;
    },
    fill(values, from = 0) {
      this.forget();
      this.scale = largest(values, from, cells.length);
      cells.forEach((cell, place) => write(cell, values[from + place], this.scale));
      this.fit();
    },
    /** Cells wide enough for the longest number, so that nothing is cut off. */
    fit() {
      const longest = cells.reduce((most, cell) => Math.max(most, cell.textContent.length), 1);
      if (longest === this.chars) return;
      this.chars = longest;
      el.style.setProperty("--chars", longest);
    },
    /** Gives class `cl-<name>` to these cells and takes it from all others. */
    mark(className, places) {
      const own = `cl-${className}`, now = new Set(places.map(([i, j]) => cells[i * columns + j]).filter(Boolean));
      for (const cell of marked.get(className) ?? []) if (!now.has(cell)) cell.classList.remove(own);
      for (const cell of now) if (!cell.classList.contains(own)) cell.classList.add(own);
      marked.set(className, now);
    },
  };
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Arrows, Home and End walk through the cells of a grid that take the focus; `moved(i, j)` is told. */
export function walkByKeys(grid, { signal, moved = () => {}, handler = (f) => f }) {
  grid.el.addEventListener("keydown", handler((event) => {
    const here = grid.at(event.target);
    if (!here) return;
    let to = destination(event.key, here, grid);
    if (!to) return;
    event.preventDefault();
    const open = [...grid.el.querySelectorAll(".cl-cell[tabindex]")];
    if (event.key === "Home") to = grid.at(open[0]);
    if (event.key === "End") to = grid.at(open.at(-1));
    if (!grid.cell(...to).hasAttribute("tabindex")) return;
    grid.focus(grid.cell(...to));
    moved(...to);
  }), { signal });
}

export function destination(key, [i, j], { rows, columns }) {
  if (key === "Home") return [0, 0];
  if (key === "End") return [rows - 1, columns - 1];
  if (!(key in ARROWS)) return null;
  const [down, right] = ARROWS[key];
  return [Math.min(rows - 1, Math.max(0, i + down)), Math.min(columns - 1, Math.max(0, j + right))];
}

const fontFor = (size) => (size >= 26 ? 13 : size >= 22 ? 12 : 10);
const roomFor = (size) => (size >= 22 ? 6 : 2);

/** What a style sheet is told of cells `size` pixels large. */
export const sizesOf = (size) => ({
  "--size": `${size}px`, "--cell-font": `${fontFor(size)}px`, "--cell-room": `${roomFor(size)}px`,
});

/** How wide a grid is with cells `size` pixels large. */
export function gridWidth(grid, size) {
  const cell = Math.max(size, grid.chars * 0.61 * fontFor(size) + roomFor(size));
  return grid.columns * (Math.ceil(cell) + 1) + 1;
}

/** Sets the custom properties of a style that are not set so. */
export function setStyle({ style }, values) {
  for (const [name, value] of Object.entries(values)) {
    if (style.getPropertyValue(name) !== value) style.setProperty(name, value);
  }
}

/** The largest absolute value of a stretch of numbers, 1 when all are zero: what the darkest cell stands for. */
export function largest(values, from = 0, count = values.length) {
  let most = 0;
  for (let at = from; at < from + count; at++) most = Math.max(most, Math.abs(values[at] ?? 0));
  return most || 1;
}

/** Writes a value into a cell; null or undefined leaves it empty (not computed yet). */
export function write(cell, value, scale = 1) {
  if (value === null || value === undefined) {
    entitle(cell, "");
    if (!cell.hasAttribute("data-value") && cell.textContent === "") return;
    cell.textContent = "";
    cell.removeAttribute("data-value");
    cell.removeAttribute("aria-valuenow");
    cell.style.setProperty("--tint", cell.convlabTint = 0);
    cell.classList.remove("cl-negative");
    return;
  }
  const full = String(value), same = cell.getAttribute("data-value") === full && cell.firstChild;
  const text = same ? cell.firstChild.data : format(value);
  entitle(cell, text);
  if (same) return;
  setText(cell, text);
  cell.setAttribute("data-value", full); // by its dataset it would take longer
  if (cell.getAttribute("role") === "spinbutton") cell.setAttribute("aria-valuenow", full);
  const tint = Math.min(1, Math.abs(value) / scale).toFixed(2);
  if (cell.convlabTint !== tint) cell.style.setProperty("--tint", cell.convlabTint = tint);
  if (cell.classList.contains("cl-negative") !== value < 0) cell.classList.toggle("cl-negative");
}
