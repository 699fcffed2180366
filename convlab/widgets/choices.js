// Controls that widgets on a layer share: one of several, a number with a button on each side, play and its slider.
// `prefix` begins the names of their classes.

import { h, put, reducedMotion, setText } from "./dom.js";

const button = ({ act, signal }, label, text, click) => h("button", {
  type: "button", "aria-label": label, title: label, signal, on: { click: act.timed(click) } }, text);

/** One of several: arrows move along them. draw(off): the one called so cannot be chosen. */
export function createChoices({ prefix, label, names, texts = names, chosen, choose, signal }) {
  const buttons = names.map((name, at) => h("button", {
    type: "button", role: "radio", data: { choice: name }, signal, on: { click: () => choose(name) },
  }, texts[at]));
  const el = h("div", { class: `${prefix}-choices`, role: "radiogroup", "aria-label": label }, buttons);
  el.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!to) return;
    const open = buttons.filter(({ disabled }) => !disabled);
    const next = open[Math.min(open.length - 1, Math.max(0, open.indexOf(event.target) + to))];
    next.focus();
    choose(next.dataset.choice);
    event.preventDefault();
  }, { signal });
  return {
    el,
    draw(off) {
      for (const one of buttons) {
        const on = one.dataset.choice === chosen();
        put(one, { ariaChecked: String(on), tabIndex: on ? 0 : -1, disabled: off === one.dataset.choice });
      }
    },
  };
}

/** A number of read(): {at, first, count}, with a button on each side; hidden where there is one only. */
export function createStepper({ prefix, label, read, go, act, signal }) {
  const within = (at) => at >= (read().first ?? 0) && at < (read().first ?? 0) + read().count;
  const step = (by) => () => within(read().at + by) && go(read().at + by);
  const less = button({ act, signal }, `${label} before`, "‹", step(-1));
  const more = button({ act, signal }, `next ${label}`, "›", step(1));
  const where = h("span", { class: `${prefix}-where` });
  const el = h("span", { class: `${prefix}-stepper`, role: "group", "aria-label": label }, h("span", {}, label), less, where, more);
  return {
    el,
    draw() {
      const { at, first = 0, count } = read();
      el.hidden = count < 2;
      setText(where, `${at} of ${first} to ${first + count - 1}`);
      put(less, { ariaDisabled: String(!within(at - 1)) });
      put(more, { ariaDisabled: String(!within(at + 1)) });
    },
  };
}

/**
 * Play, back, on, and a slider; `player` has play, playing and step, `names` are of the group, of back, of the slider and of
 * on, `slide(number)` goes there, `more` (a name, a text, what it does) makes one button more. draw({at, most, says, text}):
 * where the slider is, and what it and the words beside it say.
 */
export function createTransport({ prefix, names: [name, back, along, on], player, slide, more, act, signal }) {
  const own = { act, signal };
  const play = button(own, "play", "", () => player.play(!reducedMotion()));
  const range = h("input", {
    type: "range", min: 0, "aria-label": along, class: `${prefix}-range`, signal,
    on: { input: act.timed(() => slide(Number(range.value))) },
  });
  const where = h("span", { class: `${prefix}-where` }), rest = more && button(own, ...more);
  const el = h("div", { class: `${prefix}-transport`, role: "group", "aria-label": name }, play,
    button(own, back, "‹", () => player.step(-1)), range, button(own, on, "›", () => player.step(1)), where, rest);
  return {
    el, rest,
    draw({ at, most, says, text }) {
      setText(play, player.playing ? "❚❚ Pause" : "▶ Play");
      put(play, { ariaLabel: player.playing ? "pause" : "play" });
      put(range, { max: String(most), ariaValueText: says });
      put(range, { value: String(at) });
      setText(where, text);
    },
  };
}
