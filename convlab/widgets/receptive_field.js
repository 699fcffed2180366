// ReceptiveField: how much of the input one unit of a stack sees. This file wires: the state that all views of a model
// share, and for each view what is drawn when which part of it changes.

import { createLive, createRoot, h, reducedMotion, setText, timed } from "./dom.js";
import { write } from "./grid.js";
import { createCone } from "./receptive_field_cone.js";
import { AXES, centre, nearest, summary, trace, weightCount } from "./receptive_field_math.js";
import { createPlanes } from "./receptive_field_plane.js";
import { PRESETS, presetOf } from "./receptive_field_presets.js";
import { createStack } from "./receptive_field_stack.js";
import { createFieldState } from "./receptive_field_state.js";
import { agreementText, call, levelName, sentence } from "./receptive_field_words.js";
import { sharedViews } from "./views.js";

const HINT = "Drag a number, type it, or use its arrows. On a cone: left and right move the unit, " +
  "up and down change the " +
  "level; on a plane arrows move the unit. [ and ] step, Space plays.";
const DIRECTIONS = { backward: "What does this unit read?", forward: "Whom does it feed?" };

/** The parts of a view that never go away. */
function createView(state, el, signal) {
  const root = createRoot(el, "receptive-field", "ReceptiveField: how much of the input one unit sees", signal);
  const view = { state, root, preview: null };
  const act = actions(view);
  const presets = createPresets(state, act, signal), stack = createStack(state, act, signal);
  const problem = h("div", { class: "rf-problem" });
  const bar = createBar(state, act, signal), result = createResult();
  const cones = [0, 1].map((axis) => createCone(state, axis, act, signal));
  const planes = createPlanes(state, act, signal);
  const stage = h("div", { class: "rf-stage" }, result.el, bar.el,
    h("div", { class: "rf-cones" }, cones.map((cone) => cone.el)),
    planes.el);
  root.append(presets.el, stack.el, problem, stage);
  const live = createLive(root, signal), note = h("p", { class: "cl-note rf-agrees" });
  root.append(note, h("p", { class: "cl-note rf-hint" }, HINT));
  return Object.assign(view, { presets, stack, problem, bar, result, cones, planes, stage, live, note });
}

/** Ready-made stacks, and what the one on the screen is there to show. */
function createPresets(state, act, signal) {
  const buttons = PRESETS.map((preset) => h("button", { type: "button", signal,
    on: { click: act.timed(() => state.setLayers(preset.layers)) } }, preset.name));
  const says = h("p", { class: "rf-says" });
  return {
    el: h("div", { class: "rf-presets" },
      h("div", { class: "cl-row", role: "group", "aria-label": "ready-made stacks" },
      buttons), says),
    draw() {
      const now = presetOf(state.layers);
      buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(PRESETS[at] === now)));
      setText(says, now?.says ?? "Your own stack.");
    },
  };
}

/** The direction, and back, on and play. */
function createBar(state, act, signal) {
  const radios = Object.entries(DIRECTIONS).map(([value, words]) => h("button", { type: "button", role: "radio", signal,
    data: { direction: value }, on: { click: act.timed(() => state.setDirection(value)) } }, words));
  const button = (label, text, click) => h("button", { type: "button", "aria-label": label, title: label, signal,
    on: { click: act.timed(click) } }, text);
  const play = button("play", "", () => state.play(!reducedMotion())), where = h("span", { class: "rf-where" });
  const group = h("div", { class: "rf-directions", role: "radiogroup", "aria-label": "direction" }, radios);
  group.addEventListener("keydown", act.timed((event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = radios[(radios.indexOf(event.target) + by + radios.length) % radios.length];
    state.setDirection(next.dataset.direction);
    next.focus({ preventScroll: true });
  }), { signal });
  return {
    el: h("div", { class: "cl-row rf-bar" }, group, h("span", { class: "rf-transport" }, play,
      button("previous unit", "‹", () => state.goTo(state.number - 1)),
      button("next unit", "›", () => state.goTo(state.number + 1))), where),
    draw([level, row, column]) {
      for (const radio of radios) {
        const chosen = (radio.dataset.direction === "forward") === state.forward;
        radio.setAttribute("aria-checked", String(chosen));
        radio.tabIndex = chosen ? 0 : -1;
      }
      setText(play, state.playing ? "❚❚ Pause" : "▶ Play");
      play.setAttribute("aria-label", state.playing ? "pause" : "play");
      setText(where, level ? `unit (${row}, ${column}) of ${levelName(level)}`
        : `pixel (${row}, ${column}) of the input`);
    },
  };
}

/** In a sentence of numbers: size, jump, weights, and how much of the box is read (or fed). */
function createResult() {
  const n = (role) => h("b", { class: `rf-n rf-n-${role}`, data: { role, index: "" } });
  const parts = { size: [n("size"), n("size")], jump: [n("jump"), n("jump")], weights: n("weights"), read: n("read"),
    boxed: n("boxed"), holes: n("holes") };
  const pair = ([height, width]) => [height, " × ", width];
  const who = h("b"), does = h("span"), what = h("span"), not = h("span");
  return {
    el: h("p", { class: "rf-result" }, who, ": a unit sees ", pair(parts.size),
      " pixels of the input, its neighbour as ",
      "many, ", pair(parts.jump), " further on. The kernels of the stack have ", parts.weights,
      " weights for a pair of channels. ", does, parts.read, " of ", parts.boxed, what, parts.holes, not),
    draw({ stack, forward }, [own], found) {
      const level = forward ? stack.levels.length - 1 : own, top = stack.levels[level];
      setText(who, level ? `Layer ${level}` : "The input");
      ["size", "jump"].forEach((name) => parts[name].forEach((node, axis) => {
        node.dataset.index = `${level},${axis}`;
        write(node, top[`${name}s`][axis]);
      }));
      write(parts.weights, weightCount(stack.layers));
      setText(does, forward ? "Here it feeds " : "Here ");
      setText(what, forward ? " units in their box, " : " pixels in the box are read, ");
      setText(not, forward ? " between them do not read it." : " are holes.");
      write(parts.read, found.read);
      write(parts.holes, found.holes);
      write(parts.boxed, found.read + found.holes);
    },
  };
}

const shown = ({ state, preview }) => preview ?? state.unit;

/** What a hand may do in a view. */
function actions(view) {
  const { state } = view;
  /** The unit of the level under the hand: this index along one axis, along the other the one nearest to the unit. */
  const unitAt = (axis, { level, index }) => {
    const [from, ...place] = state.unit, { levels } = state.stack;
    return [level, ...[0, 1].map((own) => (own === axis ? index
      : nearest(levels[level], own, centre(levels[from], own, place[own]))))];
  };
  const act = {
    timed,
    preview: (axis, at) => act.previewUnit(unitAt(axis, at)),
    pin: (axis, at) => act.pinUnit(unitAt(axis, at)),
    previewUnit(unit) {
      if (String(unit) === String(shown(view))) return;
      view.preview = unit;
      drawUnit(view);
    },
    pinUnit(unit) {
      view.preview = null;
      if (String(unit) === String(state.unit)) drawUnit(view, true);
      else state.pin(unit);
    },
    leave() {
      if (!view.preview) return;
      view.preview = null;
      drawUnit(view);
    },
    /** To the level above or below in the picture, to the unit nearest to this one. */
    climb(by) {
      const level = state.unit[0] + by;
      if (level < 0 || level >= state.stack.levels.length) return;
      state.pin(unitAt(0, { level, index: nearest(state.stack.levels[level], 0,
        centre(state.stack.levels[state.unit[0]], 0, state.unit[1])) }));
    },
  };
  view.act = act;
  return act;
}

/** PyTorch's own words for the layer that it refuses, ours under them. */
function refusal({ problem: { at, torch, ours }, layers, stack }) {
  return h("div", { class: "cl-problem" }, h("p", {}, h("b", {}, `PyTorch refuses layer ${at + 1}, `),
    h("code", { class: "rf-inline" }, call(layers[at])), ":"), h("code", {}, torch), h("p", {}, ours),
  stack ? h("p", { class: "cl-note" }, "Greyed below: the last stack that runs.") : null);
}

/** Another stack or input. */
function drawLayout(view) {
  const { state, root } = view;
  const start = performance.now();
  view.preview = null;
  view.presets.draw();
  view.stack.draw();
  view.problem.replaceChildren(...(state.problem ? [refusal(state)] : []));
  root.classList.toggle("rf-refused", Boolean(state.problem));
  root.classList.toggle("rf-empty", !state.stack);
  view.stage.inert = Boolean(state.problem);
  if (state.stack && !state.problem) {
    for (const cone of view.cones) cone.draw();
    drawUnit(view, true);
  }
  view.live.line.classList.toggle("cl-hidden", Boolean(state.problem)); // the panel has the same words
  if (state.problem) view.live.say(`PyTorch refuses layer ${state.problem.at + 1}. ${state.problem.ours}`);
  setText(view.note, agreementText(state));
  root.drawn();
  performance.measure("convlab:layout", { start, end: performance.now() });
}

/** All that follows from the unit; `follow` where it is pinned, not for a preview. */
function drawUnit(view, follow = false) {
  const { state, root, cones, planes, bar, result, live } = view;
  if (state.problem || !state.stack) return;
  const unit = shown(view), { stack, forward } = state;
  const traces = [0, 1].map((axis) => trace(stack, axis, { level: unit[0], index: unit[axis + 1] }, forward));
  const found = summary(stack, traces, forward);
  cones.forEach((cone, axis) => cone.mark(unit, traces[axis], follow));
  planes.mark(unit, found, !view.preview);
  bar.draw(unit);
  result.draw(state, unit, found);
  root.dataset.unit = unit.join(",");
  live.say(sentence(stack, AXES, unit, found, forward));
  setText(view.note, agreementText(state));
  root.drawn();
}

function onChange(view, kind) {
  const { state } = view;
  if (kind === "layout") return drawLayout(view);
  if (kind === "unit") view.preview = null;
  if (kind !== "checked") return drawUnit(view, true);
  setText(view.note, agreementText(state));
  if (!view.preview && state.stack && !state.problem) view.planes.support();
  return view.root.drawn();
}

/** The keys of the whole widget; what a field has already answered is left alone. */
function onKey(view, event) {
  const { state } = view, { key, target } = event;
  if (state.problem || !state.stack || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (["INPUT", "SELECT"].includes(target.tagName) || target.getAttribute("role") === "spinbutton") return;
  if (key === "[" || key === "]") state.goTo(state.number + (key === "]" ? 1 : -1));
  else if (key === " " && target.tagName !== "BUTTON") state.play(!reducedMotion());
  else if (key === "Enter" && target.tagName !== "BUTTON") state.pin(shown(view));
  else if (target.tagName === "BUTTON" || !move(view, key, target.dataset.axis)) return;
  event.preventDefault();
}

/** Arrows, Home and End: on a cone along its axis and from level to level, else row by row and column by column. */
function move({ state, act }, key, axis) {
  const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[key];
  const jump = { Home: 0, End: 1 }[key];
  if (!by && jump === undefined) return false;
  const [level, ...place] = state.unit, last = state.stack.levels[level].lengths.map((length) => length - 1);
  if (axis === undefined) {
    state.pin([level, ...place.map((at, own) => (by ? at + by[own] : jump * last[own]))]);
  } else if (by?.[0]) {
    act.climb(by[0]);
  } else {
    const own = Number(axis);
    state.pin([level, ...place.map((at, other) => (other !== own ? at : by ? at + by[1] : jump * last[own]))]);
  }
  return true;
}

export default sharedViews({
  share: createFieldState,
  createView,
  onKey,
  begin(view, signal) {
    view.state.subscribe((kind) => onChange(view, kind), signal);
    drawLayout(view);
  },
});
