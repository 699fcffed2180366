// FeatureMaps: a network in training. This file wires: the state that all views of a model share, and for each view what
// is drawn when which part of it changes.

import { createLive, createRoot, h, setText, timed } from "./dom.js";
import { createChoices, createTrain } from "./feature_maps_controls.js";
import { createCurve } from "./feature_maps_curve.js";
import { createPinned } from "./feature_maps_pinned.js";
import { createSaid } from "./feature_maps_said.js";
import { createMapsState, send } from "./feature_maps_state.js";
import { createTable } from "./feature_maps_table.js";
import { createPager, createTiles } from "./feature_maps_tiles.js";
import { sentence } from "./feature_maps_words.js";
import { number, write } from "./filter_bank_paint.js";
import { GRADIENT } from "./kernel_lab_scale.js";
import { torchSize } from "./size_ruler_words.js";
import { sharedViews } from "./views.js";

const HINT = "Point at a map; a click pins the place. On a map: arrows move the place, [ and ] change the filter, Space trains or pauses.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "feature-maps", "FeatureMaps: a network in training", signal);
  const view = { state, root, preview: null };
  const act = actions(view);
  const code = h("code"), shapes = h("span", { class: "fm-shapes" });
  Object.assign(view, { code, shapes, train: createTrain(state, act, signal), choices: createChoices(state, act, signal),
    said: createSaid(state), tiles: createTiles(state, act, signal), pager: createPager(state, act, signal), legend: createLegend(),
    pinned: createPinned(state, act, signal), curve: createCurve(state, act, signal), table: createTable(state, act, signal) });
  view.body = h("div", { class: "fm-body" }, view.said.el,
    h("section", { class: "fm-bank", "aria-label": "filters and feature maps" }, h("p", { class: "fm-header" }, code, shapes),
      view.legend.el, view.tiles.el, view.pager.el));
  view.below = h("div", { class: "fm-below" }, view.curve.el, view.table.el, view.pinned.el);
  root.append(view.train.el, view.choices.el, view.body, view.below);
  view.live = createLive(root, signal);
  root.append(h("p", { class: "cl-note" }, HINT));
  return view;
}

/** What the colours stand for. */
function createLegend() {
  const part = (letter, kind, role) => {
    const ends = [number(role, "0"), number(role, "1")], bar = h("i", { class: "fm-gradient", style: `background: ${GRADIENT}` });
    return { ends, el: h("span", { class: "fm-key" }, h("span", { class: `cl-letter ${kind}` }, letter), ends[0], bar, ends[1]) };
  };
  const weight = part("W", "cl-weight", "range-weight"), output = part("O", "cl-output", "range");
  return {
    el: h("p", { class: "fm-legend" }, weight.el, output.el),
    draw(ranges) {
      for (const [{ ends }, range] of [[weight, ranges.weight], [output, ranges.output]]) {
        write(ends[0], -range);
        write(ends[1], range);
      }
    },
  };
}

const shown = ({ state, preview }) => ({ o: preview?.o ?? state.filter, place: state.inside(preview?.place ?? state.place) });

function actions(view) {
  const { state } = view;
  return {
    timed,
    /** A handler of a control that says its value instead of an event. */
    now: (act) => timed((value) => act(value)),
    /** A place under the hand, and perhaps a filter; null when the hand has gone. */
    preview(what) {
      if (JSON.stringify(what) === JSON.stringify(view.preview)) return;
      view.preview = what;
      drawPlace(view);
    },
    pin(what) {
      view.preview = null;
      state.pin(what);
    },
    focused(o) {
      if (state.filter !== o) state.pin({ o });
    },
  };
}

/** Another picture of the network, or how far it is. */
function drawAll(view) {
  const { state, root } = view, start = performance.now();
  const lengths = state.layer.weight.shape;
  if (view.preview?.o >= state.layer.first + lengths[0]) view.preview = null;
  drawAsked(view);
  setText(view.code, state.about.call);
  setText(view.shapes, ` weight ${torchSize(state.about.shape)}`);
  view.said.draw();
  view.legend.draw(view.tiles.draw());
  view.pager.draw();
  view.curve.draw();
  view.table.draw();
  Object.assign(root.dataset, { step: state.frame.step, picture: state.frame.picture, layer: state.name });
  drawPlace(view);
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** What the hand has chosen, and whether the answer is still to come. */
function drawAsked(view) {
  const { state, root, body } = view, { pending, progress } = state;
  view.train.draw();
  view.choices.draw();
  body.classList.toggle("fm-pending", pending);
  body.setAttribute("aria-busy", pending);
  Object.assign(root.dataset, { phase: progress.phase, pending: String(pending) });
}

/** All that follows from the place. */
function drawPlace(view) {
  const { state, root } = view, { o, place } = shown(view);
  view.tiles.mark(o, place);
  const value = view.pinned.draw(o, place);
  view.live.say(sentence(state, { o, place, value }));
  root.dataset.place = place.join(",");
  root.dataset.filter = o;
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "all") return drawAll(view);
  if (kind === "asked") {
    drawAsked(view);
    return view.root.drawn();
  }
  view.preview = null;
  return drawPlace(view);
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The keys on a map; fields and buttons keep theirs. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !target.matches(".fb-map[data-filter]")) return;
  const { first, weight, output } = state.layer, place = state.place;
  if (ARROWS[key]) state.pin({ place: place.map((at, axis) => Math.max(0, at + ARROWS[key][axis] * (event.shiftKey ? 10 : 1))) });
  else if (key === "Home") state.pin({ place: [0, 0] });
  else if (key === "End") state.pin({ place: output.shape.slice(1).map((length) => length - 1) });
  else if (key === "[" || key === "]") {
    const to = state.filter + (key === "]" ? 1 : -1);
    if (to >= first && to < first + weight.shape[0]) {
      state.pin({ o: to });
      view.tiles.focus(to);
    }
  } else if (key === "Enter") state.pin(shown(view));
  else if (key === " ") state.ask(state.training ? "pause" : "train");
  else return;
  event.preventDefault();
}

export default sharedViews({
  share: createMapsState,
  createView,
  onKey,
  begin(view, signal) {
    const { state } = view;
    state.subscribe((kind) => onChange(view, kind), signal);
    state.views += 1;
    // Nobody looks any more: the cell was run again or its output cleared. No thread is left behind.
    signal.addEventListener("abort", () => {
      state.views -= 1;
      if (!state.views) send(state.model, "gone");
    });
    drawAll(view);
  },
});
