// What a KernelLearner says: the line under the picture, what went wrong and why, whether Python agrees.

import { format } from "./numbers.js";
import { nameOf } from "./kernel_learner_kernel.js";

const minus = (value) => format(value).replace("-", "−");
const steps = (count) => (count === 1 ? "1 step" : `${count} steps`);

/** What the next click does. */
export const nextText = (stage) => ["1 output", "2 difference", "3 loss", "4 gradient", "5 update", "1 output"][stage];

/** Where the learning stands, in words. */
export function sentence(state, { place: [i, j], tap }) {
  const { run, shown, problem, lr } = state, { stage, step } = run, at = i * problem.g.W_out + j;
  if (tap !== null && stage >= 4) return gradientText(state, tap);
  const here = `[0, 0, ${i}, ${j}]`;
  return [
    `After ${steps(step)}. Next, the layer computes its output with the weight as it is.`,
    `1 Output: output${here} is ${minus(shown.output[at])}; the target there is ${minus(problem.target[at])}.`,
    `2 Difference: at ${here} output minus target is ${minus(shown.difference[at])}.`,
    `3 Loss: the mean of all ${problem.places} squared differences is ${minus(shown.loss)} after ${steps(step)}.`,
    "4 Gradient: where it is positive, a larger weight makes the loss larger, so the update makes that weight smaller.",
    `5 Update: each weight has moved by −${format(lr)} times its gradient. Pictures, loss and gradient are still those from before; `
      + "the next output is of the new weight.",
  ][stage];
}

function gradientText({ problem, shown, frozen }, tap) {
  const slope = shown.gradient[tap], name = nameOf(problem, tap);
  const sum = tap < problem.taps ? `2 / ${problem.places} times the sum of difference × input under this tap`
    : `2 / ${problem.places} times the sum of all differences`;
  const held = frozen.has(tap) ? " It is frozen: the gradient is there, and it is not applied." : "";
  return `${name}.grad is ${minus(slope)}: ${sum}.${held || ` The update makes it ${slope > 0 ? "smaller" : slope < 0 ? "larger" : "no other"}.`}`
    .replace(/^(weight|bias)(\[.*?\])\.grad/, "$1.grad$2");
}

/** What the rate does: {text, high}. */
export function rateText({ limit, lr }) {
  if (!Number.isFinite(limit)) return { text: "Every cell is frozen: nothing learns.", high: false };
  return lr < limit ? { before: "small enough: here lr may be anything below ", high: false }
    : { before: "too high: here lr must stay below ", high: true };
}

/** What has gone wrong or come to its end, or "". */
export function verdictText({ broken, diverged, stopped, run, lr, limit }) {
  const { losses } = run, last = losses.at(-1), high = lr >= limit;
  const why = high ? ` lr = ${format(lr)} is above ${format(limit)}: each step jumps over the lowest point and lands higher on the other side.`
    : "";
  const way = high ? " Choose a smaller rate, then Reset: it starts anew." : " Press Reset: it starts anew.";
  if (broken) {
    return `Diverged: the loss is ${format(last)}, the numbers have grown beyond what a float can hold. Nothing can be learned from here.${why}${way}`;
  }
  if (diverged) return `Diverged: after ${steps(losses.length - 1)} the loss is ${format(last)}, it began at ${format(losses[0])}.${why}${way}`;
  if (stopped === "learned") return `Learned: no weight moves any more, after ${steps(run.step)}.`;
  return stopped === "long" ? `${steps(run.step)} are enough here: press Reset for a new start.` : "";
}

/** One sentence on whether Python takes the same step from here. */
export function agreementText({ agreement }) {
  if (!agreement) return "Computed here; Python has not checked this step yet.";
  const { by, count, difference, agrees } = agreement;
  if (!agrees) return `✗ ${by} differs by ${difference.toPrecision(2)}: please report this.`;
  const how = difference ? ` (largest difference ${difference.toExponential(0)})` : "";
  const gradients = count === 1 ? "gradient" : `${count} gradients`;
  return `✓ ${by} computed the same step: loss, ${gradients}, update${by.startsWith("PyTorch") ? ", by autograd" : ""}${how}`;
}
