// A grid of numbers on the screen: a channel, a kernel, the gradients of the biases. What is too large to be read as
// a whole shows the numbers around the pinned cell.

import { createGrid, dress } from "./grid.js";
import { h } from "./dom.js";

const MOST_NUMBERS = 600, LONGEST = 30, LOUPE = 13;

/**
 * role: its colour; letter, title: above it; note: what is said under it; rows, columns; origin: the row and column that are called 0; cellRole: "spinbutton" where the numbers can be moved
 * at(r, c): {role, index, name, from, kind}: what a cell is; without a name it takes no focus; `from` is where its
 * number stands (-1: a zero), undefined for none; `kind` are classes
 *
 * Returns {el, grid, draw(values), moveTo(r, c, height, width), cell(r, c), place(cell), local(r, c), frame(box)}.
 */
export function createPlane({ role, letter, title, note, rows, columns, origin = [0, 0], cellRole, at }) {
  const small = rows * columns <= MOST_NUMBERS && Math.max(rows, columns) <= LONGEST;
  const shown = { rows: small ? rows : Math.min(rows, LOUPE), columns: small ? columns : Math.min(columns, LOUPE) };
  const view = { at: [0, 0], origin, what: [] };
  const grid = createGrid({ role, ...shown, label: title });
  const frame = h("div", { class: "gr-window", "aria-hidden": "true" });
  frame.hidden = true;
  grid.el.append(frame);
  const part = h("span", { class: "gr-part" });
  const el = h("div", { class: `gr-plane cl-${role}` },
    h("p", { class: "cl-title" }, h("span", { class: "cl-letter", "aria-hidden": "true" }, letter), h("code", {}, title),
      small ? null : part),
    h("div", { class: "cl-scroll gr-box" }, grid.el), note && h("p", { class: "gr-note" }, note));
  const code = el.querySelector("code");
  const plane = { el, grid, view, rows, columns, ...finding(grid, view) };
  const dressed = () => dressAll(grid, view, at, cellRole, part);
  dressed();
  let shownValues = null;
  return Object.assign(plane, {
    draw(values) {
      shownValues = values;
      view.what.forEach(({ from }, place) => {
        const value = from === undefined ? null : from < 0 ? 0 : values[from];
        grid.set(Math.floor(place / grid.columns), place % grid.columns, value);
      });
    },
    /** Brings these rows and columns into sight; what is in sight stays where it is, under the hand. */
    moveTo(r, c, height = 1, width = 1) {
      const seen = (at, start, length, some, all) => (start >= at && start + Math.min(length, some) <= at + some
        ? at : Math.min(Math.max(0, start - Math.max(0, Math.floor((some - length) / 2))), all - some));
      const to = [seen(view.at[0], r, height, grid.rows, rows), seen(view.at[1], c, width, grid.columns, columns)];
      if (String(to) === String(view.at)) return;
      view.at = to;
      dressed();
      if (shownValues) this.draw(shownValues);
    },
    /** Says anew what each cell is, under another title. */
    again(called) {
      code.textContent = called;
      grid.el.setAttribute("aria-label", called);
      dressed();
      this.draw(shownValues);
    },
    /** Draws a frame around [r, c, height, width]; none without it. */
    frame(box) {
      const [i, height] = box ? inSight(box[0] - view.at[0], box[2], grid.rows) : [0, 0];
      const [j, width] = box ? inSight(box[1] - view.at[1], box[3], grid.columns) : [0, 0];
      frame.hidden = height < 1 || width < 1;
      if (!frame.hidden) frame.style.cssText = `--i: ${i}; --j: ${j}; --h: ${height}; --w: ${width}`;
    },
  });
}

/** [first, length] of a stretch, as far as it is among the cells shown. */
function inSight(first, length, count) {
  const from = Math.max(0, first);
  return [from, Math.min(count, first + length) - from];
}

function dressAll(grid, view, at, cellRole, part) {
  grid.forget();
  view.what = grid.cells.map((cell, place) => {
    const what = at(view.at[0] + Math.floor(place / grid.columns), view.at[1] + (place % grid.columns));
    dress(cell, { ...what, cellRole });
    cell.className = what.kind ? `cl-cell ${what.kind}` : "cl-cell"; // marks are set anew after each move
    return what;
  });
  const last = (axis, count) => `${view.at[axis] - view.origin[axis]} to ${view.at[axis] - view.origin[axis] + count - 1}`;
  part.textContent = ` rows ${last(0, grid.rows)}, columns ${last(1, grid.columns)}`;
  const first = grid.cells.find((cell) => cell.hasAttribute("tabindex"));
  if (first && !grid.el.querySelector('[tabindex="0"]')) first.tabIndex = 0;
}

function finding(grid, view) {
  return {
    cell(r, c) {
      const i = r - view.at[0], j = c - view.at[1];
      return i >= 0 && j >= 0 && i < grid.rows && j < grid.columns ? grid.cell(i, j) : undefined;
    },
    place(cell) {
      const at = grid.at(cell);
      return at && [at[0] + view.at[0], at[1] + view.at[1]];
    },
    /** What stands in a cell, as `at` has it. */
    what: (cell) => view.what[grid.cells.indexOf(cell)],
    local: (r, c) => [r - view.at[0], c - view.at[1]],
    /** Gives class `cl-<name>` to these cells ([r, c]) and takes it from all others. */
    mark(name, places) {
      const seen = places.map(([r, c]) => [r - view.at[0], c - view.at[1]]);
      grid.mark(name, seen.filter(([i, j]) => i >= 0 && j >= 0 && i < grid.rows && j < grid.columns));
    },
  };
}
