// What stands above and under the picture: the view, scatter or gather, what is on the screen, the sum term by term,
// the nudge.

import { h, reducedMotion, setText } from "./dom.js";

const NAMES = { forward: "forward", input: "dL/dinput", weight: "dL/dweight", bias: "dL/dbias" };
const NUDGES = [0, 1, 0.5, 0.1, 0.01, 0.001];

/** Writes only what is another: even the same attribute, written again, costs the page a look at its styles. */
export function put(to, values) {
  for (const [name, value] of Object.entries(values)) if (to[name] !== value) to[name] = value;
}

/** One of several: arrows move along them. */
function choices({ label, names, texts, chosen, choose, signal }) {
  const buttons = names.map((name, at) => h("button", {
    type: "button", role: "radio", data: { choice: name }, signal, on: { click: () => choose(name) },
  }, texts[at]));
  const el = h("div", { class: "gr-choices", role: "radiogroup", "aria-label": label }, buttons);
  el.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!to) return;
    const open = buttons.filter((button) => !button.disabled);
    const next = open[Math.min(open.length - 1, Math.max(0, open.indexOf(event.target) + to))];
    next.focus();
    choose(next.dataset.choice);
    event.preventDefault();
  }, { signal });
  return {
    el,
    draw(off) {
      for (const button of buttons) {
        const on = button.dataset.choice === chosen();
        put(button, { ariaChecked: String(on), tabIndex: on ? 0 : -1, disabled: off === button.dataset.choice });
      }
    },
  };
}

export function createViews(router, act, signal) {
  const names = Object.keys(NAMES);
  const view = choices({
    label: "what is asked", names, texts: Object.values(NAMES), signal, chosen: () => router.view,
    choose: act.timed((name) => router.look(name)),
  });
  const how = choices({
    label: "how it comes together", names: ["scatter", "gather"], texts: ["scatter", "gather"], signal,
    chosen: () => router.how, choose: act.timed((name) => router.set({ how: name })),
  });
  return {
    els: [view.el, how.el],
    draw() {
      view.draw(router.layer.legal?.spec.bias ? null : "bias");
      how.draw();
      how.el.hidden = !router.twoWays;
    },
  };
}

/** A number with a button on each side; hidden where there is one only. */
function stepper({ label, read, go, act, signal }) {
  const button = (by, text, name) => h("button", {
    type: "button", "aria-label": name, title: name, signal, on: { click: act.timed(() => go(read().at + by)) } }, text);
  const [less, more] = [button(-1, "‹", `${label} before`), button(1, "›", `next ${label}`)];
  const where = h("span", { class: "gr-where" });
  const el = h("span", { class: "gr-stepper", role: "group", "aria-label": label }, h("span", {}, label), less, where, more);
  return {
    el,
    draw() {
      const { at, first = 0, count } = read();
      el.hidden = count < 2;
      setText(where, `${at} of ${first} to ${first + count - 1}`);
      put(less, { ariaDisabled: String(at <= first) });
      put(more, { ariaDisabled: String(at >= first + count - 1) });
    },
  };
}

/** Channel, filter and sample on the screen, each where the view has more than one. */
export function createPlaces(router, act, signal) {
  const none = { at: 0, count: 0 };
  const moved = (axis, at) => router.cell.map((value, place) => (place === axis ? at : value));
  const pixel = () => ["forward", "input"].includes(router.view);
  const axisOf = (name) => (name === "channel" ? 1 : 0);
  const cellStepper = (label, has, count) => stepper({
    label, act, signal,
    read: () => (has() ? { at: router.cell[axisOf(label)], count: count() } : none),
    go: (at) => act.goTo(moved(axisOf(label), at), count(), at),
  });
  const { layer } = router;
  const all = [
    cellStepper("channel", () => router.view !== "bias", () => (pixel() ? layer.g.C : layer.g.Cg)),
    cellStepper("filter", () => !pixel(), () => layer.g.O),
    stepper({
      label: "filters from", act, signal, go: (at) => act.goTo(null, 0, at, "filter"),
      read: () => (pixel() && act.hidesFilters() ? { at: router.filter, first: act.group(), count: layer.g.Og } : none),
    }),
    stepper({
      label: "sample", act, signal, go: (at) => act.goTo(null, layer.g.N, at, "sample"),
      read: () => (pixel() ? none : { at: router.sample, count: layer.g.N }),
    }),
  ];
  return { els: all.map(({ el }) => el), draw: () => all.forEach((one) => one.draw()) };
}

/** Play, back, on, and a slider over what is added: products, or the messages to a bias as they are. */
export function createTransport(router, act, signal) {
  const button = (label, text, click) => h("button", {
    type: "button", "aria-label": label, title: label, signal, on: { click: act.timed(click) } }, text);
  const play = button("play", "", () => router.play(!reducedMotion()));
  const range = h("input", {
    type: "range", min: 0, "aria-label": "products added", class: "gr-range", signal,
    on: { input: act.timed(() => router.set({ terms: Number(range.value) })) },
  });
  const where = h("span", { class: "gr-where" });
  const el = h("div", { class: "gr-transport", role: "group", "aria-label": "product by product" }, play,
    button("one product less", "‹", () => router.step(-1)), range, button("one product more", "›", () => router.step(1)), where);
  return {
    el,
    draw(count) {
      const one = router.view === "bias" ? "message" : "product", added = `${count} ${one}${count === 1 ? "" : "s"}`;
      setText(play, router.playing ? "❚❚ Pause" : "▶ Play");
      put(play, { ariaLabel: router.playing ? "pause" : "play" });
      put(range, { max: String(count), ariaValueText: `${router.terms} of ${added}` });
      put(range, { value: String(router.terms) });
      setText(where, `${router.terms} of ${added}`);
    },
  };
}

/** How far the pinned cell is nudged. */
export function createNudgeChoice(router, act, signal) {
  const list = h("select", { "aria-label": "nudge h", signal, on: {
    change: act.timed(() => router.set({ nudge: Number(list.value) })) } });
  const draw = () => {
    const all = [...new Set([...NUDGES, router.nudge])];
    if (list.options.length !== all.length || ![...list.options].some(({ value }) => Number(value) === router.nudge)) {
      list.replaceChildren(...all.map((value) => h("option", { value }, value ? `h = ${value}` : "off")));
    }
    put(list, { value: String(router.nudge) });
  };
  return { el: h("label", { class: "gr-nudger" }, h("span", {}, "nudge the cell"), list), draw };
}
