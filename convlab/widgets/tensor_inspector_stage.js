// A picture that is pointed at: a canvas with rings on it, numbered along its sides while it is small.

import { h, setText } from "./dom.js";
import { write } from "./grid.js";

const WIDEST_PX = 256;
const CELL_PX = 30;

/** Listeners of a surface: hover previews, a click or tap pins; `spot(event)` says what is under the hand, or null. */
export function listen(el, spot, act, signal) {
  const on = (type, handler) => el.addEventListener(type, act.timed(handler), { signal });
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview(spot(event), el));
  on("click", (event) => act.pin(spot(event) ?? act.pinned(), el));
  on("pointerleave", (event) => event.pointerType !== "touch" && act.preview(null, el));
}

/** The row and column of a box of rows x columns that lie under an event. */
export function under(event, box, rows, columns) {
  const at = (offset, length, count) => Math.max(0, Math.min(count - 1, Math.floor((offset / length) * count)));
  return [at(event.clientY - box.top, box.height, rows), at(event.clientX - box.left, box.width, columns)];
}

/** A canvas of H x W pixels with rings: {el, canvas, pixels(H, W), holds(...), commit(), mark(rings)}. */
export function createCanvas() {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const el = h("div", { class: "ti-canvas" }, canvas);
  const rings = [];
  let image = null;
  return {
    el, canvas,
    /** The pixels to paint, of a canvas that is W wide and H high. */
    pixels(H, W) {
      if (canvas.width !== W || canvas.height !== H || !image) {
        Object.assign(canvas, { width: W, height: H });
        image = new ImageData(W, H);
      }
      return new Uint32Array(image.data.buffer);
    },
    /** Says what the canvas holds; the numbers are gathered when somebody asks. */
    holds({ role, index, shape }, valueAt) {
      const length = shape.reduce((product, size) => product * size, 1);
      canvas.convlabValues = { role, index, shape, get values() {
        return Float64Array.from({ length }, (_, at) => valueAt(at));
      } };
    },
    commit: () => canvas.getContext("2d").putImageData(image, 0, 0),
    /** Rings around pixels: [{i, j, text, main}]. */
    mark(wanted) {
      while (rings.length < wanted.length) rings.push(el.appendChild(h("span", { class: "ti-ring", "aria-hidden": "true" })));
      rings.forEach((ring, at) => draw(ring, wanted[at], canvas));
    },
  };
}

function draw(ring, wanted, { width, height }) {
  const shown = wanted ? "" : "none";
  if (ring.style.display !== shown) ring.style.display = shown;
  if (!wanted) return;
  const { i, j, text, main } = wanted;
  ring.style.inset = `${((i + 0.5) / height) * 100}% auto auto ${((j + 0.5) / width) * 100}%`;
  ring.style.width = `${100 / width}%`;
  ring.style.height = `${100 / height}%`;
  ring.className = main ? "ti-ring ti-main" : "ti-ring";
  setText(ring, text ?? "");
}

/**
 * A picture of the two: as it was loaded, or as it would be shown.
 *
 * spot(i, j): the element that a pixel of it stands for.
 */
export function createStage({ name, label, title, spot, act, signal }) {
  const surface = createCanvas();
  surface.el.classList.add("ti-stage");
  for (const [attribute, value] of [["tabindex", 0], ["role", "application"], ["aria-label", label]]) {
    surface.el.setAttribute(attribute, value);
  }
  surface.el.dataset.surface = name;
  const rows = h("div", { class: "ti-rows" }), columns = h("div", { class: "ti-columns" });
  const caption = h("p", { class: "cl-title" }, title), below = h("p", { class: "ti-below" });
  const frame = h("div", { class: "ti-frame" }, h("span"), columns, rows, surface.el);
  const el = h("figure", { class: `ti-figure ti-${name}` }, caption, frame, below);
  listen(surface.el, (event) => {
    const { width, height } = surface.canvas;
    return spot(...under(event, surface.canvas.getBoundingClientRect(), height, width));
  }, act, signal);
  return {
    el, surface, below,
    /** Another picture: its size, and its sides. */
    fit({ H, W, small }) {
      const cell = small ? Math.min(CELL_PX, Math.floor(WIDEST_PX / Math.max(H, W))) : WIDEST_PX / Math.max(H, W);
      el.style.setProperty("--width", `${Math.round(cell * W)}px`);
      surface.el.style.aspectRatio = `${W} / ${H}`;
      rows.replaceChildren(...(small ? numbered("row", H) : []));
      columns.replaceChildren(...(small ? numbered("column", W) : []));
    },
  };
}

const numbered = (role, count) => Array.from({ length: count }, (_, index) => {
  const node = h("span", { data: { role, index } });
  write(node, index);
  return node;
});
