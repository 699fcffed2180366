// What PyTorch refuses, drawn on a ruler: the window that sticks out, the copies that a mirror does not have, the
// places that a stride cannot reach.

import { extent, pads } from "./conv.js";
import { refusal as panel } from "./refusal.js";
import { h } from "./dom.js";
import { AXES } from "./size_ruler_math.js";
import { box, bracket, path, rect } from "./size_ruler_shapes.js";

const CELL_PX = 18, MOST_CELLS = 40, ROW_PX = 16;
const KINDS = { out: "sr-out-cell", pad: "sr-pad", pixel: "sr-pixel" };

/** The panel for a setting that does not run. */
export function refusal(state) {
  const el = panel(state);
  const drawn = why(state.spec, state.shape);
  if (!drawn.length) return el; // channels and groups: the panel has drawn them
  el.querySelector(".cl-why")?.remove();
  el.append(h("div", { class: "sr-why" }, drawn));
  return el;
}

/** A drawing for each axis that is refused. */
function why(spec, shape) {
  const { groups, in_channels: C, out_channels: O } = spec;
  if (groups < 1 || C % groups || O % groups || shape.at(-3) !== C) return [];
  return [0, 1].map((axis) => fault(spec, shape.at(axis - 2), axis)).filter(Boolean);
}

function fault(spec, length, axis) {
  const line = { ...AXES[axis], length };
  const stride = spec.stride[axis], kernel = spec.kernel_size[axis], dilation = spec.dilation[axis];
  if (spec.padding === "same" && stride > 1) return unreached(line, stride);
  const [before, after] = pads(spec)[axis];
  const most = { reflect: length - 1, circular: length }[spec.padding_mode] ?? Infinity;
  if (Math.max(before, after) > most) return copies(line, Math.max(before, after), most, spec.padding_mode);
  if (before < 0) {
    return row(line, `padding ${before} would take ${line.many} away instead of adding them`, { gone: -before });
  }
  if (stride < 1) {
    const windows = [0, 1, 2].map(() => Array.from({ length: Math.max(1, kernel) }, (_, tap) => tap * dilation));
    return row(line, `stride ${stride}: every window would lie where the first lies`, { windows });
  }
  if (kernel < 1) return row(line, "a window without a tap reads nothing", {});
  if (dilation < 1) {
    return row(line, `dilation ${dilation}: all ${kernel} taps would lie on one pixel`, { windows: [[0]] });
  }
  return stickingOut(line, [before, after], extent(kernel, dilation), dilation);
}

function stickingOut(line, [before, after], reach, dilation) {
  const padded = line.length + before + after, over = reach - padded;
  if (over <= 0) return null;
  const taps = Array.from({ length: Math.ceil(reach / dilation) }, (_, tap) => tap * dilation);
  return row(line, `the window covers ${reach} ${line.many}, ${padded} are there: it sticks out by ${over}`,
    { before, after, over, windows: [taps] });
}

function unreached(line, stride) {
  const stops = Array.from({ length: Math.ceil(line.length / stride) }, (_, place) => place * stride);
  const words = `'same' wants ${line.length} places along the ${line.many}; steps of ${stride} reach ${stops.length}`;
  return row(line, words, { stops });
}

function copies(line, pad, most, mode) {
  const words = `'${mode}' can copy ${most} ${most === 1 ? line.one : line.many} to a side, padding wants ${pad}`;
  return row(line, words, { before: pad, after: pad, missing: pad - most });
}

/**
 * One axis as a row of cells. before, after: padding; over: cells beyond the end; missing: padding on each side that
 * has nothing to copy; gone: pixels taken away at both ends; windows: lists of cells under taps; stops: cells marked.
 */
function row(line, words, given) {
  const { before = 0, after = 0, over = 0, missing = 0, gone = 0, windows = [], stops = [] } = given;
  const cells = before + line.length + after + over;
  const px = Math.min(CELL_PX, (MOST_CELLS * CELL_PX) / cells);
  const width = cells * px + 2, height = CELL_PX + 4 + ROW_PX * windows.length;
  const kind = (at) => {
    const pixel = at - before;
    if (at < missing || at >= cells - over - missing) return "out";
    if (pixel < 0 || pixel >= line.length) return "pad";
    return pixel < gone || pixel >= line.length - gone ? "out" : "pixel";
  };
  const boxes = Array.from({ length: cells }, (_, at) => rect(KINDS[kind(at)], at * px + 0.5, 0.5, px, CELL_PX));
  const marks = path("sr-taps", stops.map((at) => box((at + 0.25) * px, CELL_PX / 4, px / 2, CELL_PX / 2)));
  const lines = windows.flatMap((taps, place) => {
    const y = CELL_PX + 12 + ROW_PX * place;
    return [path("sr-bracket", bracket(1, (taps.at(-1) + 1) * px - 1, y, 4)),
      path("sr-taps", taps.map((at) => box((at + 0.2) * px, y - 4, 0.6 * px, 8)))];
  });
  return h("figure", {}, h("svg", {
    width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${line.name}: ${words}`,
  }, boxes, marks, lines), h("figcaption", {}, h("b", {}, line.name), ` ${words}.`));
}
