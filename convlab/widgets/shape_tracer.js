// ShapeTracer: a model followed layer by layer. This file wires: the state that all views of a model share, and for each
// view what is drawn when which part of it changes.

import { createLive, createRoot, h, reducedMotion, setText, timed } from "./dom.js";
import { createBudget } from "./shape_tracer_budget.js";
import { createInput } from "./shape_tracer_input.js";
import { createPicture } from "./shape_tracer_picture.js";
import { createPinned, trouble } from "./shape_tracer_pinned.js";
import { createTracerState } from "./shape_tracer_state.js";
import { createTable } from "./shape_tracer_table.js";
import { ranText, sentence, waitingText } from "./shape_tracer_words.js";
import { sharedViews } from "./views.js";

const HINT = "Drag a number of the input's size, type it, or use its arrows. On the boxes and the rows: arrows, [ and ] " +
  "go from row to row, Space plays.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "shape-tracer", "ShapeTracer: a model, layer by layer", signal);
  const view = { state, root, preview: null, signal };
  const act = actions(view);
  const input = createInput(state, act, signal), picture = createPicture(state, act, signal);
  const table = createTable(state, act, signal), pinned = createPinned(state), budget = createBudget(state, act, signal);
  const problem = h("div", { class: "st-problem" }), note = h("p", { class: "cl-note", role: "status" });
  const play = h("button", { type: "button", class: "st-play", signal,
    on: { click: timed(() => state.play(!reducedMotion())) } }, "");
  const back = h("button", { type: "button", signal, on: { click: timed(() => state.back()) } }, "Back to it");
  input.el.append(play);
  const body = h("div", { class: "st-body" }, problem, picture.el, budget.el,
    h("div", { class: "st-main" }, table.el, pinned.el));
  root.append(input.el, h("div", { class: "st-status" }, note, back), body);
  const live = createLive(root, signal);
  root.append(h("p", { class: "cl-note st-hint" }, HINT));
  return Object.assign(view, { act, input, picture, table, pinned, budget, problem, body, note, play, back, live });
}

const shown = ({ state, preview }) => preview ?? state.at;

/** What a hand may do in a view. */
function actions(view) {
  const { state } = view;
  return {
    timed,
    /** Shows a row while the pointer is over it; without one, the pinned row again. */
    preview(at) {
      const to = at === undefined ? null : Number(at);
      if (to === view.preview) return;
      view.preview = to;
      drawPlace(view);
    },
    pin(at) {
      view.preview = null;
      if (at === state.at) drawPlace(view);
      else state.pin(at);
    },
  };
}

/** Another trace. */
function drawTrace(view) {
  const { state, root } = view, start = performance.now();
  view.preview = null;
  view.input.draw();
  view.problem.replaceChildren(...trouble(state, view.act.pin, view.signal));
  view.picture.draw();
  view.table.draw();
  view.budget.draw();
  drawStatus(view);
  drawPlace(view, true);
  root.dataset.shape = state.trace.shape.join(",");
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** Whether what is drawn is of the size that is set. */
function drawStatus(view) {
  const { state, root } = view;
  root.classList.toggle("st-pending", state.pending);
  view.body.setAttribute("aria-busy", state.pending);
  setText(view.note, state.pending ? waitingText(state) : ranText(state.trace));
  view.note.classList.toggle("st-late", state.pending && state.late);
  view.back.hidden = !(state.pending && state.late);
  setText(view.play, state.playing ? "❚❚ Pause" : "▶ Play");
  view.play.setAttribute("aria-label", state.playing ? "pause" : "play");
}

/** All that follows from the row that is shown; `follow` where another one was pinned. */
function drawPlace(view, follow = false) {
  const { state, root } = view, at = shown(view);
  view.picture.mark(at, follow);
  view.table.mark(at, state.at, follow);
  view.budget.mark(at);
  view.pinned.draw(at);
  view.live.say(sentence(state.trace, at));
  root.dataset.at = at;
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "trace") return drawTrace(view);
  if (kind === "input") {
    view.input.draw();
    drawStatus(view);
    return view.root.drawn();
  }
  drawStatus(view);
  if (kind === "place") {
    view.preview = null;
    drawPlace(view, true);
  }
  return undefined;
}

/** The keys of the whole widget; what a field has already answered is left alone. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.tagName === "INPUT") return;
  const by = { "[": -1, "]": 1, ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[key];
  const jump = { Home: 0, End: state.count - 1 }[key];
  const spin = target.getAttribute("role") === "spinbutton";
  if (key === " " && target.tagName !== "BUTTON") state.play(!reducedMotion());
  else if (key === "Enter" && target.tagName !== "BUTTON") view.act.pin(shown(view));
  else if (by && !(spin && key.startsWith("Arrow"))) state.pin(state.at + by);
  else if (jump !== undefined && !spin) state.pin(jump);
  else return;
  event.preventDefault();
}

export default sharedViews({
  share: createTracerState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawTrace(view);
  },
});
