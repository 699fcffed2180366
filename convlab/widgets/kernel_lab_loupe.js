// The loupe: at the place under the hand, the numbers under the window, the kernel applied, the products, the sum.

import * as conv from "./conv.js";
import { h } from "./dom.js";
import { createGrid, write } from "./grid.js";
import { say, shade } from "./kernel_lab_controls.js";
import { clean } from "./kernel_lab_output.js";
import { makeEditable, stepFor } from "./numbers.js";

/** Returns {el, layout(), draw()}; draw returns the parts of the sum. */
export function createLoupe(view) {
  const heading = h("p", { class: "cl-title kl-heading" });
  const rows = h("div", { class: "kl-rows", tabindex: 0, role: "group", "aria-label": "the sum, channel by channel" });
  const total = createTotal(view);
  const el = h("section", { class: "kl-loupe kl-picture", "aria-label": "loupe" }, heading,
    h("div", { class: "kl-sums" }, rows, total.el));
  let shown = [];
  return {
    el,
    layout() {
      const { g } = view.lab.state;
      shown = Array.from({ length: g.Cg }, (_, c) => createRow(view, c));
      rows.replaceChildren(...shown.map((row) => row.el));
      total.layout();
      return this.draw();
    },
    draw() {
      const { g, input, weight, bias, output } = view.lab.state;
      const [i, j] = view.place(), o = view.lab.filter(), n = view.sample();
      const parts = conv.parts(g, input, weight, bias, [n, o, i, j]);
      parts.value = output[((n * g.O + o) * g.H_out + i) * g.W_out + j];
      parts.channels.forEach((part, c) => shown[c].draw(part, c));
      say(heading, `Under the window at place (${i}, ${j})`);
      total.draw(parts, [o, i, j]);
      return parts;
    },
  };
}

function createRow({ lab, model }, c) {
  const { g } = lab.state;
  const size = { rows: g.kH, columns: g.kW };
  const o = lab.filter(), channel = Math.floor(o / g.Og) * g.Cg + c;
  const which = g.C > 1 ? ` · channel ${channel}` : "";
  const turned = model.get("operation") === "convolution";
  const window_ = createGrid({ role: "input", ...size, label: `window on the input${which}`, index: () => "" });
  const kernel = createGrid({
    role: "weight", ...size, label: `kernel applied${which}`, index: (u, v) => `${o},${c},${u},${v}`,
  });
  const products = createGrid({
    role: "product", ...size, label: `products${which}`, index: (u, v) => `${c},${u},${v}`,
  });
  const sum = h("span", { class: "cl-cell kl-result cl-sum", data: { role: "sum", index: String(c) } });
  const part = (title, grid) => h("div", { class: "kl-part" }, h("p", { class: "cl-title" }, title), grid);
  return {
    el: h("div", { class: "kl-row" }, part(`window${which}`, window_.el), sign("×"),
      part(turned ? "kernel, rotated" : "kernel", kernel.el), sign("="), part("products", products.el),
      h("span", { class: "kl-total" }, sign("sum"), sum)),
    draw({ channel, window: values, inside, products: made, sum: all }) {
      const weights = lab.state.weight;
      const from = (o * g.Cg + c) * g.kH * g.kW;
      values.forEach((value, t) => {
        const u = Math.floor(t / g.kW), v = t % g.kW;
        drawWindow(window_.cell(u, v), inside[t], channel);
        window_.set(u, v, value);
        kernel.set(u, v, weights[from + t]);
        products.set(u, v, clean(made[t]));
      });
      tint(window_, values);
      tint(kernel, weights.subarray(from, from + values.length));
      tint(products, made);
      write(sum, clean(all), 3 * Math.abs(all) || 1);
    },
  };
}

const sign = (text) => h("span", { class: "kl-sign", "aria-hidden": true }, text);

/** A number of the input keeps its index; one of the padding has none. */
function drawWindow(cell, place, channel) {
  const role = place ? "input" : "padding";
  const index = place ? `${channel},${place.join(",")}` : "";
  if (cell.dataset.role === role && cell.dataset.index === index) return;
  Object.assign(cell.dataset, { role, index });
  cell.classList.toggle("cl-pad", !place);
}

function tint(grid, values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  grid.cells.forEach((cell, t) => shade(cell, most ? Math.abs(values[t]) / most : 0));
}

/** sum + sum + bias = output, the bias a number to drag. */
function createTotal(view) {
  const { lab } = view;
  const el = h("div", { class: "kl-equation" });
  let bias = null, output = null, sums = [];
  return {
    el,
    layout() {
      const { g, bias: biases } = lab.state;
      const o = lab.filter();
      sums = g.Cg > 1 && g.Cg <= 8 ? Array.from({ length: g.Cg }, (_, c) =>
        h("span", { class: "cl-cell kl-result cl-sum", data: { role: "sum", index: String(c) } })) : [];
      output = h("span", { class: "cl-cell kl-result cl-output", data: { role: "output" } });
      bias = biases ? biasGrid(view, o) : null;
      const added = sums.flatMap((cell, c) => (c ? [sign("+"), cell] : [cell]));
      el.replaceChildren(
        ...(sums.length ? [h("span", { class: "cl-title" }, "channel sums"), ...added] : []),
        ...(bias ? [sign("+"), h("span", { class: "cl-title" }, "bias"), bias.el] : []),
        ...(sums.length || bias || g.Cg > 1 ? [sign("=")] : [sign("→")]),
        h("span", { class: "cl-title" }, "output"), output);
    },
    draw({ channels, value }, place) {
      sums.forEach((cell, c) => write(cell, clean(channels[c].sum), 3 * Math.abs(channels[c].sum) || 1));
      output.dataset.index = place.join(",");
      write(output, clean(value), 3 * Math.abs(value) || 1);
      if (bias) bias.set(0, 0, lab.state.bias[lab.filter()]);
    },
  };
}

function biasGrid({ lab, handler, signal }, o) {
  const grid = createGrid({
    role: "bias", rows: 1, columns: 1, label: "bias", index: () => String(o), name: () => `bias[${o}]`,
  });
  grid.el.classList.add("cl-weight");
  makeEditable(grid, {
    get: () => lab.state.bias[o], set: (cell, value) => lab.setBias(o, value), done: () => lab.finish(),
    step: () => stepFor(lab.state.bias), handler, signal,
  });
  return grid;
}
