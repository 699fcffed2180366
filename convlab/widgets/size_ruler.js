// SizeRuler: why an output has the size it has. This file wires: the state that all views of a model share, and for
// each view what is drawn when which part of it changes.

import { createLive, createRoot, h, reducedMotion, setText, timed } from "./dom.js";
import { createAxis } from "./size_ruler_axis.js";
import { createHeader, createTable, createTransport } from "./size_ruler_controls.js";
import { createPlane } from "./size_ruler_plane.js";
import { refusal } from "./size_ruler_refusal.js";
import { agreementText, createRulerState } from "./size_ruler_state.js";
import { pixelText, readText, sentence } from "./size_ruler_words.js";
import { sharedViews } from "./views.js";

const HINT = "Drag a number, type it, or use its arrows. On a ruler or the output: arrows move the window, " +
  "[ and ] step, Space plays.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "size-ruler", "SizeRuler: why the output has this size", signal);
  const view = { state, root, preview: [null, null] };
  const act = actions(view);
  const header = createHeader(), table = createTable(state, act, signal);
  const plane = createPlane(state, act, signal);
  const axes = [0, 1].map((axis) => createAxis(state, axis, act, signal));
  const transport = createTransport(state, act, signal);
  const problem = h("div", { class: "sr-problem" });
  const picture = h("div", { class: "sr-picture" }, plane.el, plane.legend, transport.el);
  const stage = h("div", { class: "sr-stage" }, axes.map((axis) => axis.el));
  root.append(header.el, problem, h("div", { class: "sr-first" }, table.el, picture),
    h("p", { class: "sr-symbols" }, symbols()), stage);
  const live = createLive(root, signal);
  const note = h("p", { class: "cl-note" });
  root.append(note, h("p", { class: "cl-note sr-hint" }, HINT));
  return Object.assign(view, { header, table, plane, axes, transport, problem, picture, stage, live, note });
}

/** The formula without numbers, once for both axes. */
const symbols = () => ["output = ", h("span", { class: "sr-floor" }, h("span", { class: "sr-fraction" },
  h("span", {}, "input + 2 · padding − dilation · (kernel_size − 1) − 1"),
  h("span", { class: "sr-under" }, "stride"))), " + 1"];

const shown = ({ state, preview }) => state.place.map((at, axis) => preview[axis] ?? at);

/** What a hand may do in a view. */
function actions(view) {
  const { state } = view;
  const preview = (places) => {
    if (String(places) === String(view.preview)) return;
    view.preview = places;
    drawPlace(view);
  };
  const say = (text, readers) => {
    view.axes.forEach((axis, at) => axis.reads(readers[at]));
    view.live.say(text);
    view.root.drawn();
  };
  const act = {
    timed,
    preview: (axis, place) => preview(axis ? [null, place] : [place, null]),
    previewBoth: (place) => preview(place),
    pin(axis, place) { act.pinBoth(state.place.map((at, other) => (other === axis ? place : at))); },
    pinBoth(place) {
      view.preview = [null, null];
      if (String(place) === String(state.place)) drawPlace(view, true);
      else state.pin(place);
    },
    /** A row or column under the hand: every tap that reads it. */
    read(axis, pixel) {
      if (pixel < 0) return act.leave();
      return say(readText(state.lines[axis], pixel), axis ? [null, pixel] : [pixel, null]);
    },
    readPixel([i, j]) {
      if (i < 0 || j < 0 || i >= state.lines[0].length || j >= state.lines[1].length) return act.leave();
      return say(pixelText(state.lines, [i, j]), [i, j]);
    },
    leave() {
      view.preview = [null, null];
      drawPlace(view);
    },
  };
  return act;
}

/** Another setting. */
function drawLayout(view) {
  const { state, root } = view;
  const start = performance.now();
  view.preview = [null, null];
  view.header.draw(state);
  view.table.draw();
  view.problem.replaceChildren(...(state.problem ? [refusal(state)] : []));
  root.classList.toggle("sr-refused", Boolean(state.problem));
  root.classList.toggle("sr-empty", !state.lines);
  view.picture.inert = view.stage.inert = Boolean(state.problem);
  if (state.lines && !state.problem) {
    view.plane.draw();
    for (const axis of view.axes) axis.draw();
    drawPlace(view, true);
  }
  view.live.line.classList.toggle("cl-hidden", Boolean(state.problem)); // the panel has the same words
  if (state.problem) view.live.say(`PyTorch refuses this. ${state.problem.ours}`);
  setText(view.note, agreementText(state));
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** All that follows from the window's place; `follow` where it is pinned, not for a preview. */
function drawPlace(view, follow = false) {
  const { state, root, axes, plane, transport, live } = view;
  if (state.problem || !state.lines) return;
  const place = shown(view);
  axes.forEach((axis, at) => {
    axis.reads(null);
    axis.mark(place[at], follow);
  });
  plane.mark(place);
  transport.draw(place);
  root.dataset.place = place.join(",");
  live.say(sentence({ lines: state.lines, place }));
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "layout") return drawLayout(view);
  if (kind === "place") view.preview = [null, null];
  if (kind === "checked") setText(view.note, agreementText(view.state));
  else drawPlace(view, true);
  return undefined;
}

/** The keys of the whole widget; what a field has already answered is left alone. */
function onKey(view, event) {
  const { state } = view;
  const { key, target } = event;
  if (state.problem || !state.lines || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (["INPUT", "SELECT"].includes(target.tagName)) return;
  const axis = target.dataset.axis;
  if (key === "[" || key === "]") state.goTo(state.number + (key === "]" ? 1 : -1));
  else if (key === " " && target.tagName !== "BUTTON") state.play(!reducedMotion());
  else if (key === "Enter" && target.tagName !== "BUTTON") state.pin(shown(view));
  else if (target.getAttribute("role") === "spinbutton" || !move(state, key, axis)) return;
  event.preventDefault();
}

/** Arrows, Home and End: along its own axis on a ruler, else row by row and column by column. */
function move(state, key, axis) {
  const place = state.place, last = state.lines.map((line) => line.places - 1);
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  const jump = { Home: [0, 0], End: last }[key];
  if (!by && !jump) return false;
  const to = place.map((at, own) => {
    if (axis === undefined) return jump ? jump[own] : at + by[own];
    if (own !== Number(axis)) return at;
    return jump ? jump[own] : at + by[0] + by[1];
  });
  state.pin(to);
  return true;
}

export default sharedViews({
  share: createRulerState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawLayout(view);
  },
});
