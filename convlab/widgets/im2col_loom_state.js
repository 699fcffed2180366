// Where a loom stands: the layer, the view, the pinned entry, the filter, how many columns are woven. Shared by all
// views of one model: each writes here from its event handlers, each draws when told.

import { createLayerState, decode } from "./layer_state.js";
import * as math from "./im2col_loom_math.js";
import { createPlayer, tenSeconds } from "./player.js";

const SAVE_MS = 150;
const MOVES = ["entry", "filter", "filled"];

const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * The state behind the model's traits, always inside the layer on the screen.
 *
 * subscribe(listener, signal): hears "layout" (another picture), "values" (numbers), "move", "playing", "checked".
 */
export function createLoom(model, signal) {
  const layer = createLayerState(model, signal);
  const listeners = new Set();
  const held = { kinds: null }; // what several traits that are set together would tell, each on its own
  const tell = (kind) => (held.kinds ? held.kinds.add(kind) : listeners.forEach((listener) => listener(kind)));
  const together = (change) => {
    held.kinds = new Set();
    change();
    const { kinds } = held;
    held.kinds = null;
    if (kinds.size) tell(kinds.has("layout") ? "layout" : "move");
  };
  const loom = {
    layer,
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  };
  const player = createPlayer({
    get at() { return loom.filled - 1; },
    get count() { return math.sizes(layer.g).L; },
    get halted() { return Boolean(layer.problem) || !listeners.size; },
    goTo: (number) => loom.goTo(number, true),
  }, tenSeconds, tell, signal);
  for (const part of [reading(model, layer, loom), numbers(layer, loom), moving(model, loom, { together, signal }), player]) {
    Object.defineProperties(loom, Object.getOwnPropertyDescriptors(part));
  }
  layer.subscribe(({ kind }) => {
    if (kind === "layout") player.stop();
    if (kind !== "checked") loom.forget();
    compare(loom, model);
    tell(["layout", "checked"].includes(kind) ? kind : "values");
  }, signal);
  for (const name of MOVES) model.on(`change:${name}`, () => tell("move"));
  for (const name of ["view", "sample"]) {
    model.on(`change:${name}`, () => {
      player.stop();
      loom.forget();
      tell("layout");
    });
  }
  model.on("change:_unfolded", () => {
    compare(loom, model);
    tell("checked");
  });
  compare(loom, model);
  return loom;
}

function reading(model, layer, loom) {
  return {
    get view() { return model.get("view"); },
    /** The pinned entry of the matrix: [row, column]. */
    get entry() {
      const { K, L } = math.sizes(layer.g), [row, column] = model.get("entry");
      return [within(row, K), within(column, L)];
    },
    get filter() { return within(model.get("filter"), layer.g.O); },
    /** The sample's index, or nothing where the input has no batch. */
    get batch() { return layer.legal.shape.length === 4 ? [loom.sample] : []; },
    get sample() { return within(model.get("sample"), layer.g.N); },
    get whole() { return typeof model.get("filled") !== "number" || model.get("filled") >= math.sizes(layer.g).L; },
    /** How many columns are woven so far. */
    get filled() { return this.whole ? math.sizes(layer.g).L : model.get("filled"); },
    get itemsize() { return model.get("_input").dtype === "float32" ? 4 : 8; },
  };
}

/** What follows from the layer's numbers, computed when it is asked for and kept until they change. */
function numbers(layer, loom) {
  let kept = {};
  const keep = (name, compute) => (kept[name] ??= compute());
  return {
    forget() { kept = {}; },
    get matrix() { return keep("matrix", () => math.matrixOf(layer.g, layer.input, loom.sample)); },
    get product() { return keep("product", () => math.multiply(layer.g, layer.weight, loom.matrix)); },
    /** The columns that are there, added back. */
    get folded() {
      const before = kept.folded?.count <= loom.filled ? kept.folded : undefined;
      return (kept.folded = math.fold(layer.g, loom.matrix, loom.filled, before));
    },
    /** All of them, added back. */
    get foldedWhole() { return keep("foldedWhole", () => math.fold(layer.g, loom.matrix, math.sizes(layer.g).L)); },
    /** The input of the sample on the screen. */
    get input() {
      const size = layer.g.C * layer.g.H * layer.g.W;
      return layer.input.subarray(loom.sample * size, (loom.sample + 1) * size);
    },
    /** The output of the sample on the screen. */
    get output() {
      const size = layer.g.O * math.sizes(layer.g).L;
      return layer.output.subarray(loom.sample * size, (loom.sample + 1) * size);
    },
  };
}

function moving(model, loom, { together, signal }) {
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    set(changes) {
      together(() => {
        for (const [name, value] of Object.entries(changes)) {
          if (JSON.stringify(model.get(name)) !== JSON.stringify(value)) model.set(name, value);
        }
      });
      clearTimeout(timer);
      timer = setTimeout(() => model.save_changes(), SAVE_MS);
    },
    pin({ row, column, filter }) {
      loom.set({ filter, entry: [row, column] });
    },
    /** Goes to a column; one that is woven, or has to be (`weave`), is the last one so far. */
    goTo(number, weave = false) {
      const { L } = math.sizes(loom.layer.g), column = within(number, L);
      const filled = weave || !loom.whole ? number + 1 : null;
      loom.set({ entry: [loom.entry[0], column], filled: filled === null || filled >= L ? null : Math.max(0, filled) });
    },
    /** One place on (1) or back (-1). */
    step(by) {
      loom.goTo((loom.whole ? loom.entry[1] : loom.filled - 1) + by);
    },
  };
}

/** Compares the columns with those that Python unfolded, when both are of the same state. */
function compare(loom, model) {
  const found = model.get("_unfolded");
  loom.agreement = null;
  if (!loom.layer.agreement || found?.rest !== model.get("_rest")) return;
  const { g, input } = loom.layer, theirs = decode(found.columns), { K, L } = math.sizes(g);
  let difference = 0;
  for (let n = 0; n * K * L < theirs.length; n++) {
    const own = math.matrixOf(g, input, n);
    for (let at = n * K * L; at < Math.min(theirs.length, (n + 1) * K * L); at++) {
      difference = Math.max(difference, Math.abs(theirs[at] - own[at - n * K * L]));
    }
  }
  loom.agreement = {
    by: found.by, count: theirs.length, all: g.N * K * L, agrees: difference === 0, difference, rounding: found.rounding,
  };
}
