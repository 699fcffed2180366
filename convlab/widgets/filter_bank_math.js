// The arithmetic of a FilterBank: kernels by formula and by name, the feature maps of all filters at once, what each
// input channel adds, ranges, and which two filters are most alike. Pure; Node tests it against PyTorch's numbers.

import { resized } from "./kernel_lab_math.js";

/** The Gabor kernel of convlab.samples.gabor, flat (kH, kW); theta and psi in radians. */
export function gabor([kH, kW], { wavelength, theta, sigma, gamma, psi, zero_mean = false }) {
  const taps = new Float64Array(kH * kW), cos = Math.cos(theta), sin = Math.sin(theta);
  let sum = 0;
  for (let u = 0, at = 0; u < kH; u++) {
    for (let v = 0; v < kW; v++, at++) {
      const x = v - (kW - 1) / 2, y = u - (kH - 1) / 2;
      const along = x * cos + y * sin, across = y * cos - x * sin;
      const bell = Math.exp(-(along ** 2 + (gamma * across) ** 2) / (2 * sigma ** 2));
      taps[at] = bell * Math.cos((2 * Math.PI * along) / wavelength + psi);
      sum += taps[at];
    }
  }
  return zero_mean ? taps.map((tap) => tap - sum / taps.length) : taps;
}

/** Kernels whose waves turn by equal steps through half a turn: {kernels: [flat], size}. */
export function gaborBank(parameters) {
  const { orientations, kernel_size: size } = parameters;
  const kernels = Array.from({ length: orientations }, (_, i) =>
    gabor(size, { ...parameters, theta: (i * Math.PI) / orientations }));
  return { kernels, size };
}

/** Kernels by name, the smaller ones with zeros around them. known: [{name, weight: rows}]. */
export function namedBank(names, known) {
  const rows = names.map((name) => known.find((kernel) => kernel.name === name).weight);
  const size = [Math.max(...rows.map((row) => row.length)), Math.max(...rows.map(([row]) => row.length))];
  const kernels = rows.map((row) => resized(Float64Array.from(row.flat(), Math.fround), [row.length, row[0].length], size));
  return { kernels, size };
}

/** Each kernel as a filter of one slice a channel: slice c is mix[c] times the kernel; flat (O, C, kH, kW), float32. */
export function mixed({ kernels, size: [kH, kW] }, mix) {
  const taps = kH * kW, weight = new Float64Array(kernels.length * mix.length * taps);
  kernels.forEach((kernel, o) => mix.forEach((factor, c) => {
    const from = (o * mix.length + c) * taps;
    for (let t = 0; t < taps; t++) weight[from + t] = Math.fround(factor * kernel[t]);
  }));
  return weight;
}

/** Four outputs are made at once (see addSlice): this many numbers may be read behind the last one. */
const tail = (g) => 4 * g.sW;

/** The input with its padding written out: {values, Hp, Wp}, flat (C, Hp, Wp) and a tail that counts for nothing. */
export function padded(g, input) {
  const Hp = g.rows.length, Wp = g.columns.length;
  const values = new Float64Array(g.C * Hp * Wp + tail(g));
  for (let c = 0, to = 0; c < g.C; c++) {
    for (const row of g.rows) {
      for (const column of g.columns) {
        values[to++] = row < 0 || column < 0 ? 0 : input[(c * g.H + row) * g.W + column];
      }
    }
  }
  return { values, Hp, Wp };
}

/** One channel instead of all: each times its factor, those that are not heard left out. */
export function blended(g, { values, Hp, Wp }, mix, heard) {
  const area = Hp * Wp, blend = new Float64Array(area + tail(g));
  mix.forEach((factor, c) => {
    if (!heard.has(c) || factor === 0) return;
    for (let at = 0; at < area; at++) blend[at] += factor * values[c * area + at];
  });
  return { values: blend, Hp, Wp };
}

/**
 * The feature maps of the filters `which`, flat (which.length, H_out, W_out), made from the input channels `heard`.
 * Into `maps` where it is given and of that length.
 */
export function featureMaps(g, frame, { weight, bias }, which, heard, maps) {
  const area = g.H_out * g.W_out;
  const output = maps?.length === which.length * area ? maps : new Float64Array(which.length * area);
  which.forEach((o, slot) => {
    output.fill(bias ? bias[o] : 0, slot * area, (slot + 1) * area);
    const first = Math.floor(o / g.Og) * g.Cg;
    for (let s = 0; s < g.Cg; s++) {
      if (!heard.has(first + s)) continue;
      const slice = { c: first + s, tap: (o * g.Cg + s) * g.kH * g.kW };
      for (let i = 0; i < g.H_out; i++) addRow(g, frame, weight, slice, i, output, slot * area + i * g.W_out);
    }
  });
  return output;
}

/** Adds what one slice makes of its channel to a row of the output, four places at once: they share each weight. */
function addRow({ kH, kW, sH, sW, dH, dW, W_out }, { values, Hp, Wp }, weight, { c, tap }, i, output, to) {
  const from = (c * Hp + i * sH) * Wp;
  for (let j = 0; j < W_out; j += 4) {
    let first = 0, second = 0, third = 0, fourth = 0, t = tap;
    for (let u = 0; u < kH; u++) {
      let at = from + u * dH * Wp + j * sW;
      for (let v = 0; v < kW; v++, t++, at += dW) {
        const w = weight[t];
        first += w * values[at];
        second += w * values[at + sW];
        third += w * values[at + 2 * sW];
        fourth += w * values[at + 3 * sW];
      }
    }
    output[to + j] += first;
    if (j + 1 < W_out) output[to + j + 1] += second;
    if (j + 2 < W_out) output[to + j + 2] += third;
    if (j + 3 < W_out) output[to + j + 3] += fourth;
  }
}

/** What each input channel adds to filter o at a place: {channels: [{channel, sum, heard}], bias, value}. */
export function contributions(g, { values, Hp, Wp }, weight, bias, { o, place: [i, j], heard }) {
  const first = Math.floor(o / g.Og) * g.Cg;
  const channels = Array.from({ length: g.Cg }, (_, s) => {
    const c = first + s;
    let sum = 0;
    for (let u = 0; u < g.kH; u++) {
      for (let v = 0; v < g.kW; v++) {
        sum += weight[((o * g.Cg + s) * g.kH + u) * g.kW + v]
          * values[(c * Hp + i * g.sH + u * g.dH) * Wp + j * g.sW + v * g.dW];
      }
    }
    return { channel: c, sum, heard: heard.has(c) };
  });
  const start = bias ? bias[o] : 0;
  return { channels, bias: start, value: channels.reduce((all, { sum, heard: on }) => all + (on ? sum : 0), start) };
}

/** The numbers under the window of one channel at a place, flat (kH, kW). */
export function windowAt(g, { values, Hp, Wp }, c, [i, j]) {
  return Float64Array.from({ length: g.kH * g.kW }, (_, t) =>
    values[(c * Hp + i * g.sH + Math.floor(t / g.kW) * g.dH) * Wp + j * g.sW + (t % g.kW) * g.dW]);
}

/** {least, most} of a stretch of numbers. */
export function reach(values, from = 0, to = values.length) {
  let least = Infinity, most = -Infinity;
  for (let at = from; at < to; at++) {
    if (values[at] < least) least = values[at];
    if (values[at] > most) most = values[at];
  }
  return { least, most };
}

/** The two of these filters whose weights point most nearly the same way: {a, b, cosine}; null where there is no pair. */
export function mostAlike(weight, taps, which) {
  const length = which.map((o) => Math.sqrt(dot(weight, o * taps, o * taps, taps)));
  let best = null;
  which.forEach((a, at) => which.slice(at + 1).forEach((b, more) => {
    const size = length[at] * length[at + 1 + more];
    const cosine = size ? dot(weight, a * taps, b * taps, taps) / size : 0;
    if (size && (!best || cosine > best.cosine + 1e-9)) best = { a, b, cosine };
  }));
  return best;
}

function dot(values, one, other, count) {
  let sum = 0;
  for (let t = 0; t < count; t++) sum += values[one + t] * values[other + t];
  return sum;
}
