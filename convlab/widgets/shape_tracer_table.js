// The trace as a table: a row for every call of a layer or a function, in the order in which the model made them.

import { focusIn, h } from "./dom.js";
import { memory, whole } from "./shape_tracer_words.js";

const HEADS = [["#", "", "st-at"], ["layer or function", "", ""], ["output", "", ""], ["parameters", "", "st-right"],
  ["multiply-adds", "", "st-right"], ["memory", "of the output", "st-right"],
  ["sees", "receptive field, rows × columns", "st-right"], ["jump", "from one number to its neighbour", "st-right"]];

/** {el, draw(), mark(at, follow), focused()}. */
export function createTable(state, act, signal) {
  const body = h("tbody"), foot = h("tfoot");
  const head = HEADS.map(([name, more, kind]) => h("th", { scope: "col", class: kind, title: more || null }, name));
  const table = h("table", { class: "st-table" }, h("caption", { class: "cl-hidden" }, "the model, call by call"),
    h("thead", {}, h("tr", {}, head)), body, foot);
  const el = h("div", { class: "st-rows cl-scroll" }, table);
  const over = ({ target }) => target.closest("tr[data-at]")?.dataset.at;
  body.addEventListener("pointerover", act.timed((event) => act.preview(over(event))), { signal });
  body.addEventListener("pointerleave", () => act.preview(), { signal });
  body.addEventListener("click", act.timed((event) => over(event) && act.pin(Number(over(event)))), { signal });
  let rows = [];
  return {
    el,
    draw() {
      const { trace } = state, most = { parameters: trace.totals.parameters || 1, macs: trace.totals.macs || 1 };
      rows = [inputRow(trace), ...trace.rows.map((row, at) => drawnRow(row, at + 1, trace, most))];
      body.replaceChildren(...rows);
      foot.replaceChildren(totalRow(trace));
    },
    mark(at, pinned, follow) {
      const focused = focusIn(body);
      rows.forEach((row, place) => {
        const button = row.querySelector("button");
        row.classList.toggle("st-here", place === at);
        row.classList.toggle("st-pinned", place === pinned);
        button.tabIndex = place === pinned ? 0 : -1;
        button.setAttribute("aria-pressed", place === pinned);
      });
      if (focused && follow) rows[pinned].querySelector("button").focus({ preventScroll: true });
      if (follow) bringIntoSight(el, rows[pinned]);
    },
  };
}

/** Scrolls the table alone, never the page: the head and the foot stay in sight and cover nothing. */
function bringIntoSight(el, row) {
  const box = row.getBoundingClientRect(), view = el.getBoundingClientRect();
  const head = el.querySelector("thead").offsetHeight, foot = el.querySelector("tfoot").offsetHeight;
  if (box.top < view.top + head) el.scrollTop -= view.top + head - box.top;
  else if (box.bottom > view.bottom - foot) el.scrollTop += box.bottom - view.bottom + foot;
}

const number = (role, index, value, text = whole(value)) => h("span", { data: { role, index, value } }, text);

/** (2, 16, 32, 32), each length a number. */
function shape(role, at, lengths) {
  const parts = lengths.flatMap((length, axis) => [axis ? ", " : "", number(role, `${at},${axis}`, length, String(length))]);
  return ["(", ...parts, lengths.length === 1 ? ",)" : ")"].filter((part) => part !== "");
}

const cell = (kind, ...content) => h("td", { class: kind }, ...content);

function head(name, call) {
  return h("th", { scope: "row", class: "st-what" }, h("button", { type: "button", class: "st-button" }, name),
    call && h("code", { class: "st-call" }, call));
}

/** A layer by its name, and below it as it is written; a function by its call alone. */
function what(row) {
  if (row.kind === "function") return head(h("code", { class: "st-call" }, row.call), null);
  return head(`${row.name}${row.nth ? ` (call ${row.nth[0]})` : ""}`, row.call);
}

function inputRow(trace) {
  return h("tr", { data: { at: 0 }, class: "st-input" }, cell("st-at", "0"), head("input", null),
    cell("st-code", shape("input-size", 0, trace.shape)), cell(), cell(), cell(), cell(), cell());
}

function amount(role, at, value, of, shared = 0) {
  const share = h("i", { class: "st-share", style: `width: ${Math.max(0, (100 * (value - shared)) / of)}%` });
  const text = whole(value);
  if (!value) return cell("st-right st-quiet", number(role, at, 0));
  return cell("st-right st-amount", share, number(role, at, value, shared ? `(${text})` : text));
}

function drawnRow(row, at, trace, most) {
  const moved = trace.batch?.row === at;
  const kind = row.problem ? "st-breaks" : moved ? "st-moved" : "";
  const start = [cell("st-at", String(at)), what(row)];
  if (row.problem) {
    const given = row.input ? ["was given ", h("span", { class: "st-code" }, shape("given-size", at, row.input))] : [];
    return h("tr", { data: { at }, class: kind }, start, h("td", { colspan: 6 }, h("b", {}, "✗ breaks here "), given));
  }
  const bytes = memory(row.bytes);
  const size = row.output ? shape("output-size", at, row.output) : "–";
  return h("tr", { data: { at }, class: kind }, start,
    cell("st-code", size, moved && h("span", { class: "st-flag", title: "the batch axis changed" }, " !")),
    amount("parameters", at, row.parameters, most.parameters, row.shared), amount("macs", at, row.macs, most.macs),
    cell("st-right", row.shares ? h("span", { class: "st-quiet", title: "in the memory of its input" }, "shared")
      : [number("memory", at, row.bytes, bytes.number), h("small", {}, ` ${bytes.unit}`)]),
    cell("st-right", field(row, at)), cell("st-right", pairOf("jump", at, row.jump)));
}

function field(row, at) {
  if (row.whole) return [pairOf("field", at, row.field), h("small", { class: "st-quiet" }, " all")].flat();
  return pairOf("field", at, row.field);
}

function pairOf(role, at, lengths) {
  if (!lengths) return "–";
  return lengths.flatMap((length, axis) => [axis ? " × " : null, number(role, `${at},${axis}`, length, String(length))]);
}

function totalRow(trace) {
  const { totals } = trace, bytes = memory(totals.memory);
  return h("tr", {}, h("th", { scope: "row", colspan: 3 }, "whole model"),
    cell("st-right", number("total-parameters", "", totals.parameters)),
    cell("st-right", number("total-macs", "", totals.macs)),
    cell("st-right", number("total-memory", "", totals.memory, bytes.number), h("small", {}, ` ${bytes.unit}`)),
    cell("", ""), cell("", ""));
}
