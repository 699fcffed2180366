// The picture of a view: what goes in on the left, the kernel in the middle, what comes out on the right, a row for each
// filter on the screen. One of the three is the gradient that is asked for; the other two hold what is multiplied.

import { readCounts } from "./conv.js";
import { createGrid, largest, walkByKeys } from "./grid.js";
import { h } from "./dom.js";
import { dilated, under } from "./gradient_router_math.js";
import { createPlane } from "./gradient_router_plane.js";
import { makeEditable, stepFor } from "./numbers.js";

/** Filters that fit under each other. */
const MOST_ROWS = 4, MOST_HEIGHT = 24;

const list = (index) => `[${index.join(", ")}]`;

/** Everything of one layout. `act` has what a hand may do; `signal` ends with the layout. */
export function createPicture(router, act, signal) {
  const { g, legal } = router.layer, { view, cell, gathers } = router;
  const context = { router, g, act, signal, view, gathers, batch: legal.shape.length === 4 ? [router.sample] : [] };
  const pixel = view === "forward" || view === "input";
  const o = pixel ? router.filter : cell[0];
  const c = pixel ? cell[1] : Math.floor(o / g.Og) * g.Cg + (cell[1] ?? 0);
  context.reads = pixel ? readCounts(g) : null;
  const left = view === "bias" ? null : createLeft(context, c);
  const counts = pixel ? createCounts(context, left) : null;
  const height = (gathers && view === "input" ? g.H + (g.kH - 1) * g.dH : g.H_out) + 2;
  const most = pixel ? Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_HEIGHT / height))) : 1;
  const end = pixel ? (Math.floor(c / g.Cg) + 1) * g.Og : o + 1;
  const rows = Array.from({ length: Math.min(most, end - o) }, (_, at) => createRow(context, o + at, c));
  const pairs = rows.map(({ middle, right }) => h("div", { class: "gr-pair" }, middle.el, right.el));
  const content = h("div", { class: "gr-content" }, left && h("div", { class: "gr-left" }, left.el),
    h("div", { class: "gr-rows" }, pairs));
  return { ...context, content, left, rows, counts, pixel, c, target: targetOf(view, left, rows) };
}

/** The plane of the tensor that is asked about, and how its cells are written as `router.cell`. */
const targetOf = (view, left, [{ middle }]) => (["weight", "bias"].includes(view) ? middle : left);

function createLeft(context, c) {
  const { g, router, view, batch, reads, act, signal } = context;
  const role = view === "input" ? "grad-input" : "input";
  const name = view === "input" ? "dL/dinput" : "input";
  const first = ((batch[0] ?? 0) * g.C + c) * g.H * g.W;
  const plane = createPlane({
    role, letter: view === "input" ? "G" : "I", title: `${name}${list([...batch, c])}`,
    rows: g.rows.length, columns: g.columns.length, origin: [g.top, g.left], cellRole: view === "input" ? "button" : "spinbutton",
    at(r, q) {
      const i = r - g.top, j = q - g.left, index = `${c},${i},${j}`;
      if (i < 0 || j < 0 || i >= g.H || j >= g.W) {
        const known = g.rows[r] >= 0 && g.columns[q] >= 0;
        const from = view === "input" ? undefined : known ? first + g.rows[r] * g.W + g.columns[q] : -1;
        return { role: "padding", index, from, kind: "cl-pad" };
      }
      const unread = reads && reads.rows[i] * reads.columns[j] === 0;
      return { role, index, name: `${name}${list([...batch, c, i, j])}`, from: first + i * g.W + j, kind: unread && "gr-unread" };
    },
  });
  if (view === "input") return plane;
  editable(plane, context, {
    values: () => router.layer.input, walks: view === "weight",
    set: (from, value) => router.layer.setInput(batch[0] ?? 0, c, Math.floor((from - first) / g.W), (from - first) % g.W, value),
  }, act, signal);
  return plane;
}

/** How often each row and column is read by one kernel; a pixel is read the product of the two times. */
function createCounts({ g, reads: found }, left) {
  const strip = (axis, before, counts) => {
    const [rows, columns] = axis ? [1, left.grid.columns] : [left.grid.rows, 1];
    const grid = createGrid({ role: "count", rows, columns, label: axis ? "reads of each column" : "reads of each row" });
    const draw = () => grid.cells.forEach((cell, place) => {
      const at = place + left.view.at[axis] - before, count = counts[at];
      if (cell.dataset.index === `${axis},${at}`) return;
      cell.dataset.role = "count";
      cell.dataset.index = `${axis},${at}`;
      cell.textContent = count ?? "";
      cell.classList.toggle("gr-none", count === 0);
      if (count === undefined) delete cell.dataset.value;
      else cell.dataset.value = count;
    });
    draw();
    return { grid, draw };
  };
  const rows = strip(0, g.top, found.rows), columns = strip(1, g.left, found.columns);
  const box = left.el.querySelector(".gr-box");
  box.classList.add("gr-counted");
  box.prepend(rows.grid.el);
  box.append(h("span", { class: "gr-reads", title: "how often one kernel reads this row, this column" }, "reads"), columns.grid.el);
  return {
    ...found,
    draw() {
      rows.draw();
      columns.draw();
    },
    fit() {
      columns.grid.el.style.setProperty("--chars", left.grid.chars);
    },
    of: ([, , i, j]) => [found.rows[i], found.columns[j]],
  };
}

function createRow(context, o, c) {
  const row = { o, middle: createMiddle(context, o, c) };
  return Object.assign(row, { right: createRight(context, row) });
}

function createMiddle(context, o, c) {
  const { g, view, router, gathers, act, signal } = context;
  const k = c % g.Cg, first = (o * g.Cg + k) * g.kH * g.kW;
  if (view === "bias") {
    return createPlane({
      role: "grad-bias", letter: "G", title: "dL/dbias", rows: g.O, columns: 1, cellRole: "button",
      at: (at) => ({ role: "grad-bias", index: `${at}`, name: `dL/dbias[${at}]`, from: at }),
    });
  }
  const rotated = view === "input" && gathers;
  const role = view === "weight" ? "grad-weight" : rotated ? "rotated" : "weight";
  const title = `${view === "weight" ? "dL/d" : ""}weight[${o}, ${k}]`;
  const plane = createPlane({
    role, letter: view === "weight" ? "G" : "W", title, note: rotated && "turned by 180°", rows: g.kH, columns: g.kW,
    cellRole: view === "weight" ? "button" : "spinbutton",
    at: (u, v) => ({
      role, index: `${o},${k},${u},${v}`, from: first + (rotated ? (g.kH - 1 - u) * g.kW + g.kW - 1 - v : u * g.kW + v),
      name: rotated ? null : `${view === "weight" ? "dL/d" : ""}weight[${o}, ${k}, ${u}, ${v}]`,
    }),
  });
  if (role === "weight") {
    editable(plane, context, {
      values: () => router.layer.weight, walks: true,
      set: (from, value) => router.layer.setWeight(o, k, Math.floor((from - first) / g.kW), (from - first) % g.kW, value),
    }, act, signal);
  }
  return plane;
}

function createRight(context, row) {
  const { g, view, router, gathers, batch, act, signal } = context;
  const n = batch[0] ?? 0;
  const forward = view === "forward", role = forward ? "output" : "grad-output";
  const name = forward ? "output" : "grad_output", maps = mapsOf(g, view, gathers);
  const title = () => `${name}${list([...batch, row.o])}`;
  const spread = gathers && (g.sH > 1 || g.sW > 1);
  const plane = createPlane({
    role, letter: forward ? "O" : "G", title: title(),
    note: [spread && `spread by ${g.sH === g.sW ? g.sH : `(${g.sH}, ${g.sW})`}`, gathers && view === "input" && "framed"].filter(Boolean).join(", "),
    rows: maps.rows.length, columns: maps.columns.length, cellRole: forward ? "button" : "spinbutton",
    at(r, q) {
      const i = maps.rows[r], j = maps.columns[q], { o } = row;
      if (i < 0 || j < 0) {
        const frame = i === -2 || j === -2;
        return { role: "zero", index: `${o},${r},${q}`, from: -1, kind: frame ? "cl-pad" : "cl-pad gr-inserted" };
      }
      return { role, index: `${o},${i},${j}`, name: `${name}${list([...batch, o, i, j])}`, from: ((n * g.O + o) * g.H_out + i) * g.W_out + j };
    },
  });
  plane.maps = maps;
  plane.show = (o) => {
    row.o = o;
    plane.again(title());
  };
  if (!forward) {
    editable(plane, context, {
      values: () => router.upstream, set: (from, value) => router.setUpstream(from, value), walks: true,
    }, act, signal);
  } else walkByKeys(plane.grid, { signal, handler: act.timed });
  return plane;
}

/** From rows and columns on the screen to places: as they are, dilated by the stride, or framed with zeros besides. */
function mapsOf(g, view, gathers) {
  if (gathers && view === "input") return dilated(g);
  const along = (places, stride) => Array.from({ length: (places - 1) * stride + 1 }, (_, at) => (at % stride ? -1 : at / stride));
  return { rows: along(g.H_out, gathers ? g.sH : 1), columns: along(g.W_out, gathers ? g.sW : 1) };
}

/** The row and column on the screen of a place. */
export const placeOf = ({ maps }, { i, j }) => [maps.rows.indexOf(i), maps.columns.indexOf(j)];

function editable(plane, { act, signal }, { values, set, walks }) {
  makeEditable(plane.grid, {
    handler: act.timed, signal, step: () => stepFor(values()),
    get: (cell) => values()[plane.what(cell).from], set: (cell, value) => set(plane.what(cell).from, value),
  });
  if (walks) walkByKeys(plane.grid, { signal, handler: act.timed });
}

/** Writes all numbers. */
export function drawNumbers({ router, left, rows, view, counts }) {
  const { numbers } = router, gradients = view === "forward" ? null : router.gradients;
  const write = (plane, values) => {
    if (!plane) return;
    plane.grid.scale = largest(values);
    plane.draw(values);
    plane.grid.fit();
  };
  write(left, view === "input" ? gradients.input : numbers.input);
  counts?.fit();
  for (const { middle, right } of rows) {
    write(middle, { weight: gradients?.weight, bias: gradients?.bias }[view] ?? numbers.weight);
    write(right, view === "forward" ? router.layer.output : numbers.upstream);
  }
}

/** The window of a gathered sum: [row, column, height, width] on the plane that it lies on. */
export function windowOf({ g, view }, cell) {
  if (view === "input") return [cell[2], cell[3], (g.kH - 1) * g.dH + 1, (g.kW - 1) * g.dW + 1];
  return [cell[2] * g.dH, cell[3] * g.dW, (g.H_out - 1) * g.sH + 1, (g.W_out - 1) * g.sW + 1];
}

/** Where the pinned cell stands on its plane. */
export function placeOfCell({ g, view }, cell) {
  if (view === "bias") return [cell[0], 0];
  return view === "weight" ? cell.slice(2) : [cell[2] + g.top, cell[3] + g.left];
}

/** The cell of the tensor that a cell of the target plane stands for; null for padding. */
export function cellOfPlace({ g, view, c, rows }, [r, q]) {
  if (view === "bias") return [r];
  if (view === "weight") return [rows[0].o, c % g.Cg, r, q];
  const i = r - g.top, j = q - g.left;
  return i < 0 || j < 0 || i >= g.H || j >= g.W ? null : [0, c, i, j];
}

/** Where a product is on the screen: {row, pixel, tap, place}, null for what is not there. */
export function spots(picture, term) {
  const { g, view, rows, left, gathers } = picture;
  const row = rows.find(({ o }) => o === term.o);
  if (!row || (!picture.pixel && term.n !== picture.router.sample)) return null;
  const rotated = gathers && view === "input";
  const place = term.zero ? null : placeOf(row.right, term);
  const fetched = rotated && !term.copy
    ? [term.row + (g.kH - 1 - term.u) * g.dH, term.column + (g.kW - 1 - term.v) * g.dW] : place;
  return {
    row, pixel: left && !term.zero ? under(g, term) : null, place: fetched?.[0] >= 0 && fetched[1] >= 0 ? fetched : null,
    tap: view === "bias" ? [term.o, 0] : rotated ? [g.kH - 1 - term.u, g.kW - 1 - term.v] : [term.u, term.v],
  };
}
