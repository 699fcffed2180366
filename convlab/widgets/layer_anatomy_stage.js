// The layer as a table: input channels are columns, filters are rows, weight[o, c] stands where they cross. A band runs
// from the channel that the lit weight reads, down to it, and on to the feature map that it makes.

import { become, h } from "./dom.js";
import { createGrid, largest } from "./grid.js";
import { makeEditable } from "./numbers.js";
import { arranged, cellWidth, ROW_PX } from "./layer_anatomy_arrange.js";
import { caption, createPicture } from "./layer_anatomy_picture.js";
import { channelOf, pixelUnder } from "./layer_anatomy_words.js";

const GUESS_PX = 850;
/** In a column below this width a caption is its index alone. */
const SHORT_PX = 84;
/** What the facts take beside the table, and the least width where they may stand there. */
const FACTS_PX = 416, LEAST_PX = 1100, PADDING_PX = 4;

/** The table of a view: {el, draw(), mark(shown, pinned), number(kind, index), step(index), focus(), holds, page}. */
export function createStage(view, act, signal) {
  const { state, root } = view;
  const table = h("div", { class: "la-table" }), pages = h("div", { class: "la-pages cl-row" });
  const stage = { state, root, table, pages, act, layout: null, width: GUESS_PX, marked: [],
    wires: ["down", "across"].map((way) => h("i", { class: `la-wire la-wire-${way}`, "aria-hidden": "true" })) };
  stage.el = h("div", { class: "la-stage", role: "group", "aria-label": "the layer as a table" }, table, pages);
  listen(stage, act, signal);
  stage.draw = () => draw(stage);
  stage.mark = (shown, pinned) => mark(stage, shown, pinned);
  stage.number = (kind, index) => drawNumber(stage, kind, index);
  stage.focus = () => { // asked of a cell that has it already, it would still wait for a whole layout of the page
    if (stage.offered !== document.activeElement) stage.offered?.focus({ preventScroll: true });
  };
  /** Gives the focus to a weight that is on the screen. */
  stage.step = ([o, c, u, v]) => {
    offer(stage, [o, c, u, v]); // before it has the focus and before anything is marked: else each waits for a layout
    stage.focus();
  };
  stage.holds = ([o, c]) => {
    const { rows, columns } = stage.layout, channel = channelOf(state.g, o, c);
    return o >= rows.first && o < rows.first + rows.count
      && channel >= columns.first && channel < columns.first + columns.count;
  };
  /** Another page of filters ("rows") or channels ("columns"): where it begins. */
  stage.page = (axis, by) => {
    const { first, count, total } = stage.layout[axis];
    const to = Math.max(0, Math.min(total - count, first + by * count));
    stage.layout = { ...stage.layout, [axis]: { ...stage.layout[axis], first: to } };
    return { first: to, count };
  };
  return stage;
}

/** The filters and channels on the screen, as index lists. */
const listed = ({ first, count }) => Array.from({ length: count }, (_, at) => first + at);

/** Arranges as often as it takes for every visible number to fit its cell. */
function arrange(stage) {
  const { state, layout: before } = stage, { g } = state;
  const [o, c] = state.index, large = !state.map(o);
  const at = [o, channelOf(g, o, c)];
  let chars = { input: 0, weight: 0, output: 0 }, found;
  for (let turn = 0; turn < 3; turn++) {
    found = beside(stage.width - PADDING_PX, (width) => arranged(g, { width, chars, at, before, large }));
    const rows = listed(found.rows), channels = listed(found.columns);
    const widest = (lists) => lists.reduce((most, list) => Math.max(most, cellWidth(list)), 0);
    const needed = {
      input: found.input.kind === "numbers" ? widest(channels.map((channel) => state.channel(channel))) : 0,
      weight: found.weight.kind === "numbers" ? widest(rows.map((row) => state.filter(row))) : 0,
      output: found.output.kind === "numbers" ? widest(rows.map((row) => state.map(row) ?? [])) : 0,
    };
    if (Object.keys(chars).every((name) => needed[name] <= chars[name])) break;
    chars = Object.fromEntries(Object.keys(chars).map((name) => [name, Math.max(chars[name], needed[name])]));
  }
  return found;
}

/** The table beside the facts if it loses nothing there, else in the whole width. */
function beside(width, arrangedIn) {
  const whole = arrangedIn(width);
  if (width < LEAST_PX) return whole;
  const part = arrangedIn(width - FACTS_PX);
  const same = ["input", "weight", "output"].every((name) => part[name].kind === whole[name].kind);
  return same && part.columns.count === whole.columns.count ? { ...part, beside: true } : whole;
}

/** The table anew; what stays of it stays where it is: taking away what has the focus costs a layout of the page. */
function draw(stage) {
  const { table, pages } = stage;
  const layout = stage.layout = arrange(stage);
  const { head, bias, gap, column, rows, columns } = layout;
  stage.el.classList.toggle("la-narrow", layout.narrow);
  stage.root.classList.toggle("la-beside", Boolean(layout.beside));
  table.style.gridTemplateColumns = `${head}px repeat(${columns.count}, ${column}px) ${bias}px max-content`;
  table.style.columnGap = `${gap}px`;
  unmark(stage);
  stage.channels = renewed(stage.channels, listed(columns), (channel, old) => channelHead(stage, channel, old));
  stage.filters = renewed(stage.filters, listed(rows), (o, old) => filterRow(stage, o, old));
  become(table, [...stage.wires, corner(stage), ...[...stage.channels.values()].map((part) => part.head),
    ...ends(stage), ...[...stage.filters.values()].flatMap((part) => part.all)]);
  pages.replaceChildren(...more(stage));
}

/** Parts by key, each made with what stood under its key before. */
const renewed = (before, keys, make) => new Map(keys.map((key) => [key, make(key, before?.get(key))]));

const place = (node, row, column, span = 1) => {
  node.style.gridArea = `${row} / ${column} / auto / span ${span}`;
  return node;
};

const corner = ({ layout }) => place(h("p", { class: "la-corner" }, layout.narrow ? "" : "input"), 1, 1);

/** What stands above the last two columns. */
function ends({ state: { legal }, layout: { columns, narrow } }) {
  return [legal.spec.bias ? "bias" : "no bias", narrow ? "maps" : "feature maps"].map((word, at) =>
    place(h("p", { class: "la-end la-caption" }, word), 1, columns.count + 2 + at));
}

function channelHead(stage, channel, old) {
  const { state, layout, root } = stage, { g, legal } = state;
  const batched = legal.shape.length === 4;
  const expression = `input[${batched ? "0, " : ""}${channel}]`;
  const picture = createPicture({ role: "input", prefix: String(channel), rows: g.H, columns: g.W, drawn: layout.input,
    label: `${expression}, ${g.H} rows and ${g.W} columns`, from: old?.picture });
  picture.fill(layout.input.kind === "frame" ? null : state.channel(channel), root);
  const short = layout.column < SHORT_PX;
  const el = caption(short ? "" : `channel ${channel}`, short ? expression.slice("input".length) : expression, "input");
  const head = place(old?.head ?? h("div", { class: "la-channel" }), 1, 2 + channel - layout.columns.first);
  become(head, [el, picture.el]);
  return { head, picture };
}

/** One filter: its name, its frame around its kernels, its bias, its feature map. */
function filterRow(stage, o, old) {
  const { state, layout, root } = stage, { g, legal } = state;
  const row = 2 + o - layout.rows.first, from = channelOf(g, o, 0), last = layout.columns.count;
  const seen = [...stage.channels.keys()].filter((channel) => channel >= from && channel < from + g.Cg);
  const name = caption(`filter ${o}`, `weight[${o}]`, "weight");
  const head = place(h("div", { class: "la-head", data: { part: "filter", of: o } }, name), row, 1);
  const column = (channel) => 2 + channel - layout.columns.first;
  const frame = place(h("div", { class: "la-filter", data: { part: "filter", of: o } }), row,
    seen.length ? column(seen[0]) : 2, seen.length || last);
  if (!seen.length) frame.append(h("p", { class: "la-elsewhere" }, `reads channels ${from} to ${from + g.Cg - 1}`));
  const kernels = renewed(old?.kernels, seen.map((channel) => channel - from),
    (c, before) => kernel(stage, o, c, before));
  for (const [c, { el }] of kernels) place(el, row, column(c + from));
  const bias = legal.spec.bias ? biasCell(state, o, old?.bias) : null;
  const map = createPicture({ role: "output", prefix: String(o), rows: g.H_out, columns: g.W_out, drawn: layout.output,
    label: `feature map ${o}, ${g.H_out} rows and ${g.W_out} columns`, from: old?.map });
  map.fill(state.map(o), root);
  const at = `[${legal.shape.length === 4 ? "0, " : ""}${o}]`;
  const made = old?.made ?? h("div", { class: "la-map" });
  become(place(made, row, last + 3), [caption("", layout.narrow ? at : `output${at}`, "output"), map.el]);
  const all = [frame, head, ...[...kernels.values()].map((part) => part.el), bias && place(bias.box, row, last + 2), made];
  return { row, head, frame, kernels, bias, map, made, all: all.filter(Boolean) };
}

function kernel({ state, layout, root }, o, c, old) {
  const { g } = state;
  const picture = createPicture({ role: "weight", prefix: `${o},${c}`, rows: g.kH, columns: g.kW, drawn: layout.weight,
    label: `weight[${o}, ${c}], ${g.kH} rows and ${g.kW} columns`, from: old?.picture,
    name: (u, v) => `weight[${o}, ${c}, ${u}, ${v}]` });
  picture.fill(state.filter(o).subarray(c * g.kH * g.kW, (c + 1) * g.kH * g.kW), root);
  const said = caption("", layout.column < SHORT_PX ? `[${o}, ${c}]` : `weight[${o}, ${c}]`, "weight");
  const el = old?.el ?? h("div", { class: "la-kernel", data: { part: "kernel", of: `${o},${c}` } });
  become(el, [said, picture.el]);
  return { el, picture };
}

function biasCell(state, o, old) {
  const grid = createGrid({ role: "bias", rows: 1, columns: 1, label: `bias of filter ${o}`, index: () => String(o),
    name: () => `bias[${o}]`, from: old });
  const value = state.biasAt(o);
  grid.el.style.gridTemplateColumns = `${cellWidth([value], 24)}px`;
  grid.el.style.setProperty("--size", `${ROW_PX}px`);
  if (!old) grid.cells[0].tabIndex = -1;
  grid.fill([value]);
  const box = old?.box ?? h("div", { class: "la-bias" }, h("span", { "aria-hidden": "true" }, "+"), grid.el);
  return Object.assign(grid, { box });
}

/** Buttons to what is not on the screen. */
function more({ layout: { rows, columns }, act }) {
  const button = (axis, by, count, what) => count > 0 && h("button", { type: "button", class: "la-more",
    on: { click: act.timed(() => act.page(axis, by)) },
  }, by < 0 ? `‹ ${count} ${what} before` : `${count} more ${what} ›`);
  const after = ({ first, count, total }) => total - first - count;
  const word = (count, one) => `${one}${count === 1 ? "" : "s"}`;
  const pair = (axis, { first, ...rest }, one) => [
    button(axis, -1, first, word(first, one)),
    button(axis, 1, after({ first, ...rest }), word(after({ first, ...rest }), one)),
  ].filter(Boolean);
  return [...pair("rows", rows, "filter"), ...pair("columns", columns, "channel")];
}

function unmark(stage) {
  for (const clear of stage.marked) clear();
  stage.marked = [];
}

/** Lights what is shown: {index, place, depth}; `pinned` is where Tab comes to. */
function mark(stage, { index, place: at, depth }, pinned) {
  const { state: { g }, channels, filters } = stage, [o, c, u, v] = index;
  unmark(stage);
  const light = (node, name) => {
    node.classList.add(name);
    stage.marked.push(() => node.classList.remove(name));
  };
  const outline = (picture, taps, one) => {
    picture.mark(taps, one);
    stage.marked.push(() => picture.mark());
  };
  const row = filters.get(o);
  if (!row?.kernels.has(c)) return; // another page is about to be drawn
  light(row.frame, depth === 1 ? "la-lit" : "la-on");
  light(row.head, "la-on");
  if (depth > 1) light(row.kernels.get(c).el, depth === 2 ? "la-lit" : "la-on");
  if (depth === 4) outline(row.kernels.get(c).picture, [], [[u, v]]);
  outline(row.map, [], [at]);
  const window = (tap) => { const { row: i, column: j } = pixelUnder(g, at, tap); return [i, j]; };
  const taps = Array.from({ length: g.kH * g.kW }, (_, t) => window([Math.floor(t / g.kW), t % g.kW]));
  for (const [kernelAt] of row.kernels) {
    if (depth > 1 && kernelAt !== c) continue;
    const { head, picture } = channels.get(channelOf(g, o, kernelAt));
    light(head, "la-on");
    outline(picture, taps, depth === 4 ? [window([u, v])] : []);
  }
  drawWires(stage, row, depth > 1 ? [c] : [...row.kernels.keys()], o);
  offer(stage, pinned);
}

/** The band from the channel down to the kernel, and from there to the feature map. */
function drawWires({ state: { g }, layout: { columns }, wires: [down, across] }, row, kernels, o) {
  if (!kernels.length) return;
  const column = 2 + channelOf(g, o, kernels[0]) - columns.first;
  down.style.gridArea = `1 / ${column} / ${row.row} / span ${kernels.length}`;
  across.style.gridArea = `${row.row} / ${column} / auto / ${columns.count + 4}`;
}

/** The weight that Tab comes to; every bias of a row on the screen can be pointed at, that of this filter by Tab. */
function offer(stage, [o, c, u, v]) {
  const row = stage.filters.get(o);
  const cell = row?.kernels.get(c)?.picture.grid?.cell(u, v) ?? null;
  const bias = row?.bias?.cells[0] ?? null;
  for (const [name, now] of [["offered", cell], ["offeredBias", bias]]) {
    if (stage[name] === now) continue;
    if (stage[name]) stage[name].tabIndex = -1;
    if (now) now.tabIndex = 0;
    stage[name] = now;
  }
}

/** One weight or bias, after a hand changed it, and the feature map that follows; false where it does not fit. */
function drawNumber(stage, kind, [o, c, u, v]) {
  const { state, layout, root } = stage, row = stage.filters.get(o), { g } = state;
  if (!row) return true;
  const value = kind === "weight" ? state.weightAt([o, c, u, v]) : state.biasAt(o), map = state.map(o);
  const tooWide = (picture, values) => picture.kind === "numbers" && cellWidth(values) > picture.cell;
  if (tooWide(layout.weight, [value]) || (map && tooWide(layout.output, map))) return false;
  if (kind === "bias") row.bias.fill([value]);
  else {
    const values = state.filter(o).subarray(c * g.kH * g.kW, (c + 1) * g.kH * g.kW);
    const { picture } = row.kernels.get(c) ?? {};
    if (picture?.grid && Math.abs(value) <= picture.grid.scale) picture.grid.set(u, v, value);
    else picture?.fill(values, root);
  }
  row.map.fill(map, root);
  return true;
}

function listen(stage, act, signal) {
  const { el, state } = stage;
  const hit = (event) => {
    const node = event.target.closest("[data-part]");
    if (!node || !el.contains(node)) return null;
    const { part, of } = node.dataset, [o, c] = of.split(",").map(Number);
    if (part === "filter") return { depth: 1, o };
    if (part === "kernel") return { depth: 2, o, c };
    const picture = part === "input" ? stage.channels.get(o)?.picture
      : part === "output" ? stage.filters.get(o)?.map : stage.filters.get(o)?.kernels.get(c)?.picture;
    const cell = picture?.cellAt(event);
    return cell && { part, o, c, cell };
  };
  el.addEventListener("pointermove", act.timed((event) => event.buttons || act.point(hit(event))), { signal });
  el.addEventListener("pointerleave", act.timed(() => act.point(null)), { signal });
  el.addEventListener("click", act.timed((event) => act.pick(hit(event))), { signal });
  const indexOf = (cell) => cell.dataset.index.split(",").map(Number);
  const isBias = (cell) => cell.dataset.role === "bias";
  const focus = (cell) => {
    cell.focus({ preventScroll: true }); // before anything is drawn: after it, the focus would wait for a whole layout
    act.touch(isBias(cell) ? { depth: 1, o: indexOf(cell)[0] } : { index: indexOf(cell) });
  };
  makeEditable({ el, focus }, {
    get: (cell) => (isBias(cell) ? state.biasAt(indexOf(cell)[0]) : state.weightAt(indexOf(cell))),
    set: (cell, value) => (isBias(cell) ? state.setBias(indexOf(cell)[0], value)
      : state.setWeight(indexOf(cell), value)),
    handler: act.timed, signal, step: () => weightStep(state.filter(state.index[0])),
  });
}

/** The step of a drag that suits the weights on the screen. */
const weightStep = (values) =>
  (values.every(Number.isInteger) ? 1 : 10 ** Math.floor(Math.log10(largest(values) / 2)));
