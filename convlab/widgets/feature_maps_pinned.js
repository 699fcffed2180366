// The pinned filter by its numbers, and its map large, with the number under the place.

import { h, setText } from "./dom.js";
import { largest, shownWeights } from "./feature_maps_tiles.js";
import { createPatch, createSurface, number, signedOf, under, write } from "./filter_bank_paint.js";
import { paintSigned } from "./kernel_lab_scale.js";

const CELL_PX = 58;

/** {el, draw(o, place)}. */
export function createPinned(state, act, signal) {
  const title = h("p", { class: "cl-title" }), slices = h("div", { class: "fm-numbers" }), value = number("result", "");
  const surface = createSurface("fb-map fm-large"), said = h("span"), line = h("p", { class: "fm-line" }, said, value);
  let patches = [], made = "";
  surface.el.addEventListener("click", act.timed((event) => act.pin({ place: under(event, surface) })), { signal });
  surface.el.addEventListener("pointermove", act.timed((event) =>
    event.pointerType !== "touch" && act.preview({ place: under(event, surface) })), { signal });
  surface.el.addEventListener("pointerleave", act.timed(() => act.preview(null)), { signal });
  return {
    el: h("section", { class: "fm-detail", "aria-label": "the pinned filter" }, title,
      h("div", { class: "fm-side" },
        h("div", { class: "cl-scroll", tabindex: 0, role: "group", "aria-label": "its numbers" }, slices),
        h("div", {}, surface.el, line))),
    /** The number at the place. */
    draw(o, place) {
      const { layer, change, name } = state, [, count, kH, kW] = layer.weight.shape, slot = o - layer.first, taps = kH * kW;
      const key = JSON.stringify([count, kH, kW]);
      if (key !== made) {
        made = key;
        patches = Array.from({ length: count }, (_, c) =>
          createPatch({ kH, kW, numbers: true, cell_px: CELL_PX, label: `its slice ${c}` }));
        slices.replaceChildren(...patches.map((patch) => patch.el));
      }
      setText(title, `${name}.weight[${o}]${change ? " less its first numbers" : ""}, and the map that it gives`);
      const weights = shownWeights(state), colours = signedOf(largest(weights));
      patches.forEach((patch, c) => patch.draw(weights, (slot * count + c) * taps, colours,
        (u, v) => ({ role: change ? "change" : "weight", index: `${o},${c},${u},${v}` })));
      line.hidden = surface.el.hidden = !layer.output;
      if (!layer.output) return undefined;
      const [, H, W] = layer.output.shape, [i, j] = place, found = layer.output.values[(slot * H + i) * W + j];
      surface.paint(H, W, (pixels) => paintSigned(pixels, layer.output.values, slot * H * W, W, largest(layer.output.values)));
      surface.box(place, [1, 1]);
      setText(said, `output[${o}, ${i}, ${j}] = `);
      value.dataset.index = `${o},${i},${j}`;
      write(value, found);
      return found;
    },
  };
}
