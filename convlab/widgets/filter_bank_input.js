// The input: the picture as the layer hears it, and each channel by itself, to solo, mute and, for kernels by name or
// formula, to give a factor.

import { h, setText } from "./dom.js";
import { createSurface, number, under, write } from "./filter_bank_paint.js";
import { createSwitches } from "./filter_bank_tiles.js";
import { channelName } from "./filter_bank_words.js";
import { paintPicture } from "./kernel_lab_scale.js";
import { makeEditable } from "./numbers.js";

/** {el, draw(), mark(place)}. */
export function createInput(state, act, signal) {
  const caption = h("span", {});
  const whole = createSurface("fb-whole");
  const told = h("p", { class: "fb-line" });
  const list = h("div", { class: "fb-channels" });
  const el = h("figure", { class: "fb-input cl-input" },
    h("figcaption", { class: "cl-title" }, h("span", { class: "cl-letter" }, "I"), caption), whole.el, told, list);
  const mixing = { el: list, focus: (cell) => cell.focus({ preventScroll: true }) };
  const set = (cell, value) => Math.abs(value) <= 100 && state.setMix(Number(cell.dataset.index), value);
  makeEditable(mixing, { get: (cell) => state.mix[cell.dataset.index], set, step: 0.5, handler: act.timed, signal });
  list.addEventListener("keydown", act.timed((event) => {
    const by = { ArrowUp: 0.5, ArrowDown: -0.5 }[event.key];
    if (!by || event.target.dataset.role !== "mix") return;
    set(event.target, state.mix[event.target.dataset.index] + by);
    event.preventDefault();
  }), { signal });
  let channels = [], made = "";
  return {
    el,
    draw() {
      const { picture: { name, C, H, W }, source } = state;
      const key = JSON.stringify([C, H, W]);
      if (key !== made) {
        channels = Array.from({ length: C }, (_, c) => createChannel(state, c, act, signal));
        list.replaceChildren(...channels.map((channel) => channel.el));
        list.classList.toggle("fb-many", C > 4);
        made = key;
      }
      setText(caption, `input ${C} × ${H} × ${W}${name === "own" ? "" : ` · ${name}`}`);
      whole.el.hidden = C !== 3;
      if (C === 3) paintWhole(whole, state);
      setText(told, heardText(state));
      told.hidden = C < 2;
      list.classList.toggle("fb-mixed", source !== "own" && C > 1);
      for (const channel of channels) channel.draw();
    },
    mark(place) {
      const { g } = state;
      const corner = [place[0] * g.sH - g.top, place[1] * g.sW - g.left];
      const size = [g.dH * (g.kH - 1) + 1, g.dW * (g.kW - 1) + 1];
      for (const surface of [whole, ...channels.map((channel) => channel.surface)]) surface.box(corner, size);
    },
  };
}

function heardText({ heard, picture: { C } }) {
  if (heard.size === C) return C === 3 ? "All three channels are heard." : `All ${C} channels are heard.`;
  return heard.size ? `${heard.size} of ${C} channels ${heard.size === 1 ? "is" : "are"} heard; what the others would add is left out.`
    : "No channel is heard: only the bias is left.";
}

/** The picture without the channels that are left out. */
function paintWhole(surface, { picture, heard }) {
  const { H, W, values, low, high } = picture, told = [...heard].join();
  if (surface.convlabPicture === picture && surface.convlabHeard === told) return;
  Object.assign(surface, { convlabPicture: picture, convlabHeard: told });
  const area = H * W;
  surface.paint(H, W, (pixels) => {
    paintPicture(pixels, values, [0, area, 2 * area], low, high);
    const kept = [0, 1, 2].reduce((mask, c) => mask | (heard.has(c) ? 255 << (8 * c) : 0), 255 << 24) >>> 0;
    for (let at = 0; at < pixels.length; at++) pixels[at] &= kept;
  });
}

function createChannel(state, c, act, signal) {
  const { picture: { C, H, W } } = state;
  const id = `input ${c}`, switches = createSwitches(state, id, act, signal);
  const surface = createSurface("fb-channel-map");
  for (const [attribute, value] of Object.entries({ tabindex: 0, role: "application",
    "aria-label": `${channelName(C, c)}; arrows move the place, S solo, M mute` })) surface.el.setAttribute(attribute, value);
  surface.el.dataset.id = id;
  const mix = number("mix", c, "cl-cell");
  for (const [attribute, value] of Object.entries({ role: "spinbutton", tabindex: 0,
    "aria-label": `factor of the kernel in ${channelName(C, c)}` })) mix.setAttribute(attribute, value);
  const out = h("span", { class: "fb-said" }, "left out");
  const el = h("div", { class: "fb-channel" }, h("div", { class: "fb-name" },
    h("span", { class: "fb-title" }, C === 1 ? "channel 0" : channelName(C, c).replace("input ", "")), switches.el),
  surface.el, h("p", { class: "fb-line fb-factor" }, "kernel × ", mix), out);
  const on = (type, handler) => surface.el.addEventListener(type, act.timed(handler), { signal });
  const place = (event) => act.over(under(event, surface));
  on("pointermove", (event) => event.pointerType !== "touch" && act.preview({ place: place(event) }));
  on("pointerleave", (event) => event.pointerType !== "touch" && act.preview(null));
  on("click", (event) => act.pin({ place: place(event) }));
  let painted = null;
  return {
    el, surface,
    draw() {
      switches.draw();
      const heard = state.heard.has(c);
      el.classList.toggle("fb-muted", !heard);
      out.hidden = heard;
      if (!mix.querySelector("input")) {
        write(mix, state.mix[c]);
        mix.setAttribute("aria-valuenow", state.mix[c]);
      }
      if (painted === state.picture) return;
      painted = state.picture;
      const { values, low, high } = painted, area = H * W;
      surface.paint(H, W, (pixels) => paintPicture(pixels, values, [c * area], low, high));
      surface.holds({ role: "input", index: String(c), shape: [H, W], values: values.subarray(c * area, (c + 1) * area) });
    },
  };
}
