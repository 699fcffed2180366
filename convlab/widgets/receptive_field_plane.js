// Both axes at once: the level that is read with the computed box and what autograd finds in it, and the level of the
// unit; looking forward, the level of the unit and the output that it feeds.

import { h, setText } from "./dom.js";
import { levelName } from "./receptive_field_words.js";
import { box, freshId, hatching, path, rect, rules } from "./size_ruler_shapes.js";

const LARGE_PX = 300, CELL_PX = 14;
/** What is drawn, backward and forward; null where that is not drawn. */
const LEGEND = {
  read: ["read; stronger where by more ways", "fed; stronger where by more ways"],
  ways: ["ways from this pixel to the unit: its gradient when every weight is 1",
    "ways from the pixel to this unit: its value when the pixel and every weight are 1"],
  hole: ["in the computed box, not read", null],
  pad: ["computed box outside the input: nothing but zeros", null],
  auto: ["gradient not 0, found by autograd", "not 0, found by PyTorch"],
};
const SAMPLES = { ways: "3" };

/** {el, mark(unit, found, pinned), support()}; pinned: not a preview, of which autograd has not been asked. */
export function createPlanes(state, act, signal) {
  const maps = [createMap(), createMap()];
  const items = Object.fromEntries(Object.entries(LEGEND).map(([kind, words]) =>
    [kind, h("span", {}, h("i", { class: `rf-i-${kind}`, "aria-hidden": "true" }, SAMPLES[kind]),
      h("span", {}, words[0]))]));
  const legend = h("p", { class: "rf-legend" }, Object.values(items));
  const el = h("div", { class: "rf-planes" }, h("div", { class: "rf-pair" }, maps[0].side,
    h("span", { class: "rf-arrow", "aria-hidden": "true" }, "→"), maps[1].side), legend);
  const part = { state, id: freshId(), maps, items };
  listen(part, act, signal);
  return { el, mark: (unit, found, pinned) => mark(part, unit, found, pinned), support: () => drawSupport(part) };
}

function createMap() {
  const svg = h("svg", { "aria-hidden": "true" }), name = h("span"), letter = h("span", { class: "cl-letter" });
  const map = h("div", { class: "rf-map", role: "group" }, svg);
  letter.setAttribute("aria-hidden", "true");
  return { svg, name, letter, map, side: h("div", { class: "rf-side" },
    h("p", { class: "cl-title" }, letter, name), map) };
}

/** Which levels are drawn: on the left what is read or the unit's own, on the right the unit's own or what is fed. */
const shownLevels = ({ stack, forward }, level) => (forward ? [level, stack.levels.length - 1] : [0, level]);

function mark(part, unit, found, pinned) {
  part.pinned = pinned;
  const { state, maps } = part, { stack, forward } = state;
  const levels = shownLevels(state, unit[0]);
  const key = JSON.stringify([levels, forward,
    stack.levels.map(({ lengths, starts, sizes }) => [lengths, starts, sizes])]);
  if (key !== part.key) {
    part.key = key;
    const grounds = levels.map((level, side) => extents(stack, level, !forward && side === 0 ? unit[0] : null));
    const px = Math.max(2, Math.min(CELL_PX, Math.floor(LARGE_PX / Math.max(...grounds.flatMap(({ all }) => all)))));
    levels.forEach((level, side) => ground(part, side, { ...grounds[side], level, px, own: (side === 0) === forward }));
  }
  const [far, own] = forward ? [maps[1], maps[0]] : maps;
  part.far = far;
  const [i, j] = unit.slice(1);
  own.marks.replaceChildren(rect("rf-own", own.x(j), own.y(i), own.px, own.px));
  if (far !== own && levels[0] !== levels[1]) far.marks.replaceChildren(...reached(part, far, found));
  else far.marks.replaceChildren(rect("rf-own", far.x(j), far.y(i), far.px, far.px));
  drawSupport(part);
}

/** How far the views of the first and the last unit reach beyond the input: room around it for the box. */
function room({ levels }, level, axis) {
  const { starts, jumps, lengths, sizes } = levels[level];
  const end = starts[axis] + (lengths[axis] - 1) * jumps[axis] + sizes[axis];
  return [Math.max(0, -starts[axis]), Math.max(0, end - levels[0].lengths[axis])];
}

/** Rows and columns of a level, and of it with room for the box of a unit of level `top`. */
function extents(stack, level, top) {
  const { lengths } = stack.levels[level];
  const margins = [0, 1].map((axis) => (top === null ? [0, 0] : room(stack, top, axis)));
  return { lengths, margins, all: lengths.map((length, axis) => length + margins[axis][0] + margins[axis][1]) };
}

/** The level itself: its cells, its name; `own` where the unit is. */
function ground({ maps, id }, side, { lengths: [H, W], margins, all: [rows, columns], level, px, own }) {
  const map = maps[side], [[up], [left]] = margins;
  Object.assign(map, { px, level, lengths: [H, W],
    x: (at) => (left + at) * px + 0.5, y: (at) => (up + at) * px + 0.5 });
  map.svg.setAttribute("width", columns * px + 1);
  map.svg.setAttribute("height", rows * px + 1);
  map.marks = h("g");
  map.dots = path("rf-dots", "");
  const grid = h("g", { transform: `translate(${left * px} ${up * px})` },
    rect(level ? "rf-page rf-of-output" : "rf-page rf-of-input", 0.5, 0.5, W * px, H * px),
    px > 4 ? rules(W, H, px) : []);
  map.svg.replaceChildren(hatching(`${id}-${side}`), grid, map.marks, map.dots);
  const kind = level ? "output" : "input";
  map.side.className = `rf-side cl-${kind}`;
  setText(map.letter, level ? "O" : "I");
  setText(map.name, `${level ? levelName(level) : "input"}, ${H} × ${W}`);
  const label = `${levelName(level)}, ${H} by ${W}`;
  map.map.setAttribute("aria-label", own ? `${label}: arrows move the unit` : label);
  if (own) map.map.tabIndex = 0;
  else map.map.removeAttribute("tabindex");
}

/** What is tied to the unit, stronger where by more ways; the computed box, hatched where it is not read. */
function reached({ state: { forward }, id }, map, { ends: [rows, columns], read }) {
  if (!read) return [];
  const side = forward ? 1 : 0, { px, lengths } = map;
  const [top, left] = [rows, columns].map(({ first }) => first);
  const bottom = rows.last + 1, right = columns.last + 1;
  const clip = [[Math.max(0, top), Math.min(lengths[0], bottom)], [Math.max(0, left), Math.min(lengths[1], right)]];
  const outline = [map.x(left), map.y(top), (right - left) * px, (bottom - top) * px];
  const within = [map.x(clip[1][0]), map.y(clip[0][0]), (clip[1][1] - clip[1][0]) * px, (clip[0][1] - clip[0][0]) * px];
  const cells = new Map();
  for (const [i, down] of rows.ways) {
    for (const [j, across] of columns.ways) {
      const ways = down * across;
      cells.set(ways, `${cells.get(ways) ?? ""}${box(map.x(j), map.y(i), px, px)}`);
    }
  }
  const most = Math.max(...cells.keys());
  return [rect("rf-beyond", ...outline), rect("rf-bare", ...within),
    rect("rf-hole", ...within, { fill: `url(#${id}-${side})` }), path("rf-clear", [...cells.values()]),
    ...[...cells].map(([ways, d]) => {
      const found = path(forward ? "rf-fed" : "rf-read-cell", d);
      found.style.setProperty("--tint", (ways / most).toFixed(2));
      return found;
    }), px > 4 ? path("rf-grid", [...cells.values()]) : "", rect("rf-computed", ...outline)];
}

/** A dot in every pixel whose gradient autograd found not to be 0: its own numbers, drawn over ours. */
function drawSupport(part) {
  const { state: { support: asked, forward, unit }, maps, far, items, pinned } = part;
  const support = pinned ? asked : null, ends = far && far.level !== unit[0];
  for (const map of maps) map.dots?.setAttribute("d", "");
  for (const [kind, words] of Object.entries(LEGEND)) {
    const text = words[Number(forward)];
    items[kind].hidden = text === null || (kind === "auto" && (!asked || !ends));
    setText(items[kind].lastChild, text ?? "");
  }
  items.read.firstChild.classList.toggle("rf-i-fed", forward);
  if (!support || !ends) return;
  const size = Math.max(1, Math.round(far.px / 4));
  const dots = support.numbers.flatMap((line, i) => line.map((value, j) => (value
    ? box(far.x(support.left + j) + (far.px - size) / 2,
      far.y(support.top + i) + (far.px - size) / 2, size, size) : "")));
  far.dots.setAttribute("d", dots.join(""));
}

/** Hover previews, a click or a tap pins, on the level of the unit; on the other one they ask from there. */
function listen({ maps, state }, act, signal) {
  maps.forEach((map) => {
    const unit = (event) => {
      const { left, top } = map.svg.getBoundingClientRect();
      const at = (px, offset, axis) => Math.min(map.lengths[axis] - 1, Math.max(0, Math.floor((px - offset) / map.px)));
      return [map.level, at(event.clientY - top, map.y(0), 0), at(event.clientX - left, map.x(0), 1)];
    };
    const own = () => map.level === state.unit[0];
    const on = (node, type, listener) => node.addEventListener(type, act.timed(listener), { signal });
    on(map.svg, "pointermove", (event) => own() && act.previewUnit(unit(event)));
    on(map.svg, "click", (event) => own() && act.pinUnit(unit(event)));
    on(map.map, "pointerleave", () => act.leave());
  });
}
