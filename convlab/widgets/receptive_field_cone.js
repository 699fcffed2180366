// One axis: every level a row of units, the input on top as in the code, units as far apart as their jump in input
// pixels; the cone of taps between a unit and all that it is tied to.

import { h, setText } from "./dom.js";
import { AXES, along, centre, nearest, taps } from "./receptive_field_math.js";
import { levelName } from "./receptive_field_words.js";
import { box, bracket, freshId, hatching, path, rect } from "./size_ruler_shapes.js";

const CELL_PX = 20, TALL_PX = 20, ROW_PX = 56, HEAD_PX = 44, FOOT_PX = 42, SIDE_PX = 10, CAPTIONS_PX = 58;
/** Ways are written as long as three digits say them: more would not fit over a pixel. */
const MOST_WAYS = 999;

const capital = (word) => word[0].toUpperCase() + word.slice(1);
const middleY = (level) => HEAD_PX + level * ROW_PX + TALL_PX / 2;

/** The panel of one axis: {el, draw(), mark(unit, traces, follow)}. */
export function createCone(state, axis, act, signal) {
  const heading = h("div", { class: "rf-heading" }, h("b", {}, capital(AXES[axis].many)), h("span"));
  const svg = h("svg", { class: "rf-cone", "aria-hidden": "true" });
  const slider = h("div", { class: "rf-box", role: "slider", tabindex: 0, "aria-valuemin": 0, data: { axis },
    "aria-label": `units along the ${AXES[axis].many}` }, svg);
  const captions = h("div", { class: "rf-captions", "aria-hidden": "true" });
  const el = h("div", { class: "rf-axis", role: "group", "aria-label": `the cone along the ${AXES[axis].many}` },
    heading, h("div", { class: "rf-board" }, captions, slider));
  const part = { el, state, axis, id: freshId(), heading, svg, slider, captions };
  listen(part, act, signal);
  return { el, draw: () => draw(part), mark: (unit, traces, follow) => mark(part, unit, traces, follow) };
}

/** How many indices of padding a level has before and after it, along an axis: what the next layer puts there. */
function frame({ layers }, level, axis) {
  if (level === layers.length) return [0, 0];
  const { before, after } = along(layers[level], axis);
  return [before, after];
}

/** The input pixels between which all lies: units, padding, and the views of the first and last unit of each level. */
function reach(stack, axis) {
  let from = 0, to = stack.levels[0].lengths[axis];
  stack.levels.forEach((level, at) => {
    const [before, after] = frame(stack, at, axis), last = level.lengths[axis] - 1;
    from = Math.min(from, level.starts[axis], centre(level, axis, -before) - 0.5);
    to = Math.max(to, level.starts[axis] + last * level.jumps[axis] + level.sizes[axis],
      centre(level, axis, last + after) + 1.5);
  });
  return [Math.floor(from), Math.ceil(to)];
}

function draw(part) {
  const { state: { stack }, axis, svg, heading, captions } = part;
  const key = JSON.stringify([stack.layers.map((layer) => along(layer, axis)), stack.levels[0].lengths[axis]]);
  if (key === part.key) return; // the other axis has changed, not this one
  const [from, to] = reach(stack, axis);
  Object.assign(part, { key, stack, from, pinned: null, width: (to - from) * CELL_PX + 2 * SIDE_PX, shown: "" });
  part.x = (place) => SIDE_PX + (place - from) * CELL_PX; // of the left edge of an input pixel
  part.mid = (level, index) => part.x(centre(stack.levels[level], axis, index)) + CELL_PX / 2;
  const tall = middleY(stack.layers.length) + TALL_PX / 2 + FOOT_PX;
  svg.setAttribute("width", part.width);
  svg.setAttribute("height", tall);
  part.el.style.setProperty("--cone", `${part.width + CAPTIONS_PX}px`); // side by side only where both fit
  const lengths = stack.levels.map((level) => level.lengths[axis]);
  setText(heading.lastChild, ` ${AXES[axis].name} = ${lengths.join(" → ")}`);
  captions.replaceChildren(...lengths.map((length, level) => h("span", { class: level ? "" : "rf-of-input" },
    level ? `layer ${level}` : "input",
    h("small", { data: { role: "units", index: `${level},${axis}`, value: length } },
      `${length}`))));
  const ground = h("g"); // as markup at once: hundreds of elements made one by one would take most of a drag's time
  ground.innerHTML = stack.levels.map((_, level) => cells(part, level)).join("");
  part.lines = path("rf-lines", "");
  part.dry = path("rf-lines rf-dry", "");
  part.tied = h("g");
  part.names = h("g");
  part.names.innerHTML = stack.levels.map((_, level) => names(part, level)).join("");
  part.said = h("g");
  svg.replaceChildren(hatching(part.id), ground, part.dry, part.lines, part.tied, part.names, part.said);
}

const cellAt = (part, level, index) =>
  box(part.mid(level, index) - CELL_PX / 2 + 0.5, middleY(level) - TALL_PX / 2 + 0.5, CELL_PX - 1, TALL_PX - 1);

/** The units of a level and its padding, each kind one path. */
function cells(part, level) {
  const [before, after] = frame(part.stack, level, part.axis), length = part.stack.levels[level].lengths[part.axis];
  const all = Array.from({ length: length + before + after }, (_, at) => at - before);
  const d = (kind, wanted) =>
    `<path class="${kind}" d="${all.filter(wanted).map((at) => cellAt(part, level, at)).join("")}"/>`;
  return d("rf-pad", (at) => at < 0 || at >= length)
    + d(level ? "rf-unit" : "rf-pixel", (at) => at >= 0 && at < length);
}

function names(part, level) {
  const y = middleY(level) + 4, { axis } = part;
  return Array.from({ length: part.stack.levels[level].lengths[axis] }, (_, at) =>
    `<text class="rf-index" x="${part.mid(level, at)}" y="${y}" data-role="unit" data-index="${axis},${level},${at}" `
      + `data-value="${at}">${at}</text>`).join("");
}

/** The unit and all that it is tied to; `follow` brings it into sight and tells it to those who listen. */
function mark(part, unit, traces, follow) {
  const { axis, stack, slider, state: { forward } } = part;
  const index = unit[axis + 1], key = `${unit[0]},${index},${forward}`;
  if (key !== part.shown) {
    part.shown = key;
    drawLines(part, traces);
    part.tied.replaceChildren(...traces.flatMap((one, level) => (one ? tiedCells(part, level, one, unit) : [])));
    part.said.replaceChildren(...(forward ? saidForward(part, traces) : saidBackward(part, unit, traces)));
    drawNames(part, unit, traces);
  }
  if (!follow) return;
  part.pinned = unit;
  slider.setAttribute("aria-valuemax", stack.levels[unit[0]].lengths[axis] - 1);
  slider.setAttribute("aria-valuenow", index);
  slider.setAttribute("aria-valuetext", `${AXES[axis].one} ${index} of ${levelName(unit[0])}`);
  bringIntoSight(part, unit);
}

/** A line for each tap between two levels that are both tied; those to zeros of the padding in a fainter path. */
function drawLines(part, traces) {
  const lines = [], dry = [];
  const line = (level, below, above) => `M${part.mid(level, below)} ${middleY(level) + TALL_PX / 2}`
    + `L${part.mid(level + 1, above)} ${middleY(level + 1) - TALL_PX / 2}`;
  part.stack.layers.forEach((layer, level) => {
    const below = traces[level], above = traces[level + 1];
    if (!below || !above) return;
    const one = along(layer, part.axis), length = part.stack.levels[level].lengths[part.axis];
    for (const unit of above.ways.keys()) {
      for (const tap of taps(one, unit)) {
        if (below.ways.has(tap)) lines.push(line(level, tap, unit));
        else if (tap < 0 || tap >= length) dry.push(line(level, tap, unit));
      }
    }
  });
  part.lines.setAttribute("d", lines.join(""));
  part.dry.setAttribute("d", part.state.forward ? "" : dry.join(""));
}

function tiedCells(part, level, { ways, zeros, holes }, unit) {
  const d = (indices) => [...indices].map((index) => cellAt(part, level, index)).join("");
  const kind = level === unit[0] ? "rf-pinned" : level ? "rf-tied" : "rf-read";
  return [path("rf-zero", d(zeros)), path("rf-hole-ground", d(holes)),
    h("path", { class: "rf-hole", d: d(holes), fill: `url(#${part.id})` }), path(kind, d(ways.keys()))];
}

/** Numbers of tied units in ink, the pinned one on its colour. */
function drawNames(part, unit, traces) {
  for (const old of part.bold ?? []) old.classList.remove("rf-on", "rf-this");
  part.bold = [];
  let from = 0;
  traces.forEach((one, level) => {
    for (const index of one?.ways.keys() ?? []) {
      const name = part.names.children[from + index];
      name.classList.add(level === unit[0] ? "rf-this" : "rf-on");
      part.bold.push(name);
    }
    from += part.stack.levels[level].lengths[part.axis];
  });
}

const text = (kind, x, y, ...pieces) => h("text", { class: kind, x, y }, pieces.map((piece) => {
  if (typeof piece === "string") return piece;
  const node = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
  Object.assign(node.dataset, piece);
  node.textContent = piece.value;
  return node;
}));

/** By how many ways each unit at the far end is reached, written over or under it. */
function waysText(part, level, { ways }, y) {
  const most = Math.max(0, ...ways.values());
  if (most > MOST_WAYS) return [];
  const kind = most > 99 ? "rf-ways rf-small" : "rf-ways"; // three digits beside each other
  return [...ways].map(([index, value]) => h("text", { class: kind, x: part.mid(level, index), y,
    data: { role: "ways", index: `${part.axis},${level},${index}`, value } }, `${value}`));
}

/** Over the input the computed box and its length; under the unit the jump to its neighbour. */
function saidBackward(part, unit, traces) {
  const { axis, stack, x, width } = part;
  const [level] = unit, index = unit[axis + 1], { first, last } = traces[0], found = stack.levels[level];
  const left = x(first) + 1, right = x(last + 1) - 1, middle = (left + right) / 2;
  const r = [path("rf-bracket", bracket(left, right, 18, 4)), text("rf-said", middle, 11, "r = ",
    { role: "size", index: `${level},${axis}`, value: found.sizes[axis] })];
  const other = index + 1 < found.lengths[axis] ? index + 1 : index - 1;
  if (other < 0 || !level) return [...r, ...waysText(part, 0, traces[0], 38)];
  const [from, to] = [index, other].map((at) => part.mid(level, at)).sort((one, two) => one - two);
  const y = middleY(level) + TALL_PX / 2 + 9, at = Math.min(width - 24, Math.max(24, (from + to) / 2));
  return [...r, ...waysText(part, 0, traces[0], 38), path("rf-bracket rf-jump", bracket(from, to, y, 4)),
    text("rf-said rf-jump-text", at, y + 18, "j = ",
      { role: "jump", index: `${level},${axis}`, value: found.jumps[axis] })];
}

/** Under the output how many units it feeds. */
function saidForward(part, traces) {
  const top = part.stack.layers.length, end = traces[top], y = middleY(top) + TALL_PX / 2 + 14;
  if (!end.ways.size) return [];
  const [left, right] = [part.mid(top, end.first) - CELL_PX / 2 + 1, part.mid(top, end.last) + CELL_PX / 2 - 1];
  return [...waysText(part, top, end, y), path("rf-bracket rf-feeds", bracket(left, right, y + 10, 4)),
    text("rf-said rf-feeds-text", Math.max(30, (left + right) / 2), y + 26, "feeds ",
      { role: "feeds", index: part.axis, value: end.ways.size })];
}

/** Scrolls the box, never the page; a cone that fits is not asked, for the question costs a layout. */
function bringIntoSight({ slider, size, width, stack, axis, x, mid }, unit) {
  if (!size || width <= size) return;
  const [level] = unit, index = unit[axis + 1], { starts, jumps, sizes } = stack.levels[level];
  const left = x(starts[axis] + index * jumps[axis]) - SIDE_PX, right = left + sizes[axis] * CELL_PX + 2 * SIDE_PX;
  if (left < slider.scrollLeft || right > slider.scrollLeft + size) {
    slider.scrollLeft = Math.max(0, mid(level, index) - size / 2);
  }
}

/** Hover previews, a click or a tap pins. */
function listen(part, act, signal) {
  const { slider, svg, axis } = part;
  const unitAt = ({ clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect(), last = part.stack.layers.length;
    const level = Math.min(last, Math.max(0, Math.round((clientY - top - middleY(0)) / ROW_PX)));
    const place = part.from + (clientX - left - SIDE_PX) / CELL_PX - 0.5;
    return { level, index: nearest(part.stack.levels[level], axis, place) };
  };
  const on = (node, type, listener) => node.addEventListener(type, act.timed(listener), { signal });
  on(svg, "pointermove", (event) => act.preview(axis, unitAt(event)));
  on(svg, "click", (event) => act.pin(axis, unitAt(event)));
  on(slider, "pointerleave", () => act.leave());
  const watch = new ResizeObserver(() => {
    part.size = slider.clientWidth;
    if (part.pinned) bringIntoSight(part, part.pinned);
  });
  watch.observe(slider);
  signal.addEventListener("abort", () => watch.disconnect());
}
