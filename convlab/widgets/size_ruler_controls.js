// What a hand moves: a number for each setting and axis (drag, keys, typing, - and +), and the two lists of padding.

import { h, reducedMotion, setText } from "./dom.js";
import { write } from "./grid.js";
import { makeEditable } from "./numbers.js";
import { pads } from "./conv.js";
import { AXES } from "./size_ruler_math.js";
import { call, tuple } from "./conv_stepper_words.js";
import { outputShape } from "./size_ruler_state.js";
import { torchSize } from "./size_ruler_words.js";

/** Every row of the table: what PyTorch refuses lies within reach, for a refusal is something to see. */
const ROWS = [
  { name: "input", role: "length", kind: "input", least: 1, letter: "I" },
  { name: "kernel_size", role: "kernel-size", kind: "weight", least: 0, letter: "W" },
  { name: "stride", role: "stride", kind: "weight", least: 0 },
  { name: "padding", role: "padding", kind: "padding", least: -1 },
  { name: "dilation", role: "dilation", kind: "weight", least: 0 },
];
const MOST = 256;
const NUMBER = "a number";
const MODES = ["zeros", "reflect", "replicate", "circular"];

/** Every field of the table: what it is called, reads and sets. */
function entries(state) {
  return ROWS.flatMap((row) => AXES.map(({ name: letter, many }, axis) => ({
    ...row, axis, label: row.name === "input" ? `${letter}, ${many} of the input` : `${row.name}, ${many}`,
    get: () => (row.name === "input" ? state.shape.at(axis - 2) : state.spec[row.name][axis]),
    set(value) {
      if (!Number.isInteger(value)) return; // half a pixel is no setting: what was there stays
      const to = Math.min(Math.max(MOST, this.get()), Math.max(row.least, value)); // Python may go further
      if (to === this.get()) return;
      if (row.name === "input") state.setLength(axis, to);
      else state.setPair(row.name, axis, to);
    },
  })));
}

/** The table of settings; draw() shows them as they are. */
export function createTable(state, act, signal) {
  const el = h("div", { class: "sr-table", role: "group", "aria-label": "settings" });
  const fields = entries(state).map((entry) => createField(entry, act, signal));
  const outputs = [0, 1].map((index) => h("span", { class: "sr-out cl-output", data: { role: "output-size", index } }));
  const padding = choice("padding as", [NUMBER, "same", "valid"], signal, act.timed((value) => {
    const numbers = () => pads(state.spec).map(([first]) => Math.max(0, first));
    state.setWhole("padding", value === NUMBER ? numbers() : value);
  }));
  const mode = choice("padding_mode", MODES, signal, act.timed((value) => state.setWhole("padding_mode", value)));
  const line = (name, ...cells) => h("div", { class: "sr-line" }, h("code", { class: "sr-name" }, name), ...cells);
  el.append(h("div", { class: "sr-line" }, h("span"),
    AXES.map(({ name, many }) => h("span", { class: "sr-head" }, h("b", {}, name), ` ${many}`))));
  for (const { name } of ROWS) {
    el.append(line(name, ...fields.filter((field) => field.entry.name === name).map((field) => field.el)));
    if (name === "padding") el.append(line("", padding));
  }
  el.append(line("padding_mode", mode), h("div", { class: "sr-line sr-result" },
    h("span", { class: "sr-name" }, "output"), outputs));
  edit(el, fields, act, signal);
  return {
    el,
    draw() {
      for (const field of fields) field.draw(state);
      padding.value = typeof state.spec.padding === "string" ? state.spec.padding : NUMBER;
      mode.value = state.spec.padding_mode;
      outputs.forEach((node, axis) => (state.problem ? blank(node, "–") : write(node, state.lines[axis].places)));
    },
  };
}

/** Words in the place of a number. */
function blank(node, text) {
  delete node.dataset.value;
  setText(node, text);
}

function createField(entry, act, signal) {
  const { name, role, axis, label, kind, least } = entry;
  const number = h("span", { class: "sr-number cl-cell", data: { role, index: axis } });
  const spin = { role: "spinbutton", tabindex: 0, "aria-label": label, "aria-valuemin": least, "aria-valuemax": MOST };
  const button = (by, text) => h("button", {
    type: "button", tabindex: -1, "aria-hidden": "true", title: `${label}: ${by < 0 ? "less" : "more"}`, signal,
    on: { click: act.timed(() => entry.set(entry.get() + by)) } }, text);
  const el = h("span", { class: `sr-field cl-${kind}` }, button(-1, "−"), number, button(1, "+"));
  return {
    entry, number, el,
    draw({ spec }) {
      if (number.querySelector("input")) return; // it is being typed
      const fixed = name === "padding" && typeof spec.padding === "string";
      if (fixed !== number.hasAttribute("tabindex")) {
        if (fixed) blank(number, pads(spec)[axis].join(" + "));
        else write(number, entry.get());
        return;
      }
      el.classList.toggle("sr-fixed", fixed);
      if (fixed) for (const attribute of [...Object.keys(spin), "aria-valuenow"]) number.removeAttribute(attribute);
      else for (const [attribute, value] of Object.entries(spin)) number.setAttribute(attribute, value);
      this.draw({ spec });
    },
  };
}

/** Drag, typing, + and - as for every number of the course; up and down as in every spin field. */
function edit(el, fields, act, signal) {
  const entryOf = (node) => fields.find((field) => field.number === node)?.entry;
  makeEditable({ el, focus: (cell) => cell.focus({ preventScroll: true }) }, {
    get: (cell) => entryOf(cell).get(), set: (cell, value) => entryOf(cell).set(value), handler: act.timed, signal,
  });
  el.addEventListener("keydown", act.timed((event) => {
    const entry = entryOf(event.target);
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!entry || !by || event.ctrlKey || event.metaKey || event.altKey) return;
    entry.set(entry.get() + by);
    event.preventDefault();
  }), { signal });
}

function choice(label, values, signal, choose) {
  const change = () => choose(list.value);
  const list = h("select", { "aria-label": label, class: "sr-select", signal, on: { change } },
    values.map((value) => h("option", { value }, value === NUMBER ? value : `'${value}'`)));
  return list;
}

/** The call, and both shapes as PyTorch prints them. */
export function createHeader() {
  const code = h("code", { class: "sr-call" });
  const from = h("code"), to = h("code", { class: "sr-to" });
  return {
    el: h("div", { class: "sr-header" }, code, h("span", { class: "sr-shapes" },
      h("span", { class: "cl-letter cl-input", "aria-hidden": "true" }, "I"), from,
      h("span", { class: "sr-arrow" }, "→"),
      h("span", { class: "cl-letter cl-output", "aria-hidden": "true" }, "O"), to)),
    draw(state) {
      setText(code, call(state.spec));
      setText(from, torchSize(state.shape));
      setText(to, state.problem ? "refused" : torchSize(outputShape(state)));
    },
  };
}

/** Play, back and on, and where the window is. */
export function createTransport(state, act, signal) {
  const button = (label, text, click) => h("button", { type: "button", "aria-label": label, title: label, signal,
    on: { click: act.timed(click) } }, text);
  const play = button("play", "", () => state.play(!reducedMotion()));
  const where = h("span", { class: "sr-where" });
  return {
    el: h("div", { class: "cl-row sr-transport" }, play,
      button("previous place", "‹", () => state.goTo(state.number - 1)),
      button("next place", "›", () => state.goTo(state.number + 1)), where),
    draw(place) {
      setText(play, state.playing ? "❚❚ Pause" : "▶ Play");
      play.setAttribute("aria-label", state.playing ? "pause" : "play");
      setText(where, `window ${tuple(place)}, ${state.number + 1} of ${state.count}`);
    },
  };
}
