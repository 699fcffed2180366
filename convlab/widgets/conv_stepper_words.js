// What the picture says, in words and as arithmetic. Pure: tested by Node.

import { format } from "./numbers.js";

const short = (value) => {
  if (!Array.isArray(value)) return typeof value === "string" ? `'${value}'` : String(value);
  return value[0] === value[1] ? String(value[0]) : `(${value.join(", ")})`;
};

/** The call nn.Conv2d(...) with these settings, defaults left out. */
export function call(spec) {
  const parts = [spec.in_channels, spec.out_channels, `kernel_size=${short(spec.kernel_size)}`];
  const defaults = { stride: "1", padding: "0", dilation: "1", groups: "1", padding_mode: "'zeros'" };
  for (const [name, usual] of Object.entries(defaults)) {
    if (short(spec[name]) !== usual) parts.push(`${name}=${short(spec[name])}`);
    if (name === "groups" && !spec.bias) parts.push("bias=False");
  }
  return `nn.Conv2d(${parts.join(", ")})`;
}

/** A shape as PyTorch prints it: (1, 2, 5, 7). */
export const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** The shapes of a layer that runs: input, weight, bias (or null), output. */
export function shapes(g, { spec, shape }) {
  return {
    input: tuple(shape), weight: tuple([g.O, g.Cg, g.kH, g.kW]), bias: spec.bias ? tuple([g.O]) : null,
    output: tuple([...shape.slice(0, -3), g.O, g.H_out, g.W_out]),
  };
}

/** `name[0, 2, 3]`, with the sample in front where there is a batch. */
export const indexed = (name, batched, n, ...index) => `${name}[${[...(batched ? [n] : []), ...index].join(", ")}]`;

/** A second operand: a number below zero in parentheses. */
export const operand = (value) => (value < 0 ? `(${format(value)})` : format(value));

/** "=" when every number is written in full, else "≈". */
export const equals = (...values) => (values.every((value) => Number(format(value)) === value) ? "=" : "≈");

/** "rows 1 to 3", "row 2", "rows 0, 2, 4" of the taps along one axis. */
export function stretch(name, first, count, gap) {
  if (count === 1) return `${name} ${first}`;
  const all = Array.from({ length: count }, (_, at) => first + at * gap);
  return gap === 1 ? `${name}s ${first} to ${all.at(-1)}` : `${name}s ${all.join(", ")}`;
}

/** The live line: where the window is, and as much of the number as the stage tells. */
export function sentence(g, spec, { place: [i, j], stage, output }, parts) {
  const top = i * g.sH - g.top, left = j * g.sW - g.left;
  const bottom = top + (g.kH - 1) * g.dH, right = left + (g.kW - 1) * g.dW;
  const outside = top < 0 || left < 0 || bottom >= g.H || right >= g.W;
  const window = `Place (${i}, ${j}): the window covers ${stretch("row", top, g.kH, g.dH)} and ` +
    `${stretch("column", left, g.kW, g.dW)} of the input${outside ? ", part of it padding" : ""}`;
  if (stage === "window") return `${window}.`;
  if (stage === "products") return `${window}. Each number is multiplied by the weight at the same tap.`;
  const sums = parts.channels.map((part) => part.sum);
  const added = sums.length === 1
    ? `The products add up to ${format(sums[0])}` : `The channels add up to ${written(sums)}${format(parts.total)}`;
  if (stage === "sums") return `${window}. ${added}.`;
  const bias = spec.bias ? `with the bias ${format(parts.bias)} that is` : "there is no bias, so that is";
  const value = `${format(parts.value)}${stage === "output" ? `, which is ${output}` : ""}`;
  return `${window}. ${added}; ${bias} ${value}.`;
}

const written = (sums) =>
  (sums.length > 4 ? "" : `${sums.map((sum, at) => (at ? operand(sum) : format(sum))).join(" + ")} = `);
