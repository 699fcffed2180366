// The picture of one output number, left to right: a row for each input channel (input, kernel, products, sum), the
// ledger that adds them up, the output. Built once a layout; afterwards only numbers and marks change.

import { createGrid, largest, walkByKeys } from "./grid.js";
import { h } from "./dom.js";
import { makeEditable, stepFor } from "./numbers.js";
import { createPlane } from "./conv_stepper_plane.js";
import { indexed } from "./conv_stepper_words.js";

/** Channels shown at once: more of a small input than of a large one. */
export const rowsAtOnce = (g) => (g.rows.length > 12 ? 4 : 8);

/** A title: the role's letter in its colour, then what it is in PyTorch's words. */
export const titled = (role, letter, text) => [
  h("span", { class: `cl-letter cl-${role}`, "aria-hidden": "true" }, letter), h("code", {}, text)];

const block = (kind, operator, title, ...content) =>
  h("div", { class: `cs-block cs-${kind}`, data: { op: operator } }, h("p", { class: "cl-title" }, title), ...content);

/** Everything of one layout. `act` has what a hand may do; `signal` ends with the layout. */
export function createPicture(layer, at, act, signal) {
  const { g } = layer;
  const batched = layer.legal.shape.length === 4;
  const count = Math.min(rowsAtOnce(g), g.Cg - at.channel);
  const context = { layer, g, at, act, signal, batched };
  const rows = Array.from({ length: count }, (_, row) => createRow(context, at.channel + row));
  const ledger = createLedger(context);
  const output = createOutput(context);
  rows.forEach((row, number) => row.blocks.forEach((part) => { part.style.gridRow = number + 1; }));
  // Beside tall channels ledger and output stay at the top, where the window is first seen.
  const tall = count * g.rows.length > 30;
  for (const part of [ledger.el, output.el]) part.style.gridRow = `1 / span ${tall ? 1 : count}`;
  const content = h("div", { class: `cs-content${g.Cg === 1 ? " cs-one" : ""}` },
    rows.map((row) => h("div", { class: "cs-together" }, row.blocks)),
    h("div", { class: "cs-together" }, ledger.el, output.el));
  return { content, rows, ledger, output, context };
}

function createRow(context, c) {
  const { layer, g, at, act, signal } = context;
  const { filter: o } = at;
  const channel = Math.floor(o / g.Og) * g.Cg + c;
  const input = createInput(context, channel);
  const weight = createGrid({
    role: "weight", rows: g.kH, columns: g.kW, label: `weight[${o}, ${c}]`,
    index: (u, v) => `${o},${c},${u},${v}`, name: (u, v) => `weight[${o}, ${c}, ${u}, ${v}]`,
  });
  const product = createGrid({
    role: "product", rows: g.kH, columns: g.kW, label: "products", index: (u, v) => `${c},${u},${v}`,
  });
  const sum = oneNumber("sum", `${c}`);
  const first = (o * g.Cg + c) * g.kH * g.kW;
  const tap = (cell) => weight.at(cell);
  makeEditable(weight, {
    handler: act.timed, signal, step: () => stepFor(layer.weight),
    get: (cell) => layer.weight[first + tap(cell)[0] * g.kW + tap(cell)[1]],
    set: (cell, value) => layer.setWeight(o, c, ...tap(cell), value),
  });
  walkByKeys(weight, { signal, handler: act.timed });
  pointAtTaps([weight, product], c, act, signal);
  const blocks = [input.el, block("kernel", "×", titled("weight", "W", `weight[${o}, ${c}]`), weight.el),
    block("products", "=", "products", product.el)];
  if (g.Cg > 1) blocks.push(block("sum", "Σ", "sum", sum.el));
  return { c, channel, input, weight, product, sum, blocks, first, weightOf: (t) => layer.weight[first + t] };
}

const oneNumber = (role, index, name) =>
  createGrid({ role, rows: 1, columns: 1, label: role, index: () => index, name: name && (() => name) });

function pointAtTaps(grids, c, act, signal) {
  for (const grid of grids) {
    const over = act.timed((event) => {
      const tap = grid.at(event.target.closest(".cl-cell"));
      if (tap) act.pointAt({ tap: [c, ...tap] });
    });
    grid.el.addEventListener("pointerover", over, { signal });
    grid.el.addEventListener("focusin", over, { signal });
    for (const type of ["pointerleave", "focusout"]) {
      grid.el.addEventListener(type, act.timed(() => act.pointAt({})), { signal });
    }
  }
}

/** Rows and columns of numbers around a window of this extent. */
const loupe = (g) => ({ rows: (g.kH - 1) * g.dH + 3, columns: (g.kW - 1) * g.dW + 3 });

function createInput({ layer, g, at, act, signal, batched }, channel) {
  const n = at.sample;
  const title = indexed("input", batched, n, channel);
  const first = (n * g.C + channel) * g.H * g.W;
  const plane = createPlane({
    role: "input", rows: g.rows.length, columns: g.columns.length, top: g.top, left: g.left, inner: [g.H, g.W],
    prefix: `${channel}`, label: title, title: titled("input", "I", title), loupe: loupe(g),
    source: (r, c) => (g.rows[r] < 0 || g.columns[c] < 0 ? -1 : first + g.rows[r] * g.W + g.columns[c]),
    inside: (i, j) => i >= 0 && j >= 0 && i < g.H && j < g.W,
    name: (i, j) => indexed("input", batched, n, channel, i, j),
  });
  const where = (cell) => {
    const [r, c] = plane.place(cell);
    return [r - g.top, c - g.left];
  };
  makeEditable(plane.grid, {
    handler: act.timed, signal, step: () => stepFor(layer.input),
    get: (cell) => layer.input[first + where(cell)[0] * g.W + where(cell)[1]],
    set: (cell, value) => layer.setInput(n, channel, ...where(cell), value),
  });
  walkByKeys(plane.grid, { signal, handler: act.timed });
  const listen = (el, type, listener) => el.addEventListener(type, act.timed(listener), { signal });
  const over = (event) => {
    const cell = event.target.closest(".cl-cell");
    if (cell) act.pointAt({ input: [channel, ...plane.place(cell)] });
  };
  listen(plane.grid.el, "pointerover", over);
  listen(plane.grid.el, "focusin", over);
  for (const type of ["pointerleave", "focusout"]) listen(plane.grid.el, type, () => act.pointAt({}));
  if (plane.overview) {
    listen(plane.overview.el, "click", (event) => act.windowTo(plane.overview.under(event)));
  }
  return plane;
}

/** Σ the channels, + the bias, = the output number. */
function createLedger({ layer, g, at, act, signal }) {
  const { filter: o } = at;
  const total = oneNumber(g.Cg === 1 ? "sum" : "total", g.Cg === 1 ? "0" : `${o}`);
  const bias = layer.bias ? oneNumber("bias", `${o}`, `bias[${o}]`) : null;
  const result = oneNumber("result", `${o}`);
  if (bias) {
    makeEditable(bias, {
      handler: act.timed, signal, step: () => stepFor(layer.bias),
      get: () => layer.bias[o], set: (cell, value) => layer.setBias(o, value),
    });
  }
  const line = (sign, grid, text) => [
    h("span", { class: "cs-sign" }, sign), grid?.el ?? h("span"), h("span", { class: "cs-what" }, text)];
  const el = h("div", { class: "cs-block cs-ledger" },
    line("Σ", total, g.Cg === 1 ? "sum" : "total"),
    bias ? line("+", bias, h("code", {}, `bias[${o}]`)) : line("", null, "no bias"),
    h("span", { class: "cs-rule" }), line("=", result, "output"));
  return { el, total, bias, result };
}

function createOutput({ layer, g, at, act, signal, batched }) {
  const { filter: o, sample: n } = at;
  const title = indexed("output", batched, n, o);
  const first = (n * g.O + o) * g.H_out * g.W_out;
  const plane = createPlane({
    role: "output", rows: g.H_out, columns: g.W_out, top: 0, left: 0, inner: [g.H_out, g.W_out],
    prefix: `${o}`, label: title, title: titled("output", "O", title), loupe: { rows: 7, columns: 7 },
    source: (i, j) => first + i * g.W_out + j, inside: () => true, cellRole: "button",
    name: (i, j) => indexed("output", batched, n, o, i, j),
  });
  const listen = (el, type, listener) => el.addEventListener(type, act.timed(listener), { signal });
  const target = (event) => {
    const cell = event.target.closest?.(".cl-cell");
    return cell && plane.place(cell);
  };
  listen(plane.grid.el, "pointerover", (event) => event.pointerType !== "touch" && act.preview(target(event)));
  listen(plane.grid.el, "pointerleave", () => act.preview(null));
  listen(plane.grid.el, "click", (event) => target(event) && act.pin(target(event)));
  listen(plane.grid.el, "keydown", (event) => {
    if (event.key !== "Enter") return;
    act.pin(target(event));
    event.preventDefault();
  });
  if (plane.overview) {
    const canvas = plane.overview.canvas;
    listen(canvas, "pointermove", (event) => act.preview(plane.overview.under(event)));
    listen(canvas, "pointerleave", () => act.preview(null));
    listen(canvas, "click", (event) => act.pin(plane.overview.under(event)));
  }
  plane.grid.scale = largest(layer.output, first, g.H_out * g.W_out);
  return plane;
}
