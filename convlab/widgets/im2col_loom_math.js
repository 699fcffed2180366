// Which number stands where: between a place of the window, a column of the matrix, and a pixel and its copies.
// Pure, on top of conv.js. Rows go channel by channel, tap by tap (c, u, v); columns place by place (i, j).

import { columns, readers } from "./conv.js";

/** Rows and columns of the matrix, the rows that one filter meets, and the size of the padded input. */
export const sizes = (g) => ({
  K: g.C * g.kH * g.kW, L: g.H_out * g.W_out, share: g.Cg * g.kH * g.kW, height: g.rows.length, width: g.columns.length,
});

/** (c, u, v) of a row. */
export const tapOf = (g, row) => [Math.floor(row / (g.kH * g.kW)), Math.floor(row / g.kW) % g.kH, row % g.kW];
/** (i, j) of a column. */
export const placeOf = (g, column) => [Math.floor(column / g.W_out), column % g.W_out];

/** (c, r, q): the channel and the row and column of the padded input that this entry was copied from. */
export function under(g, row, column) {
  const [c, u, v] = tapOf(g, row), [i, j] = placeOf(g, column);
  return [c, i * g.sH + u * g.dH, j * g.sW + v * g.dW];
}

/** Where in one sample of the input the cell (c, r, q) of the padded input is; -1 for a zero of the padding. */
export const sourceOf = (g, [c, r, q]) =>
  (g.rows[r] < 0 || g.columns[q] < 0 ? -1 : (c * g.H + g.rows[r]) * g.W + g.columns[q]);

/** The matrix of sample n, flat (K, L). */
export function matrixOf(g, input, n) {
  const size = g.C * g.H * g.W;
  return columns({ ...g, N: 1 }, input.subarray(n * size, (n + 1) * size));
}

/**
 * All entries [row, column] that hold this cell of the padded input. Padding by a mode repeats pixels: each copy of
 * the pixel counts then, but not for `alone`, as fold sees it.
 */
export function copies(g, [c, r, q], alone = false) {
  const { height, width } = sizes(g);
  const [rows, columns] = [[height, g.rows, r], [width, g.columns, q]].map(([length, map, at]) =>
    (alone || sourceOf(g, [c, r, q]) < 0 ? [Int32Array.from({ length }, (_, place) => place), at] : [map, map[at]]));
  const down = readers(...rows, g.kH, g.sH, g.dH, g.H_out), across = readers(...columns, g.kW, g.sW, g.dW, g.W_out);
  return down.flatMap(([i, u]) => across.map(([j, v]) => [(c * g.kH + u) * g.kW + v, i * g.W_out + j]))
    .sort(([, a], [, b]) => a - b);
}

/** Where in the weight the number is that filter o has for this row; -1 for a row of another group. */
export function weightAt(g, o, row) {
  const { share } = sizes(g), within = row - Math.floor(o / g.Og) * share;
  return within < 0 || within >= share ? -1 : o * share + within;
}

/** weight.view(C_out, -1) @ matrix, each group with its own rows: flat (C_out, L), no bias. */
export function multiply(g, weight, matrix) {
  const { L, share } = sizes(g), result = new Float64Array(g.O * L);
  for (let o = 0; o < g.O; o++) {
    const first = Math.floor(o / g.Og) * share;
    for (let k = 0; k < share; k++) {
      const amount = weight[o * share + k], from = (first + k) * L;
      for (let l = 0; l < L; l++) result[o * L + l] += amount * matrix[from + l];
    }
  }
  return result;
}

/** The products of row o with a column: [{row, weight, entry, value, running}]. */
export function terms(g, weight, matrix, o, column) {
  const { L, share } = sizes(g), first = Math.floor(o / g.Og) * share;
  let running = 0;
  return Array.from({ length: share }, (_, k) => {
    const amount = weight[o * share + k], entry = matrix[(first + k) * L + column];
    running += amount * entry;
    return { row: first + k, weight: amount, entry, value: amount * entry, running };
  });
}

/**
 * The first `count` columns added back to where they came from: {count, sums (C, height, width), counts (height, width)}.
 * `before`, what fewer columns gave, is added to and given back.
 */
export function fold(g, matrix, count, before) {
  const { K, L, height, width } = sizes(g);
  const back = before ?? { count: 0, sums: new Float64Array(g.C * height * width), counts: new Float64Array(height * width) };
  for (let column = back.count; column < count; column++) {
    const first = Math.floor(column / g.W_out) * g.sH * width + (column % g.W_out) * g.sW;
    for (let row = 0; row < K; row++) {
      const [c, u, v] = tapOf(g, row), at = first + u * g.dH * width + v * g.dW;
      back.sums[c * height * width + at] += matrix[row * L + column];
      if (c === 0) back.counts[at] += 1;
    }
  }
  return Object.assign(back, { count });
}

/** What the matrix costs, for the batch given. */
export function costs(g, itemsize) {
  const { K, L } = sizes(g), input = g.N * g.C * g.H * g.W, matrix = g.N * K * L;
  return { input, matrix, factor: matrix / input, inputBytes: input * itemsize, matrixBytes: matrix * itemsize };
}
