// What the pictures are drawn of: pieces of paths, and lines of text and numbers that keep their nodes.

import { h, setText } from "./dom.js";
import { written } from "./groups_wiring_words.js";

/** Sets attributes, those alone that are others than before. */
export function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

/** The first `count` nodes of a pool, made as they are needed; those beyond are taken off their parent. */
export function pooled(parent, pool, count, make) {
  while (pool.length < count) pool.push(make(pool.length));
  pool.forEach((node, at) => {
    if (at >= count) node.remove();
    else if (!node.parentNode) parent.append(node);
  });
  return pool.slice(0, count);
}

/** A number that a test reads. */
export function number(node, { role, index, value }, text = written(value)) {
  const full = String(value);
  if (node.dataset.role !== role) node.dataset.role = role;
  if (node.dataset.index !== String(index)) node.dataset.index = index;
  if (node.dataset.value !== full) node.dataset.value = full;
  setText(node, text);
}

/** Writes a text that may be empty: then no text node is left, as in a new view. */
export const say = (node, text) => (text ? setText(node, text) : node.replaceChildren());

/** Takes a number away: what is not shown is not there to be read. */
export function blank(node) {
  for (const name of ["role", "index", "value"]) delete node.dataset[name];
  node.replaceChildren();
}

/** Writes pieces of text and of numbers ({role, index, value}) into the spans of a line. */
export function fill(line, pieces) {
  const kept = pieces.filter((piece) => piece !== "");
  kept.forEach((piece, at) => {
    const node = line.children[at] ?? line.appendChild(h("span"));
    if (typeof piece !== "string") {
      node.className = `gw-n gw-n-${piece.role}`;
      number(node, piece);
      return;
    }
    if (node.dataset.role !== undefined) {
      node.removeAttribute("class");
      for (const name of ["role", "index", "value"]) delete node.dataset[name];
    }
    setText(node, piece);
  });
  while (line.children.length > kept.length) line.lastElementChild.remove();
}

export const box = (x, y, width, height) => `M${x} ${y}h${width}v${height}h${-width}z`;

/** A listener for the pointer that tells what is under it: `find(event)` gives a spot or null. */
export function pointed(el, find, act, signal) {
  const listen = (type, handler) => el.addEventListener(type, act.timed(handler), { signal });
  listen("pointermove", (event) => act.preview(find(event)));
  listen("pointerleave", () => act.preview(null));
  listen("click", (event) => {
    const spot = find(event);
    if (spot) act.press(spot);
  });
}
