// What the picture says, in words, and the same in PyTorch. Pure: tested by Node, the code by PyTorch itself.

import { pads } from "./conv.js";
import { tuple } from "./conv_stepper_words.js";
import * as math from "./im2col_loom_math.js";
import { format } from "./numbers.js";

const pair = ([a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);
const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** The keywords of F.conv2d or F.unfold that are not their defaults. */
function keywords(spec, names) {
  const usual = { stride: "1", padding: "0", dilation: "1", groups: "1" };
  const given = names.map((name) => [name, Array.isArray(spec[name]) ? pair(spec[name]) : `${spec[name]}`]);
  return given.filter(([name, text]) => text !== usual[name]).map(([name, text]) => `, ${name}=${text}`).join("");
}

/** The lines of PyTorch that compute what a view shows. */
export function code(view, g, spec, shape) {
  const { K, L, share } = math.sizes(g), [[top, bottom], [left, right]] = pads(spec);
  const batch = shape.slice(0, -3), mode = spec.padding_mode === "zeros" ? "" : `, mode='${spec.padding_mode}'`;
  const framed = top + bottom + left + right > 0, inside = !mode && top === bottom && left === right;
  const padded = framed && !inside ? [`input = F.pad(input, ${tuple([left, right, top, bottom])}${mode})`] : [];
  const padding = inside ? [top, left] : [0, 0], plain = { ...spec, padding };
  const window = `${tuple([g.kH, g.kW])}${keywords(plain, ["dilation", "padding", "stride"])}`;
  const unfold = `columns = F.unfold(input, ${window})  # ${tuple([...batch, K, L])}`;
  if (view === "fold") {
    const size = inside ? [g.H, g.W] : [g.rows.length, g.columns.length];
    return [...padded, unfold, `back = F.fold(columns, ${tuple(size)}, ${window})  # copies × input, not input`];
  }
  const bias = spec.bias ? "bias" : "None", { O } = g, G = spec.groups;
  if (view === "sliding") {
    return [...padded, `output = F.conv2d(input, weight, ${bias}${keywords(plain, ["stride", "padding", "dilation", "groups"])})`];
  }
  const [rows, split] = G === 1 ? [`weight.view(${O}, -1)`, "columns"]
    : [`weight.view(${G}, ${O / G}, -1)`, `columns.view${tuple([...batch, G, share, L])}`];
  return [...padded, unfold, `product = ${rows} @ ${split}  # ${tuple([...batch, ...(G === 1 ? [O] : [G, O / G]), L])}`,
    `output = product.view${tuple([...batch, O, g.H_out, g.W_out])}${spec.bias ? " + bias.view(-1, 1, 1)" : ""}`];
}

/** `input[0, 1, 2, 3]` of a cell of the padded input, or "a zero of the padding". */
function nameOfCell(g, [c, r, q], batch) {
  const source = math.sourceOf(g, [c, r, q]);
  if (source < 0) return "a zero of the padding";
  const name = `input[${[...batch, c, g.rows[r], g.columns[q]].join(", ")}]`;
  const inside = r >= g.top && q >= g.left && r < g.top + g.H && q < g.left + g.W;
  return inside ? name : `padding that repeats ${name}`;
}

/** The live line. `spot` is what the hand is at; `copies` how many entries hold its cell, `now` how many so far. */
export function sentence({ view, g, spot, batch, copies, now, value, loom }) {
  const cell = nameOfCell(g, spot.cell, batch);
  if (spot.row === null) return `${cell}: no window reads it, so no column holds it${view === "fold" ? " and 0 comes back" : ""}.`;
  const [c, u, v] = math.tapOf(g, spot.row), { K, L } = math.sizes(g), place = math.placeOf(g, spot.column).join(", ");
  const soFar = now < copies ? ` so far, of ${copies}` : "";
  if (view === "fold") {
    const index = spot.cell[1] * g.columns.length + spot.cell[2], area = g.rows.length * g.columns.length;
    const back = loom.folded.sums[spot.cell[0] * area + index];
    return `${count(now, "copy", "copies")} of ${cell} came back${soFar}: ` +
      `${now} × ${format(value)} = ${format(back)}. fold adds the copies up, it does not undo unfold.`;
  }
  if (view === "sliding") {
    return `Place (${place}): the window lies on ${cell} with tap (${u}, ${v}) of channel ${c}. ${K} numbers are read for each of ${L} places.`;
  }
  return `Column ${spot.column} of ${L} is the window at place (${place}); row ${spot.row} of ${K} is tap (${u}, ${v}) of channel ${c}: ` +
    `${cell} = ${format(value)}, in ${count(now, "entry", "entries")} of the matrix${soFar}.`;
}

/** One sentence on what Python computed again. */
export function agreementText({ layer, agreement }) {
  const by = layer.agreement?.by;
  if (layer.problem) return "";
  if (layer.agreement && !layer.agreement.agrees) return `✗ ${by} differs by ${layer.agreement.difference.toPrecision(2)} in the output: please report this.`;
  if (!agreement) return "Computed here; Python has not checked these numbers yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} differs by ${agreement.difference.toPrecision(2)}: please report this.`;
  const some = agreement.count < agreement.all ? `${agreement.count.toLocaleString("en")} of the ` : "";
  const rounding = agreement.rounding ? `is within ${agreement.rounding.toExponential(0)} of the sliding one: rounding` : "is exactly the sliding one";
  return `✓ ${agreement.by} computed the same ${some}${agreement.all.toLocaleString("en")} entries; its matrix product ${rounding}`;
}
