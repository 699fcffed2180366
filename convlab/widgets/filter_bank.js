// FilterBank: filters side by side, each beside its feature map. This file wires: the state that all views of a model
// share, and for each view what is drawn when which part of it changes.

import { call } from "./conv_stepper_words.js";
import { createLive, createRoot, h, setText, timed } from "./dom.js";
import { createChoices, createLegend, createPanel } from "./filter_bank_controls.js";
import { createInput } from "./filter_bank_input.js";
import { number, write } from "./filter_bank_paint.js";
import { createBankState } from "./filter_bank_state.js";
import { createSum } from "./filter_bank_sum.js";
import { createTiles } from "./filter_bank_tiles.js";
import { agreementText, alikeText, filterName, rangeText, sentence } from "./filter_bank_words.js";
import { createRefusal } from "./kernel_lab_refusal.js";
import { torchSize } from "./size_ruler_words.js";
import { sharedViews } from "./views.js";

const HINT = "Point at a feature map or at the input; a click pins the place. Arrows move it, [ and ] change the filter, "
  + "S plays a filter or channel solo, M mutes it.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "filter-bank", "FilterBank: filters and the feature maps they give", signal);
  const view = { state, root, preview: null, drawn: false };
  const act = actions(view);
  const code = h("code"), shapes = h("span", { class: "fb-shapes" });
  const alike = createAlike(state);
  Object.assign(view, { code, shapes, alike, choices: createChoices(state, act, signal), panel: createPanel(state, act, signal),
    refusal: createRefusal({ lab: { state } }), input: createInput(state, act, signal), tiles: createTiles(state, act, signal),
    sum: createSum(state), legend: createLegend(state) });
  view.body = h("div", { class: "fb-body" }, view.input.el,
    h("div", { class: "fb-bank" }, view.legend.el, view.tiles.el, alike.el), view.sum.el);
  root.append(h("div", { class: "fb-header" }, code, shapes), view.choices.el, view.panel.el, view.refusal.el, view.body);
  view.live = createLive(root, signal);
  view.note = h("p", { class: "cl-note" });
  root.append(view.note, h("p", { class: "cl-note" }, HINT));
  return view;
}

/** Which two filters are most alike. */
function createAlike(state) {
  const [a, b, cosine] = [number("alike", "0"), number("alike", "1"), number("cosine", "")];
  const words = h("span");
  const el = h("p", { class: "fb-alike cl-note" }, "Most alike on the screen: filters ", a, " and ", b,
    ", cosine ", cosine, words);
  return {
    el,
    draw() {
      el.hidden = !state.alike;
      if (!state.alike) return;
      write(a, state.alike.a);
      write(b, state.alike.b);
      write(cosine, Number(state.alike.cosine.toFixed(3)));
      setText(words, alikeText(state.alike));
    },
  };
}

const shown = ({ state, preview }) => ({ o: preview?.o ?? state.filter, place: preview?.place ?? state.place });

function actions(view) {
  const { state } = view;
  const legal = () => state.g && !state.problem;
  return {
    timed,
    /** A handler of a control that says its value instead of an event. */
    now: (act) => timed((value) => act(value)),
    /** A place under the hand, and perhaps a filter; null when the hand has gone. */
    preview(what) {
      if (!legal() || JSON.stringify(what) === JSON.stringify(view.preview)) return;
      view.preview = what;
      drawPlace(view);
    },
    pin(what) {
      if (!legal()) return;
      view.preview = null;
      state.pin(what);
    },
    focused(o) {
      if (legal() && state.filter !== o) state.pin({ o });
    },
    /** The place whose window has its middle nearest to an input pixel. */
    over([row, column]) {
      const { g } = state;
      const at = (pixel, before, extent, stride, count) =>
        Math.max(0, Math.min(count - 1, Math.round((pixel + before - (extent - 1) / 2) / stride)));
      return [at(row, g.top, g.dH * (g.kH - 1) + 1, g.sH, g.H_out), at(column, g.left, g.dW * (g.kW - 1) + 1, g.sW, g.W_out)];
    },
  };
}

/** Another bank, picture or setting. */
function drawBank(view) {
  const { state, root } = view;
  const start = performance.now();
  view.preview = null;
  view.choices.draw();
  view.panel.draw();
  view.refusal.draw();
  const refused = Boolean(state.problem);
  root.classList.toggle("fb-refused", refused);
  view.drawn ||= !refused;
  root.classList.toggle("fb-empty", !view.drawn); // there is no last picture to grey
  view.body.inert = refused;
  setText(view.code, call(state.spec));
  const { O, spec: { in_channels, groups, kernel_size }, shape } = state;
  const weight = `weight ${torchSize([O, Math.floor(in_channels / Math.max(1, groups)), ...kernel_size])}`;
  setText(view.shapes, refused ? `${weight} · refused on ${torchSize(shape)}`
    : `${weight} · ${torchSize(shape)} → ${torchSize([1, O, state.g.H_out, state.g.W_out])}`);
  if (!refused) drawMaps(view);
  else view.live.say(`PyTorch refuses this. ${state.problem.ours}`);
  view.live.line.classList.toggle("cl-hidden", refused); // the panel has the same words
  setText(view.note, agreementText(state));
  if (refused) root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

function drawMaps(view) {
  const { state } = view;
  view.input.draw();
  view.tiles.layout();
  view.tiles.draw();
  view.legend.draw(rangeText(state.shared, spread(state)));
  view.alike.draw();
  drawPlace(view);
}

/** How much wider the widest range of a map on the screen is than the narrowest. */
function spread({ reaches, shown: on, seen }) {
  const widths = reaches.filter((_, slot) => seen.has(on[slot])).map(({ least, most }) => Math.max(-least, most));
  const narrow = Math.min(...widths.filter((width) => width > 0));
  return Number.isFinite(narrow) ? Math.max(...widths) / narrow : 1;
}

/** All that follows from the place. */
function drawPlace(view) {
  const { state, root } = view;
  if (state.problem || !state.g) return;
  const { o, place } = shown(view);
  view.input.mark(place);
  view.tiles.mark(o, place);
  const parts = view.sum.draw(o, place);
  root.dataset.place = place.join(",");
  root.dataset.filter = o;
  const { model, source } = state;
  const name = filterName({ source, names: model.get("names"), gabor: model.get("gabor") }, o);
  view.live.say(sentence({ o, name, place, parts, C: state.picture.C, hasBias: Boolean(state.legal.bias),
    reach: state.reach, shared: state.shared }));
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "checked") return setText(view.note, agreementText(view.state));
  if (kind === "place") {
    view.preview = null;
    return drawPlace(view);
  }
  return drawBank(view);
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The keys on a map or a channel; fields and buttons keep theirs. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || state.problem || !state.g) return;
  const { id } = target.dataset;
  if (!id) return;
  const place = state.place, last = [state.g.H_out - 1, state.g.W_out - 1];
  if (ARROWS[key]) state.pin({ place: place.map((at, axis) => at + ARROWS[key][axis] * (event.shiftKey ? 10 : 1)) });
  else if (key === "Home" || key === "End") state.pin({ place: key === "Home" ? [0, 0] : last });
  else if (key === "[" || key === "]") {
    const at = state.shown.indexOf(state.filter) + (key === "]" ? 1 : -1);
    if (state.shown[at] !== undefined) {
      state.pin({ o: state.shown[at] });
      if (id.startsWith("filter")) view.tiles.focus(state.filter);
    }
  } else if (key === "Enter" || key === " ") state.pin(shown(view));
  else if (key.toLowerCase() === "m") state.toggleMute(id);
  else if (key.toLowerCase() === "s") state.toggleSolo(id);
  else return;
  event.preventDefault();
}

export default sharedViews({
  share: createBankState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawBank(view);
  },
});
