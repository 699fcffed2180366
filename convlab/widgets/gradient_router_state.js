// Where a router stands: the layer, the upstream gradient, the view, the pinned cell, how much of the sum is added.
// Shared by all views of one model: each writes here from its event handlers, each draws when told.

import * as conv from "./conv.js";
import { createLayerState, decode, encode } from "./layer_state.js";
import * as math from "./gradient_router_math.js";
import { createPlayer, tenSeconds } from "./player.js";

const SAVE_MS = 150;
/** What brings a whole new picture, and what only moves on it. */
const LAYOUTS = ["view", "how", "filter", "sample"], MOVES = ["cell", "terms", "nudge"];

const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * The state behind the model's traits, always inside the layer on the screen.
 *
 * subscribe(listener, signal): hears "layout" (another picture), "values" (numbers), "cell", "terms", "nudge",
 * "playing", "checked" (Python's word).
 */
export function createRouter(model, signal) {
  const layer = createLayerState(model, signal);
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const router = {
    layer,
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  };
  const player = createPlayer({
    get at() { return router.terms - 1; },
    get count() { return router.account(router.cell).terms.length; },
    get halted() { return Boolean(layer.problem) || !listeners.size; },
    goTo: (number) => router.set({ terms: number + 1 }),
  }, tenSeconds, tell, signal);
  for (const part of [reading(model, layer, router), sums(layer, router), moving(model, router, signal), player]) {
    Object.defineProperties(router, Object.getOwnPropertyDescriptors(part));
  }
  const upstream = followUpstream(router, model, tell, signal);
  router.setUpstream = upstream.set;
  layer.subscribe(({ kind }) => {
    if (kind === "checked") upstream.compare();
    else upstream.read();
    if (kind === "layout") player.stop();
    tell(["layout", "checked"].includes(kind) ? kind : "values");
  }, signal);
  for (const name of [...LAYOUTS, ...MOVES]) {
    model.on(`change:${name}`, () => {
      if (LAYOUTS.includes(name)) player.stop();
      tell(LAYOUTS.includes(name) ? "layout" : name);
    });
  }
  return router;
}

function reading(model, layer, router) {
  return {
    get view() { return model.get("view") === "bias" && !layer.legal?.spec.bias ? "input" : model.get("view"); },
    /** Whether there are two ways to say how the sum comes together. */
    get twoWays() { return ["input", "weight"].includes(this.view); },
    get gathers() { return this.twoWays && model.get("how") === "gather"; },
    get how() { return model.get("how"); },
    get cell() { return math.cellWithin(layer.g, this.view, model.get("cell")); },
    get nudge() { return model.get("nudge"); },
    /** The first filter shown of those that the pixel feeds. */
    get filter() {
      if (["weight", "bias"].includes(this.view)) return this.cell[0];
      const { g } = layer, first = Math.floor(this.cell[1] / g.Cg) * g.Og;
      return Math.min(Math.max(first, model.get("filter")), first + g.Og - 1);
    },
    get sample() { return ["weight", "bias"].includes(this.view) ? within(model.get("sample"), layer.g.N) : 0; },
    get whole() { return model.get("terms") === null || model.get("terms") === undefined; },
    /** How many products are added so far. */
    get terms() {
      const count = router.account(this.cell).terms.length;
      return this.whole ? count : Math.min(count, model.get("terms"));
    },
  };
}

/** What follows from the numbers, computed when it is asked for and kept until they change. */
function sums(layer, router) {
  let gradients = null, account = null, key = "";
  return {
    forget() {
      gradients = account = null;
    },
    get numbers() {
      const { input, weight, bias } = layer;
      return { input, weight, bias, upstream: router.upstream };
    },
    get gradients() {
      return gradients ??= conv.gradients(layer.g, router.upstream, layer.input, layer.weight);
    },
    get loss() { return math.lossOf(router.upstream, layer.output); },
    /** All products of a cell of the view's tensor. */
    account(cell) {
      const asked = [router.view, router.gathers, ...cell].join();
      if (!account || key !== asked) {
        const how = router.gathers ? "gather" : "scatter";
        [account, key] = [math.account(layer.g, router.view, how, cell, router.numbers), asked];
      }
      return account;
    },
  };
}

function moving(model, router, signal) {
  let timer = 0;
  const seen = {}; // the cell last pinned in each tensor, to come back to
  signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    set(changes) {
      for (const [name, value] of Object.entries(changes)) model.set(name, value);
      clearTimeout(timer);
      timer = setTimeout(() => model.save_changes(), SAVE_MS);
    },
    /** Another view: the cell is the one that was pinned in its tensor before. */
    look(view) {
      const tensor = (name) => (name === "forward" ? "input" : name);
      seen[tensor(router.view)] = router.cell;
      const cell = math.cellWithin(router.layer.g, view, seen[tensor(view)]);
      router.set({ terms: null, cell, view });
    },
    /** Another cell: all of its sum is shown. */
    pin(cell) {
      if (String(cell) !== String(router.cell)) router.set({ terms: null, cell });
    },
    /** Adds one product more (1) or one less (-1). */
    step(by) {
      router.set({ terms: Math.max(0, Math.min(router.account(router.cell).terms.length, router.terms + by)) });
    },
  };
}

/** The upstream gradient: read, edited, sent when the hand rests, and the gradients compared with Python's. */
function followUpstream(router, model, tell, signal) {
  const { layer } = router;
  let timer = 0, sending = false, touched = false, stale = false;
  const shape = () => [...layer.legal.shape.slice(0, -3), layer.g.O, layer.g.H_out, layer.g.W_out];
  function read() {
    router.forget();
    stale = false;
    if (!layer.g) return;
    const pack = model.get("_upstream");
    const fits = String(pack?.shape) === String(shape());
    if (!fits) router.upstream = math.usualUpstream(layer.g);
    else if (!touched) router.upstream = decode(pack);
    compare();
  }
  function compare() {
    const found = model.get("_backward");
    router.agreement = null;
    if (touched || !layer.agreement || found?.rest !== model.get("_rest")) return;
    const names = ["input", "weight", ...(layer.bias ? ["bias"] : [])];
    let difference = Math.abs(found.loss - router.loss), count = 0;
    for (const name of names) {
      decode(found[name]).forEach((value, at) => {
        difference = Math.max(difference, Math.abs(value - router.gradients[name][at]));
      });
      count += router.gradients[name].length;
    }
    router.agreement = { by: found.by, count, difference, agrees: difference <= found.tolerance };
  }
  function send() {
    sending = true;
    const pack = model.get("_upstream");
    model.set("_upstream", encode(router.upstream, { shape: shape(), dtype: pack?.dtype ?? "float32" }));
    model.set("_rest", model.get("_rest") + 1);
    [sending, touched] = [false, false];
    model.save_changes();
    tell("checked");
  }
  const changed = () => {
    if (sending || stale) return;
    stale = true;
    queueMicrotask(() => queueMicrotask(() => { // after the layer, which may come in the same message, before or behind it
      if (!stale) return; // it came with another layer, and has been drawn with it
      read();
      tell("values");
    }));
  };
  model.on("change:_upstream", changed);
  model.on("change:_backward", () => {
    compare();
    tell("checked");
  });
  signal.addEventListener("abort", () => clearTimeout(timer));
  read();
  return {
    read, compare,
    /** grad_output at this flat index becomes value. */
    set(at, value) {
      router.upstream[at] = value;
      router.forget();
      [touched, router.agreement] = [true, null];
      clearTimeout(timer);
      timer = setTimeout(send, SAVE_MS);
      tell("values");
    },
  };
}
