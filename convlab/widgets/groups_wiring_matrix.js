// The weight as a matrix: a row for each output channel, a column for each input channel, filled where a kernel exists.

import { h, setText } from "./dom.js";
import { blank, box, fill, number, pointed, set } from "./groups_wiring_draw.js";
import { upTo, where } from "./groups_wiring_math.js";

// By how many matrices there are: the largest cell, and the largest matrix.
const MOST_PX = [24, 15], LARGE_PX = [300, 200];
const LEFT_PX = 30, TOP_PX = 20;
const KINDS = ["page", "block gw-shade-0", "block gw-shade-1", "silent", "rules", "lane", "kernel"];

/** {el, layer, draw(), fates(), mark(spot)}: the matrix of one layer; nothing where there is no such layer. */
export function createMatrix(state, layer, act, signal) {
  const [page, even, odd, silent, rules, band, cell] = KINDS.map((kind) => h("path", { class: `gw-${kind}` }));
  const ticks = upTo(4).map(() => h("text", { class: "gw-tick" }));
  const svg = h("svg", { "aria-hidden": "true" }, h("g", { transform: `translate(${LEFT_PX} ${TOP_PX})` },
    page, even, odd, silent, rules, band, cell, ticks));
  const map = h("div", { class: "gw-matrix cl-scroll", tabindex: 0, role: "group", data: { layer } }, svg);
  const name = h("span"), count = h("p", { class: "gw-filled" });
  const axes = h("p", { class: "gw-axes" });
  const el = h("div", { class: "gw-side cl-weight" },
    h("p", { class: "cl-title" }, h("span", { class: "cl-letter", "aria-hidden": "true" }, "W"), name),
    map, axes, count);
  const part = { state, layer, el, svg, map, name, count, axes, ticks, page, even, odd, silent, rules, band, cell };
  pointed(svg, (event) => found(part, event), act, signal);
  return { el, layer, draw: () => draw(part), fates: () => drawSilent(part), mark: (spot) => mark(part, spot) };
}

/** The kernel under the pointer; offsets are of the event, so nothing is measured. */
function found({ layer, px, spec: { out_channels: O, in_channels: C } }, { offsetX, offsetY }) {
  const o = Math.floor((offsetY - TOP_PX) / px), c = Math.floor((offsetX - LEFT_PX) / px);
  return o < 0 || c < 0 || o >= O || c >= C ? null : [layer, o, c];
}

function draw(part) {
  const { state: { chain }, layer } = part, spec = part.spec = chain.specs[layer];
  if (!spec) return;
  const { out_channels: O, in_channels: C, groups } = spec, rows = O / groups, columns = C / groups;
  const other = chain.specs.length - 1;
  const px = part.px = Math.max(5, Math.min(MOST_PX[other], Math.floor(LARGE_PX[other] / Math.max(O, C))));
  set(part.svg, { width: LEFT_PX + C * px + 8, height: TOP_PX + O * px + 2 });
  set(part.page, { d: box(0, 0, C * px, O * px) });
  const blocks = upTo(groups).map((group) => box(group * columns * px, group * rows * px, columns * px, rows * px));
  [part.even, part.odd].forEach((path, shade) =>
    set(path, { d: blocks.filter((_, group) => group % 2 === shade).join("") }));
  const lines = px < 7 ? [] : [...upTo(C + 1).map((at) => `M${at * px} 0v${O * px}`),
    ...upTo(O + 1).map((at) => `M0 ${at * px}h${C * px}`)];
  set(part.rules, { d: lines.join("") });
  const title = `the ${layer ? "1 × 1 " : ""}weight, kernel by kernel`;
  setText(part.name, title);
  part.map.setAttribute("aria-label", `${title}: ${O} output channels by ${C} input channels in ${groups} blocks. ` +
    "Arrows move");
  setText(part.axes, `rows: ${layer ? "output" : `${chain.columns[1].name}`} channels · columns: ${
    layer ? `${chain.columns.at(-2).name}` : "input"} channels`);
  drawTicks(part);
  fill(part.count, [{ role: "kernels", index: layer, value: (O * C) / groups }, " kernels, where a dense layer has ",
    { role: "dense-kernels", index: layer, value: O * C }]);
  drawSilent(part);
}

function drawTicks({ ticks, px, layer, spec: { out_channels: O, in_channels: C } }) {
  const at = (place) => (place + 0.5) * px;
  const all = [["row", 0, -6, at(0)], ["row", O - 1, -6, at(O - 1)], ["column", 0, at(0), -9],
    ["column", C - 1, at(C - 1), -9]];
  ticks.forEach((node, place) => {
    const [role, value, x, y] = all[place];
    set(node, { x, y, class: `gw-tick gw-tick-${role}` });
    if (place % 2 && !value) blank(node); // the first is the last
    else number(node, { role, index: `${layer},${place % 2}`, value });
  });
}

/** The columns of channels that are silent: muted ones, or such as only muted ones lead to. */
function drawSilent({ state: { chain, fates }, layer, spec, silent, px }) {
  if (!spec) return;
  const { from } = chain.stages.find((stage) => stage.layer === layer);
  set(silent, { d: where(fates[from], 2).map((c) => box(c * px, 0, px, spec.out_channels * px)).join("") });
}

/** The row or the column of a channel, the cell of a kernel. */
function mark({ state: { chain }, layer, spec, band, cell, px }, spot) {
  if (!spec) return;
  const { out_channels: O, in_channels: C } = spec, { from } = chain.stages.find((stage) => stage.layer === layer);
  const row = (o) => box(0, o * px, C * px, px), column = (c) => box(c * px, 0, px, O * px);
  const kernel = spot.length === 3 && spot[0] === layer;
  const channel = spot.length === 2 ? { [from]: column, [from + 1]: row }[spot[0]]?.(spot[1]) : null;
  set(band, { d: kernel ? row(spot[1]) + column(spot[2]) : channel ?? "" });
  set(cell, { d: kernel ? box(spot[2] * px, spot[1] * px, px, px) : "" });
}
