// The stack as code whose numbers are moved, and beside each layer what the recursion gives: a row a layer.

import { h, setText } from "./dom.js";
import { write } from "./grid.js";
import { makeEditable } from "./numbers.js";
import { pads } from "./conv.js";
import { AXES, along, follow } from "./receptive_field_math.js";
import { another } from "./receptive_field_presets.js";
import { recursion } from "./receptive_field_words.js";

const KINDS = ["Conv2d", "MaxPool2d", "AvgPool2d"];
/** What PyTorch refuses lies within reach, for a refusal is something to see. */
const ARGUMENTS = [
  { name: "kernel_size", role: "kernel-size", kind: "weight", least: 0, most: 15 },
  { name: "stride", role: "stride", kind: "plain", least: 0, most: 8 },
  { name: "padding", role: "padding", kind: "plain", least: -1, most: 32 },
  { name: "dilation", role: "dilation", kind: "plain", least: 0, most: 16 },
];
const MOST_LAYERS = 10, MOST_LENGTH = 96, PAIR = "a pair";
const COLUMNS = [["extent", "extent"], ["size", "size r"], ["jump", "jump j"], ["output-size", "output"]];

/** A number in the code: {el, entry, draw()}; entry: label, least, most and get(), set(value). */
function createField(entry) {
  const el = h("span", { class: `rf-number cl-${entry.kind}`, role: "spinbutton", tabindex: 0,
    "aria-label": entry.label, "aria-valuemin": entry.least, "aria-valuemax": entry.most,
    data: { role: entry.role, index: entry.index } });
  return {
    el, entry,
    draw() {
      if (el.querySelector("input")) return; // it is being typed
      if (entry.get() === null) delete el.dataset.value; // it is hidden: the layer has no such number now
      else write(el, entry.get());
    },
  };
}

/** Drag, typing, + and - as for every number of the course; up and down as in every spin field. */
function edit(el, entryOf, act, signal) {
  const set = (entry, value) => {
    if (!Number.isInteger(value)) return; // half a pixel is no setting: what was there stays
    const to = Math.min(Math.max(entry.most, entry.get()), Math.max(entry.least, value)); // Python may go further
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

/** A pair of numbers as people write a product: 3 × 5. */
function createPair(role, index) {
  const nodes = [0, 1].map((axis) => h("span", { data: { role, index: `${index},${axis}` } }));
  const el = h("span", { class: "rf-times" }, nodes[0], " × ", nodes[1]), none = h("span", {}, "–");
  const box = h("span", {}, el, none);
  return {
    box,
    draw(values) {
      el.hidden = !values;
      none.hidden = Boolean(values);
      nodes.forEach((node, axis) => {
        if (values) write(node, values[axis]);
        else delete node.dataset.value;
      });
    },
  };
}

/** {el, draw()} of all rows. */
export function createStack(state, act, signal) {
  const fields = new Map(); // element -> field
  const make = (entry) => {
    const field = createField(entry);
    fields.set(field.el, field);
    return field;
  };
  const input = createInput(state, make), rows = [];
  const add = h("button", { type: "button", class: "rf-add", signal, on: { click: act.timed(() => {
    state.setLayers([...state.layers, another(state.layers)]);
    rows.at(-1).el.querySelector("[tabindex]").focus({ preventScroll: true });
  }) } }, "+ add a layer");
  const head = h("div", { class: "rf-line rf-head", "aria-hidden": "true" }, h("span"), h("span"),
    COLUMNS.map(([, word]) => h("span", {}, word)), h("span"));
  const list = h("div", { class: "rf-rows" });
  const el = h("div", { class: "rf-stack", role: "group", "aria-label": "the stack of layers" }, head, input.el, list,
    h("div", { class: "rf-line rf-last" }, h("span"), add));
  edit(el, (node) => fields.get(node)?.entry, act, signal);
  return {
    el,
    draw() {
      const found = state.problem ? follow(state.layers, state.size) : state.stack;
      while (rows.length > state.layers.length) {
        const row = rows.pop();
        for (const field of row.fields) fields.delete(field.el);
        row.el.remove();
      }
      while (rows.length < state.layers.length) {
        rows.push(createRow(state, rows.length, make, act, signal));
        list.append(rows.at(-1).el);
      }
      input.draw();
      for (const row of rows) row.draw(found);
      add.disabled = state.layers.length >= MOST_LAYERS;
    },
  };
}

/** The first row: the input's size. */
function createInput(state, make) {
  const parts = AXES.map(({ name, many }, axis) => make({
    role: "length", index: axis, label: `${name} of the input, ${many}`, kind: "input", least: 1, most: MOST_LENGTH,
    get: () => state.size[axis], set: (value) => state.setLength(axis, value),
  }));
  const pairs = [["size", [1, 1]], ["jump", [1, 1]]]
    .map(([role, values]) => ({ ...createPair(role, 0), role, values }));
  const [H, W] = parts.map((field, axis) => h("span", { class: "rf-under" }, field.el,
    h("small", { "aria-hidden": "true" }, AXES[axis].name)));
  const el = h("div", { class: "rf-line rf-input", role: "group", "aria-label": "the input" },
    h("span", { class: "cl-letter cl-input", "aria-hidden": "true" }, "I"),
    h("div", { class: "rf-code" }, h("span", { class: "rf-name" }, "input"), " (", H, ", ", W, ")"),
    h("span"), pairs.map(({ box, role }) => cell(role, box)), h("span"), h("span"));
  return {
    el,
    draw() {
      for (const field of parts) field.draw();
      for (const pair of pairs) pair.draw(pair.values);
    },
  };
}

const word = Object.fromEntries(COLUMNS);
const cell = (role, box) =>
  h("span", { class: `rf-cell rf-of-${role}` }, h("span", { class: "rf-word" }, word[role]), box);

/** One layer: its call, four pairs of numbers, three buttons, and the sums. */
function createRow(state, at, make, act, signal) {
  const layer = () => state.layers[at] ?? { padding: [0, 0], kind: "Conv2d" };
  const code = createCode(state, at, layer, make, act, signal);
  const pairs = COLUMNS.map(([role]) => ({ ...createPair(role, at + 1), role }));
  const sums = h("div", { class: "rf-sums" });
  const focus = (name, place) => el.parentElement?.children[place]?.querySelector(`[data-does="${name}"]`)
    ?.focus({ preventScroll: true });
  const button = (name, text, label, click) => h("button", { type: "button", "aria-label": `layer ${at + 1}: ${label}`,
    title: label, signal, data: { does: name }, on: { click: act.timed(click) } }, text);
  const move = (name, by) => () => {
    state.move(at, by);
    const there = at + by, end = by < 0 ? there === 0 : there === state.layers.length - 1;
    focus(end ? (by < 0 ? "down" : "up") : name, there); // the hand stays on the layer that it moved
  };
  const up = button("up", "↑", "move up", move("up", -1));
  const down = button("down", "↓", "move down", move("down", 1));
  const drop = button("drop", "✕", "remove", () => {
    const root = el.closest(".rf-stack"); // the last row takes its button with it
    state.remove(at);
    const rows = root.querySelectorAll('[data-does="drop"]');
    (rows[Math.min(at, rows.length - 1)] ?? root.querySelector(".rf-add")).focus({ preventScroll: true });
  });
  const el = h("div", { class: "rf-line rf-layer", role: "group", "aria-label": `layer ${at + 1}` },
    h("span", { class: "rf-nr", "aria-hidden": "true" }, `${at + 1}`), code.el,
    pairs.map(({ box, role }) => cell(role, box)), h("span", { class: "rf-buttons" }, up, down, drop), sums);
  return {
    el, fields: code.fields,
    draw({ levels, problem }) {
      code.draw();
      const below = levels[at], above = levels[at + 1];
      const reach = above && [0, 1].map((axis) => along(layer(), axis).extent);
      const values = [reach, above?.sizes, above?.jumps, above?.lengths];
      pairs.forEach((pair, place) => pair.draw(values[place]));
      sums.replaceChildren(...(above ? drawSums(layer(), below, above, at + 1) : []));
      el.classList.toggle("rf-broken", problem?.at === at);
      up.disabled = at === 0;
      down.disabled = at === state.layers.length - 1;
    },
  };
}

/** The recursion of both axes; one line where they are the same. */
function drawSums(layer, below, above, index) {
  const axes = [0, 1].map((axis) => recursion(layer, below, above, axis));
  const same = JSON.stringify(axes[0]) === JSON.stringify(axes[1]);
  return (same ? [axes[0]] : axes).map((sums, axis) => h("p", { class: "rf-sum" },
    h("b", {}, same ? "H and W" : AXES[axis].name), sums.map((pieces) => h("span", {}, pieces.map((piece) =>
      (typeof piece === "string" ? piece
        : h("span", { class: `rf-n rf-n-${piece.role}`, data: { role: piece.role, index: `${index},${axis}`,
          value: piece.value } }, `${piece.value}`)))))));
}

/** nn.Conv2d(1, 1, kernel_size=(3, 3), ...). */
function createCode(state, at, layer, make, act, signal) {
  const name = `layer ${at + 1}`, fields = [];
  const list = (label, values, choose) => {
    const el = h("select", { "aria-label": `${name}: ${label}`, class: "rf-select", signal,
      on: { change: act.timed(() => choose(el.value)) } }, values.map((value) => h("option", { value }, value)));
    return el;
  };
  const kind = list("kind", KINDS, (value) => state.setLayer(at, as(layer(), value)));
  const padding = list("padding as", [PAIR, "same"], (value) => state.setLayer(at,
    { ...layer(), padding: value === PAIR ? pads(layer()).map(([first]) => first) : value }));
  const parts = ARGUMENTS.map((argument) => {
    const pair = AXES.map(({ many }, axis) => make({ ...argument, index: `${at + 1},${axis}`,
      label: `${name}: ${argument.name}, ${many}`,
      get: () => (has(layer(), argument.name) ? layer()[argument.name][axis] : null),
      set: (value) => state.setPair(at, argument.name, axis, value) }));
    fields.push(...pair);
    const numbers = h("span", {}, "(", pair[0].el, ", ", pair[1].el, ")");
    return { ...argument, numbers, el: h("span", { class: "rf-argument" }, `${argument.name}=`,
      argument.name === "padding" ? padding : null, numbers, h("span", {}, argument.name === "dilation" ? ")" : ",")) };
  });
  const [pad, dilation] = parts.slice(2), channels = h("span", {}, "1, 1,");
  const el = h("div", { class: "rf-code" }, h("span", { class: "rf-argument" }, h("span", { class: "rf-name" }, "nn."),
    kind, h("span", { class: "rf-name" }, "("), channels), parts.map((part) => part.el));
  return {
    el, fields,
    draw() {
      const { kind: now, padding: given } = layer(), same = given === "same";
      for (const field of fields) field.draw();
      kind.value = now;
      channels.hidden = padding.hidden = now !== "Conv2d";
      dilation.el.hidden = now === "AvgPool2d"; // it has no such argument
      setText(pad.el.lastChild, now === "AvgPool2d" ? ")" : ",");
      pad.numbers.hidden = same;
      padding.value = same ? "same" : PAIR;
      padding.classList.toggle("rf-arrow", !same);
    },
  };
}

/** Whether a layer has this argument as a pair of numbers. */
const has = (layer, name) => Array.isArray(layer[name]) && !(layer.kind === "AvgPool2d" && name === "dilation");

/** The layer as another kind, with what that kind has no argument for left out. */
function as(layer, kind) {
  const padding = kind === "Conv2d" ? layer.padding : pads(layer).map(([first]) => first);
  return { ...layer, kind, padding, dilation: kind === "AvgPool2d" ? [1, 1] : layer.dilation };
}
