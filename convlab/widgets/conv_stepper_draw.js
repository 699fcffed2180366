// Brings the numbers and marks of a picture up to date: what a move or a changed number touches, and no more.

import * as conv from "./conv.js";
import { largest } from "./grid.js";
import { palette } from "./conv_stepper_canvas.js";
import { reached } from "./conv_stepper_position.js";

/** The window of place [i, j] on the padded input: its corner, and its size in cells. */
export const windowOf = (g, [i, j]) => ({
  at: [i * g.sH, j * g.sW], size: [(g.kH - 1) * g.dH + 1, (g.kW - 1) * g.dW + 1],
});

/** All of it, after a new layout or new numbers. */
export function drawAll(picture, place, root) {
  const { layer, g, at } = picture.context;
  const colours = palette(root, "input");
  for (const row of picture.rows) {
    const first = (at.sample * g.C + row.channel) * g.H * g.W;
    row.input.grid.scale = largest(layer.input, first, g.H * g.W);
    row.weight.scale = largest(layer.weight);
    row.input.draw(layer.input, { colours });
    drawWeights(picture, row);
    row.product.scale = row.input.grid.scale * row.weight.scale;
    row.sum.scale = row.product.scale * 2;
    row.input.grid.fit();
    row.weight.fit();
  }
  picture.ledger.total.scale = picture.output.grid.scale;
  picture.ledger.result.scale = picture.output.grid.scale;
  drawPlace(picture, place, root);
  drawOutput(picture, root);
  picture.output.grid.fit();
}

export function drawWeights(picture, row) {
  const { layer, g } = picture.context;
  for (let u = 0; u < g.kH; u++) {
    for (let v = 0; v < g.kW; v++) row.weight.set(u, v, layer.weight[row.first + u * g.kW + v]);
  }
}

/** The input's numbers, after one of them changed (the padding may repeat it). */
export function drawInput(picture, channel, root) {
  const row = picture.rows.find((one) => one.channel === channel);
  row?.input.draw(picture.context.layer.input, { colours: row.input.overview ? palette(root, "input") : null });
}

/** All that depends on the place: window, taps, products, sums, ledger. Returns what the number is made of. */
export function drawPlace(picture, place) {
  const { layer, g, at } = picture.context;
  const parts = conv.parts(g, layer.input, layer.weight, layer.bias, [at.sample, at.filter, ...place]);
  const window = windowOf(g, place);
  for (const row of picture.rows) drawRow(picture, row, parts.channels[row.c], window);
  const { total, bias, result } = picture.ledger;
  total.set(0, 0, reached(at, "sums") ? (g.Cg === 1 ? parts.channels[0].sum : parts.total) : null);
  bias?.set(0, 0, layer.bias[at.filter]);
  result.set(0, 0, reached(at, "bias") ? parts.value : null);
  result.cell(0, 0).dataset.index = total.cell(0, 0).dataset.index = `${at.filter},${place.join(",")}`;
  if (g.Cg === 1) total.cell(0, 0).dataset.index = "0";
  return parts;
}

function drawRow({ context: { layer, g, at } }, row, part, window) {
  const moved = row.input.moveTo(...window.at, ...window.size);
  if (moved) row.input.draw(layer.input);
  const taps = [];
  for (let t = 0; t < g.kH * g.kW; t++) {
    const u = Math.floor(t / g.kW), v = t % g.kW;
    row.product.set(u, v, reached(at, "products") ? part.products[t] : null);
    taps.push(row.input.local(window.at[0] + u * g.dH, window.at[1] + v * g.dW));
  }
  if (g.dH > 1 || g.dW > 1) row.input.grid.mark("tap", taps);
  row.sum.set(0, 0, reached(at, "sums") ? part.sum : null);
}

/** The output numbers of the filter on the screen, those not reached yet empty, the place marked. */
export function drawOutput(picture, root, place = null) {
  const { layer, at } = picture.context;
  const { output } = picture;
  const now = place ?? at.place;
  output.moveTo(...now, 1, 1);
  const same = (i, j) => i === now[0] && j === now[1];
  output.draw(layer.output, {
    // A previewed number may be seen as soon as its turn has come: hovering must not spoil a prediction.
    shown: (i, j) => at.shows([i, j]) && (!same(i, j) || reached(at, "output")),
    colours: output.overview ? palette(root, "output") : null,
  });
  output.grid.mark("here", [output.local(...now)]);
  const pinned = output.cell(...at.place);
  if (pinned) output.grid.offer(pinned);
}

/** Marks the outputs that read row r, column c of the padded input; returns how many there are. */
export function markReaders(picture, channel, r, c) {
  const { g } = picture.context;
  const { output } = picture;
  const inside = r >= g.top && c >= g.left && r < g.top + g.H && c < g.left + g.W;
  // A pixel of the input is read wherever the padding repeats it too; a padding cell only where it stands.
  const along = (map, at, before, ...sizes) => inside
    ? conv.readers(map, at - before, ...sizes) : conv.readers(map.map((_, q) => q), at, ...sizes);
  const rows = along(g.rows, r, g.top, g.kH, g.sH, g.dH, g.H_out);
  const columns = along(g.columns, c, g.left, g.kW, g.sW, g.dW, g.W_out);
  const places = new Map();
  for (const [i] of rows) for (const [j] of columns) places.set(`${i},${j}`, [i, j]);
  const shown = [...places.values()].filter(([i, j]) => output.cell(i, j)).map(([i, j]) => output.local(i, j));
  output.grid.mark("reads", shown);
  return places.size;
}

export const clearReaders = (picture) => picture.output.grid.mark("reads", []);

/** Lights one tap in window, kernel and products; null puts all lights out. */
export function lightTap(picture, place, tap) {
  const { g } = picture.context;
  const { at } = windowOf(g, place);
  for (const row of picture.rows) {
    const here = tap && row.c === tap[0];
    row.input.grid.mark("lit", here ? [row.input.local(at[0] + tap[1] * g.dH, at[1] + tap[2] * g.dW)] : []);
    row.weight.mark("lit", here ? [tap.slice(1)] : []);
    row.product.mark("lit", here ? [tap.slice(1)] : []);
  }
}
