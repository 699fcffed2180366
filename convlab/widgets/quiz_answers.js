// The controls a learner answers with, one for each kind of question. Each is made from the question's page,
// the answer so far (a draft, or the locked one) and, once it is judged, the right answer. It returns
// {el, read(), focus(), choose(number)?}; read() gives null while there is no answer.

import { createGrid, walkByKeys } from "./grid.js";
import { h, prose } from "./dom.js";

/** Tells apart the names of two views of one card, and, as every card loads this file anew, those of two cards. */
const LOADED = Math.random().toString(36).slice(2);
let views = 0;
const nameFor = (what) => `convlab-quiz-${what}-${LOADED}-${++views}`;

export function answerControl(context) {
  const makers = {
    choice: options, choices: options, truefalse: options, number: field, shape: field, cells, order,
  };
  return makers[context.page.kind](context);
}

const ASKS = { choice: "Choose one.", choices: "Choose all that apply.", truefalse: "True or false?" };

function options({ page, answer, right, locked, changed, signal }) {
  const two = page.kind === "truefalse";
  const texts = two ? ["True", "False"] : page.options;
  const type = page.kind === "choices" ? "checkbox" : "radio";
  const chosen = new Set(placesOf(answer, texts, two));
  const isRight = right === undefined ? null : new Set(placesOf(right, texts, two));
  const name = nameFor("option");
  const inputs = texts.map((text, place) => h("input", {
    type, name, checked: chosen.has(place), disabled: locked, on: { change: changed }, signal,
  }));
  const rows = texts.map((text, place) => {
    const verdict = isRight && mark(isRight.has(place), chosen.has(place));
    return h("label", { class: `qc-option ${verdict?.class ?? ""}` },
      inputs[place],
      !locked && h("kbd", { "aria-hidden": "true" }, String(place + 1)),
      matrix(text) ?? h("span", { class: "qc-text" }, prose(text)),
      verdict && h("span", { class: "qc-tag" }, verdict.words));
  });
  const el = h("fieldset", { class: `qc-answer ${locked ? "qc-locked" : ""}` },
    h("legend", { class: "qc-ask" }, ASKS[page.kind]),
    h("div", { class: two ? "qc-two" : "qc-options" }, rows));
  const ticked = () => inputs.flatMap((input, place) => (input.checked ? [place] : []));
  return {
    el,
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus({ preventScroll: true }),
    read: () => (!ticked().length ? null : two ? ticked()[0] === 0 : type === "radio" ? ticked()[0] : ticked()),
    choose(number) {
      const input = inputs[number - 1];
      if (!input) return false;
      input.checked = type === "radio" ? true : !input.checked;
      input.focus({ preventScroll: true });
      changed();
      return true;
    },
  };
}

/** An option that is a matrix, "[[1, 2], [3, 4]]", as a grid of numbers; null for every other text. */
function matrix(text) {
  if (!/^\[\[[-\d.,\s[\]]+\]\]$/.test(text)) return null;
  let values;
  try {
    values = JSON.parse(text);
  } catch {
    return null;
  }
  const columns = values[0].length;
  if (!values.every((row) => Array.isArray(row) && row.length === columns)) return null;
  const index = (i, j) => `0,${i},${j}`;
  const grid = createGrid({ role: "option", rows: values.length, columns, index, label: text });
  grid.fill(values.flat());
  grid.el.setAttribute("role", "img");
  return h("span", { class: "qc-text qc-matrix cl-product" }, grid.el);
}

function mark(isRight, isChosen) {
  if (isRight) return { class: "qc-is-right", words: isChosen ? "✓ right" : "✓ this is right" };
  return isChosen ? { class: "qc-is-wrong", words: "✗ your answer" } : null;
}

/** Places of the options meant by an answer: places or texts, one or several, true or false. */
function placesOf(answer, texts, two) {
  if (answer === null || answer === undefined) return [];
  if (two) return [/^(true|t|yes|y|right|correct)$/i.test(String(answer)) ? 0 : 1];
  const listed = Array.isArray(answer) ? answer : [answer];
  return listed.map((entry) => (typeof entry === "number" ? entry : texts.indexOf(entry)));
}

function field({ page, answer, locked, changed, signal }) {
  const shape = page.kind === "shape";
  const help = shape && !locked && h("p", { class: "qc-help", id: nameFor("help") }, prose(forms(page)));
  const input = h("input", {
    class: "qc-field", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    disabled: locked, on: { input: changed }, signal,
    value: answer === null || answer === undefined ? "" : written(answer, shape),
    "aria-describedby": help ? help.id : null,
  });
  const el = h("div", { class: "qc-answer" },
    h("label", {}, h("span", { class: "qc-ask" }, `Your answer, ${page.asks}`), input), help);
  return { el, focus: () => input.focus({ preventScroll: true }), read: () => input.value.trim() || null };
}

/** In which forms several numbers may be typed; only a shape is what torch prints as a size, or joined by an x. */
function forms({ asks }) {
  return asks === "a shape"
    ? "As `torch.Size` prints it or as you type it: `(2, 3)`, `2,3` or `2x3`."
    : "All numbers in their order: `(2, 3)`, `2,3` or `2 3`.";
}

const written = (answer, shape) => (Array.isArray(answer) && shape ? `(${answer.join(", ")})` : String(answer));

function cells({ page, answer, right, locked, changed, signal }) {
  const [rows, columns] = page.options.shape;
  const role = page.options.role ?? "input";
  const grid = createGrid({
    role, rows, columns, index: (i, j) => `0,${i},${j}`, label: "cells to choose",
    name: (i, j) => `row ${i}, column ${j}`, cellRole: "checkbox",
  });
  const picked = new Set((answer ?? []).map(String));
  const keyOf = (cell) => grid.at(cell).join(",");
  const wanted = right && new Set(right.map(String));
  for (const cell of grid.cells) {
    drawPick(cell, picked.has(keyOf(cell)));
    if (locked) cell.setAttribute("aria-disabled", "true");
    if (wanted) judgePick(cell, picked.has(keyOf(cell)), wanted.has(keyOf(cell)));
  }
  const toggle = (cell) => {
    const key = keyOf(cell);
    if (!picked.delete(key)) picked.add(key);
    drawPick(cell, picked.has(key));
    changed();
  };
  if (!locked) pickByHand(grid, toggle, signal);
  walkByKeys(grid, { signal });
  const legend = locked
    ? "Your answer" + (right ? "; framed: missed, hatched: one too many." : "")
    : "Click the cells, or walk with the arrows and press Space.";
  const frame = h("div", { class: "qc-frame" }, h("span"), axis(columns, false), axis(rows, true), grid.el);
  return {
    el: h("fieldset", { class: `qc-answer qc-cells cl-${role}` },
      h("legend", { class: "qc-ask" }, legend), h("div", { class: "cl-scroll" }, frame)),
    focus: () => grid.el.querySelector('[tabindex="0"]').focus({ preventScroll: true }),
    read: () => (picked.size ? [...picked].map((key) => key.split(",").map(Number)) : null),
  };
}

function drawPick(cell, on) {
  cell.setAttribute("aria-checked", on);
  cell.textContent = on ? "●" : "";
}

function judgePick(cell, on, wanted) {
  if (on === wanted) return;
  cell.classList.add(on ? "qc-cell-extra" : "qc-cell-missed");
  cell.setAttribute("aria-label", `${cell.getAttribute("aria-label")}, ${on ? "not among them" : "missed"}`);
}

function pickByHand(grid, toggle, signal) {
  grid.el.addEventListener("click", (event) => {
    const cell = event.target.closest(".cl-cell");
    if (!cell) return;
    grid.focus(cell);
    toggle(cell);
  }, { signal });
  grid.el.addEventListener("keydown", (event) => {
    if (event.key !== " " || !grid.at(event.target)) return;
    event.preventDefault();
    toggle(event.target);
  }, { signal });
}

/** The row or column numbers beside a grid. */
function axis(count, down) {
  const ticks = Array.from({ length: count }, (_, at) => h("span", {}, String(at)));
  const el = h("div", { class: "qc-axis", "aria-hidden": "true" }, ticks);
  el.style.gridTemplate = down ? `repeat(${count}, 1fr) / auto` : `auto / repeat(${count}, 1fr)`;
  return el;
}

function order({ page, answer, right, locked, changed, signal }) {
  const texts = page.options;
  const places = answer ? placesOf(answer, texts, false) : texts.map((_, place) => place);
  const list = h("ol", { class: "qc-order", "aria-label": "the order, first to last" });
  const said = h("p", { class: "cl-hidden", role: "status" });
  const draw = () => {
    const made = locked ? places.map((place, at) => judgedLine(texts[place], at, right?.indexOf(place)))
      : places.map((place, at) => movableLine(texts[place], at, places.length, move, signal));
    list.replaceChildren(...made);
  };
  const move = (at, to, how) => {
    if (to < 0 || to >= places.length) return;
    const [moved] = places.splice(at, 1);
    places.splice(to, 0, moved);
    draw();
    const button = how && list.children[to].querySelector(`[data-move="${how}"]:enabled`);
    (button || list.children[to]).focus({ preventScroll: true });
    said.textContent = `${plain(texts[moved])}: now ${to + 1} of ${places.length}`;
    changed();
  };
  draw();
  const legend = locked ? "Your order" : "The arrow keys move the line that has the focus.";
  return {
    el: h("fieldset", { class: "qc-answer" }, h("legend", { class: "qc-ask" }, legend), list, said),
    focus: () => list.children[0].focus({ preventScroll: true }),
    read: () => [...places],
  };
}

function movableLine(text, at, count, move, signal) {
  const button = (to, how, sign) => h("button", {
    type: "button", data: { move: how }, "aria-label": `move ${how}: ${plain(text)}`,
    disabled: to < 0 || to >= count, on: { click: () => move(at, to, how) }, signal,
  }, sign);
  const keydown = (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(at, at + step);
  };
  return h("li", { tabindex: 0, on: { keydown }, signal },
    h("b", { "aria-hidden": "true" }, `${at + 1}`), h("span", {}, prose(text)),
    h("span", { class: "qc-moves" }, button(at - 1, "up", "↑"), button(at + 1, "down", "↓")));
}

/** A line of an answered question; `home` is where it belongs, undefined while nothing is told. */
function judgedLine(text, at, home) {
  const words = home === undefined ? "" : home === at ? "✓" : `belongs at ${home + 1}`;
  const kind = home === undefined ? "" : home === at ? "qc-is-right" : "qc-is-wrong";
  return h("li", { class: kind }, h("b", { "aria-hidden": "true" }, `${at + 1}`), h("span", {}, prose(text)),
    h("span", { class: "qc-tag" }, words));
}

const plain = (text) => text.replaceAll("`", "");
