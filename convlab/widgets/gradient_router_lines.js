// The ways on the screen: a line from the pixel through the weight to the output, one for each product, with an arrow
// where what it carries goes. Measured when the layout changes, so that a move costs arithmetic only.

import { h } from "./dom.js";

/** Draws into `stage` (the positioned box around the picture's content). */
export function createLines(stage) {
  const [all, heads, one, oneHead] = ["all", "heads", "one", "heads gr-one"].map((kind) => h("path", { class: `gr-${kind}` }));
  const svg = h("svg", { class: "gr-lines", "aria-hidden": "true" }, all, heads, one, oneHead);
  let boxes = null;
  const write = (line, head, ways) => {
    line.setAttribute("d", ways.map((way) => way.d).join(""));
    head.setAttribute("d", ways.map((way) => way.head).join(""));
  };
  return {
    svg,
    /** Reads where everything is; null hides all lines. */
    measure(picture) {
      const origin = picture && stage.getBoundingClientRect();
      boxes = picture && measured(picture, origin);
    },
    /** Draws the ways through these spots (see gradient_router_picture.js), `lit` of them strongly. */
    draw(spots, lit, view) {
      const ways = boxes ? spots.map((spot) => spot && way(boxes, spot, view)) : [];
      write(all, heads, ways.filter(Boolean));
      write(one, oneHead, [ways[lit]].filter(Boolean));
    },
  };
}

function measured({ left, rows }, origin) {
  const box = (plane) => {
    const grid = plane.grid.el.getBoundingClientRect();
    return {
      x: grid.left - origin.left, y: grid.top - origin.top, plane,
      dx: (grid.width - 1) / plane.grid.columns, dy: (grid.height - 1) / plane.grid.rows,
    };
  };
  const found = new Map();
  if (left) found.set("left", box(left));
  for (const row of rows) found.set(row, { middle: box(row.middle), right: box(row.right) });
  return found;
}

/** {left, right, y} of a cell; null when it is not among those shown. */
function side(box, at) {
  if (!box || !at || !box.plane.cell(...at)) return null;
  const [i, j] = box.plane.local(...at);
  return { left: box.x + j * box.dx, right: box.x + (j + 1) * box.dx, y: box.y + (i + 0.5) * box.dy };
}

function way(boxes, { row, pixel, tap, place }, view) {
  const { middle, right } = boxes.get(row);
  const [from, by, to] = [side(boxes.get("left"), pixel), side(middle, tap), side(right, place)];
  if (!by || !to || (view !== "bias" && !from)) return null;
  const d = (from ? curve(from.right, from.y, by.left, by.y) : "") + curve(by.right, by.y, to.left, to.y);
  const head = {
    forward: () => arrow(to.left, to.y, 1), input: () => arrow(from.right, from.y, -1),
    weight: () => arrow(by.left, by.y, 1) + arrow(by.right, by.y, -1), bias: () => arrow(by.right, by.y, -1),
  }[view]();
  return { d, head };
}

const curve = (x, y, X, Y) => {
  const bend = (X - x) / 2;
  return `M${x},${y}C${x + bend},${y} ${X - bend},${Y} ${X},${Y}`;
};

const arrow = (x, y, way) => `M${x},${y}l${-7 * way},-4v8z`;
