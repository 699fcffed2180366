// Two ways to show a map: up to 16 x 16 as a grid of numbers, larger as a canvas with a frame on it.

import { h } from "./dom.js";
import { destination } from "./grid.js";

const SMALL = 16;
const WIDEST_PX = 400;

export const isSmall = (H, W) => H <= SMALL && W <= SMALL;

/**
 * CSS widths of the input's and the output's canvas: one pixel has the same size in both, unless the output is so
 * small that it is drawn `times` larger.
 */
export function widths(g) {
  const times = Math.max(1, Math.min(Math.floor(g.W / g.W_out), Math.floor(g.H / g.H_out)));
  const widest = Math.max(g.W, g.W_out * times), highest = Math.max(g.H, g.H_out * times);
  const whole = `min(100%, ${Math.round((WIDEST_PX * widest) / Math.max(widest, highest))}px)`;
  const share = (width) => `calc(${whole} * ${(width / widest).toFixed(4)})`;
  return { input: share(g.W), output: share(g.W_out * times), times };
}

/**
 * A canvas of H x W pixels that takes the focus: {el, canvas, pixels, commit(), frame(top, left, height, width)}.
 * moved(i, j, pin): the pointer is over pixel (i, j), or has clicked it; left(): it has gone.
 */
export function createStage({ H, W, width, label, handler, moved, left, walk, signal }) {
  const canvas = h("canvas", { width: W, height: H, "aria-hidden": true });
  const mark = h("div", { class: "kl-mark" });
  const el = h("div", { class: "kl-stage", tabindex: 0, role: "application", "aria-label": label }, canvas, mark);
  el.style.width = width;
  const image = new ImageData(W, H);
  const context = canvas.getContext("2d");
  const pixel = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (offset, length, count) => Math.max(0, Math.min(count - 1, Math.floor((offset / length) * count)));
    return [at(event.clientY - box.top, box.height, H), at(event.clientX - box.left, box.width, W)];
  };
  const listen = (type, listener) => el.addEventListener(type, listener, { signal });
  listen("pointermove", handler((event) => event.pointerType !== "touch" && moved(...pixel(event), false)));
  listen("click", handler((event) => moved(...pixel(event), true)));
  listen("pointerleave", handler((event) => event.pointerType !== "touch" && left()));
  listen("keydown", handler((event) => {
    if (walk(event.key, event.shiftKey ? 10 : 1)) event.preventDefault();
  }));
  return {
    el, canvas, pixels: new Uint32Array(image.data.buffer),
    commit: () => context.putImageData(image, 0, 0),
    frame(top, left, height, width) {
      mark.style.inset = `${(100 * top) / H}% auto auto ${(100 * left) / W}%`;
      mark.style.width = `${(100 * width) / W}%`;
      mark.style.height = `${(100 * height) / H}%`;
    },
  };
}

/** Where a key leads among `rows` x `columns` places: arrows by `step`, Page keys by ten rows, Home and End; or null. */
export function walked(key, [i, j], rows, columns, step) {
  if (key === "PageUp" || key === "PageDown") {
    return [Math.max(0, Math.min(rows - 1, i + (key === "PageDown" ? 10 : -10))), j];
  }
  let to = destination(key, [i, j], { rows, columns });
  for (let more = 1; to && more < step; more++) to = destination(key, to, { rows, columns });
  return to;
}
