// The tensor as print(x) would write it: blocks of rows and columns, the last two axes in each. A number has the
// colour of the channel it was in the picture, so a plane that holds all three is seen to.

import { h, setText } from "./dom.js";
import { createGrid, write } from "./grid.js";
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
      shown = painted ? paintedBlocks(state, board) : numberBlocks(state, board);
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

function numberBlocks(state, board) {
  const axes = blockAxes(state.view);
  const counts = { [axes.block]: 0, [axes.row]: 0, [axes.column]: 0 };
  for (const part of Object.keys(counts)) counts[part] = shownOf(state, part);
  const blocks = Array.from({ length: counts[axes.block] }, (_, at) => {
    const grid = createGrid({ role: "input", rows: counts[axes.row], columns: counts[axes.column],
      index: () => "", label: `block ${at}` });
    const title = h("p", { class: "ti-heading" });
    return { grid, title, el: h("div", { class: "ti-block" }, title, grid.el) };
  });
  board.style.setProperty("--chars", state.widest);
  board.replaceChildren(...blocks.map(({ el }) => el));
  const window = { state, axes, counts, blocks, first: null };
  return {
    spot: (event) => event.target.closest(".cl-cell")?.convlabElement ?? null,
    /** Other numbers in the same cells: another way to the layout, or another picture of the same size. */
    rewrite() {
      board.style.setProperty("--chars", state.widest);
      window.first = null;
    },
    mark(element) {
      follow(window, element);
      const { first } = window;
      const inside = ({ [axes.row]: row, [axes.column]: column }) => [row - first[axes.row], column - first[axes.column]];
      blocks.forEach(({ grid }, at) => {
        const here = at + first[axes.block] === element[axes.block];
        grid.mark("here", here ? [inside(element)] : []);
        grid.mark("along", alongside(state.view, axes, element, at + first[axes.block]).map(inside));
      });
    },
  };
}

/** Writes the numbers around an element where it is not among those written. */
function follow(window, element) {
  const { state, axes, counts, blocks } = window, { view, picture } = state;
  const outside = ([part, count]) => element[part] < window.first[part] || element[part] >= window.first[part] + count;
  if (window.first && !Object.entries(counts).some(outside)) return;
  const first = window.first = {};
  for (const [part, count] of Object.entries(counts)) {
    first[part] = Math.max(0, Math.min(sizeOf(view, part) - count, element[part] - Math.floor(count / 2)));
  }
  const scale = Math.max(Math.abs(picture.low), Math.abs(picture.high));
  blocks.forEach(({ grid, title }, at) => {
    const block = at + first[axes.block];
    title.replaceChildren(...heading(view, block, axes.block));
    grid.cells.forEach((cell, place) => dress(view, picture, cell, scale, {
      [axes.block]: block, [axes.row]: first[axes.row] + Math.floor(place / grid.columns),
      [axes.column]: first[axes.column] + (place % grid.columns),
    }));
  });
}

/** Makes a cell show an element: its number, in the colour of what it is in the picture. */
function dress(view, picture, cell, scale, element) {
  const { C } = view.sizes, offset = offsetOf(view, element), home = homeOf(view.sizes, offset).c;
  cell.convlabElement = element;
  cell.dataset.index = indexOf(view, element).join(",");
  write(cell, picture.values[offset], scale);
  const name = `ti-of-${C === 1 ? "grey" : home}`;
  if (cell.convlabHue === name) return;
  if (cell.convlabHue) cell.classList.replace(cell.convlabHue, name);
  else cell.classList.add(name);
  cell.convlabHue = name;
  if (C > 1) cell.dataset.letter = channelLetter(C, home);
}

/** The other channels of an element's pixel that are written in a block: side by side in HWC, else one a block. */
function alongside(view, axes, element, block) {
  const others = Array.from({ length: view.sizes.C }, (_, c) => ({ ...element, c })).filter(({ c }) => c !== element.c);
  return others.filter((other) => other[axes.block] === block);
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
