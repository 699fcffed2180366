// One channel on the screen, input or output: its numbers with the padding around them, the window on them. What is
// too large to be read is a picture, with the numbers around the window beside it.

import { createGrid, dress } from "./grid.js";
import { h } from "./dom.js";
import { createCanvas, paint } from "./conv_stepper_canvas.js";

/** More numbers than this in one grid, or a longer side, and a channel becomes a picture with a loupe. */
const MOST_NUMBERS = 600, LONGEST = 30;
const MOST_CANVAS_PX = 224;

const readable = (rows, columns) => rows * columns <= MOST_NUMBERS && Math.max(rows, columns) <= LONGEST;

/**
 * A plane of `rows` x `columns` numbers, padding included; `top` and `left` of them are padding.
 *
 * source(r, c): where in `values` the number of padded row r, column c is, -1 for a zero of the padding
 * name(i, j): what a cell is, for those who listen
 * loupe: {rows, columns} of the numbers shown when there are too many for one grid
 *
 * Returns {el, grid, box, draw(values, hidden), moveTo(r, c, h, w), cell(r, c), place(cell), ...}.
 */
export function createPlane(what) {
  const { role, rows, columns, prefix, label, title, loupe } = what;
  const small = readable(rows, columns);
  const view = {
    rows: small ? rows : Math.min(rows, loupe.rows),
    columns: small ? columns : Math.min(columns, loupe.columns),
    at: [0, 0], // the padded row and column of the first number shown
  };
  const grid = createGrid({ role, rows: view.rows, columns: view.columns, label });
  const window = h("div", { class: "cs-window", "aria-hidden": "true" });
  grid.el.append(window);
  const box = h("div", { class: "cl-scroll cs-box" }, grid.el);
  const overview = small ? null : createOverview(what);
  const el = h("div", { class: `cs-block cs-plane cl-${role}` }, h("p", { class: "cl-title" }, title),
    overview?.el, box);
  dressAll(grid, view, what);
  const parts = { window, overview };
  return { el, grid, box, view, prefix, ...drawing(grid, view, what, overview), ...finding(grid, view, what, parts) };
}

function dressAll(grid, view, { role, prefix, top, left, inside, name, cellRole }) {
  grid.forget();
  grid.cells.forEach((cell, at) => {
    const i = view.at[0] + Math.floor(at / grid.columns) - top, j = view.at[1] + (at % grid.columns) - left;
    const own = inside(i, j);
    const index = `${prefix},${i},${j}`;
    dress(cell, { role: own ? role : "padding", index, name: own ? name(i, j) : null, cellRole });
    cell.classList.toggle("cl-pad", !own);
  });
  const first = grid.cells.find((cell) => cell.hasAttribute("tabindex"));
  if (first) first.tabIndex = 0;
}

function createOverview({ role, prefix, rows, columns, top, left, label, inner }) {
  const [H, W] = inner;
  const canvas = createCanvas({ role, index: prefix, rows: H, columns: W, label });
  const scale = Math.max(1, Math.min(6, Math.floor(MOST_CANVAS_PX / Math.max(H, W)))) || 1;
  const px = Math.max(H, W) > MOST_CANVAS_PX ? MOST_CANVAS_PX / Math.max(H, W) : scale;
  canvas.style.width = `${W * px}px`;
  canvas.style.height = `${H * px}px`;
  const mark = h("div", { class: "cs-mark", "aria-hidden": "true" });
  const el = h("div", { class: "cs-overview" }, canvas, mark);
  el.style.padding = `${top * px}px ${(columns - W - left) * px}px ${(rows - H - top) * px}px ${left * px}px`;
  return {
    el, canvas,
    window(r, c, height, width) {
      mark.style.transform = `translate(${c * px}px, ${r * px}px)`;
      mark.style.width = `${width * px}px`;
      mark.style.height = `${height * px}px`;
    },
    /** The padded [row, column] under the pointer. */
    under(event) {
      const rect = canvas.getBoundingClientRect();
      return [Math.floor((event.clientY - rect.top) / px) + top, Math.floor((event.clientX - rect.left) / px) + left];
    },
  };
}

function drawing(grid, view, { source, inner, top, left }, overview) {
  return {
    /** Writes the numbers; `shown(i, j)` is false for those not computed yet. `colours` repaint the picture. */
    draw(values, { shown = () => true, colours } = {}) {
      for (let i = 0; i < grid.rows; i++) {
        for (let j = 0; j < grid.columns; j++) {
          const r = view.at[0] + i, c = view.at[1] + j;
          const at = source(r, c);
          grid.set(i, j, shown(r, c) ? (at < 0 ? 0 : values[at]) : null);
        }
      }
      if (!overview || !colours) return;
      const [H, W] = inner;
      const all = Array.from({ length: H * W }, (_, at) => {
        const r = Math.floor(at / W) + top, c = (at % W) + left;
        return shown(r, c) ? values[source(r, c)] : null;
      });
      paint(overview.canvas, all, colours);
    },
  };
}

function finding(grid, view, what, { window, overview }) {
  const { rows, columns } = what;
  return {
    overview,
    /** The cell of padded row r, column c; undefined when the loupe is elsewhere. */
    cell(r, c) {
      const i = r - view.at[0], j = c - view.at[1];
      return i >= 0 && j >= 0 && i < grid.rows && j < grid.columns ? grid.cell(i, j) : undefined;
    },
    /** Padded [row, column] of a cell. */
    place(cell) {
      const at = grid.at(cell);
      return at && [at[0] + view.at[0], at[1] + view.at[1]];
    },
    /** Position in the grid of padded row r, column c. */
    local: (r, c) => [r - view.at[0], c - view.at[1]],
    /** Puts the window on rows r.., columns c..; true when the numbers shown are others now. */
    moveTo(r, c, height, width) {
      const centre = (start, length, shown, all) =>
        Math.min(Math.max(0, start - Math.floor((shown - length) / 2)), all - shown);
      const to = [centre(r, height, grid.rows, rows), centre(c, width, grid.columns, columns)];
      const moved = to[0] !== view.at[0] || to[1] !== view.at[1];
      if (moved) {
        view.at = to;
        dressAll(grid, view, what);
      }
      overview?.window(r, c, height, width);
      const [i, j] = [r - view.at[0], c - view.at[1]];
      window.style.cssText = `--i: ${i}; --j: ${j}; --h: ${height}; --w: ${width}`;
      return moved;
    },
  };
}
