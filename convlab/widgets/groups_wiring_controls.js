// What a hand moves: channels, groups, kernel and picture as numbers, legal groups and depthwise layers as buttons, and
// what comes after the layer.

import { call } from "./conv_stepper_words.js";
import { h, setText } from "./dom.js";
import { fill, number, pooled, say } from "./groups_wiring_draw.js";
import { legalGroups, specs } from "./groups_wiring_math.js";
import { shapeText } from "./groups_wiring_words.js";
import { format, makeEditable } from "./numbers.js";

const replaced = (list, at, value) => list.map((old, place) => (place === at ? value : old));
/** A number of the setting by its name, or one of a pair. */
const plain = (name, label, kind, least, most) => ({ name, label, kind, least, most, index: "",
  get: (setting) => setting[name], change: (_, value) => ({ [name]: value }) });
const paired = (name, at, label, kind, least, most) => ({ name, label, kind, least, most, index: at,
  get: (setting) => setting[name].at(at), change: (setting, value) =>
    ({ [name]: replaced(setting[name], at < 0 ? setting[name].length + at : at, value) }) });
const FIELDS = [
  plain("in_channels", "in_channels", "input", 1, 64), plain("out_channels", "out_channels", "output", 1, 64),
  plain("groups", "groups", "weight", 0, 64),
  paired("kernel_size", 0, "kernel_size, rows", "weight", 0, 15),
  paired("kernel_size", 1, "kernel_size, columns", "weight", 0, 15),
  paired("size", -2, "H, rows of the input", "input", 1, 512),
  paired("size", -1, "W, columns of the input", "input", 1, 512),
  { ...plain("pointwise", "output channels of the 1 × 1 layer", "output", 1, 64),
    get: ({ pointwise }) => pointwise || null },
];
const MULTIPLIERS = [1, 2, 3, 4];

/** {el, draw()} */
export function createControls(state, act, signal) {
  const fields = FIELDS.map((entry) => createField(entry, state, act, signal));
  const [inputs, outputs, groups, ...others] = fields;
  const line = (name, ...cells) => h("div", { class: "gw-line" }, h("code", { class: "gw-name" }, name), ...cells);
  const legal = createLegal(state, act, signal), depthwise = createDepthwise(state, act, signal);
  const after = createAfter(state, act, signal, others.at(-1));
  const el = h("div", { class: "gw-controls", role: "group", "aria-label": "settings" },
    line("in_channels", inputs.el), line("out_channels", outputs.el), line("groups", groups.el),
    legal.el, depthwise.el, line("kernel_size", others[0].el, others[1].el),
    line("input H, W", others[2].el, others[3].el),
    after.el);
  edit(el, fields, state, act, signal);
  const parts = [...fields, legal, depthwise, after];
  return { el, draw: () => parts.forEach((part) => part.draw()) };
}

function createField(entry, state, act, signal) {
  const { name, label, kind, index, least, most } = entry;
  const cell = h("span", { class: "gw-number cl-cell", role: "spinbutton", tabindex: 0, "aria-label": label,
    "aria-valuemin": least, "aria-valuemax": most, data: { role: name, index: index < 0 ? index + 2 : index } });
  const put = (value) => {
    if (!Number.isInteger(value)) return; // half a channel is no setting: what was there stays
    const now = entry.get(state.setting), to = Math.min(Math.max(most, now), Math.max(least, value));
    if (to !== now) state.set(entry.change(state.setting, to));
  };
  const button = (by, text) => h("button", { type: "button", tabindex: -1, "aria-hidden": "true",
    title: `${label}: ${by < 0 ? "less" : "more"}`, signal,
    on: { click: act.timed(() => put(entry.get(state.setting) + by)) } }, text);
  return { entry, cell, put, el: h("span", { class: `gw-field cl-${kind}` }, button(-1, "−"), cell, button(1, "+")),
    draw() {
      if (cell.querySelector("input")) return; // it is being typed
      spin(cell, entry.get(state.setting));
    } };
}

/** Writes a field's number; null where what it belongs to is not there. */
function spin(cell, value) {
  say(cell, value === null ? "" : format(value));
  if (value === null) delete cell.dataset.value;
  else cell.dataset.value = value;
  if (value === null) cell.removeAttribute("aria-valuenow");
  else cell.setAttribute("aria-valuenow", value);
}

/** Drag, typing, + and - as for every number of the course; up and down as in every spin field. */
function edit(el, fields, state, act, signal) {
  const fieldOf = (node) => fields.find(({ cell }) => cell === node);
  makeEditable({ el, focus: (cell) => cell.focus({ preventScroll: true }) }, {
    get: (cell) => fieldOf(cell).entry.get(state.setting), set: (cell, value) => fieldOf(cell).put(value),
    handler: act.timed, signal,
  });
  el.addEventListener("keydown", act.timed((event) => {
    const field = fieldOf(event.target), by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!field || !by || event.ctrlKey || event.metaKey || event.altKey) return;
    field.put(field.entry.get(state.setting) + by);
    event.preventDefault();
  }), { signal });
}

const chip = (signal, click, ...content) =>
  h("button", { type: "button", class: "gw-chip", signal, on: { click } }, content);

/** A button for every number of groups that PyTorch takes, from dense to depthwise. */
function createLegal(state, act, signal) {
  const row = h("div", { class: "gw-chips", role: "group", "aria-label": "groups that divide both" }), pool = [];
  const make = () => {
    const own = h("span"), word = h("small");
    const node = chip(signal, act.timed(() => state.set({ groups: Number(own.dataset.value) })), own, word);
    return Object.assign(node, { own, word });
  };
  return {
    el: h("div", { class: "gw-choice" }, h("span", { class: "gw-name" }, "divides both"), row),
    draw() {
      const { in_channels: C, out_channels: O, groups } = state.setting, all = legalGroups(C, O);
      pooled(row, pool, all.length, make).forEach((node, at) => {
        number(node.own, { role: "legal", index: at, value: all[at] });
        say(node.word, all[at] === C && C > 1 ? "depthwise" : all[at] === 1 ? "dense" : "");
        node.word.hidden = !node.word.textContent;
        node.setAttribute("aria-pressed", all[at] === groups);
      });
    },
  };
}

/** Depthwise in one press: as many groups as input channels, and a multiple of them as output channels. */
function createDepthwise(state, act, signal) {
  const set = (m) => () => {
    const { in_channels } = state.setting;
    state.set({ groups: in_channels, out_channels: m * in_channels });
  };
  const all = MULTIPLIERS.map((m) => {
    const own = h("span");
    number(own, { role: "multiplier", index: m, value: m });
    return Object.assign(chip(signal, act.timed(set(m)), "× ", own), { m });
  });
  return {
    el: h("div", { class: "gw-choice" }, h("span", { class: "gw-name" }, "depthwise"),
      h("div", { class: "gw-chips", role: "group", "aria-label": "depthwise, output channels for each input channel" },
        all)),
    draw() {
      const { in_channels: C, out_channels: O, groups } = state.setting;
      for (const node of all) node.setAttribute("aria-pressed", groups === C && O === node.m * C);
    },
  };
}

/** What comes after the layer. */
function createAfter(state, act, signal, channels) {
  const shuffle = chip(signal, act.timed(() => state.set({ shuffle: !state.setting.shuffle })), "channel shuffle");
  const point = chip(signal, act.timed(() => {
    const { pointwise, out_channels } = state.setting;
    state.set({ pointwise: pointwise ? 0 : out_channels });
  }), "1 × 1 layer");
  const grouped = chip(signal, act.timed(() => {
    const { pointwise_groups: now, groups } = state.setting;
    state.set({ pointwise_groups: now > 1 ? 1 : groups });
  }));
  const to = h("span", { class: "gw-to" }, "to", channels.el, grouped), words = h("span");
  grouped.append(words);
  return {
    el: h("div", { class: "gw-choice gw-after" }, h("span", { class: "gw-name" }, "then"),
      h("div", { class: "gw-chips", role: "group", "aria-label": "after the layer" }, shuffle, point, to)),
    draw() {
      const { shuffle: on, pointwise, pointwise_groups: parts, groups } = state.setting;
      shuffle.setAttribute("aria-pressed", on);
      point.setAttribute("aria-pressed", Boolean(pointwise));
      to.hidden = !pointwise;
      grouped.setAttribute("aria-pressed", parts > 1);
      const value = parts > 1 ? parts : groups;
      fill(words, pointwise ? ["in ", { role: "pointwise-groups", index: "", value }, " groups"] : []);
    },
  };
}

/** The calls, and both shapes as PyTorch prints them. */
export function createHeader(state) {
  const first = h("code", { class: "gw-call" }), then = h("span", { class: "gw-then" });
  const from = h("code"), to = h("code");
  const letter = (kind) => h("span", { class: `cl-letter cl-${kind}`, "aria-hidden": "true" }, kind[0].toUpperCase());
  return {
    el: h("div", { class: "gw-header" }, h("div", { class: "gw-calls" }, first, then),
      h("span", { class: "gw-shapes" }, letter("input"), from, h("span", { class: "gw-arrow" }, "→"),
        letter("output"), to)),
    draw() {
      const { setting, refusal, counts } = state, [own, ...more] = specs(setting);
      setText(first, call(own));
      const after = [...(setting.shuffle ? [`nn.ChannelShuffle(${setting.groups})`] : []), ...more.map(call)];
      say(then, after.length ? `then ${after.join(", then ")}` : "");
      const { size, in_channels } = setting;
      setText(from, `torch.Size([${[...size.slice(0, -2), in_channels, ...size.slice(-2)].join(", ")}])`);
      setText(to, refusal ? "refused" : `torch.Size([${shapeText(counts.output).slice(1, -1)}])`);
    },
  };
}
