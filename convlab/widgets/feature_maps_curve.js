// The loss of every step as a curve; a click shows the network as it was then.

import { h, setText } from "./dom.js";
import { unpack } from "./feature_maps_state.js";
import { number, style, write } from "./filter_bank_paint.js";

const [WIDTH, HEIGHT] = [1000, 300];

/** A round number not below this one: 1, 2 or 5 times a power of ten, or 2.5. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1));
  return [1, 2, 2.5, 5, 10].map((times) => times * power).find((round) => round >= value * (1 - 1e-12));
}

/** {el, draw()}. */
export function createCurve(state, act, signal) {
  const path = h("path", { class: "fm-path" }), top = number("axis", "0"), end = number("axis", "1");
  const svg = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": "the loss by step" },
    [0.25, 0.5, 0.75].map((share) => h("line", { class: "fm-rule", x1: 0, x2: WIDTH, y1: share * HEIGHT, y2: share * HEIGHT })), path);
  const here = h("div", { class: "fm-here" }), at = h("span"), loss = number("loss", "");
  const plot = h("div", { class: "fm-plot" }, svg, here);
  const said = h("p", { class: "fm-line" }, at, loss);
  let steps = 1;
  plot.addEventListener("click", act.timed((event) => {
    const box = plot.getBoundingClientRect(), step = ((event.clientX - box.left) / box.width) * steps;
    const { kept } = state.progress;
    state.setStep(kept.reduce((best, one, place) => (Math.abs(one - step) < Math.abs(kept[best] - step) ? place : best), 0));
  }), { signal });
  return {
    el: h("section", { class: "fm-curve", "aria-label": "the loss" }, h("p", { class: "cl-title" }, "Loss (cross-entropy of the batch)"),
      h("div", { class: "fm-axes" }, h("span", { class: "fm-top" }, top), h("span", { class: "fm-zero" }, "0"), plot,
        h("span", { class: "fm-start" }, "step 0"), h("span", { class: "fm-end" }, end)), said),
    draw() {
      const { values } = unpack(state.progress.losses), { step } = state.frame;
      steps = Math.max(state.progress.goal, 1);
      const finite = values.filter(Number.isFinite), high = roundUp(finite.reduce((most, value) => Math.max(most, value),
        Math.log(state.facts.classes))); // what a guess costs at least is on the axis
      const points = Array.from(values, (value, k) => Number.isFinite(value)
        ? `${((k + 1) / steps) * WIDTH} ${HEIGHT * (1 - Math.min(value, high) / high)}` : null).filter(Boolean);
      path.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
      path.convlabValues = { role: "loss", values };
      write(top, high);
      write(end, steps);
      style(here, "left", `${(100 * step) / steps}%`);
      const known = step > 0 && step <= values.length;
      loss.hidden = !known;
      setText(at, known ? `step ${step}: ` : values.length ? "before the first step" : "Nothing learned yet: press Train or Step.");
      if (!known) {
        delete loss.dataset.value;
        return;
      }
      loss.dataset.index = step;
      write(loss, values[step - 1]);
    },
  };
}
