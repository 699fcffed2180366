// What a KernelLearner shows, shared by all views of one model: the problem, the rate, where the learning stands.
// A hand's change is computed and drawn at once. When it rests the whole state goes to Python in one message (_hand), and
// Python tells its own in one message (_told): whatever crosses on the way, what the page has afterwards is sent again,
// so that the two end up the same.

import { reducedMotion } from "./dom.js";
import { reach } from "./filter_bank_math.js";
import * as math from "./kernel_learner_math.js";
import { decode, encode } from "./layer_state.js";
import { createTimer } from "./player.js";

const REST_MS = 150, TICK_MS = 60, SENT_TICKS = 16, SLOW_TICKS = 100, FAST = 5, MOST_STEPS = 20000, MOST_UNDO = 300;
const GROUPS = { problem: ["target", "picture", "seed"], lr: ["lr"], frozen: ["frozen"], playing: ["playing"],
  run: ["parameters", "before", "losses", "step", "stage"] };
const within = (value, count) => Math.min(Math.max(0, value), count - 1);
const text = (told, names) => JSON.stringify(names.map((name) => {
  const value = told[name];
  return value?.dtype ? Array.from(decode(value), String) : value;
}));

/**
 * subscribe(listener, signal): called with "problem" (another target, picture or start), "run" (anything of the learning),
 * "place" (what is pointed at), "checked" or "playing".
 */
export function createLearnerState(model, signal) {
  const listeners = new Set(), tell = (kind) => listeners.forEach((listener) => listener(kind));
  const page = Math.random().toString(36).slice(2);
  const hand = { page, timer: 0, touched: false, sent: 0, acked: 0, base: model.get("_told"), undo: [], gesture: "", held: false };
  const state = { model, given: givenOf(model), known: model.get("_kernels"), agreement: null, tap: 0, pinned: null, stopped: "",
    scale: "linear" };
  const parts = [reading(state), moves(state, hand, tell, signal), {
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  }];
  // Object.assign would read the getters once and for all.
  for (const part of parts) Object.defineProperties(state, Object.getOwnPropertyDescriptors(part));
  adopt(state, hand.base, Object.keys(GROUPS));
  compare(state, hand);
  model.on("change:_told", () => {
    const told = model.get("_told"); // none of several is passed over: one may answer what this page has sent
    queueMicrotask(() => heard(state, hand, tell, told));
  });
  signal.addEventListener("abort", () => clearTimeout(hand.timer));
  state.follow(hand.base.playing);
  return state;
}

function givenOf(model) {
  const given = model.get("_given");
  const array = (packed) => packed && { shape: packed.shape, values: decode(packed) };
  return { ...given, ...Object.fromEntries(["input", "weight", "output", "start"].map((name) => [name, array(given[name])])) };
}

/** A picture by its name: {H, W, values, low, high}. */
function pictureOf({ given, model }, name) {
  const sent = model.get("_pictures")[name];
  const bytes = sent && (ArrayBuffer.isView(sent.data) ? new Uint8Array(sent.data.buffer, sent.data.byteOffset, sent.data.byteLength)
    : new Uint8Array(sent.data));
  const { shape: [H, W], values } = sent
    ? { shape: sent.shape, values: Float64Array.from(bytes, (value) => value / sent.divisor) } : given.input;
  const { least, most } = reach(values);
  const [low, high] = least >= 0 && most <= 1 ? [0, 1] : least === most ? [least, least + 1] : [least, most];
  return { name, H, W, values, low, high };
}

/** The kernel behind a target's name: {size, values, bias}; null for a target picture. */
function kernelOf({ given, known }, target) {
  if (target === "own") return given.weight ? { size: given.weight.shape, values: given.weight.values, bias: given.target_bias } : null;
  const { weight } = known.find(({ name }) => name === target);
  return { size: [weight.length, weight[0].length], values: Float64Array.from(weight.flat(), Math.fround), bias: 0 };
}

/** The problem that this target makes on this picture. */
function problemOf(state, target, picture) {
  const { given } = state, kernel = kernelOf(state, target);
  return math.makeProblem({ input: picture, kernel, output: kernel ? null : given.output.values,
    size: given.size ?? kernel?.size ?? [3, 3], hasBias: given.has_bias });
}

/** Whether a target can be learned on a picture: its kernel fits into the one that learns, and that into the picture. */
export function fits(state, target, name) {
  const { given, model } = state, kernel = kernelOf(state, target);
  if (!kernel) return name === given.picture;
  const size = given.size ?? kernel.size, { shape } = name === "own" ? given.input : model.get("_pictures")[name];
  return size.every((length, axis) => kernel.size[axis] <= length && length <= shape[axis]);
}

function setProblem(state, target, picture) {
  if (picture !== state.input?.name) state.input = pictureOf(state, picture);
  Object.assign(state, { target, picture, problem: problemOf(state, target, state.input), bowl: null, lows: null });
}

/** The parameters before the first step. */
function startOf({ given: { start }, problem: { g, taps, hasBias }, seed }) {
  const fits = start && start.shape[0] === g.kH && start.shape[1] === g.kW;
  return Float64Array.from([...(fits ? start.values : math.drawnStart(taps, seed)), ...(hasBias ? [0] : [])]);
}

const flatOf = ({ g, taps }, cells) => new Set(cells.map((cell) => (cell === "bias" ? taps : cell[0] * g.kW + cell[1])));
const cellsOf = ({ g, taps }, frozen) => [...frozen].sort((a, b) => a - b)
  .map((at) => (at === taps ? "bias" : [Math.floor(at / g.kW), at % g.kW]));

/** Takes over groups of what Python told. */
function adopt(state, told, groups) {
  if (groups.includes("problem")) {
    state.seed = told.seed;
    setProblem(state, told.target, told.picture);
  }
  if (groups.includes("lr")) state.lr = told.lr;
  if (groups.includes("frozen")) state.frozen = flatOf(state.problem, told.frozen);
  if (!groups.includes("run")) return;
  const before = decode(told.before);
  state.run = { parameters: decode(told.parameters), before: before.length ? before : null,
    losses: Array.from(decode(told.losses)), step: told.step, stage: told.stage };
}

/** Python has spoken: of what the hand sent, or of what it has set itself. */
function heard(state, hand, tell, told) {
  const { base } = hand;
  hand.base = told;
  if (told.page === hand.page) {
    hand.acked = told.rest;
    compare(state, hand);
    return tell("checked");
  }
  const waiting = hand.touched || hand.acked !== hand.sent;
  let news = Object.keys(GROUPS).filter((group) => !waiting || text(told, GROUPS[group]) !== text(base, GROUPS[group]));
  const other = told.target !== state.target || told.picture !== state.picture;
  if (news.includes("problem") || (news.includes("run") && other)) news = Object.keys(GROUPS);
  remember(state, hand, "python");
  adopt(state, told, news);
  if (news.includes("playing")) state.follow(told.playing);
  state.stopped = "";
  if (waiting) rest(state, hand, tell);
  compare(state, hand);
  return tell(news.includes("problem") ? "problem" : "run");
}

/** Compares the step that Python takes from here with the page's, when both are in the same state. */
function compare(state, hand) {
  state.agreement = null;
  if (hand.touched || hand.acked !== hand.sent) return;
  const { by, numbers } = hand.base.check, theirs = decode(numbers);
  const { loss, gradient } = state.sees(state.run.parameters);
  const mine = [loss, ...gradient, ...math.stepped(state.run.parameters, gradient, state.lr, state.frozen)];
  let difference = mine.length === theirs.length ? 0 : Infinity, size = 1;
  mine.forEach((value, at) => {
    if (!Number.isFinite(value) || !Number.isFinite(theirs[at])) {
      if (Number.isFinite(value) !== Number.isFinite(theirs[at]) && Math.abs(value) + Math.abs(theirs[at]) < 1e300) difference = Infinity;
      return;
    }
    difference = Math.max(difference, Math.abs(value - theirs[at]));
    size = Math.max(size, Math.abs(value));
  });
  state.agreement = { by, difference, count: gradient.length, agrees: difference <= 1e-9 * size };
}

/** What can be taken back; `gesture`: one drag is one change. */
function remember(state, hand, gesture) {
  if (gesture && gesture === hand.gesture) return;
  hand.gesture = gesture;
  const { target, picture, seed, lr, frozen, run } = state;
  hand.undo.push({ target, picture, seed, lr, frozen, run });
  if (hand.undo.length > MOST_UNDO) hand.undo.shift();
}

/** Sends the whole state when the hand has changed nothing for a moment. */
function rest(state, hand, tell, wait = REST_MS) {
  hand.touched = true;
  state.agreement = null;
  clearTimeout(hand.timer);
  hand.timer = setTimeout(() => {
    const { model, run, problem } = state, packed = (values) => encode(Float64Array.from(values), { shape: [values.length], dtype: "float64" });
    hand.touched = false;
    if (!hand.held) hand.gesture = "";
    hand.sent += 1;
    model.set("_hand", { page: hand.page, rest: hand.sent, target: state.target, picture: state.picture, seed: state.seed, lr: state.lr,
      frozen: cellsOf(problem, state.frozen), step: run.step, stage: run.stage, playing: state.playing,
      parameters: packed(run.parameters), before: packed(run.before ?? []), losses: packed(run.losses) });
    model.save_changes();
  }, wait);
}

/** What the views ask. */
function reading(state) {
  let seen = null, of = null;
  return {
    /** What a step computes from these parameters; remembered for the last ones. */
    sees(parameters) {
      if (of?.parameters !== parameters || of.problem !== state.problem) {
        seen = math.look(state.problem, parameters);
        of = { parameters, problem: state.problem };
      }
      return seen;
    },
    /** What is on the screen: of the weight now, after an update of the weight before. */
    get shown() { return this.sees(state.run.before ?? state.run.parameters); },
    get bowl_() { return (state.bowl ??= math.curvature(state.problem)); },
    get limit() {
      const key = [...state.frozen].sort().join();
      if (state.bowl === null || state.limitKey !== key) {
        state.limitOf = math.largestRate(this.bowl_, state.problem.count, state.frozen);
        state.limitKey = key;
      }
      return state.limitOf;
    },
    /** The lowest loss that the free cells can reach. */
    get lowest() {
      const key = [...state.frozen].sort().map((at) => `${at}:${state.run.parameters[at]}`).join();
      if (state.lows?.key !== key) {
        state.lows = { key, loss: math.lowestLoss(state.problem, this.bowl_, state.run.parameters, state.frozen) };
      }
      return state.lows.loss;
    },
    get diverged() { return state.run.losses.length > 0 && math.hasDiverged(state.run.losses, state.run.losses.at(-1)); },
    get broken() { return !state.run.losses.every(Number.isFinite) || !state.run.parameters.every(Number.isFinite); },
    /** The pinned (row, column), always inside the output. */
    get place() {
      const { H_out, W_out } = state.problem.g, [i, j] = state.pinned ?? [Math.floor(0.3 * H_out), Math.floor(0.4 * W_out)];
      return [within(i, H_out), within(j, W_out)];
    },
  };
}

/** What a hand may do. */
function moves(state, hand, tell, signal) {
  let ticks = 0;
  const changed = (kind = "run") => {
    rest(state, hand, tell);
    tell(kind);
  };
  const change = (gesture, act, kind) => {
    remember(state, hand, gesture);
    state.stopped = "";
    act();
    changed(kind);
  };
  const to = (stage) => {
    const seen = state.sees(state.run.parameters);
    state.run = stage === 5 ? math.updated(state.run, seen, state.lr, state.frozen) : math.atStage(state.run, stage, seen);
  };
  /** A change brings up what belongs to the weight as it is now. */
  const settle = () => to(Math.min(state.run.stage, 4));
  const restart = () => {
    state.frozen = new Set([...state.frozen].filter((at) => at < state.problem.count));
    state.run = math.firstRun(startOf(state));
  };
  /** One whole step: until the number of steps has grown, and what belongs to the new weight is there. */
  const whole = () => {
    to(5);
    to(4);
  };
  /** Why nothing more can be learned, or "". */
  const over = () => {
    const { gradient } = state.sees(state.run.parameters);
    if (state.broken) return "broken";
    if (state.run.step >= MOST_STEPS) return "long";
    return gradient.every((value, at) => state.frozen.has(at) || Math.abs(state.lr * value) < 1e-6) ? "learned" : "";
  };
  const tick = () => {
    const was = state.diverged;
    for (let more = ++ticks > SLOW_TICKS ? FAST : 1; more > 0 && !state.stopped; more--) {
      whole();
      state.stopped = over() || (state.diverged && !was ? "diverged" : "");
    }
    if (state.stopped) timer.stop();
    if (state.stopped || ticks % SENT_TICKS === 0) rest(state, hand, tell, 0);
    hand.touched = true; // what Python may say now is of an earlier step
    state.agreement = null;
    tell("run");
  };
  const timer = createTimer(tick, () => { rest(state, hand, tell, 0); tell("playing"); }, signal);
  return {
    get playing() { return timer.running; },
    /** A button of the pointer is down: however long a drag pauses, it is one change. */
    hold(on) {
      hand.held = on;
      hand.gesture = "";
    },
    get canUndo() { return hand.undo.length > 0; },
    next() {
      timer.stop();
      if (state.run.stage === 4 && state.broken) return;
      change("", () => to((state.run.stage % 5) + 1));
    },
    step() {
      timer.stop();
      if (!state.broken) change("", whole);
    },
    play() { this.setPlaying(!timer.running); },
    /** With reduced motion nothing moves by itself: it takes one step. */
    setPlaying(on) {
      if (!on || timer.running) return on ? undefined : timer.stop();
      state.stopped = over();
      if (state.stopped) return tell("run");
      if (reducedMotion()) return this.step();
      remember(state, hand, "");
      ticks = 0;
      return timer.start(TICK_MS);
    },
    /** Python says whether it plays; with reduced motion only a hand moves on. */
    follow(on) {
      if (on === timer.running) return;
      if (on && reducedMotion()) rest(state, hand, tell, 0);
      else this.setPlaying(on);
    },
    undo() {
      timer.stop();
      const last = hand.undo.pop();
      if (!last) return;
      const { run, frozen, lr, seed } = last, same = last.target === state.target && last.picture === state.picture;
      Object.assign(state, { seed, lr, stopped: "" });
      if (!same) setProblem(state, last.target, last.picture);
      Object.assign(state, { run, frozen });
      hand.gesture = "";
      changed("problem");
    },
    reset() {
      timer.stop();
      change("", restart);
    },
    setSeed(seed) {
      timer.stop();
      change("", () => { state.seed = seed; restart(); });
    },
    setProblem(target, picture) {
      timer.stop();
      change("", () => { setProblem(state, target, picture); restart(); }, "problem");
    },
    setRate(lr) { change("lr", () => { state.lr = lr; settle(); }); },
    setParameter(at, value) {
      change(`parameter ${at}`, () => {
        const parameters = state.run.parameters.slice();
        parameters[at] = value;
        state.run = { ...state.run, parameters };
        settle();
      });
    },
    toggleFrozen(at) {
      change("", () => {
        const frozen = new Set(state.frozen);
        if (!frozen.delete(at)) frozen.add(at);
        state.frozen = frozen;
        settle();
      });
    },
    setScale(scale) {
      state.scale = scale;
      tell("run");
    },
    pin(place) {
      state.pinned = [within(place[0], state.problem.g.H_out), within(place[1], state.problem.g.W_out)];
      tell("place");
    },
  };
}
