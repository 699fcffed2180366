// Who reads whom in a grouped layer, a shuffle and a 1 x 1 layer after it, and what that costs. Pure: tested by Node.

import { geometry, macs, parameterCount, problem } from "./conv.js";

const SETTINGS = [
  "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias", "padding_mode",
];
export const CHAIN = [...SETTINGS, "pointwise", "pointwise_groups", "shuffle", "size"];
const POINT = { kernel_size: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1], padding_mode: "zeros" };

export const upTo = (count) => Array.from({ length: count }, (_, at) => at);

/** Conv2d's arguments of the layer and, where there is one, of the 1 x 1 layer after it. */
export function specs(setting) {
  const first = Object.fromEntries(SETTINGS.map((name) => [name, setting[name]]));
  const { pointwise, pointwise_groups: groups } = setting;
  if (!pointwise) return [first];
  return [first, { ...POINT, in_channels: first.out_channels, out_channels: pointwise, groups, bias: first.bias }];
}

/** The layer without groups from the same input to the same output. */
const denseSpec = ({ specs: all }) =>
  ({ ...all[0], out_channels: all.at(-1).out_channels, groups: 1 });

const inputShape = ({ size, in_channels }) => [...size.slice(0, -2), in_channels, ...size.slice(-2)];
const outputShape = (g, shape) => [...shape.slice(0, -3), g.O, g.H_out, g.W_out];

/** What is refused, {problem, spec, shape}; else null. */
export function refused(setting) {
  let shape = inputShape(setting);
  for (const spec of specs(setting)) {
    const found = problem(spec, shape);
    if (found) return { problem: found, spec, shape };
    shape = outputShape(geometry(spec, shape), shape);
  }
  return null;
}

/** Where channel `at` of the shuffled channels came from: dealt out by turns, one from each group. */
export const source = (at, channels, groups) => (at % groups) * (channels / groups) + Math.floor(at / groups);

/** Group counts that Conv2d takes for these channels. */
export function legalGroups(inputs, outputs) {
  return upTo(Math.min(inputs, outputs)).map((at) => at + 1).filter((g) => inputs % g === 0 && outputs % g === 0);
}

/** The layer's legal chain: its specs, its columns of channels, and its stages, each between two columns. */
export function chain(setting) {
  const all = specs(setting), [first, point] = all, { groups } = first;
  const column = (name, count, parts, kind) => ({ name, count, parts, kind });
  const last = (here) => (here ? "output" : "between");
  const columns = [column("input", first.in_channels, groups, "input"),
    column(point || setting.shuffle ? "grouped" : "output", first.out_channels, groups,
      last(!point && !setting.shuffle))];
  const stages = [{ kind: "conv", layer: 0, groups, from: 0 }];
  if (setting.shuffle) {
    columns.push(column("shuffled", first.out_channels, point ? point.groups : groups, last(!point)));
    stages.push({ kind: "shuffle", groups, from: 1 });
  }
  if (point) {
    if (!setting.shuffle) columns[1].next = point.groups;
    stages.push({ kind: "conv", layer: 1, groups: point.groups, from: columns.length - 1 });
    columns.push(column("output", point.out_channels, point.groups, "output"));
  }
  return { setting, shape: inputShape(setting), specs: all, columns, stages };
}

/** Whether channel `a` on the left of a stage and `b` on its right are joined. */
export function joined(chain, stage, a, b) {
  const left = chain.columns[stage.from].count, right = chain.columns[stage.from + 1].count, { groups } = stage;
  if (stage.kind === "shuffle") return source(b, right, groups) === a;
  return Math.floor((a * groups) / left) === Math.floor((b * groups) / right);
}

/** Marks (0 or 1 a channel) of one side of a stage, carried to the other: a group that has one is marked whole. */
function carried(chain, stage, marks, forward) {
  const { groups, from } = stage, count = chain.columns[forward ? from + 1 : from].count, own = marks.length;
  if (stage.kind === "shuffle") {
    const found = new Uint8Array(count);
    for (let at = 0; at < count; at++) {
      const before = source(at, count, groups);
      if (forward) found[at] = marks[before];
      else found[before] = marks[at];
    }
    return found;
  }
  const any = new Uint8Array(groups);
  for (let at = 0; at < own; at++) if (marks[at]) any[Math.floor((at * groups) / own)] = 1;
  return Uint8Array.from({ length: count }, (_, at) => any[Math.floor((at * groups) / count)]);
}

/** For every column the marks of all that a channel reaches forward and is reached from backward. */
export function traced(chain, column, channel) {
  const marks = chain.columns.map(({ count }) => new Uint8Array(count));
  marks[column][channel] = 1;
  const { stages } = chain;
  for (let at = column; at < stages.length; at++) marks[at + 1] = carried(chain, stages[at], marks[at], true);
  for (let at = column; at > 0; at--) marks[at - 1] = carried(chain, chain.stages[at - 1], marks[at], false);
  return marks;
}

/** For every column 2 where only muted channels lead (dark), 1 where a muted one is among others (changed), else 0. */
export function fates(chain, muted) {
  const { count } = chain.columns[0], gone = new Uint8Array(count);
  for (const channel of muted) if (channel < count) gone[channel] = 1;
  let touched = gone, live = gone.map((mark) => 1 - mark);
  const found = [gone.map((mark) => 2 * mark)];
  for (const stage of chain.stages) {
    touched = carried(chain, stage, touched, true);
    live = carried(chain, stage, live, true);
    found.push(touched.map((mark, at) => (mark ? 2 - live[at] : 0)));
  }
  return found;
}

export const where = (marks, mark) => upTo(marks.length).filter((at) => marks[at] === mark);

/** Shapes and counts of each layer of the chain, of all of them, and of the dense one beside them. */
export function counts(chain) {
  const rows = [];
  let shape = inputShape(chain.setting);
  const row = (spec, input) => {
    const g = geometry(spec, input);
    return { spec, g, output: outputShape(g, input), weight: [g.O, g.Cg, g.kH, g.kW],
      parameters: parameterCount(spec), macs: macs(g) };
  };
  const input = shape;
  for (const spec of chain.specs) {
    rows.push(row(spec, shape));
    shape = rows.at(-1).output;
  }
  const sum = (name) => rows.reduce((total, one) => total + one[name], 0);
  const dense = row(denseSpec(chain), input), all = { parameters: sum("parameters"), macs: sum("macs") };
  return { rows, all, dense, input, output: shape,
    ratio: { parameters: dense.parameters / all.parameters, macs: dense.macs / all.macs } };
}
