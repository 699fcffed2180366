// KernelLearner: a kernel learns another one, each step in five clicks. This file wires: the state that all views of a
// model share, and for each view what is drawn when which part of it changes.

import { call } from "./conv_stepper_words.js";
import { createLive, createRoot, h, setText, timed } from "./dom.js";
import { createChoices, createRate, createTransport } from "./kernel_learner_controls.js";
import { createCurve } from "./kernel_learner_curve.js";
import { createKernels, createUpdate } from "./kernel_learner_kernel.js";
import { createMaps } from "./kernel_learner_maps.js";
import { createLearnerState } from "./kernel_learner_state.js";
import { agreementText, sentence, verdictText } from "./kernel_learner_words.js";
import { torchSize } from "./size_ruler_words.js";
import { sharedViews } from "./views.js";

const HINT = "] or Next goes on by one stage, [ takes back, Space runs and pauses. A weight: drag it, type it, + and −. "
  + "A click on a gradient, or S on it or its weight, freezes that cell. On a picture arrows move the place.";

/** A panel of numbers: badge, title, code, what is in it. */
const panel = ({ stage, letter, role, title, code, name = title }, ...children) =>
  h("section", { class: `kn-panel cl-${role}`, "aria-label": name }, h("p", { class: "kn-title" },
    stage && h("span", { class: "kn-badge", "aria-hidden": "true" }, stage),
    letter && h("span", { class: "cl-letter", "aria-hidden": "true" }, letter), title), h("code", { class: "kn-code" }, code), children);

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "kernel-learner", "KernelLearner: a kernel learns by gradient descent", signal);
  const view = { state, root, preview: null };
  const act = actions(view);
  const code = h("code"), shapes = h("span", { class: "kn-shapes" });
  const kernels = createKernels(state, act, signal), update = createUpdate(state), curve = createCurve(state, act, signal);
  const weight = panel({ letter: "W", role: "weight", title: "weight", code: "layer.weight" }, kernels.weight.el);
  const maps = createMaps(state, weight, act, signal);
  const old = h("span", { class: "kn-tag" }, "before the update");
  const gradient = panel({ stage: 4, letter: "G", role: "grad-weight", title: "gradient", code: "loss.backward()" }, kernels.gradient.el, old);
  const apply = panel({ stage: 5, role: "weight", title: "update", code: "weight -= lr * weight.grad" }, update.el);
  const none = h("p", { class: "kn-at" }, "a picture of yours: perhaps no kernel makes it");
  const goal = panel({ letter: "T", role: "target", title: "kernel to be learned", code: "target = conv2d(input, kernel)" },
    kernels.target.el, none);
  const verdict = h("p", { class: "cl-verdict kn-verdict", role: "alert" });
  Object.assign(view, { code, shapes, kernels, update, curve, maps, old, none, verdict, panels: { gradient, apply },
    choices: createChoices(state, act, signal), rate: createRate(state, act, signal), transport: createTransport(state, act, signal) });
  root.append(h("div", { class: "kn-header" }, code, shapes), view.choices.el, view.rate.el, view.transport.el, maps.el, maps.legend,
    h("div", { class: "kn-row kn-second" }, curve.el, gradient, apply, goal), verdict);
  for (const type of ["pointerdown", "pointerup", "pointercancel"]) {
    root.addEventListener(type, () => state.hold(type === "pointerdown"), { capture: true, signal });
  }
  view.live = createLive(root, signal);
  view.note = h("p", { class: "cl-note" });
  root.append(view.note, h("p", { class: "cl-note" }, HINT));
  return view;
}

/** What is pointed at: what is under the hand, else the pinned place. */
const pointed = ({ state, preview }) => ({ place: preview?.place ?? state.place, tap: preview?.tap ?? null });

function actions(view) {
  const { state } = view;
  return {
    timed,
    /** A handler of a control that says its value instead of an event. */
    now: (act) => timed((value) => act(value)),
    preview(what) {
      if (JSON.stringify(what) === JSON.stringify(view.preview)) return;
      view.preview = what;
      if (what?.tap !== undefined) state.tap = what.tap;
      drawPlace(view);
    },
    pin(place) {
      view.preview = null;
      state.pin(place);
    },
    /** A cell has taken the focus. */
    choose(tap) {
      state.tap = tap;
      drawPlace(view);
    },
    /** The place of a picture's pixel; of the input, the one whose window has its middle nearest to it. */
    over(role, [row, column]) {
      if (role !== "input") return [row, column];
      const { kH, kW, H_out, W_out } = state.problem.g, at = (pixel, k, count) =>
        Math.max(0, Math.min(count - 1, Math.round(pixel - (k - 1) / 2)));
      return [at(row, kH, H_out), at(column, kW, W_out)];
    },
  };
}

/** Another target, picture or start. */
function drawProblem(view) {
  const { state, code, shapes, kernels, choices, none } = view, { problem } = state, { g } = problem;
  const start = performance.now();
  view.preview = null;
  state.tap = Math.min(state.tap, problem.count - 1);
  choices.draw();
  setText(code, call(problem.spec));
  setText(shapes, `weight ${torchSize([1, 1, g.kH, g.kW])} · ${torchSize(problem.shape)} → ${torchSize([1, 1, g.H_out, g.W_out])}`);
  kernels.layout();
  none.hidden = Boolean(problem.kernel);
  drawRun(view);
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** Anything of the learning. */
function drawRun(view) {
  const { state, root, panels } = view, { stage, step } = state.run, verdict = verdictText(state);
  view.rate.draw();
  view.transport.draw();
  view.maps.draw();
  view.kernels.draw();
  view.curve.draw();
  view.old.hidden = stage !== 5;
  panels.gradient.classList.toggle("kn-waiting", stage < 4);
  if (!state.playing || !verdict) setText(view.verdict, verdict); // it is read aloud: once, not at every step of a run
  view.verdict.hidden = !view.verdict.textContent;
  view.verdict.classList.toggle("cl-right", state.stopped === "learned");
  for (const badge of root.querySelectorAll(".kn-badge")) {
    badge.classList.toggle("kn-on", Number(badge.textContent) === stage);
    badge.classList.toggle("kn-to-come", Number(badge.textContent) > stage);
  }
  root.dataset.stage = stage;
  root.dataset.step = step;
  setText(view.note, agreementText(state));
  drawPlace(view);
}

/** All that follows from what is pointed at. */
function drawPlace(view) {
  const { state, root } = view, what = pointed(view);
  view.maps.mark(what);
  view.kernels.mark(what.tap);
  view.update.draw(state.tap);
  root.dataset.place = what.place.join(",");
  view.live.say(sentence(state, what));
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "checked") {
    setText(view.note, agreementText(view.state));
    return view.root.drawn();
  }
  if (kind === "place") {
    view.preview = null;
    return drawPlace(view);
  }
  return kind === "problem" ? drawProblem(view) : drawRun(view);
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The keys of the whole widget; fields and buttons keep theirs. */
function onKey(view, event) {
  const { state } = view, { key, target } = event, { g } = state.problem;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (["INPUT", "SELECT"].includes(target.tagName)) return;
  const cell = target.closest(".cl-cell"), { weight, gradient } = view.kernels;
  const tap = cell ? Math.max(weight.index(cell), gradient.index(cell)) : -1, picture = target.closest(".kn-surface");
  if (key === "]") state.next();
  else if (key === "[") state.undo();
  else if (key.toLowerCase() === "s" && tap >= 0) state.toggleFrozen(tap);
  else if (tap >= 0 && gradient.index(cell) >= 0 && (key === "Enter" || key === " ")) state.toggleFrozen(tap);
  else if (key === " " && target.tagName !== "BUTTON") state.play();
  else if (picture && ARROWS[key]) state.pin(state.place.map((at, axis) => at + ARROWS[key][axis] * (event.shiftKey ? 10 : 1)));
  else if (picture && (key === "Home" || key === "End")) state.pin(key === "Home" ? [0, 0] : [g.H_out - 1, g.W_out - 1]);
  else if (picture && key === "Enter") state.pin(pointed(view).place);
  else return;
  event.preventDefault();
}

export default sharedViews({
  share: createLearnerState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawProblem(view);
  },
});
