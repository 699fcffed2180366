// The filters of the layer on the screen, one tile each: its slices beside the feature map that it gives.

import { h, setText } from "./dom.js";
import { createPatch, createSurface, number, signedOf, under, write } from "./filter_bank_paint.js";
import { paintSigned } from "./kernel_lab_scale.js";

const SLICES_PX = 90;

export const largest = (values) => {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most || 1;
};

/** What the patches show: the weights, or how far each is from its first value. */
export function shownWeights({ layer: { weight, start }, change }) {
  return change ? weight.values.map((value, at) => value - start.values[at]) : weight.values;
}

/** All tiles: {el, draw(), mark(o, place), focus(o)}. */
export function createTiles(state, act, signal) {
  const el = h("div", { class: "fm-tiles" });
  let tiles = [], made = "";
  el.addEventListener("pointerleave", act.timed((event) => event.pointerType !== "touch" && act.preview(null)), { signal });
  return {
    el,
    draw() {
      const { layer, name } = state, key = JSON.stringify([name, layer.first, layer.weight.shape, layer.output?.shape]);
      if (key !== made) {
        made = key;
        const focused = el.contains(document.activeElement);
        tiles = Array.from({ length: layer.weight.shape[0] }, (_, slot) => createTile(state, slot, act, signal));
        el.replaceChildren(...tiles.map((tile) => tile.el));
        if (focused) tiles[0].stage.focus({ preventScroll: true });
      }
      const weights = shownWeights(state), ranges = { weight: largest(weights), output: largest(layer.output?.values ?? []) };
      tiles.forEach((tile) => tile.draw(layer, weights, ranges));
      return ranges;
    },
    mark(o, place) {
      tiles.forEach((tile) => tile.mark(o, place));
    },
    focus(o) {
      tiles.find((tile) => tile.o === o)?.stage.focus();
    },
  };
}

function createTile(state, slot, act, signal) {
  const { layer, about } = state, o = layer.first + slot;
  const [, slices, kH, kW] = layer.weight.shape;
  const across = slices > 4 ? 4 : Math.min(slices, 2), cell_px = Math.min((SLICES_PX - 3 * (across - 1)) / across / kW, 84 / kH);
  const patches = Array.from({ length: slices }, (_, c) =>
    createPatch({ kH, kW, numbers: false, cell_px, label: `weight[${o}, ${c}]` }));
  const left = about.shape[1] - slices, more = left > 0 ? h("span", { class: "fm-more" }, `+ ${left}`) : null;
  const surface = createSurface("fb-map"), stage = surface.el, moved = number("moved", o);
  const least = number("minimum", o), most = number("maximum", o);
  for (const [attribute, value] of Object.entries({ tabindex: 0, role: "application", "data-filter": o,
    "aria-label": `feature map ${o}; arrows move the place, [ and ] the filter, Space trains or pauses` })) {
    stage.setAttribute(attribute, value);
  }
  const unused = h("p", { class: "cl-note", hidden: true }, "not used for this picture");
  const el = h("figure", { class: "fm-tile" }, h("figcaption", { class: "fm-name" }, h("b", {}, `filter ${o}`),
    h("span", {}, "moved ", moved)),
  h("div", { class: "fm-pair" }, h("div", { class: "fm-slices" }, patches.map((patch) => patch.el), more), stage, unused),
  h("p", { class: "fm-line" }, least, " to ", most));
  const on = (type, handler) => stage.addEventListener(type, act.timed(handler), { signal });
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview({ o, place: under(event, surface) }));
  on("click", (event) => act.pin({ o, place: under(event, surface) }));
  on("focus", () => act.focused(o));
  const tile = { o, el, stage };
  tile.draw = (now, weights, ranges) => drawTile(now, weights, ranges, { change: state.change, o, slot, patches, surface, moved, least, most, unused });
  tile.mark = (pinned, place) => {
    surface.box(layer.output ? place : null, [1, 1]);
    el.classList.toggle("fm-pinned", pinned === o);
  };
  return tile;
}

function drawTile({ weight: { shape: [, slices, kH, kW] }, output, moved: travelled }, weights, ranges, tile) {
  const { o, slot, change, patches, surface, moved, least, most, unused } = tile, taps = kH * kW, colours = signedOf(ranges.weight);
  patches.forEach((patch, c) => {
    const from = (slot * slices + c) * taps;
    patch.draw(weights, from, colours);
    patch.surface.holds({ role: change ? "change" : "weight", index: `${o},${c}`, shape: [kH, kW], values: weights.subarray(from, from + taps) });
  });
  write(moved, travelled[slot]);
  unused.hidden = Boolean(output);
  surface.el.hidden = !output;
  if (!output) return;
  const [, H, W] = output.shape, values = output.values.subarray(slot * H * W, (slot + 1) * H * W);
  const found = surface.paint(H, W, (pixels) => paintSigned(pixels, output.values, slot * H * W, W, ranges.output));
  surface.holds({ role: "output", index: String(o), shape: [H, W], values });
  write(least, found.least);
  write(most, found.most);
}

/** Turns over the filters of a wide layer. */
export function createPager(state, act, signal) {
  const text = h("span"), turn = (by) => state.setFirst(state.layer.first + by);
  const button = (label, name, by) => h("button", { type: "button", "aria-label": name, signal,
    on: { click: act.now(() => can(by) && turn(by)) } }, label);
  const can = (by) => state.layer.first + by >= 0 && state.layer.first + by < state.about.shape[0];
  const back = button("‹", "filters before these", -16), on = button("›", "filters after these", 16);
  const el = h("div", { class: "cl-row fm-pager" }, back, text, on);
  return {
    el,
    draw() {
      const { layer: { first, weight }, about } = state;
      el.hidden = about.shape[0] <= 16;
      setText(text, `filters ${first} to ${first + weight.shape[0] - 1} of ${about.shape[0]}`);
      back.setAttribute("aria-disabled", String(!can(-16)));
      on.setAttribute("aria-disabled", String(!can(16)));
    },
  };
}
