// The middle of the lab: the kernel that the learner writes, slice by slice, with its presets, sum, size and undo.

import { createButton, createCheck, createNumber, createRadios, say, shade } from "./kernel_lab_controls.js";
import { focusIn, h } from "./dom.js";
import { createGrid, walkByKeys } from "./grid.js";
import { format, makeEditable } from "./numbers.js";
import { rotated, stepOf } from "./kernel_lab_math.js";

const LARGEST = 15;

/** Returns {el, layout(), draw(), sync()}: rebuild, write all numbers, show the settings. */
export function createKernel(view) {
  const slices = h("div", { class: "kl-slices" });
  const sum = createSum(view);
  const settings = createSettings(view);
  const el = h("section", { class: "kl-kernel cl-weight", "aria-label": "kernel" },
    h("p", { class: "cl-title kl-heading" }, h("span", { class: "cl-letter" }, "W"), settings.title),
    h("div", { class: "kl-hero" }, slices, h("div", { class: "kl-under" }, sum.el, settings.below)),
    settings.presets);
  let shown = [];
  return {
    el,
    layout() {
      shown = layout(view, slices);
      this.draw();
    },
    draw() {
      draw(view, shown);
      sum.draw();
    },
    sync: () => settings.sync(),
  };
}

function layout(view, slices) {
  const { lab, model } = view;
  const [, count, kH, kW] = lab.shape();
  const o = lab.filter();
  const turned = model.get("operation") === "convolution";
  const index = (c) => (u, v) => `${o},${c},${u},${v}`;
  const focused = focusIn(slices)?.dataset.index ?? null;
  const one = count > 1 && model.get("link_slices") && allEqual(lab.written(), kH * kW);
  const made = Array.from({ length: one ? 1 : count }, (_, c) => {
    const label = one ? "all slices of the kernel" : count > 1 ? `kernel slice ${c}` : "kernel";
    const grid = createGrid({
      role: "weight", rows: kH, columns: kW, index: index(c), label,
      name: (u, v) => `${turned ? "kernel as written" : "weight"}[${o}, ${c}, ${u}, ${v}]`,
    });
    // What is written is the layer's weight only as long as nothing is rotated.
    if (turned) for (const cell of grid.el.children) cell.dataset.role = "kernel";
    walkByKeys(grid, { signal: view.signal });
    makeEditable(grid, {
      get: (cell) => lab.written()[at(c, ...grid.at(cell), kH, kW)],
      set: (cell, value) => lab.edit(c, ...grid.at(cell), value),
      done: () => lab.finish(),
      step: () => stepOf(lab.written()),
      handler: view.handler, signal: view.signal,
    });
    const applied = turned
      ? createGrid({ role: "weight", rows: kH, columns: kW, index: index(c), label: `${label}, rotated by 180 degrees` })
      : null;
    return { grid, applied };
  });
  slices.style.setProperty("--size-slice", `${Math.max(kH, kW) > 7 ? 24 : Math.max(kH, kW) > 4 ? 30 : 36}px`);
  slices.replaceChildren(...made.map(({ grid, applied }, c) => h("div", { class: "kl-slice" },
    h("div", {}, title(one ? `slices 0 to ${count - 1}` : count > 1 ? `slice ${c}` : turned ? "your kernel" : ""), grid.el),
    applied && h("span", { class: "kl-turn", title: "rotated by 180 degrees" }, "↻", h("small", {}, "180°")),
    applied && h("div", { class: "kl-applied" }, title("applied"), applied.el))));
  if (focused) slices.querySelector(`[data-index="${focused}"][tabindex]`)?.focus({ preventScroll: true });
  return made;
}

const title = (text) => text && h("p", { class: "cl-title" }, text);
const at = (c, u, v, kH, kW) => (c * kH + u) * kW + v;

function draw({ lab }, shown) {
  const [, , kH, kW] = lab.shape();
  const written = lab.written();
  const taps = kH * kW;
  const applied = rotated(written, taps);
  shown.forEach(({ grid, applied: other }, c) => {
    writeAll(grid, written, c * taps);
    if (other) writeAll(other, applied, c * taps);
  });
}

const allEqual = (written, taps) => written.every((value, at) => value === written[at % taps]);

/** Writes a grid whose tint is by its own largest number; cells that have not changed are left alone. */
function writeAll(grid, values, from) {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  for (let u = 0, place = from; u < grid.rows; u++) {
    for (let v = 0; v < grid.columns; v++, place++) {
      grid.set(u, v, values[place]);
      shade(grid.cell(u, v), Math.abs(values[place]) / most);
    }
  }
}

function createSum({ lab, model }) {
  const [what, number, effect] = [h("span"), h("b", { data: { role: "kernel-sum" } }), h("span")];
  return {
    el: h("p", { class: "kl-sum" }, what, number, effect),
    draw() {
      const [, slices, kH, kW] = lab.shape();
      const written = lab.written();
      const same = allEqual(written, kH * kW);
      const total = Number((same ? written.subarray(0, kH * kW) : written).reduce((a, b) => a + b, 0).toFixed(6));
      say(what, slices > 1 ? (same ? "Sum of each slice " : "Sum of all slices ") : "Sum ");
      say(number, format(total));
      Object.assign(number.dataset, { index: String(lab.filter()), value: String(total) });
      say(effect, `: ${flatEffect(total, slices > 1 && same ? slices : 1)}${model.get("lock_sum") ? " (kept)" : ""}`);
    },
  };
}

function flatEffect(total, times) {
  if (total === 0) return "flat areas give 0";
  const all = Number((total * times).toFixed(6));
  if (all === 1) return "flat areas keep their value";
  return `flat ${times > 1 ? "grey is" : "areas are"} multiplied by ${format(all)}`;
}

function createChecks(view) {
  const { model, signal } = view;
  const set = (name) => (value) => view.save({ [name]: value });
  return [createCheck({
    label: "keep the sum", title: "What a tap gains, the centre loses; what the centre gains, its neighbours lose.",
    get: () => model.get("lock_sum"), set: set("lock_sum"), signal,
  }), createCheck({
    label: "link the slices", title: "The slices of all channels move together.",
    get: () => model.get("link_slices"), set: set("link_slices"), signal,
  })];
}

function createSettings(view) {
  const { lab, model, signal } = view;
  const size = [0, 1].map((axis) => createNumber({
    label: ["kernel height", "kernel width"][axis], min: 1, max: LARGEST, signal,
    get: () => lab.shape()[2 + axis],
    set: (value) => lab.resize(lab.shape().slice(2).map((old, at) => (at === axis ? value : old))),
  }));
  const kernels = model.get("_kernels");
  const presets = createRadios({
    label: "Kernels with a name", className: "kl-presets", signal,
    options: kernels.map(({ name, meaning }) => ({ value: name, text: name, title: meaning })),
    get: () => lab.named(), set: (name) => lab.choose(name),
  });
  const operation = createRadios({
    label: "Operation", className: "kl-joined", signal,
    options: [{ value: "correlation", text: "correlation" }, { value: "convolution", text: "convolution" }],
    get: () => model.get("operation"), set: (value) => lab.turn(value),
  });
  const [lock, link] = createChecks(view);
  const undo = createButton({ label: "↶", title: "Undo (Ctrl+Z)", "aria-label": "undo", press: () => lab.undo(), signal });
  const redo = createButton({ label: "↷", title: "Redo (Ctrl+Shift+Z)", "aria-label": "redo", press: () => lab.redo(), signal });
  const meaning = h("p", { class: "kl-meaning" });
  const note = h("p", { class: "cl-note" });
  const title = h("span", {}, "kernel");
  return {
    title: [title, h("span", { class: "kl-size" }, size[0].el, "×", size[1].el), undo, redo],
    presets: h("div", { class: "kl-named" }, presets.el, meaning, operation.el, note),
    below: h("div", { class: "kl-checks" }, lock.el, link.el),
    sync() {
      for (const control of [...size, presets, operation, lock, link]) control.sync();
      link.el.hidden = lab.shape()[1] < 2;
      // aria-disabled, not disabled: a button that vanishes from under the focus loses the reader's place.
      undo.setAttribute("aria-disabled", String(!lab.canUndo()));
      redo.setAttribute("aria-disabled", String(!lab.canRedo()));
      say(meaning, meaningText(view, kernels));
      say(note, model.get("operation") === "convolution"
        ? "Convolution rotates your kernel by 180° and then does what Conv2d does: correlation."
        : "This is what PyTorch's Conv2d computes: the kernel as it stands, not flipped.");
    },
  };
}

function meaningText({ lab }, kernels) {
  const named = kernels.find(({ name }) => name === lab.named());
  if (!named) return "A kernel of your own: drag its numbers up and down.";
  const [, slices] = lab.shape();
  const added = slices > 1 ? ` So on each of the ${slices} channels; then the results are added.` : "";
  const turned = lab.model.get("operation") === "convolution" && !symmetric(named.weight);
  return named.meaning + (turned ? " Rotated: left and right, above and below change places." : "") + added;
}

function symmetric(weight) {
  const flat = weight.flat();
  return flat.every((value, at) => value === flat[flat.length - 1 - at]);
}
