// The layer in numbers: shape, parameters and multiply-adds with their derivation, beside the dense layer's; and time,
// as Python measured it when it was asked to.

import { call } from "./conv_stepper_words.js";
import { become, h, setText } from "./dom.js";
import { blank, fill } from "./groups_wiring_draw.js";
import * as words from "./groups_wiring_words.js";

const HEADS = ["weight.shape", "parameters", "multiply-adds"];
const SHARE = "C_in/groups · kH · kW";
/** What the factors of a row are, by column. */
const factors = ({ size, bias }) => ["(C_out, C_in/groups, kH, kW)", `C_out · ${SHARE}${bias ? " + C_out" : ""}`,
  `${size.length > 2 ? "N · " : ""}C_out · H_out · W_out · ${SHARE}`];

function createRow(kind) {
  const what = h("div", { class: "gw-what", role: "rowheader" });
  const cells = HEADS.map((head) =>
    h("div", { class: "gw-cell", role: "cell", "data-head": head }, h("span", { class: "gw-sum" })));
  return { el: h("div", { class: `gw-row gw-row-${kind}`, role: "row" }, what, cells), what,
    fill: (pieces) => pieces.forEach((piece, at) => {
      cells[at].classList.toggle("gw-none", !piece.length);
      fill(cells[at].firstChild, piece);
    }) };
}

/** {el, draw()}: the table of the last setting that runs. */
export function createCounts(state) {
  const rows = Object.fromEntries(["layer", "point", "all", "dense", "ratio"].map((kind) => [kind, createRow(kind)]));
  const letters = HEADS.map(() => h("code"));
  const head = h("div", { class: "gw-row gw-heads", role: "row" }, h("div", { role: "columnheader" }, "layer"),
    HEADS.map((name, at) => h("div", { role: "columnheader" }, h("span", {}, name), letters[at])));
  const n = (role, value, index = "") => [{ role, index, value }];
  const label = "shapes and counts, beside the dense layer";
  const el = h("div", { class: "gw-table", role: "table", "aria-label": label }, head);
  return {
    el,
    draw() {
      const { counts: { rows: [layer, point], all, dense, ratio } } = state;
      const lines = ["layer", ...(point ? ["point", "all"] : []), "dense", "ratio"];
      become(el, [head, ...lines.map((line) => rows[line].el)]);
      factors(state.chain.setting).forEach((text, at) => setText(letters[at], text));
      for (const [row, found, at] of [[rows.layer, layer, 0], ...(point ? [[rows.point, point, 1]] : [])]) {
        setText(row.what, call(found.spec));
        row.fill([words.weightPieces(found, at), words.parameterPieces(found, at, "parameters"),
          words.macPieces(found, at, "macs")]);
      }
      setText(rows.all.what, "both layers");
      rows.all.fill([[], n("all-parameters", all.parameters), n("all-macs", all.macs)]);
      setText(rows.dense.what, `dense: ${call(dense.spec)}`);
      rows.dense.fill([words.weightPieces(dense, 2), words.parameterPieces(dense, 2, "dense-parameters"),
        words.macPieces(dense, 2, "dense-macs")]);
      setText(rows.ratio.what, `dense ÷ ${point ? "both" : "this layer"}`);
      rows.ratio.fill([[], [...n("ratio", ratio.parameters, 0), " ×"], [...n("ratio", ratio.macs, 1), " ×"]]);
    },
  };
}

/** A bar for the median, a whisker for the middle half of the runs. */
function createBar(at, name) {
  const [label, value, spread] = ["time-name", "ms", "spread"].map((kind) => h("span", { class: `gw-${kind}` }));
  const bar = h("i"), whisker = h("b");
  return { el: h("div", { class: `gw-time-row gw-time-${name}` }, label,
    h("span", { class: "gw-bar", "aria-hidden": "true" }, bar, whisker),
    h("span", { class: "gw-said" }, value, spread)),
  draw({ median, low, high }, most, text) {
    setText(label, text);
    bar.style.width = `${(100 * median) / most}%`;
    whisker.style.left = `${(100 * low) / most}%`;
    whisker.style.width = `${(100 * (high - low)) / most}%`;
    fill(value, [{ role: "time", index: at, value: median }, " ms"]);
    fill(spread, ["half of the runs: ", { role: "time-low", index: at, value: low }, " to ",
      { role: "time-high", index: at, value: high }, " ms"]);
  } };
}

const isBusy = ({ clock, unheard, late }) =>
  !late && (unheard === "measure" || ["loading", "measuring"].includes(clock.phase));

/** {el, draw()}: the button, how far the measurement is, and what it found. */
export function createTime(state, act, signal) {
  const button = h("button", { type: "button", class: "gw-measure", signal, on: { click: act.timed(() =>
    state.ask(isBusy(state) ? "stop" : "measure")) } });
  const note = h("span", { class: "gw-time-note", role: "status" });
  const bars = [createBar(0, "this"), createBar(1, "dense")], ratio = h("p", { class: "gw-time-ratio" });
  const found = h("div", { class: "gw-found", hidden: true }, bars.map((bar) => bar.el), ratio);
  return {
    el: h("section", { class: "gw-time", "aria-label": "time, measured on request" },
      h("div", { class: "cl-row" }, h("span", { class: "gw-time-title" }, "time"), button, note), found),
    draw() {
      const { times, refusal } = state;
      setText(button, isBusy(state) ? "Stop" : times ? "Measure again" : "Measure on this machine");
      button.disabled = Boolean(refusal);
      setText(note, noteText(state));
      found.hidden = !times;
      if (!times) return found.querySelectorAll("[data-role]").forEach(blank);
      const { this: own, dense } = times.rows, most = Math.max(own.high, dense.high);
      bars[0].draw(own, most, state.setting.pointwise ? "both layers" : "this layer");
      bars[1].draw(dense, most, "dense");
      fill(ratio, [`dense ÷ ${state.setting.pointwise ? "both" : "this"}: `,
        { role: "ratio", index: 2, value: dense.median / own.median }, " × in time, ",
        { role: "ratio", index: 3, value: state.counts.ratio.macs }, " × in multiply-adds. ",
        words.timeText(times.rows, state.counts.ratio.macs)]);
    },
  };
}

/** How far it is, or what it needs. */
export function noteText({ clock, times, unheard, late, refusal }) {
  if (refusal) return "A layer that PyTorch refuses has no time.";
  if (late) return "Python does not answer: measuring needs a running kernel; run the cell.";
  if (unheard) return unheard === "measure" ? "asking Python …" : "stopping …";
  if (clock.phase === "loading") return "PyTorch is being loaded …";
  if (clock.phase === "measuring") return `measuring on this machine: ${clock.done} of ${clock.of} runs of each layer`;
  if (clock.phase === "problem") return clock.problem;
  if (times) return `median of ${clock.done} runs of each on this machine (${clock.machine})`;
  if (clock.phase === "stopped") return "stopped; nothing was kept.";
  if (clock.phase === "done") return "The last times were of another setting.";
  return "Not measured. Fewer multiply-adds need not be faster: " +
    "Python can run this layer and the dense one in turn, on one thread.";
}
