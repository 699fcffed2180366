// One axis: the padded input as a ruler of cells that never change their size, every window under it, the formula.

import { h, setText } from "./dom.js";
import { AXES, readersOf, taps } from "./size_ruler_math.js";
import { box, bracket, freshId, hatching, path, rect } from "./size_ruler_shapes.js";
import { formula, leftOver, lengthsText, placeText } from "./size_ruler_words.js";

const CELL_PX = 28, ROW_PX = 20, LEFT_PX = 28, RIGHT_PX = 8, HEAD_PX = 50;
/** The words left of the ruler; and no ruler is narrower than the words beside its last window. */
const CAPTIONS_PX = 38, LEAST_PX = 190;

const across = (pixel) => LEFT_PX + pixel * CELL_PX;
const middle = (place) => place * ROW_PX + ROW_PX / 2;
const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** The panel of one axis: {el, draw(), mark(place, follow), reads(pixel)}. */
export function createAxis(state, axis, act, signal) {
  const heading = h("div", { class: "sr-heading" }, h("b", {}, capital(AXES[axis].many)), h("span"));
  const sum = h("div", { class: "sr-formula" });
  const rest = h("p", { class: "sr-rest" }), others = h("p", { class: "sr-others" });
  const top = h("svg", { class: "sr-top", "aria-hidden": "true", height: HEAD_PX });
  const windows = h("svg", { class: "sr-windows", "aria-hidden": "true" });
  const slider = h("div", { class: "sr-box", role: "slider", tabindex: 0, "aria-valuemin": 0, data: { axis },
    "aria-label": `windows along the ${AXES[axis].many}` }, top, windows);
  const captions = ["pixel", "read", "place"].map((word) => h("span", {}, word));
  const el = h("div", { class: "sr-axis", role: "group", "aria-label": `the ruler of the ${AXES[axis].many}` },
    heading, sum, h("div", { class: "sr-board" }, h("div", { class: "sr-captions", "aria-hidden": "true" }, captions),
      slider), h("div", {}, rest, others));
  const part = { el, state, axis, id: freshId(), heading, sum, rest, top, windows, slider, others };
  listen(part, act, signal);
  return {
    el, draw: () => draw(part), mark: (place, follow) => mark(part, place, follow),
    reads: (pixel) => markReaders(part, pixel),
  };
}

function draw(part) {
  const { state: { lines, legal: { spec } }, axis, top, windows } = part;
  const line = lines[axis];
  const key = JSON.stringify([line, spec.padding, spec.padding_mode]);
  if (key === part.key) return; // the other axis has changed, not this one
  Object.assign(part, { line, key, shown: -1 });
  const width = Math.max(LEAST_PX, across(line.padded) + RIGHT_PX);
  const tall = (line.places + (line.leftOver ? 1 : 0)) * ROW_PX + 4;
  part.el.style.setProperty("--ruler", `${width + CAPTIONS_PX}px`); // side by side only where both fit
  for (const svg of [top, windows]) svg.setAttribute("width", width);
  windows.setAttribute("height", tall);
  part.slider.setAttribute("aria-valuemax", line.places - 1);
  drawWords(part, line, spec);
  part.frames = path("sr-frames", "");
  part.here = h("g", { class: "sr-here" });
  part.readers = path("sr-readers", "");
  part.labels = labels(line);
  top.replaceChildren(hatching(part.id), ...ruler(part, line, spec.padding_mode), part.frames);
  windows.replaceChildren(...ground(part, line, tall), ...brackets(line), part.here, part.readers, ...part.labels,
    ...dropped(line));
}

function drawWords({ heading, sum, rest, others, axis }, line, spec) {
  setText(heading.lastChild, ` ${line.name} = ${line.length} → ${line.out} = ${line.places}`);
  const put = (piece) => (typeof piece === "string" ? piece
    : h("b", { class: `sr-n sr-n-${piece.role}`, data: { ...piece, index: axis } }, `${piece.value}`));
  sum.replaceChildren(h("span", {}, `${line.out} = `), ...formula(line, spec).map((piece) => (piece.top
    ? h("span", { class: "sr-floor" }, h("span", { class: "sr-fraction" }, h("span", {}, piece.top.map(put)),
      h("span", { class: "sr-under" }, piece.bottom.map(put))))
    : h("span", {}, put(piece)))));
  setText(rest, leftOver(line));
  others.replaceChildren(...sameSizes(line));
}

/** "H = 7 or 8 both give H_out = 3." */
function sameSizes({ lengths, length, name, out, places, axis }) {
  if (lengths.length === 1) return [`No other ${name} gives ${out} = ${places}.`];
  const numbers = lengths.length > 4 ? [lengths[0], lengths.at(-1)] : lengths;
  const between = lengthsText(lengths).split(/\d+/);
  return [`${name} = `, ...numbers.flatMap((value, at) => [h("b", { class: value === length ? "sr-now" : "",
    data: { role: "same-size", index: `${axis},${at}`, value } }, `${value}`), between[at + 1]]),
  ` ${lengths.length === 2 ? "both" : "all"} give ${out} = ${places}.`];
}

const number = (kind, x, y, role, index, value) =>
  h("text", { class: kind, x, y, data: { role, index, value } }, `${value}`);

/** The cells with their numbers, and under each how often it is read. */
function ruler({ id, axis }, line, mode) {
  const most = Math.max(1, ...line.reads);
  return Array.from(line.map, (source, at) => {
    const pixel = at - line.before, inside = pixel >= 0 && pixel < line.length;
    const x = across(at) + 0.5, centre = x + CELL_PX / 2;
    const cell = (kind, more) => rect(kind, x, 0.5, CELL_PX, CELL_PX, more);
    if (!inside && mode === "zeros") return [cell("sr-pad")];
    if (!inside) return [cell("sr-pad"), number("sr-text sr-copy", centre, 19, "copy", `${axis},${at}`, source)];
    const reads = line.reads[pixel];
    const tile = cell("sr-pixel");
    tile.style.setProperty("--tint", (reads / most).toFixed(2));
    return [tile, ...(reads ? [] : [cell("sr-unread", { fill: `url(#${id})` })]),
      number("sr-text", centre, 19, "pixel", `${axis},${pixel}`, pixel),
      number(`sr-text ${reads ? "sr-count" : "sr-never"}`, centre, 43, "reads", `${axis},${pixel}`, reads)];
  }).flat();
}

/** Padding and never-read pixels as stripes behind the windows, and the lines between the cells. */
function ground({ id }, line, tall) {
  const stripe = (kind, from, count, more) => rect(kind, across(from), 0, count * CELL_PX, tall, more);
  const lines = Array.from({ length: line.padded + 1 }, (_, at) => `M${across(at) + 0.5} 0V${tall}`);
  return [stripe("sr-outside", 0, line.before), stripe("sr-outside", line.before + line.length, line.after),
    ...line.unread.map((at) => stripe("sr-never-stripe", line.before + at, 1, { fill: `url(#${id})` })),
    path("sr-rules", lines)];
}

const around = (line, place) =>
  bracket(across(place * line.stride) + 3, across(place * line.stride + line.extent) - 3, middle(place));
const tap = (at, place, size) =>
  box(across(at + 0.5) - 1.4 * size, middle(place) - size, 2.8 * size, 2 * size);
const tapsOf = (line, place, size = 5) => taps(line, place).map((at) => tap(at, place, size)).join("");

function brackets(line) {
  const places = Array.from({ length: line.places }, (_, place) => place);
  return [path("sr-bracket", places.map((place) => around(line, place))),
    path("sr-taps", places.map((place) => tapsOf(line, place)))];
}

const labels = (line) => Array.from({ length: line.places }, (_, place) => number("sr-label",
  across(place * line.stride) - 3, middle(place) + 4, "place", `${line.axis},${place}`, place));

/** What the floor drops: the padded pixels after the last window. */
function dropped(line) {
  if (!line.leftOver) return [];
  const y = middle(line.places) + 2, end = across(line.padded), start = end - line.leftOver * CELL_PX;
  const words = h("text", { class: "sr-dropped-text", x: start - 4, y: y + 4 }, "left over: ");
  const amount = document.createElementNS(words.namespaceURI, "tspan");
  Object.assign(amount.dataset, { role: "left-over", index: line.axis, value: line.leftOver });
  amount.textContent = `${line.leftOver}`;
  words.append(amount);
  return [path("sr-dropped", bracket(start + 3, end - 3, y)), words];
}

/** Marks one place; `follow` tells it to those who listen, and brings it into sight. */
function mark(part, place, follow) {
  const { line, here, labels: names, slider, windows, frames } = part;
  if (part.shown !== place) {
    names[part.shown]?.classList.remove("sr-on");
    names[place]?.classList.add("sr-on");
    here.replaceChildren(rect("sr-band", 0, place * ROW_PX, windows.getAttribute("width"), ROW_PX),
      path("sr-bracket", around(line, place)), path("sr-taps", tapsOf(line, place, 6)));
    frames.setAttribute("d", taps(line, place)
      .map((at) => box(across(at) + 1.5, 1.5, CELL_PX - 2, CELL_PX - 2)).join(""));
    part.shown = place;
  }
  if (!follow) return;
  slider.setAttribute("aria-valuenow", place);
  slider.setAttribute("aria-valuetext", `place ${place} of ${line.places}: ${placeText(line, place)}`);
  bringIntoSight(part, place);
}

/** Scrolls the ruler, never the page; a ruler that fits is not asked, for the question costs a layout. */
function bringIntoSight({ slider, line, size }, place) {
  if (!size) return;
  const [width, height] = size;
  const left = across(place * line.stride) - LEFT_PX, right = across(place * line.stride + line.extent) + RIGHT_PX;
  if (across(line.padded) + RIGHT_PX > width && (left < slider.scrollLeft || right > slider.scrollLeft + width)) {
    slider.scrollLeft = right - left > width ? left : Math.max(0, (left + right - width) / 2);
  }
  const y = place * ROW_PX, seen = height - HEAD_PX;
  const isOut = () => y < slider.scrollTop || y + ROW_PX > slider.scrollTop + seen;
  if (line.places * ROW_PX > seen && isOut()) slider.scrollTop = y - seen / 2;
}

/** Rings around every tap that reads this pixel; none for null. */
function markReaders({ line, readers }, pixel) {
  const found = pixel === null ? [] : readersOf(line, pixel).flatMap((place) =>
    taps(line, place).filter((at) => line.map[at] === pixel).map((at) => tap(at, place, 8)));
  readers.setAttribute("d", found.join(""));
}

/** Hover previews, a click or a tap pins. */
function listen(part, act, signal) {
  const { slider, windows, top, axis } = part;
  const placeAt = ({ clientY }) => {
    const row = Math.floor((clientY - windows.getBoundingClientRect().top) / ROW_PX);
    return Math.min(part.line.places - 1, Math.max(0, row));
  };
  const pixelAt = ({ clientX }) =>
    part.line.map[Math.floor((clientX - top.getBoundingClientRect().left - LEFT_PX) / CELL_PX)] ?? -1;
  const on = (node, type, listener) => node.addEventListener(type, act.timed(listener), { signal });
  on(windows, "pointermove", (event) => act.preview(axis, placeAt(event)));
  on(windows, "click", (event) => act.pin(axis, placeAt(event)));
  for (const type of ["pointermove", "click"]) on(top, type, (event) => act.read(axis, pixelAt(event)));
  on(slider, "pointerleave", () => act.leave());
  const watch = new ResizeObserver(() => { part.size = [slider.clientWidth, slider.clientHeight]; });
  watch.observe(slider);
  signal.addEventListener("abort", () => watch.disconnect());
}
