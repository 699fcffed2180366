// How a bank draws numbers: a picture or a feature map on a canvas with a box on it, a slice or a window as a patch of
// numbers or of colours.

import { h, setText } from "./dom.js";
import { format } from "./numbers.js";
import { colour, paintSigned } from "./kernel_lab_scale.js";

const SMOOTH = 48; // a picture with more columns than this is drawn smoothly, a smaller one in squares

/** Sets a style only where it is new: the browser computes styles anew for what is written. */
export function style(node, name, value) {
  const key = `convlab-${name}`;
  if (node[key] === value) return;
  node[key] = value;
  node.style.setProperty(name, value);
}

/** A canvas that is painted anew: {el, canvas, paint(H, W, (pixels) => {}), holds(values), box([top, left], [height, width])}. */
export function createSurface(className) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const mark = h("div", { class: "fb-box", hidden: true });
  const el = h("div", { class: `fb-surface ${className}` }, canvas, mark);
  let image = null;
  return {
    el, canvas,
    paint(H, W, write) {
      if (!image || canvas.width !== W || canvas.height !== H) {
        Object.assign(canvas, { width: W, height: H });
        image = new ImageData(W, H);
        canvas.classList.toggle("fb-smooth", W > SMOOTH);
      }
      const found = write(new Uint32Array(image.data.buffer));
      canvas.getContext("2d").putImageData(image, 0, 0);
      return found;
    },
    /** Says which numbers it shows; nothing when it shows none. */
    holds(values) {
      if (values) canvas.convlabValues = values;
      else delete canvas.convlabValues;
    },
    /** A box around this stretch of rows and columns; nothing takes it away. */
    box(corner, size) {
      if (mark.hidden !== !corner) mark.hidden = !corner;
      if (!corner) return;
      const { height: H, width: W } = canvas;
      const edges = [corner[0] / H, 1 - (corner[1] + size[1]) / W, 1 - (corner[0] + size[0]) / H, corner[1] / W];
      style(mark, "inset", edges.map((edge) => `${(100 * edge).toFixed(3)}%`).join(" "));
    },
  };
}

/** The row and column of a surface that lie under an event. */
export function under(event, { canvas }) {
  const box = canvas.getBoundingClientRect();
  const at = (offset, length, count) => Math.max(0, Math.min(count - 1, Math.floor((offset / length) * count)));
  return [at(event.clientY - box.top, box.height, canvas.height), at(event.clientX - box.left, box.width, canvas.width)];
}

/** The shade of a channel's number, from black to white, as [r, g, b]. */
export const greyOf = ({ low, high }) => (value) => {
  const level = Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low))));
  return [level, level, level];
};

/** The colour of a signed number in a range; `paint` colours many at once, by a table. */
export const signedOf = (range) => Object.assign((value) => colour(Math.max(-1, Math.min(1, value / range))), {
  paint: (pixels, values, from, W) => paintSigned(pixels, values, from, W, range),
});

const pack = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const linear = (byte) => (byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

/** Black or white, whichever reads better on this colour: at least 4.5 to 1. */
export function inkOn([r, g, b]) {
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) > 0.179 ? "#000" : "#fff";
}

/**
 * A patch of kH x kW numbers: as numbers in coloured cells, or as colours alone.
 *
 * dress(cell, u, v): what a cell is (role, index); numbers: whether they are written; cell_px: the side of a cell.
 */
export function createPatch({ kH, kW, numbers, cell_px, label }) {
  const surface = numbers ? null : createSurface("fb-patch");
  const cells = numbers ? Array.from({ length: kH * kW }, () => h("span", { class: "fb-cell" })) : [];
  const el = numbers ? h("div", { class: "fb-numbers", role: "img", "aria-label": label }, cells) : surface.el;
  const resize = (rows, columns, px) => {
    [kH, kW] = [rows, columns];
    style(el, "--columns", columns);
    style(el, "--cell", `${px}px`);
    if (surface) style(el, "width", `${Math.round(columns * px)}px`);
  };
  resize(kH, kW, cell_px);
  return {
    el, surface, numbers,
    /** Other sizes from now on; a patch of numbers keeps the cells that it has. */
    resize,
    /** values from `from` on in these colours; index(u, v) -> {role, index} of a cell. */
    draw(values, from, colourOf, index) {
      if (surface) {
        surface.paint(kH, kW, (pixels) => {
          if (colourOf.paint) return colourOf.paint(pixels, values, from, kW);
          for (let t = 0; t < kH * kW; t++) pixels[t] = pack(colourOf(values[from + t]));
          return null;
        });
        return;
      }
      cells.forEach((cell, t) => drawNumber(cell, values[from + t], colourOf, index(Math.floor(t / kW), t % kW)));
    },
  };
}

function drawNumber(cell, value, colourOf, { role, index }) {
  if (cell.dataset.role !== role) cell.dataset.role = role;
  if (cell.dataset.index !== index) cell.dataset.index = index;
  const full = String(value);
  if (cell.dataset.value === full && cell.convlabInk) {
    paintCell(cell, colourOf(value));
    return;
  }
  cell.dataset.value = full;
  setText(cell, format(value));
  paintCell(cell, colourOf(value));
}

function paintCell(cell, rgb) {
  cell.convlabInk = true;
  style(cell, "background", `rgb(${rgb.join(" ")})`);
  style(cell, "color", inkOn(rgb));
}

/** Paints a feature map and says what it holds. */
export function paintMap(surface, { H_out, W_out }, maps, slot, { o, range }) {
  const from = slot * H_out * W_out, values = maps.subarray(from, from + H_out * W_out);
  surface.paint(H_out, W_out, (pixels) => paintSigned(pixels, maps, from, W_out, range));
  surface.holds({ role: "output", index: String(o), shape: [H_out, W_out], range, values });
}

/** Writes a number and its value into an element that has a role and an index. */
export function write(node, value) {
  const full = String(value);
  if (node.dataset.value === full && node.firstChild) return;
  node.dataset.value = full;
  setText(node, format(value).replace("-", "−"));
}

/** An element for one number. */
export const number = (role, index, className = "") =>
  h("span", { class: `fb-number ${className}`, data: { role, index: String(index) } });
