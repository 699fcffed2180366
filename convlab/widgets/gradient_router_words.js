// What the picture says, in words. Pure: tested by Node.

import { equals } from "./conv_stepper_words.js";
import { format } from "./numbers.js";

/** The number that is asked about, in PyTorch's words. */
export const nameOf = (view, index) => `${view === "forward" ? "input" : `dL/d${view}`}[${index.join(", ")}]`;

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const pair = ([a, b]) => (a === b ? `${a}` : `(${a}, ${b})`);

/** Which products are added, as a formula over all of them. */
export function formula(view) {
  return {
    forward: "each output gets  input × weight",
    input: "dL/dinput  =  Σ  grad_output × weight",
    weight: "dL/dweight  =  Σ  input × grad_output",
    bias: "dL/dbias  =  Σ  grad_output",
  }[view];
}

/** The live line. `reads`: [times its row is read, times its column is], for a pixel. */
export function sentence({ view, gathers, g, index, reads, terms, shown, total, value }) {
  const name = nameOf(view, index);
  const sum = shown < terms ? `${name}: ${format(total)} after ${shown} of ${count(terms, view === "bias" ? "message" : "product")}.`
    : `${name} = ${format(total)}.`;
  if (view === "bias") return `${sum} Each of the ${count(terms, "number")} of its grad_output counts once: added up, not averaged.`;
  if (view === "weight") {
    const how = gathers ? `grad_output ${spread(g)} lies on the input, and nothing is turned: its` : "One for each place:";
    return `${sum} ${how} ${count(terms, "product")} with the input, added up, not averaged.`;
  }
  const times = reads[0] * reads[1];
  if (!times) return `${nameOf("forward", index)} is read by no window: it moves no output, so its gradient is 0.`;
  const read = `read ${reads[0]} × ${reads[1]} = ${count(times, "time")} by each of ${count(g.Og, "kernel")}`;
  if (view === "forward") return `${name} = ${format(value)} is ${read}: it goes to ${count(times * g.Og, "output")}.`;
  if (!gathers) return `${sum} One product for each time the pixel is used: ${read}.`;
  const frame = [g.dH * (g.kH - 1) - g.top, g.dW * (g.kW - 1) - g.left];
  return `${sum} The turned kernel lies over grad_output ${spread(g)} and framed by d(k − 1) − p = ${pair(frame)} zeros.`;
}

const spread = ({ sH, sW }) => (sH === 1 && sW === 1
  ? "(stride 1: as it is)" : `spread by the stride ${pair([sH, sW])}`);

/** Whether the slope found by nudging is autograd's number. */
export const sameSlope = (slope, gradient) => Math.abs(slope - gradient) <= 1e-6 * Math.max(1, Math.abs(gradient));

/** One sentence on whether Python computed the same numbers. */
export function agreementText({ layer, agreement }) {
  if (layer.problem) return "";
  if (layer.agreement && !layer.agreement.agrees) return `✗ ${layer.agreement.by} differs by ${
    layer.agreement.difference.toPrecision(2)} in the output: please report this.`;
  if (!agreement) return "Computed here; Python has not checked these numbers yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} differs by ${agreement.difference.toPrecision(2)}: please report this.`;
  const exact = agreement.difference ? ` (largest difference ${agreement.difference.toExponential(0)})` : "";
  return `✓ ${agreement.by} computed the same ${agreement.count.toLocaleString("en")} gradients and the same loss${exact}`;
}

/** "=" or "≈" between numbers as they are written. */
export const equal = equals;
