// The call itself, the input's shape, and the index: every number in them is one to drag, type and step.

import { h, reducedMotion, setText } from "./dom.js";
import { write } from "./grid.js";
import { makeEditable } from "./numbers.js";
import { pads } from "./conv.js";

const MOST = { channels: 512, groups: 512, kernel: 31, step: 32, padding: 64, batch: 64, length: 512 };
const MODES = ["zeros", "reflect", "replicate", "circular"];
const AXES = ["rows", "columns"], PAIR = "a pair";
const replaced = (list, at, value) => list.map((old, place) => (place === at ? value : old));

/**
 * A number in the code: {el, entry, draw()}. entry: role, index, label, least, most() and get(), set(value); `of` names
 * what it is linked with; get() gives null where there is no number now, and text() what stands there instead.
 */
function createField(entry) {
  const { role, index, label, kind, of = `${role}.${index}` } = entry;
  const el = h("span", { class: `la-number cl-${kind}`, data: { role, index, of } });
  const dress = (moves) => {
    const spin = { role: "spinbutton", tabindex: 0, "aria-label": label, "aria-valuemin": entry.least,
      "aria-valuemax": entry.most() };
    for (const [name, value] of Object.entries(spin)) {
      if (moves) el.setAttribute(name, value);
      else el.removeAttribute(name);
    }
  };
  let moved = null;
  return {
    el, entry,
    draw() {
      if (el.querySelector("input")) return; // it is being typed
      const value = entry.get(), moves = value !== null;
      if (moved !== moves || el.getAttribute("aria-valuemax") !== String(entry.most())) dress(moved = moves);
      if (moves) return write(el, value);
      delete el.dataset.value;
      el.removeAttribute("aria-valuenow");
      return setText(el, entry.text());
    },
  };
}

/** Drag, typing, + and - as for every number of the course; up and down as in every spin field. */
function edit(el, fields, act, signal) {
  const entryOf = (node) => fields.find((field) => field.el === node)?.entry;
  const set = (entry, value) => {
    if (!Number.isInteger(value)) return; // half a channel is no setting: what was there stays
    const to = Math.min(Math.max(entry.most(), entry.get()), Math.max(entry.least, value)); // Python may go further
    if (to !== entry.get()) entry.set(to);
  };
  makeEditable({ el, focus: (cell) => cell.focus({ preventScroll: true }) }, {
    get: (cell) => entryOf(cell).get(), set: (cell, value) => set(entryOf(cell), value), handler: act.timed, signal,
  });
  el.addEventListener("keydown", act.timed((event) => {
    const entry = entryOf(event.target), by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!entry || !by || event.ctrlKey || event.metaKey || event.altKey) return;
    set(entry, entry.get() + by);
    event.preventDefault();
  }), { signal });
}

const letter = (kind) => h("span", { class: `cl-letter cl-${kind}`, "aria-hidden": "true" }, kind[0].toUpperCase());
/** A number, and under it what it counts. */
const under = (field, word) => h("span", { class: "la-axis" }, field.el, h("small", { "aria-hidden": "true" }, word));
const argument = (...pieces) => h("span", { class: "la-argument" }, pieces);

/** nn.Conv2d(...) and the input's shape. */
export function createCode(state, act, signal) {
  const field = (entry) => createField(entry);
  const channels = (name, kind, least) => field({
    role: name, index: 0, label: name, kind, least, most: () => MOST.channels,
    get: () => state.spec[name], set: (value) => state.change({ [name]: value }),
  });
  const along = (name, kind, least, most) => AXES.map((axis, at) => field({
    role: name, index: at, label: `${name}, ${axis}`, kind, least, most: () => most,
    get: () => (typeof state.spec[name] === "string" ? null : state.spec[name][at]),
    text: () => "",
    set: (value) => state.change({ [name]: replaced(state.spec[name], at, value) }),
  }));
  const parts = {
    in_channels: [channels("in_channels", "input", 1)], out_channels: [channels("out_channels", "output", 1)],
    kernel_size: along("kernel_size", "weight", 0, MOST.kernel), stride: along("stride", "plain", 0, MOST.step),
    padding: along("padding", "plain", -1, MOST.padding), dilation: along("dilation", "plain", 0, MOST.step),
    groups: [channels("groups", "plain", 0)],
  };
  const choices = chosen(state, act, signal);
  const pair = ([first, second]) => ["(", first.el, ", ", second.el, ")"];
  const numbers = h("span", { class: "la-pair" }, pair(parts.padding));
  const written = { padding: [numbers, choices.padding], bias: [choices.bias], padding_mode: [choices.mode] };
  const names = ["in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias",
    "padding_mode"];
  const line = h("div", { class: "la-call", role: "group", "aria-label": "the layer's arguments" },
    h("span", { class: "la-name" }, "nn.Conv2d("), names.map((name, at) => argument(`${name}=`,
      ...(written[name] ?? (parts[name].length > 1 ? pair(parts[name]) : [parts[name][0].el])),
      at < names.length - 1 ? "," : ")")));
  const input = createShape(state);
  const el = h("div", { class: "la-code" }, line, input.el);
  const fields = Object.values(parts).flat();
  edit(line, fields, act, signal);
  edit(input.el, input.fields, act, signal);
  return {
    el,
    draw() {
      for (const one of fields) one.draw();
      const named = typeof state.spec.padding === "string";
      numbers.hidden = named;
      choices.draw(named);
      input.draw();
    },
  };
}

/** What is chosen, not counted: padding as a pair or a name, bias, padding_mode. */
function chosen(state, act, signal) {
  const list = (label, values, choose) => {
    const change = act.timed(() => choose(el.value));
    const el = h("select", { "aria-label": label, class: "la-select", signal, on: { change } },
      values.map((value) => h("option", { value }, value === PAIR ? value : `"${value}"`)));
    return el;
  };
  const pair = () => pads(state.spec).map(([first]) => Math.max(0, first));
  const padding = list("padding as", [PAIR, "same", "valid"],
    (value) => state.change({ padding: value === PAIR ? pair() : value }));
  const mode = list("padding_mode", MODES, (value) => state.change({ padding_mode: value }));
  const bias = h("button", { type: "button", class: "la-bool", data: { of: "bias.0" }, signal,
    on: { click: act.timed(() => state.change({ bias: !state.spec.bias })) } });
  return {
    padding, mode, bias,
    draw(named) {
      padding.value = named ? state.spec.padding : PAIR;
      padding.classList.toggle("la-arrow", !named);
      mode.value = state.spec.padding_mode;
      setText(bias, state.spec.bias ? "True" : "False");
      bias.setAttribute("aria-label", `bias: ${bias.textContent}`);
      bias.setAttribute("aria-pressed", String(state.spec.bias));
    },
  };
}

/** input (N, C, H, W) = (1, 3, 5, 6). */
function createShape(state) {
  const axes = [["N", "the batch", MOST.batch], ["C", "the channels", MOST.channels], ["H", "the rows", MOST.length],
    ["W", "the columns", MOST.length]];
  const fields = axes.map(([name, what, most], axis) => createField({
    role: "input", index: axis, label: `${name} of the input, ${what}`, kind: "input", of: `input.${axis}`, least: 1,
    most: () => most,
    get: () => state.shape[axis - 4 + state.shape.length] ?? null, text: () => "",
    set: (value) => state.change({}, replaced(state.shape, axis - 4 + state.shape.length, value)),
  }));
  const cells = fields.map((field, at) => under(field, axes[at][0])), comma = h("span", {}, ", ");
  const el = h("div", { class: "la-shape-line", role: "group", "aria-label": "the input's shape" },
    letter("input"), h("span", { class: "la-name" }, "input"), " (", cells[0], comma, cells[1], ", ", cells[2], ", ",
    cells[3], ")");
  return {
    el, fields,
    draw() {
      cells[0].hidden = comma.hidden = state.shape.length === 3;
      for (const field of fields) field.draw();
    },
  };
}

const LETTERS = [["o", "filter"], ["c", "kernel"], ["u", "row"], ["v", "column"]];
const DEPTHS = [[1, "weight[o]", "filter"], [2, "weight[o, c]", "kernel"], [4, "weight[o, c, u, v]", "one number"]];

/** weight[o, c, u, v] = value, how much of it is said, and the place of the output it is looked at from. */
export function createIndex(view, act, signal) {
  const { state } = view, shown = () => view.shown();
  const index = LETTERS.map(([letter, what], at) => createField({
    role: "index", index: at, label: `${letter}, the ${what}`, kind: "weight", of: `weight.${at}`, least: 0,
    most: () => state.most.index[at] - 1, text: () => ":",
    get: () => (shown().depth > at ? shown().index[at] : null),
    set: (value) => act.pinIndex(replaced(state.index, at, value)),
  }));
  const place = ["i, the output's row", "j, the output's column"].map((label, at) => createField({
    role: "place", index: at, label, kind: "output", of: `place.${at}`, least: 0, most: () => state.most.place[at] - 1,
    text: () => "", get: () => shown().place[at], set: (value) => state.pinPlace(replaced(state.place, at, value)),
  }));
  const value = h("b", { class: "la-value cl-weight", data: { role: "weight-value", index: "" } });
  const first = h("span"), play = playButton(state, act, signal), depths = depthChoice(state, act, signal);
  const el = h("div", { class: "la-index", role: "group", "aria-label": "the index" },
    h("span", { class: "la-expression" }, letter("weight"), "weight[",
      index.flatMap((field, at) => [at ? "," : "", under(field, LETTERS[at][1])]), "]", value),
    depths.el,
    h("span", { class: "la-expression" }, h("span", { class: "la-word" }, "for"), letter("output"), first,
      under(place[0], "row"), ",", under(place[1], "column"), "]", play.el));
  edit(el, [...index, ...place], act, signal);
  return {
    el,
    draw() {
      for (const field of [...index, ...place]) field.draw();
      const { index: at, depth } = shown(), said = depth === 4;
      setText(first, `output[${state.legal.shape.length === 4 ? "0, " : ""}${at[0]}, `);
      if (said) {
        value.dataset.index = at.join(",");
        write(value, state.weightAt(at));
      } else {
        delete value.dataset.value;
        setText(value, depth === 1 ? `a filter, shape (${state.most.index.slice(1).join(", ")})`
          : `a kernel, shape (${state.most.index.slice(2).join(", ")})`);
      }
      value.classList.toggle("la-said", !said);
      depths.draw(depth);
      play.draw();
    },
  };
}

function playButton(state, act, signal) {
  const click = act.timed(() => state.play(!reducedMotion()));
  const el = h("button", { type: "button", class: "la-play", signal, on: { click } });
  return {
    el,
    draw() {
      setText(el, state.playing ? "❚❚" : "▶");
      el.setAttribute("aria-label", state.playing ? "pause" : "play: every place in turn");
    },
  };
}

/** How much of the weight is said; arrows move along the three. */
function depthChoice(state, act, signal) {
  const buttons = DEPTHS.map(([depth, code, what]) => h("button", { type: "button", role: "radio",
    "aria-label": `${code}, ${what}`, title: what, signal, on: { click: act.timed(() => act.say(depth)) } }, code));
  const el = h("div", { class: "la-depths", role: "radiogroup", "aria-label": "how much of the weight" }, buttons);
  el.addEventListener("keydown", act.timed((event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const next = by && buttons[buttons.indexOf(event.target) + by];
    if (!by) return;
    event.preventDefault();
    if (!next) return;
    next.focus();
    act.say(DEPTHS[buttons.indexOf(next)][0]);
  }), { signal });
  return {
    el,
    draw(shown) {
      DEPTHS.forEach(([depth], at) => {
        buttons[at].setAttribute("aria-checked", String(depth === shown));
        buttons[at].tabIndex = depth === state.depth ? 0 : -1;
      });
    },
  };
}
