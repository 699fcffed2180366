// The sum at the place: what each input channel adds, one after the other, until the number of the feature map is there.

import { h, setText } from "./dom.js";
import { createPatch, greyOf, number, signedOf, style, write } from "./filter_bank_paint.js";
import { windowAt } from "./filter_bank_math.js";
import { channelName, widest } from "./filter_bank_words.js";

const DETAILED = 4; // up to so many channels with their windows and slices
const CELL_PX = 34;

/** {el, draw(o, place)}. */
export function createSum(state) {
  const title = h("p", { class: "cl-title fb-heading" });
  const rows = h("div", { class: "fb-rows" });
  const start = number("bias", ""), result = number("result", "", "fb-result");
  const bias = h("div", { class: "fb-add" }, h("span", { class: "fb-what" }, "bias"), h("span"), start, createBar());
  const total = h("div", { class: "fb-add fb-total" }, h("span", { class: "fb-what" }), h("span"), result, createBar());
  const el = h("section", { class: "fb-sum", "aria-label": "the sum over the input channels" }, title, rows, bias, total);
  let made = "", lines = [];
  return {
    el,
    draw(o, place) {
      const { g, legal: { weight } } = state, taps = g.kH * g.kW;
      const parts = state.parts(o, place);
      const slices = weight.subarray(o * g.Cg * taps, (o + 1) * g.Cg * taps);
      const look = lookOf(state, slices, parts, place);
      const key = JSON.stringify([g.Cg, g.kH, g.kW, g.C, look]);
      if (key !== made) {
        lines = parts.channels.map(() => createLine(g, look));
        rows.replaceChildren(...lines.map((line) => line.el));
        rows.classList.toggle("fb-short", !look.detailed);
        if (lines.length > 8) Object.assign(rows, { tabIndex: 0 });
        else rows.removeAttribute("tabindex");
        made = key;
      }
      setText(title, `output[0, ${o}, ${place.join(", ")}]: ${g.Cg === 1 ? "one input channel" : `${g.Cg} input channels, added`}${
        parts.bias || state.legal.bias ? ", then the bias" : ""}`);
      const scale = drawBars(parts, lines, bias.lastChild, total.lastChild);
      lines.forEach((line, s) => line.draw(state, { o, s, place, part: parts.channels[s], slices, scale }));
      bias.hidden = !state.legal.bias;
      start.dataset.index = String(o);
      write(start, parts.bias);
      result.dataset.index = [o, ...place].join(",");
      write(result, parts.value);
      setText(total.firstChild, g.Cg > 1 || state.legal.bias ? "together" : "output");
      return parts;
    },
  };
}

/** Windows and slices as numbers where they fit. */
function lookOf({ g, frame, picture }, slices, { channels }, place) {
  const detailed = g.Cg <= DETAILED;
  if (!detailed) return { detailed };
  const few = g.kH * g.kW <= 25;
  const values = few ? channels.flatMap(({ channel }) => [...windowAt(g, frame, channel, place)]) : [];
  const chars = few ? Math.max(widest(slices), widest([picture.low, picture.high]), widest(values)) : 9;
  const numbers = few && Math.max(20, chars * 6.6 + 5) <= 54;
  // The width is that of the longest number there can be: a patch that breathes under the hand cannot be read.
  const wide = values.every(Number.isInteger) && slices.every(Number.isInteger) ? 26 : 54;
  return { detailed, numbers, cell_px: numbers ? wide : Math.min(96 / g.kW, 96 / g.kH, CELL_PX) };
}

const createBar = () => h("span", { class: "fb-bar", "aria-hidden": "true" }, h("i", { class: "fb-zero" }), h("i", { class: "fb-piece" }));

function createLine(g, look) {
  const name = h("span", { class: "fb-what" }), sum = number("sum", "");
  const size = { kH: g.kH, kW: g.kW, ...look };
  const window = look.detailed ? createPatch({ ...size, label: "window" }) : null;
  const slice = look.detailed ? createPatch({ ...size, label: "slice of the filter" }) : null;
  const work = look.detailed ? h("span", { class: "fb-work" }, window.el, h("span", { class: "fb-sign" }, "·"), slice.el,
    h("span", { class: "fb-sign" }, "=")) : h("span");
  const bar = createBar();
  const el = h("div", { class: "fb-add" }, name, work, sum, bar);
  return {
    el, bar,
    draw(state, { o, s, place, part, slices }) {
      const { g: now, frame, picture } = state, taps = now.kH * now.kW;
      setText(name, `${channelName(picture.C, part.channel)}${part.heard ? "" : ": left out"}`);
      el.classList.toggle("fb-muted", !part.heard);
      sum.dataset.role = part.heard ? "sum" : "left-out";
      sum.dataset.index = String(part.channel);
      write(sum, part.sum);
      if (!window) return;
      const corner = [place[0] * now.sH - now.top, place[1] * now.sW - now.left];
      window.draw(windowAt(now, frame, part.channel, place), 0, greyOf(picture), (u, v) => {
        const [row, column] = [corner[0] + u * now.dH, corner[1] + v * now.dW];
        const inside = row >= 0 && row < now.H && column >= 0 && column < now.W;
        return { role: inside ? "input" : "padding", index: `${part.channel},${row},${column}` };
      });
      slice.draw(slices, s * taps, signedOf(state.weightRange), (u, v) => ({ role: "weight", index: `${o},${s},${u},${v}` }));
    },
  };
}

/** Each bar begins where the one before it ended; the last goes from 0 to the sum. */
function drawBars({ channels, bias, value }, lines, biasBar, totalBar) {
  const pieces = [];
  let at = 0;
  for (const { sum, heard } of channels) {
    pieces.push([at, heard ? at + sum : at]);
    if (heard) at += sum;
  }
  pieces.push([at, at + bias], [0, value]);
  const ends = pieces.flat(), low = Math.min(0, ...ends), high = Math.max(0, ...ends), span = high - low || 1;
  const bars = [...lines.map((line) => line.bar), biasBar, totalBar];
  bars.forEach((bar, n) => {
    const [from, to] = pieces[n], [zero, piece] = bar.children;
    style(zero, "left", `${((100 * -low) / span).toFixed(2)}%`);
    style(piece, "left", `${((100 * (Math.min(from, to) - low)) / span).toFixed(2)}%`);
    style(piece, "width", `${((100 * Math.abs(to - from)) / span).toFixed(2)}%`);
    piece.className = to < from ? "fb-piece fb-down" : "fb-piece";
  });
  return span;
}
