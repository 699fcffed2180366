// The arithmetic under the picture: every product with the sum so far, the sum of each part, the total; and the nudge.

import { become, h, put, setText } from "./dom.js";
import { lossOf, nudged, gradientAt } from "./gradient_router_math.js";
import { equal, formula, nameOf, sameSlope } from "./gradient_router_words.js";
import { operand } from "./conv_stepper_words.js";
import { format } from "./numbers.js";

/** Products written out of one part; of longer sums, those around the last one added. */
const PAGE = 12, MOST_PARTS = 8;
const ROLES = {
  forward: ["input", "weight"], input: ["gradient", "weight"], weight: ["input", "gradient"], bias: ["gradient"],
};

/** A number that tests can read: its text, and in full as data-value; null for one that is not known yet. */
function tell(node, role, index, value) {
  if (value === null) {
    for (const name of ["role", "index", "value"]) delete node.dataset[name];
    return setText(node, "?");
  }
  put(node.dataset, { role, index, value: String(value) });
  return setText(node, format(value));
}

export function createLedger(act, signal) {
  const title = h("p", { class: "gr-formula" }), lines = h("div", { class: "gr-terms" }), sum = h("p", { class: "gr-sum" });
  const el = h("div", { class: "gr-ledger", role: "group", "aria-label": "the products, added up" }, title, lines, sum);
  const pool = [], sums = [];
  let shownAs = "";
  const over = act.timed((event) => act.light(termUnder(event)));
  lines.addEventListener("pointerover", over, { signal });
  lines.addEventListener("pointerleave", act.timed(() => act.light(null)), { signal });
  return {
    el,
    /** `account`: all products; the first `shown` are added; `parts`: those whose products are written. */
    draw({ view, account, shown, parts, lit, index, by }) {
      setText(title, formula(view));
      while (pool.length < parts.length) pool.push(createLine());
      become(lines, parts.map((part, at) => pool[at].draw({ view, account, shown, part, lit, by })));
      const key = [view, ...account.sums.keys()].join();
      if (key !== shownAs) buildSum(sum, sums, view, [...account.sums.keys()], by);
      shownAs = key;
      drawSum(sum, sums, { view, account, shown, index });
    },
    light(at) {
      for (const { chips } of pool) for (const chip of chips) chip.el.classList.toggle("gr-lit", chip.at === at && at !== null);
    },
  };
}

const termUnder = (event) => {
  const chip = event.target.closest(".gr-chip");
  return chip ? Number(chip.dataset.at) : null;
};

/** One part: the filter's or the sample's products. */
function createLine() {
  const name = h("span", { class: "gr-name" }), before = h("span", { class: "gr-more" }), after = h("span", { class: "gr-more" });
  const chips = [], all = h("span", { class: "gr-chips" }), el = h("p", { class: "gr-line" });
  return {
    chips,
    draw({ view, account, shown, part, lit, by }) {
      const at = account.terms.flatMap((term, place) => (term.part === part ? [place] : []));
      const added = at.filter((place) => place < shown).length;
      const from = at.length <= PAGE || shown >= account.terms.length ? 0 : Math.max(0, Math.min(added - PAGE + 2, at.length - PAGE));
      const some = at.slice(from, from + PAGE);
      while (chips.length < some.length) chips.push(createChip());
      some.forEach((place, number) => chips[number].draw(account.terms[place], place, view, place < shown, place === lit));
      chips.slice(some.length).forEach((chip) => { chip.at = null; });
      setText(name, by ? `${by} ${part}` : "");
      setText(before, `${from} before …`);
      setText(after, `… ${at.length - from - some.length} more`);
      become(all, [from > 0 && before, ...chips.slice(0, some.length).map((chip) => chip.el),
        from + some.length < at.length && after].filter(Boolean));
      become(el, [by && name, all].filter(Boolean));
      return el;
    },
  };
}

function createChip() {
  const a = h("b"), times = h("span", {}, "×"), b = h("b"), is = h("span"), value = h("span", { class: "gr-value" });
  const to = h("span"), running = h("span");
  const under = h("span", { class: "gr-second" }, to, running);
  const el = h("span", { class: "gr-chip" }, h("span", { class: "gr-over" }, a, times, b, is, value), under);
  return {
    el, at: null,
    draw(term, at, view, added, lit) {
      this.at = at;
      put(el.dataset, { at: String(at) });
      const [first, second] = ROLES[view];
      put(a, { className: `cl-${first}` });
      put(b, { className: `cl-${second ?? ""}` });
      el.classList.toggle("gr-lit", lit);
      el.classList.toggle("gr-later", !added);
      el.classList.toggle("gr-zero", Boolean(term.zero));
      setText(a, format(term.a));
      for (const node of [times, b, is]) node.hidden = view === "bias";
      a.hidden = view === "bias";
      setText(b, operand(term.b));
      setText(is, equal(term.a, term.b, term.value));
      const index = [term.o, term.c, ...(term.zero ? [] : [term.i, term.j]), term.u, term.v].join();
      tell(value, term.zero ? "zero-product" : "product", index, added ? term.value : null);
      const forward = view === "forward";
      running.hidden = forward;
      setText(to, forward ? `→ (${term.i}, ${term.j})` : "Σ ");
      tell(running, "running", index, added && !forward ? term.running : null);
    },
  };
}

function buildSum(el, sums, view, parts, by) {
  const some = parts.length > MOST_PARTS ? parts.slice(0, MOST_PARTS - 1) : parts;
  sums.length = 0;
  const nodes = some.map((part, at) => {
    const value = h("span", { class: "gr-value" });
    sums.push({ part, value });
    return [at ? " + " : "", h("span", { class: "gr-what" }, by ? `${by} ${part} ` : ""), value];
  });
  const rest = some.length < parts.length ? ` + … (${parts.length} ${by}s)` : "";
  const name = h("code"), total = h("span", { class: "gr-total" }), many = parts.length > 1;
  sums.name = name;
  sums.total = total;
  el.replaceChildren(...(view === "forward" ? [name, total]
    : [name, " = ", ...(many ? [...nodes.flat(), rest, " = "] : []), total, h("span", { class: "gr-so-far" }, " so far")]));
}

function drawSum(el, sums, { view, account, shown, index }) {
  el.classList.toggle("gr-open", shown < account.terms.length);
  const added = account.terms.slice(0, shown);
  if (view === "forward") {
    setText(sums.name, `${nameOf(view, index)} `);
    sums.total.replaceChildren("goes to ", h("span", { data: { role: "fed", index: "", value: added.length } }, `${added.length}`),
      added.length === 1 ? " output" : " outputs");
    return;
  }
  setText(sums.name, nameOf(view, index));
  for (const { part, value } of sums) {
    tell(value, "sum", `${part}`, added.reduce((all, term) => all + (term.part === part ? term.value : 0), 0));
    setText(value, operand(Number(value.dataset.value)));
  }
  tell(sums.total, "total", "", shown ? account.terms[shown - 1].running : 0);
}

/** What the loss says when the cell is nudged. */
export function createNudge() {
  const number = () => h("span", { class: "gr-value" });
  const [loss, more, less, slope, own] = [number(), number(), number(), number(), number()];
  const name = h("code"), h1 = h("span"), h2 = h("span"), same = h("span", { class: "gr-same" });
  const how = h("span", { class: "gr-how" }, h("span", { class: "gr-frac" },
    h("span", { class: "gr-over-line" }, "L(+h) ", more, " − L(−h) ", less), h("span", { class: "gr-under-line" }, "2 × ", h1)),
  " = ", slope, h("span", { class: "gr-beside" }, " backward: ", own), same);
  const el = h("div", { class: "gr-nudge" },
    h("span", {}, "L = Σ grad_output × output = ", loss), h("span", { class: "gr-how" }, name, h2), how);
  return {
    el,
    draw({ layer: { g, output }, numbers, view, nudge, gradients }, cell, index) {
      tell(loss, "loss", "", lossOf(numbers.upstream, output));
      how.hidden = name.parentNode.hidden = !nudge;
      if (!nudge) return [more, less, slope, own].forEach((node) => tell(node, "", "", null));
      const found = nudged(g, view, cell, numbers, nudge), gradient = gradientAt(g, view, cell, gradients);
      tell(more, "loss-more", "", found.more);
      tell(less, "loss-less", "", found.less);
      setText(less, operand(found.less));
      tell(slope, "difference", cell.join(), found.slope);
      tell(own, "gradient", cell.join(), gradient);
      setText(h1, format(nudge));
      setText(name, `${view === "forward" ? "input" : view}[${index.join(", ")}]`);
      setText(h2, ` ± ${format(nudge)}:`);
      const good = sameSlope(found.slope, gradient);
      setText(same, good ? " ✓ the same" : " ✗ they differ");
      return same.classList.toggle("gr-good", good);
    },
  };
}
