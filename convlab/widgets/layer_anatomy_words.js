// What an anatomy says: the layer as PyTorch prints it, every shape and count with its derivation, the live line.
// Pure: tested by Node. A derivation is a list of pieces: text, or a number {role, index, value, of}, where `of` names
// the argument that it comes from.

import { extent, pads } from "./conv.js";
import { format } from "./numbers.js";
import { equals, operand, tuple } from "./conv_stepper_words.js";

const pair = ([first, second]) => `(${first}, ${second})`;

/** repr(layer), letter for letter. */
export function layerText(spec) {
  const { padding, dilation, groups } = spec;
  const parts = [spec.in_channels, spec.out_channels, `kernel_size=${pair(spec.kernel_size)}`,
    `stride=${pair(spec.stride)}`];
  if (typeof padding === "string") parts.push(`padding=${padding}`);
  else if (padding.some(Boolean)) parts.push(`padding=${pair(padding)}`);
  if (dilation.some((step) => step !== 1)) parts.push(`dilation=${pair(dilation)}`);
  if (groups !== 1) parts.push(`groups=${groups}`);
  if (!spec.bias) parts.push("bias=False");
  if (spec.padding_mode !== "zeros") parts.push(`padding_mode=${spec.padding_mode}`);
  return `Conv2d(${parts.join(", ")})`;
}

/** Parameters, multiply-adds, and what a Linear between the same input and output has. */
export function counts(g, { bias }) {
  const outputs = g.O * g.H_out * g.W_out, inputs = g.C * g.H * g.W;
  const filter = g.Cg * g.kH * g.kW;
  const parameters = g.O * filter + (bias ? g.O : 0), dense = inputs * outputs + (bias ? outputs : 0);
  return { filter, parameters, inputs, outputs, dense, ratio: dense / parameters, macs: g.N * outputs * filter };
}

const n = (role, index, value, of) => ({ role, index, value, of });
const arg = (role, index, value) => n(role, index, value, `${role}.${index}`);

/** weight.shape: one part for each axis, {number, from}. */
export const weightParts = ({ O, Cg, kH, kW }, { in_channels, groups }) => [
  { number: n("weight-shape", 0, O, "out_channels.0"), from: ["out_channels"], letter: "o" },
  { number: n("weight-shape", 1, Cg, "in_channels.0"), letter: "c",
    from: ["in_channels / groups\n= ", arg("in_channels", 0, in_channels), " / ", arg("groups", 0, groups)] },
  { number: n("weight-shape", 2, kH, "kernel_size.0"), from: ["kernel_size\n[0]"], letter: "u" },
  { number: n("weight-shape", 3, kW, "kernel_size.1"), from: ["kernel_size\n[1]"], letter: "v" },
];

/** output.shape, likewise; `rank` is the input's. */
export function outputParts({ N, O, H_out, W_out }, rank) {
  const parts = [
    { number: n("output-shape", 1, O, "out_channels.0"), from: ["out_channels"] },
    { number: n("output-shape", 2, H_out, "H_out"), from: ["H_out"] },
    { number: n("output-shape", 3, W_out, "W_out"), from: ["W_out"] },
  ];
  return rank === 4 ? [{ number: n("output-shape", 0, N, "input.0"), from: ["N"] }, ...parts] : parts;
}

/** H_out (axis 0) or W_out (axis 1) with its numbers: floor((H + 2 * padding - ...) / stride) + 1. */
export function lengthPieces(g, spec, axis) {
  const [length, kernel, stride, dilation, places] = axis
    ? [g.W, g.kW, g.sW, g.dW, g.W_out] : [g.H, g.kH, g.sH, g.dH, g.H_out];
  const [before, after] = pads(spec)[axis];
  const named = typeof spec.padding === "string";
  const padding = named ? [n("padding-sum", axis, before + after, `padding.${axis}`)]
    : ["2·", arg("padding", axis, before)];
  const over = length + before + after - extent(kernel, dilation);
  return ["⌊(", n("input", axis + 2, length, `input.${axis + 2}`), " + ", ...padding, " − ",
    arg("dilation", axis, dilation), "·(", arg("kernel_size", axis, kernel), " − 1) − 1) / ",
    arg("stride", axis, stride), "⌋ + 1", " = ⌊", n("span", axis, over), " / ", arg("stride", axis, stride),
    "⌋ + 1", " = ", n("output-length", axis, places, axis ? "W_out" : "H_out")];
}

/** C_in / groups · kH · kW, the numbers of one filter. */
const filterPieces = ({ Cg, kH, kW }) => ["(", n("factor", 1, Cg, "in_channels.0"), " · ",
  n("factor", 2, kH, "kernel_size.0"), " · ", n("factor", 3, kW, "kernel_size.1"), ")"];

/** The parameters: 4 · (3 · 3 · 2) + 4 = 76. */
export const parameterPieces = (g, spec) => [
  n("factor", 0, g.O, "out_channels.0"), " · ", ...filterPieces(g),
  ...(spec.bias ? [" + ", n("factor", 0, g.O, "bias.0")] : []), " = ", n("parameters", "", counts(g, spec).parameters),
];

/** The multiply-adds: one for each weight of a filter, at each place of each feature map. */
export const macPieces = (g, spec) => [
  ...(g.N > 1 ? [n("input", 0, g.N, "input.0"), " · "] : []), n("factor", 0, g.O, "out_channels.0"), " · ",
  n("output-length", 0, g.H_out, "H_out"), " · ", n("output-length", 1, g.W_out, "W_out"), " · ", ...filterPieces(g),
  " = ", n("macs", "", counts(g, spec).macs),
];

/** The Linear between the same input and output: {inputs, outputs, total}, each a list of pieces. */
export function densePieces(g, spec) {
  const { inputs, outputs, dense } = counts(g, spec);
  const size = [n("dense-in", "", inputs), n("dense-out", "", outputs)];
  return {
    inputs: [n("input", 1, g.C, "input.1"), " · ", n("input", 2, g.H, "input.2"), " · ",
      n("input", 3, g.W, "input.3"), " = ", size[0]],
    outputs: [n("factor", 0, g.O, "out_channels.0"), " · ", n("output-length", 0, g.H_out, "H_out"), " · ",
      n("output-length", 1, g.W_out, "W_out"), " = ", size[1]],
    total: [size[0], " · ", size[1], ...(spec.bias ? [" + ", size[1]] : []), " = ", n("dense-parameters", "", dense)],
  };
}

/** A length, given in metres, as one says it: "71.8 mm", "98.8 m", "1.2 km". */
export function lengthText(metres) {
  const [size, unit] = metres < 0.01 ? [1000, "mm"] : metres < 1 ? [100, "cm"]
    : metres < 1000 ? [1, "m"] : [0.001, "km"];
  return `${format(metres * size)} ${unit}`;
}

/** Where weight (u, v) lies at a place: the row and column of the input, and of the pixel whose value stands there. */
export function pixelUnder(g, [i, j], [u, v]) {
  const r = i * g.sH + u * g.dH, c = j * g.sW + v * g.dW;
  return { row: r - g.top, column: c - g.left, pixel: [g.rows[r], g.columns[c]] };
}

/** The input channel that kernel c of filter o reads. */
export const channelOf = (g, o, c) => Math.floor(o / g.Og) * g.Cg + c;

const kernelNames = (count) => (count === 1 ? "1 kernel" : `${count} kernels`);

/** What weight[o], weight[o, c] or weight[o, c, u, v] is, what it reads, and what it makes. */
export function sentence(state, { index, place, depth }) {
  const { g, legal } = state, [o, c, u, v] = index, channel = channelOf(g, o, c);
  const all = `${channelOf(g, o, 0)}${g.Cg > 1 ? ` to ${channelOf(g, o, g.Cg - 1)}` : ""}`;
  const group = g.C > g.Cg ? `, the channels of group ${Math.floor(o / g.Og)}` : "";
  if (depth === 1) {
    return `weight[${o}] is filter ${o}, shape ${tuple([g.Cg, g.kH, g.kW])}: ${kernelNames(g.Cg)}, one for each of ` +
      `input ${g.Cg === 1 ? "channel" : "channels"} ${all}${group}. It makes feature map ${o}.`;
  }
  if (depth === 2) {
    return `weight[${o}, ${c}] is kernel ${c} of filter ${o}, shape ${tuple([g.kH, g.kW])}. It reads input channel ` +
      `${channel} only, and adds to feature map ${o} only.`;
  }
  const { row, column, pixel } = pixelUnder(g, place, [u, v]);
  const weight = state.weightAt(index), batch = legal.shape.length === 4 ? [0] : [];
  const outside = row < 0 || column < 0 || row >= g.H || column >= g.W;
  const zero = pixel.some((at) => at < 0);
  const value = zero ? 0 : state.inputAt(channel, ...pixel), product = weight * value;
  const at = `input[${[...batch, channel, row, column].join(", ")}]`;
  const from = zero ? `a zero of the padding (row ${row}, column ${column})`
    : outside ? `a copy of input[${[...batch, channel, ...pixel].join(", ")}] in the padding` : at;
  return `weight[${index.join(", ")}] reads input channel ${channel} only and adds to feature map ${o} only. ` +
    `For output[${[...batch, o, ...place].join(", ")}] it meets ${from}: ${format(weight)} · ${operand(value)} ` +
    `${equals(weight, value, product)} ${format(product)}.`;
}
