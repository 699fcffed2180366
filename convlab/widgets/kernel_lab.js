// KernelLab: a picture, a kernel under the hand, and what Conv2d makes of the two.
//
// All views of a model share one lab (the numbers, the history); a view draws from it and writes in event handlers.

import { createLive, createRoot, h, timed } from "./dom.js";
import { say } from "./kernel_lab_controls.js";
import { createInput } from "./kernel_lab_input.js";
import { createKernel } from "./kernel_lab_kernel.js";
import { Lab } from "./kernel_lab_model.js";
import { createLoupe } from "./kernel_lab_loupe.js";
import { createOutput } from "./kernel_lab_output.js";
import { createRefusal } from "./kernel_lab_refusal.js";
import { walked } from "./kernel_lab_surface.js";
import { agreementText } from "./layer_state.js";
import { format } from "./numbers.js";
import { drawTasks } from "./tasks.js";

/** What each trait changes in the picture. */
const FOLLOWS = {
  filter: "layout", operation: "layout", channel: "layout", sample: "layout", colour_range: "values",
  lock_sum: "settings", link_slices: "slices", picture: "values", kernel: "settings", place: "place",
};

export default () => {
  let lab;
  return {
    initialize({ model }) {
      lab = new Lab(model);
    },
    render({ model, el, signal }) {
      const own = new AbortController();
      signal?.addEventListener("abort", () => own.abort());
      show(model, lab, el, own.signal);
      return () => own.abort();
    },
  };
};

function show(model, lab, el, signal) {
  const view = createView(model, lab, signal);
  const root = createRoot(el, "kernel-lab", "KernelLab: a kernel and what Conv2d makes of a picture with it", signal);
  const input = createInput(view);
  const parts = { input, kernel: createKernel(view), output: createOutput(view, input), loupe: createLoupe(view) };
  const refusal = createRefusal(view);
  const stage = h("div", { class: "kl-stages" }, parts.input.el, parts.kernel.el, parts.output.el);
  root.append(refusal.el, stage, parts.loupe.el);
  const live = createLive(root, signal);
  const agreement = h("p", { class: "cl-note kl-agreement" });
  const call = h("p", { class: "cl-note" }, h("code"));
  root.append(call, agreement);
  if (model.get("_tasks")) drawTasks(root, model, signal);
  view.draw = (marks) => {
    drawParts(lab, parts, marks);
    refusal.draw();
    root.classList.toggle("kl-illegal", Boolean(lab.state.problem));
    root.classList.toggle("kl-empty", !lab.state.g);
    live.say(describe(view, parts));
    say(agreement, agreementText(lab.state));
    say(call.firstChild, callText(lab.state.spec));
    root.drawn();
  };
  undoByKeys(root, view);
  view.mark({ kind: "layout" });
  view.flush();
}

/** What the parts of one view share: the place shown, handlers that redraw at once, and what waits to be drawn. */
function createView(model, lab, signal) {
  const view = { model, lab, signal, ...pointing(model, lab) };
  view.save = (traits) => {
    for (const [name, value] of Object.entries(traits)) model.set(name, value);
    model.save_changes();
  };
  view.sample = () => Math.max(0, Math.min(model.get("sample"), (lab.state.g?.N ?? 1) - 1));
  Object.assign(view, drawing(view));
  lab.state.subscribe(view.mark, signal);
  lab.subscribe(() => view.mark({ kind: "settings" }), signal);
  for (const [name, kind] of Object.entries(FOLLOWS)) {
    const listener = () => view.mark({ kind });
    model.on(`change:${name}`, listener);
    signal.addEventListener("abort", () => model.off(`change:${name}`, listener));
  }
  return view;
}

/** Changes are marked, and drawn together: at the end of this view's own handler, else in the next frame. */
function drawing(view) {
  const marks = new Set(), cells = [];
  let frame = 0;
  view.signal.addEventListener("abort", () => cancelAnimationFrame(frame));
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (!marks.size || view.signal.aborted) return;
    const now = { kinds: new Set(marks), cells: cells.splice(0) };
    marks.clear();
    view.draw(now);
  };
  return {
    flush,
    mark(change) {
      marks.add(change.kind);
      if (change.kind === "input") cells.push(change);
      frame ||= requestAnimationFrame(flush);
    },
    /** Times an event handler, its redrawing included. */
    handler: (listener) => timed((event) => {
      listener(event);
      flush();
    }),
  };
}

/** The place that the loupe shows: what the hand is over, else what was chosen last. */
function pointing(model, lab) {
  let preview = null;
  const isLegal = () => lab.state.g && !lab.state.problem;
  return {
    place() {
      const { g } = lab.state;
      const chosen = model.get("place").length === 2 ? model.get("place") : [Math.floor(0.3 * g.H_out), Math.floor(0.4 * g.W_out)];
      const [i, j] = preview ?? chosen;
      return [Math.max(0, Math.min(g.H_out - 1, i)), Math.max(0, Math.min(g.W_out - 1, j))];
    },
    /** The hand is over a place, or has chosen it (pin), or has left (null). */
    point(place, pin = false) {
      if (!isLegal()) return;
      preview = pin ? null : place;
      if (pin) this.save({ place });
      this.mark({ kind: "place" });
    },
    /** Moves the chosen place by a key; false when the key means nothing here. */
    walk(key, step) {
      if (!isLegal()) return false;
      const { g } = lab.state;
      const to = key === "Enter" ? this.place() : walked(key, this.place(), g.H_out, g.W_out, step);
      if (to) this.point(to, true);
      return Boolean(to);
    },
  };
}

/** Draws what has changed, and no more: `kinds` of change, `cells` of the input. */
function drawParts(lab, { input, kernel, output, loupe }, { kinds, cells }) {
  const { state } = lab;
  if ([...kinds].some((kind) => kind !== "place" && kind !== "checked")) {
    for (const part of [input, kernel, output]) part.sync();
  }
  if (["layout", "values", "slices"].some((kind) => kinds.has(kind))) kernel.layout();
  if (!state.g || state.problem) return;
  if (kinds.has("layout")) {
    input.layout();
    output.layout();
    loupe.layout();
  } else {
    const numbers = ["values", "weight", "bias", "input", "checked"].some((kind) => kinds.has(kind));
    if (kinds.has("values")) input.draw();
    for (const cell of cells) input.changed(cell);
    if (kinds.has("weight")) kernel.draw();
    if (numbers || kinds.has("settings")) output.draw();
    if (numbers || kinds.has("place")) loupe.draw();
  }
  if (kinds.has("layout") || kinds.has("place") || kinds.has("values")) {
    input.frame();
    output.frame();
  }
}

function undoByKeys(root, { lab, signal }) {
  root.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=radio], [type=checkbox])")) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) lab.undo();
    else if (key === "y" || key === "z") lab.redo();
    else return;
    event.preventDefault();
  }, { signal });
}

/** What the picture says, in words. */
function describe({ lab, model, place, sample }, { output }) {
  const { state } = lab;
  if (state.problem) return `PyTorch refuses this layer: ${state.problem.ours}`;
  const { g } = state;
  const [i, j] = place(), o = lab.filter();
  const value = state.output[((sample() * g.O + o) * g.H_out + i) * g.W_out + j];
  const { least, most, below, above } = output.last;
  const sign = Math.abs(value) < 1e-9 ? "zero" : value > 0 ? "positive" : "negative";
  const clipped = below + above ? ` ${below + above} of them are clipped.` : "";
  return `output[${o}, ${i}, ${j}] is ${format(Math.abs(value) < 1e-9 ? 0 : value)}, ${sign}: ${g.Cg * g.kH * g.kW} products added` +
    `${state.bias ? " and the bias" : ""}. ${model.get("kernel") === "custom" ? "Your kernel" : `The kernel “${lab.named()}”`} gives ` +
    `${g.H_out * g.W_out} numbers from ${format(least)} to ${format(most)}.${clipped}`;
}

const SHOWN = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, bias: true, padding_mode: "zeros" };

/** The layer as one writes it in Python. */
function callText(spec) {
  const short = (value) => (Array.isArray(value) ? (value[0] === value[1] ? `${value[0]}` : `(${value.join(", ")})`)
    : typeof value === "string" ? `"${value}"` : value === false ? "False" : String(value));
  const others = Object.entries(SHOWN).filter(([name, usual]) => String(spec[name]) !== String(usual))
    .map(([name]) => `${name}=${short(spec[name])}`);
  return `nn.Conv2d(${[spec.in_channels, spec.out_channels, `kernel_size=${short(spec.kernel_size)}`, ...others].join(", ")})`;
}
