// TensorInspector: how one tape of numbers becomes a picture in three layouts, and what reshape makes of it. This file
// wires: the state that all views of a model share, and for each view what is drawn when which part of it changes.

import { createLive, createRoot, h, reducedMotion, setText, timed } from "./dom.js";
import { write } from "./grid.js";
import { blockAxes, createBlocks } from "./tensor_inspector_blocks.js";
import { createCode, createControls, createSum } from "./tensor_inspector_controls.js";
import { channelsAt, elementAt, homeOf, offsetOf } from "./tensor_inspector_math.js";
import { channelLetter, channelName, colourOf, paintPicture } from "./tensor_inspector_paint.js";
import { createStage } from "./tensor_inspector_stage.js";
import { createInspectorState } from "./tensor_inspector_state.js";
import { createTape } from "./tensor_inspector_tape.js";
import { agreementText, sentence, showing, tuple, verdict } from "./tensor_inspector_words.js";
import { sharedViews } from "./views.js";

const HINT = "Point at a number anywhere; a click pins it. Arrows move, [ and ] change the channel, Home and End jump, "
  + "Space reads x in order.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "tensor-inspector", "TensorInspector: a picture in memory", signal);
  const view = { state, root, preview: null, signal };
  const act = actions(view);
  view.controls = createControls(state, act, signal);
  view.code = createCode(state);
  view.sum = createSum(state, act, signal);
  view.loaded = createStage({ name: "picture", title: "the picture, as loaded", act, signal,
    label: "the picture as loaded: arrows move the pixel whose number is read", spot: (i, j) => fromHome(state, i, j) });
  view.shown = createStage({ name: "shown", title: "x, shown as a picture", act, signal,
    label: "the tensor shown as a picture: arrows move the pixel", spot: (i, j) => ({ ...state.element, i, j }) });
  view.blocks = createBlocks(state, act, signal);
  view.tape = createTape(state, act, signal);
  const pictures = h("div", { class: "ti-pictures" }, view.loaded.el, view.shown.el);
  view.pixel = h("span", { class: "ti-swatch", "aria-hidden": "true" });
  view.verdict = h("strong"), view.call = h("code");
  view.count = h("span", { data: { role: "in-place", index: "" }, class: "ti-count" });
  view.of = h("span");
  view.shown.below.append(view.verdict, view.count, view.of, view.call);
  view.said = h("span");
  view.loaded.below.append(view.pixel, view.said);
  root.append(view.controls.el, view.code.made, h("div", { class: "ti-says-all" }, view.code.el, view.sum.el),
    h("div", { class: "ti-stages" }, pictures, view.blocks.el), view.tape.el);
  view.live = createLive(root, signal);
  view.note = h("p", { class: "cl-note" });
  root.append(view.note, h("p", { class: "cl-note" }, HINT));
  return view;
}

/** The element that reads the number of a pixel as loaded: of the channel that the pinned number is. */
function fromHome(state, i, j) {
  const { view, element } = state, { sizes } = view;
  const { c } = homeOf(sizes, offsetOf(view, element));
  return elementAt(view, (i * sizes.W + j) * sizes.C + c);
}

const shownElement = ({ state, preview }) => preview ?? state.element;

function actions(view) {
  const { state } = view;
  return {
    timed,
    pinned: () => state.element,
    /** A number under the hand; null when the hand has gone. */
    preview(element, surface) {
      if (JSON.stringify(element) === JSON.stringify(view.preview)) return;
      view.preview = element;
      drawPlace(view, surface?.dataset.surface !== "tape");
    },
    pin(element) {
      view.preview = null;
      const before = JSON.stringify(state.element);
      state.pin(element);
      if (before === JSON.stringify(state.element)) drawPlace(view, true);
    },
    play: () => state.play(!reducedMotion()),
  };
}

/** Another picture: what no layout changes. */
function drawPicture(view) {
  const { picture } = view.state, { W, C } = picture;
  view.loaded.fit(picture);
  view.shown.fit(picture);
  paint(view.loaded, view.state, { sizes: picture, step: { H: W * C, W: C, C: 1 } }, "picture");
  drawLayout(view);
}

/** Another layout. */
function drawLayout(view) {
  const { state, root } = view, { picture } = state;
  const start = performance.now();
  view.preview = null;
  root.dataset.layout = state.view.layout;
  root.classList.toggle("ti-scrambled", state.view.reshaped && picture.C > 1);
  paint(view.shown, state, state.view, "shown");
  setText(view.verdict, verdict(state.view));
  write(view.count, state.inPlace);
  setText(view.of, ` of ${state.view.total} numbers are where the picture has them.`);
  setText(view.call, showing(state.view, picture));
  for (const part of [view.controls, view.code, view.sum, view.blocks]) part.draw();
  view.tape.layout();
  drawPlace(view, true);
  performance.measure("convlab:layout", { start, end: performance.now() });
}

function paint(stage, { picture }, view, role) {
  const { H, W, C } = view.sizes;
  paintPicture(stage.surface.pixels(H, W), picture, view);
  stage.surface.commit();
  const { step } = view;
  stage.surface.holds({ role, index: "", shape: [H, W, C] }, (at) =>
    picture.values[Math.floor(at / (W * C)) * step.H + (Math.floor(at / C) % W) * step.W + (at % C) * step.C]);
}

/** All that follows from the element under the hand; `follow`: the tape scrolls to it. */
function drawPlace(view, follow = false) {
  const { state, root } = view, tensor = state.view, element = shownElement(view);
  const { i, j } = element;
  view.controls.mark();
  view.code.mark(element);
  view.sum.mark(element);
  view.shown.surface.mark([{ i, j, main: true }]);
  view.loaded.surface.mark(homes(tensor, element));
  view.blocks.mark(element);
  view.tape.mark(element, follow);
  const { home } = channelsAt(tensor, element)[element.c];
  view.pixel.style.background = colourOf(state.picture, tensor, element);
  setText(view.said, told(tensor, element));
  setText(view.note, agreementText(state.agreement));
  root.dataset.place = [i, j, element.c].join(",");
  root.dataset.home = [home.i, home.j, home.c].join(",");
  view.live.say(sentence(tensor, state.picture, element));
  root.drawn();
}

/** Where the numbers of one pixel of x come from, as rings on the picture as loaded; those that share a pixel, once. */
function homes(tensor, element) {
  const rings = new Map();
  for (const { c, home } of channelsAt(tensor, element)) {
    const key = `${home.i},${home.j}`, ring = rings.get(key) ?? { ...home, text: "", main: false };
    ring.text += channelLetter(tensor.sizes.C, c);
    ring.main ||= c === element.c;
    rings.set(key, ring);
  }
  const all = [...rings.values()];
  return all.length > 1 ? all : [{ ...all[0], text: "" }];
}

const unbroken = (pair) => tuple(pair).replace(" ", "\u00a0");

/** Of which pixels the colour under the hand is made. */
function told(tensor, element) {
  const { C } = tensor.sizes, at = unbroken([element.i, element.j]);
  if (!tensor.reshaped || C === 1) return `pixel ${at}`;
  const from = channelsAt(tensor, element).map(({ c, home }) => `${channelName(C, c)} from ${unbroken([home.i, home.j])}`);
  return `x at ${at} takes its ${from.join(", its ")}.`;
}

function onChange(view, kind) {
  if (kind === "picture") return drawPicture(view);
  if (kind === "layout") return drawLayout(view);
  if (kind === "place") view.preview = null;
  if (kind === "checked") return setText(view.note, agreementText(view.state.agreement));
  if (kind === "playing") return view.controls.mark();
  return drawPlace(view, true);
}

/** The keys of the whole widget; what a field has already answered is left alone. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (target.tagName === "INPUT" && target.type !== "radio") return;
  const control = ["BUTTON", "INPUT"].includes(target.tagName);
  const { element } = state;
  if (key === "[" || key === "]") state.pin({ ...element, c: element.c + (key === "]" ? 1 : -1) });
  else if (key === " " && !control) state.play(!reducedMotion());
  else if (key === "Enter" && !control) state.pin(shownElement(view));
  else if (control || target.getAttribute("role") === "spinbutton" || !move(state, event)) return;
  event.preventDefault();
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Arrows, Home and End: along the tape, through a block as it is drawn, or from pixel to pixel. */
function move(state, { key, shiftKey, target }) {
  const { view, element } = state, { H, W, C } = view.sizes, { surface } = target.dataset;
  const by = ARROWS[key]?.map((step) => step * (shiftKey ? 10 : 1)), end = { Home: false, End: true }[key];
  if (!by && end === undefined) return false;
  if (surface === "tape") {
    const to = by ? offsetOf(view, element) + by[1] : end ? view.total - 1 : 0;
    state.pinOffset(to);
  } else if (surface === "blocks" && by && state.picture.small) {
    const { row, column } = blockAxes(view);
    state.pin({ ...element, [row]: element[row] + by[0], [column]: element[column] + by[1] });
  } else if (surface === "picture") {
    const home = homeOf(view.sizes, offsetOf(view, element));
    const to = by ? [home.i + by[0], home.j + by[1]] : end ? [H - 1, W - 1] : [0, 0];
    const [i, j] = to.map((at, axis) => Math.min(Math.max(0, at), [H, W][axis] - 1));
    state.pinOffset((i * W + j) * C + home.c);
  } else if (by) state.pin({ ...element, i: element.i + by[0], j: element.j + by[1] });
  else state.pin({ ...element, i: end ? H - 1 : 0, j: end ? W - 1 : 0 });
  return true;
}

export default sharedViews({
  share: createInspectorState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawPicture(view);
  },
});
