// The shapes that rulers and planes are drawn of: cells, brackets with taps, stripes for what is never read.

import { h } from "./dom.js";

let count = 0;
/** An id that no other view on the page has: what an SVG fills with is found by id in the whole document. */
export const freshId = () => `convlab-sr-${++count}`;

/** The pattern behind pixels that are never read, to be filled with as url(#id). */
export const hatching = (id) => h("defs", {}, h("pattern", {
  id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
}, h("rect", { class: "sr-hatch", width: 2, height: 6 })));

export const rect = (kind, x, y, width, height, more = {}) => h("rect", { class: kind, x, y, width, height, ...more });
export const path = (kind, d) => h("path", { class: kind, d: Array.isArray(d) ? d.join("") : d });

/** A closed box, as a piece of a path. */
export const box = (x, y, width, height) => `M${x} ${y}h${width}v${height}h${-width}z`;

/** From x1 to x2 with a tick at both ends, as a piece of a path. */
export const bracket = (x1, x2, y, tick = 5) =>
  `M${x1} ${y - tick}v${2 * tick}M${x1} ${y}H${x2}M${x2} ${y - tick}v${2 * tick}`;

/** The lines between cells of `px` pixels. */
export function rules(columns, rows, px) {
  const down = Array.from({ length: columns + 1 }, (_, at) => `M${at * px + 0.5} 0v${rows * px + 1}`);
  const across = Array.from({ length: rows + 1 }, (_, at) => `M0 ${at * px + 0.5}h${columns * px + 1}`);
  return path("sr-rules", [...down, ...across]);
}
