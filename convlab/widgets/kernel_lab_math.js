// Arithmetic on kernels: rotate, resize, copy to other channels, recognise, bound. Pure; Node tests it.
// A weight is flat (O, Cg, kH, kW); `taps` is kH * kW.

/** Every kernel rotated by 180 degrees: read backwards. */
export function rotated(weight, taps) {
  const result = new Float64Array(weight.length);
  for (let from = 0; from < weight.length; from += taps) {
    for (let t = 0; t < taps; t++) result[from + t] = weight[from + taps - 1 - t];
  }
  return result;
}

/** Row or column of the middle; of an even size, the one before the middle. */
export const middle = (size) => (size - 1) >> 1;

/** Every kernel grown with zeros or cut, its middle kept in the middle. */
export function resized(weight, [kH, kW], [toH, toW]) {
  const kernels = kH * kW ? weight.length / (kH * kW) : 0;
  const result = new Float64Array(kernels * toH * toW);
  const down = middle(kH) - middle(toH), right = middle(kW) - middle(toW);
  for (let k = 0; k < kernels; k++) {
    for (let u = 0; u < toH; u++) {
      for (let v = 0; v < toW; v++) {
        const from = [u + down, v + right];
        if (from[0] < 0 || from[0] >= kH || from[1] < 0 || from[1] >= kW) continue;
        result[(k * toH + u) * toW + v] = weight[(k * kH + from[0]) * kW + from[1]];
      }
    }
  }
  return result;
}

/** Each filter with `to` slices instead of `from`: the slices it has, again and again. */
export function withSlices(weight, from, to, taps) {
  const filters = weight.length / (from * taps);
  const result = new Float64Array(filters * to * taps);
  for (let o = 0; o < filters; o++) {
    for (let c = 0; c < to; c++) {
      const slice = weight.subarray((o * from + (c % from)) * taps, (o * from + (c % from) + 1) * taps);
      result.set(slice, (o * to + c) * taps);
    }
  }
  return result;
}

/** The name of the kernel that every slice of this filter holds, or "custom". `kernels`: [{name, weight: rows}]. */
export function recognised(kernels, filter, [kH, kW]) {
  const taps = kH * kW;
  for (const { name, weight } of kernels) {
    if (weight.length !== kH || weight[0].length !== kW || !filter.length) continue;
    const wanted = weight.flat().map(Math.fround);
    if (filter.every((value, at) => Math.fround(value) === wanted[at % taps])) return name;
  }
  return "custom";
}

/** The lowest and highest output that this filter can give when every input lies between low and high. */
export function possible(filter, bias, low, high) {
  let least = bias, most = bias;
  for (const w of filter) {
    least += w > 0 ? w * low : w * high;
    most += w > 0 ? w * high : w * low;
  }
  return [least, most];
}

/** The smallest of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten that is not below the value. */
export function niceRange(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) {
    const nice = Number((step * power).toPrecision(2));
    if (nice >= value * (1 - 1e-9)) return nice;
  }
  return 10 * power;
}

/** The step of a drag: 1 for whole numbers, else a power of ten that suits the largest tap. */
export function stepOf(taps) {
  if (taps.every(Number.isInteger)) return 1;
  const largest = taps.reduce((most, tap) => Math.max(most, Math.abs(tap)), 0);
  return 10 ** Math.floor(Math.log10(largest / 2));
}
