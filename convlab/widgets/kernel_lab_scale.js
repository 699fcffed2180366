// Colours of signed numbers on a canvas: dark blue below zero, grey at zero, warm light above. Lightness follows the
// value, so the sign is seen without colour too. What the range clips is striped, never lost silently.

const STEPS = 1024;
const STOPS = [
  [-1, [8, 24, 96]], [-0.45, [40, 92, 168]], [0, [124, 124, 124]], [0.45, [208, 174, 110]], [1, [255, 247, 222]],
];
const MARKS = { below: [0, 214, 255], above: [214, 0, 92] };

const pack = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

/** The colour of t in -1..1 as [r, g, b]. */
export function colour(t) {
  const at = Math.min(STOPS.length - 2, STOPS.findLastIndex(([stop]) => stop <= t));
  const [[from, a], [to, b]] = [STOPS[Math.max(0, at)], STOPS[Math.max(0, at) + 1]];
  return a.map((value, channel) => Math.round(value + ((t - from) / (to - from)) * (b[channel] - value)));
}

const TABLE = Uint32Array.from({ length: STEPS + 1 }, (_, at) => pack(colour((2 * at) / STEPS - 1)));
const BELOW = pack(MARKS.below), ABOVE = pack(MARKS.above);

/** The scale as a CSS background, and the two marks of what is clipped. */
export const GRADIENT = `linear-gradient(90deg, ${STOPS.map(([t, rgb]) =>
  `rgb(${rgb.join(" ")}) ${50 * (t + 1)}%`).join(", ")})`;
const stripes = (mark, end) => `repeating-linear-gradient(135deg, rgb(${mark.join(" ")}) 0 2px, rgb(${end.join(" ")}) 2px 4px)`;
export const STRIPES = { below: stripes(MARKS.below, STOPS[0][1]), above: stripes(MARKS.above, STOPS.at(-1)[1]) };

/** How many values from `from` on lie outside -range..range, and their least and most: {below, above, least, most}. */
export function measure(values, from, count, range) {
  let least = Infinity, most = -Infinity, below = 0, above = 0;
  for (let at = from; at < from + count; at++) {
    const value = values[at];
    if (value < least) least = value;
    if (value > most) most = value;
    if (value > range) above++;
    else if (value < -range) below++;
  }
  return { least, most, below, above };
}

/** Writes the colours of a signed map into `pixels` (Uint32Array, H * W), and measures it in the same pass. */
export function paintSigned(pixels, values, from, W, range) {
  const half = STEPS / 2, factor = half / range;
  let least = Infinity, most = -Infinity, below = 0, above = 0;
  for (let at = 0; at < pixels.length; at++) {
    const value = values[from + at];
    if (value < least) least = value;
    if (value > most) most = value;
    if (value > range) {
      above++;
      pixels[at] = striped(at, W) ? ABOVE : TABLE[STEPS];
    } else if (value < -range) {
      below++;
      pixels[at] = striped(at, W) ? BELOW : TABLE[0];
    } else pixels[at] = TABLE[(value * factor + half + 0.5) | 0];
  }
  return { least, most, below, above };
}

const striped = (at, W) => ((at % W) + Math.floor(at / W)) % 4 < 2;

/** Writes the picture itself: one channel in grey, or three as red, green and blue; low is black, high is full. */
export function paintPicture(pixels, values, offsets, low, high) {
  const factor = 255 / (high - low || 1);
  const byte = (value) => Math.max(0, Math.min(255, Math.round((value - low) * factor)));
  const [red, green, blue] = offsets.length === 3 ? offsets : [offsets[0], offsets[0], offsets[0]];
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = pack([byte(values[red + at]), byte(values[green + at]), byte(values[blue + at])]);
  }
}
