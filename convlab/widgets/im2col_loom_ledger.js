// The arithmetic under the picture: the products of a row of weights with a column, or the copies that fold adds up; and
// what the matrix costs.

import { become, h, setText } from "./dom.js";
import { macs } from "./conv.js";
import { equals, operand } from "./conv_stepper_words.js";
import * as math from "./im2col_loom_math.js";
import { format } from "./numbers.js";

/** Terms written out at once. */
const PAGE = 12;

/** A number that tests can read: its text, and in full as data-value; null for one that is not known yet. */
function tell(node, role, index, value) {
  if (value === null) {
    for (const name of ["role", "index", "value"]) delete node.dataset[name];
    return setText(node, "?");
  }
  Object.assign(node.dataset, { role, index, value: String(value) });
  return setText(node, role === "weight" || role === "bias" ? operand(value) : format(value));
}

/** What follows from a spot: {name, terms: [{row, column, index, entry, weight, value}], total, bias, result}. */
export function accountOf(loom, spot) {
  const { g, weight, bias } = loom.layer, { L } = math.sizes(g), { batch } = loom, { filter: o, column } = spot;
  if (loom.view === "fold") {
    const all = math.copies(g, spot.cell, true), came = all.filter(([, at]) => at < loom.filled);
    const terms = came.map(([row, at]) => ({ row, column: at, entry: loom.matrix[row * L + at] }));
    const [c, r, q] = spot.cell, index = [c, r - g.top, q - g.left], source = math.sourceOf(g, spot.cell);
    const total = terms.reduce((sum, { entry }) => sum + entry, 0), cell = source < 0 ? 0 : loom.input[source];
    return { name: `fold(columns)[${[...batch, ...index].join(", ")}]`, terms, of: "fold", index, total, cell };
  }
  if (column === null) return null;
  const [i, j] = math.placeOf(g, column), known = column < loom.filled;
  const terms = math.terms(g, weight, loom.matrix, o, column).map((term) => ({ ...term, column }));
  return {
    name: loom.view === "sliding" ? `weight[${o}] · window at (${i}, ${j})`
      : `weight.view(${g.O}, -1)[${o}] · columns[${[...batch, ":", column].join(", ")}]`,
    batch, terms, of: "product", index: [o, column], known,
    total: loom.product[o * L + column], bias: bias?.[o], result: { index: [o, i, j], value: loom.output[o * L + column] },
  };
}

export function createLedger(act, signal) {
  const name = h("code", { class: "il-name" }), chips = h("div", { class: "il-chips" }), sum = h("p", { class: "il-sum" });
  const el = h("div", { class: "il-ledger", role: "group", "aria-label": "the numbers added up" }, name, chips, sum);
  const before = h("span", { class: "il-more" }), after = h("span", { class: "il-more" }), pool = [];
  const line = createSum(sum);
  let shown = [];
  chips.addEventListener("pointerover", act.timed((event) => {
    const at = pool.findIndex((chip) => chip.el.contains(event.target));
    act.preview(at < 0 ? null : { row: shown[at].row, column: shown[at].column });
  }), { signal });
  chips.addEventListener("pointerleave", act.timed(() => act.preview(null)), { signal });
  return {
    el,
    draw(g, account, spot) {
      el.hidden = !account;
      if (!account) return [chips, sum].forEach((part) => become(part, []));
      const { terms } = account, lit = terms.findIndex(({ row, column }) => row === spot.row && column === spot.column);
      const from = Math.floor(Math.max(0, lit) / PAGE) * PAGE;
      shown = terms.slice(from, from + PAGE);
      while (pool.length < shown.length) pool.push(createChip());
      setText(name, `${account.name} =`);
      setText(before, `… ${from} before`);
      setText(after, `… ${terms.length - from - shown.length} more`);
      become(chips, [from ? before : null, ...shown.map((term, at) => pool[at].draw(g, account, term, from + at === lit)),
        from + shown.length < terms.length ? after : null].filter(Boolean));
      line.draw(account);
    },
  };
}

function createChip() {
  const weight = h("b", { class: "cl-weight" }), times = h("span", {}, "×"), entry = h("b", { class: "cl-input" }), value = h("span", { class: "il-value" });
  const over = h("span", { class: "il-over" }, entry, times, weight), el = h("span", { class: "il-chip" }, over, value);
  return {
    el,
    draw(g, { of, index, known }, term, lit) {
      const product = of === "product";
      become(over, product ? [entry, times, weight] : [entry]);
      tell(entry, "column", `${term.row},${term.column}`, known === false ? null : term.entry);
      become(el, product ? [over, value] : [over]);
      if (product) {
        const [c, u, v] = math.tapOf(g, term.row);
        tell(weight, "weight", [index[0], c % g.Cg, u, v].join(), term.weight);
        tell(value, "term", [...index, term.row].join(), known ? term.value : null);
      }
      el.classList.toggle("il-lit", lit);
      el.title = product ? `row ${term.row}` : `row ${term.row}, column ${term.column}`;
      return el;
    },
  };
}

function createSum(el) {
  const total = h("b", {}), bias = h("b", {}), result = h("b", {}), code = h("code", {}), sign = h("span", {});
  const count = h("b", {}), cell = h("b", {}), times = h("span", {}, " × "), plus = h("span", {}, " + "), arrow = h("span", {}, "  →  ");
  return {
    draw(account) {
      const { of, index, known, result: out } = account, withBias = account.bias !== undefined;
      if (of === "fold") {
        tell(count, "count", index.slice(1).join(), account.terms.length);
        tell(cell, "cell", index.join(), account.cell);
        tell(total, "fold", index.join(), account.total);
        setText(sign, ` ${equals(account.cell, account.total)} `);
        return become(el, [count, times, cell, sign, total]);
      }
      tell(total, "product", index.join(), known ? account.total : null);
      tell(result, "output", out.index.join(), known ? out.value : null);
      if (withBias) tell(bias, "bias", `${index[0]}`, account.bias);
      setText(sign, ` ${equals(account.total, account.bias ?? 0, out.value)} `);
      setText(code, `output[${[...account.batch, ...out.index].join(", ")}]`);
      return become(el, [total, ...(withBias ? [plus, bias, sign, result] : []), arrow, code]);
    },
  };
}

/** Memory and multiply-adds, of sliding and of the matrix. */
export function createCosts() {
  const el = h("dl", { class: "il-costs" }), nodes = {};
  const number = (name) => (nodes[name] = h("b", {}));
  const row = (term, ...said) => el.append(h("dt", {}, term), h("dd", {}, ...said));
  row("memory", "input ", number("input-size"), " numbers (", number("input-bytes"), " bytes), columns ", number("columns-size"), " (",
    number("columns-bytes"), " bytes): ", number("factor"), " times as much");
  row("multiply-adds", "sliding ", number("sliding-macs"), ", matrix product ", number("matrix-macs"), ": the same");
  row("order", number("rows"), " rows: channel by channel, in each tap by tap (c, u, v); ", number("places"), " columns = H_out × W_out = ",
    number("H_out"), " × ", number("W_out"));
  return {
    el,
    draw(g, itemsize) {
      const cost = math.costs(g, itemsize), { K, L, share } = math.sizes(g);
      const all = {
        "input-size": cost.input, "input-bytes": cost.inputBytes, "columns-size": cost.matrix, "columns-bytes": cost.matrixBytes,
        factor: cost.factor, "sliding-macs": macs(g), "matrix-macs": g.N * g.O * share * L, rows: K, places: L, H_out: g.H_out, W_out: g.W_out,
      };
      for (const [name, value] of Object.entries(all)) {
        tell(nodes[name], name, "", value);
        if (Number.isInteger(value)) setText(nodes[name], value.toLocaleString("en"));
      }
    },
  };
}
