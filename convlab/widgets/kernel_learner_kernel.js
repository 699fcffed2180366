// The numbers of the kernel: the weight, which a hand moves too, its gradient, where a click freezes a cell, the kernel
// that is to be learned; and the sum of one update.

import { h, setText } from "./dom.js";
import { number, write } from "./filter_bank_paint.js";
import { createGrid, largest, walkByKeys } from "./grid.js";
import { format, makeEditable } from "./numbers.js";

/**
 * A grid of kH x kW cells, and below it, as one more row, the bias where there is one. For grid.js and numbers.js it is a
 * grid itself: {el, rows, columns, cell(i, j), at(cell), focus(cell)}; and {index(cell), of(at), resize(problem), draw(values)}.
 */
function createNumbers({ role, biasRole, label, cellRole, name }) {
  const el = h("div", { class: "kn-numbers" }), row = h("div", { class: "kn-bias" }, h("span", { class: "kn-what" }, "bias"));
  let grid = null, bias = null;
  return {
    el,
    get rows() { return grid.rows + (bias ? 1 : 0); },
    get columns() { return grid.columns; },
    cell: (i, j) => (i < grid.rows ? grid.cell(i, j) : bias.cells[0]),
    at: (cell) => grid.at(cell) ?? (bias?.at(cell) ? [grid.rows, 0] : null),
    focus(cell) {
      for (const other of el.querySelectorAll('[tabindex="0"]')) if (other !== cell) other.tabIndex = -1;
      if (cell.tabIndex) cell.tabIndex = 0;
      if (cell !== document.activeElement) cell.focus({ preventScroll: true });
    },
    /** Which parameter a cell shows, or -1; and the cell of a parameter. */
    index: (cell) => (bias?.at(cell) ? grid.cells.length : grid.cells.indexOf(cell)),
    of: (at) => grid.cells[at] ?? bias.cells[0],
    /** New sizes; cells that can stay do. */
    resize({ g: { kH, kW }, hasBias }) {
      if (grid?.rows === kH && grid.columns === kW) return;
      grid = createGrid({ role, rows: kH, columns: kW, index: (u, v) => `0,0,${u},${v}`, label,
        name: name && ((u, v) => name(u * kW + v)), cellRole, from: grid });
      if (name && !el.querySelector('[tabindex="0"]')) grid.cells[0].tabIndex = 0;
      if (hasBias) {
        bias ??= createGrid({ role: biasRole, rows: 1, columns: 1, index: () => "0", label: `${label}, bias`, cellRole,
          name: () => name(kH * kW) });
        row.append(bias.el);
      }
      el.replaceChildren(grid.el, ...(bias ? [row] : []));
    },
    /** Writes the numbers; null leaves the cells empty. */
    draw(values) {
      const scale = values ? largest(values) : 1, taps = grid.cells.length;
      for (const made of bias ? [grid, bias] : [grid]) {
        if (made.scale !== scale) made.forget();
        made.scale = scale;
        made.cells.forEach((_, t) => made.set(Math.floor(t / made.columns), t % made.columns,
          values ? values[made === bias ? taps : t] : null));
        made.fit();
      }
    },
  };
}

/** What a parameter is called. */
export const nameOf = ({ g, taps }, at) => (at >= taps ? "bias[0]" : `weight[0, 0, ${Math.floor(at / g.kW)}, ${at % g.kW}]`);

/** {weight, gradient, target, draw(), mark(tap)}: three panels' insides. */
export function createKernels(state, act, signal) {
  const called = (at) => nameOf(state.problem, at);
  const weight = createNumbers({ role: "weight", biasRole: "bias", label: "weight", name: called });
  const gradient = createNumbers({ role: "grad-weight", biasRole: "grad-bias", label: "gradient", cellRole: "button",
    name: (at) => `gradient of ${called(at)}` });
  const target = createNumbers({ role: "target-weight", biasRole: "target-bias", label: "kernel to be learned" });
  for (const numbers of [weight, gradient]) {
    const on = (type, handler) => numbers.el.addEventListener(type, act.timed((event) => {
      const at = numbers.index(event.target.closest(".cl-cell"));
      if (at >= 0) handler(at, event);
    }), { signal });
    on("pointermove", (tap, event) => event.pointerType !== "touch" && act.preview({ tap }));
    on("focusin", (tap) => act.choose(tap));
    numbers.el.addEventListener("pointerleave", act.timed(() => act.preview(null)), { signal });
    walkByKeys(numbers, { signal, handler: act.timed });
    if (numbers === gradient) on("click", (tap) => state.toggleFrozen(tap));
  }
  makeEditable(weight, { get: (cell) => state.run.parameters[weight.index(cell)],
    set: (cell, value) => state.setParameter(weight.index(cell), value), step: 0.1, handler: act.timed, signal });
  return {
    weight, gradient, target,
    layout() {
      weight.resize(state.problem);
      gradient.resize(state.problem);
      if (state.problem.kernel) target.resize({ g: state.problem.g, hasBias: false });
    },
    draw() {
      const { problem: { count, kernel }, run: { parameters, stage }, frozen, shown } = state;
      weight.draw(parameters);
      gradient.draw(stage >= 4 ? shown.gradient : null);
      target.el.hidden = !kernel;
      if (kernel) target.draw(kernel);
      for (let at = 0; at < count; at++) {
        const on = frozen.has(at), cell = gradient.of(at);
        if (cell.getAttribute("aria-pressed") !== String(on)) cell.setAttribute("aria-pressed", String(on));
        for (const one of [cell, weight.of(at)]) if (one.classList.contains("kn-frozen") !== on) one.classList.toggle("kn-frozen");
      }
    },
    mark(tap) {
      for (const numbers of [weight, gradient]) {
        for (let at = 0; at < state.problem.count; at++) {
          const { classList } = numbers.of(at);
          if (classList.contains("cl-here") !== (at === tap)) classList.toggle("cl-here");
        }
      }
    },
  };
}

/** The update of one cell as a sum: {el, draw(tap)}. */
export function createUpdate(state) {
  const name = h("b"), words = h("span");
  const [before, rate, slope, after] = ["before", "lr", "slope", "after"].map((role) => number(role, ""));
  const sum = h("span", { class: "kn-sum" }, before, " − ", rate, " · (", slope, ") = ", after);
  return {
    el: h("p", { class: "kn-update" }, name, sum, words),
    draw(at) {
      const { run, shown, lr, frozen, problem } = state, held = frozen.has(at);
      const known = run.stage >= 4 && !held, from = (run.before ?? run.parameters)[at];
      setText(name, `${nameOf(problem, at)}: `);
      if (sum.hidden === known) sum.hidden = !known;
      setText(words, known ? "" : held ? `frozen, it stays ${format(from)}` : "after the gradient");
      const index = at >= problem.taps ? "0" : `0,0,${Math.floor(at / problem.g.kW)},${at % problem.g.kW}`;
      const values = [from, lr, shown.gradient[at], run.before ? run.parameters[at] : from - lr * shown.gradient[at]];
      [before, rate, slope, after].forEach((node, k) => {
        node.dataset.index = index;
        write(node, values[k]);
      });
    },
  };
}
