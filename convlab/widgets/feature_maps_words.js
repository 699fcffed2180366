// What FeatureMaps says: how far the training is, what is drawn, the pinned number.

import { format } from "./numbers.js";

const signed = (value) => format(value).replace("-", "−");

/** Seconds as a person says them. */
export function duration(seconds) {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** The phase in words, without its numbers. */
export const PHASES = { ready: "Not trained yet", training: "Training", paused: "Paused", done: "Done", stopped: "Stopped" };

/** The label of the button that trains or pauses. */
export function trainLabel({ phase }) {
  if (phase === "training") return "❚❚ Pause";
  return { ready: "▶ Train", paused: "▶ Go on" }[phase] ?? "▶ Train more";
}

const QUARTERS = ["Training has begun.", "Training: a quarter is done.", "Training: half is done.", "Training: three quarters are done."];

/** Which pictures the table is of. */
export const testedText = ({ labels, tested }) => ` % of ${labels.length} ${tested} named rightly`;

/** The line below the picture; while it trains it changes by quarters alone, or a screen reader would never rest. */
export function sentence(state, { o, place, value }) {
  const { progress: { phase, steps, goal, problem }, frame, facts } = state;
  if (problem) return problem;
  if (phase === "training") return QUARTERS[Math.min(3, Math.floor((4 * steps) / Math.max(1, goal)))];
  const label = facts.labels[frame.picture], best = frame.logits.indexOf(Math.max(...frame.logits));
  const verdict = best === label ? "rightly" : `but it is a ${label}`;
  const what = state.layer.output ? `output[${o}, ${place.join(", ")}] = ${signed(value)}. ` : "";
  return `After step ${frame.step}, ${state.name}, filter ${o}: ${what}Picture ${frame.picture} is called ${best}, ${verdict}.`;
}

/** What is said while Python has not answered. */
export function waitingText(state) {
  if (!state.late) return "";
  return `Python does not answer: ${state.unheard ? "run the cell to train." : "run the cell. The last picture stays."}`;
}
