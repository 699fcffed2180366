// The wiring: a column of boxes for the channels before and after each stage, lines where one reads the other. Nodes
// stay from one layout to the next; the lines of a group are one path.

import { h, setText } from "./dom.js";
import { box, number, pointed, pooled, set } from "./groups_wiring_draw.js";
import { source, traced, upTo } from "./groups_wiring_math.js";

const BOX_PX = 34, STEP_PX = 128, TOP_PX = 26, EDGE_PX = 8, GAP_PX = 7, TALL_PX = 330;
/** A stage with more lines than this is drawn as bands, one a group. */
const MOST_LINES = 1200;
const TITLES = { input: "input", grouped: "grouped", shuffled: "shuffled", output: "output" };

/** {el, draw(), mark(spot)}: the wires of the last setting that runs. */
export function createWires(state, act, signal) {
  const under = h("g"), over = h("g"); // the lines go under the channels
  const svg = h("svg", { "aria-hidden": "true" }, under, over);
  const el = h("div", { class: "gw-wires cl-scroll", tabindex: 0, role: "group" }, svg);
  const part = { state, svg, under, over, el, stages: [], columns: [] };
  pointed(svg, (event) => {
    const node = event.target.closest(".gw-channel");
    return node && [Number(node.dataset.column), Number(node.dataset.channel)];
  }, act, signal);
  return { el, draw: () => draw(part), fates: () => drawFates(part), mark: (spot) => mark(part, spot) };
}

const stageNodes = () => {
  const kinds = ["groups", "dead", "lit"].map((kind) => h(kind === "groups" ? "g" : "path", { class: `gw-${kind}` }));
  return { el: h("g", {}, kinds), pool: [], groups: kinds[0], dead: kinds[1], lit: kinds[2] };
};

const columnNodes = () => {
  const title = h("text", { class: "gw-title", y: 14 }), frame = h("path", { class: "gw-frame" });
  return { el: h("g", {}, title, frame), title, frame, pool: [] };
};

const channelNode = (column) => (at) => h("g", { class: "gw-channel", data: { column, channel: at } },
  h("rect", { rx: 3, width: BOX_PX }), h("path", { class: "gw-cross" }),
  h("text", { class: "gw-text", x: BOX_PX / 2 }));

/** Where every channel of every column lies. */
function laid({ columns }) {
  const most = Math.max(...columns.map(({ count }) => count));
  const px = Math.max(15, Math.min(26, Math.floor(TALL_PX / most)));
  const tall = ({ count, parts }) => count * px + (parts - 1) * GAP_PX;
  const height = Math.max(...columns.map(tall));
  return {
    px, height: TOP_PX + height + EDGE_PX, width: (columns.length - 1) * STEP_PX + BOX_PX + 2 * EDGE_PX + 14,
    columns: columns.map((column, at) => {
      const top = TOP_PX + (height - tall(column)) / 2, each = column.count / column.parts;
      return { x: EDGE_PX + 7 + at * STEP_PX, each,
        y: (channel) => top + channel * px + Math.floor(channel / each) * GAP_PX };
    }),
  };
}

function draw(part) {
  const { state: { chain }, svg, under, over, el } = part, at = part.laid = laid(chain);
  set(svg, { width: at.width, height: at.height });
  pooled(under, part.stages, chain.stages.length, () => {
    const nodes = stageNodes();
    return Object.assign(nodes.el, { nodes });
  });
  const columns = pooled(over, part.columns, chain.columns.length, (column) => {
    const nodes = columnNodes();
    return Object.assign(nodes.el, { nodes, make: channelNode(column) });
  });
  columns.forEach((node, column) => drawColumn(node, chain.columns[column], at.columns[column], at.px));
  const words = chain.columns.map(({ name, count }) => `${count} ${name}`).join(", ");
  el.setAttribute("aria-label", `wiring: ${words} channels. Arrows move, Enter mutes an input channel`);
  drawFates(part);
}

function drawColumn({ nodes, make }, column, at, px) {
  set(nodes.title, { x: at.x + BOX_PX / 2, class: `gw-title gw-${column.kind}` });
  setText(nodes.title, TITLES[column.name]);
  const frames = upTo(column.parts).map((group) =>
    box(at.x - 4, at.y(group * at.each) - 2, BOX_PX + 8, at.each * px + 3));
  set(nodes.frame, { d: frames.join("") });
  pooled(nodes.el, nodes.pool, column.count, make).forEach((node, channel) => {
    const [rect, cross, text] = node.children;
    set(node, { transform: `translate(${at.x} ${at.y(channel)})` });
    set(rect, { height: px - 1 });
    set(text, { y: px / 2 });
    set(cross, { d: `M3 ${px - 4}L${BOX_PX - 3} 3` });
    number(text, { role: "channel", index: `${node.dataset.column},${channel}`, value: channel });
  });
}

/** The lines, and which channels are muted, dark or changed. */
function drawFates(part) {
  const { state: { chain, fates }, laid: at } = part;
  chain.stages.forEach((stage, number_) => {
    const { nodes } = part.stages[number_], dead = [], ends = endsOf(part, stage);
    const groups = pooled(nodes.groups, nodes.pool, stage.groups, () => h("path"));
    groups.forEach((path, group) => {
      const [left, right] = members(chain, stage, group);
      const gone = left.filter((channel) => fates[stage.from][channel] === 2);
      const live = left.filter((channel) => fates[stage.from][channel] !== 2);
      const d = crossing(stage, live, right, ends);
      set(path, { class: `gw-wire gw-${d.band ? "band" : stage.kind} gw-shade-${group % 2}`, d: d.text });
      dead.push(lines(stage, gone, right, ends));
    });
    set(nodes.dead, { d: dead.join("") });
  });
  chain.columns.forEach((column, place) => {
    part.columns[place].nodes.pool.slice(0, column.count).forEach((node, channel) => {
      node.convlabState = `gw-channel gw-${column.kind} gw-fate-${place ? "" : "in"}${fates[place][channel]}`;
    });
  });
}

/** (left, right) channels of a group of a stage. */
function members({ columns }, { kind, from, groups }, group) {
  const [left, right] = [columns[from].count, columns[from + 1].count].map((count) => count / groups);
  const own = upTo(left).map((at) => group * left + at);
  if (kind === "shuffle") return [own, upTo(right).map((at) => at * groups + group)];
  return [own, upTo(right).map((at) => group * right + at)];
}

/** Functions from a channel to the end of its lines: a piece of a path. */
function endsOf({ laid: { columns, px }, state: { chain } }, { from }) {
  const [left, right] = [columns[from], columns[from + 1]], middle = Math.floor(px / 2);
  return {
    count: chain.columns[from].count, other: chain.columns[from + 1].count,
    start: (channel) => `M${left.x + BOX_PX} ${left.y(channel) + middle}`,
    end: (channel) => `L${right.x} ${right.y(channel) + middle}`,
  };
}

function lines(stage, left, right, { start, end, other }) {
  if (stage.kind === "shuffle") {
    const own = new Set(left);
    return right.filter((at) => own.has(source(at, other, stage.groups)))
      .map((at) => start(source(at, other, stage.groups)) + end(at)).join("");
  }
  const ends = right.map(end);
  return left.map((channel) => {
    const from = start(channel);
    return ends.map((to) => from + to).join("");
  }).join("");
}

/** The lines of a group; a band from its first to its last channels where the stage has too many. */
function crossing(stage, left, right, ends) {
  const most = stage.kind === "conv" && (ends.count * ends.other) / stage.groups > MOST_LINES;
  if (!most || !left.length) return { text: lines(stage, left, right, ends), band: false };
  const to = ends.end(right[0]) + ends.end(right.at(-1)), back = `L${ends.start(left.at(-1)).slice(1)}`;
  return { text: `${ends.start(left[0])}${to}${back}z`, band: true };
}

/** Lights what the spot reaches and what reaches it: a channel's whole way, or one kernel. */
function mark(part, spot) {
  const { state: { chain } } = part, marks = litMarks(chain, spot);
  const here = spot.length === 2 ? spot : null;
  chain.columns.forEach((column, place) => {
    part.columns[place].nodes.pool.slice(0, column.count).forEach((node, channel) => {
      const lit = marks[place][channel] ? " gw-on" : "";
      const pinned = here && here[0] === place && here[1] === channel ? " gw-here" : "";
      set(node, { class: node.convlabState + lit + pinned });
    });
  });
  chain.stages.forEach((stage, at) => {
    const ends = endsOf(part, stage), found = [];
    for (let group = 0; group < stage.groups; group++) {
      const [left, right] = members(chain, stage, group).map((all, side) => all.filter((one) => marks[at + side][one]));
      if (left.length && right.length) found.push(crossing(stage, left, right, ends).text);
    }
    set(part.stages[at].nodes.lit, { d: found.join("") });
  });
}

/** For every column the marks of what is lit. */
export function litMarks(chain, spot) {
  if (spot.length === 2) return traced(chain, ...spot);
  const [layer, o, c] = spot, { from } = chain.stages.find((stage) => stage.layer === layer);
  const marks = chain.columns.map(({ count }) => new Uint8Array(count));
  marks[from][c] = marks[from + 1][o] = 1;
  return marks;
}
