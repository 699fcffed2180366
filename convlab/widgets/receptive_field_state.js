// What a receptive field shows: a stack, an input's size, a unit and a direction, and what follows from them; shared
// by all views of one model. A hand's change is drawn at once; when the hand rests it goes to Python,
// which asks autograd.

import { follow, inside, middle, summary, trace } from "./receptive_field_math.js";
import { createPlayer, tenSeconds } from "./player.js";

const REST_MS = 150;
const TRAITS = ["layers", "size", "unit", "direction"];
const key = (...parts) => JSON.stringify(parts);
const plain = (layers) => layers.map((one) =>
  [one.kind, one.kernel_size, one.stride, one.padding, one.dilation]);

/**
 * layers and size are what is set, legal or not; problem says where and why PyTorch refuses it; stack (of follow) is of
 * the last setting that runs, null while there never was one. unit: [level, row, column], inside the stack.
 * agreement: what Python found of all this.
 *
 * subscribe(listener, signal): called with "layout", "unit", "checked" or "playing" after each change.
 */
export function createFieldState(model, signal) {
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const hand = { timer: 0, sending: false };
  const state = { problem: null, stack: null, agreement: null };
  read(state, model);
  followPython(state, model, hand, tell);
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  const rest = () => {
    clearTimeout(hand.timer);
    hand.timer = setTimeout(() => model.save_changes(), REST_MS);
  };
  const set = (changes) => {
    hand.sending = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    hand.sending = false;
    rest();
  };
  const walk = {
    get at() { return state.number; },
    get count() { return state.count; },
    get halted() { return !listeners.size || Boolean(state.problem); },
    goTo: (place) => state.goTo(place),
  };
  const parts = [units(state, set, tell), edits(state, model, set, tell), createPlayer(walk, tenSeconds, tell, signal), {
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
  state.layers = model.get("layers");
  state.size = model.get("size");
  state.forward = model.get("direction") === "forward";
  const found = follow(state.layers, state.size);
  state.problem = found.problem;
  if (!found.problem) state.stack = found;
  if (state.stack) state.unit = inside(state.stack, model.get("unit"));
  compare(state, model);
}

/** Compares what Python found with what is on the screen, when both are of the same stack and unit. */
export function compare(state, model) {
  const found = model.get("_computed");
  state.agreement = state.support = null;
  const { layers, size, unit, stack, forward, problem } = state;
  if (!found?.layers || key(plain(found.layers), found.size) !== key(plain(layers), size)) return;
  if (problem) state.agreement = { by: found.by, agrees: !found.runs };
  if (problem || key(found.unit, found.direction) !== key(unit, forward ? "forward" : "backward")) return;
  const { levels } = stack, of = (name) => levels.map((level) => level[name]);
  const same = key(of("lengths"), of("sizes").slice(1), of("jumps").slice(1)) ===
    key(found.lengths, found.sizes, found.jumps);
  if (!found.found) {
    state.agreement = { by: found.by, agrees: same };
    return;
  }
  const traces = [0, 1].map((axis) => trace(stack, axis, { level: unit[0], index: unit[axis + 1] }, forward));
  const { ways } = found.found;
  const pixels = ways.numbers.reduce((sum, row) => sum + row.filter(Boolean).length, 0);
  state.support = ways;
  state.agreement = { by: found.by, pixels, agrees: same && sameLines(found.found.lines, traces) &&
    sameWays(ways, summary(stack, traces, forward)) };
}

const sorted = (ways) => [...ways.keys()].sort((one, other) => one - other);

/** Whether Python's units of every level are ours; a level without any has none along either axis. */
function sameLines(lines, traces) {
  return traces[0].every((_, level) => {
    const ours = traces.map((one) => one[level]), theirs = lines[level];
    if (!ours[0] || !theirs) return !ours[0] && !theirs;
    const empty = ours.some(({ ways }) => !ways.size);
    return key(empty ? [[], []] : ours.map(({ ways }) => sorted(ways))) === key(theirs);
  });
}

/** Whether autograd's numbers are rows times columns of ours. */
function sameWays({ top, left, numbers }, { ends: [rows, columns] }) {
  return numbers.every((line, i) => line.every((value, j) => {
    const ours = (rows.ways.get(top + i) ?? 0) * (columns.ways.get(left + j) ?? 0);
    return Math.abs(ours - value) <= 1e-9 * Math.abs(ours); // beyond 2 ** 53 no float64 holds every whole number
  }));
}

function followPython(state, model, hand, tell) {
  let queued = false;
  const changed = () => {
    if (hand.sending || queued) return;
    queued = true; // several traits set together by Python are one new picture
    queueMicrotask(() => {
      queued = false;
      const before = key(state.layers, state.size);
      read(state, model);
      tell(before === key(state.layers, state.size) ? "unit" : "layout");
    });
  };
  for (const name of TRAITS) model.on(`change:${name}`, changed);
  model.on("change:_computed", () => {
    if (queued) return;
    compare(state, model);
    tell("checked");
  });
}

function units(state, set, tell) {
  const lengths = () => state.stack.levels[state.unit[0]].lengths;
  return {
    get count() { return lengths()[0] * lengths()[1]; },
    /** The unit's place in reading order. */
    get number() { return state.unit[1] * lengths()[1] + state.unit[2]; },
    pin(unit) {
      const to = inside(state.stack, unit);
      if (key(to) === key(state.unit)) return;
      state.unit = to;
      state.agreement = state.support = null;
      set({ unit: to });
      tell("unit");
    },
    /** Goes to a unit of the same level by its number in reading order. */
    goTo(number) {
      const to = Math.min(Math.max(0, number), state.count - 1), across = lengths()[1];
      state.pin([state.unit[0], Math.floor(to / across), to % across]);
    },
    setDirection(direction) {
      const forward = direction === "forward";
      if (forward === state.forward) return;
      const [level] = state.unit, top = state.stack.levels.length - 1;
      state.forward = forward;
      // what reads nothing but itself, or feeds nothing but itself, would show nothing
      const turn = top > 0 && level === (forward ? top : 0);
      if (turn) state.unit = middle(state.stack, forward);
      state.agreement = state.support = null;
      set({ direction, unit: state.unit });
      tell("unit");
    },
  };
}

const replaced = (list, at, value) => list.map((old, place) => (place === at ? value : old));

function edits(state, model, set, tell) {
  /** A unit in the middle stays in the middle, one on the output on the output; another keeps its place. */
  const moved = (layers, size) => {
    const found = follow(layers, size), { stack, unit, forward } = state;
    if (found.problem || !stack) return model.get("unit");
    if (key(unit) === key(middle(stack, forward))) return middle(found, forward);
    const [level, ...place] = unit, top = stack.levels.length - 1;
    return inside(found, [level === top ? found.levels.length - 1 : level, ...place]);
  };
  const change = (layers, size = state.size) => {
    set({ layers, size, unit: moved(layers, size) });
    read(state, model);
    tell("layout");
  };
  return {
    /** H (axis 0) or W (axis 1) of the input becomes `length`. */
    setLength(axis, length) { change(state.layers, replaced(state.size, axis, length)); },
    /** One of a layer's pairs along one axis becomes `value`. */
    setPair(at, name, axis, value) {
      const layer = state.layers[at];
      change(replaced(state.layers, at, { ...layer, [name]: replaced(layer[name], axis, value) }));
    },
    setLayer(at, layer) { change(replaced(state.layers, at, layer)); },
    setLayers(layers) { change(structuredClone(layers)); },
    remove(at) { change(state.layers.filter((_, place) => place !== at)); },
    /** Swaps a layer with its neighbour. */
    move(at, by) {
      const layers = [...state.layers];
      [layers[at], layers[at + by]] = [layers[at + by], layers[at]];
      change(layers);
    },
  };
}
