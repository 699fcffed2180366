// Im2colLoom: a Conv2d as one matrix product. This file wires: the shared state of a model, and for each view what is
// drawn when which part of it changes.

import { createLive, createRoot, focusIn, h, reducedMotion, setText, timed } from "./dom.js";
import { destination } from "./grid.js";
import { forget } from "./conv_stepper_canvas.js";
import { header } from "./conv_stepper_controls.js";
import { refusal } from "./refusal.js";
import { arrange } from "./im2col_loom_arrange.js";
import * as controls from "./im2col_loom_controls.js";
import { drawNumbers, drawSpot, standing } from "./im2col_loom_draw.js";
import { accountOf, createCosts, createLedger } from "./im2col_loom_ledger.js";
import * as math from "./im2col_loom_math.js";
import { createPicture } from "./im2col_loom_picture.js";
import { createLoom } from "./im2col_loom_state.js";
import { agreementText, code, sentence } from "./im2col_loom_words.js";
import { sharedViews } from "./views.js";

const HINT = "Point at any number; a click or Enter pins it. Arrows move, [ and ] go one place back or on, Space plays. " +
  "Drag a number of input or weight, or type it.";

/** The parts of a view that never go away. */
function createView(loom, el, signal) {
  const root = createRoot(el, "im2col-loom", "Im2colLoom: a convolution as one matrix product", signal);
  const view = { loom, root, signal, preview: null, hand: null, picture: null, over: null };
  const act = view.act = actions(view);
  const top = h("div", { class: "il-top" }), problem = h("div", { class: "il-problem" }), stage = h("div", { class: "il-stage" });
  const parts = {
    views: controls.createViews(loom, act, signal), places: controls.createPlaces(loom, act, signal),
    transport: controls.createTransport(loom, act, signal), ledger: createLedger(act, signal), costs: createCosts(),
  };
  const tools = h("div", { class: "il-tools" }, parts.views.el, parts.places.els, parts.transport.el);
  const lines = h("pre", { class: "il-code" }, h("code", {}));
  const under = h("div", { class: "il-under" }, parts.ledger.el, lines, parts.costs.el);
  root.append(top, problem, tools, stage, under);
  const live = createLive(root, signal), note = h("p", { class: "cl-note" });
  root.append(note, h("p", { class: "cl-note il-hint" }, HINT));
  return Object.assign(view, { top, problem, tools, stage, under, lines: lines.firstChild, live, note, ...parts });
}

/** What is pointed at, or else pinned. */
function spotOf({ loom, preview }) {
  if (preview) return preview;
  const { g } = loom.layer, [row, column] = loom.entry;
  return { row, column, filter: loom.filter, cell: math.under(g, row, column) };
}

/** The spot that a hand asks for with an entry's row or column, a filter, or a cell of the padded input. */
function asked({ loom }, { row, column, filter, cell }) {
  const { g } = loom.layer, { share } = math.sizes(g), [pinnedRow, pinnedColumn] = loom.entry;
  if (cell) {
    const all = math.copies(g, cell, loom.view === "fold");
    const here = all.find(([, at]) => at === pinnedColumn) ?? all[0];
    if (!here) return { row: null, column: null, filter: loom.filter, cell };
    [row, column] = here;
  }
  // A filter meets only the rows of its group, and a row only the filters of its own.
  const ofRow = Math.floor((row ?? pinnedRow) / share), ofFilter = Math.floor((filter ?? loom.filter) / g.Og);
  const spot = { row: row ?? pinnedRow, column: column ?? pinnedColumn, filter: filter ?? loom.filter };
  if (ofRow !== ofFilter && row === undefined) spot.row = ofFilter * share + (pinnedRow % share);
  else if (ofRow !== ofFilter && filter === undefined) spot.filter = ofRow * g.Og + (loom.filter % g.Og);
  return { ...spot, cell: cell ?? math.under(g, spot.row, spot.column) };
}

/** What a hand may do in a view. */
function actions(view) {
  return {
    timed,
    /** Looks at what is asked for; the sheet that the `hand` points at stays where it is. */
    preview(ask, hand = null) {
      const spot = ask && asked(view, ask);
      view.hand = hand;
      if (JSON.stringify(spot) === JSON.stringify(view.preview)) return;
      view.preview = spot;
      drawShown(view);
    },
    /** Pins what is asked for; a cell that no window reads is only looked at. */
    pin(ask) {
      const spot = asked(view, ask);
      if (spot.row === null) return view.act.preview(ask);
      const looked = view.preview;
      view.preview = null;
      const before = JSON.stringify([view.loom.entry, view.loom.filter]);
      view.loom.pin(spot);
      if (looked && before === JSON.stringify([spot.row, spot.column, spot.filter])) drawShown(view);
    },
  };
}

/** A whole new layout: other shapes, another view or sample. */
function drawLayout(view) {
  const { loom, root, top, problem, stage, under, tools } = view, { layer } = loom;
  const start = performance.now();
  view.over?.abort();
  view.over = new AbortController();
  const { signal } = view.over;
  view.signal.addEventListener("abort", () => view.over.abort(), { once: true, signal });
  const held = view.picture?.sheets.find(({ grid }) => focusIn(grid.el))?.name;
  view.preview = null;
  root.classList.toggle("il-refused", Boolean(layer.problem));
  view.live.line.classList.toggle("cl-hidden", Boolean(layer.problem)); // the panel has the same words
  top.replaceChildren(header(layer));
  problem.replaceChildren(...(layer.problem ? [refusal(layer)] : []));
  stage.inert = under.inert = tools.inert = Boolean(layer.problem);
  under.hidden = tools.hidden = !layer.g;
  if (layer.g) {
    const made = view.picture = createPicture(loom, view.act, signal);
    stage.replaceChildren(made.content);
    made.sheets.forEach((sheet) => listen(view, sheet, signal));
    drawNumbers(made, root);
    setText(view.lines, code(loom.view, layer.g, layer.legal.spec, layer.legal.shape).join("\n"));
    view.costs.draw(layer.g, loom.itemsize);
    drawShown(view);
    arrange(stage, made, { paint: () => drawNumbers(made, root), laid: () => focusAgain(made, held) }, signal);
  }
  drawNote(view);
  if (layer.problem) view.live.say(`PyTorch refuses this layer or input. ${layer.problem.ours}`);
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** The focus, where the old picture had it; before the new one is laid out it would cost another layout of the page. */
function focusAgain({ sheets }, held) {
  if (document.activeElement !== document.body) return;
  const cell = sheets.find(({ name }) => name === held)?.grid.el.querySelector('[tabindex="0"]');
  if (cell) cell.focus({ preventScroll: true });
}

/** Hover previews, click and Enter pin; the same on the picture of what is too large for numbers. Tab alone moves nothing. */
function listen(view, sheet, signal) {
  const { act } = view, { grid, overview } = sheet;
  const on = (node, type, listener) => node.addEventListener(type, timed(listener), { signal });
  const own = (event) => {
    const cell = event.target.closest?.(".cl-cell"), place = cell && sheet.place(cell);
    return place && sheet.ask(...place);
  };
  const hover = (event) => event.pointerType !== "touch" && !event.buttons;
  on(grid.el, "pointerover", (event) => hover(event) && act.preview(own(event), sheet));
  on(grid.el, "pointerleave", () => act.preview(null));
  let pressed = null; // where a number is dragged, the click is not the cell's but the grid's
  on(grid.el, "pointerdown", (event) => { pressed = event; });
  on(grid.el, "click", (event) => {
    const { target } = own(event) || !pressed ? event : pressed, ask = own({ target });
    if (!ask || event.target.matches(".cl-type")) return;
    pinAt(view, sheet, sheet.place(target.closest(".cl-cell")));
  });
  on(grid.el, "keydown", (event) => {
    if (event.key === "Enter" && !event.defaultPrevented && own(event)) pinAt(view, sheet, sheet.place(event.target));
  });
  if (!overview) return;
  on(overview.el, "pointermove", (event) => hover(event) && act.preview(sheet.ask(...overview.under(event))));
  on(overview.el, "pointerleave", () => act.preview(null));
  on(overview.el, "click", (event) => act.pin(sheet.ask(...overview.under(event))));
}

/** All that follows from the spot. */
function drawShown(view) {
  const { loom, root, picture: made, views, places, transport, ledger } = view, { layer } = loom, { g } = layer;
  const spot = spotOf(view);
  drawSpot(made, spot, { pinned: !view.preview, hand: view.preview && view.hand, root });
  ledger.draw(g, accountOf(loom, spot), spot);
  views.draw();
  places.draw();
  transport.draw(spot.column);
  Object.assign(root.dataset, {
    view: loom.view, entry: spot.row === null ? "" : `${spot.row},${spot.column}`, filter: spot.filter, sample: loom.sample,
    filled: loom.whole ? "all" : loom.filled,
  });
  if (!layer.problem) {
    const source = math.sourceOf(g, spot.cell), copies = math.copies(g, spot.cell, loom.view === "fold");
    view.live.say(sentence({
      view: loom.view, g, spot, loom, batch: loom.batch, copies: copies.length, value: source < 0 ? 0 : loom.input[source],
      now: copies.filter(([, column]) => column < loom.filled).length,
    }));
  }
  root.drawn();
}

const drawNote = ({ loom, note }) => setText(note, agreementText(loom));

/** Follows what a hand or Python changed. */
function onChange(view, kind) {
  const { loom, picture: made } = view;
  const elsewhere = made && !loom.layer.problem && (made.g !== loom.layer.g && kind !== "checked" || made.view !== loom.view);
  if (kind === "layout" || elsewhere) return drawLayout(view);
  drawNote(view);
  if (loom.layer.problem || !made || kind === "checked") return view.root.drawn();
  if (kind === "values") drawNumbers(made, view.root);
  if (kind === "move") view.preview = null;
  return drawShown(view);
}

/** The keys of the whole widget; what a grid, a choice or a field has already answered is left alone. */
function onKey(view, event) {
  const { loom } = view, { key, target } = event;
  if (loom.layer.problem || !view.picture || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || target.matches(".cl-type")) return;
  if (key === "[" || key === "]") loom.step(key === "]" ? 1 : -1);
  else if (key === " " && target.tagName !== "BUTTON") loom.play(!reducedMotion());
  else if (!move(view, event)) return;
  event.preventDefault();
}

/** Arrows, Home and End move along a sheet, and the focus with them. */
function move(view, { key, target }) {
  const sheet = view.picture.sheets.find(({ grid }) => grid.el.contains(target)), here = sheet?.place(target);
  if (!here) return false;
  const [top, left, rows, columns] = sheet.name === "input" ? sheet.inner : [0, 0, sheet.rows, sheet.columns];
  const to = destination(key, [here[0] - top, here[1] - left], { rows, columns });
  if (!to) return false;
  pinAt(view, sheet, [to[0] + top, to[1] + left]);
  return true;
}

/**
 * Pins the number of a place, which takes the focus: first, where it will stand, since after the drawing the focus would
 * cost a layout of the page; then again, where it stands in another cell.
 */
function pinAt(view, sheet, place) {
  const ask = sheet.ask(...place), ahead = standing(view.picture, sheet, asked(view, ask));
  const focus = (cell) => cell && cell !== document.activeElement && sheet.grid.focus(cell);
  focus(sheet.cell(...place, ahead ?? undefined));
  view.act.pin(ask);
  focus(sheet.cell(...place));
}

/** Draws again in the colours of a new theme. */
function followTheme(view, signal) {
  const watch = new MutationObserver(() => {
    forget(view.root);
    if (view.picture) drawNumbers(view.picture, view.root);
  });
  watch.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  signal.addEventListener("abort", () => watch.disconnect());
}

export default sharedViews({
  share: createLoom,
  createView,
  onKey,
  begin(view, signal) {
    view.loom.subscribe((kind) => onChange(view, kind), signal);
    drawLayout(view);
    followTheme(view, signal);
  },
});
