// The loss: the number, and the curve of all steps so far, on an axis of equal steps or of equal factors.

import { roundUp } from "./feature_maps_curve.js";
import { h, setText } from "./dom.js";
import { number, write } from "./filter_bank_paint.js";
import { createRadios } from "./kernel_lab_controls.js";

const [WIDTH, HEIGHT] = [1000, 300];
const TINY = 1e-12, MOST_POINTS = 600;

/** The axis of these losses: {low, high, share(loss)}; share is 0 at the lower end and 1 at the upper. */
export function axisOf(losses, lowest, scale) {
  const finite = losses.filter(Number.isFinite), most = finite.reduce((a, b) => Math.max(a, b), lowest > TINY ? lowest : 0) || 1;
  if (scale === "linear") {
    const high = roundUp(most);
    return { low: 0, high, share: (loss) => Math.min(1, loss / high) };
  }
  const least = finite.reduce((a, b) => Math.min(a, b), most), power = (value, round) => 10 ** round(Math.log10(Math.max(value, TINY)));
  const low = power(least, Math.floor), high = Math.max(power(most, Math.ceil), 10 * low), span = Math.log10(high / low);
  return { low, high, share: (loss) => Math.max(0, Math.min(1, Math.log10(Math.max(loss, TINY) / low) / span)) };
}

/** The points of the curve, "x y" each; of a long one, some. */
export function pointsOf(losses, steps, share) {
  const every = Math.ceil(losses.length / MOST_POINTS);
  return losses.flatMap((loss, k) => (Number.isFinite(loss) && (k % every === 0 || k === losses.length - 1)
    ? [`${((k / steps) * WIDTH).toFixed(1)} ${((1 - share(loss)) * HEIGHT).toFixed(1)}`] : []));
}

/** {el, draw()}. */
export function createCurve(state, act, signal) {
  const path = h("path", { class: "kn-path" });
  const floor = h("line", { class: "kn-floor", x1: 0, x2: WIDTH });
  const svg = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": "the loss by step" },
    [0.25, 0.5, 0.75].map((part) => h("line", { class: "kn-rule", x1: 0, x2: WIDTH, y1: part * HEIGHT, y2: part * HEIGHT })), floor, path);
  const [top, bottom, end] = ["1", "0", "2"].map((index) => number("axis", index));
  const dot = h("div", { class: "kn-dot" });
  const gone = h("span", { class: "kn-tag kn-gone" }, "diverged");
  const loss = number("loss", "", "kn-loss"), of = h("span", { class: "kn-note" }), old = h("span", { class: "kn-tag" }, "before the update");
  const lowest = number("lowest", ""), least = h("p", { class: "kn-at" }, "lowest that can be reached: ", lowest);
  const scale = createRadios({ label: "axis", className: "kn-joined", signal, get: () => state.scale,
    options: [{ value: "linear", text: "linear", title: "equal steps" }, { value: "log", text: "log", title: "equal factors" }],
    set: act.now((value) => state.setScale(value)) });
  return {
    el: h("section", { class: "kn-panel kn-curve", "aria-label": "the loss of the kernel" },
      h("p", { class: "kn-title" }, h("span", { class: "kn-badge", "aria-hidden": "true" }, "3"), "loss", old, gone),
      h("code", { class: "kn-code" }, "loss = (difference ** 2).mean()"), h("p", { class: "kn-big" }, loss, of),
      h("div", { class: "kn-axes" }, h("span", { class: "kn-top" }, top), h("span", { class: "kn-bottom" }, bottom),
        h("div", { class: "kn-plot" }, svg, dot), h("span", { class: "kn-start" }, "step 0"), h("span", { class: "kn-end" }, end)),
      h("div", { class: "kn-under" }, least, scale.el)),
    draw() {
      const { run: { losses, stage, step }, problem, lowest: floorLoss } = state, ready = stage >= 3;
      const at = stage === 5 ? step - 1 : step, axis = axisOf(losses, floorLoss, state.scale);
      scale.sync();
      loss.dataset.index = String(at);
      if (ready) write(loss, losses[at]);
      else {
        delete loss.dataset.value;
        setText(loss, "");
      }
      setText(of, ready ? ` mean of ${problem.places} squares` : "comes after the difference");
      old.hidden = stage !== 5;
      gone.hidden = !state.diverged;
      write(lowest, tidy(floorLoss, losses));
      const steps = Math.max(10, losses.length - 1);
      write(top, axis.high);
      write(bottom, axis.low);
      write(end, steps);
      const points = pointsOf(losses, steps, axis.share), last = points.at(-1)?.split(" ");
      path.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
      path.convlabValues = { role: "loss", values: losses };
      dot.hidden = !last;
      if (last) dot.style.cssText = `left: ${last[0] / (WIDTH / 100)}%; top: ${last[1] / (HEIGHT / 100)}%`;
      const y = (1 - axis.share(floorLoss)) * HEIGHT;
      floor.setAttribute("y1", y);
      floor.setAttribute("y2", y);
    },
  };
}

/** What is left of rounding is 0. */
const tidy = (loss, losses) => (loss < 1e-20 * Math.max(1, losses[0] ?? 1) ? 0 : loss);
