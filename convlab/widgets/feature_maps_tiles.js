// The filters of the layer on the screen, one tile each: its slices beside the feature map that it gives.

import { become, focusIn, h, setText } from "./dom.js";
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

/** All tiles: {el, draw(), mark(o, place), focus(o)}. A tile stays when another layer comes, and the focus with it. */
export function createTiles(state, act, signal) {
  const el = h("div", { class: "fm-tiles" }), pool = [];
  let tiles = [], made = "";
  el.addEventListener("pointerleave", act.timed((event) => event.pointerType !== "touch" && act.preview(null)), { signal });
  const renew = ({ first, weight: { shape } }) => {
    const held = focusIn(el);
    while (pool.length < shape[0]) pool.push(createTile(state, act, signal));
    tiles = pool.slice(0, shape[0]);
    tiles.forEach((tile, slot) => tile.fit(first + slot, slot, shape.slice(1)));
    become(el, tiles.map((tile) => tile.el));
    const { stage } = tiles[state.filter - first] ?? tiles[0];
    if (held && stage !== document.activeElement) stage.focus({ preventScroll: true });
  };
  return {
    el,
    draw() {
      const { layer, name } = state, key = JSON.stringify([name, layer.first, layer.weight.shape, layer.output?.shape]);
      if (key !== made) renew(layer);
      made = key;
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

function createTile(state, act, signal) {
  const surface = createSurface("fb-map"), stage = surface.el, patches = [], title = h("b"), slices = h("div", { class: "fm-slices" });
  const [moved, least, most] = ["moved", "minimum", "maximum"].map((role) => number(role, ""));
  const more = h("span", { class: "fm-more" }), unused = h("p", { class: "cl-note", hidden: true }, "not used for this picture");
  Object.entries({ tabindex: 0, role: "application" }).forEach((attribute) => stage.setAttribute(...attribute));
  const el = h("figure", { class: "fm-tile" }, h("figcaption", { class: "fm-name" }, title, h("span", {}, "moved ", moved)),
    h("div", { class: "fm-pair" }, slices, stage, unused), h("p", { class: "fm-line" }, least, " to ", most));
  const tile = { el, stage, surface, patches, moved, least, most, unused };
  const on = (type, handler) => stage.addEventListener(type, act.timed(handler), { signal });
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview({ o: tile.o, place: under(event, surface) }));
  on("click", (event) => act.pin({ o: tile.o, place: under(event, surface) }));
  on("focus", () => act.focused(tile.o));
  /** The tile is now for this filter, of so many slices of kH x kW. */
  tile.fit = (o, slot, [count, kH, kW]) => {
    Object.assign(tile, { o, slot });
    const across = count > 4 ? 4 : Math.min(count, 2), cell_px = Math.min((SLICES_PX - 3 * (across - 1)) / across / kW, 84 / kH);
    while (patches.length < count) patches.push(createPatch({ kH, kW, numbers: false, cell_px }));
    patches.splice(count);
    patches.forEach((patch) => patch.resize(kH, kW, cell_px));
    const left = state.about.shape[1] - count;
    setText(more, `+ ${left}`);
    become(slices, [...patches.map((patch) => patch.el), ...(left > 0 ? [more] : [])]);
    setText(title, `filter ${o}`);
    for (const node of [moved, least, most]) node.dataset.index = o;
    stage.dataset.filter = o;
    stage.setAttribute("aria-label", `feature map ${o}; arrows move the place, [ and ] the filter, Space trains or pauses`);
  };
  tile.draw = (now, weights, ranges) => drawTile(now, weights, ranges, state.change, tile);
  tile.mark = (pinned, place) => {
    surface.box(state.layer.output ? place : null, [1, 1]);
    el.classList.toggle("fm-pinned", pinned === tile.o);
  };
  return tile;
}

function drawTile({ weight: { shape: [, slices, kH, kW] }, output, moved: travelled }, weights, ranges, change, tile) {
  const { o, slot, patches, surface, moved, least, most, unused } = tile, taps = kH * kW, colours = signedOf(ranges.weight);
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
  const text = h("span");
  const button = (label, name, by) => h("button", { type: "button", "aria-label": name, signal,
    on: { click: act.now(() => can(by) && state.setFirst(state.chosen.first + by)) } }, label);
  const can = (by) => state.chosen.first + by >= 0 && state.chosen.first + by < state.chosen.count;
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
