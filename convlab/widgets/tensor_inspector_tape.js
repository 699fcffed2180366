// The memory: one long tape of numbers that no layout changes. Under each number stands what it is and what the tensor
// reads it as; over it, how far one step along each axis goes.

import { h, setText } from "./dom.js";
import { format } from "./numbers.js";
import { channelsAt, elementAt, homeOf, jumps, offsetOf } from "./tensor_inspector_math.js";
import { channelLetter, hueOf } from "./tensor_inspector_paint.js";
import { listen } from "./tensor_inspector_stage.js";

const MOST_PX = 1010; // of a large picture's tape, around the pinned number
const OVERVIEW = 600;
const Y = { arcs: 62, cell: 24, band: 15, address: 13 };
const CELL_WIDTH = { 1: 14, 2: 21, 3: 28 };
const SIDE = 40; // room for a label left of the first number and right of the last
const CHARACTER = 6.7;

const tspan = (data, text = "") => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
  Object.assign(node.dataset, data);
  node.textContent = text;
  return node;
};

export function createTape(state, act, signal) {
  const svg = h("svg", { "aria-hidden": "true" });
  const box = h("div", { class: "ti-box", tabindex: 0, role: "slider", "aria-label": "the tape: offset in memory",
    "aria-valuemin": 0, data: { surface: "tape" } }, svg);
  const captions = h("div", { class: "ti-captions" });
  const overview = createOverview();
  const title = h("p", { class: "cl-title" });
  const el = h("div", { class: "ti-tape" }, title, captions, box, overview.caption, overview.el);
  const tape = { state, svg, box, captions, start: null, width: 0, cells: [], marks: null, room: 0, left: 0, frame: 0 };
  const clamp = (at) => Math.max(0, Math.min(state.view.total - 1, at));
  listen(box, (event) => {
    const left = svg.getBoundingClientRect().left;
    const at = clamp(tape.start + Math.floor((event.clientX - left - SIDE) / tape.width));
    return elementAt(state.view, at);
  }, act, signal);
  // Where the tape is not seen whole it shows the pinned number, in whatever width the notebook gives it.
  const sized = new ResizeObserver(([{ contentRect }]) => {
    tape.room = contentRect.width;
    mark(tape, state.element, true);
  });
  sized.observe(box);
  box.addEventListener("scroll", () => { tape.left = box.scrollLeft; }, { signal, passive: true });
  signal.addEventListener("abort", () => sized.disconnect());
  return {
    el,
    layout() {
      layout(tape);
      setText(title, `the tape: ${state.view.total} numbers in memory. No layout moves them; the strides say `
        + "where x reads.");
      overview.layout(state, tape);
    },
    mark(element, follow) {
      mark(tape, element, follow);
      overview.mark(state, element);
    },
  };
}

/** Another picture or layout: the cells where their number changes, and what each is read as. */
function layout(tape) {
  const { state, box } = tape, { view, picture } = state;
  const width = CELL_WIDTH[state.widest] ?? 8 + state.widest * 8, bands = view.sizes.C > 1;
  const count = picture.small ? view.total : Math.min(Math.floor(MOST_PX / width), view.total);
  if (tape.cells.length !== count || tape.width !== width || tape.bands !== bands) {
    Object.assign(tape, { width, bands, bottom: Y.arcs + Y.cell + (bands ? 2 * Y.band + 4 : 0) });
    build(tape, count);
  }
  box.setAttribute("aria-valuemax", view.total - 1);
  if (tape.picture !== picture) tape.start = null;
  const start = Math.max(0, Math.min(view.total - count, picture.small ? 0 : firstOf(state, count)));
  if (start === tape.start) writeRead(tape);
  else write(tape, start);
  tape.picture = picture;
}

function build(tape, count) {
  const { svg, captions, bands, bottom } = tape;
  tape.cells = Array.from({ length: count }, () => createCell(bands));
  tape.cells.forEach((cell, at) => place(tape, cell, at));
  tape.marks = createMarks();
  tape.start = null;
  tape.length = count * tape.width + 2 * SIDE;
  svg.setAttribute("width", tape.length);
  svg.setAttribute("height", bottom + Y.address + 4);
  svg.replaceChildren(...tape.cells.flatMap((cell) => cell.nodes), tape.marks.el);
  const row = (text, height) => h("span", { style: `height: ${height}px` }, text);
  captions.replaceChildren(row("one step", Y.arcs), row("number", Y.cell),
    ...(bands ? [row("it is", Y.band + 2), row("read as", Y.band + 2)] : []), row("offset", Y.address + 4));
}

const firstOf = (state, count) => offsetOf(state.view, state.element) - Math.floor(count / 2);

function createCell(bands) {
  const rect = h("rect", { class: "ti-number" }), text = h("text", { class: "ti-text", data: { role: "memory" } });
  const band = () => [h("rect", { class: "ti-band" }), h("text", { class: "ti-letter" })];
  const is = bands ? band() : [], read = bands ? band() : [];
  const address = h("text", { class: "ti-address" });
  return { bands, rect, text, is, read, address, nodes: [rect, text, ...is, ...read, address] };
}

function place({ width, bottom }, { rect, text, is, read, address }, at) {
  const x = SIDE + at * width, middle = x + width / 2;
  const put = (node, attributes) => {
    for (const [name, value] of Object.entries(attributes)) node?.setAttribute(name, value);
  };
  put(rect, { x, y: Y.arcs, width, height: Y.cell });
  put(text, { x: middle, y: Y.arcs + Y.cell / 2 + 4 });
  [is, read].forEach(([box, letter], row) => {
    const y = Y.arcs + Y.cell + 2 + row * (Y.band + 2);
    put(box, { x, y, width, height: Y.band });
    put(letter, { x: middle, y: y + 11 });
  });
  put(address, { x: middle, y: bottom + Y.address });
}

/** Writes the numbers from an offset on. */
function write(tape, start) {
  if (start === tape.start) return;
  tape.start = start;
  const { view, picture } = tape.state, { C } = view.sizes;
  const every = C === 1 ? 5 : 2 * C, size = Math.max(Math.abs(picture.low), Math.abs(picture.high));
  tape.cells.forEach((cell, at) => {
    const offset = start + at, value = picture.values[offset], home = homeOf(view.sizes, offset).c;
    cell.rect.setAttribute("class", `ti-number ${hueClass(C, home)}`);
    cell.rect.style.setProperty("--tint", Math.min(1, Math.abs(value) / size).toFixed(2));
    setText(cell.text, format(value));
    Object.assign(cell.text.dataset, { index: offset, value });
    if (cell.bands) dress(cell.is, hueClass(C, home), channelLetter(C, home));
    const numbered = offset % every === 0;
    setText(cell.address, numbered ? String(offset) : "");
    if (numbered) Object.assign(cell.address.dataset, { role: "address", index: offset, value: offset });
    else for (const name of ["role", "index", "value"]) delete cell.address.dataset[name];
  });
  writeRead(tape);
}

const hueClass = (C, c) => `ti-of-${C === 1 ? "grey" : c}`;

/** Writes what each number is read as: all of the tape that a layout changes. */
function writeRead({ state: { view }, cells, start }) {
  const { C } = view.sizes;
  if (C === 1) return;
  cells.forEach((cell, at) => {
    const home = homeOf(view.sizes, start + at).c, read = elementAt(view, start + at).c;
    const classes = `${hueClass(C, read)}${read === home ? "" : " ti-wrong"}`;
    if (cell.classes !== classes) dress(cell.read, classes, channelLetter(C, read));
    cell.classes = classes;
  });
}

function dress([box, letter], classes, text) {
  box.setAttribute("class", `ti-band ${classes}`);
  letter.setAttribute("class", `ti-letter ${classes}`);
  setText(letter, text);
}

/** Frames around what one pixel of the tensor reads, and an arc for a step along each axis. */
function createMarks() {
  const others = h("path", { class: "ti-frames" }), main = h("rect", { class: "ti-frame-main" });
  const arcs = [0, 1, 2].map((index) => {
    const axis = tspan({}), step = tspan({ role: "jump", index });
    const label = h("text", { class: "ti-jump" }), back = h("rect", { class: "ti-back", height: 13 });
    label.append(axis, step);
    return { path: h("path", { class: "ti-arc" }), head: h("path", { class: "ti-head" }), back, label, axis, step };
  });
  const el = h("g", { class: "ti-marks" }, others, main, ...arcs.map(({ path }) => path),
    ...arcs.flatMap(({ head, back, label }) => [head, back, label]));
  return { el, others, main, arcs };
}

function mark(tape, element, follow) {
  const { state, box, width } = tape, { view, picture } = state;
  const offset = offsetOf(view, element), count = tape.cells.length;
  if (!picture.small && follow) write(tape, Math.max(0, Math.min(view.total - count, offset - Math.floor(count / 2))));
  const x = (at) => SIDE + (at - tape.start) * width;
  const seen = (at) => at >= tape.start && at < tape.start + count;
  const height = tape.bottom - Y.arcs;
  const frame = (at) => `M${x(at)} ${Y.arcs}h${width}v${height}h${-width}z`;
  const reads = channelsAt(view, element).filter((read) => seen(read.offset));
  tape.marks.others.setAttribute("d", reads.map((read) => frame(read.offset)).join(""));
  const main = { x: x(offset), y: Y.arcs - 1, width, height: height + 2, visibility: seen(offset) ? "visible" : "hidden" };
  for (const [name, value] of Object.entries(main)) tape.marks.main.setAttribute(name, value);
  drawArcs(tape, jumps(view, element), offset, x);
  box.setAttribute("aria-valuenow", offset);
  box.setAttribute("aria-valuetext", `offset ${offset}: ${format(picture.values[offset])}`);
  if (follow && seen(offset)) scrollTo(tape, x(offset));
}

/** The shortest step lowest; an arc that leads off the drawn tape ends at its edge. */
function drawArcs({ marks, cells, width }, steps, offset, x) {
  const low = [...steps].sort((a, b) => Math.abs(a.step) - Math.abs(b.step)).map(({ axis }) => axis);
  const right = 2 * SIDE + cells.length * width, from = x(offset) + width / 2;
  marks.arcs.forEach(({ path, head, back, label, axis, step }, at) => {
    const jump = steps[at], shown = jump && from > SIDE && from < right - SIDE;
    for (const node of [path, head, back, label]) node.style.display = shown ? "" : "none";
    if (!shown) {
      for (const name of ["value", "role", "index"]) delete step.dataset[name];
      return;
    }
    const to = x(jump.to) + width / 2, end = Math.max(1, Math.min(right, to));
    const level = low.indexOf(jump.axis), top = Y.arcs - 12 - 17 * level, bend = Math.min(8, Math.abs(end - from) / 2);
    const way = Math.sign(end - from), inside = end === to;
    path.setAttribute("d", `M${from} ${Y.arcs - 2}V${top + bend}q0 ${-bend} ${way * bend} ${-bend}`
      + (inside ? `H${end - way * bend}q${way * bend} 0 ${way * bend} ${bend}V${Y.arcs - 5}` : `H${end}`));
    head.setAttribute("d", inside ? `M${end - 3.5} ${Y.arcs - 7}h7l-3.5 5z` : `M${end - way * 5} ${top - 3.5}v7l${way * 5} -3.5z`);
    setText(axis, `${jump.axis} `);
    setText(step, `${jump.step > 0 ? "+" : "−"}${Math.abs(jump.step)}`);
    Object.assign(step.dataset, { role: "jump", index: at, value: jump.step });
    // On the arc where there is room, else on the other side of the number, where no arc comes down.
    const room = CHARACTER * label.textContent.length + 6, far = Math.abs(end - from) > room + 24;
    const beside = way > 0 ? from - 4 - room : from + 4;
    const left = far ? (from + end - room) / 2 : beside;
    for (const [name, value] of [["x", left], ["y", top - 6], ["width", room]]) back.setAttribute(name, value);
    label.setAttribute("x", left + room / 2);
    label.setAttribute("y", top + 3.5);
  });
}

/** Brings a number into sight; asking the page where it is now would cost a layout. */
function scrollTo(tape, x) {
  const { room, left, width, box } = tape;
  if (!room || tape.length <= room) return;
  if (x < left + 3 * width || x + 4 * width > left + room) {
    tape.left = Math.max(0, Math.min(tape.length - room, x - room / 2));
    // With the next frame, which lays the page out in any case; here it would be laid out once more.
    cancelAnimationFrame(tape.frame);
    tape.frame = requestAnimationFrame(() => { box.scrollLeft = tape.left; });
  }
}

/** The whole tape in one glance: what each stretch of it is read as, and where the pixel's numbers are. */
function createOverview() {
  const canvas = h("canvas", { width: OVERVIEW, height: 1 });
  const el = h("div", { class: "ti-overview", "aria-hidden": "true" }, canvas);
  const caption = h("span", { class: "ti-whole" }, "whole tape");
  const ticks = [];
  return {
    el, caption,
    layout({ view }, { cells, width }) {
      // A tape that is seen whole needs no summary; how much is seen, the style sheet knows.
      const length = cells.length === view.total ? cells.length * width : Infinity;
      for (const node of [el, caption]) {
        node.classList.toggle("ti-short", length < 1090);
        node.classList.toggle("ti-shorter", length < 540);
      }
      const image = new ImageData(OVERVIEW, 1);
      for (let at = 0; at < OVERVIEW; at++) image.data.set([...readAs(view, at), 255], at * 4);
      canvas.getContext("2d").putImageData(image, 0, 0);
    },
    mark({ view }, element) {
      const groups = [];
      for (const { c, offset } of channelsAt(view, element)) {
        const last = groups.at(-1);
        if (last && (offset - last.offset) / view.total < 0.03) last.text += channelLetter(view.sizes.C, c);
        else groups.push({ offset, text: channelLetter(view.sizes.C, c) });
      }
      while (ticks.length < groups.length) ticks.push(el.appendChild(h("span", { class: "ti-tick" })));
      ticks.forEach((tick, at) => {
        tick.style.display = groups[at] ? "" : "none";
        if (!groups[at]) return;
        const along = (100 * (groups[at].offset + 0.5)) / view.total;
        tick.style.left = `${along}%`;
        tick.style.transform = `translateX(-${along}%)`; // at either end it stays inside
        setText(tick, groups[at].text);
      });
    },
  };
}

/** The mean colour of what a stretch of the tape is read as. */
function readAs(view, at) {
  const from = Math.floor((at * view.total) / OVERVIEW), to = Math.max(from + 1, Math.floor(((at + 1) * view.total) / OVERVIEW));
  const sum = [0, 0, 0], count = Math.min(12, to - from);
  for (let n = 0; n < count; n++) {
    hueOf(view.sizes.C, elementAt(view, from + n).c).forEach((part, rgb) => { sum[rgb] += part / count; });
  }
  return sum;
}
