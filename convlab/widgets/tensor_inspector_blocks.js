// The tensor as print(x) would write it: blocks of rows and columns, the last two axes in each. A number has the
// colour of the channel it was in the picture, so a plane that holds all three is seen to.

import { become, h, setText } from "./dom.js";
import { write } from "./grid.js";
import { homeOf, indexOf, offsetOf } from "./tensor_inspector_math.js";
import { channelLetter, channelName, paintNumbers } from "./tensor_inspector_paint.js";
import { createCanvas, listen, under } from "./tensor_inspector_stage.js";

const PARTS = { H: "i", W: "j", C: "c" };
const WORDS = { i: "row i", j: "column j", c: "channel c" };

/** The axes of the blocks: {block, row, column}, each the part of an element ("i", "j", "c") that it counts. */
export function blockAxes(view) {
  const [block, row, column] = view.axes.filter((axis) => axis !== "N").map((axis) => PARTS[axis]);
  return { block, row, column };
}

const sizeOf = ({ sizes }, part) => sizes[{ i: "H", j: "W", c: "C" }[part]];

export function createBlocks(state, act, signal) {
  const caption = h("p", { class: "cl-title" });
  const board = h("div", { class: "ti-blocks", tabindex: 0, role: "application", data: { surface: "blocks" } });
  const el = h("figure", { class: "ti-figure ti-tensor" }, caption, board);
  const numbers = { cells: [], marked: [] }; // what every layout of a picture shows
  let shown = null, drawn = "";
  listen(board, (event) => shown.spot(event), act, signal);
  return {
    el,
    draw() {
      const { view, picture } = state, { block, row, column } = blockAxes(view);
      const many = sizeOf(view, block), C = view.sizes.C;
      const part = picture.small || block === "c" ? "" : " (those around the pixel are shown)";
      setText(caption, `x ${view.shape.join(" × ")}: ${many} ${many === 1 ? "block" : "blocks"}, one for each ${
        WORDS[block].split(" ")[0]}; in a block ${WORDS[row]} down, ${WORDS[column]} across${part}`);
      board.setAttribute("aria-label", `the tensor x, ${view.axes.join(" ")}: arrows walk through a block, [ and ] `
        + `change the channel${C > 1 ? ` (${Array.from({ length: C }, (_, c) => channelName(C, c)).join(", ")})` : ""}`);
      const painted = !picture.small && block === "c";
      board.classList.toggle("ti-painted", painted);
      const wanted = JSON.stringify([painted, block, row, column, view.sizes]);
      if (wanted === drawn && shown.rewrite) return shown.rewrite();
      drawn = wanted;
      shown = painted ? paintedBlocks(state, board) : numberBlocks(state, board, numbers);
      return undefined;
    },
    mark: (element) => shown.mark(element),
  };
}

/** How a block is called: x[0], or x[0, 0] with a batch; and what its numbers are read as where it is a channel. */
function heading(view, at, block) {
  const name = `x[${view.axes[0] === "N" ? "0, " : ""}${at}]`;
  const read = block === "c" && view.sizes.C > 1 ? ` read as ${channelName(view.sizes.C, at)}` : "";
  return [h("code", {}, name), read];
}

/** How much of each axis is written as numbers: all of a small picture, a few pixels of a large one. */
const shownOf = (state, part) => {
  const size = sizeOf(state.view, part);
  return state.picture.small ? size : Math.min(size, { i: 3, j: 7, c: 4 }[part]);
};

function numberBlocks(state, board, numbers) {
  const axes = blockAxes(state.view);
  const counts = { [axes.block]: 0, [axes.row]: 0, [axes.column]: 0 };
  for (const part of Object.keys(counts)) counts[part] = shownOf(state, part);
  const blocks = Array.from({ length: counts[axes.block] }, (_, at) => {
    const grid = h("div", { class: "cl-grid cl-input", role: "group", "aria-label": `block ${at}`,
      style: `--columns: ${counts[axes.column]}` });
    const title = h("p", { class: "ti-heading" });
    return { grid, title, el: h("div", { class: "ti-block" }, title, grid) };
  });
  const window = { state, board, axes, counts, blocks, numbers, shown: new Map(), first: null };
  const rewrite = () => {
    board.style.setProperty("--chars", state.widest);
    window.first = null;
  };
  rewrite();
  return {
    spot: (event) => event.target.closest(".cl-cell")?.convlabElement ?? null,
    /** Other numbers in the same blocks: another way to the layout, or another picture of the same size. */
    rewrite,
    mark(element) {
      follow(window, element);
      for (const cell of numbers.marked) cell?.classList.remove("cl-here", "cl-along");
      numbers.marked = Array.from({ length: state.view.sizes.C }, (_, c) => {
        const cell = window.shown.get(offsetOf(state.view, { ...element, c }));
        cell?.classList.add(c === element.c ? "cl-here" : "cl-along");
        return cell;
      });
    },
  };
}

/** Writes the numbers around an element where it is not among those written. */
function follow(window, element) {
  const { state, board, axes, counts, blocks, shown } = window, { view, picture } = state;
  const outside = ([part, count]) => element[part] < window.first[part] || element[part] >= window.first[part] + count;
  if (window.first && !Object.entries(counts).some(outside)) return;
  const first = window.first = {};
  for (const [part, count] of Object.entries(counts)) {
    first[part] = Math.max(0, Math.min(sizeOf(view, part) - count, element[part] - Math.floor(count / 2)));
  }
  const scale = Math.max(Math.abs(picture.low), Math.abs(picture.high));
  const rows = counts[axes.row], columns = counts[axes.column];
  shown.clear();
  if (picture.small) board.replaceChildren(); // hundreds of cells change their places more cheaply out of the page
  blocks.forEach(({ grid, title }, at) => {
    const block = at + first[axes.block];
    title.replaceChildren(...heading(view, block, axes.block));
    become(grid, Array.from({ length: rows * columns }, (_, place) => {
      const here = { [axes.block]: block, [axes.row]: first[axes.row] + Math.floor(place / columns),
        [axes.column]: first[axes.column] + (place % columns) };
      const offset = offsetOf(view, here), cell = cellAt(window, picture.small ? offset : shown.size);
      dress(view, picture, cell, scale, here, offset);
      shown.set(offset, cell);
      return cell;
    }));
  });
  become(board, blocks.map(({ el }) => el));
}

/** A number keeps its cell in every layout, so that only its place changes; of a large picture a place has one. */
function cellAt({ numbers: { cells } }, at) {
  cells[at] ??= h("span", { class: "cl-cell", data: { role: "input" } });
  return cells[at];
}

/** Makes a cell show an element: its number, in the colour of what it is in the picture. */
function dress(view, picture, cell, scale, element, offset) {
  const { C } = view.sizes, home = homeOf(view.sizes, offset).c;
  cell.convlabElement = element;
  cell.dataset.index = indexOf(view, element).join(",");
  write(cell, picture.values[offset], scale);
  const name = `ti-of-${C === 1 ? "grey" : home}`;
  if (cell.convlabHue === name) return;
  if (cell.convlabHue) cell.classList.replace(cell.convlabHue, name);
  else cell.classList.add(name);
  cell.convlabHue = name;
  if (C > 1) cell.dataset.letter = channelLetter(C, home);
  else delete cell.dataset.letter;
}

function paintedBlocks(state, board) {
  const { view, picture } = state, { sizes, step } = view, { H, W, C } = sizes;
  const planes = Array.from({ length: C }, (_, at) => {
    const surface = createCanvas();
    const offsetAt = (i, j) => at * step.C + i * step.H + j * step.W;
    paintNumbers(surface.pixels(H, W), picture, sizes, { rows: H, columns: W, offsetAt });
    surface.commit();
    surface.el.style.aspectRatio = `${W} / ${H}`;
    surface.holds({ role: "input", index: at, shape: [H, W] }, (n) => picture.values[offsetAt(Math.floor(n / W), n % W)]);
    const title = h("p", { class: "ti-heading" }, heading(view, at, "c"));
    return { surface, el: h("div", { class: "ti-block" }, title, surface.el) };
  });
  board.replaceChildren(...planes.map(({ el }) => el));
  return {
    spot(event) {
      const c = planes.findIndex(({ surface }) => surface.el.contains(event.target));
      if (c < 0) return null;
      const [i, j] = under(event, planes[c].surface.canvas.getBoundingClientRect(), H, W);
      return { i, j, c };
    },
    mark: ({ i, j, c }) => planes.forEach(({ surface }, at) => surface.mark([{ i, j, main: at === c }])),
  };
}
