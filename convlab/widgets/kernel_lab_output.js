// The output of the lab: one feature map, signed, with its range, its legend, and what the range clips.

import { createRadios, createSelect, say, shade } from "./kernel_lab_controls.js";
import { niceRange, possible } from "./kernel_lab_math.js";
import { GRADIENT, measure, paintSigned, STRIPES } from "./kernel_lab_scale.js";
import { createStage, isSmall, walked, widths } from "./kernel_lab_surface.js";
import { h } from "./dom.js";
import { createGrid } from "./grid.js";
import { format } from "./numbers.js";

const RANGES = [
  { value: "unit", text: "−1 to 1", title: "the same for every kernel; what lies beyond is clipped" },
  { value: "picture", text: "this picture", title: "as far as this output reaches" },
  { value: "global", text: "all possible", title: "as far as any input could drive this kernel" },
];

/** Returns {el, layout(), draw(), frame(), sync(), last}: last is {least, most, below, above, range}. */
export function createOutput(view, input) {
  const { lab, model } = view;
  const caption = h("span", {}, "output");
  const body = h("div", { class: "kl-body kl-picture" });
  const legend = createLegend();
  const [range, filter] = createControls(view);
  const el = h("figure", { class: "kl-figure cl-output" },
    h("figcaption", { class: "cl-title kl-heading" }, h("span", { class: "cl-letter" }, "O"), caption),
    h("div", { class: "cl-row kl-controls" }, range.el, filter.el), body, legend.el);
  const figure = { el, last: { least: 0, most: 0, below: 0, above: 0, range: 1 } };
  let surface = null, automatic = 0;

  figure.layout = () => {
    const { g } = lab.state;
    surface = isSmall(g.H_out, g.W_out) ? gridOf(view) : canvasOf(view);
    body.replaceChildren(surface.el);
    automatic = 0;
    figure.draw();
  };

  figure.draw = () => {
    const { g, output } = lab.state;
    const from = (view.sample() * g.O + lab.filter()) * g.H_out * g.W_out;
    let range = chosenRange(view, input) ?? (automatic || 1);
    let found = surface.draw(output, from, range);
    if (model.get("colour_range") === "picture") {
      const wanted = niceRange(Math.max(found.most, -found.least));
      // While the hand moves a number the range only grows: a scale that breathes cannot be read.
      if (wanted > range || (wanted < range && !lab.isEditing())) found = surface.draw(output, from, (range = wanted));
      automatic = range;
    }
    figure.last = { ...found, range };
    legend.draw(figure.last, surface.isGrid, g.H_out * g.W_out, lab.filter());
    say(caption, captionText(g, lab.filter(), surface.isGrid));
  };

  figure.frame = () => surface.frame(view.place());
  figure.sync = () => {
    range.sync();
    filter.sync();
  };
  return figure;
}

function createControls(view) {
  const { lab, model, signal } = view;
  const filter = createSelect({
    label: "Filter", signal, get: () => lab.filter(), set: (value) => view.save({ filter: Number(value) }),
    options: () => Array.from({ length: lab.shape()[0] }, (_, o) => ({ value: o, text: o })),
  });
  const range = createRadios({
    label: "Range", className: "kl-joined", options: RANGES, signal,
    get: () => model.get("colour_range"), set: (value) => view.save({ colour_range: value }),
  });
  return [range, filter];
}

/** The range that the learner has chosen; null when this picture decides. */
function chosenRange({ lab, model }, input) {
  if (model.get("colour_range") === "unit") return 1;
  if (model.get("colour_range") === "picture") return null;
  const { g, weight, bias } = lab.state;
  const taps = g.Cg * g.kH * g.kW, o = lab.filter();
  const [least, most] = possible(weight.subarray(o * taps, (o + 1) * taps), bias ? bias[o] : 0, ...input.range());
  return Math.max(-least, most) || 1;
}

function captionText(g, o, isGrid) {
  const { times } = widths(g);
  return `output ${g.H_out} × ${g.W_out}` + (g.O > 1 ? ` · feature map ${o} of ${g.O}` : "") +
    (!isGrid && times > 1 ? ` · drawn ${times} × larger` : "");
}

function canvasOf(view) {
  const { lab, signal } = view;
  const { g } = lab.state;
  const stage = createStage({
    H: g.H_out, W: g.W_out, width: widths(g).output, handler: view.handler, signal,
    label: "output picture; arrows move the place, Shift by ten",
    moved: (i, j, pin) => view.point([i, j], pin), left: () => view.point(null), walk: (key, step) => view.walk(key, step),
  });
  stage.el.classList.add("kl-output");
  return {
    el: stage.el, isGrid: false,
    draw(output, from, range) {
      const found = paintSigned(stage.pixels, output, from, g.W_out, range);
      stage.commit();
      stage.canvas.convlabValues = {
        role: "output", filter: lab.filter(), shape: [g.H_out, g.W_out], range,
        values: output.subarray(from, from + g.H_out * g.W_out),
      };
      return found;
    },
    frame: ([i, j]) => stage.frame(i, j, 1, 1),
  };
}

function gridOf(view) {
  const { lab } = view;
  const { g } = lab.state;
  const o = lab.filter();
  const grid = createGrid({
    role: "output", rows: g.H_out, columns: g.W_out, label: `feature map ${o}`, cellRole: "button",
    index: (i, j) => `${o},${i},${j}`, name: (i, j) => `output[${o}, ${i}, ${j}]`,
  });
  pointAtCells(view, grid);
  return {
    el: h("div", { class: "cl-scroll" }, grid.el), isGrid: true,
    draw(output, from, range) {
      const clipped = [];
      for (let i = 0, place = from; i < g.H_out; i++) {
        for (let j = 0; j < g.W_out; j++, place++) {
          const value = clean(output[place]);
          grid.set(i, j, value);
          const cell = grid.cell(i, j);
          shade(cell, Math.min(1, Math.abs(value) / range));
          if (cell.dataset.value !== cell.convlabSaid) {
            cell.convlabSaid = cell.dataset.value;
            cell.setAttribute("aria-label", `output[${o}, ${i}, ${j}] = ${cell.textContent}`);
          }
          if (Math.abs(value) > range) clipped.push([i, j]);
        }
      }
      grid.fit();
      grid.mark("clipped", clipped);
      return measure(output, from, g.H_out * g.W_out, range);
    },
    frame: (place) => grid.mark("here", [place]),
  };
}

/** Mouse, finger and arrows move the place on the grid. */
function pointAtCells(view, grid) {
  const { handler, signal } = view;
  const listen = (type, listener) => grid.el.addEventListener(type, handler(listener), { signal });
  const at = (event) => grid.at(event.target.closest(".cl-cell"));
  listen("pointermove", (event) => event.pointerType !== "touch" && at(event) && view.point(at(event), false));
  listen("pointerleave", (event) => event.pointerType !== "touch" && view.point(null));
  listen("click", (event) => at(event) && view.point(at(event), true));
  listen("keydown", (event) => {
    const here = at(event);
    const to = here && (event.key === "Enter" || event.key === " " ? here : walked(event.key, here, grid.rows, grid.columns, 1));
    if (!to) return;
    event.preventDefault();
    grid.focus(grid.cell(...to));
    view.point(to, true);
  });
}

/** Sums of fractions end in a binary tail: what should be 0 is drawn as 0. */
export const clean = (value) => (Math.abs(value) < 1e-9 ? 0 : value);

/** A number of the legend: its text and data-value. */
function number(role, tag = "b", className = "") {
  const el = h(tag, { class: className, data: { role } });
  return {
    el,
    draw(value, filter) {
      if (el.dataset.value === String(value) && el.dataset.index === String(filter)) return;
      Object.assign(el.dataset, { index: String(filter), value: String(value) });
      el.textContent = format(value);
    },
  };
}

function createLegend() {
  const ends = [-1, 0, 1].map(() => number("range", "span", "kl-end"));
  const least = number("minimum"), most = number("maximum");
  const bar = h("div", { class: "kl-bar" });
  const reach = h("div", { class: "kl-reach" });
  const clipped = createClipped();
  const el = h("div", { class: "kl-legend kl-picture" },
    h("div", { class: "kl-scale" }, reach, bar, ends.map((end) => end.el)),
    h("p", { class: "cl-note kl-words" }, "Output from ", least.el, " to ", most.el, "."), clipped.el);
  return {
    el,
    draw(found, isGrid, count, filter) {
      const { range } = found;
      const at = (t) => Math.max(0, Math.min(100, 50 + (50 * t) / range));
      reach.style.left = `${at(found.least).toFixed(1)}%`;
      reach.style.width = `${(at(found.most) - at(found.least)).toFixed(1)}%`;
      if (bar.dataset.grid !== String(isGrid)) {
        bar.dataset.grid = String(isGrid);
        bar.style.background = isGrid ? "" : GRADIENT;
        bar.replaceChildren(...(isGrid ? swatches() : []));
      }
      ends.forEach((end, place) => end.draw((place - 1) * range, filter));
      least.draw(clean(found.least), filter);
      most.draw(clean(found.most), filter);
      clipped.draw(found, isGrid, count, filter);
    },
  };
}

const swatches = () => [-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1].map((t) => {
  const cell = h("span", { class: `cl-cell${t < 0 ? " cl-negative" : ""}` });
  cell.style.setProperty("--tint", Math.abs(t));
  return cell;
});

function createClipped() {
  const chips = ["below", "above"].map((which) => h("span", { class: "kl-chip", "aria-hidden": true, data: { which } }));
  const below = number("clipped-below"), above = number("clipped-above");
  const whole = h("span");
  return {
    el: h("p", { class: "cl-note kl-clipped" }, "Clipped: ", chips[0], below.el, " below, ", chips[1], above.el, " above, ", whole),
    draw(found, isGrid, count, filter) {
      for (const chip of chips) {
        chip.classList.toggle("kl-corner", isGrid);
        chip.style.background = isGrid ? "" : STRIPES[chip.dataset.which];
      }
      below.draw(found.below, filter);
      above.draw(found.above, filter);
      say(whole, `of ${count} ${isGrid ? "cells" : "pixels"}.`);
    },
  };
}
