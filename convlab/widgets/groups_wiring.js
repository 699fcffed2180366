// GroupsWiring: which channels a grouped convolution joins, and what that saves. This file wires: the state that all
// views of a model share, and for each view what is drawn when which part of it changes.

import { refusal } from "./refusal.js";
import { become, createLive, createRoot, h, setText, timed } from "./dom.js";
import { createControls, createHeader } from "./groups_wiring_controls.js";
import { createCounts, createTime } from "./groups_wiring_counts.js";
import { createMatrix } from "./groups_wiring_matrix.js";
import { legalGroups } from "./groups_wiring_math.js";
import { agreementText, createWiringState } from "./groups_wiring_state.js";
import { createWires } from "./groups_wiring_wires.js";
import { sentence } from "./groups_wiring_words.js";
import { sharedViews } from "./views.js";

const HINT = "Drag a number, type it, or use its arrows. On the wires and the matrix: arrows move, Enter or a click " +
  "on an input channel mutes it, Home and End jump.";

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "groups-wiring", "GroupsWiring: which channels a grouped convolution joins", signal);
  const view = { state, root, preview: null };
  const act = actions(view);
  const header = createHeader(state), controls = createControls(state, act, signal);
  const wires = createWires(state, act, signal);
  const matrices = [0, 1].map((layer) => createMatrix(state, layer, act, signal));
  const counts = createCounts(state), time = createTime(state, act, signal);
  const problem = h("div", { class: "gw-problem" });
  const again = h("button", { type: "button", class: "gw-again", signal, on: { click: timed(() => state.unmute()) } });
  const picture = h("div", { class: "gw-picture" }, h("div", { class: "gw-side" }, wires.el, again),
    h("div", { class: "gw-matrices" }));
  const numbers = h("div", { class: "gw-numbers" }, counts.el);
  root.append(header.el, problem, h("div", { class: "gw-first" }, controls.el, picture));
  const live = createLive(root, signal);
  root.append(numbers, time.el);
  const note = h("p", { class: "cl-note gw-agreement" });
  root.append(note, h("p", { class: "cl-note gw-hint" }, HINT));
  return Object.assign(view, { act, header, controls, wires, matrices, counts, time, problem, again, picture, numbers,
    live, note });
}

const shown = ({ state, preview }) => preview ?? state.pinned;

/** What a hand may do in a view. */
function actions(view) {
  const { state } = view;
  return {
    timed,
    /** A channel or a kernel under the pointer; null when it has gone. */
    preview(spot) {
      if (String(spot) === String(view.preview)) return;
      view.preview = spot;
      drawSpot(view);
    },
    /** Pins it, and mutes it (or not any more) where it is a channel of the input. */
    press(spot) {
      view.preview = null;
      state.pin(spot);
      if (spot.length === 2 && spot[0] === 0) state.toggle(spot[1]);
      else drawSpot(view);
    },
  };
}

/** Another setting. */
function drawLayout(view) {
  const { state, root } = view, start = performance.now(), refused = Boolean(state.refusal);
  view.preview = null;
  view.header.draw();
  view.controls.draw();
  view.problem.replaceChildren(...(refused ? [panel(state)] : []));
  root.classList.toggle("gw-refused", refused);
  root.classList.toggle("gw-empty", !state.chain);
  view.picture.inert = view.numbers.inert = refused;
  view.live.line.classList.toggle("cl-hidden", refused); // the panel has the same words
  if (refused) view.live.say(`PyTorch refuses this. ${state.refusal.problem.ours}`);
  else {
    view.wires.draw();
    for (const matrix of view.matrices) matrix.draw();
    become(view.picture.lastChild, view.matrices.slice(0, state.chain.specs.length).map((matrix) => matrix.el));
    view.counts.draw();
    drawMuted(view);
  }
  view.time.draw();
  setText(view.note, agreementText(state));
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** PyTorch's words, ours, what does not divide as a drawing, and the groups that would. */
function panel({ refusal: { problem, spec, shape }, chain }) {
  const el = refusal({ problem, spec, shape, legal: chain && { spec: chain.specs[0], shape: chain.shape } });
  const { in_channels: C, out_channels: O } = spec;
  if (spec.groups < 1 || C % spec.groups || O % spec.groups) {
    const legal = legalGroups(C, O).join(", ");
    el.querySelector(".cl-words > p:not([class])").append(
      ` For ${C} and ${O} channels groups can be ${legal}.`);
  }
  return el;
}

/** All that follows from the muted channels. */
function drawMuted(view) {
  const { state, again } = view;
  again.hidden = !state.muted.length;
  setText(again, `Unmute all (${state.muted.length} muted)`);
  drawSpot(view);
}

/** All that follows from the channel or kernel that is shown. */
function drawSpot(view) {
  const { state, root } = view;
  if (state.refusal || !state.chain) return;
  const spot = shown(view);
  view.wires.mark(spot);
  for (const matrix of view.matrices) matrix.mark(spot);
  view.live.say(sentence(state, spot));
  root.dataset.spot = spot.join(",");
  root.dataset.muted = state.muted.join(",");
  root.drawn();
}

function onChange(view, kind) {
  if (kind === "layout") return drawLayout(view);
  if (kind === "checked") setText(view.note, agreementText(view.state));
  else if (kind === "time") view.time.draw();
  else if (kind === "muted") {
    view.wires.fates();
    for (const matrix of view.matrices) matrix.fates();
    drawMuted(view);
    setText(view.note, agreementText(view.state));
  } else {
    view.preview = null;
    return drawSpot(view);
  }
  return view.root.drawn();
}

/** The keys of the wires and the matrices. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (state.refusal || !state.chain || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const layer = target.dataset.layer, by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1],
    ArrowRight: [0, 1], "[": [-1, 0], "]": [1, 0] }[key];
  const jump = { Home: 0, End: Infinity }[key], spot = state.pinned;
  if (!target.classList.contains("gw-wires") && layer === undefined) return;
  const at = layer === undefined ? onWires(state, spot) : onMatrix(state, Number(layer), spot);
  if (by) state.pin(at.moved(by));
  else if (jump !== undefined) state.pin(at.jumped(jump));
  else if (key === "Enter" || key === "m") {
    state.pin(at.spot);
    if (at.input !== null) state.toggle(at.input);
  } else return;
  event.preventDefault();
}

/** Up and down along a column, left and right to its neighbour at about the same height. */
function onWires({ chain: { columns } }, spot) {
  const [column, channel] = spot.length === 2 ? spot : [0, spot[2]];
  const moved = ([down, across]) => {
    const to = Math.min(Math.max(0, column + across), columns.length - 1);
    const height = Math.floor((channel * columns[to].count) / columns[column].count);
    return [to, Math.max(0, to === column ? channel + down : height)];
  };
  return { spot: [column, channel], input: column ? null : channel, moved, jumped: (end) => [column, end] };
}

function onMatrix({ chain }, layer, spot) {
  const { from } = chain.stages.find((stage) => stage.layer === layer);
  const kernel = spot.length === 3 && spot[0] === layer;
  const [o, c] = kernel ? spot.slice(1) : [spot[0] === from + 1 ? spot[1] : 0, spot[0] === from ? spot[1] : 0];
  return { spot: [layer, o, c], input: layer ? null : c, jumped: (end) => [layer, end, end],
    moved: ([down, across]) => [layer, Math.max(0, o + down), Math.max(0, c + across)] };
}

export default sharedViews({
  share: createWiringState,
  createView,
  onKey,
  begin(view, signal) {
    const { state } = view;
    state.subscribe((kind) => onChange(view, kind), signal);
    state.views += 1;
    // Nobody looks any more: the cell was run again or its output cleared. No clock is left running.
    signal.addEventListener("abort", () => {
      state.views -= 1;
      if (!state.views) state.send("gone");
    });
    drawLayout(view);
  },
});
