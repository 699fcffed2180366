// What GroupsWiring shows: a setting, legal or not, and what follows from it; shared by all views of one model. A
// hand's change is drawn at once; when the hand rests it goes to Python, which finds counts and dark outputs again. Times are
// answers of Python, never part of the model: a saved page holds none.

import { CHAIN, chain, counts, fates, refused, where } from "./groups_wiring_math.js";

const REST_MS = 150, PATIENCE_MS = 4000;
const TRAITS = [...CHAIN, "muted"];
const within = (value, count) => Math.min(Math.max(0, value), count - 1);
const key = (setting, muted) => JSON.stringify([CHAIN.map((name) => setting[name]), muted]);

/**
 * setting is what is set; refusal ({problem, spec, shape}) says why PyTorch refuses it; chain, counts and fates are of
 * the last setting that runs, null while there never was one. clock is the last that Python said of a measurement.
 *
 * subscribe(listener, signal): called with "layout", "muted", "place", "checked" or "time" after each change.
 */
export function createWiringState(model, signal) {
  const listeners = new Set(), hand = { rest: 0, patience: 0, sending: false };
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const state = { refusal: null, chain: null, counts: null, fates: null, agreement: null, views: 0,
    clock: { phase: "ready" }, unheard: "", late: false };
  read(state, model);
  followPython(state, model, hand, tell);
  signal.addEventListener("abort", () => {
    for (const name of ["rest", "patience"]) clearTimeout(hand[name]);
  });
  const rest = () => {
    clearTimeout(hand.rest);
    hand.rest = setTimeout(() => model.save_changes(), REST_MS);
  };
  const parts = [edits(state, model, hand, rest, tell), asking(state, model, hand, tell), {
    /** The pinned channel [column, channel] or kernel [layer, o, c], always one that is there. */
    get pinned() { return inside(state.chain, model.get("pinned")); },
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  return state;
}

/** The nearest spot that a chain has. */
export function inside({ columns, specs }, spot) {
  if (spot.length === 3) {
    const layer = within(spot[0], specs.length), { out_channels: O, in_channels: C } = specs[layer];
    return [layer, within(spot[1], O), within(spot[2], C)];
  }
  const column = within(spot[0] ?? 0, columns.length);
  return [column, within(spot[1] ?? 0, columns[column].count)];
}

function read(state, model) {
  state.setting = Object.fromEntries(CHAIN.map((name) => [name, model.get(name)]));
  state.refusal = refused(state.setting);
  if (!state.refusal) {
    state.chain = chain(state.setting);
    state.counts = counts(state.chain);
  }
  mute(state, model);
}

function mute(state, model) {
  if (state.chain) {
    state.muted = model.get("muted").filter((channel) => channel < state.chain.columns[0].count);
    state.fates = fates(state.chain, state.muted);
  }
  compare(state, model);
}

/** Compares what Python found with what is on the screen, when both are of the same setting. */
function compare(state, model) {
  const told = model.get("_computed");
  state.agreement = null;
  if (!told?.setting || key(told.setting, told.muted) !== key(state.setting, model.get("muted"))) return;
  const agrees = state.refusal ? !told.output_shape : JSON.stringify(found(state)) === JSON.stringify([
    told.output_shape,
    told.weight_shape, told.parameters, told.macs, told.dense_parameters, told.dense_macs, told.dark, told.changed]);
  state.agreement = { by: told.by, agrees };
}

const found = ({ counts: { rows, all, dense, output }, fates: all_fates }) => [output, rows[0].weight, all.parameters,
  all.macs, dense.parameters, dense.macs, where(all_fates.at(-1), 2), where(all_fates.at(-1), 1)];

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
  for (const name of TRAITS) model.on(`change:${name}`, changed);
  model.on("change:pinned", () => queued || hand.sending || tell("place"));
  model.on("change:_computed", () => {
    if (queued) return;
    compare(state, model);
    tell("checked");
  });
}

function edits(state, model, hand, rest, tell) {
  const change = (changes, kind) => {
    hand.sending = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    hand.sending = false;
    if (kind === "layout") read(state, model);
    if (kind === "muted") mute(state, model);
    rest();
    tell(kind);
  };
  return {
    /** Some of the settings become these; a muted channel that is there no more is muted no more. */
    set(changes) {
      const channels = changes.in_channels ?? state.setting.in_channels;
      const muted = model.get("muted").filter((channel) => channel < channels);
      change({ ...changes, ...(muted.length < model.get("muted").length && { muted }) }, "layout");
    },
    /** Mutes a channel of the input, or lets it be heard again. */
    toggle(channel) {
      const others = state.muted.filter((one) => one !== channel);
      const muted = others.length < state.muted.length ? others : [...others, channel].sort((a, b) => a - b);
      change({ muted }, "muted");
    },
    unmute: () => change({ muted: [] }, "muted"),
    pin(spot) {
      const to = inside(state.chain, spot);
      if (String(to) !== String(model.get("pinned"))) change({ pinned: to }, "place");
    },
  };
}

/** What Python is asked to do, and what it says. */
function asking(state, model, hand, tell) {
  const send = (what) => {
    try {
      model.send({ do: what });
    } catch {
      // a page without a kernel has nobody to send to, and says so after a while
    }
  };
  model.on("msg:custom", (message) => {
    clearTimeout(hand.patience);
    Object.assign(state, { clock: message, unheard: "", late: false });
    tell("time");
  });
  return {
    send,
    /** Asks Python to measure, or to stop. */
    ask(what) {
      Object.assign(state, { unheard: what, late: false });
      clearTimeout(hand.patience);
      hand.patience = setTimeout(() => {
        state.late = true;
        tell("time");
      }, PATIENCE_MS);
      send(what);
      tell("time");
    },
    /** The last times, where they are of the setting on the screen. */
    get times() {
      const { clock, setting, refusal } = state;
      const fit = clock.phase === "done" && !refusal && key(clock.setting, 0) === key(setting, 0);
      return fit ? clock : null;
    },
  };
}

/** One sentence on whether Python found the same. */
export function agreementText({ agreement, refusal }) {
  if (!agreement) return "Computed here; Python has not checked this yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} disagrees: please report this.`;
  return refusal ? `✓ ${agreement.by} refuses it too`
    : `✓ ${agreement.by} computed the same: shapes, parameters, multiply-adds, and the same dark outputs`;
}
