// Pictures from files: the bundled PNGs and the learner's own. Decoded by the browser; nothing leaves it.

import { decode } from "./layer_state.js";

const LONGEST = 256;

/** {values 0..1, shape [C, H, W]} from what Python sent: an array, or the bytes of an image file. */
export async function pixels(sample) {
  if (sample.shape) return { values: decode(sample), shape: sample.shape };
  return fromBlob(new Blob([sample]));
}

/**
 * The same from any image file, its longer side at most 256, what shines through put on white;
 * one channel when it is grey.
 */
export async function fromBlob(blob) {
  const bitmap = await createImageBitmap(blob);
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const W = Math.max(1, Math.round(bitmap.width * scale)), H = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: W, height: H });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, W, H);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, W, H);
  bitmap.close();
  return fromBytes(context.getImageData(0, 0, W, H).data, H, W);
}

function fromBytes(bytes, H, W) {
  const area = H * W;
  let grey = true;
  for (let at = 0; at < area && grey; at++) {
    grey = bytes[4 * at] === bytes[4 * at + 1] && bytes[4 * at] === bytes[4 * at + 2];
  }
  const C = grey ? 1 : 3;
  const values = new Float64Array(C * area);
  for (let c = 0; c < C; c++) {
    for (let at = 0; at < area; at++) values[c * area + at] = Math.fround(bytes[4 * at + c] / 255);
  }
  return { values, shape: [C, H, W] };
}
