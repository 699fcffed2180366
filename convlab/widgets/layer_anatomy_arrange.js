// How a layer is laid out: which channels and filters are on the screen, and whether their numbers fit. Pure: tested by
// Node. Sizes are CSS pixels.

import { format } from "./numbers.js";

export const ROW_PX = 21;
const CHAR_PX = 6.7, ROOM_PX = 4;
/** What stands beside the columns, in a wide table and in a narrow one. */
const NUMBERS = { width: 260, height: 190, cells: 90 }, NONE = { width: 0 };
const WIDE = { head: 88, bias: 56, gap: 14, picture: 108, column: 86, cell: 22, most: NUMBERS };
const NARROW = { head: 0, bias: 40, gap: 6, picture: 48, column: 44, cell: 18, most: NONE };
const NARROW_PX = 520;
const HIGH_PX = 700, MOST_ROWS = 12, MOST_CELLS = 900;
const MOST_PIXELS = 16_384;

/** The widest number of some, as a cell's width. */
export function cellWidth(values, least = 0) {
  let chars = 1;
  for (const value of values) chars = Math.max(chars, format(value).length);
  return Math.max(least, Math.ceil(chars * CHAR_PX + ROOM_PX));
}

/** How rows x columns numbers are drawn: {kind, cell, width, height}; `most` is what numbers may take. */
function drawnAs(rows, columns, cell, most, picture) {
  const width = columns * (cell + 1) + 1, height = rows * (ROW_PX + 1) + 1;
  if (width <= most.width && height <= most.height && rows * columns <= most.cells) {
    return { kind: "numbers", cell, width, height };
  }
  const scale = Math.min(picture / columns, picture / rows, 14);
  const size = { width: Math.max(8, Math.round(columns * scale)), height: Math.max(8, Math.round(rows * scale)) };
  return { kind: rows * columns <= MOST_PIXELS ? "canvas" : "frame", cell, ...size };
}

/** From `first` on, `count` of `total`, moved as little as it takes to hold `at`. */
export function moved({ first = 0 } = {}, count, total, at) {
  const start = at < first ? at : at >= first + count ? at - count + 1 : first;
  return { first: Math.max(0, Math.min(start, total - count)), count, total };
}

/**
 * The input's channels as columns: with numbers if all of them fit so, else as small pictures, so that as many as
 * possible are seen beside each other.
 */
function columnsOf(g, { style: { most, gap, column, picture }, free, weight, chars }) {
  const ways = [
    { most: { ...most, width: Math.min(most.width, (free + gap) / Math.min(g.C, 3) - gap) }, picture, column, gap },
    { most: NONE, picture, column, gap },
    { most: NONE, picture: Math.min(picture, 64), column: Math.min(column, 60), gap: Math.min(gap, 8) },
  ].map((way) => {
    const input = drawnAs(g.H, g.W, chars, way.most, way.picture);
    const width = Math.max(weight.width + 6, input.width, way.column);
    const fit = Math.max(1, Math.min(g.C, Math.floor((free + way.gap) / (width + way.gap))));
    return { input, column: width, gap: way.gap, columns: fit };
  });
  const widest = Math.max(...ways.map((way) => way.columns));
  return ways.find((way) => way.columns === widest);
}

/** Whether a table `width` pixels wide is drawn in the narrow way. */
const isNarrow = (width) => width < NARROW_PX;

/**
 * The table of a layer in `width` pixels: how each picture is drawn, and which columns (input channels) and rows
 * (filters) there are. before: the last arrangement, from which it moves as little as it can; at: [filter, channel]
 * that must be seen; chars: {input, weight, output}, the width of the widest number; large: no feature map is computed.
 */
export function arranged(g, { width, chars, at: [o, channel], before, large }) {
  const style = isNarrow(width) ? NARROW : WIDE;
  const { head, bias, gap, picture, most } = style;
  const cell = (name) => Math.max(style.cell, chars[name]);
  const within = (room, share) => ({ ...room, width: Math.min(room.width, share) });
  const output = drawnAs(g.H_out, g.W_out, cell("output"), within(most, width / 4), picture);
  if (large) output.kind = "frame";
  const free = width - head - bias - output.width - 3 * gap;
  const weight = drawnAs(g.kH, g.kW, cell("weight"), within(NUMBERS, free), picture);
  const { input, column, gap: between, columns } = columnsOf(g, { style, free, weight, chars: cell("input") });
  const high = Math.max(weight.height, output.height) + 38;
  const drawn = columns * g.kH * g.kW + (output.kind === "numbers" ? g.H_out * g.W_out : 0);
  const rows = Math.min(MOST_ROWS, Math.floor(HIGH_PX / high), Math.floor(MOST_CELLS / drawn));
  return {
    narrow: style === NARROW, head, bias, gap: between, column, input, weight, output,
    columns: moved(before?.columns, columns, g.C, channel),
    rows: moved(before?.rows, g.O <= rows + 1 ? g.O : Math.max(2, rows), g.O, o), // never "1 more" alone
  };
}
