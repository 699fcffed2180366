// What stands above the picture: the view, the filter, the sample, play and the scrubber over the places.

import { h, reducedMotion, setText } from "./dom.js";
import * as math from "./im2col_loom_math.js";

const VIEWS = ["sliding", "matrix", "fold"];

/** One of several: arrows move along them. */
export function createViews(loom, act, signal) {
  const choose = act.timed((name) => loom.set({ view: name }));
  const buttons = VIEWS.map((name) => h("button", {
    type: "button", role: "radio", data: { choice: name }, signal, on: { click: () => choose(name) } }, name));
  const el = h("div", { class: "il-choices", role: "radiogroup", "aria-label": "view" }, buttons);
  el.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!to) return;
    const next = buttons[Math.min(buttons.length - 1, Math.max(0, buttons.indexOf(event.target) + to))];
    next.focus();
    choose(next.dataset.choice);
    event.preventDefault();
  }, { signal });
  return {
    el,
    draw() {
      for (const button of buttons) {
        const on = button.dataset.choice === loom.view;
        button.setAttribute("aria-checked", String(on));
        button.tabIndex = on ? 0 : -1;
      }
    },
  };
}

/** A number with a button on each side; hidden where there is one only. */
function createStepper({ label, read, go, act, signal }) {
  const button = (by, text, name) => h("button", {
    type: "button", "aria-label": name, title: name, signal, on: { click: act.timed(() => step(by)) } }, text);
  const less = button(-1, "‹", `${label} before`), more = button(1, "›", `next ${label}`), where = h("span", { class: "il-where" });
  const el = h("span", { class: "il-stepper", role: "group", "aria-label": label }, h("span", {}, label), less, where, more);
  const inside = (at) => at >= 0 && at < read()[1];
  const step = (by) => inside(read()[0] + by) && go(read()[0] + by);
  return {
    el,
    draw() {
      const [at, count] = read();
      el.hidden = count < 2;
      setText(where, `${at} of 0 to ${count - 1}`);
      less.setAttribute("aria-disabled", String(!inside(at - 1)));
      more.setAttribute("aria-disabled", String(!inside(at + 1)));
    },
  };
}

/** Filter and sample, each where there is more than one. */
export function createPlaces(loom, act, signal) {
  const filter = () => (loom.view === "fold" ? [0, 0] : [loom.filter, loom.layer.g.O]);
  const all = [
    createStepper({ label: "filter", read: filter, go: (at) => act.pin({ filter: at }), act, signal }),
    createStepper({ label: "sample", read: () => [loom.sample, loom.layer.g.N], go: (sample) => loom.set({ sample }), act, signal }),
  ];
  return { els: all.map(({ el }) => el), draw: () => all.forEach((one) => one.draw()) };
}

/** Play, back, on, and a slider over the places; what is woven so far, or all. */
export function createTransport(loom, act, signal) {
  const button = (label, text, click) => h("button", {
    type: "button", "aria-label": label, title: label, signal, on: { click: act.timed(click) } }, text);
  const play = button("play", "", () => loom.play(!reducedMotion()));
  const range = h("input", {
    type: "range", min: 0, "aria-label": "place", class: "il-range", signal, on: { input: act.timed(() => loom.goTo(Number(range.value))) } });
  const where = h("span", { class: "il-where" }), rest = button("show all columns", "all", () => loom.set({ filled: null }));
  const el = h("div", { class: "il-transport", role: "group", "aria-label": "place by place" }, play,
    button("place before", "‹", () => loom.step(-1)), range, button("next place", "›", () => loom.step(1)), where, rest);
  return {
    el,
    draw(column) {
      const { L } = math.sizes(loom.layer.g), [i, j] = math.placeOf(loom.layer.g, column ?? loom.entry[1]);
      setText(play, loom.playing ? "❚❚ Pause" : "▶ Play");
      play.setAttribute("aria-label", loom.playing ? "pause" : "play");
      if (range.max !== String(L - 1)) range.max = L - 1;
      range.value = loom.entry[1];
      range.setAttribute("aria-valuetext", `column ${loom.entry[1]} of ${L}`);
      setText(where, `place (${i}, ${j})${loom.whole ? "" : `, ${loom.filled} of ${L} done`}`);
      rest.hidden = loom.whole;
    },
  };
}
