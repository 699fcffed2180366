// The picture of a view. matrix: the input over the weights in rows, the columns over the product, the output beside them,
// so that a row of weights and a column meet in their product. sliding: input, filter, output. fold: the columns back.
//
// A spot is what the hand is at: {row, column, filter, cell}: an entry of the matrix, a filter, and the cell (c, r, q) of
// the padded input; row and column are null where no window reads the cell.

import { h } from "./dom.js";
import * as math from "./im2col_loom_math.js";
import { createSheet } from "./im2col_loom_sheet.js";
import { makeEditable, stepFor } from "./numbers.js";

/** So many rows, columns and filters are seen as numbers whole; of more, so many. */
const WHOLE = { rows: 18, columns: 24, filters: 8 }, PART = { rows: 12, columns: 16, filters: 6 };
/** Channels and maps are all written out up to so many numbers, and so many of them; else the pinned one is. */
const MOST_NUMBERS = 400, MOST_SHEETS = 6, READABLE = [14, 16], LOUPE = [9, 11];

const list = (index) => `[${index.join(", ")}]`;
const some = (count, kind) => (count <= WHOLE[kind] ? count : PART[kind]);
const loupe = (rows, columns) =>
  (rows <= READABLE[0] && columns <= READABLE[1] ? [rows, columns] : [Math.min(rows, LOUPE[0]), Math.min(columns, LOUPE[1])]);
const all = (count, rows, columns) => count <= MOST_SHEETS && count * rows * columns <= MOST_NUMBERS;

/** Everything of one layout. `act` has what a hand may do; `signal` ends with the layout. */
export function createPicture(loom, act, signal) {
  const { g } = loom.layer, size = math.sizes(g), { view } = loom;
  const context = {
    loom, g, act, signal, view, size, batch: loom.batch, sheets: [],
    shown: { rows: some(size.K, "rows"), columns: some(size.L, "columns"), filters: some(g.O, "filters") },
  };
  const parts = { matrix: matrixParts, sliding: slidingParts, fold: foldParts }[view](context);
  const content = h("div", { class: "il-content" }, Object.entries(parts).map(([name, own]) =>
    h("div", { class: `il-${name}s` }, own.map(({ el }) => el))));
  return { ...context, content, parts };
}

const matrixParts = (context) => ({
  input: createInputs(context), column: [createColumns(context)], weight: [createWeight(context)],
  product: [createProduct(context)], output: createMaps(context),
});

const slidingParts = (context) => ({
  input: createInputs(context), kernel: createKernels(context), output: createMaps(context),
});

function foldParts(context) {
  const column = [createColumns(context)];
  return { column, back: [createFolded(context), createInput(context, {}, true), createCounts(context)] };
}

/** A sheet with what it asks of the hand: `ask(r, c)` the spot of a cell, `here(spot)` its cell of a spot. */
function add({ sheets }, name, sheet, more) {
  sheets.push(Object.assign(sheet, { name }, more));
  return sheet;
}

/** A sheet that shows one channel or filter after the other: it turns when `next(spot)` is another one. */
const turning = (sheet, of, next, title) => (spot) => {
  const now = next(spot);
  if (Object.entries(now).every(([name, value]) => of[name] === value)) return false;
  Object.assign(of, now);
  sheet.code.textContent = title();
  sheet.grid.el.setAttribute("aria-label", title());
  sheet.overview?.canvas.setAttribute("aria-label", `${title()} as a picture`);
  sheet.dress();
  return true;
};

function editable(sheet, { act, signal }, values, set) {
  makeEditable(sheet.grid, {
    handler: act.timed, signal, step: () => stepFor(values()),
    get: (cell) => values()[sheet.told(cell).from], set: (cell, value) => set(sheet.told(cell).from, value),
  });
}

function createInputs(context) {
  const { g, size } = context;
  if (!all(g.C, size.height, size.width)) return [createInput(context, {}, true)];
  return Array.from({ length: g.C }, (_, c) => createInput(context, { c }));
}

/** A channel with the padding around it; `alone`: the one that the spot is in. */
function createInput(context, of, alone = false) {
  const { g, size, loom, batch } = context;
  of.c ??= math.tapOf(g, loom.entry[0])[0];
  const title = () => `input${list([...batch, of.c])}`;
  const sheet = createSheet({
    role: "input", letter: "I", title: title(), rows: size.height, columns: size.width, origin: [g.top, g.left],
    shown: loupe(size.height, size.width), picture: { index: () => `${of.c}`, at: (r, q) => math.sourceOf(g, [of.c, r, q]) },
    at(r, q) {
      const i = r - g.top, j = q - g.left, index = `${of.c},${i},${j}`, from = math.sourceOf(g, [of.c, r, q]);
      if (i < 0 || j < 0 || i >= g.H || j >= g.W) return { role: "padding", index, from, kind: "cl-pad" };
      return { role: "input", index, from, name: `input${list([...batch, of.c, i, j])}`, cellRole: "spinbutton" };
    },
  });
  editable(sheet, context, () => loom.input, (from, value) => loom.layer.setInput(
    loom.sample, Math.floor(from / (g.H * g.W)), Math.floor(from / g.W) % g.H, from % g.W, value));
  return add(context, "input", sheet, {
    inner: [g.top, g.left, g.H, g.W], values: () => loom.input, channel: () => of.c,
    ask: (r, q) => ({ cell: [of.c, r, q] }), here: ({ cell: [c, r, q] }) => (c === of.c ? [r, q] : null),
    turn: alone && turning(sheet, of, ({ cell: [c] }) => ({ c }), title),
  });
}

const tapHead = (g, between) => (row) => math.tapOf(g, row).join(between);
const placeHead = (g) => (column) => math.placeOf(g, column).join("\n");
const classes = (...names) => names.filter(Boolean).join(" ");
/** A line after each channel's taps, and after each row of places. */
const endOfTaps = (g, row) => (row + 1) % (g.kH * g.kW) === 0;
const endOfPlaces = (g, column) => (column + 1) % g.W_out === 0 && "il-end-column";

function createColumns(context) {
  const { g, size, shown, batch, view, loom } = context;
  const zero = (row, column) => math.sourceOf(g, math.under(g, row, column)) < 0;
  const sheet = createSheet({
    role: "column", letter: "I", title: `columns${batch.length ? list(batch) : ""}`, rows: size.K, columns: size.L,
    shown: [shown.rows, shown.columns], heads: { rows: tapHead(g, ","), columns: placeHead(g), corner: "c,u,v" },
    picture: { index: () => "", at: (row, column) => (zero(row, column) ? -1 : row * size.L + column) },
    at: (row, column) => ({
      role: "column", index: `${row},${column}`, name: `columns${list([...batch, row, column])}`, from: row * size.L + column,
      kind: classes(zero(row, column) && "cl-pad", endOfTaps(g, row) && "il-end-row", endOfPlaces(g, column)),
    }),
  });
  return add(context, "column", sheet, {
    values: () => loom.matrix, woven: view === "matrix" && ((row, column) => column),
    ask: (row, column) => ({ row, column }), here: ({ row, column }) => (row === null ? null : [row, column]),
    strip: ({ column }) => [0, column, size.K, 1],
  });
}

const setWeight = ({ g, loom, size: { share } }) => (from, value) =>
  loom.layer.setWeight(Math.floor(from / share), ...math.tapOf(g, from % share), value);

function createWeight(context) {
  const { g, size, shown, loom } = context;
  const sheet = createSheet({
    role: "weight", letter: "W", title: `weight.view(${g.O}, -1)${g.O > g.Og ? ", in blocks" : ""}`, rows: g.O, columns: size.K,
    shown: [shown.filters, shown.rows], heads: { rows: String, columns: tapHead(g, "\n"), corner: "o" },
    picture: { index: () => "", at: (o, row) => math.weightAt(g, o, row) },
    at(o, row) {
      const from = math.weightAt(g, o, row), [c, u, v] = math.tapOf(g, row), index = [o, c % g.Cg, u, v];
      const kind = endOfTaps(g, row) && "il-end-column";
      if (from < 0) return { role: "none", index: `${o},${row}`, kind: classes("il-none", kind) };
      return { role: "weight", index: index.join(), name: `weight${list(index)}`, from, cellRole: "spinbutton", kind };
    },
  });
  editable(sheet, context, () => loom.layer.weight, setWeight(context));
  return add(context, "weight", sheet, {
    values: () => loom.layer.weight, strip: ({ filter }) => [filter, 0, 1, size.K],
    ask: (filter, row) => (math.weightAt(g, filter, row) < 0 ? { filter } : { filter, row }), here: ({ filter, row }) => (row === null ? null : [filter, row]),
  });
}

function createProduct(context) {
  const { g, size, shown, batch, loom } = context;
  const sheet = createSheet({
    role: "product", letter: "P", title: `weight.view(${g.O}, -1) @ columns${batch.length ? list(batch) : ""}`, rows: g.O, columns: size.L,
    shown: [shown.filters, shown.columns], heads: { rows: String, columns: placeHead(g), corner: "o" },
    picture: { index: () => "", at: (o, column) => o * size.L + column },
    at: (o, column) => ({
      role: "product", index: `${o},${column}`, name: `product${list([...batch, o, column])}`, from: o * size.L + column,
      kind: endOfPlaces(g, column),
    }),
  });
  return add(context, "product", sheet, {
    values: () => loom.product, woven: (o, column) => column,
    ask: (filter, column) => ({ filter, column }), here: ({ filter, column }) => (column === null ? null : [filter, column]),
  });
}

/** The output: a map a filter, or the pinned filter's. */
function createMaps(context) {
  const { g, loom } = context;
  if (!all(g.O, g.H_out, g.W_out)) return [createMap(context, { o: loom.filter }, true)];
  return Array.from({ length: g.O }, (_, o) => createMap(context, { o }));
}

function createMap(context, of, alone) {
  const { g, size, batch, loom } = context;
  const title = () => `output${list([...batch, of.o])}`, column = (i, j) => i * g.W_out + j;
  const sheet = createSheet({
    role: "output", letter: "O", title: title(), rows: g.H_out, columns: g.W_out, shown: loupe(g.H_out, g.W_out),
    picture: { index: () => `${of.o}`, at: (i, j) => of.o * size.L + column(i, j) },
    at: (i, j) => ({
      role: "output", index: `${of.o},${i},${j}`, name: `output${list([...batch, of.o, i, j])}`, from: of.o * size.L + column(i, j),
    }),
  });
  return add(context, "output", sheet, {
    values: () => loom.output, woven: column, ask: (i, j) => ({ filter: of.o, column: column(i, j) }),
    here: ({ filter, column: at }) => (at === null || filter !== of.o ? null : math.placeOf(g, at)),
    turn: alone && turning(sheet, of, ({ filter }) => ({ o: filter }), title),
  });
}

/** The filter as it slides: a kernel for each channel of its group, or the one of the spot's channel. */
function createKernels(context) {
  const { g } = context;
  if (!all(g.Cg, g.kH, g.kW)) return [createKernel(context, {}, true)];
  return Array.from({ length: g.Cg }, (_, k) => createKernel(context, { k }));
}

function createKernel(context, of, alone) {
  const { g, loom } = context;
  Object.assign(of, { o: loom.filter, k: of.k ?? math.tapOf(g, loom.entry[0])[0] % g.Cg });
  const title = () => `weight${list([of.o, of.k])}`, channel = () => Math.floor(of.o / g.Og) * g.Cg + of.k;
  const sheet = createSheet({
    role: "weight", letter: "W", title: title(), rows: g.kH, columns: g.kW, shown: loupe(g.kH, g.kW),
    at(u, v) {
      const index = [of.o, of.k, u, v];
      return {
        role: "weight", index: index.join(), name: `weight${list(index)}`, cellRole: "spinbutton",
        from: ((of.o * g.Cg + of.k) * g.kH + u) * g.kW + v,
      };
    },
  });
  editable(sheet, context, () => loom.layer.weight, setWeight(context));
  return add(context, "weight", sheet, {
    values: () => loom.layer.weight, ask: (u, v) => ({ filter: of.o, row: (channel() * g.kH + u) * g.kW + v }),
    here({ row }) {
      const [c, u, v] = row === null ? [-1] : math.tapOf(g, row);
      return c === channel() ? [u, v] : null;
    },
    turn: turning(sheet, of, ({ filter, cell: [c] }) => ({ o: filter, ...(alone ? { k: c % g.Cg } : {}) }), title),
  });
}

/** What the first columns add up to, back in the channel that the spot is in; the frame of padding is drawn too. */
function createFolded(context) {
  const { g, size, loom } = context, of = { c: math.tapOf(g, loom.entry[0])[0] };
  const title = () => `fold(columns)${list([...context.batch, of.c])}`;
  const at = (r, q) => (of.c * size.height + r) * size.width + q;
  return createBack(context, of, {
    role: "fold", letter: "F", title, at, values: () => loom.folded.sums, whole: () => loom.foldedWhole.sums });
}

/** How many columns so far hold each cell. */
function createCounts(context) {
  const { size, loom } = context;
  return createBack(context, { c: math.tapOf(context.g, loom.entry[0])[0] }, {
    role: "count", letter: "×", title: () => "copies", at: (r, q) => r * size.width + q,
    values: () => loom.folded.counts, whole: () => loom.foldedWhole.counts,
  });
}

function createBack(context, of, { role, letter, title, at, values, whole }) {
  const { g, size } = context;
  const sheet = createSheet({
    role, letter, title: title(), rows: size.height, columns: size.width, origin: [g.top, g.left], shown: loupe(size.height, size.width),
    picture: { index: () => (role === "fold" ? `${of.c}` : ""), at },
    at(r, q) {
      const i = r - g.top, j = q - g.left, pad = i < 0 || j < 0 || i >= g.H || j >= g.W;
      const index = role === "fold" ? [of.c, i, j] : [i, j];
      return { role, index: index.join(), name: `${title()} at ${i}, ${j}`, from: at(r, q), kind: pad && "cl-pad" };
    },
  });
  return add(context, role, sheet, {
    inner: [g.top, g.left, g.H, g.W], values, whole, ask: (r, q) => ({ cell: [of.c, r, q] }), here: ({ cell }) => cell.slice(1),
    turn: turning(sheet, of, ({ cell: [c] }) => ({ c }), title),
  });
}
