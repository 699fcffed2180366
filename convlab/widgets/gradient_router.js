// GradientRouter: every way from one number of a Conv2d to the loss and back. This file wires: the shared state of a
// model, and for each view what is drawn when which part of it changes.

import { createLive, createRoot, focusIn, h, put, reducedMotion, setText, timed } from "./dom.js";
import { destination } from "./grid.js";
import { header } from "./conv_stepper_controls.js";
import { refusal } from "./refusal.js";
import { arrange } from "./gradient_router_arrange.js";
import * as controls from "./gradient_router_controls.js";
import * as draw from "./gradient_router_draw.js";
import { createLedger, createNudge } from "./gradient_router_ledger.js";
import { createLines } from "./gradient_router_lines.js";
import * as picture from "./gradient_router_picture.js";
import { createRouter } from "./gradient_router_state.js";
import { agreementText, sentence } from "./gradient_router_words.js";
import { sharedViews } from "./views.js";

const HINT = "Arrows move the pinned cell, [ and ] add one product more or less, Space plays. " +
  "Drag any number of input, weight or grad_output, or type it.";

/** The parts of a view that never go away. */
function createView(router, el, signal) {
  const root = createRoot(el, "gradient-router", "GradientRouter: where the gradient comes from", signal);
  const view = { router, root, signal, preview: null, moving: false, lit: null, picture: null, over: null, wide: true };
  const act = view.act = actions(view);
  const top = h("div", { class: "gr-top" }), problem = h("div", { class: "gr-problem" });
  const stage = h("div", { class: "gr-stage" });
  const lines = createLines(stage), ledger = createLedger(act, signal), nudge = createNudge();
  const parts = {
    views: controls.createViews(router, act, signal), places: controls.createPlaces(router, act, signal),
    transport: controls.createTransport(router, act, signal), nudger: controls.createNudgeChoice(router, act, signal),
  };
  const tools = h("div", { class: "gr-tools" }, parts.views.els, parts.places.els);
  const under = h("div", { class: "gr-under" }, h("div", { class: "gr-tools" }, parts.transport.el, parts.nudger.el),
    ledger.el, nudge.el);
  root.append(top, problem, tools, stage, under);
  const live = createLive(root, signal), note = h("p", { class: "cl-note" });
  root.append(note, h("p", { class: "cl-note gr-hint" }, HINT));
  return Object.assign(view, { top, problem, tools, stage, under, lines, ledger, nudge, live, note, ...parts });
}

const shownCell = (view) => view.preview ?? view.router.cell;

/** What a hand may do in a view. */
function actions(view) {
  const { router } = view;
  return {
    timed,
    preview(cell) {
      if (String(cell) === String(view.preview)) return;
      view.preview = cell;
      drawShown(view);
    },
    light(at) {
      if (at === view.lit) return;
      view.lit = at;
      drawLit(view);
    },
    /** Whether not all filters of the group are on the screen. */
    hidesFilters: () => Boolean(view.picture) && view.picture.pixel && view.picture.rows.length < router.layer.g.Og,
  };
}

/** A whole new layout: other shapes, another view, another channel. */
function drawLayout(view) {
  const { router, root, top, problem, stage, under, tools, lines } = view, { layer } = router;
  const start = performance.now();
  view.over?.abort();
  view.over = new AbortController();
  const { signal } = view.over;
  view.signal.addEventListener("abort", () => view.over.abort(), { once: true, signal });
  const held = view.picture && focusIn(view.picture.target.grid.el);
  view.preview = view.lit = null;
  root.classList.toggle("gr-refused", Boolean(layer.problem));
  view.live.line.classList.toggle("cl-hidden", Boolean(layer.problem)); // the panel has the same words
  top.replaceChildren(header(layer));
  problem.replaceChildren(...(layer.problem ? [refusal(layer)] : []));
  stage.inert = under.inert = tools.inert = Boolean(layer.problem);
  under.hidden = tools.hidden = !layer.g;
  if (layer.g) {
    const made = view.picture = picture.createPicture(router, view.act, signal);
    lines.measure(null); // what was measured is gone
    stage.replaceChildren(made.content, lines.svg);
    listen(view, made, signal);
    picture.drawNumbers(made);
    drawShown(view);
    arrange(stage, made, (wide, first) => {
      view.wide = wide;
      drawLines(view, true);
      if (!first) return;
      focusAgain(view, held);
      root.drawn();
    }, signal);
  }
  drawNote(view);
  if (layer.problem) view.live.say(`PyTorch refuses this layer or input. ${layer.problem.ours}`);
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** The focus, where the old picture had it. */
function focusAgain({ router, picture: made }, held) {
  const pinned = held && made.target.cell(...picture.placeOfCell(made, router.cell));
  if (pinned && document.activeElement === document.body) made.target.grid.focus(pinned);
}

/** What is pointed at, pinned, lit: hover previews a cell of the target and lights the product of any other. */
function listen(view, made, signal) {
  const { act, router } = view, { target, left, rows } = made;
  const on = (plane, type, listener) => plane.grid.el.addEventListener(type, timed(listener), { signal });
  const placed = (plane, event) => {
    const cell = event.target.closest?.(".cl-cell");
    return cell && plane.place(cell);
  };
  const own = (event) => {
    const place = placed(target, event);
    return place && picture.cellOfPlace(made, place);
  };
  on(target, "pointerover", (event) => {
    if (event.pointerType !== "touch" && !event.buttons) act.preview(own(event));
  });
  on(target, "pointerleave", () => act.preview(null));
  on(target, "focusin", (event) => {
    const cell = own(event);
    if (view.moving) return;
    view.preview = null;
    if (cell) router.pin(cell);
  });
  on(target, "click", (event) => {
    const cell = own(event);
    if (cell) target.grid.focus(event.target.closest(".cl-cell"));
  });
  for (const plane of [left, ...rows.flatMap(({ middle, right }) => [middle, right])]) {
    if (!plane || plane === target) continue;
    const point = (event) => {
      const place = placed(plane, event);
      act.light(place ? draw.termAt(made, router.account(shownCell(view)).terms, plane, place) : null);
    };
    on(plane, "pointerover", point);
    on(plane, "focusin", point);
    for (const type of ["pointerleave", "focusout"]) on(plane, type, () => act.light(null));
  }
}

/** All that follows from the cell, and from how much of its sum is added. */
function drawShown(view) {
  const { router, root, picture: made, views, places, transport, nudger, nudge } = view, { layer } = router;
  const cell = shownCell(view), { terms, total } = router.account(cell);
  const shown = view.preview ? terms.length : router.terms;
  view.spots = draw.drawMarks(made, cell, terms, shown);
  const index = ["forward", "input"].includes(router.view) && layer.legal.shape.length === 3 ? cell.slice(1) : cell;
  drawLit(view, index);
  views.draw();
  places.draw();
  transport.draw(view.preview ? router.account(router.cell).terms.length : terms.length);
  nudger.draw();
  nudge.draw(router, cell, index);
  put(root.dataset, {
    view: router.view, how: router.how, cell: cell.join(), filter: `${router.filter}`, sample: `${router.sample}`,
    terms: router.whole ? "all" : `${router.terms}`, nudge: `${router.nudge}`,
  });
  if (!layer.problem) {
    view.live.say(sentence({
      view: router.view, gathers: router.gathers, g: layer.g, index, reads: made.counts?.of(cell), terms: terms.length, shown,
      total: shown === terms.length ? total : terms[shown - 1]?.running ?? 0, value: draw.valueAt(made, cell),
    }));
  }
  root.drawn();
}

/** The product under the hand, or else the one that was added last. */
function drawLit(view, index = view.index) {
  const { router, picture: made, ledger } = view;
  const cell = shownCell(view), account = router.account(cell);
  const shown = view.preview ? account.terms.length : router.terms;
  const last = router.whole || view.preview || !shown ? null : shown - 1;
  view.index = index;
  view.strong = view.lit ?? last;
  draw.light(made, view.strong === null ? null : view.spots[view.strong]);
  drawLines(view);
  const parts = made.pixel ? made.rows.map(({ o }) => o) : [router.sample];
  const by = made.pixel ? "filter" : router.layer.g.N > 1 ? "sample" : "";
  ledger.draw({ view: router.view, account, shown, parts, lit: view.strong, index, by: account.sums.size > 1 ? by : "" });
}

function drawLines(view, anew = false) {
  if (anew) view.lines.measure(view.wide && !view.router.gathers ? view.picture : null);
  view.lines.draw(view.spots, view.strong, view.router.view);
}

const drawNote = ({ router, note }) => setText(note, agreementText(router));

/** Whether the picture is of another view, channel or filter: Python may set several traits, told one by one. */
function elsewhere({ router, picture: made }) {
  const { cell } = router;
  if (made.view !== router.view || made.g !== router.layer.g || made.gathers !== router.gathers) return true;
  if (router.view === "bias") return false;
  return made.pixel ? cell[1] !== made.c : cell[0] !== made.rows[0].o || cell[1] !== made.c % router.layer.g.Cg;
}

/** Follows what a hand or Python changed. */
function onChange(view, kind) {
  if (kind === "layout" || (view.picture && !view.router.layer.problem && elsewhere(view))) return drawLayout(view);
  drawNote(view);
  if (view.router.layer.problem || !view.picture || kind === "checked") return view.root.drawn();
  if (kind === "values") picture.drawNumbers(view.picture);
  if (kind === "cell") view.preview = view.lit = null;
  return drawShown(view);
}

/** The keys of the whole widget; what a grid, a choice or a field has already answered is left alone. */
function onKey(view, event) {
  const { router } = view, { key, target } = event;
  if (router.layer.problem || !view.picture || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || target.matches(".cl-type")) return;
  if (key === "[" || key === "]") router.step(key === "]" ? 1 : -1);
  else if (key === " " && !["BUTTON", "SELECT"].includes(target.tagName)) router.play(!reducedMotion());
  else if (!move(view, event)) return;
  event.preventDefault();
}

/** Arrows, Home and End move the pinned cell on its plane, and the focus with it. */
function move(view, { key, target: node }) {
  const { router, picture: made } = view, { target } = made;
  if (!target.grid.el.contains(node)) return false;
  const here = picture.placeOfCell(made, router.cell);
  const [top, left, rows, columns] = made.pixel ? [made.g.top, made.g.left, made.g.H, made.g.W] : [0, 0, target.rows, target.columns];
  const to = destination(key, [here[0] - top, here[1] - left], { rows, columns });
  if (!to) return false;
  const place = [to[0] + top, to[1] + left];
  const focus = () => target.cell(...place) && target.grid.focus(target.cell(...place));
  view.moving = true; // a focus that pins would draw in its middle, and then lay out the page
  focus();
  view.preview = null;
  router.pin(picture.cellOfPlace(made, place));
  focus(); // where it had to be brought into sight
  view.moving = false;
  return true;
}

export default sharedViews({
  share: createRouter,
  createView,
  onKey,
  begin(view, signal) {
    view.router.subscribe((kind) => onChange(view, kind), signal);
    drawLayout(view);
  },
});
