// The integers of one axis: the padded ruler, the windows on it, how often each pixel is read, what is left over.
// Pure: tested by Node against torch.

import { extent, geometry, pads, readCounts, sameOutput } from "./conv.js";

export const AXES = [
  { name: "H", out: "H_out", one: "row", many: "rows" }, { name: "W", out: "W_out", one: "column", many: "columns" },
];

/**
 * One axis of a layer that runs.
 *
 * length, before, after, padded: the input and its padding in pixels; span: how far the window can travel;
 * places: number of outputs; leftOver: padded pixels after the last window; map: padded pixel -> input pixel (-1: a
 * zero); reads: how often each input pixel is read along this axis; unread: those that are never read; lengths: of all
 * inputs that give this many places.
 */
export function ruler(spec, shape, axis) {
  const g = geometry(spec, shape), counted = readCounts(g);
  const [before, after] = pads(spec)[axis], length = shape.at(axis - 2);
  const reads = [...(axis ? counted.columns : counted.rows)];
  const reach = extent(spec.kernel_size[axis], spec.dilation[axis]), stride = spec.stride[axis];
  const span = length + before + after - reach;
  const [least, most] = sameOutput(spec, shape)[axis];
  return {
    ...AXES[axis], axis, length, before, after, padded: length + before + after, extent: reach, stride, span,
    kernel: spec.kernel_size[axis], dilation: spec.dilation[axis], places: axis ? g.W_out : g.H_out,
    leftOver: span % stride, map: axis ? g.columns : g.rows, reads,
    unread: reads.flatMap((count, at) => (count ? [] : [at])),
    lengths: Array.from({ length: most - least + 1 }, (_, more) => least + more),
  };
}

/** Padded pixels under the taps of a place. */
export const taps = ({ kernel, stride, dilation }, place) =>
  Array.from({ length: kernel }, (_, tap) => place * stride + tap * dilation);

/** Places of an axis that read this input pixel, copies in the padding included. */
export const readersOf = (line, at) =>
  Array.from({ length: line.places }, (_, place) => place)
    .filter((place) => taps(line, place).some((pixel) => line.map[pixel] === at));

/** How many pixels of the picture no window reads. */
export const unreadPixels = ([rows, columns]) =>
  rows.length * columns.length - (rows.length - rows.unread.length) * (columns.length - columns.unread.length);
