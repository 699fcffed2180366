// What an inspector shows: a picture's numbers, a layout, a pinned element; shared by all views of one model.
// A hand's change is drawn at once; when the hand rests it goes to Python, which asks PyTorch for the same numbers.

import { format } from "./numbers.js";
import { createTimer } from "./player.js";
import { brightness, elementAt, following, inPlace, indexOf, offsetOf, tensorView } from "./tensor_inspector_math.js";

const REST_MS = 150;
const MOST_CHECKED = 768; // as in tensor_inspector.py
const SMALL = 16;
const READERS = { uint8: Uint8Array, float64: Float64Array };

/** The numbers that Python sent, as bytes or as doubles. */
function decode({ dtype, data }) {
  const bytes = ArrayBuffer.isView(data)
    ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;
  return new READERS[dtype](bytes);
}

/**
 * picture: {H, W, C, values, low, high, call, name, small}; view: the tensor (tensor_inspector_math.js);
 * widest: how many characters
 * the longest number takes; inPlace: how many numbers are where the picture has them; agreement: what Python found, null while it has not looked.
 *
 * subscribe(listener, signal): called with "picture", "layout", "place", "checked" or "playing" after each change.
 */
export function createInspectorState(model, signal) {
  const listeners = new Set();
  const tell = (kind) => listeners.forEach((listener) => listener(kind));
  const hand = { timer: 0, sending: false };
  const state = { agreement: null };
  readPicture(state, model);
  readLayout(state, model);
  compare(state, model);
  followPython(state, model, hand, tell);
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  const parts = [moves(state, model, hand, tell), player(listeners, state, tell, signal), {
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  return state;
}

function readPicture(state, model) {
  const sent = model.get("_picture");
  const [H, W, C] = sent.shape, values = decode(sent);
  const scale = brightness(values, sent.kind);
  const small = H <= SMALL && W <= SMALL && values.length <= MOST_CHECKED;
  state.picture = { H, W, C, values, name: sent.name, small, ...scale };
  state.widest = widest(values, sent.kind, scale);
}

/** The length of the longest number as text; of a large picture's fractions, the longest there can be. */
function widest(values, kind, { low, high }) {
  const some = values.length <= MOST_CHECKED ? [...values] : kind === "f" ? [-0.00123] : [low, high];
  return Math.max(...some.map((value) => format(value).length));
}

function readLayout(state, model) {
  state.view = tensorView(state.picture, model.get("_order"), model.get("moved_by"));
  state.inPlace = inPlace(state.view);
}

/** The traits that say what is on the screen; ipywidgets keeps the name "layout" for itself. */
const TRAITS = { layout: "_order", moved_by: "moved_by", pixel: "pixel", channel: "channel" };
const setting = (get) => JSON.stringify(Object.entries(TRAITS).map(get));

/** Compares what Python computed with what is on the screen, when both are of the same setting. */
function compare(state, model) {
  const found = model.get("_computed");
  state.agreement = null;
  const onScreen = setting(([, trait]) => model.get(trait));
  if (!found?.shape || setting(([name]) => found[name]) !== onScreen) return;
  const { view, picture } = state, element = pinned(state, model);
  const offset = offsetOf(view, element);
  const ours = [indexOf(view, element), view.shape, view.strides, view.contiguous, offset, picture.values[offset]];
  const theirs = [found.index, found.shape, found.strides, found.contiguous, found.offset, found.value];
  const numbers = decode({ dtype: "float64", data: found.numbers });
  const wanted = checkedOffsets(view, element);
  const equal = numbers.length === wanted.length && wanted.every((at, n) => picture.values[at] === numbers[n]);
  state.agreement = { by: found.by, count: wanted.length, agrees: equal && JSON.stringify(ours) === JSON.stringify(theirs) };
}

/** The offsets of x.flatten(), or of the pinned element's row where there are many. */
function checkedOffsets(view, element) {
  const { W } = view.sizes;
  if (view.total > MOST_CHECKED) return Array.from({ length: W }, (_, j) => offsetOf(view, { ...element, j }));
  let at = { i: 0, j: 0, c: 0 };
  return Array.from({ length: view.total }, () => {
    const offset = offsetOf(view, at);
    at = following(view, at);
    return offset;
  });
}

const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/** The pinned element, always inside the picture. */
function pinned({ picture: { H, W, C } }, model) {
  const [i, j] = model.get("pixel");
  return { i: within(i, H), j: within(j, W), c: within(model.get("channel"), C) };
}

function followPython(state, model, hand, tell) {
  let queued = null;
  const order = ["place", "layout", "picture"];
  const changed = (kind) => {
    if (hand.sending) return;
    if (queued === null) queueMicrotask(() => { // several traits set together by Python are one new picture
      const most = queued;
      queued = null;
      if (most === "picture") readPicture(state, model);
      if (most !== "place") readLayout(state, model);
      compare(state, model);
      tell(most);
    });
    if (order.indexOf(kind) > order.indexOf(queued)) queued = kind;
  };
  model.on("change:_picture", () => changed("picture"));
  for (const name of [TRAITS.layout, TRAITS.moved_by]) model.on(`change:${name}`, () => changed("layout"));
  for (const name of ["pixel", "channel"]) model.on(`change:${name}`, () => changed("place"));
  model.on("change:_computed", () => {
    if (queued !== null) return;
    compare(state, model);
    tell("checked");
  });
}

function moves(state, model, hand, tell) {
  const change = (changes, kind) => {
    hand.sending = true;
    for (const [name, value] of Object.entries(changes)) model.set(name, value);
    hand.sending = false;
    if (kind === "layout") readLayout(state, model);
    compare(state, model);
    clearTimeout(hand.timer);
    hand.timer = setTimeout(() => model.save_changes(), REST_MS);
    tell(kind);
  };
  return {
    get element() { return pinned(state, model); },
    get movedBy() { return model.get("moved_by"); },
    pin({ i, j, c }) {
      const { H, W, C } = state.picture, { element } = state;
      const to = { i: within(i, H), j: within(j, W), c: within(c, C) };
      if (to.i === element.i && to.j === element.j && to.c === element.c) return;
      change({ pixel: [to.i, to.j], channel: to.c }, "place");
    },
    /** Pins what is read at an offset. */
    pinOffset: (offset) => state.pin(elementAt(state.view, within(offset, state.view.total))),
    setLayout: (layout) => change({ [TRAITS.layout]: layout }, "layout"),
    setWay: (way) => change({ moved_by: way }, "layout"),
  };
}

/** All numbers of a small picture in about 20 seconds. */
const pause = (count) => Math.min(400, Math.max(90, 20000 / count));

function player(listeners, state, tell, signal) {
  const advance = () => {
    if (!listeners.size) return timer.stop();
    return state.pin(following(state.view, state.element, !state.picture.small));
  };
  const timer = createTimer(advance, tell, signal);
  return {
    get playing() { return timer.running; },
    stop: timer.stop,
    /** Starts or stops the reading; without motion it goes one element on. */
    play(motion) {
      if (timer.running) return timer.stop();
      advance();
      return motion ? timer.start(pause(state.view.total)) : undefined;
    },
  };
}
