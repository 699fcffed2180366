// What a hand moves: train, pause, step, stop, reset and how far it is; the layer, the picture, the step that is shown.

import { h, setText } from "./dom.js";
import { duration, PHASES, trainLabel, waitingText } from "./feature_maps_words.js";
import { number, write } from "./filter_bank_paint.js";
import { createButton, createRadios, createSelect } from "./kernel_lab_controls.js";

const PACES = [{ value: 4, text: "4 steps a second" }, { value: 25, text: "25 steps a second" }, { value: 0, text: "as fast as it can" }];

/** Buttons, and the bar that says how far it is. */
export function createTrain(state, act, signal) {
  const button = (label, title, what) => createButton({ label, title, signal, press: act.now(() => state.ask(what)) });
  const train = createButton({ label: "▶ Train", title: "train, or pause", signal, class: "fm-train",
    press: act.now(() => state.ask(state.training ? "pause" : "train")) });
  const step = button("Step", "learn from one batch", "step");
  const stop = button("■ Stop", "end this training where it is", "stop");
  const reset = button("↺ Reset", "the first weights again", "reset");
  const pace = createSelect({ label: "Pace", keep: true, signal, get: () => state.model.get("pace"),
    set: act.now((value) => state.setPace(Number(value))),
    options: () => (PACES.some(({ value }) => value === state.model.get("pace")) ? PACES
      : [...PACES, { value: state.model.get("pace"), text: `${state.model.get("pace")} steps a second` }]) });
  const bar = h("i"), phase = h("b"), done = number("steps-done", ""), goal = number("steps", ""), left = h("span");
  const seconds = number("seconds-left", ""), note = h("p", { class: "fm-late cl-note", role: "status" });
  const problem = h("p", { class: "cl-verdict fm-problem" });
  left.append(" · ", h("span", {}, "about ", seconds, " s left"));
  const progress = h("div", { class: "fm-bar", role: "progressbar", "aria-label": "training", "aria-valuemin": 0 }, bar);
  const el = h("div", { class: "fm-run" }, h("div", { class: "cl-row" }, train, step, stop, reset, pace.el),
    h("div", { class: "fm-progress" }, progress, h("p", { class: "fm-far" }, phase, ": step ", done, " of ", goal, left)),
    problem, note);
  return {
    el,
    draw() {
      const { phase: now, steps, goal: to, left_s, problem: trouble } = state.progress;
      setText(train, trainLabel(state.progress));
      train.classList.toggle("fm-busy", now === "training");
      stop.setAttribute("aria-disabled", String(now !== "training" && now !== "paused"));
      reset.setAttribute("aria-disabled", String(!steps));
      pace.sync();
      setText(phase, PHASES[now]);
      write(done, steps);
      write(goal, to);
      bar.style.width = `${(100 * steps) / Math.max(1, to)}%`;
      progress.setAttribute("aria-valuemax", to);
      progress.setAttribute("aria-valuenow", steps);
      progress.setAttribute("aria-valuetext", left_s ? `step ${steps} of ${to}, ${duration(left_s)} left` : `step ${steps} of ${to}`);
      left.hidden = left_s === null;
      if (left_s === null) delete seconds.dataset.value;
      else write(seconds, Math.ceil(left_s));
      problem.hidden = !trouble;
      setText(problem, trouble);
      setText(note, waitingText(state));
    },
  };
}

/** A slider with its number. */
function createSlider({ label, role, get, set, act, signal }) {
  const field = h("input", { type: "range", min: 0, step: 1, "aria-label": label });
  const shown = number(role, "");
  field.addEventListener("input", act.timed(() => set(Number(field.value))), { signal });
  return {
    el: h("label", { class: "fm-slider" }, h("span", { class: "fm-what" }, label), field, h("span", { class: "fm-value" }, shown)),
    sync() {
      const { at, last, value } = get();
      field.max = last;
      if (Number(field.value) !== at) field.value = at;
      field.setAttribute("aria-valuetext", String(value));
      write(shown, value);
    },
  };
}

/** Layer, picture, step, weights or their change. */
export function createChoices(state, act, signal) {
  const { model } = state, many = state.facts.layers.length > 4;
  const layers = () => state.facts.layers.map(({ name, call }) => ({ value: name, text: name, title: call }));
  const set = act.now((name) => state.setLayer(name)), get = () => model.get("layer");
  const layer = many ? createSelect({ label: "Layer", keep: true, signal, get, set, options: layers })
    : createRadios({ label: "Layer", className: "kl-joined", signal, get, set, options: layers() });
  const change = createRadios({ label: "Filters", className: "kl-joined", signal, get: () => String(state.change),
    set: act.now((value) => state.setChange(value === "true")),
    options: [{ value: "false", text: "weights", title: "the weights after the step shown" },
      { value: "true", text: "change", title: "the weights less those before training" }] });
  const picture = createSlider({ label: "Picture", role: "picture", act, signal, set: (value) => state.setPicture(value),
    get: () => ({ at: model.get("picture"), last: state.facts.labels.length - 1, value: model.get("picture") }) });
  const step = createSlider({ label: "Step shown", role: "shown-step", act, signal, set: (at) => state.setStep(at),
    get() {
      const { kept } = state.progress, chosen = model.get("shown_step");
      const nearest = kept.reduce((best, one, at) => (Math.abs(one - chosen) < Math.abs(kept[best] - chosen) ? at : best), 0);
      const at = chosen < 0 ? kept.length - 1 : nearest;
      return { at, last: kept.length - 1, value: chosen < 0 ? state.frame.step : kept[at] };
    } });
  return {
    el: h("div", { class: "fm-choices" }, h("div", { class: "cl-row" }, layer.el, change.el),
      h("div", { class: "fm-sliders" }, picture.el, step.el)),
    draw() {
      for (const part of [layer, change, picture, step]) part.sync();
    },
  };
}
