// The integers of a stack of layers: sizes, jumps, where PyTorch refuses, and by how many ways a unit is tied to the
// units of every level along one axis. Pure: tested by Node against torch. Level 0 is the input, level l the output of
// the l-th layer; a rectangle of units is always rows times columns, so each axis is followed by itself.

import { extent, pads, problem } from "./conv.js";

export const AXES = [{ name: "H", one: "row", many: "rows" }, { name: "W", one: "column", many: "columns" }];
const SPEC = { in_channels: 1, out_channels: 1, groups: 1, bias: false, padding_mode: "zeros" };

/** One layer along one axis. */
export function along(layer, axis) {
  const kernel = layer.kernel_size[axis], dilation = layer.dilation[axis], stride = layer.stride[axis];
  const [before, after] = pads(layer)[axis];
  return { kernel, dilation, stride, before, after, extent: extent(kernel, dilation) };
}

const refuse = (torch, ours) => ({ torch, ours });

/** Why PyTorch refuses a pooling, in its order and its words, or null. */
function poolProblem({ kernel_size: [kH, kW], stride, padding, dilation: [dH, dW] }, [H, W]) {
  if (Math.min(...stride) === 0) return refuse("stride should not be zero", "A stride is 1 or more.");
  for (const [axis, kernel] of [kH, kW].entries()) {
    const pad = padding[axis], reach = extent(kernel, [dH, dW][axis]);
    if (pad < 0) return refuse(`pad must be non-negative, but got pad: ${pad}`, "Padding starts at 0.");
    if (pad > Math.trunc(reach / 2)) return tooMuch(pad, kernel, [dH, dW][axis]);
  }
  if (Math.min(kH, kW) < 1) {
    return refuse(`kernel size should be greater than zero, but got kH: ${kH} kW: ${kW}`, "A window has a tap.");
  }
  if (Math.min(dH, dW) < 1) {
    return refuse(`dilation should be greater than zero, but got dilationH: ${dH} dilationW: ${dW}`,
      "Dilation 1 means no gap between the taps.");
  }
  if (padding[0] > Math.floor(kH / 2) || padding[1] > Math.floor(kW / 2)) {
    return refuse("pad should be smaller than or equal to half of kernel size, but got " +
      `padW = ${padding[1]}, padH = ${padding[0]}, kW = ${kW}, kH = ${kH}`,
    "Half a window of padding is the most: a window with nothing but padding would have no maximum.");
  }
  const places = [H, W].map((length, axis) => Math.floor(
    (length + 2 * padding[axis] - extent([kH, kW][axis], [dH, dW][axis])) / stride[axis]) + 1);
  if (Math.min(...places) > 0) return null;
  return refuse(`Given input size: (1x${H}x${W}). Calculated output size: (1x${places.join("x")}). Output size is ` +
    "too small", `The window covers ${[kH, kW].map((kernel, axis) => extent(kernel, [dH, dW][axis])).join(" × ")}, ` +
    `and its input has ${H} × ${W}: use a smaller window, or strides that leave more of the input.`);
}

const tooMuch = (pad, kernel, dilation) => refuse("pad should be at most half of effective kernel size, but got " +
  `pad=${pad}, kernel_size=${kernel} and dilation=${dilation}`,
"Half a window of padding is the most: a window with nothing but padding would have no maximum.");

/** Why PyTorch refuses this layer for an input of this size, or null. */
function refusalOf(layer, size) {
  if (layer.kind !== "Conv2d") return poolProblem(layer, size);
  const found = problem({ ...SPEC, ...layer }, [1, 1, ...size]);
  if (!found || !/Kernel size can't/.test(found.torch)) return found;
  const reach = [0, 1].map((axis) => along(layer, axis)).map((one) => one.extent);
  const padded = size.map((length, axis) => length + along(layer, axis).before + along(layer, axis).after);
  return refuse(found.torch,
    `The window covers ${reach.join(" × ")}, and its input has only ${padded.join(" × ")} with ` +
    "its padding: use a smaller kernel or dilation, more padding, or strides that leave more of the input.");
}

/**
 * The stack on an input of this size: {layers, levels, problem}. levels: for each level {lengths, sizes, jumps, starts}
 * by axis; starts: where the view of the first unit begins, in input pixels. problem: {at, torch, ours} of the first
 * layer that PyTorch refuses; there are no levels after it.
 */
export function follow(layers, size) {
  const levels = [{ lengths: [...size], sizes: [1, 1], jumps: [1, 1], starts: [0, 0] }];
  for (const [at, layer] of layers.entries()) {
    const below = levels.at(-1), found = refusalOf(layer, below.lengths);
    if (found) return { layers, levels, problem: { at, ...found } };
    const axes = [0, 1].map((axis) => along(layer, axis));
    levels.push({
      lengths: axes.map(({ before, after, extent: reach, stride }, axis) =>
        Math.floor((below.lengths[axis] + before + after - reach) / stride) + 1),
      sizes: axes.map((one, axis) => below.sizes[axis] + (one.extent - 1) * below.jumps[axis]),
      jumps: axes.map(({ stride }, axis) => below.jumps[axis] * stride),
      starts: axes.map(({ before }, axis) => below.starts[axis] - before * below.jumps[axis]),
    });
  }
  return { layers, levels, problem: null };
}

/** Where a unit's middle lies, in input pixels; also for an index of padding. */
export const centre = ({ sizes, jumps, starts }, axis, index) =>
  starts[axis] + index * jumps[axis] + (sizes[axis] - 1) / 2;

/** The index of a level whose unit lies nearest to this place, in input pixels. */
export function nearest(level, axis, place) {
  const at = Math.round((place - centre(level, axis, 0)) / level.jumps[axis]);
  return Math.min(Math.max(0, at), level.lengths[axis] - 1);
}

/** Taps of a unit, as indices of the level before; outside it is padding. */
export const taps = ({ kernel, stride, dilation, before }, index) =>
  Array.from({ length: kernel }, (_, tap) => index * stride - before + tap * dilation);

/** Units of the next level that read this index: [index, ...] in order, those of its `places`. */
export function readers({ kernel, stride, dilation, before }, index, places) {
  const found = [];
  for (let tap = kernel - 1; tap >= 0; tap--) {
    const at = index + before - tap * dilation;
    if (at % stride === 0 && at >= 0 && at / stride < places) found.push(at / stride);
  }
  return found;
}

/**
 * All that a unit is tied to along one axis: for each level null, or {ways, zeros, first, last, holes}.
 *
 * ways: Map index -> by how many ways; zeros: indices of padding that are read; first, last: the computed box (looking
 * forward, of what was found), which may reach into the padding; holes: indices of the level inside it without a way.
 */
export function trace({ layers, levels }, axis, unit, forward) {
  const found = levels.map(() => null);
  const { level, index } = unit;
  found[level] = { ways: new Map([[index, 1]]), zeros: [], first: index, last: index, holes: [] };
  if (forward) {
    for (let at = level; at < layers.length; at++) found[at + 1] = fed(layers[at], axis, found[at], levels[at + 1]);
  } else {
    for (let at = level; at > 0; at--) found[at - 1] = read(layers[at - 1], axis, found[at], levels[at - 1]);
  }
  return found;
}

function read(layer, axis, { ways: above, first, last }, level) {
  const one = along(layer, axis), length = level.lengths[axis], ways = new Map(), zeros = new Set();
  for (const [index, count] of above) {
    for (const tap of taps(one, index)) {
      if (tap < 0 || tap >= length) zeros.add(tap);
      else ways.set(tap, (ways.get(tap) ?? 0) + count);
    }
  }
  const box = { first: first * one.stride - one.before, last: last * one.stride - one.before + one.extent - 1 };
  return { ways, zeros: [...zeros], ...box,
    holes: between(Math.max(0, box.first), Math.min(length - 1, box.last), ways) };
}

function fed(layer, axis, { ways: below }, level) {
  const one = along(layer, axis), ways = new Map();
  for (const [index, count] of below) {
    for (const unit of readers(one, index, level.lengths[axis])) ways.set(unit, (ways.get(unit) ?? 0) + count);
  }
  const all = [...ways.keys()], first = Math.min(...all), last = Math.max(...all);
  return { ways, zeros: [], first: all.length ? first : 0, last: all.length ? last : -1,
    holes: between(first, last, ways) };
}

function between(first, last, ways) {
  const found = [];
  for (let at = first; at <= last; at++) if (!ways.has(at)) found.push(at);
  return found;
}

/** Of both axes at the far end: {level, read, holes, inside, zeros}; inside: the box as far as it lies on the level. */
export function summary(stack, traces, forward) {
  const level = forward ? stack.levels.length - 1 : 0, ends = traces.map((one) => one[level]);
  const read = ends[0].ways.size * ends[1].ways.size;
  const inside = ends.map((end) => end.ways.size + end.holes.length);
  const holes = inside[0] * inside[1] - read;
  return { level, read, inside, holes, sizes: ends.map((end) => end.last - end.first + 1), ends };
}

/** Weights of one pair of channels in all convolutions. */
export const weightCount = (layers) => layers.reduce((sum, { kind, kernel_size: [kH, kW] }) =>
  sum + (kind === "Conv2d" ? kH * kW : 0), 0);

/** The unit in the middle of the output, or of the input. */
export function middle({ levels }, forward) {
  const level = forward ? 0 : levels.length - 1;
  return [level, ...levels[level].lengths.map((length) => Math.floor(length / 2))];
}

/** The unit, brought inside a level that there is. */
export function inside({ levels }, [level, ...place]) {
  const at = Math.min(Math.max(0, level), levels.length - 1);
  return [at, ...place.map((index, axis) => Math.min(Math.max(0, index), levels[at].lengths[axis] - 1))];
}
