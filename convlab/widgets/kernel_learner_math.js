// The arithmetic of a KernelLearner: what is to be learned, one step of gradient descent in five stages, the rate from
// which the loss grows, the lowest loss that can be reached. Pure; all convolutions are conv.js's.

import * as conv from "./conv.js";
import { resized } from "./kernel_lab_math.js";

export const STAGES = ["nothing yet", "output", "difference", "loss", "gradient", "update"];
const LAYER = { in_channels: 1, out_channels: 1, stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
  padding_mode: "zeros" };

/** Numbers from -0.5 to 0.5 with two decimals: convlab's drawn_start. */
export function drawnStart(count, seed) {
  let state = (7919 * seed + 12345) % 2147483647 || 1;
  return Float64Array.from({ length: count + 2 }, () => {
    state = (16807 * state) % 2147483647;
    return ((state % 101) - 50) / 100;
  }).slice(2);
}

/**
 * What is learned: a kernel of `size`, and a bias where hasBias, that make `target` of `input`. Parameters are flat: the
 * kernel row by row, then the bias.
 *
 * input: {H, W, values}; kernel: {size, values, bias} to be learned, else output: the flat target picture.
 */
export function makeProblem({ input, kernel, output, size, hasBias }) {
  const spec = { ...LAYER, kernel_size: size, bias: hasBias };
  const shape = [1, 1, input.H, input.W];
  const g = conv.geometry(spec, shape), taps = g.kH * g.kW, places = g.H_out * g.W_out;
  const wanted = kernel && resized(kernel.values, kernel.size, size);
  const target = wanted ? conv.forward(g, input.values, wanted, [kernel.bias]) : output;
  // The gradient reads the input with a window as large as the output: one place for each tap.
  const back = conv.geometry({ ...LAYER, kernel_size: [g.H_out, g.W_out], bias: false }, shape);
  return { spec, shape, g, back, input, target, taps, places, hasBias, kernel: wanted, count: taps + (hasBias ? 1 : 0),
    reach: target.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1 };
}

/** All that a step computes from these parameters: {output, difference, loss, gradient}. */
export function look({ g, back, input, target, taps, places, hasBias, count }, parameters) {
  const output = conv.forward(g, input.values, parameters, hasBias ? [parameters[taps]] : null);
  const difference = output.map((value, at) => value - target[at]);
  const loss = difference.reduce((sum, value) => sum + value * value, 0) / places;
  const upstream = difference.map((value) => (2 * value) / places);
  const gradient = new Float64Array(count);
  gradient.set(conv.forward(back, input.values, upstream, null));
  if (hasBias) gradient[taps] = upstream.reduce((sum, value) => sum + value, 0);
  return { output, difference, loss, gradient };
}

/** The parameters after one step; a frozen one stays. */
export const stepped = (parameters, gradient, lr, frozen) =>
  parameters.map((value, at) => (frozen.has(at) ? value : value - lr * gradient[at]));

/** How the gradient grows with each parameter, flat (count, count): the loss is a bowl of this shape everywhere. */
export function curvature({ g, input, taps, places, hasBias, count }) {
  const columns = conv.columns(g, input.values), bowl = new Float64Array(count * count);
  const at = (tap, place) => (tap < taps ? columns[tap * places + place] : 1);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      if (hasBias && a === taps) for (let p = 0; p < places; p++) sum += at(b, p);
      else for (let p = 0, i = a * places, j = b * places; p < places; p++) sum += columns[i + p] * columns[j + p];
      bowl[a * count + b] = bowl[b * count + a] = (2 * sum) / places;
    }
  }
  return bowl;
}

/** The largest eigenvalue of a symmetric matrix of these rows and columns, by Jacobi's rotations. */
export function steepest(matrix, count, chosen) {
  const n = chosen.length, a = chosen.map((i) => chosen.map((j) => matrix[i * count + j]));
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        off += a[p][q] ** 2;
        rotate(a, p, q, n);
      }
    }
    if (off <= 1e-28 * a.reduce((sum, row, i) => sum + row[i] ** 2, 0)) break;
  }
  return Math.max(0, ...a.map((row, i) => row[i]));
}

/** Turns rows and columns p and q so that a[p][q] becomes 0. */
function rotate(a, p, q, n) {
  if (a[p][q] === 0) return;
  const angle = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = Math.sign(angle || 1) / (Math.abs(angle) + Math.hypot(angle, 1)), c = 1 / Math.hypot(t, 1), s = t * c;
  for (let k = 0; k < n; k++) {
    const row = a[k], left = row[p], right = row[q];
    row[p] = c * left - s * right;
    row[q] = s * left + c * right;
  }
  for (let k = 0; k < n; k++) {
    const upper = a[p][k], lower = a[q][k];
    a[p][k] = c * upper - s * lower;
    a[q][k] = s * upper + c * lower;
  }
}

/** The learning rate from which the loss grows; Infinity where nothing learns. */
export function largestRate(bowl, count, frozen) {
  const top = steepest(bowl, count, Array.from({ length: count }, (_, at) => at).filter((at) => !frozen.has(at)));
  return top > 0 ? 2 / top : Infinity;
}

/** The lowest loss that the free parameters can reach while the frozen ones stay as they are. */
export function lowestLoss(problem, bowl, parameters, frozen) {
  const { count } = problem, held = parameters.map((value, at) => (frozen.has(at) ? value : 0));
  const free = Array.from(held.keys()).filter((at) => !frozen.has(at));
  const { gradient } = look(problem, held);
  const rows = free.map((i) => [...free.map((j) => bowl[i * count + j]), -gradient[i]]);
  const solution = solve(rows);
  free.forEach((at, k) => { held[at] = solution[k]; });
  return look(problem, held).loss;
}

/** Gauss's elimination; a direction that the picture says nothing about stays 0. */
function solve(rows) {
  const n = rows.length, used = [], scale = Math.max(...rows.map((row, i) => Math.abs(row[i])), 0);
  const left = new Set(rows.keys());
  for (let column = 0; column < n; column++) {
    const pivot = [...left].reduce((best, i) => (best < 0 || Math.abs(rows[i][column]) > Math.abs(rows[best][column]) ? i : best), -1);
    if (pivot < 0 || Math.abs(rows[pivot][column]) <= 1e-12 * scale) continue;
    left.delete(pivot);
    used.push([column, pivot]);
    rows.forEach((row, i) => {
      if (i === pivot || row[column] === 0) return;
      const factor = row[column] / rows[pivot][column];
      for (let k = column; k <= n; k++) row[k] -= factor * rows[pivot][k];
    });
  }
  const solution = new Float64Array(n);
  for (const [column, pivot] of used) solution[column] = rows[pivot][n] / rows[pivot][column];
  return solution;
}

// A run: {parameters, before (of the update that is shown, else null), losses (of each step), step, stage}. Each move makes
// a new one, so that it can be taken back.

export const firstRun = (parameters) => ({ parameters, before: null, losses: [], step: 0, stage: 0 });

/** One of the stages 0 to 4 of the present step; `seen` is what `look` sees of the parameters. */
export const atStage = (run, stage, seen) => ({ ...run, before: null, stage,
  losses: [...run.losses.slice(0, run.step), ...(stage >= 3 ? [seen.loss] : [])] });

/** The update: the next step begins. */
export const updated = (run, seen, lr, frozen) => ({ before: run.parameters, stage: 5, step: run.step + 1,
  parameters: stepped(run.parameters, seen.gradient, lr, frozen), losses: [...run.losses.slice(0, run.step), seen.loss] });

/** Whether the loss is a thousand times the first one, or no number any more. */
export const hasDiverged = (losses, loss) => !(loss <= 1000 * Math.max(losses[0] ?? loss, 1e-9));
