// Both axes at once: the input with how often each pixel is read, and the output with the cell the window gives.

import { h, setText } from "./dom.js";
import { taps } from "./size_ruler_math.js";
import { box, freshId, hatching, path, rect, rules } from "./size_ruler_shapes.js";

const CELL_PX = 22;
/** More cells than this are drawn without numbers, and smaller. */
const NUMBERED = 400, LARGE_PX = 300;
const LEGEND = { read: "how often a pixel is read", never: "never read", pad: "padding", tap: "a tap" };

/** {el, legend, draw(), mark(place)} */
export function createPlane(state, act, signal) {
  const [input, output] = ["input", "output"].map((kind) => createMap(kind));
  const el = h("div", { class: "sr-plane" }, input.side, h("div", { class: "sr-then" },
    h("span", { class: "sr-arrow", "aria-hidden": "true" }, "→"), output.side));
  const legend = h("p", { class: "sr-legend" }, Object.entries(LEGEND).map(([kind, text]) =>
    h("span", {}, h("i", { class: `sr-i-${kind}`, "aria-hidden": "true" }, kind === "read" ? "2" : ""), text)));
  const part = { state, id: freshId(), legend, input, output };
  listen(part, act, signal);
  return { el, legend, draw: () => draw(part), mark: (place) => mark(part, place) };
}

/** A titled picture that takes the focus. */
function createMap(kind) {
  const svg = h("svg", { "aria-hidden": "true" }), name = h("span");
  const map = h("div", { class: `sr-map cl-${kind}`, tabindex: 0, role: "group" }, svg);
  const letter = h("span", { class: "cl-letter", "aria-hidden": "true" }, kind[0].toUpperCase());
  const side = h("div", { class: `sr-side cl-${kind}` }, h("p", { class: "cl-title" }, letter, name), map);
  return {
    side, map, svg,
    size(columns, rows, px) {
      svg.setAttribute("width", columns * px + 1);
      svg.setAttribute("height", rows * px + 1);
    },
    name(text, label) {
      setText(name, text);
      map.setAttribute("aria-label", label);
    },
  };
}

function draw(part) {
  const { state, input, output, legend } = part;
  const [rows, columns] = part.lines = state.lines;
  part.numbered = rows.padded * columns.padded <= NUMBERED;
  legend.firstChild.hidden = !part.numbered;
  const small = Math.floor(LARGE_PX / Math.max(rows.padded, columns.padded));
  const px = part.px = part.numbered ? CELL_PX : Math.max(1, Math.min(CELL_PX, small));
  const whole = rows.padded > rows.length || columns.padded > columns.length;
  const padded = whole ? `, padded ${rows.padded} × ${columns.padded}` : "";
  input.name(`input ${rows.length} × ${columns.length}${padded}`,
    `input ${rows.length} by ${columns.length}${part.numbered ? ", in each pixel how often it is read" : ""}`);
  output.name(`output ${rows.places} × ${columns.places}`,
    `output ${rows.places} by ${columns.places}: arrows move the window`);
  input.size(columns.padded, rows.padded, px);
  output.size(columns.places, rows.places, px);
  part.window = h("g");
  part.cell = h("rect", { class: "sr-cell", width: px, height: px });
  input.svg.replaceChildren(hatching(part.id), ...pixels(part), part.window);
  const page = rect("sr-page", 0.5, 0.5, columns.places * px, rows.places * px);
  output.svg.replaceChildren(page, ...(px > 4 ? [rules(columns.places, rows.places, px)] : []), part.cell);
}

/** The padded input: padding, pixels tinted by how often they are read, the never-read ones hatched. */
function pixels({ lines: [rows, columns], px, numbered, id }) {
  const x = columns.before * px + 0.5, y = rows.before * px + 0.5;
  const width = columns.length * px, height = rows.length * px, fill = `url(#${id})`;
  return [
    rect("sr-pad", 0.5, 0.5, columns.padded * px, rows.padded * px), rect("sr-page", x, y, width, height),
    ...(numbered ? tinted([rows, columns], px) : []),
    ...rows.unread.map((at) => rect("sr-unread", x, y + at * px, width, px, { fill })),
    ...columns.unread.map((at) => rect("sr-unread", x + at * px, y, px, height, { fill })),
    ...(px > 4 ? [rules(columns.padded, rows.padded, px)] : []), rect("sr-edge", x, y, width, height),
    ...(numbered ? [numbers([rows, columns], px)] : []),
  ];
}

const each = ([rows, columns], draw) =>
  rows.reads.flatMap((down, i) => columns.reads.map((across, j) => draw(i, j, down * across)));

/** One path for all pixels that are read equally often: a few elements instead of one a pixel. */
function tinted(lines, px) {
  const [rows, columns] = lines, cells = new Map();
  each(lines, (i, j, count) => {
    if (!count) return;
    const cell = box((columns.before + j) * px + 0.5, (rows.before + i) * px + 0.5, px, px);
    cells.set(count, `${cells.get(count) ?? ""}${cell}`);
  });
  const most = Math.max(...cells.keys());
  return [...cells].map(([count, d]) => {
    const found = path("sr-pixel", d);
    found.style.setProperty("--tint", (count / most).toFixed(2));
    return found;
  });
}

/** The counts, as markup at once: hundreds of elements made one by one would take most of a drag's time. */
function numbers(lines, px) {
  const [rows, columns] = lines;
  const group = h("g");
  group.innerHTML = each(lines, (i, j, count) => {
    const x = (columns.before + j + 0.5) * px + 0.5, y = (rows.before + i + 0.5) * px + 4.5;
    return `<text class="sr-text${count ? "" : " sr-never"}" x="${x}" y="${y}" data-role="pixel-reads" `
      + `data-index="${i},${j}" data-value="${count}">${count}</text>`;
  }).join("");
  return group;
}

/** The window's taps on the input, its cell in the output. */
function mark({ lines: [rows, columns], window, cell, px }, [i, j]) {
  const frames = taps(rows, i).flatMap((r) =>
    taps(columns, j).map((c) => box(c * px + 1.5, r * px + 1.5, px - 2, px - 2)));
  window.replaceChildren(path("sr-frames", px > 5 ? frames : ""), rect("sr-outline",
    columns.stride * j * px + 0.5, rows.stride * i * px + 0.5, columns.extent * px, rows.extent * px));
  cell.setAttribute("x", j * px + 0.5);
  cell.setAttribute("y", i * px + 0.5);
}

/** Hover previews, a click or a tap pins. */
function listen(part, act, signal) {
  const { input, output } = part;
  const cell = (event, { svg }, count) => {
    const { left, top } = svg.getBoundingClientRect();
    return [event.clientY - top, event.clientX - left].map((px, axis) =>
      Math.min(part.lines[axis][count] - 1, Math.max(0, Math.floor(px / part.px))));
  };
  const place = (event) => cell(event, output, "places");
  const pixel = (event) => cell(event, input, "padded").map((at, axis) => at - part.lines[axis].before);
  const on = (node, type, listener) => node.addEventListener(type, act.timed(listener), { signal });
  on(output.svg, "pointermove", (event) => act.previewBoth(place(event)));
  on(output.svg, "click", (event) => act.pinBoth(place(event)));
  for (const type of ["pointermove", "click"]) on(input.svg, type, (event) => act.readPixel(pixel(event)));
  for (const { map } of [input, output]) on(map, "pointerleave", () => act.leave());
}
