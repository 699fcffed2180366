// A sheet of numbers: a channel, a matrix, a map. What is too large to be read shows the numbers around the pinned one,
// under a picture of it all.

import { createGrid, dress } from "./grid.js";
import { h, setText } from "./dom.js";
import { format } from "./numbers.js";
import { createCanvas, paint, palette } from "./conv_stepper_canvas.js";

const OVERVIEW_PX = [480, 150];

/**
 * role: its colour; letter, title: above it; rows, columns: of all of it; shown: [rows, columns] of the numbers seen at
 * once; origin: what is called row 0 and column 0; heads: {rows(r), columns(c), corner} what is written around them
 * at(r, c): {role, index, name, from, kind, cellRole}: what a cell is; without a name it takes no focus; `from` is where
 * its number stands (-1: a zero), undefined for none; `kind` are classes
 * picture: {index(), at(r, c)}: of the picture of it all, its data-index and where its numbers stand (-1: a zero)
 *
 * Returns {el, grid, view, draw(values, {hidden, root}), moveTo(at), cell(r, c), place(cell), mark(name, places), ...}.
 */
export function createSheet(what) {
  const { role, letter, title, rows, columns, shown, heads } = what;
  const view = { at: [0, 0], what: [], all: shown[0] === rows && shown[1] === columns };
  const grid = createGrid({ role, rows: shown[0], columns: shown[1], label: title });
  const frame = h("div", { class: "il-window", "aria-hidden": "true" });
  frame.hidden = true;
  grid.el.append(frame);
  const part = h("span", { class: "il-part" });
  const down = heads && createHeads("il-down", shown[0], 1), across = heads && createHeads("il-across", 1, shown[1]);
  const overview = view.all || !what.picture ? null : createOverview(what);
  const el = h("div", { class: `il-sheet cl-${role}` },
    h("p", { class: "cl-title" }, h("span", { class: "cl-letter", "aria-hidden": "true" }, letter),
      h("code", {}, title), view.all ? null : part),
    overview?.el,
    h("div", { class: "cl-scroll il-box" }, h("div", { class: "il-frame" },
      heads && h("span", { class: "il-corner", "aria-hidden": "true" }, heads.corner), across?.el, down?.el, grid.el)));
  const sheet = {
    el, grid, view, rows, columns, overview, part, down, across, what, code: el.querySelector("code"),
    ...finding(grid, view), ...moving(view, grid, frame),
  };
  sheet.dress = () => dressAll(sheet);
  sheet.dress();
  sheet.draw = (values, options = {}) => draw(sheet, values, options);
  return sheet;
}

function createHeads(name, rows, columns) {
  const grid = createGrid({ role: "head", rows, columns, label: "" });
  grid.el.removeAttribute("aria-label");
  grid.el.setAttribute("aria-hidden", "true"); // each number says where it stands
  grid.el.classList.add(name);
  return grid;
}

function dressAll({ grid, view, part, what, down, across }) {
  const { at, heads, origin = [0, 0], rows, columns } = what;
  grid.forget();
  view.what = grid.cells.map((cell, place) => {
    const one = at(view.at[0] + Math.floor(place / grid.columns), view.at[1] + (place % grid.columns));
    // Tab comes to the same cell, which may have the focus; its number is drawn next.
    dress(cell, { cellRole: "button", tabIndex: cell.tabIndex, kept: true, ...one });
    // Marks are set anew after each move.
    if ((view.what[place]?.kind || "") !== (one.kind || "")) cell.className = one.kind ? `cl-cell ${one.kind}` : "cl-cell";
    return one;
  });
  down?.cells.forEach((cell, place) => setText(cell, heads.rows(view.at[0] + place)));
  across?.cells.forEach((cell, place) => setText(cell, heads.columns(view.at[1] + place)));
  const stretch = (axis, count) => `${view.at[axis] - origin[axis]}–${view.at[axis] - origin[axis] + count - 1}`;
  const parts = [grid.rows < rows && `rows ${stretch(0, grid.rows)}`, grid.columns < columns && `columns ${stretch(1, grid.columns)}`];
  setText(part, parts.filter(Boolean).join(", "));
  const first = grid.cells.find((cell) => cell.hasAttribute("tabindex"));
  if (first && !grid.el.querySelector('[tabindex="0"]')) first.tabIndex = 0;
}

/** Writes the numbers; those that are `hidden(r, c)` stay empty. With a root, the picture of it all is painted too. */
function draw(sheet, values, { hidden = () => false, root }) {
  const { grid, view, overview, what } = sheet;
  view.what.forEach(({ from }, place) => {
    const i = Math.floor(place / grid.columns), j = place % grid.columns;
    const value = from === undefined || hidden(view.at[0] + i, view.at[1] + j) ? null : from < 0 ? 0 : values[from];
    grid.set(i, j, value);
    if (value === null) grid.cell(i, j).style.removeProperty("--tint"); // as if no number had ever stood there
  });
  if (root && overview) overview.paint(values, palette(root, what.role === "column" || what.role === "fold" ? "input" : what.role === "count" ? "product" : what.role));
}

function finding(grid, view) {
  const inside = ([i, j]) => i >= 0 && j >= 0 && i < grid.rows && j < grid.columns;
  const local = ([r, c]) => [r - view.at[0], c - view.at[1]];
  return {
    /** The cell of [r, c], as the sheet stands, or stood it `at` other numbers. */
    cell(r, c, [top, left] = view.at) {
      const at = [r - top, c - left];
      return inside(at) ? grid.cell(...at) : undefined;
    },
    place(cell) {
      const at = grid.at(cell);
      return at && [at[0] + view.at[0], at[1] + view.at[1]];
    },
    /** What stands in a cell, as `at` has it. */
    told: (cell) => view.what[grid.cells.indexOf(cell)],
    /** Gives class `cl-<name>` to these cells ([r, c]) and takes it from all others. */
    mark: (name, places) => grid.mark(name, places.map(local).filter(inside)),
  };
}

function moving(view, grid, frame) {
  return {
    /** Shows the numbers from this row and column on; true when others are shown now. */
    moveTo(to) {
      if (to[0] === view.at[0] && to[1] === view.at[1]) return false;
      view.at = to;
      this.dress();
      return true;
    },
    /** Where it shows a stretch [r, c, height, width]. */
    showing([r, c, height = 1, width = 1]) {
      return [sighted(r, height, grid.rows, this.rows), sighted(c, width, grid.columns, this.columns)];
    },
    /** Draws a frame around [r, c, height, width]; none without it. */
    frame(box) {
      const [i, height] = box ? inSight(box[0] - view.at[0], box[2], grid.rows) : [0, 0];
      const [j, width] = box ? inSight(box[1] - view.at[1], box[3], grid.columns) : [0, 0];
      frame.hidden = height < 1 || width < 1;
      frame.style.cssText = frame.hidden ? "" : `--i: ${i}; --j: ${j}; --h: ${height}; --w: ${width}`;
    },
  };
}

/**
 * Where to begin, of `all`, so that `count` numbers hold a stretch: half a page further whenever it comes near the
 * border. It follows from the stretch alone, so that two views that came by different ways show the same.
 */
export function sighted(first, length, count, all) {
  const slack = Math.max(0, count - length), step = Math.max(1, Math.floor(slack / 2));
  return Math.min(Math.max(0, step * Math.floor((first - slack / 4) / step)), all - count);
}

/** [first, length] of a stretch, as far as it is among the cells shown. */
function inSight(first, length, count) {
  const from = Math.max(0, first);
  return [from, Math.min(count, first + length) - from];
}

/** The picture of it all, with the part that is in numbers, marks, and a curtain over what is not there yet. */
function createOverview({ role, rows, columns, title, picture: { index, at } }) {
  const canvas = createCanvas({ role, index: index(), rows, columns, label: `${title} as a picture` });
  const px = [columns, rows].map((count, axis) => Math.min(6, Math.max(1, Math.floor(OVERVIEW_PX[axis] / count))));
  if (Math.max(rows, columns) < 2 * Math.min(rows, columns)) px.fill(Math.min(...px)); // an image keeps its shape
  const svg = h("svg", { class: "il-marks", viewBox: `0 0 ${columns} ${rows}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const shapes = Object.fromEntries(["curtain", "strip", "copies", "part"].map((name) => [name, h("path", { class: `il-${name}`, d: "" })]));
  svg.append(...Object.values(shapes));
  const el = h("div", { class: "il-overview" }, canvas, svg);
  el.style.cssText = `width: ${Math.min(OVERVIEW_PX[0], columns * px[0])}px; height: ${rows * px[1]}px`;
  el.classList.toggle("il-dense", columns > OVERVIEW_PX[0]);
  let from = null;
  return {
    el, canvas,
    /** Boxes [r, c, height, width] in the shape of this name. */
    mark(name, boxes) {
      const d = boxes.map(([r, c, height = 1, width = 1]) => `M${c} ${r}h${width}v${height}h${-width}z`).join("");
      if (shapes[name].getAttribute("d") !== d) shapes[name].setAttribute("d", d);
    },
    /** To be called when it is the picture of another channel. */
    forget() {
      from = null;
      canvas.convlabValues.index = index();
    },
    paint(values, colours) {
      from ??= Int32Array.from({ length: rows * columns }, (_, place) => at(Math.floor(place / columns), place % columns));
      paint(canvas, Array.from(from, (place) => (place < 0 ? null : values[place])), colours);
    },
    /** The [row, column] under the pointer. */
    under({ clientX, clientY }) {
      const box = canvas.getBoundingClientRect();
      const along = (at, length, count) => Math.min(count - 1, Math.max(0, Math.floor((at / length) * count)));
      return [along(clientY - box.top, box.height, rows), along(clientX - box.left, box.width, columns)];
    },
  };
}

/** So many numbers are written out to see how long they get; of more, so many. */
const MOST_WRITTEN = 2000;

/** The characters of the longest of these numbers, seen or not: what is not there yet must not move the rest. */
function longest(values) {
  const step = Math.ceil(values.length / MOST_WRITTEN);
  let [least, most, chars] = [0, 0, 1];
  for (let at = 0; at < values.length; at++) {
    least = Math.min(least, values[at]);
    most = Math.max(most, values[at]);
    if (at % step === 0 && !Number.isInteger(values[at])) chars = Math.max(chars, format(values[at]).length);
  }
  return Math.max(chars, format(least).length, format(most).length);
}

/** The same width for the cells of all these sheets and for the heads above them. */
export function even(sheets) {
  const chars = Math.max(...sheets.map(({ whole, values }) => longest((whole ?? values)())));
  for (const { grid, across } of sheets) {
    for (const one of [grid, across].filter(Boolean)) {
      one.chars = chars;
      one.el.style.setProperty("--chars", chars);
    }
  }
}
