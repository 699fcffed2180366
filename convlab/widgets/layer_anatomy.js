// LayerAnatomy: a Conv2d's call and where each of its weights stands. This file wires: the state that all views of a
// model share, and for each view what is drawn when which part of it changes.

import { createLive, createRoot, focusIn, h, reducedMotion, setText, timed } from "./dom.js";
import { forget } from "./conv_stepper_canvas.js";
import { refusal } from "./size_ruler_refusal.js";
import { createCode, createIndex } from "./layer_anatomy_code.js";
import { createDense, createFacts } from "./layer_anatomy_facts.js";
import { createStage } from "./layer_anatomy_stage.js";
import { agreementText, createAnatomyState } from "./layer_anatomy_state.js";
import { channelOf, sentence } from "./layer_anatomy_words.js";
import { sharedViews } from "./views.js";

const HINT = "Drag a number, type it, or use its arrows. On the weight: arrows walk through it, + and − change it, " +
  "[ and ] move the place, Space plays.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "layer-anatomy", "LayerAnatomy: a Conv2d taken apart", signal);
  const view = { state, root, preview: null, shown: () => view.preview ?? pinned(state) };
  const act = view.act = actions(view);
  const code = createCode(state, act, signal), index = createIndex(view, act, signal);
  const stage = createStage(view, act, signal), facts = createFacts(state), dense = createDense(state);
  const problem = h("div", { class: "la-problem" });
  const body = [dense.el, index.el, stage.el, facts.el, dense.more];
  root.append(code.el, problem, dense.el, index.el);
  const live = createLive(root, signal);
  root.append(h("div", { class: "la-main" }, stage.el, h("div", { class: "la-under" }, facts.el)), dense.more);
  const note = h("p", { class: "cl-note" });
  root.append(note, h("p", { class: "cl-note la-hint" }, HINT));
  link(root, signal);
  return Object.assign(view, { code, index, stage, facts, dense, problem, body, live, note });
}

const pinned = ({ index, place, depth }) => ({ index, place, depth });

/** Shows what belongs together: a number of the call, and each number that comes from it. */
function link(root, signal) {
  let lit = [];
  const light = (of) => {
    for (const node of lit) node.classList.remove("la-linked");
    const alike = (node) => node.dataset.of === of && !node.dataset.part;
    lit = of ? [...root.querySelectorAll("[data-of]")].filter(alike) : [];
    if (lit.length < 2) lit = [];
    for (const node of lit) node.classList.add("la-linked");
  };
  const of = ({ target }) => target.closest("[data-of]:not([data-part])")?.dataset.of;
  root.addEventListener("pointerover", timed((event) => event.buttons || light(of(event))), { signal });
  root.addEventListener("pointerleave", () => light(null), { signal });
  root.addEventListener("focusin", (event) => light(of(event)), { signal });
}

/** What a hand may do in a view. */
function actions(view) {
  const { state } = view;
  const preview = (to) => {
    if (JSON.stringify(to) === JSON.stringify(view.preview)) return;
    view.preview = to;
    drawShown(view);
  };
  /** What lies under the hand, as what would be pinned. */
  const meant = ({ part, depth, o, c, cell }) => {
    const [oldO, oldC, u, v] = state.index, now = pinned(state);
    if (depth === 1) return { ...now, depth, index: [o, oldC, u, v] };
    if (depth === 2) return { ...now, depth, index: [o, c, u, v] };
    if (part === "weight") return { ...now, depth: 4, index: [o, c, ...cell] };
    if (part === "output") return { ...now, place: cell, index: [o, oldC, u, v] };
    const { Cg, Og } = state.g, group = Math.floor(o / Cg); // an input channel: the kernel that reads it
    const filter = Math.floor(oldO / Og) === group ? oldO : group * Og;
    return { ...now, index: [filter, o - group * Cg, u, v] };
  };
  const pin = ({ index, place, depth }) => {
    view.preview = null;
    state.say(depth);
    state.pinPlace(place);
    state.pinIndex(index);
    drawShown(view);
  };
  const visible = (to) => (view.stage.holds(to.index) ? to : null);
  return {
    timed,
    point: (hit) => preview(hit && visible(meant(hit))),
    pick: (hit) => hit && pin(meant(hit)),
    /** A number of the table under the hand: a weight is pinned, a bias names its filter. */
    touch: ({ index, o }) =>
      pin({ ...pinned(state), depth: index ? 4 : 1, index: index ?? [o, ...state.index.slice(1)] }),
    pinIndex(index) {
      view.preview = null;
      state.pinIndex(index);
    },
    say(depth) {
      view.preview = null;
      state.say(depth);
    },
    /** Another page of filters or channels, with the index on it. */
    page(axis, by) {
      const { first, count } = view.stage.page(axis, by), [o, c, u, v] = state.index, { Cg, Og } = state.g;
      const into = (at) => Math.min(Math.max(at, first), first + count - 1);
      const channel = into(channelOf(state.g, o, c)), group = Math.floor(channel / Cg);
      const filter = axis === "rows" ? into(o) : Math.floor(o / Og) === group ? o : group * Og;
      const to = axis === "rows" ? [filter, c, u, v] : [filter, channel - group * Cg, u, v];
      view.preview = null;
      state.pinIndex(to);
      drawTable(view);
      view.root.drawn();
    },
  };
}

/** The table anew, with the focus on the same weight where it had it. */
function drawTable(view) {
  const held = focusIn(view.stage.el);
  view.stage.draw();
  drawShown(view);
  if (held) view.stage.focus();
}

/** Another setting. */
function drawLayout(view) {
  const { state, root } = view, refused = Boolean(state.problem);
  const start = performance.now();
  view.preview = null;
  view.code.draw();
  view.problem.replaceChildren(...(refused ? [panel(view)] : []));
  root.classList.toggle("la-refused", refused);
  root.classList.toggle("la-empty", !state.g);
  for (const part of view.body) part.inert = refused;
  if (state.g && !refused) {
    view.facts.draw();
    view.dense.draw();
    drawTable(view);
  }
  view.live.line.classList.toggle("cl-hidden", refused); // the panel has the same words
  if (refused) view.live.say(`PyTorch refuses this. ${state.problem.ours}`);
  setText(view.note, agreementText(state));
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** The panel of a refusal, with the ways out of it. */
function panel({ state, act }) {
  const el = refusal(state), { spec, shape, legal } = state, C = shape.at(-3);
  const button = (text, click) => h("button", { type: "button", on: { click: act.timed(click) } }, text);
  const way = [];
  const divides = spec.groups > 0 && spec.in_channels % spec.groups === 0 && spec.out_channels % spec.groups === 0;
  if (divides && C !== spec.in_channels) {
    if (shape.at(-1) === spec.in_channels) {
      el.querySelector(".cl-words").append(h("p", {}, "These axes look like (N, H, W, C). PyTorch wants the channels " +
        "before the rows: ", h("code", {}, shape.length === 4 ? "x.permute(0, 3, 1, 2)" : "x.permute(2, 0, 1)"), "."));
    } else {
      way.push(button(`Give the input ${spec.in_channels} channels`, () =>
        state.change({}, shape.map((length, at) => (at === shape.length - 3 ? spec.in_channels : length)))));
    }
  }
  if (legal) way.push(button("Back to the layer below", () => state.change(legal.spec, legal.shape)));
  if (way.length) el.append(h("div", { class: "cl-row la-ways" }, way));
  return el;
}

/** All that follows from index, place and depth, pinned or under the hand. */
function drawShown(view) {
  const { state, root, index, stage, live } = view;
  if (state.problem || !state.g) return;
  const shown = view.shown();
  index.draw();
  stage.mark(shown, state.index);
  Object.assign(root.dataset, { index: shown.index.join(","), place: shown.place.join(","), depth: shown.depth });
  live.say(sentence(state, shown));
  root.drawn();
}

function onChange(view, kind) {
  const { state, stage } = view;
  if (kind === "layout") return drawLayout(view);
  setText(view.note, agreementText(state));
  if (kind === "checked" || state.problem || !state.g) return undefined;
  if (kind === "playing") return drawShown(view);
  if (kind === "weight" || kind === "bias") {
    return stage.number(kind, state.edited) ? drawShown(view) : drawTable(view);
  }
  view.preview = null;
  return stage.holds(state.index) ? drawShown(view) : drawTable(view);
}

/** The keys of the whole widget; what a field has already answered is left alone. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (state.problem || !state.g || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (["INPUT", "SELECT"].includes(target.tagName)) return;
  if (key === "[" || key === "]") state.goTo(state.number + (key === "]" ? 1 : -1));
  else if (key === " " && target.tagName !== "BUTTON") state.play(!reducedMotion());
  else if (key === "Escape") view.act.point(null);
  else if (!target.closest(".la-stage") || target.dataset.role !== "weight" || !walk(view, key)) return;
  event.preventDefault();
}

/** Arrows walk through a kernel, and at its edge into the next one; Home and End go to the first and last weight. */
function walk(view, key) {
  const { state, stage } = view, most = state.most.index, [o, c, u, v] = state.index;
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  const jump = { Home: [0, 0, 0, 0], End: most.map((count) => count - 1) }[key];
  if (!by && !jump) return false;
  const [O, Cg, kH, kW] = most, row = by && o * kH + u + by[0], column = by && c * kW + v + by[1];
  if (by && (row < 0 || column < 0 || row >= O * kH || column >= Cg * kW)) return true;
  const to = jump ?? [Math.floor(row / kH), Math.floor(column / kW), row % kH, column % kW];
  stage.step(to); // the focus first: after a picture it would wait for a whole layout
  view.preview = null;
  state.say(4);
  state.pinIndex(to);
  stage.focus();
  return true;
}

/** Draws again in the colours of a new theme, and in another width. */
function follow(view, signal) {
  const { state, stage, root } = view;
  const again = () => {
    if (!state.g) return;
    drawTable(view);
    if (state.problem) stage.mark(pinned(state), state.index);
    root.drawn();
  };
  const watch = new MutationObserver(() => {
    forget(root);
    again();
  });
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  let seen = false;
  const size = new ResizeObserver(([{ contentRect: { width } }]) => {
    if (!width || (seen && Math.abs(width - stage.width) < 1)) return;
    seen = true; // a view is drawn before it is in the page, where nothing has a width or a colour yet
    stage.width = width;
    again();
  });
  size.observe(root);
  signal.addEventListener("abort", () => { watch.disconnect(); size.disconnect(); });
}

export default sharedViews({
  share: createAnatomyState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    follow(view, signal);
    drawLayout(view);
  },
});
