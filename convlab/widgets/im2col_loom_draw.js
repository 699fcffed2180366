// Brings a picture up to date: all numbers, or what a move touches.

import { extent } from "./conv.js";
import { largest } from "./grid.js";
import * as math from "./im2col_loom_math.js";
import { even } from "./im2col_loom_sheet.js";

/** The window of a column on the padded input: [r, q, height, width]. */
function windowOf(g, column) {
  const [i, j] = math.placeOf(g, column);
  return [i * g.sH, j * g.sW, extent(g.kH, g.dH), extent(g.kW, g.dW)];
}

/** All numbers, and the pictures of what is too large for them. */
export function drawNumbers(picture, root) {
  const { loom, sheets } = picture;
  for (const sheet of sheets) {
    const values = sheet.values();
    sheet.grid.scale = largest(sheet.whole?.() ?? values);
    sheet.draw(values, options(loom, sheet, root));
    sheet.painted = loom.filled;
  }
  // A column of the matrix stands over its products; maps and channels are as wide as each other.
  const part = ({ name }) => (name === "product" ? "column" : name);
  for (const name of new Set(sheets.map(part))) even(sheets.filter((sheet) => part(sheet) === name));
}

const options = (loom, { woven }, root) =>
  ({ root, hidden: woven && !loom.whole ? (r, c) => woven(r, c) >= loom.filled : undefined });

/**
 * All that follows from a spot: what is in sight, framed, marked. `pinned`: Tab comes to its cells; `hand`: the sheet that
 * is pointed at, which would slip away under the hand if it moved.
 */
export function drawSpot(picture, spot, { pinned, hand, root }) {
  const { loom, g, view, sheets } = picture;
  const window = spot.column === null ? null : windowOf(g, spot.column);
  const there = view === "fold" ? Infinity : loom.filled; // of the matrix, a copy that is not there yet is not lit
  const copies = math.copies(g, spot.cell, view === "fold").filter(([, column]) => column < there);
  for (const sheet of sheets) {
    const turned = sheet.turn && sheet.turn(spot);
    if (turned) sheet.overview?.forget();
    const anew = turned || (sheet.whole && sheet.painted !== loom.filled);
    sheet.painted = loom.filled;
    const here = sheet.here(spot);
    const at = sheet === hand ? null : standing(picture, sheet, spot);
    if (at) sheet.moveTo(at);
    sheet.draw(sheet.values(), options(loom, sheet, anew ? root : null));
    sheet.mark("here", here ? [here] : []);
    if (sheet.name === "column") sheet.mark("copy", copies);
    if (sheet.name === "input") sheet.mark("same", here ? repeats(picture, spot.cell) : []);
    const reads = sheet.inner && (view !== "sliding" || inGroup(g, spot, sheet)) ? window : null;
    const frame = sheet.inner ? reads : sheet.strip && spot.column !== null ? sheet.strip(spot) : null;
    sheet.frame(frame);
    if (sheet.overview) drawOverview(loom, sheet, { frame, copies: sheet.name === "column" ? copies : here ? [here] : [] });
    if (pinned) offer(sheet, here);
  }
}

/** Tab comes to the pinned cell, or else to the first one. */
function offer({ grid, cell }, here) {
  const own = here && cell(...here);
  const to = own?.hasAttribute("tabindex") ? own : grid.cells.find((one) => one.hasAttribute("tabindex"));
  if (to) grid.offer(to);
}

/** Where a sheet stands for this spot: it shows the window, if all of it fits, else the cell; null: where it is. */
export function standing({ g }, sheet, spot) {
  const { grid, inner } = sheet, [, r, q] = spot.cell;
  const here = inner ? [r, q] : sheet.here(spot);
  const window = inner && spot.column !== null && windowOf(g, spot.column);
  return here && sheet.showing(window && window[2] <= grid.rows && window[3] <= grid.columns ? window : here);
}

const inGroup = (g, { filter }, { channel }) => Math.floor(channel() / g.Cg) === Math.floor(filter / g.Og);

/** The cells of the padded input that repeat the same pixel, where the padding does. */
function repeats({ g, loom, view }, cell) {
  const source = math.sourceOf(g, cell), { height, width } = math.sizes(g), found = [];
  if (view === "fold" || source < 0 || loom.layer.legal.spec.padding_mode === "zeros") return found;
  for (let r = 0; r < height; r++) {
    for (let q = 0; q < width; q++) if (math.sourceOf(g, [cell[0], r, q]) === source) found.push([r, q]);
  }
  return found;
}

function drawOverview(loom, { overview, grid, view, rows, columns, woven }, { frame, copies }) {
  overview.mark("part", view.all ? [] : [[...view.at, grid.rows, grid.columns]]);
  overview.mark("strip", frame ? [frame] : []);
  overview.mark("copies", copies);
  overview.mark("curtain", woven && !loom.whole ? curtain(loom.filled, woven(1, 0), rows, columns) : []);
}

/** What is not woven yet: the columns from `filled` on, or, of a map of so many columns, the places. */
function curtain(filled, perRow, rows, columns) {
  if (!perRow) return [[0, filled, rows, columns - filled]];
  const i = Math.floor(filled / columns), j = filled % columns;
  return [[i, j, 1, columns - j], [i + 1, 0, rows - i - 1, columns]];
}
