// What an anatomy shows: a setting, an input's shape, their numbers, and the lit weight; shared by all views of one
// model. A hand's change is drawn at once; when the hand rests it goes to Python, which makes the same layer again.

import * as conv from "./conv.js";
import { createNumbers } from "./layer_anatomy_numbers.js";
import { decode } from "./layer_state.js";
import { layerText, counts } from "./layer_anatomy_words.js";
import { createPlayer, tenSeconds } from "./player.js";

const REST_MS = 150;
/** Products of one feature map; a larger one is drawn without numbers. */
const MOST_PRODUCTS = 1e6;
const NAMES = [
  "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode",
];
const key = (spec, shape) => JSON.stringify([NAMES.map((name) => spec[name]), shape]);
const within = (value, count) => Math.min(Math.max(0, value), Math.max(0, count - 1));

/**
 * spec and shape are what is set, legal or not; problem says why PyTorch refuses it; legal ({spec, shape}), g and the
 * numbers are of the last layer that runs, null while there never was one. agreement: what Python found.
 * depth: how much of the weight is said: 1 for weight[o], 2 for weight[o, c], 4 for one number.
 *
 * subscribe(listener, signal): called with "layout", "weight", "bias", "index", "place", "depth", "checked" or
 * "playing" after each change.
 */
export function createAnatomyState(model, signal) {
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const hand = { timer: 0, sending: false, pending: false };
  const state = { problem: null, legal: null, g: null, numbers: null, agreement: null, depth: 4 };
  read(state, model);
  followPython(state, model, hand, tell);
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  const rest = () => sendLater(state, model, hand);
  const walk = {
    get at() { return state.number; },
    get count() { return state.g.H_out * state.g.W_out; },
    get halted() { return !listeners.size || Boolean(state.problem); },
    goTo: (place) => state.goTo(place),
  };
  const parts = [numbersOf(state), positions(state, model, rest, tell), edits(state, model, hand, rest, tell),
    createPlayer(walk, tenSeconds, tell, signal), {
      subscribe(listener, until) {
        listeners.add(listener);
        until.addEventListener("abort", () => listeners.delete(listener));
      },
    }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  compare(state, model, hand);
  return state;
}

function read(state, model) {
  state.spec = model.get("spec");
  state.shape = model.get("shape");
  state.dense = model.get("dense");
  state.problem = conv.problem(state.spec, state.shape);
  if (state.problem) return;
  state.legal = { spec: state.spec, shape: state.shape };
  state.g = conv.geometry(state.spec, state.shape);
  state.known ??= {};
  if (state.known.from !== model.get("_given")) {
    const arrays = Object.entries(model.get("_given") ?? {});
    state.known = { from: model.get("_given"), single: !arrays.some(([, { dtype }]) => dtype === "float64"),
      given: Object.fromEntries(arrays.map(([name, pack]) => [name, { shape: pack.shape, values: decode(pack) }])) };
  }
  const { Cg, kH, kW } = state.g;
  const { given, single } = state.known;
  state.numbers = createNumbers({
    given, single, edits: model.get("_edits") ?? {}, rank: state.shape.length, fanIn: Cg * kH * kW,
  });
  state.cache = { channel: new Map(), filter: new Map(), map: new Map() };
}

/** The numbers of the last layer that runs, each array made when it is first asked for. */
function numbersOf(state) {
  const kept = (kind, at, make) => {
    const { cache } = state;
    if (!cache[kind].has(at)) cache[kind].set(at, make());
    return cache[kind].get(at);
  };
  return {
    weightAt: (index) => state.numbers.one("weight", index),
    biasAt: (o) => (state.legal.spec.bias ? state.numbers.one("bias", [o]) : 0),
    inputAt: (c, i, j) => state.numbers.one("input", [0, c, i, j]),
    /** Channel c of the first sample, flat. */
    channel: (c) => kept("channel", c, () => state.numbers.plane("input", [0, c], state.g.H, state.g.W)),
    /** weight[o], flat (C_in / groups, kH, kW). */
    filter: (o) => kept("filter", o, () => {
      const { Cg, kH, kW } = state.g, found = new Float64Array(Cg * kH * kW);
      for (let c = 0; c < Cg; c++) found.set(state.numbers.plane("weight", [o, c], kH, kW), c * kH * kW);
      return found;
    }),
    /** output[0, o], flat; null where it would take too long. */
    map: (o) => kept("map", o, () => {
      const { g } = state;
      if (g.H_out * g.W_out * g.Cg * g.kH * g.kW > MOST_PRODUCTS) return null;
      const first = Math.floor(o / g.Og) * g.Cg, input = new Float64Array(g.Cg * g.H * g.W);
      for (let c = 0; c < g.Cg; c++) input.set(state.channel(first + c), c * g.H * g.W);
      const one = { ...g, N: 1, C: g.Cg, O: 1, Og: 1 };
      return conv.forward(one, input, state.filter(o), state.legal.spec.bias ? [state.biasAt(o)] : null);
    }),
  };
}

/** Compares what Python found with what is on the screen, when both are of the same state. */
function compare(state, model, hand) {
  const found = model.get("_computed");
  state.agreement = null;
  if (hand.pending || !found?.spec || found.rest !== model.get("_rest")) return;
  if (key(found.spec, found.shape) !== key(state.spec, state.shape)) return;
  if (state.problem || !found.output_shape) {
    state.agreement = { by: found.by, agrees: Boolean(state.problem) === !found.output_shape, numbers: 0 };
    return;
  }
  const { g } = state, count = counts(g, state.spec);
  const ours = [[...state.shape.slice(0, -3), g.O, g.H_out, g.W_out], [g.O, g.Cg, g.kH, g.kW], count.parameters,
    count.dense, found.repr && layerText(state.spec)];
  const theirs = [found.output_shape, found.weight_shape, found.parameters, found.dense, found.repr];
  const { numbers, agrees } = found.output ? compareOutput(state, found.output) : { numbers: 0, agrees: true };
  state.agreement = { by: found.by, agrees: agrees && JSON.stringify(ours) === JSON.stringify(theirs), numbers };
}

/** The feature maps of the first sample beside Python's. */
function compareOutput(state, pack) {
  const { g } = state, theirs = decode(pack), area = g.H_out * g.W_out;
  const largest = theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const tolerance = largest * (pack.dtype === "float32" ? 1e-4 : 1e-9);
  let agrees = theirs.length === g.N * g.O * area;
  for (let o = 0; agrees && o < g.O; o++) {
    const map = state.map(o);
    agrees = map.every((value, at) => Math.abs(value - theirs[o * area + at]) <= tolerance);
  }
  return { agrees, numbers: g.O * area };
}

function followPython(state, model, hand, tell) {
  let queued = false;
  const changed = () => {
    if (hand.sending || queued) return;
    queued = true; // several traits set together by Python are one new picture
    queueMicrotask(() => {
      queued = false;
      read(state, model);
      compare(state, model, hand);
      tell("layout");
    });
  };
  for (const name of ["spec", "shape", "dense", "_given", "_edits"]) model.on(`change:${name}`, changed);
  for (const name of ["index", "place"]) model.on(`change:${name}`, () => queued || hand.sending || tell(name));
  model.on("change:_computed", () => {
    if (queued) return;
    compare(state, model, hand);
    tell("checked");
  });
}

/** Sends what the hand changed when it has changed nothing for a moment. */
function sendLater(state, model, hand) {
  clearTimeout(hand.timer);
  hand.timer = setTimeout(() => {
    hand.sending = true;
    if (state.g && !state.problem) {
      model.set("index", state.index);
      model.set("place", state.place);
    }
    if (hand.pending) model.set("_rest", model.get("_rest") + 1);
    hand.sending = hand.pending = false;
    model.save_changes();
  }, REST_MS);
}

function positions(state, model, rest, tell) {
  const limits = ({ O, Cg, kH, kW, H_out, W_out }) => ({ index: [O, Cg, kH, kW], place: [H_out, W_out] });
  const inside = (name, value) => {
    const most = limits(state.g)[name];
    return value.map((at, axis) => within(at, most[axis]));
  };
  const move = (name, value) => {
    const to = inside(name, value);
    if (String(to) === String(model.get(name))) return;
    model.set(name, to);
    rest();
  };
  return {
    /** (o, c, u, v) of the pinned weight and (row, column) of the pinned place, inside the last layer that runs. */
    get index() { return inside("index", model.get("index")); },
    get place() { return inside("place", model.get("place")); },
    get most() { return limits(state.g); },
    pinIndex: (index) => move("index", index),
    pinPlace: (place) => move("place", place),
    /** Goes to a place by its number in reading order. */
    goTo(number) {
      const { H_out, W_out } = state.g, to = within(number, H_out * W_out);
      move("place", [Math.floor(to / W_out), to % W_out]);
    },
    get number() { return state.place[0] * state.g.W_out + state.place[1]; },
    say(depth) {
      if (depth === state.depth) return;
      state.depth = depth;
      tell("depth");
    },
  };
}

function edits(state, model, hand, rest, tell) {
  const changed = (set, kind) => {
    hand.sending = true;
    set();
    hand.sending = false;
    hand.pending = true;
    state.agreement = null;
    rest();
    tell(kind);
  };
  const number = (name, index, value) => {
    const all = model.get("_edits") ?? {};
    changed(() => {
      model.set("_edits", { ...all, [name]: { ...all[name], [index.join(",")]: value } });
      const { cache } = state, o = index[0];
      state.edited = index;
      const { filter } = cache;
      read(state, model);
      filter.delete(o);
      Object.assign(state.cache, { filter, channel: cache.channel });
      for (const [at, map] of cache.map) if (at !== o) state.cache.map.set(at, map);
    }, name);
  };
  return {
    /** Some of Conv2d's arguments, or the input's shape, become others. */
    change(spec, shape = state.shape) {
      changed(() => {
        model.set("spec", { ...state.spec, ...spec });
        model.set("shape", shape);
        read(state, model);
      }, "layout");
    },
    setWeight: (index, value) => number("weight", index, value),
    setBias: (o, value) => number("bias", [o], value),
  };
}

/** One sentence on whether Python made the same layer. */
export function agreementText({ agreement, problem }) {
  if (!agreement) return "Computed here; Python has not checked this yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} disagrees: please report this.`;
  if (problem) return `✓ ${agreement.by} refuses it too`;
  const numbers = agreement.numbers ? ` and the same ${agreement.numbers.toLocaleString("en")} output numbers` : "";
  return `✓ ${agreement.by} computed the same shapes and counts${numbers}`;
}
