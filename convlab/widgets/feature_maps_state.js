// What FeatureMaps shows: Python's last picture of the network, and what the hand has chosen since; shared by all views of
// one model. The network itself runs in Python alone: until its answer is there, what is drawn is of the choice before.

const PATIENCE_MS = 4000;
const NEWS = ["_frame", "_progress", "_measured", "_facts", "layer", "picture", "shown_step", "first", "filter", "place", "change",
  "pace"];
const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/** The numbers of a packed array: {shape, values}. */
export function unpack(packed) {
  const { shape, dtype, data } = packed;
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  return { shape, values: dtype === "float64" ? new Float64Array(bytes) : new Float32Array(bytes) };
}

/** What the page was sent, unpacked once. */
function read(frame) {
  const layers = Object.fromEntries(Object.entries(frame.layers).map(([name, { first, weight, start, moved, output }]) =>
    [name, { first, weight: unpack(weight), start: unpack(start), moved: unpack(moved).values, output: output && unpack(output) }]));
  return { ...frame, layers, input: unpack(frame.input), logits: unpack(frame.logits).values, shares: unpack(frame.shares).values };
}

const RANK = { place: 0, asked: 1, all: 2 };

/**
 * subscribe(listener, signal): called after each change with "all"; with "asked" where Python's answer is still to come,
 * with "place" where only the place is another.
 */
export function createMapsState(model, signal) {
  const listeners = new Set();
  let timer = 0, queued = [], frame = null, source = null, drawn = "";
  const flush = () => {
    const kind = queued.reduce((most, one) => (RANK[one] > RANK[most] ? one : most));
    queued = [];
    settle();
    listeners.forEach((listener) => listener(kind));
  };
  /** What Python sets together comes together, in any order: it is one new picture. */
  const tell = (kind) => {
    if (!queued.length) queueMicrotask(flush);
    queued.push(kind);
  };
  const settle = () => {
    if (state.pending || state.unheard) return wait();
    clearTimeout(timer);
    timer = 0;
    state.late = false;
  };
  const wait = () => {
    if (timer || state.late) return;
    timer = setTimeout(() => { timer = 0; state.late = true; tell("all"); }, PATIENCE_MS);
  };
  const state = {
    model, late: false, unheard: "", views: 0, moving: false,
    get facts() { return model.get("_facts"); },
    get progress() { return model.get("_progress"); },
    get measured() { return model.get("_measured"); },
    get frame() {
      if (source !== model.get("_frame")) [source, frame] = [model.get("_frame"), read(model.get("_frame"))];
      return frame;
    },
    /** The layer that is drawn: the chosen one as soon as it is there. */
    get name() {
      const chosen = model.get("layer");
      if (this.frame.layers[chosen]) drawn = chosen;
      return this.frame.layers[drawn] ? drawn : Object.keys(this.frame.layers)[0];
    },
    get layer() { return this.frame.layers[this.name]; },
    get about() { return this.facts.layers.find(({ name }) => name === this.name); },
    /** Where the next turn of the pager begins: a second press may come before Python has answered the first. */
    get chosen() {
      const about = this.facts.layers.find(({ name }) => name === model.get("layer")) ?? this.about;
      return { first: model.get("first"), count: about.shape[0] };
    },
    /** Whether Python has not yet answered what the hand has chosen. */
    get pending() {
      const step = model.get("shown_step"), { kept } = this.progress;
      return this.frame.picture !== model.get("picture") || this.name !== model.get("layer")
        || this.layer.first !== model.get("first") || (step >= 0 && this.frame.step !== step && kept.includes(step));
    },
    get training() { return this.progress.phase === "training"; },
    get change() { return model.get("change"); },
    /** The pinned filter, always one on the screen. */
    get filter() { return within(model.get("filter") - this.layer.first, this.layer.weight.shape[0]) + this.layer.first; },
    /** The pinned (row, column), always inside the map. */
    get place() { return this.inside(model.get("place")); },
    inside(place) {
      const [, H = 1, W = 1] = this.layer.output?.shape ?? [];
      const [i, j] = place.length === 2 ? place : [Math.floor(0.4 * H), Math.floor(0.5 * W)];
      return [within(i, H), within(j, W)];
    },
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  };
  for (const name of NEWS) {
    model.on(`change:${name}`, () => {
      if (name === "_progress") state.unheard = "";
      if (!state.moving) tell(["filter", "place"].includes(name) ? "place" : "all");
    });
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  return Object.defineProperties(state, Object.getOwnPropertyDescriptors(moves(model, state, tell)));
}

/** What a hand may do. */
function moves(model, state, tell) {
  const change = (changes, kind = "all") => {
    state.moving = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    state.moving = false;
    model.save_changes();
    tell(kind);
  };
  const count = () => state.facts.labels.length;
  return {
    setLayer: (layer) => change({ layer, first: 0, filter: 0 }),
    setPicture: (picture) => change({ picture: within(picture, count()) }, "asked"),
    setFirst: (first) => change({ first, filter: first }),
    setChange: (on) => change({ change: on }),
    setPace: (pace) => change({ pace }, "asked"),
    /** A kept step, by its place among them; the last one follows the training. */
    setStep(at) {
      const { kept } = state.progress, to = within(at, kept.length);
      change({ shown_step: to === kept.length - 1 ? -1 : kept[to] }, "asked");
    },
    pin({ o = state.filter, place = state.place }) {
      change({ filter: o, place: state.inside(place) }, "place");
    },
    /** Asks Python to train, pause, step, stop or reset. */
    ask(what) {
      state.unheard = what;
      tell("asked");
      send(model, what);
    },
  };
}

/** A page without a kernel has nobody to send to. */
export function send(model, what) {
  try {
    model.send({ do: what });
  } catch {
    // the page says after a while that nobody answers
  }
}
