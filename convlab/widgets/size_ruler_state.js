// What a ruler shows: a setting and an input's shape, and what follows from them; shared by all views of one model.
// A hand's change is drawn at once; when the hand rests it goes to Python, which computes sizes and counts again.

import * as conv from "./conv.js";
import { ruler } from "./size_ruler_math.js";
import { createPlayer, tenSeconds } from "./player.js";

const REST_MS = 150;
const NAMES = [
  "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode",
];

const key = (spec, shape) => JSON.stringify([NAMES.map((name) => spec[name]), shape]);
const replaced = (list, at, value) => list.map((old, place) => (place === at ? value : old));
const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * spec and shape are what is set, legal or not; problem says why PyTorch refuses it; legal ({spec, shape}) and lines
 * (both axes) are of the last setting that runs, null while there never was one. agreement: what Python found.
 *
 * subscribe(listener, signal): called with "layout", "place", "checked" or "playing" after each change.
 */
export function createRulerState(model, signal) {
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const hand = { timer: 0, sending: false };
  const state = { problem: null, legal: null, lines: null, agreement: null };
  read(state, model);
  followPython(state, model, hand, tell);
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  const rest = () => {
    clearTimeout(hand.timer);
    hand.timer = setTimeout(() => {
      if (state.lines && !state.problem) model.set("place", state.place);
      model.save_changes();
    }, REST_MS);
  };
  const moves = [places(state, model, rest), edits(state, model, hand, rest, tell)];
  const walk = {
    get at() { return state.number; },
    get count() { return state.count; },
    get halted() { return !listeners.size || Boolean(state.problem); },
    goTo: (place) => state.goTo(place),
  };
  const parts = [...moves, createPlayer(walk, tenSeconds, tell, signal), {
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  return state;
}

function read(state, model) {
  state.spec = model.get("spec");
  state.shape = model.get("shape");
  state.problem = conv.problem(state.spec, state.shape);
  if (!state.problem) {
    state.legal = { spec: state.spec, shape: state.shape };
    state.lines = [0, 1].map((axis) => ruler(state.spec, state.shape, axis));
  }
  compare(state, model);
}

/** Compares what Python computed with what is on the screen, when both are of the same setting. */
function compare(state, model) {
  const found = model.get("_computed");
  state.agreement = null;
  if (!found?.spec || key(found.spec, found.shape) !== key(state.spec, state.shape)) return;
  const ours = state.problem ? [null, null] : [outputShape(state), state.lines.map((line) => line.reads)];
  const counts = state.problem ? 0 : state.lines[0].length + state.lines[1].length;
  const agrees = JSON.stringify(ours) === JSON.stringify([found.output, found.reads]);
  state.agreement = { by: found.by, counts, agrees };
}

/** The output's shape of the last setting that runs. */
export const outputShape = ({ legal: { spec, shape }, lines }) =>
  [...shape.slice(0, -3), spec.out_channels, lines[0].places, lines[1].places];

function followPython(state, model, hand, tell) {
  let queued = false;
  const changed = () => {
    if (hand.sending || queued) return;
    queued = true; // several traits set together by Python are one new picture
    queueMicrotask(() => {
      queued = false;
      read(state, model);
      tell("layout");
    });
  };
  for (const name of ["spec", "shape"]) model.on(`change:${name}`, changed);
  model.on("change:place", () => queued || hand.sending || tell("place"));
  model.on("change:_computed", () => {
    if (queued) return;
    compare(state, model);
    tell("checked");
  });
}

function places(state, model, rest) {
  return {
    /** (row, column) of the pinned window, always inside the last setting that runs. */
    get place() {
      const place = model.get("place");
      return state.lines.map((line, axis) => within(place[axis], line.places));
    },
    get count() { return state.lines[0].places * state.lines[1].places; },
    /** The place in reading order. */
    get number() { return state.place[0] * state.lines[1].places + state.place[1]; },
    pin(place) {
      const to = place.map((at, axis) => within(at, state.lines[axis].places));
      if (String(to) === String(model.get("place"))) return;
      model.set("place", to);
      rest();
    },
    /** Goes to a place by its number in reading order. */
    goTo(number) {
      const to = within(number, state.count), across = state.lines[1].places;
      state.pin([Math.floor(to / across), to % across]);
    },
  };
}

function edits(state, model, hand, rest, tell) {
  const change = (changes) => {
    hand.sending = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    hand.sending = false;
    read(state, model);
    rest();
    tell("layout");
  };
  return {
    /** H (axis 0) or W (axis 1) of the input becomes `length`. */
    setLength(axis, length) {
      change({ shape: replaced(state.shape, state.shape.length - 2 + axis, length) });
    },
    /** One of Conv2d's pairs along one axis becomes `value`. */
    setPair(name, axis, value) {
      change({ spec: { ...state.spec, [name]: replaced(state.spec[name], axis, value) } });
    },
    /** padding or padding_mode as a whole. */
    setWhole(name, value) {
      change({ spec: { ...state.spec, [name]: value } });
    },
  };
}

/** One sentence on whether Python found the same sizes and counts. */
export function agreementText({ agreement, problem }) {
  if (!agreement) return "Computed here; Python has not checked this yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} disagrees: please report this.`;
  return problem ? `✓ ${agreement.by} refuses it too`
    : `✓ ${agreement.by} computed the same output shape and the same ${agreement.counts} counts`;
}
