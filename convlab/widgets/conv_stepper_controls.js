// What stands above and under the picture: the call with its shapes, filters, samples, stages, play, the scrubber.

import { h, reducedMotion, setText } from "./dom.js";
import { createCanvas, paint, palette } from "./conv_stepper_canvas.js";
import { rowsAtOnce, titled } from "./conv_stepper_picture.js";
import { STAGES } from "./conv_stepper_position.js";
import { call, shapes, stretch, tuple } from "./conv_stepper_words.js";

const STAGE_NAMES = { window: "window", products: "products", sums: "channel sums", bias: "bias", output: "output" };
/** Filters on one page of tabs. */
const PAGE = 16;

/** The layer's call and every shape. */
export function header(layer) {
  const { in_channels, out_channels, groups, kernel_size } = layer.spec;
  const weight = [out_channels, Math.floor(in_channels / groups), ...kernel_size];
  const shown = layer.problem
    ? { input: tuple(layer.shape), weight: groups > 0 && tuple(weight) }
    : shapes(layer.g, layer.legal);
  const letters = { input: ["input", "I"], weight: ["weight", "W"], bias: ["weight", "B"], output: ["output", "O"] };
  return h("div", { class: "cl-header" }, h("code", { class: "cl-call" }, call(layer.spec)),
    h("div", { class: "cl-shapes" }, Object.entries(shown).filter(([, shape]) => shape).map(([name, shape]) =>
      h("span", { class: "cl-shape" }, titled(...letters[name], `${name} ${shape}`)))));
}

/** One of several: buttons of which one is pressed; arrows move along them. */
function choices({ label, role, keep, names, content, chosen, choose, signal }) {
  const item = role === "tablist" ? "tab" : "radio";
  const state = role === "tablist" ? "aria-selected" : "aria-checked";
  const buttons = names.map((name, at) => h("button", {
    type: "button", role: item, "aria-label": name, signal, on: { click: () => choose(at) },
  }, content(at)));
  const el = h("div", { class: `cs-choices cs-${role}`, role, "aria-label": label, data: keep && { keep } }, buttons);
  el.addEventListener("keydown", (event) => {
    const to = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const here = buttons.indexOf(event.target);
    if (!to || here < 0) return;
    const next = Math.min(buttons.length - 1, Math.max(0, here + to));
    buttons[next].focus(); // before choosing: it may draw everything anew, which keeps the focus here
    choose(next);
    event.preventDefault();
  }, { signal });
  const mark = () => buttons.forEach((button, at) => {
    button.setAttribute(state, String(at === chosen()));
    button.tabIndex = at === chosen() ? 0 : -1;
  });
  mark();
  return { el, buttons, mark };
}

/** The stages, as steps one can go back and forth on. */
export function stages(at, act, signal) {
  return choices({
    label: "stage", role: "radiogroup", names: STAGES.map((stage) => STAGE_NAMES[stage]), signal,
    content: (number) => STAGE_NAMES[STAGES[number]], chosen: () => STAGES.indexOf(at.stage),
    choose: act.timed((number) => at.set({ stage: STAGES[number] })),
  });
}

/** Play, back, on, and a scrubber over all places. */
export function transport(at, act, signal) {
  const button = (label, text, click) => h("button", {
    type: "button", "aria-label": label, title: label, signal, on: { click: act.timed(click) } }, text);
  const play = button("play", "", () => at.play(!reducedMotion()));
  const range = h("input", {
    type: "range", min: 0, max: at.places - 1, "aria-label": "place", class: "cs-scrubber", signal,
    on: { input: act.timed(() => at.goTo(Number(range.value))) },
  });
  const where = h("span", { class: "cs-where" });
  const el = h("div", { class: "cl-row cs-transport" }, play,
    button("previous place", "‹", () => at.goTo(at.number - 1)), range,
    button("next place", "›", () => at.goTo(at.number + 1)), where);
  const draw = () => {
    setText(play, at.playing ? "❚❚ Pause" : "▶ Play");
    play.setAttribute("aria-label", at.playing ? "pause" : "play");
    range.value = at.number;
    range.setAttribute("aria-valuetext", `row ${at.place[0]}, column ${at.place[1]}`);
    setText(where, `place ${at.number + 1} of ${at.places}`);
  };
  draw();
  return { el, draw };
}

/** A tab for each filter, with its feature map; null for one filter. */
export function filters(layer, at, act, { signal, root }) {
  const { g } = layer;
  if (g.O === 1) return null;
  const from = Math.floor(at.filter / PAGE) * PAGE;
  const numbers = Array.from({ length: Math.min(PAGE, g.O - from) }, (_, place) => from + place);
  const canvases = numbers.map((o) => thumbnail(g, o));
  const tabs = choices({
    label: "filter", role: "tablist", keep: "filter", names: numbers.map((o) => `filter ${o}`), signal,
    content: (place) => [canvases[place], h("span", {}, `${numbers[place]}`)],
    chosen: () => at.filter - from, choose: act.timed((place) => at.set({ filter: numbers[place] })),
  });
  const page = (by, text, label) => h("button", {
    type: "button", data: { keep: label }, "aria-label": label, signal,
    disabled: by < 0 ? from === 0 : from + PAGE >= g.O,
    on: { click: act.timed(() => at.set({ filter: from + by * PAGE })) } }, text);
  const pages = g.O > PAGE ? [page(-1, "‹", "filters before these"), page(1, "›", "filters after these")] : [];
  const el = h("div", { class: "cl-row cs-filters" },
    h("span", { class: "cs-label" }, "filter"), pages[0], tabs.el, pages[1],
    g.O > PAGE ? h("span", { class: "cs-where" }, `${from} to ${from + numbers.length - 1} of ${g.O}`) : null);
  return {
    el, mark: tabs.mark,
    /** Paints the maps of these filters, all when none are named. */
    draw(only) {
      const colours = palette(root, "output");
      numbers.forEach((o, place) => {
        if (!only || only.includes(o)) paintMap(canvases[place], layer, at, o, colours);
      });
    },
  };
}

const MAP_PX = 36;

function thumbnail(g, o) {
  const canvas = createCanvas({
    role: "output", index: `${o}`, rows: g.H_out, columns: g.W_out, label: `feature map ${o}`,
  });
  const px = MAP_PX / Math.max(g.H_out, g.W_out);
  canvas.style.width = `${Math.max(3, g.W_out * px)}px`;
  canvas.style.height = `${Math.max(3, g.H_out * px)}px`;
  return canvas;
}

function paintMap(canvas, { g, output }, at, o, colours) {
  const first = (at.sample * g.O + o) * g.H_out * g.W_out;
  paint(canvas, Array.from({ length: g.H_out * g.W_out }, (_, place) => (
    at.shows([Math.floor(place / g.W_out), place % g.W_out]) ? output[first + place] : null)), colours);
}

/** A list to choose the sample of a batch from; null for one sample. */
export function samples(layer, at, act, signal) {
  if (layer.g.N === 1) return null;
  const list = h("select", { "aria-label": "sample of the batch", signal, data: { keep: "sample" },
    on: { change: act.timed(() => at.set({ sample: Number(list.value) })) } },
    Array.from({ length: layer.g.N }, (_, n) => h("option", { value: n }, `${n}`)));
  list.value = at.sample;
  return h("label", { class: "cl-row cs-sample" }, h("span", { class: "cs-label" }, "sample"), list,
    h("span", { class: "cs-where" }, `of ${layer.g.N}`));
}

/** Which channels are on the screen, where they are more than fit or the filter reads only its group's. */
export function channels(layer, at, act, { signal, root }) {
  const { g } = layer;
  const most = rowsAtOnce(g);
  const group = Math.floor(at.filter / g.Og);
  const parts = [], left = layer.legal.spec.groups > 1 ? others(layer, at, group, root) : [];
  if (g.Cg > most) {
    const go = (by, text, label) => h("button", {
      type: "button", data: { keep: label }, "aria-label": label, signal,
      disabled: by < 0 ? at.channel === 0 : at.channel + most >= g.Cg,
      on: { click: act.timed(() => at.set({ channel: Math.max(0, at.channel + by * most) })) } }, text);
    const last = Math.min(g.Cg, at.channel + most) - 1;
    parts.push(h("span", { class: "cs-label" }, "channels"), go(-1, "‹", "channels before these"),
      h("span", {}, `${at.channel} to ${last} of ${g.Cg}`), go(1, "›", "channels after these"));
  }
  if (left.length) {
    const own = stretch("channel", group * g.Cg, g.Cg, 1);
    parts.push(h("span", { class: "cs-where" }, `Filter ${at.filter} reads only its group, ${own}; not read:`),
      ...left.map((other) => other.el));
  }
  if (!parts.length) return null;
  return { el: h("div", { class: "cl-row cs-channels" }, parts), draw: () => left.forEach((other) => other.draw()) };
}

/** The channels of the other groups, small. */
function others(layer, at, group, root) {
  const { g } = layer;
  const found = [];
  for (let c = 0; c < g.C && found.length < PAGE; c++) {
    if (Math.floor(c / g.Cg) === group) continue;
    const canvas = createCanvas({
      role: "input", index: `${c}`, rows: g.H, columns: g.W, label: `input channel ${c}, not read`,
    });
    const px = MAP_PX / Math.max(g.H, g.W);
    canvas.style.width = `${g.W * px}px`;
    canvas.style.height = `${g.H * px}px`;
    const first = (at.sample * g.C + c) * g.H * g.W;
    found.push({
      el: h("span", { class: "cs-other" }, canvas, `${c}`),
      draw: () => paint(canvas, Array.from(layer.input.subarray(first, first + g.H * g.W)), palette(root, "input")),
    });
  }
  return found;
}
