// The filters, one tile each: its slices (one per input channel) beside the feature map that they give.

import { focusIn, h, setText } from "./dom.js";
import { createPatch, createSurface, number, paintMap, signedOf, under, write } from "./filter_bank_paint.js";
import { filterName, tidy, widest } from "./filter_bank_words.js";

const INSIDE_PX = 184; // a tile's width without its frame
const GAP_PX = 6;
const MOST_SLICES = 16;

/** How slices are drawn: as numbers where they fit, else as colours; and how large a tap is. */
export function sliceStyle({ Cg, kH, kW }, weight) {
  const across = Math.min(Cg, 4);
  const room = Math.floor((INSIDE_PX - GAP_PX * (across - 1)) / (across * kW));
  const needed = widest(weight.length <= 2000 ? weight : weight.subarray(0, 1)) * 6.3 + 4;
  const numbers = Cg <= 4 && kH * kW <= 35 && weight.length <= 2000 && needed <= Math.min(room, 44);
  if (numbers) return { numbers, cell_px: Math.max(20, Math.min(room, Math.ceil(needed))) };
  const width = Cg === 1 ? 84 : Math.min(56, Math.floor((INSIDE_PX - GAP_PX * (across - 1)) / across));
  return { numbers, cell_px: Math.min(width / kW, 84 / kH) };
}

/** All tiles: {el, layout(), draw(), mark(o, place), focus(o)}. */
export function createTiles(state, act, signal) {
  const el = h("div", { class: "fb-tiles" });
  let tiles = [], made = "";
  el.addEventListener("pointerleave", act.timed((event) => event.pointerType !== "touch" && act.preview(null)), { signal });
  return {
    el,
    /** Makes the tiles anew where another bank or another size asks for it. */
    layout() {
      const { g, shown, source, model } = state;
      const look = sliceStyle(g, state.legal.weight);
      const key = JSON.stringify([g.Cg, g.kH, g.kW, g.H_out, g.W_out, g.W, g.H, g.Og, shown, source, look,
        source === "named" && model.get("names"), source === "gabor" && model.get("gabor").orientations]);
      if (key === made) return;
      made = key;
      const focused = tiles.findIndex((tile) => focusIn(tile.el));
      tiles = shown.map((o, slot) => createTile(state, { o, slot, look, signal }, act));
      el.replaceChildren(...tiles.map((tile) => tile.el));
      el.classList.toggle("fb-tall", look.numbers && g.kH * look.cell_px > 90);
      if (focused >= 0) tiles[Math.min(focused, tiles.length - 1)].stage.focus({ preventScroll: true });
    },
    draw: () => tiles.forEach((tile) => tile.draw()),
    mark(o, place) {
      tiles.forEach((tile) => tile.mark(o, place));
    },
    focus(o) {
      tiles.find((tile) => tile.o === o)?.stage.focus();
    },
  };
}

/** Buttons that leave one channel or filter out, or all others. */
export function createSwitches(state, id, act, signal) {
  const button = (verb, letter, press) => h("button", {
    type: "button", class: "fb-switch", "aria-label": `${verb} ${id}`, title: `${verb} ${id}`, signal,
    on: { click: act.timed(() => press(id)) } }, letter);
  const solo = button("solo", "S", (name) => state.toggleSolo(name));
  const mute = button("mute", "M", (name) => state.toggleMute(name));
  return {
    el: h("span", { class: "fb-switches" }, solo, mute),
    draw() {
      solo.setAttribute("aria-pressed", String(state.solo.has(id)));
      mute.setAttribute("aria-pressed", String(state.muted.has(id)));
    },
  };
}

/** A map's width as a share of the input's: one pixel has the same size in both, unless the map is much smaller. */
function share({ W, W_out, H, H_out }) {
  const times = Math.max(1, Math.min(Math.floor(W / W_out), Math.floor(H / H_out)));
  return Math.min(1, (W_out * times) / W);
}

function createTile(state, { o, slot, look, signal }, act) {
  const { g, source, model } = state;
  const name = filterName({ source, names: model.get("names"), gabor: model.get("gabor") }, o);
  const switches = createSwitches(state, `filter ${o}`, act, signal);
  const count = Math.min(g.Cg, MOST_SLICES);
  const patches = Array.from({ length: count }, (_, c) =>
    createPatch({ kH: g.kH, kW: g.kW, ...look, label: `weight[${o}, ${c}]` }));
  const more = g.Cg > count ? h("span", { class: "cl-note" }, `and ${g.Cg - count} more`) : null;
  const sum = number("kernel-sum", o);
  const surface = createSurface("fb-map");
  const stage = surface.el;
  for (const [attribute, value] of Object.entries({ tabindex: 0, role: "application",
    "aria-label": `feature map ${o}${name ? `, ${name}` : ""}; arrows move the place, [ and ] the filter, S solo, M mute` })) {
    stage.setAttribute(attribute, value);
  }
  stage.dataset.id = `filter ${o}`;
  stage.style.width = `${(100 * share(g)).toFixed(2)}%`;
  const least = number("minimum", o), most = number("maximum", o), range = h("span", { class: "fb-own" });
  const out = h("p", { class: "fb-out" }, "left out");
  const title = h("figcaption", { class: "fb-name" }, h("span", { class: "cl-letter" }, "W"),
    h("span", { class: "fb-title" }, h("b", {}, name ? o : `filter ${o}`), name ? ` ${name}` : ""), switches.el);
  const el = h("figure", { class: "fb-tile cl-weight" }, title,
    h("div", { class: "fb-slices" }, patches.map((patch) => patch.el), more),
    h("p", { class: "fb-line" }, "sum of weights ", sum),
    h("div", { class: "fb-frame" }, stage, out),
    h("p", { class: "fb-line fb-reach" }, h("span", { class: "cl-letter cl-output" }, "O"), least, " to ", most, range));
  listen(surface, o, act, signal);
  const tile = { o, el, stage };
  tile.draw = () => drawTile(state, { o, slot, patches, sum, surface, least, most, range, out, switches, el });
  tile.mark = (pinned, place) => {
    surface.box(state.seen.has(o) ? place : null, [1, 1]);
    el.classList.toggle("fb-pinned", pinned === o);
  };
  return tile;
}

function listen(surface, o, act, signal) {
  const on = (type, handler) => surface.el.addEventListener(type, act.timed(handler), { signal });
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview({ o, place: under(event, surface) }));
  on("click", (event) => act.pin({ o, place: under(event, surface) }));
  on("focus", () => act.focused(o));
}

function drawTile(state, { o, slot, patches, sum, surface, least, most, range, out, switches, el }) {
  const { g, legal: { weight }, maps, reaches, weightRange } = state, taps = g.kH * g.kW;
  const from = o * g.Cg * taps, colours = signedOf(weightRange);
  patches.forEach((patch, c) => {
    patch.draw(weight, from + c * taps, colours, (u, v) => ({ role: "weight", index: `${o},${c},${u},${v}` }));
    patch.surface?.holds({ role: "weight", index: `${o},${c}`, shape: [g.kH, g.kW],
      values: weight.subarray(from + c * taps, from + (c + 1) * taps) });
  });
  let total = 0, size = 0;
  for (let t = from; t < from + g.Cg * taps; t++) {
    total += weight[t];
    size += Math.abs(weight[t]);
  }
  write(sum, tidy(total, size));
  switches.draw();
  const seen = state.seen.has(o);
  el.classList.toggle("fb-muted", !seen);
  out.hidden = seen;
  write(least, reaches[slot].least);
  write(most, reaches[slot].most);
  setText(range, state.shared || !seen ? "" : " (its own range)");
  if (seen) paintMap(surface, g, maps, slot, { o, range: state.rangeOf(slot) });
  else {
    surface.paint(g.H_out, g.W_out, (pixels) => pixels.fill(0)); // it keeps its size
    surface.holds(null);
  }
}
