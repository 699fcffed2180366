// What a bank shows: a picture, filters, what is left out, the pinned place; shared by all views of one model.
// A hand's change is computed and drawn at once; when the hand rests it goes to Python, which asks PyTorch for the same
// feature maps.

import * as conv from "./conv.js";
import { blended, contributions, featureMaps, gaborBank, mixed, mostAlike, namedBank, padded, reach } from "./filter_bank_math.js";
import { decode } from "./layer_state.js";

const REST_MS = 150;
const MOST_SHOWN = 16; // as in filter_bank_given.py
const FOLLOWED = ["source", "names", "gabor", "mix", "spec", "_own", "picture", "_own_input", "muted", "solo", "shown"];
const LIGHT = ["shared_range", "filter", "place"];
const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * picture: {name, C, H, W, values, low, high}; spec, weight, bias, O; legal: whether PyTorch runs it (problem says why
 * not); g, frame, maps (of `shown`), heard, seen (Sets), reaches, reach: of the last bank that it would run.
 *
 * subscribe(listener, signal): called with "bank", "settings", "place" or "checked" after each change.
 */
export function createBankState(model, signal) {
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const hand = { timer: 0, sending: false, touched: false, stale: false };
  const state = { model, agreement: null, problem: null, g: null, maps: null, known: model.get("_kernels") };
  read(state);
  compare(state, hand);
  followPython(state, hand, tell);
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  const parts = [moves(state, hand, tell), pinning(state), {
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  return state;
}

/** Everything that follows from the model's traits. */
function read(state) {
  readPicture(state);
  readFilters(state);
  const { model, picture: { C, H, W } } = state;
  state.shape = [1, C, H, W];
  state.problem = conv.problem(state.spec, state.shape);
  state.O = state.spec.out_channels;
  const wanted = model.get("shown").filter((o) => o < state.O);
  const shown = wanted.length ? wanted : Array.from({ length: Math.min(state.O, MOST_SHOWN) }, (_, o) => o);
  state.muted = new Set(model.get("muted"));
  state.solo = new Set(model.get("solo"));
  if (state.problem) return;
  state.shown = shown;
  state.g = conv.geometry(state.spec, state.shape);
  Object.assign(state, { input: state.picture, legal: { spec: state.spec, weight: state.weight, bias: state.bias } });
  state.heard = left(state, "input", C);
  state.seen = left(state, "filter", state.O);
  readFrame(state);
  state.maps = mapsOf(state);
  measure(state);
}

/** The padded picture, made anew only where the picture or the padding is another. */
function readFrame(state) {
  const { g, spec, picture } = state;
  const wanted = JSON.stringify([conv.pads(spec), spec.padding_mode, spec.stride]);
  if (state.framed === picture && state.frameKey === wanted) return;
  Object.assign(state, { framed: picture, frameKey: wanted, frame: padded(g, picture.values) });
}

/** The maps on the screen. Where all slices of a filter are one kernel, the channels are blended first: the same sum. */
function mapsOf({ source, kernels, weight, bias, g, frame, mix, heard, shown, maps }) {
  if (source === "own") return featureMaps(g, frame, { weight, bias }, shown, heard, maps);
  const grey = { ...g, C: 1, Cg: 1 };
  return featureMaps(grey, blended(g, frame, mix, heard), { weight: kernels, bias: null }, shown, new Set([0]), maps);
}

/** What is neither muted nor drowned by one of its kind that plays solo, by number. */
function left({ muted, solo }, kind, count) {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const alone = numbers.filter((number) => solo.has(`${kind} ${number}`));
  return new Set(alone.length ? alone : numbers.filter((number) => !muted.has(`${kind} ${number}`)));
}

function readPicture(state) {
  const name = state.model.get("picture");
  const sent = name === "own" ? state.model.get("_own_input") : state.model.get("_pictures")[name];
  if (state.sent === sent) return;
  const [C, H, W] = sent.shape, values = name === "own" ? decode(sent) : bytes(sent);
  const { least, most } = reach(values);
  const [low, high] = least >= 0 && most <= 1 ? [0, 1] : least === most ? [least, least + 1] : [least, most];
  state.sent = sent;
  state.picture = { name, C, H, W, values, low, high };
}

function bytes({ data, divisor }) {
  const view = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
  return Float64Array.from(view, (value) => Math.fround(value / divisor));
}

function readFilters(state) {
  const { model, picture: { C } } = state;
  const source = state.source = model.get("source");
  const mix = model.get("mix");
  state.mix = Array.from({ length: C }, (_, c) => mix[c] ?? 1);
  if (source === "own") {
    const own = model.get("_own");
    state.spec = own.spec;
    state.weight = decode(own.weight);
    state.bias = own.spec.bias ? decode(own.bias) : null;
    return;
  }
  const bank = source === "gabor" ? gaborBank(model.get("gabor")) : namedBank(model.get("names"), state.known);
  state.spec = { ...model.get("spec"), in_channels: C, out_channels: bank.kernels.length, kernel_size: bank.size,
    groups: 1, bias: false };
  state.kernels = mixed(bank, [1]);
  state.weight = mixed(bank, state.mix);
  state.bias = null;
}

/** How far each map reaches, and all that are seen together. */
function measure(state) {
  const { g, maps, shown, seen, weight } = state, area = g.H_out * g.W_out;
  state.reaches = shown.map((_, slot) => reach(maps, slot * area, (slot + 1) * area));
  const drawn = state.reaches.filter((_, slot) => seen.has(shown[slot]));
  const all = drawn.length ? drawn : [{ least: 0, most: 0 }];
  state.reach = { least: Math.min(...all.map(({ least }) => least)), most: Math.max(...all.map(({ most }) => most)) };
  const { least, most } = reach(weight);
  state.weightRange = Math.max(-least, most) || 1;
  state.alike = mostAlike(weight, g.Cg * g.kH * g.kW, shown.filter((o) => seen.has(o)));
}

/** Compares what Python computed with what is on the screen, when both are of the same state. */
function compare(state, hand) {
  const { model } = state, found = model.get("_computed");
  state.agreement = null;
  if (hand.touched || hand.stale || found?.rest !== model.get("_rest")) return;
  if (found.refused || state.problem) {
    state.agreement = { agrees: Boolean(found.refused) === Boolean(state.problem), by: found.by ?? "Python", refused: true };
    return;
  }
  const theirs = decode(found.output), { maps } = state;
  let difference = theirs.length === maps.length ? 0 : Infinity;
  for (let at = 0; at < theirs.length; at++) difference = Math.max(difference, Math.abs(theirs[at] - maps[at]));
  state.agreement = { by: found.by, count: theirs.length, difference, agrees: difference <= found.tolerance };
}

function followPython(state, hand, tell) {
  const { model } = state, news = new Set();
  // What Python sets together comes together, in any order: it is one new picture, with its verdict or without.
  const flush = () => {
    const another = news.has("bank");
    hand.stale = news.has("verdict") ? false : hand.stale || another;
    news.clear();
    if (another) read(state);
    compare(state, hand);
    tell(another ? "bank" : "checked");
  };
  const heard = (what) => {
    if (!news.size) queueMicrotask(flush);
    news.add(what);
  };
  for (const name of FOLLOWED) {
    model.on(`change:${name}`, () => {
      if (hand.sending) hand.stale = true;
      else heard("bank");
    });
  }
  for (const name of LIGHT) {
    model.on(`change:${name}`, () => hand.sending || news.has("bank") || tell(name === "shared_range" ? "settings" : "place"));
  }
  model.on("change:_computed", () => heard("verdict"));
}

/** What a hand may change. */
function moves(state, hand, tell) {
  const { model } = state;
  const rest = () => {
    clearTimeout(hand.timer);
    hand.timer = setTimeout(() => {
      hand.sending = true;
      if (hand.touched) model.set("_rest", model.get("_rest") + 1);
      hand.touched = hand.sending = false;
      model.save_changes();
    }, REST_MS);
  };
  const change = (changes, kind = "bank") => {
    hand.sending = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    hand.sending = false;
    if (kind === "bank") {
      hand.touched = true;
      read(state);
      state.agreement = null;
    }
    rest();
    tell(kind);
  };
  const without = (kind, names) => model.get(names).filter((name) => !name.startsWith(kind));
  const fresh = (kind) => ({ muted: without(kind, "muted"), solo: without(kind, "solo") });
  return {
    setSource: (source) => change({ source, shown: [], filter: 0, ...fresh("filter") }),
    setPicture: (picture) => change({ picture, place: [], ...fresh("input") }),
    setGabor: (changes) => change({ gabor: { ...model.get("gabor"), ...changes } }),
    setMix: (c, value) => change({ mix: state.mix.map((old, at) => (at === c ? value : old)) }),
    setShared: (shared) => change({ shared_range: shared }, "settings"),
    setShown: (shown) => change({ shown }),
    /** Adds a named filter to the bank or takes it away; the last one stays. */
    toggleName(name) {
      const names = model.get("names"), known = state.known.map((kernel) => kernel.name);
      const now = names.includes(name) ? names.filter((other) => other !== name)
        : known.filter((other) => other === name || names.includes(other));
      if (now.length) change({ names: now, filter: within(model.get("filter"), now.length), ...fresh("filter") });
    },
    /** Leaves a channel or filter ("input 0", "filter 2") out, or takes it in again. */
    toggleMute(id) {
      const muted = model.get("muted");
      change({ muted: muted.includes(id) ? muted.filter((other) => other !== id) : [...muted, id] });
    },
    /** Leaves out all others of its kind, or takes them in again. */
    toggleSolo(id) {
      const [kind] = id.split(" "), others = without(kind, "solo");
      change({ solo: model.get("solo").includes(id) ? others : [...others, id] });
    },
    /** Takes all in again. */
    hearAll: () => change({ muted: [], solo: [] }),
    pin({ o = state.filter, place = state.place }) {
      const to = place.map((at, axis) => within(at, axis ? state.g.W_out : state.g.H_out));
      const now = state.place;
      if (o === state.filter && to[0] === now[0] && to[1] === now[1] && model.get("place").length) return tell("place");
      return change({ filter: o, place: to }, "place");
    },
  };
}

function pinning(state) {
  const { model } = state;
  return {
    /** The pinned filter, always one on the screen. */
    get filter() {
      const chosen = model.get("filter");
      return state.shown.includes(chosen) ? chosen : state.shown[0];
    },
    /** The pinned (row, column), always inside the output. */
    get place() {
      const { H_out, W_out } = state.g, chosen = model.get("place");
      const [i, j] = chosen.length === 2 ? chosen : [Math.floor(0.3 * H_out), Math.floor(0.4 * W_out)];
      return [within(i, H_out), within(j, W_out)];
    },
    get shared() { return model.get("shared_range"); },
    /** The number that the strongest colour of a map stands for. */
    rangeOf(slot) {
      const { least, most } = state.shared ? state.reach : state.reaches[slot];
      return Math.max(-least, most) || 1;
    },
    /** What each channel adds at a place of a filter's map. */
    parts(o, place) {
      const { weight, bias } = state.legal;
      return contributions(state.g, state.frame, weight, bias, { o, place, heard: state.heard });
    },
  };
}
