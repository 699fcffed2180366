// What the card says after an answer: the verdict, the mistake by name, the way to the answer, its proof in code.

import { code } from "./quiz_figure.js";
import { h, prose } from "./dom.js";

const WORDS = { right: "Right.", wrong: "Not quite.", partial: "In part." };

/** The verdict: what is wrong, the idea behind it, what to think instead. */
export function verdict({ outcome, message, mistakes, right: answer }) {
  const right = outcome === "right";
  const data = { outcome, mistakes: mistakes.map(({ id }) => id).join(" ") };
  return h("div", { class: `qc-verdict ${right ? "qc-right" : ""}`, data },
    h("p", {}, h("strong", { class: "qc-outcome" }, `${right ? "✓" : "✗"} ${WORDS[outcome]}`), " ", prose(message)),
    ideas(right ? [] : mistakes, message),
    !right && typeof answer === "string" ? h("p", {}, "The answer is ", h("code", {}, answer), ".") : null);
}

/** The mistakes by name; where several lead to the same answer, as a list of what it may have been. */
function ideas(named, message) {
  const quoted = ({ title }) => h("q", {}, prose(title.replace(/\.$/, "")));
  const meant = ({ diagnosis }) => (message.includes(diagnosis) ? [] : prose(diagnosis));
  if (named.length === 1) {
    const [one] = named;
    return [h("p", { class: "qc-idea", data: { mistake: one.id } }, "The idea behind this answer: ", quoted(one)),
      meant(one).length ? h("p", {}, meant(one)) : null];
  }
  return named.length ? [
    h("p", { class: "qc-idea" }, "More than one idea leads to this answer. Was it one of these?"),
    h("ul", { class: "qc-ideas" }, named.map((mistake) => (
      h("li", { class: "qc-idea", data: { mistake: mistake.id } }, quoted(mistake), " ", meant(mistake))))),
  ] : [];
}

/** The worked steps and the proof, folded until they are wanted. */
export function working({ hint, steps, proof }, { signal, say, insert }) {
  const copied = async () => {
    say((await copy(proof)) ? "Copied." : "This browser does not let the card copy: select the code and copy it.");
  };
  const button = (words, click) => h("button", { type: "button", on: { click }, signal }, words);
  const put = insert && button("Put into a new cell", () => say(insert(proof)));
  return [
    steps.length ? h("details", { class: "qc-steps" }, h("summary", {}, "Show the steps"),
      h("p", { class: "qc-way" }, prose(hint)),
      h("ol", {}, steps.map((step) => h("li", {}, prose(step))))) : null,
    proof ? h("details", { class: "qc-proof" }, h("summary", {}, "Prove it in PyTorch"),
      code(proof, "code that proves the answer"),
      h("div", { class: "qc-actions" }, put, button("Copy", copied))) : null,
  ];
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** The result of a round: words, and a row an objective. */
export function summary({ words, rows }) {
  const table = rows.length > 0 && h("div", { class: "qc-scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "what you can do"), h("th", { scope: "col" }, "right"))),
    h("tbody", {}, rows.map(([what, right, of]) => (
      h("tr", {}, h("td", {}, prose(what)), h("td", {}, `${right} of ${of}`)))))));
  return h("div", { class: "qc-summary" }, h("strong", {}, words), table);
}

/**
 * A function that puts code into a new cell under this one, where the front end lets a widget do so (JupyterLab and
 * Notebook 7 hand their notebook to the widget's manager); else null. It returns what to tell the learner.
 */
export function cellInserter(model, el) {
  const notebook = () => model.widget_manager?.context?.model?.sharedModel;
  if (!notebook()?.insertCell) return null;
  return (source) => {
    const place = Number(el.closest(".jp-Cell")?.dataset.windowedListIndex);
    const cells = notebook().cells;
    const at = Number.isInteger(place) ? place + 1 : cells.length;
    if (cells[at]?.source === source) return "It is in the cell below already.";
    notebook().insertCell(at, { cell_type: "code", source });
    return "It is in a new cell below: run it.";
  };
}
