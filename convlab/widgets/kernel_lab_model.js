// What a KernelLab does to its model: edits, presets, undo, size, rotation, pictures. One of it serves all views.

import { createLayerState, decode, encode } from "./layer_state.js";
import { middle, recognised, resized, rotated, withSlices } from "./kernel_lab_math.js";
import { pixels } from "./kernel_lab_files.js";

const HISTORY = 200;
const RESTED_MS = 170; // a little more than layer_state.js waits before it sends what the hand has changed
const FOR_EVER = new AbortController().signal;

/** The lab behind a model; `lab.state` is the layer's state (layer_state.js). */
export class Lab {
  #past = [];
  #future = [];
  #pictures = new Map();
  #listeners = new Set();
  #edited = -Infinity;
  #editing = false;

  constructor(model) {
    this.model = model;
    this.state = createLayerState(model);
    this.state.subscribe(({ kind }) => {
      if (kind === "checked") this.#edited = -Infinity;
      else if (kind !== "layout" && kind !== "values") this.#edited = performance.now();
    }, FOR_EVER);
    model.on("change:_weight", () => this.#forgetOtherShapes());
  }

  /** Hears of presets, undo, pictures; state.subscribe hears of numbers. */
  subscribe(listener, signal) {
    this.#listeners.add(listener);
    signal.addEventListener("abort", () => this.#listeners.delete(listener));
  }

  #changed() {
    for (const listener of this.#listeners) listener();
  }

  // What there is

  shape() {
    return this.model.get("_weight").shape;
  }

  filter() {
    return Math.min(this.model.get("filter"), Math.max(0, this.shape()[0] - 1));
  }

  #weight() {
    return this.state.problem ? decode(this.model.get("_weight")) : this.state.weight;
  }

  #isTurned() {
    return this.model.get("operation") === "convolution";
  }

  /** The slices of the filter on the screen as the learner wrote them, before the rotation of a convolution. */
  written(weight = this.#weight(), [, slices, kH, kW] = this.shape()) {
    const from = this.filter() * slices * kH * kW;
    const own = weight.slice(from, from + slices * kH * kW);
    return this.#isTurned() ? rotated(own, kH * kW) : own;
  }

  /** The name of the kernel on the screen, or "custom". */
  named(weight, shape = this.shape()) {
    return recognised(this.model.get("_kernels"), this.written(weight, shape), shape.slice(2));
  }

  isEditing() {
    return this.#editing;
  }

  // Undo

  canUndo() {
    return this.#past.length > 0;
  }

  canRedo() {
    return this.#future.length > 0;
  }

  undo() {
    this.#whenRested(() => this.#restore(this.#past, this.#future));
  }

  redo() {
    this.#whenRested(() => this.#restore(this.#future, this.#past));
  }

  #snapshot() {
    const { model, state } = this;
    const bias = state.problem ? decode(model.get("_bias")) : state.bias ?? new Float64Array(0);
    return { shape: this.shape(), weight: this.#weight().slice(), bias: bias.slice(), operation: model.get("operation") };
  }

  #remember() {
    this.#past.push(this.#snapshot());
    if (this.#past.length > HISTORY) this.#past.shift();
    this.#future.length = 0;
  }

  #restore(from, to) {
    if (!from.length) return;
    to.push(this.#snapshot());
    const { weight, shape, bias, operation } = from.pop();
    this.model.set("operation", operation);
    this.#write({ weight, shape, _bias: encode(bias, this.model.get("_bias")) });
  }

  /** Snapshots made for other channels fit no longer (Python has shown another layer). */
  #forgetOtherShapes() {
    const [O, slices] = this.shape();
    const fits = ({ shape }) => shape[0] === O && shape[1] === slices;
    this.#past = this.#past.filter(fits);
    this.#future = this.#future.filter(fits);
  }

  // One number

  /** One tap of the kernel as written becomes `value`; linked slices and the locked sum follow. */
  edit(c, u, v, value) {
    const { model, state } = this;
    if (!this.#begin()) return;
    const [, slices, kH, kW] = this.shape();
    const o = this.filter();
    const delta = value - this.written()[(c * kH + u) * kW + v];
    for (let slice = 0; slice < slices; slice++) {
      if (slice !== c && !model.get("link_slices")) continue;
      for (const [a, b, share] of model.get("lock_sum") ? sharing(u, v, kH, kW) : [[u, v, 1]]) {
        const [row, column] = this.#isTurned() ? [kH - 1 - a, kW - 1 - b] : [a, b];
        const at = ((o * slices + slice) * kH + row) * kW + column;
        // Sums like 1 - 0.1 - 0.1 would show their binary tail.
        state.setWeight(o, slice, row, column, Number((state.weight[at] + delta * share).toFixed(9)));
      }
    }
    model.set("kernel", this.named());
    this.#changed();
  }

  /** The bias of a filter becomes `value`; undo takes it back with the kernel. */
  setBias(o, value) {
    if (this.#begin()) this.state.setBias(o, value);
  }

  /** The hand has let go: the next edit is a new step of undo. */
  finish() {
    this.#editing = false;
    this.#changed();
  }

  #begin() {
    if (this.state.problem) return false;
    if (!this.#editing) this.#remember();
    this.#editing = true;
    return true;
  }

  // The whole kernel

  choose(name) {
    const found = this.model.get("_kernels").find((kernel) => kernel.name === name);
    if (found) this.#whenRested(() => this.#choose(found));
  }

  #choose({ weight: rows }) {
    this.#remember();
    const [O, slices, ...size] = this.shape();
    const to = [rows.length, rows[0].length];
    const weight = resized(this.#weight(), size, to);
    const flat = Float64Array.from(rows.flat());
    const applied = this.#isTurned() ? rotated(flat, flat.length) : flat;
    for (let c = 0; c < slices; c++) weight.set(applied, (this.filter() * slices + c) * flat.length);
    this.#write({ weight, shape: [O, slices, ...to] });
  }

  resize(to) {
    this.#whenRested(() => {
      this.#remember();
      const [O, slices, ...size] = this.shape();
      // As written, so that a rotation does not decide on which side an even size grows.
      const turn = (weight, [kH, kW]) => (this.#isTurned() ? rotated(weight, kH * kW) : weight);
      const weight = turn(resized(turn(this.#weight(), size), size, to), to);
      this.#write({ weight, shape: [O, slices, ...to] });
    });
  }

  /** "correlation" or "convolution": what is written stays, what is applied rotates. */
  turn(operation) {
    this.#whenRested(() => {
      if (operation === this.model.get("operation")) return;
      this.#remember();
      const [, , kH, kW] = this.shape();
      this.model.set("operation", operation);
      this.#write({ weight: rotated(this.#weight(), kH * kW) });
    });
  }

  // The picture

  /** A sample by its name. */
  async show(picture) {
    if (!this.#pictures.has(picture)) this.#pictures.set(picture, await pixels(this.model.get("_samples")[picture]));
    this.showPixels(this.#pictures.get(picture), picture);
  }

  showPixels(found, picture) {
    this.#whenRested(() => this.#showPixels(found, picture));
  }

  /** Every cell of the input becomes 0. */
  clear() {
    this.#whenRested(() => {
      this.#write({ _input: encode(new Float64Array(this.state.input.length), this.model.get("_input")) });
    });
  }

  #showPixels({ values, shape: [C, H, W] }, picture) {
    const spec = this.model.get("spec");
    const { dtype } = this.model.get("_input");
    const changes = { picture, _input: encode(values, { shape: [1, C, H, W], dtype }), place: [], channel: -1, sample: 0 };
    if (spec.groups === 1 && C !== spec.in_channels) {
      const fit = ({ weight, shape: [O, slices, kH, kW] }) =>
        ({ weight: withSlices(weight, slices, C, kH * kW), shape: [O, C, kH, kW] });
      for (const kept of [...this.#past, ...this.#future]) Object.assign(kept, fit(kept));
      Object.assign(changes, { spec: { in_channels: C } }, fit({ weight: this.#weight(), shape: this.shape() }));
    }
    this.#write(changes);
  }

  // To Python

  /** Runs an action on the whole layer, once what the hand has changed is on its way. */
  #whenRested(action) {
    const wait = RESTED_MS - (performance.now() - this.#edited);
    if (wait > 0) setTimeout(action, wait);
    else action();
  }

  /** Sends a whole change in one message, so that no picture is ever drawn from half of it. */
  #write({ weight, shape = this.shape(), spec = {}, ...others }) {
    const { model } = this;
    const name = this.named(weight ?? this.#weight(), shape);
    if (weight) model.set("_weight", encode(weight, { shape, dtype: model.get("_weight").dtype }));
    model.set("spec", { ...model.get("spec"), kernel_size: shape.slice(2), ...spec });
    for (const [trait, value] of Object.entries(others)) model.set(trait, value);
    model.set("_applied", { operation: model.get("operation"), picture: model.get("picture") });
    model.set("kernel", name);
    model.set("_rest", model.get("_rest") + 1);
    model.save_changes();
    queueMicrotask(() => this.#changed()); // after the layer's state has read all this
  }
}

/** With the sum locked: which taps change with tap (u, v), and by what share of the change. */
function sharing(u, v, kH, kW) {
  const centre = [middle(kH), middle(kW)];
  if (u !== centre[0] || v !== centre[1]) return [[u, v, 1], [...centre, -1]];
  // Only its neighbours: to share among all 49 taps of a 7 x 7 kernel would be slower than the hand.
  const around = [[-1, 0], [1, 0], [0, -1], [0, 1]].map(([down, right]) => [u + down, v + right])
    .filter(([a, b]) => a >= 0 && a < kH && b >= 0 && b < kW);
  return [[u, v, 1], ...around.map(([a, b]) => [a, b, -1 / around.length])];
}
