// The layer a widget shows: spec, input, weight, bias, output, shared by all views of one model.
// A hand's change is computed here at once and drawn by every view; when the hand rests it goes to
// Python, which computes the output again (with torch once that is loaded), and the two are compared.

import * as conv from "./conv.js";

const REST_MS = 150;
const BEHIND_MS = 500; // what the hand set last may still be on its way to Python
const ASKING = -1; // a rest that never was: Python answers it with all numbers
const TRAITS = ["spec", "_input", "_weight", "_bias"];

/** A flat Float64Array from what Python sent: {shape, dtype, data}. */
export function decode({ dtype, data }) {
  const bytes = ArrayBuffer.isView(data)
    ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
  return Float64Array.from(dtype === "float32" ? new Float32Array(bytes) : new Float64Array(bytes));
}

/** What Python can read, in the dtype it came in. */
export function encode(values, { shape, dtype }) {
  const typed = dtype === "float32" ? Float32Array.from(values) : values.slice();
  return { shape, dtype, data: new DataView(typed.buffer) };
}

/**
 * The state behind a model with the traits spec, _input, _weight, _bias, _computed and _rest.
 *
 * spec and shape are what is set, legal or not; g, input, weight, bias, output and `legal` ({spec, shape}) are of
 * the last layer that PyTorch would run, and null while there never was one.
 * subscribe(listener, signal): called with {kind: "layout" | "weight" | "input" | "bias" | "values" | "checked", ...}
 * after each change; "layout" means that shapes may have changed, "values" that all numbers may have.
 */
export function createLayerState(model, signal) {
  const listeners = new Set();
  const tell = (change) => listeners.forEach((listener) => listener(change));
  const state = { problem: null, agreement: null, legal: null, g: null };
  const hand = { touched: new Set(), timer: 0, sending: false }; // what was changed since the last rest
  const stop = () => clearTimeout(hand.timer);
  read(state, model);
  compare(state, model, hand);
  followPython(state, model, hand, tell);
  catchUp(model, signal);
  signal?.addEventListener("abort", stop);
  return Object.assign(state, edits(state, (name) => rest(state, model, hand, tell, name), tell), {
    stop,
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  });
}

function read(state, model) {
  state.spec = model.get("spec");
  state.shape = model.get("_input").shape;
  state.problem = conv.problem(state.spec, state.shape);
  if (state.problem) return;
  state.legal = { spec: state.spec, shape: state.shape };
  state.input = decode(model.get("_input"));
  state.weight = decode(model.get("_weight"));
  state.bias = state.spec.bias ? decode(model.get("_bias")) : null;
  state.g = conv.geometry(state.spec, state.shape);
  state.output = conv.forward(state.g, state.input, state.weight, state.bias);
}

/** Compares what Python computed with what is on the screen, when both are of the same state. */
function compare(state, model, hand) {
  const computed = model.get("_computed");
  state.agreement = null;
  if (state.problem || hand.touched.size || !computed?.output || computed.rest !== model.get("_rest")) return;
  const theirs = decode(computed.output);
  let difference = theirs.length === state.output.length ? 0 : Infinity;
  for (let at = 0; at < theirs.length; at++) {
    difference = Math.max(difference, Math.abs(theirs[at] - state.output[at]));
  }
  state.agreement = { by: computed.by, count: theirs.length, difference, agrees: difference <= computed.tolerance };
}

function followPython(state, model, hand, tell) {
  const layout = () => JSON.stringify([state.spec, state.shape, Boolean(state.problem)]);
  let queued = false;
  const changed = () => {
    if (hand.sending || queued) return;
    queued = true; // several traits set together by Python are one new picture
    queueMicrotask(() => {
      queued = false;
      const before = layout();
      read(state, model);
      compare(state, model, hand);
      tell({ kind: before === layout() ? "values" : "layout" });
    });
  };
  for (const name of TRAITS) model.on(`change:${name}`, changed);
  model.on("change:_computed", () => {
    if (queued) return;
    compare(state, model, hand);
    tell({ kind: "checked" });
  });
}

/**
 * Asks for the numbers when Python has seen the hand rest more often than this page: JupyterLab sets the page back to what
 * Python last had when the network was away, and Python does not tell one tab what the hand did in another.
 */
function catchUp(model, signal) {
  let newest = 0, timer = 0;
  const behind = () => model.get("_rest") !== ASKING && model.get("_rest") < newest;
  const ask = () => {
    if (!behind()) return;
    model.set("_rest", ASKING);
    model.save_changes();
  };
  const look = () => {
    newest = Math.max(newest, model.get("_rest"), model.get("_computed")?.rest ?? 0);
    clearTimeout(timer);
    if (behind()) timer = setTimeout(ask, BEHIND_MS);
  };
  for (const name of ["_rest", "_computed"]) model.on(`change:${name}`, look);
  look();
  signal?.addEventListener("abort", () => clearTimeout(timer));
}

/** Sends what the hand changed when it has changed nothing for a moment. */
function rest(state, model, hand, tell, name) {
  state.agreement = null;
  hand.touched.add(name);
  clearTimeout(hand.timer);
  hand.timer = setTimeout(() => {
    hand.sending = true;
    for (const part of hand.touched) model.set(`_${part}`, encode(state[part], model.get(`_${part}`)));
    hand.touched.clear();
    model.set("_rest", model.get("_rest") + 1);
    hand.sending = false;
    // Sums of many small changes drift in the last digit: from here on the numbers are computed afresh.
    state.output = conv.forward(state.g, state.input, state.weight, state.bias);
    model.save_changes();
    tell({ kind: "checked" });
  }, REST_MS);
}

/** What a hand may change; each computes only what follows from it. */
function edits(state, rest, tell) {
  return {
    /** weight[o, c, u, v] becomes value. */
    setWeight(o, c, u, v, value) {
      const { g } = state;
      const at = ((o * g.Cg + c) * g.kH + u) * g.kW + v;
      const delta = value - state.weight[at];
      state.weight[at] = value;
      conv.weightChanged(g, state.input, state.output, [o, c, u, v], delta);
      rest("weight");
      tell({ kind: "weight", o, c, u, v });
    },
    /** bias[o] becomes value. */
    setBias(o, value) {
      conv.biasChanged(state.g, state.output, o, value - state.bias[o]);
      state.bias[o] = value;
      rest("bias");
      tell({ kind: "bias", o });
    },
    /** input[n, c, i, j] becomes value. */
    setInput(n, c, i, j, value) {
      const { g } = state;
      const at = ((n * g.C + c) * g.H + i) * g.W + j;
      const delta = value - state.input[at];
      state.input[at] = value;
      const changed = conv.inputChanged(g, state.weight, state.output, [n, c, i, j], delta);
      rest("input");
      tell({ kind: "input", n, c, i, j, changed });
    },
    /** Many weights at once (a preset, an undo): a flat array of the weight's length. */
    setWeights(values) {
      state.weight = Float64Array.from(values);
      state.output = conv.forward(state.g, state.input, state.weight, state.bias);
      rest("weight");
      tell({ kind: "values" });
    },
  };
}

/** One sentence on whether Python computed the same numbers. */
export function agreementText(state) {
  const { agreement } = state;
  if (state.problem) return "";
  if (!agreement) return "Computed here; Python has not checked these numbers yet.";
  const { by, count, difference } = agreement;
  if (agreement.agrees) {
    const numbers = count === 1 ? "number" : `${count.toLocaleString("en")} numbers`;
    const how = difference ? ` (largest difference ${difference.toExponential(0)})` : "";
    return `✓ ${by} computed the same ${numbers}${how}`;
  }
  return `✗ ${by} differs by ${difference.toPrecision(2)}: please report this.`;
}
