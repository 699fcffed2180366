// ConvStepper: one output number of a Conv2d, taken apart. This file wires: the shared state of a model, and for each
// view what is drawn when which part of it changes.

import { createLive, createRoot, focusIn, h, reducedMotion, setText, timed } from "./dom.js";
import { agreementText, createLayerState } from "./layer_state.js";
import { arrange } from "./conv_stepper_arrange.js";
import * as controls from "./conv_stepper_controls.js";
import * as draw from "./conv_stepper_draw.js";
import { forget } from "./conv_stepper_canvas.js";
import { createEquation } from "./conv_stepper_equation.js";
import { createLines } from "./conv_stepper_lines.js";
import { createPicture } from "./conv_stepper_picture.js";
import { createPosition } from "./conv_stepper_position.js";
import { refusal } from "./refusal.js";
import { indexed, sentence } from "./conv_stepper_words.js";
import { sharedViews } from "./views.js";

const HINT =
  "Arrows move the window, [ and ] the stage, Space plays. Drag any number of input, weight or bias, or type it.";

/** The parts of a view that never go away. */
function createView({ layer, at }, el, signal) {
  const root = createRoot(el, "conv-stepper", "Conv2d, step by step", signal);
  const top = h("div", { class: "cs-top" });
  const stage = h("div", { class: "cs-stage" });
  const under = h("div", { class: "cs-under" });
  root.append(top, stage, under);
  const live = createLive(root, signal);
  const note = h("p", { class: "cl-note cs-note" });
  root.append(note, h("p", { class: "cl-note cs-hint" }, HINT));
  const lines = createLines(stage);
  return { layer, at, root, top, stage, under, live, note, signal, lines, preview: null, layout: null };
}

const shownPlace = (view) => view.preview ?? view.at.place;

/** What a hand may do in a view. */
function actions(view) {
  const { at, layer } = view;
  const act = {
    timed,
    preview(place) {
      if (String(place) === String(view.preview)) return;
      view.preview = place;
      drawPlace(view);
    },
    pin(place) {
      view.preview = null;
      at.set({ place });
    },
    /** The place whose window lies nearest around a padded row and column. */
    windowTo([r, c]) {
      const { at: _, size } = draw.windowOf(layer.g, [0, 0]);
      const to = (along, length, stride, places) =>
        Math.min(places - 1, Math.max(0, Math.round((along - (length - 1) / 2) / stride)));
      act.pin([to(r, size[0], layer.g.sH, layer.g.H_out), to(c, size[1], layer.g.sW, layer.g.W_out)]);
    },
    /** {input: [channel, r, c]} or {tap: [c, u, v]} under the hand; {} for neither. */
    pointAt({ input, tap }) {
      const { picture, equation } = view.layout;
      draw.lightTap(picture, shownPlace(view), tap ?? null);
      equation.light(tap ?? null);
      if (!input) draw.clearReaders(picture);
      else view.live.say(readersText(view, input, draw.markReaders(picture, ...input)));
      view.root.drawn();
    },
  };
  return act;
}

function readersText({ layer: { g, legal }, at }, [channel, r, c], count) {
  const name = indexed("input", legal.shape.length === 4, at.sample, channel, r - g.top, c - g.left);
  return `${name} is read in ${count} ${count === 1 ? "place" : "places"}, marked in the output.`;
}

/** A whole new layout: other shapes, another filter, another sample. */
function drawLayout(view) {
  const { layer, at, root, top, stage, under } = view;
  const start = performance.now();
  view.layout?.over.abort();
  const over = new AbortController();
  view.signal.addEventListener("abort", () => over.abort(), { once: true, signal: over.signal });
  const here = { signal: over.signal, root };
  const held = focusIn(root)?.closest("[data-keep]")?.dataset.keep;
  view.preview = null;
  root.classList.toggle("cs-refused", Boolean(layer.problem));
  view.live.line.classList.toggle("cl-hidden", Boolean(layer.problem)); // the panel has the same words
  top.replaceChildren(controls.header(layer));
  if (layer.problem) top.append(refusal(layer));
  stage.inert = under.inert = Boolean(layer.problem);
  if (layer.g) drawLegal(view, here, over);
  if (held) root.querySelector(`[data-keep="${held}"]:not([role]), [data-keep="${held}"] [tabindex="0"]`)?.focus();
  drawNote(view);
  if (layer.problem) view.live.say(`PyTorch refuses this layer or input. ${layer.problem.ours}`);
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

function drawLegal(view, here, over) {
  const { layer, at, root, top, stage, under, lines } = view;
  const act = actions(view);
  const filters = controls.filters(layer, at, act, here);
  const stages = controls.stages(at, act, here.signal);
  const transport = controls.transport(at, act, here.signal);
  const picture = createPicture(layer, at, act, here.signal);
  const equation = createEquation(picture.context, picture.rows);
  view.layout = { over, act, filters, stages, transport, picture, equation };
  const rest = controls.channels(layer, at, act, here);
  const bars = [filters?.el, controls.samples(layer, at, act, here.signal)];
  const tools = h("div", { class: "cl-row cs-tools" }, stages.el, transport.el);
  if (layer.problem) tools.inert = true;
  else if (bars.some(Boolean)) top.append(h("div", { class: "cl-row cs-bars" }, bars));
  if (rest && !layer.problem) top.append(rest.el);
  top.append(tools);
  lines.clear();
  stage.replaceChildren(picture.content, stage.lastElementChild);
  under.replaceChildren(equation.el);
  const paint = () => {
    filters?.draw();
    rest?.draw();
    draw.drawAll(picture, shownPlace(view), root);
  };
  view.layout.paint = paint;
  paint();
  drawPlace(view);
  const drawLines = () => lines.draw(picture, draw.windowOf(layer.g, shownPlace(view)), shownPlace(view));
  arrange(view, paint, drawLines, here.signal);
}

/** All that follows from the place, the stage, and how much is filled. */
function drawPlace(view) {
  const { layer, at, root, layout, lines } = view;
  const place = shownPlace(view);
  const parts = draw.drawPlace(layout.picture, place);
  draw.drawOutput(layout.picture, root, place);
  layout.equation.draw(parts, place);
  lines.draw(layout.picture, draw.windowOf(layer.g, place), place);
  layout.stages.mark();
  layout.transport.draw();
  Object.assign(root.dataset, {
    stage: at.stage, place: place.join(","), filter: at.filter, sample: at.sample, filled: at.filled ?? "all",
  });
  const output = indexed("output", layer.legal.shape.length === 4, at.sample, at.filter, ...place);
  if (!layer.problem) view.live.say(sentence(layer.g, layer.legal.spec, { place, stage: at.stage, output }, parts));
  root.drawn();
}

function drawNote({ layer, note }) {
  setText(note, agreementText(layer));
}

/** Follows what a hand or Python changed in the layer. */
function onLayer(view, change) {
  const { layer, at, layout, root } = view;
  if (change.kind === "layout") return drawLayout(view);
  if (layer.problem || !layout) return drawNote(view);
  const { picture, filters } = layout;
  if (change.kind === "values") draw.drawAll(picture, shownPlace(view), root);
  if (change.kind === "weight") for (const row of picture.rows) draw.drawWeights(picture, row);
  if (change.kind === "input" && change.n === at.sample) draw.drawInput(picture, change.c, root);
  filters?.draw("o" in change ? [change.o] : undefined);
  drawNote(view);
  drawPlace(view);
}

/** Follows a move. */
function onPosition(view, kind) {
  if (view.layer.problem || !view.layout) return;
  if (["filter", "sample", "channel"].includes(kind)) return drawLayout(view);
  if (kind === "place") view.preview = null;
  drawPlace(view);
  const whole = view.at.filled === null && view.at.stage === "output";
  if (kind === "stage" || kind === "filled" || (kind === "place" && !whole)) view.layout.filters?.draw();
}

/** The keys of the whole widget; what a grid, a tab or a field has already answered is left alone. */
function onKey(view, event) {
  const { at, layer, layout } = view;
  if (layer.problem || !layout || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = ["INPUT", "SELECT"].includes(event.target.tagName);
  const key = event.key;
  const { output } = layout.picture;
  const within = output.grid.el.contains(event.target);
  if (key === "[" || key === "]") at.step(key === "]" ? 1 : -1);
  else if (key === " " && !["BUTTON", "SELECT"].includes(event.target.tagName)) at.play(!reducedMotion());
  else if (event.defaultPrevented || typing || !move(view, event)) return;
  event.preventDefault();
}

/** Arrows, Home and End move the place, and the focus with it where the output has it. */
function move({ at, layer: { g: { H_out, W_out } }, layout: { picture: { output } } }, { key, target }) {
  const [i, j] = at.place;
  const to = {
    ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1], Home: [0, 0],
    End: [H_out - 1, W_out - 1],
  }[key];
  if (!to) return false;
  if (to[0] < 0 || to[1] < 0 || to[0] >= H_out || to[1] >= W_out) return true;
  const focused = output.grid.el.contains(target);
  const cell = focused && output.cell(...to);
  if (cell) output.grid.focus(cell); // before anything is drawn: after it, the focus would wait for a whole layout
  at.set({ place: to });
  if (focused && !cell) output.grid.focus(output.cell(...to));
  return true;
}

/** Draws again in the colours of a new theme. */
function followTheme(view) {
  const watch = new MutationObserver(() => {
    forget(view.root);
    view.layout?.paint();
  });
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  view.signal.addEventListener("abort", () => watch.disconnect());
}

function share(model, signal) {
  const layer = createLayerState(model, signal);
  return { layer, at: createPosition(model, layer, signal) };
}

export default sharedViews({
  share: share,
  createView,
  onKey,
  begin(view, signal) {
    view.layer.subscribe((change) => onLayer(view, change), signal);
    view.at.subscribe(({ kind }) => onPosition(view, kind), signal);
    followTheme(view);
    drawLayout(view);
  },
});
