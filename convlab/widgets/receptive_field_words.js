// What a receptive field says in words, and the recursion with this stack's numbers. Pure: tested by Node.

import { along } from "./receptive_field_math.js";

const short = ([height, width]) => (height === width ? String(height) : `(${height}, ${width})`);
const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** The call that makes a layer, for one channel, defaults left out. */
export function call({ kind, kernel_size, stride, padding, dilation }) {
  const usual = { stride: kind === "Conv2d" ? "1" : short(kernel_size), padding: "0", dilation: "1" };
  const given = { stride: short(stride), padding: typeof padding === "string" ? `'${padding}'` : short(padding),
    dilation: short(dilation) };
  const parts = [...(kind === "Conv2d" ? ["1", "1"] : []), `kernel_size=${short(kernel_size)}`];
  for (const [name, value] of Object.entries(given)) if (value !== usual[name]) parts.push(`${name}=${value}`);
  return `nn.${kind}(${parts.join(", ")})`;
}

export const levelName = (level) => (level ? `layer ${level}` : "the input");

/** "row 4", "rows 4 to 10". */
export const span = ({ one, many }, first, last) =>
  (first === last ? `${one} ${first}` : `${many} ${first} to ${last}`);
const minus = (number) => String(number).replace("-", "−");

/**
 * The recursion of the layer between two levels along one axis: three sums, each pieces of text and of numbers
 * ({role, value}); all of them are the stack's own numbers.
 */
export function recursion(layer, below, above, axis) {
  const { kernel, dilation, stride, extent } = along(layer, axis);
  const n = (role, value) => ({ role, value });
  const before = n("jump-before", below.jumps[axis]);
  return [
    ["extent = ", n("dilation", dilation), "·(", n("kernel-size", kernel), " − 1) + 1 = ", n("extent", extent)],
    ["r = ", n("size-before", below.sizes[axis]), " + (", n("extent", extent), " − 1)·", before, " = ",
      n("size", above.sizes[axis])],
    ["j = ", before, "·", n("stride", stride), " = ", n("jump", above.jumps[axis])],
  ];
}

/** How far the computed box reaches beyond the input: "2 rows above", "1 column to the right". */
function beyond({ ends, level }, levels) {
  const sides = [["above", "below"], ["to the left", "to the right"]];
  return ends.flatMap(({ first, last }, axis) => {
    const [one, many] = axis ? ["column", "columns"] : ["row", "rows"];
    const out = [Math.max(0, -first), Math.max(0, last - levels[level].lengths[axis] + 1)];
    return out.map((much, side) => (much ? `${count(much, one, many)} ${sides[axis][side]}` : "")).filter(Boolean);
  });
}

const listed = (items) => (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`);

/** The live line: what the unit reads, or whom it feeds. found: of summary. */
export function sentence({ levels }, axes, unit, found, forward) {
  const [level, ...place] = unit;
  const who = level ? `Unit (${place.join(", ")}) of ${levelName(level)}` : `Pixel (${place.join(", ")})`;
  if (found.level === level) {
    return forward ? `${who} is of the last layer: it feeds nothing behind it.` : `${who} is the input itself.`;
  }
  const where = found.ends.map(({ first, last }, axis) => span(axes[axis], minus(first), minus(last))).join(" and ");
  if (forward) {
    if (!found.read) return `${who} feeds no unit of ${levelName(found.level)}: no tap falls on it, its gradient is 0.`;
    const holes = found.holes ?
      `; ${count(found.holes, "unit")} between them ${found.holes === 1 ? "does" : "do"} not ` +
      "read it" : "";
    return `${who} feeds ${count(found.read, "unit")} of ${levelName(found.level)}, in ${where}${holes}.`;
  }
  const box = found.inside[0] * found.inside[1];
  const read = found.holes ? `${found.read} of the ${box} pixels there are read, ${found.holes} are holes`
    : `all ${box} pixels there are read`;
  const out = beyond(found, levels);
  const outside = out.length ?
    ` The box reaches ${listed(out)} beyond the input, where there is nothing but zeros.` : "";
  return `${who} sees ${where}, ${found.sizes.join(" × ")}: ${read}.${outside}`;
}

/** One sentence on whether Python found the same. */
export function agreementText({ agreement, problem, forward }) {
  if (!agreement) return "Computed here; Python has not checked this yet.";
  const { by, agrees, pixels } = agreement;
  if (!agrees) return `✗ ${by} disagrees: please report this.`;
  if (problem) return `✓ ${by} refuses it too`;
  const same = `✓ ${by} computed the same sizes, jumps and shapes`;
  if (pixels === undefined) return `${same}; autograd is asked once PyTorch is loaded`;
  return forward ? `${same}; a 1 sent through weights of 1 reaches the same ${count(pixels, "unit")} of the output`
    : `${same}; autograd's gradient is not 0 on the same ${count(pixels, "pixel")}`;
}
