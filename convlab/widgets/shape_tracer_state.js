// What a tracer shows: the size of the input under the hand, Python's last trace, the pinned row; shared by all views of
// one model. The model itself runs in Python alone: until its answer is there, what is drawn is of another size.

import { createPlayer } from "./player.js";

const REST_MS = 150;
const PATIENCE_MS = 4000;
const STEP_MS = 900;

const same = (one, other) => one.length === other.length && one.every((length, at) => length === other[at]);
const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * subscribe(listener, signal): called with "trace" (another trace), "input" (another size), "place" (another row) or
 * "playing" after each change.
 */
export function createTracerState(model, signal) {
  const listeners = new Set(), clock = { rest: 0, patience: 0 };
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const state = {
    late: false,
    get name() { return model.get("_name"); },
    get shape() { return model.get("shape"); },
    get trace() { return model.get("_trace"); },
    get budget() { return model.get("budget"); },
    /** Whether the trace is of another size than the hand has set. */
    get pending() { return !same(this.shape, this.trace.shape); },
    /** How many places there are: the input and every row. */
    get count() { return this.trace.rows.length + 1; },
    get at() { return within(model.get("at"), this.count); },
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  };
  const wait = () => {
    clearTimeout(clock.patience);
    state.late = false;
    if (state.pending) clock.patience = setTimeout(() => { state.late = true; tell("input"); }, PATIENCE_MS);
  };
  const rest = () => {
    clearTimeout(clock.rest);
    clock.rest = setTimeout(() => model.save_changes(), REST_MS);
  };
  followPython(model, wait, tell);
  signal.addEventListener("abort", () => {
    for (const name of ["rest", "patience"]) clearTimeout(clock[name]);
  });
  const walk = {
    get at() { return state.at; },
    get count() { return state.count; },
    get halted() { return !listeners.size || state.pending; },
    goTo: (row) => state.pin(row),
  };
  const parts = [moves(model, state, rest, wait), createPlayer(walk, () => STEP_MS, tell, signal)];
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  return state;
}

function followPython(model, wait, tell) {
  let queued = false;
  const later = () => {
    if (queued) return;
    queued = true; // size, trace and row set together by Python are one new picture
    queueMicrotask(() => {
      queued = false;
      wait();
      tell("trace");
    });
  };
  for (const name of ["_trace", "budget", "_name"]) model.on(`change:${name}`, later);
  model.on("change:shape", () => {
    if (queued) return;
    wait();
    tell("input");
  });
  model.on("change:at", () => queued || tell("place"));
}

function moves(model, state, rest, wait) {
  return {
    /** One length of the input becomes `length`. */
    setLength(axis, length) {
      if (state.shape[axis] === length) return;
      model.set("shape", state.shape.map((old, at) => (at === axis ? length : old)));
      wait();
      rest();
    },
    /** The size of the trace again. */
    back() {
      model.set("shape", [...state.trace.shape]);
      wait();
      rest();
    },
    pin(at) {
      const to = within(at, state.count);
      if (to === model.get("at")) return;
      model.set("at", to);
      rest();
    },
  };
}
