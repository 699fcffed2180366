// The pinned row in full: what it read, and where each of its numbers comes from. Above the picture: what breaks, and
// what does not break but is wrong.

import { h, prose } from "./dom.js";
import { count, fieldText, nthText, readsText, tensorsText, tuple, whole } from "./shape_tracer_words.js";

/** {el, draw(at)}: the row `at` of the trace; 0 is the input. */
export function createPinned(state) {
  const el = h("section", { class: "st-pinned-row", "aria-label": "the pinned row" });
  return {
    el,
    draw(at) {
      const { trace } = state;
      el.replaceChildren(...(at ? rowFacts(trace.rows[at - 1], at) : inputFacts(trace)));
    },
  };
}

const title = (at, name) => h("p", { class: "st-title" }, h("span", { class: "st-quiet" }, `${at} `), name);

function inputFacts({ shape, dtype, totals, printed }) {
  const facts = [title(0, "input"), h("p", {}, h("code", {}, tuple(shape)), ` of ${dtype}`),
    h("p", {}, `The model has ${count(totals.parameters, "parameter")}${tensorsText(totals)}.`)];
  if (totals.parameters_elsewhere) {
    const stand = totals.parameters_elsewhere === 1 ? "parameter stands" : "parameters stand";
    facts.push(h("p", {}, `${whole(totals.parameters_elsewhere)} ${stand} in no row: no call has used them.`));
  }
  if (printed) {
    facts.push(h("p", {}, "The model printed:"), h("pre", { class: "st-printed", tabindex: 0, role: "region", "aria-label": "what the model printed" }, printed));
  }
  facts.push(h("p", { class: "st-quiet" }, "Choose a row or a box: here stands where each of its numbers comes from."));
  return facts;
}

function rowFacts(row, at) {
  const where = [row.inside && `called in ${row.inside}`, row.nth && nthText(row.nth), readsText(row.reads)].filter(Boolean);
  const shapes = h("p", { class: "st-becomes" }, h("code", {}, tuple(row.input)), " → ",
    row.problem ? h("b", { class: "st-bad" }, "✗") : h("code", { class: "st-out" }, tuple(row.output)));
  const lines = row.lines.map((line, number) => h("div", { class: "st-line" }, h("dt", {}, line.name),
    h("dd", {}, pieces(line, number))));
  return [title(at, row.name), h("p", {}, h("code", { class: "st-call" }, row.call)),
    where.length > 0 && h("p", { class: "st-quiet" }, `${where.join("; ")}.`), shapes,
    lines.length > 0 && h("dl", { class: "st-lines" }, lines),
    !row.problem && h("p", { class: "st-quiet" }, `${capital(fieldText(row))}.`)].filter(Boolean);
}

const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Text and numbers; the last number is the result. */
function pieces({ pieces: all }, line) {
  const last = all.findLastIndex((piece) => typeof piece === "number");
  return all.map((piece, at) => {
    if (typeof piece === "string") return piece;
    const kind = at === last ? "st-result" : "st-term";
    return h("span", { class: kind, data: { role: "term", index: `${line},${at}`, value: piece } }, whole(piece));
  });
}

/** The panel for what PyTorch refuses, or for a batch that changed; null where all is well. */
export function trouble(state, show, signal) {
  const { problem, batch } = state.trace;
  const panels = [];
  const go = (row) => h("button", { type: "button", signal, on: { click: () => show(row) } }, `Show row ${row}`);
  if (problem) {
    panels.push(h("div", { class: "cl-problem" },
      h("p", { class: "st-head" }, `It breaks in row ${problem.row}, `, h("code", {}, problem.name), ". PyTorch says:"),
      h("code", { class: "st-message" }, problem.message),
      problem.line && h("p", {}, "The line: ", h("code", { class: "st-source" }, problem.line)),
      h("p", {}, prose(problem.ours)), go(problem.row)));
  }
  if (batch) {
    panels.push(h("div", { class: "cl-problem st-batch" },
      h("p", { class: "st-head" }, `${problem ? "And before that" : "It runs, but"} the batch axis went from `,
        h("span", { data: { role: "batch-before", index: "", value: batch.before } }, String(batch.before)), " to ",
        h("span", { data: { role: "batch-after", index: "", value: batch.after } }, String(batch.after)), "."),
      h("p", {}, prose(batch.words)), go(batch.row)));
  }
  return panels;
}
