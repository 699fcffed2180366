// Where an element lies: shapes, strides and offsets of a picture's tensor in three layouts, by permute or by reshape.
// An element is {i, j, c}: row, column and channel as the tensor's own axes count them.

export const LAYOUTS = ["HWC", "CHW", "NCHW"];
export const WAYS = ["permute", "reshape"];

/**
 * The tensor that shows the memory of an (H, W, C) picture in a layout.
 *
 * reshaped: the axes were given fresh strides, so that index and picture may speak of different numbers.
 * step: the stride of each axis by its letter; strides: in the order of the axes.
 */
export function tensorView({ H, W, C }, layout, movedBy) {
  const sizes = { N: 1, C, H, W };
  const reshaped = layout !== "HWC" && movedBy === "reshape";
  const own = reshaped ? { C: H * W, H: W, W: 1 } : { H: W * C, W: C, C: 1 };
  const step = { ...own, N: C * own.C }; // PyTorch's rule for an axis that x[None] adds
  const axes = [...layout];
  const shape = axes.map((axis) => sizes[axis]), strides = axes.map((axis) => step[axis]);
  return { layout, axes, sizes, shape, step, strides, reshaped, total: H * W * C, contiguous: inOrder(shape, strides) };
}

/** PyTorch's is_contiguous: read in the order of the axes, the tape is read from left to right. */
function inOrder(shape, strides) {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** Where on the tape an element is read. */
export const offsetOf = ({ step }, { i, j, c }) => i * step.H + j * step.W + c * step.C;

/** The element that is read at an offset. */
export function elementAt(view, offset) {
  return view.reshaped ? fromChannels(view.sizes, offset) : homeOf(view.sizes, offset);
}

function fromChannels({ H, W }, offset) {
  const inChannel = offset % (H * W);
  return { c: Math.floor(offset / (H * W)), i: Math.floor(inChannel / W), j: inChannel % W };
}

/** What the number at an offset is: row, column and channel of the picture as it was loaded. */
export function homeOf({ W, C }, offset) {
  return { i: Math.floor(offset / (W * C)), j: Math.floor(offset / C) % W, c: offset % C };
}

export const same = (a, b) => a.i === b.i && a.j === b.j && a.c === b.c;

/** The numbers of an element by the letters of the axes. */
export const letters = ({ i, j, c }) => ({ N: 0, H: i, W: j, C: c });

/** The index of an element in the tensor's own order of axes. */
export const indexOf = (view, element) => view.axes.map((axis) => letters(element)[axis]);

/** How many numbers the tensor has where the picture has them. */
export function inPlace(view) {
  if (!view.reshaped) return view.total;
  const { H, W, C } = view.sizes;
  let count = 0;
  for (let i = 0, at = 0; i < H; i++) {
    for (let j = 0; j < W; j++) {
      for (let c = 0; c < C; c++, at++) if ((c * H + i) * W + j === at) count++;
    }
  }
  return count;
}

/** The numbers of one pixel of the tensor, a channel each: [{offset, home}]. */
export const channelsAt = (view, { i, j }) => Array.from({ length: view.sizes.C }, (_, c) => {
  const offset = offsetOf(view, { i, j, c });
  return { c, offset, home: homeOf(view.sizes, offset) };
});

/** One step along each axis: on, or back from the last; none along an axis of length 1. */
export function jumps(view, element) {
  const at = letters(element), from = offsetOf(view, element);
  return view.axes.filter((axis) => view.sizes[axis] > 1).map((axis) => {
    const by = at[axis] + 1 < view.sizes[axis] ? 1 : -1;
    return { axis, by, step: by * view.step[axis], to: from + by * view.step[axis] };
  });
}

/** The element after this one in the order of x.flatten(), the first after the last; `by` rows where pixels are many. */
export function following(view, element, byRow) {
  const inner = view.axes.filter((axis) => axis !== "N" && !(byRow && axis === "W"));
  const at = letters(element);
  for (const axis of inner.reverse()) {
    at[axis] = (at[axis] + 1) % view.sizes[axis];
    if (at[axis]) break;
  }
  return { i: at.H, j: at.W, c: at.C };
}

/** What is painted black and white, and how matplotlib is told so: {low, high, call(x)}. */
export function brightness(values, kind) {
  let low = Infinity, high = -Infinity, fractions = false;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    fractions ||= !Number.isInteger(value);
  }
  if (low >= 0 && kind === "f" && high <= 1) return { low: 0, high: 1, call: (x) => x };
  if (low >= 0 && !fractions && high <= 9) return { low: 0, high: 9, call: (x) => `${x} / 9` };
  if (low >= 0 && high <= 255) return { low: 0, high: 255, call: (x) => (kind === "f" ? `${x} / 255` : x) };
  return { low, high: high > low ? high : low + 1, call: (x) => `(${x} - x.min()) / (x.max() - x.min())` };
}
