// A channel as a picture: one pixel a number, for what is too large or too small to be read.

import { h } from "./dom.js";
import { largest } from "./grid.js";

/** [r, g, b] of a CSS variable that holds such a triple or a colour. */
function colour(root, name) {
  const text = getComputedStyle(root).getPropertyValue(name).trim();
  const hex = /^#(..?)(..?)(..?)$/.exec(text);
  if (hex) return hex.slice(1).map((part) => parseInt(part.length === 1 ? part + part : part, 16));
  return (text.match(/[\d.]+/g) ?? [255, 255, 255]).slice(0, 3).map(Number);
}

const known = new WeakMap();
/** To be called when the theme changes. */
export const forget = (root) => known.delete(root);

/**
 * The colours of a role in the theme as it is: paper for zero, the role's own for more, ink for less. Read once a
 * theme, for the question makes the browser work out all styles; a root outside the page has none yet.
 */
export function palette(root, role) {
  const roles = known.get(root) ?? {};
  roles[role] ??= {
    zero: colour(root, "--cl-paper"), more: colour(root, `--cl-${role}`), less: colour(root, "--cl-ink"),
  };
  if (root.isConnected) known.set(root, roles);
  return roles[role];
}

/** A canvas of so many numbers; `from`: one of the same role that goes, whose element stays. */
export function createCanvas({ role, index, rows, columns, label, from }) {
  const el = from ?? h("canvas", { class: `cs-canvas cl-${role}`, role: "img" });
  el.setAttribute("aria-label", label);
  Object.assign(el, { width: columns, height: rows });
  el.convlabValues = { role, index, shape: [rows, columns], values: [] };
  return el;
}

/** Paints `values` (null: not computed yet) and leaves them in canvas.convlabValues. */
export function paint(canvas, values, { zero, more, less }) {
  canvas.convlabValues.values = values;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const scale = largest(values);
  for (let at = 0; at < values.length; at++) {
    if (values[at] === null) continue;
    const share = Math.abs(values[at]) / scale;
    const full = values[at] < 0 ? less : more;
    for (let part = 0; part < 3; part++) image.data[4 * at + part] = zero[part] + (full[part] - zero[part]) * share;
    image.data[4 * at + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
