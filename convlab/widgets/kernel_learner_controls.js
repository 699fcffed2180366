// What a hand chooses: target, picture and start; the learning rate, with the rate from which it is too high; and the
// buttons that take a stage, a step, all steps, or take them back.

import { h, setText } from "./dom.js";
import { number, style, write } from "./filter_bank_paint.js";
import { createButton, createSelect } from "./kernel_lab_controls.js";
import { rateText, nextText } from "./kernel_learner_words.js";
import { fits } from "./kernel_learner_state.js";

const DIGITS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const DECADES = 4;

/** The rates of the slider: four decades, the largest one that learns in the third. */
export function ratesAround(limit) {
  const first = Math.floor(Math.log10(Number.isFinite(limit) ? limit : 0.1)) - 2;
  const rates = Array.from({ length: DECADES }, (_, decade) => DIGITS.map((digit) => Number(`${digit}e${first + decade}`))).flat();
  return [...rates, Number(`1e${first + DECADES}`)];
}

/** Where a rate lies between the ends of the slider, 0 to 1. */
export const shareOf = (rate, rates) =>
  Math.max(0, Math.min(1, Math.log10(rate / rates[0]) / Math.log10(rates.at(-1) / rates[0])));

/** The slider's place that is nearest to a rate. */
export const nearest = (rate, rates) => rates.reduce((best, one, at) =>
  (Math.abs(Math.log(one / rate)) < Math.abs(Math.log(rates[best] / rate)) ? at : best), 0);

/** Target, picture, start. */
export function createChoices(state, act, signal) {
  const { given, known, model } = state;
  const ownTarget = given.weight ? "your kernel" : "your picture";
  const target = createSelect({ label: "Target", keep: true, signal, get: () => state.target,
    set: act.now((name) => state.setProblem(name, name === "own" && given.output ? given.picture : state.input.name)),
    options: () => [...(given.weight || given.output ? [{ value: "own", text: ownTarget }] : []),
      ...known.filter(({ name }) => fits(state, name, state.input.name)).map(({ name }) => ({ value: name, text: name }))] });
  const names = [...(given.input ? ["own"] : []), ...Object.keys(model.get("_pictures"))];
  const picture = createSelect({ label: "Picture", keep: true, signal, get: () => state.input.name,
    set: act.now((name) => state.setProblem(state.target, name)),
    options: () => names.filter((name) => fits(state, state.target, name))
      .map((name) => ({ value: name, text: name === "own" ? "your input" : name })) });
  const seed = number("seed", "");
  const start = createButton({ label: "Other start", title: "the same target from other first weights", signal,
    press: act.now(() => state.setSeed(state.seed + 1)) });
  return {
    el: h("div", { class: "cl-row kn-choices" }, target.el, picture.el, h("span", { class: "kn-seed" }, start, h("span", {}, "seed "), seed)),
    draw() {
      for (const part of [target, picture]) part.sync();
      write(seed, state.seed);
    },
  };
}

/** The learning rate. */
export function createRate(state, act, signal) {
  const field = h("input", { type: "range", min: 0, max: DIGITS.length * DECADES, step: 1, "aria-label": "learning rate" });
  const typed = h("input", { type: "number", class: "kn-typed", min: 0, step: "any", "aria-label": "learning rate, typed" });
  const zone = h("div", { class: "kn-zone", "aria-hidden": "true" });
  const limit = number("limit", ""), words = h("span"), mark = h("span", { class: "kn-mark", "aria-hidden": "true" });
  const says = h("p", { class: "kn-at kn-says" }, mark, words, limit);
  let rates = ratesAround(1);
  field.addEventListener("input", act.timed(() => state.setRate(rates[Number(field.value)])), { signal });
  typed.addEventListener("change", act.timed(() => {
    const value = Number(typed.value);
    if (value > 0 && Number.isFinite(value)) state.setRate(value);
    else typed.value = state.lr;
  }), { signal });
  return {
    el: h("div", { class: "kn-rate" }, h("span", { class: "kn-what" }, "Learning rate ", h("code", {}, "lr")),
      h("div", { class: "kn-slide" }, field, zone), typed, says),
    draw() {
      const { text, before, high } = rateText(state);
      rates = ratesAround(state.limit);
      const at = String(nearest(state.lr, rates));
      if (field.value !== at) field.value = at;
      field.setAttribute("aria-valuetext", `${state.lr}${high ? ", too high" : ""}`);
      if (Number(typed.value) !== state.lr || typed.value === "") typed.value = state.lr;
      style(zone, "--limit", `${(100 * (text ? 1 : shareOf(state.limit, rates))).toFixed(2)}%`);
      says.classList.toggle("kn-high", high);
      setText(mark, high ? "▲ " : "");
      setText(words, text ?? before);
      limit.hidden = Boolean(text);
      if (!text) write(limit, state.limit);
      else delete limit.dataset.value;
    },
  };
}

/** The buttons. */
export function createTransport(state, act, signal) {
  const button = (label, title, press, more) => createButton({ label, title, signal, press: act.now(press), ...more });
  const next = button("", "one of the five stages of a step: key ]", () => state.next(), { class: "kn-next" });
  const step = button("Whole step", "all five stages at once", () => state.step());
  const run = button("Run", "step after step, until nothing moves any more: Space", () => state.play());
  const undo = button("Undo", "takes the last change back: key [", () => state.undo());
  const reset = button("Reset", "back to the first weights; target, rate and frozen cells stay", () => state.reset());
  const count = number("step", "");
  return {
    el: h("div", { class: "cl-row kn-transport" }, next, step, run, undo, reset, h("span", { class: "kn-count" }, "step ", count)),
    draw() {
      setText(next, `Next: ${nextText(state.run.stage)}`);
      setText(run, state.playing ? "Pause" : "Run");
      run.setAttribute("aria-pressed", String(state.playing));
      const dead = (one, off) => one.setAttribute("aria-disabled", String(off));
      dead(next, state.broken && state.run.stage === 4);
      dead(step, state.broken);
      dead(run, state.broken);
      dead(undo, !state.canUndo);
      write(count, state.run.step);
    },
  };
}
