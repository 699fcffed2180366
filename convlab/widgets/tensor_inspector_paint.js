// The picture's numbers as colours: a picture as a person sees it, and the tensor's planes in the colours of what each
// number was in the picture, so that a red plane that holds green and blue is seen to hold them.

import { homeOf } from "./tensor_inspector_math.js";

const pack = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
/** The colour of a channel at full brightness: red, green, blue; grey for one channel and for alpha. */
const HUES = [[255, 60, 50], [60, 220, 90], [80, 130, 255], [220, 220, 220]];
const GREY = [255, 255, 255];
export const hueOf = (C, c) => (C === 1 ? GREY : HUES[c]);

/** What a channel is called, in a word and in a letter. */
export const channelName = (C, c) => (C === 1 ? "grey" : ["red", "green", "blue", "alpha"][c]);
export const channelLetter = (C, c) => (C === 1 ? "" : "RGBA"[c]);

/** Paints H x W pixels, read with these strides from an offset on: what matplotlib makes of 1, 3 or 4 channels. */
export function paintPicture(pixels, { values, low, high }, { sizes: { H, W, C }, step }, from = 0) {
  const factor = 255 / (high - low);
  const level = (at) => ((values[at] - low) * factor + 0.5) | 0;
  for (let i = 0, to = 0; i < H; i++) {
    for (let j = 0; j < W; j++, to++) {
      const at = from + i * step.H + j * step.W;
      if (C === 1) pixels[to] = pack(level(at), level(at), level(at));
      else {
        const white = C === 4 ? 255 - level(at + 3 * step.C) : 0; // what shines through is the page
        const over = (value) => (white ? (value * (255 - white)) / 255 + white : value);
        pixels[to] = pack(over(level(at)), over(level(at + step.C)), over(level(at + 2 * step.C)));
      }
    }
  }
}

/** The colour of one pixel of the tensor, for CSS. */
export function colourOf(picture, { sizes, step }, { i, j }) {
  const pixel = new Uint32Array(1);
  paintPicture(pixel, picture, { sizes: { ...sizes, H: 1, W: 1 }, step }, i * step.H + j * step.W);
  return `rgb(${pixel[0] & 255} ${(pixel[0] >> 8) & 255} ${(pixel[0] >> 16) & 255})`;
}

/** Paints a stretch of numbers as rows x columns: `offsetAt(row, column)` says where each is read. */
export function paintNumbers(pixels, { values, low, high }, sizes, { rows, columns, offsetAt }) {
  const factor = 1 / (high - low);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      const offset = offsetAt(row, column), level = (values[offset] - low) * factor;
      const [r, g, b] = hueOf(sizes.C, homeOf(sizes, offset).c);
      pixels[to] = pack(r * level, g * level, b * level);
    }
  }
}
