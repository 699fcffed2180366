// The products that one number of a Conv2d goes through, forward and back. Pure: tested by Node against torch.
//
// A product is { n, o, c, i, j, u, v }: in sample n, weight (o, c, u, v) meets a pixel of channel c and leads to place
// (i, j) of filter o. `part` is what its sum is written under: a filter for a pixel, a sample for a weight or bias.

import * as conv from "./conv.js";

export const VIEWS = ["forward", "input", "weight", "bias"];

/** The tensor that a view is about, its batch counted as one. */
export const tensorOf = (g, view) =>
  ({ weight: [g.O, g.Cg, g.kH, g.kW], bias: [g.O] })[view] ?? [1, g.C, g.H, g.W];

/** The cell, or one in the middle where it lies outside its tensor. */
export function cellWithin(g, view, cell) {
  const tensor = tensorOf(g, view);
  if (cell?.length === tensor.length && cell.every((at, axis) => at < tensor[axis])) return cell;
  return tensor.length === 1 ? [0] : tensor.map((length, axis) => (axis < 2 ? 0 : Math.floor(length / 2)));
}

const UPSTREAM = [1, 0, -1, 2, 3, -2, 0];

/** The upstream gradient where none is given: Python's usual_upstream. */
export function usualUpstream(g) {
  const area = g.H_out * g.W_out;
  return Float64Array.from({ length: g.N * g.O * area }, (_, at) => {
    const n = Math.floor(at / (g.O * area)), o = Math.floor(at / area) % g.O;
    const i = Math.floor((at % area) / g.W_out), j = at % g.W_out;
    return UPSTREAM[(4 * n + 2 * o + 3 * i + j) % UPSTREAM.length];
  });
}

/** Padded row and column under the tap of a product. */
export const under = (g, { i, j, u, v }) => [i * g.sH + u * g.dH, j * g.sW + v * g.dW];

/** Flat indices of what a product is made of; the input's is -1 in a zero of the padding. */
export const inputAt = (g, product) => {
  const [r, q] = under(g, product), row = g.rows[r], column = g.columns[q];
  return row < 0 || column < 0 ? -1 : ((product.n * g.C + product.c) * g.H + row) * g.W + column;
};
export const weightAt = (g, { o, c, u, v }) => ((o * g.Cg + (c % g.Cg)) * g.kH + u) * g.kW + v;
export const outputAt = (g, { n, o, i, j }) => ((n * g.O + o) * g.H_out + i) * g.W_out + j;

/** Every product with this cell, sums of one part together, in reading order of the places. */
export function products(g, view, cell) {
  const found = [];
  if (view === "weight" || view === "bias") {
    const [o, c, u, v] = cell;
    for (let n = 0; n < g.N; n++) {
      for (let i = 0; i < g.H_out; i++) {
        for (let j = 0; j < g.W_out; j++) {
          found.push({ part: n, n, o, c: Math.floor(o / g.Og) * g.Cg + (c ?? 0), i, j, u: u ?? 0, v: v ?? 0 });
        }
      }
    }
    return found;
  }
  const [, c, row, column] = cell, first = Math.floor(c / g.Cg) * g.Og;
  const rows = conv.readers(g.rows, row, g.kH, g.sH, g.dH, g.H_out);
  const columns = conv.readers(g.columns, column, g.kW, g.sW, g.dW, g.W_out);
  for (let o = first; o < first + g.Og; o++) {
    for (const [i, u] of rows) for (const [j, v] of columns) found.push({ part: o, n: 0, o, c, i, j, u, v });
  }
  return found;
}

/** The place that stands in the dilated, framed gradient along one axis; -1 for an inserted zero, -2 for the frame. */
export function dilatedSource(at, before, kernel, stride, dilation, places) {
  const from = at + before - dilation * (kernel - 1);
  if (from < 0 || from > (places - 1) * stride) return -2;
  return from % stride ? -1 : from / stride;
}

/** The maps from rows and columns of the dilated, framed gradient to places. */
export const dilated = (g) => {
  const along = (length, ...how) =>
    Array.from({ length: length + how[3] * (how[1] - 1) }, (_, at) => dilatedSource(at, ...how));
  return {
    rows: along(g.H, g.top, g.kH, g.sH, g.dH, g.H_out), columns: along(g.W, g.left, g.kW, g.sW, g.dW, g.W_out),
  };
};

/**
 * The same products fetched: for each filter the taps of the rotated kernel over the dilated gradient, `zero` where
 * one lies on a zero, then those through the copies that the padding makes of the pixel (`copy`).
 */
export function gathered(g, cell) {
  const [, c, row, column] = cell, { rows, columns } = dilated(g);
  const all = products(g, "input", cell), found = [];
  const first = Math.floor(c / g.Cg) * g.Og;
  for (let o = first; o < first + g.Og; o++) {
    for (let t = 0; t < g.kH * g.kW; t++) {
      const u = g.kH - 1 - Math.floor(t / g.kW), v = g.kW - 1 - (t % g.kW);
      const i = rows[row + (g.kH - 1 - u) * g.dH], j = columns[column + (g.kW - 1 - v) * g.dW];
      found.push({ part: o, n: 0, o, c, i, j, u, v, row, column, zero: i < 0 || j < 0 });
    }
    for (const product of all) {
      const [r, q] = under(g, product);
      if (product.o === o && (r !== row + g.top || q !== column + g.left)) found.push({ ...product, copy: true });
    }
  }
  return found;
}

/** The two numbers that are multiplied. */
export function factors(g, view, { input, weight, upstream }, product) {
  const pixel = () => {
    const at = inputAt(g, product);
    return at < 0 ? 0 : input[at];
  };
  const gradient = () => (product.zero ? 0 : upstream[outputAt(g, product)]);
  if (view === "bias") return [gradient(), 1];
  if (view === "weight") return [pixel(), gradient()];
  return [view === "forward" ? pixel() : gradient(), weight[weightAt(g, product)]];
}

/** Every product with its factors, its value and the sum so far; and the sums by part: {terms, sums, total}. */
export function account(g, view, how, cell, numbers) {
  const list = view === "input" && how === "gather" ? gathered(g, cell) : products(g, view, cell);
  const sums = new Map();
  let total = 0;
  const terms = list.map((product) => {
    const [a, b] = factors(g, view, numbers, product);
    total += a * b;
    sums.set(product.part, (sums.get(product.part) ?? 0) + a * b);
    return { ...product, a, b, value: a * b, running: total };
  });
  return { terms, sums, total };
}

export const lossOf = (upstream, output) => output.reduce((sum, value, at) => sum + value * upstream[at], 0);

/** The loss with this cell larger and smaller by h, and the slope between the two. */
export function nudged(g, view, cell, { input, weight, bias, upstream }, h) {
  const name = view === "forward" ? "input" : view;
  const tensor = tensorOf(g, view), at = cell.reduce((all, index, axis) => all * tensor[axis] + index, 0);
  const losses = [h, -h].map((by) => {
    const moved = { input, weight, bias };
    moved[name] = moved[name].slice();
    moved[name][at] += by;
    return lossOf(upstream, conv.forward(g, moved.input, moved.weight, moved.bias));
  });
  return { more: losses[0], less: losses[1], slope: (losses[0] - losses[1]) / (2 * h) };
}

/** The gradient at a cell, out of all three. */
export function gradientAt(g, view, cell, gradients) {
  const tensor = tensorOf(g, view);
  return gradients[view === "forward" ? "input" : view][cell.reduce((all, index, axis) => all * tensor[axis] + index, 0)];
}
