// What a hand chooses: the picture, where the filters come from, one range or many; names to switch on and off; the
// numbers of the Gabor formula; which filters of a large layer are on the screen.

import { h, setText } from "./dom.js";
import { number, style, write } from "./filter_bank_paint.js";
import { degrees } from "./filter_bank_words.js";
import { createButton, createRadios, createSelect } from "./kernel_lab_controls.js";
import { GRADIENT } from "./kernel_lab_scale.js";
import { format } from "./numbers.js";

const SOURCES = [
  { value: "named", text: "by name", title: "kernels that people know by name" },
  { value: "gabor", text: "Gabor", title: "a wave under a bell, in several directions" },
  { value: "own", text: "your layer", title: "the layer that this bank was made with" },
];
const PAGE = 16;

/** The row above all: picture, filters, range. */
export function createChoices(state, act, signal) {
  const { model } = state;
  const picture = createSelect({ label: "Picture", keep: true, signal, get: () => model.get("picture"),
    set: act.now((name) => state.setPicture(name)),
    options: () => [...(Object.keys(model.get("_own_input")).length ? [{ value: "own", text: "your picture" }] : []),
      ...Object.keys(model.get("_pictures")).map((name) => ({ value: name, text: name }))] });
  const has = Object.keys(model.get("_own")).length > 0;
  const source = createRadios({ label: "Filters", className: "kl-joined", signal, get: () => model.get("source"),
    options: SOURCES.filter(({ value }) => value !== "own" || has), set: act.now((value) => state.setSource(value)) });
  const range = createRadios({ label: "Range", className: "kl-joined", signal, get: () => (state.shared ? "one" : "own"),
    options: [{ value: "one", text: "one for all" }, { value: "own", text: "each its own" }],
    set: act.now((value) => state.setShared(value === "one")) });
  const all = createButton({ label: "hear all", title: "take all channels and filters in again", signal,
    press: act.now(() => state.hearAll()) });
  return {
    el: h("div", { class: "cl-row fb-choices" }, picture.el, source.el, range.el, all),
    draw() {
      for (const part of [picture, source, range]) part.sync();
      const silent = state.muted.size + state.solo.size === 0;
      all.setAttribute("aria-disabled", String(silent));
    },
  };
}

/** The panel of the source that is chosen. */
export function createPanel(state, act, signal) {
  const names = createNames(state, act, signal), gabor = createGabor(state, act, signal), pager = createPager(state, act, signal);
  return {
    el: h("div", { class: "fb-panel" }, names.el, gabor.el, pager.el),
    draw() {
      names.el.hidden = state.source !== "named";
      gabor.el.hidden = state.source !== "gabor";
      if (state.source === "named") names.draw();
      if (state.source === "gabor") gabor.draw();
      pager.draw();
    },
  };
}

function createNames(state, act, signal) {
  const buttons = state.known.map(({ name, meaning }) => createButton({ label: name, title: meaning, signal,
    class: "fb-chip", press: act.now(() => state.toggleName(name)) }));
  return {
    el: h("div", { class: "fb-chips", role: "group", "aria-label": "filters by name" }, buttons),
    draw() {
      const chosen = state.model.get("names");
      state.known.forEach(({ name }, at) => {
        buttons[at].setAttribute("aria-pressed", String(chosen.includes(name)));
        if (chosen.length === 1 && chosen[0] === name) buttons[at].setAttribute("aria-disabled", "true"); // the last one stays
        else buttons[at].removeAttribute("aria-disabled");
      });
    },
  };
}

const turn = (angle) => Math.round((180 * angle) / Math.PI);
const size = (axis) => ({
  get: ({ kernel_size }) => kernel_size[axis],
  set: (value, { kernel_size }) => ({ kernel_size: kernel_size.map((old, at) => (at === axis ? value : old)) }),
});
const plain = (name) => ({ get: (now) => now[name], set: (value) => ({ [name]: value }) });

/** The sliders; `index` numbers them for those who read the page. */
const SLIDERS = [
  { label: "kernel height", min: 1, max: 21, step: 1, ...size(0) },
  { label: "kernel width", min: 1, max: 21, step: 1, ...size(1) },
  { label: "orientations", min: 1, max: 16, step: 1, ...plain("orientations") },
  { label: "wavelength λ", min: 2, max: 16, step: 0.25, ...plain("wavelength"), says: "pixels from stripe to stripe" },
  { label: "sigma σ", min: 0.5, max: 8, step: 0.25, ...plain("sigma"), says: "width of the bell along the wave" },
  { label: "gamma γ", min: 0.1, max: 2, step: 0.1, ...plain("gamma"), says: "1 a round bell, less: longer along the stripes" },
  { label: "psi ψ", min: 0, max: 360, step: 15, get: ({ psi }) => turn(psi),
    set: (value) => ({ psi: (value * Math.PI) / 180 }), unit: "°", says: "phase: 0° a line, 90° an edge" },
];

function createGabor(state, act, signal) {
  const now = () => state.model.get("gabor");
  const sliders = SLIDERS.map((slider, index) => {
    const field = h("input", { type: "range", min: slider.min, max: slider.max, step: slider.step, "aria-label": slider.label });
    const shown = number("gabor", index);
    field.addEventListener("input", act.timed(() => state.setGabor(slider.set(Number(field.value), now()))), { signal });
    return { ...slider, field, shown, el: h("label", { class: "fb-slider", title: slider.says },
      h("span", { class: "fb-what" }, slider.label), field, h("span", { class: "fb-value" }, shown, slider.unit ?? "")) };
  });
  const zero = h("input", { type: "checkbox", signal,
    on: { change: act.timed(() => state.setGabor({ zero_mean: zero.checked })) } });
  const formula = createFormula();
  return {
    el: h("div", { class: "fb-gabor" }, h("div", { class: "fb-sliders" }, sliders.map((slider) => slider.el),
      h("label", { class: "fb-check" }, zero, h("span", {}, "minus its mean: flat areas give 0"))), formula.el),
    draw() {
      const gabor = now();
      for (const { get, field, shown, unit, min, max } of sliders) {
        const value = get(gabor);
        field.min = Math.min(min, value); // Python may go further than the slider
        field.max = Math.max(max, value);
        if (Number(field.value) !== value) field.value = value;
        if (unit) field.setAttribute("aria-valuetext", degrees(value));
        write(shown, value);
      }
      zero.checked = gabor.zero_mean;
      formula.draw(gabor);
    },
  };
}

/** The function with these numbers. */
function createFormula() {
  const part = () => h("b");
  const gamma = part(), sigma = part(), wave = part(), psi = part(), mean = h("span"), steps = part();
  const line = (...children) => h("p", { class: "fb-formula" }, ...children);
  return {
    el: h("div", { class: "fb-formulas" },
      line("g(x, y) = exp(−(x′² + ", gamma, "²·y′²) / (2·", sigma, "²)) · cos(2π·x′ / ", wave, " + ", psi, ")", mean),
      line("x′ = x·cos θ + y·sin θ,  y′ = −x·sin θ + y·cos θ,  θ = i · 180° / ", steps, " for filter i"),
      h("p", { class: "cl-note" }, "x columns to the right of the middle tap, y rows below it.")),
    draw({ gamma: g, sigma: s, wavelength, psi: phase, zero_mean, orientations }) {
      for (const [node, value] of [[gamma, g], [sigma, s], [wave, wavelength], [psi, phase], [steps, orientations]]) {
        setText(node, format(value));
      }
      setText(mean, zero_mean ? " − mean" : "");
    },
  };
}

/** Back and on through the filters of a large layer. */
function createPager(state, act, signal) {
  const text = h("span");
  const go = (by) => {
    const first = Math.min(Math.max(0, state.shown[0] + by), Math.max(0, state.O - 1));
    const start = by > 0 && first >= state.O ? state.shown[0] : first - (first % PAGE);
    state.setShown(Array.from({ length: Math.min(PAGE, state.O - start) }, (_, at) => start + at));
  };
  const back = createButton({ label: "‹", "aria-label": "filters before these", press: act.now(() => go(-PAGE)), signal });
  const on = createButton({ label: "›", "aria-label": "filters after these", press: act.now(() => go(PAGE)), signal });
  const el = h("div", { class: "cl-row fb-pager" }, back, text, on);
  return {
    el,
    draw() {
      const { shown, O } = state;
      el.hidden = !shown || shown.length === O;
      if (el.hidden) return;
      setText(text, `filters ${shown[0]} to ${shown.at(-1)} of ${O}`);
    },
  };
}

/** The scale of the maps (and of the weights), with what its ends stand for. */
export function createLegend(state) {
  const low = number("range", "0"), high = number("range", "1"), words = h("p", { class: "cl-note" });
  const least = number("range-weight", "0"), most = number("range-weight", "1");
  const bar = (from, to) => h("span", { class: "fb-scale" }, from, h("span", { class: "fb-gradient", "aria-hidden": "true" }), to);
  const maps = bar(low, high), weights = bar(least, most);
  for (const gradient of [maps.children[1], weights.children[1]]) style(gradient, "background", GRADIENT);
  const mapsLine = h("span", { class: "fb-key" }, h("span", { class: "cl-letter cl-output" }, "O"), "feature maps ", maps);
  return {
    el: h("div", { class: "fb-legend" }, h("div", { class: "cl-row" },
      h("span", { class: "fb-key" }, h("span", { class: "cl-letter cl-weight" }, "W"), "weights ", weights), mapsLine), words),
    draw(text) {
      const most_ = state.rangeOf(0);
      mapsLine.hidden = !state.shared;
      write(low, -most_);
      write(high, most_);
      write(least, -state.weightRange);
      write(most, state.weightRange);
      setText(words, text);
    },
  };
}
