// What a hand sets: the layout, the way to it, the channel; and what PyTorch says of the tensor: the code, its shape,
// strides and contiguity, and the sum that gives the offset, whose indices can be moved.

import { focusIn, groupName, h, setText } from "./dom.js";
import { write } from "./grid.js";
import { makeEditable } from "./numbers.js";
import { LAYOUTS, WAYS, channelsAt, letters, offsetOf } from "./tensor_inspector_math.js";
import { channelLetter, channelName } from "./tensor_inspector_paint.js";
import { access, code, tuple } from "./tensor_inspector_words.js";
import { format } from "./numbers.js";

const AXES = ["N", "C", "H", "W"];
const PART = { H: "i", W: "j", C: "c" };
const COUNTS = { N: "picture of the batch, n", C: "channel, c", H: "row, i", W: "column, j" };

/** A group of radio buttons: options [{value, text, title}]; draw(value) shows the choice. */
function choice(label, options, choose, signal) {
  const name = groupName();
  const radios = options.map(({ value }) =>
    h("input", { type: "radio", name, value, signal, on: { change: () => choose(value) } }));
  const el = h("fieldset", { class: "ti-choice" }, h("legend", {}, label), radios.map((radio, at) =>
    h("label", { title: options[at].title }, radio, h("span", {}, options[at].text))));
  return {
    el, radios,
    draw(value) {
      const now = radios[options.findIndex((option) => option.value === value)];
      if (!now.checked) now.checked = true;
      const focused = radios.find(focusIn);
      if (focused && focused !== now) now.focus({ preventScroll: true }); // or Tab would stay here
    },
  };
}

export function createControls(state, act, signal) {
  const layout = choice("layout", LAYOUTS.map((value) => ({ value, text: value })),
    act.timed((value) => state.setLayout(value)), signal);
  const way = choice("moved by", WAYS.map((value) => ({ value, text: value })),
    act.timed((value) => state.setWay(value)), signal);
  const none = h("span", { class: "ti-none cl-note" }, "HWC is as loaded: nothing is moved.");
  const channels = h("span");
  let channel = null, drawn = null;
  const play = h("button", { type: "button", signal, on: { click: act.timed(() => act.play()) } }, "");
  const el = h("div", { class: "cl-row ti-controls" }, layout.el, way.el, channels, play, none);
  return {
    el,
    draw() {
      const { C } = state.picture;
      if (drawn !== C) {
        const options = Array.from({ length: C }, (_, c) =>
          ({ value: c, text: `${c} ${channelLetter(C, c)}`, title: channelName(C, c) }));
        channel = choice("channel", options, act.timed((c) => state.pin({ ...state.element, c })), signal);
        channels.replaceChildren(channel.el);
        drawn = C;
      }
      layout.draw(state.view.layout);
      way.draw(state.movedBy);
      way.el.disabled = state.view.layout === "HWC";
      none.hidden = !way.el.disabled;
      this.mark();
    },
    mark() {
      channel.draw(state.element.c);
      setText(play, state.playing ? "❚❚ Pause" : "▶ Read in order");
    },
  };
}

/** The code and what it prints. */
export function createCode(state) {
  const lines = ["x.shape", "x.stride()", "x.is_contiguous()", "x[0]"].map((call) => {
    const name = h("code", { class: "ti-call" }, call), says = h("code", { class: "ti-says" });
    return { name, says };
  });
  const made = h("code", { class: "ti-made" });
  const el = h("div", { class: "ti-lines" }, lines.flatMap(({ name, says }) => [name, says]));
  const [shape, stride, contiguous, element] = lines;
  Object.assign(element.says.dataset, { role: "value", index: "" });
  return {
    el, made,
    draw() {
      const { view } = state;
      setText(made, code(view));
      setText(shape.says, `torch.Size([${view.shape.join(", ")}])`);
      setText(stride.says, tuple(view.strides));
      setText(contiguous.says, view.contiguous ? "True" : "False");
    },
    mark(at) {
      const value = state.picture.values[offsetOf(state.view, at)];
      setText(element.name, `${access(state.view, at)}.item()`);
      setText(element.says, format(value));
      element.says.dataset.value = value;
    },
  };
}

/** The sum: index times stride along each axis gives the offset; the indices can be moved. */
export function createSum(state, act, signal) {
  const el = h("div", { class: "ti-sum" });
  const rows = { index: [], stride: [], product: [] };
  const offset = h("span", { class: "ti-offset", data: { role: "offset", index: "" } });
  const value = h("span", { class: "ti-value", data: { role: "result", index: "" } });
  let drawn = null;
  const axisOf = (cell) => state.view.axes[cell.dataset.index];
  const set = (cell, to) => Number.isInteger(to) && state.pin({ ...state.element, [PART[axisOf(cell)]]: to });
  const get = (cell) => letters(state.element)[axisOf(cell)];
  makeEditable({ el, focus: (cell) => cell.focus({ preventScroll: true }) }, { get, set, handler: act.timed, signal });
  el.addEventListener("keydown", act.timed((event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || event.target.getAttribute("role") !== "spinbutton") return;
    set(event.target, get(event.target) + by);
    event.preventDefault();
  }), { signal });
  return {
    el,
    draw() {
      if (drawn !== state.view.layout) el.replaceChildren(table(state.view, rows, offset, value));
      drawn = state.view.layout;
      state.view.axes.forEach((axis, at) => {
        write(rows.stride[at], state.view.strides[at]);
        if (axis !== "N") rows.index[at].setAttribute("aria-valuemax", state.view.shape[at] - 1);
      });
    },
    mark(element) {
      const at = letters(element), { view } = state;
      view.axes.forEach((axis, place) => {
        if (!rows.index[place].querySelector("input")) write(rows.index[place], at[axis]);
        write(rows.product[place], at[axis] * view.step[axis]);
      });
      write(offset, offsetOf(view, element));
      write(value, state.picture.values[offsetOf(view, element)]);
    },
  };
}

const LABELS = { index: "index", stride: "× stride", product: "=" };

function table({ axes }, rows, offset, value) {
  for (const role of Object.keys(rows)) rows[role] = axes.map((axis, index) => cell(role, axis, index));
  const plus = () => h("i", { "aria-hidden": "true" }, "+");
  const line = (role) => h("tr", {}, h("th", { scope: "row" }, LABELS[role]),
    rows[role].map((node, at) => h("td", {}, at && role === "product" ? plus() : null, node)));
  const sum = (label, node) => h("tr", {}, h("th", { scope: "row" }, label), h("td", { colspan: axes.length }, node));
  return h("table", {}, h("tr", {}, h("td"), axes.map((axis) => h("th", { scope: "col", title: COUNTS[axis] }, axis))),
    Object.keys(rows).map(line), sum("sum: offset", offset), sum("the tape holds", value));
}

function cell(role, axis, index) {
  const moves = role === "index" && axis !== "N";
  const spin = { role: "spinbutton", tabindex: 0, "aria-label": COUNTS[axis], "aria-valuemin": 0 };
  return h("span", { class: `ti-cell ti-cell-${role}`, data: { role, index }, ...(moves ? spin : {}) });
}
