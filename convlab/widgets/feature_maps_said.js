// The picture, and what the network says of it: a logit a class, and the share that softmax makes of it.

import { h, setText } from "./dom.js";
import { createSurface, number, write } from "./filter_bank_paint.js";
import { paintPicture } from "./kernel_lab_scale.js";

/** {el, draw()}. */
export function createSaid(state) {
  const surface = createSurface("fm-picture"), label = number("label", ""), verdict = h("b");
  const rows = Array.from({ length: state.facts.classes }, (_, k) => {
    const logit = number("logit", k), share = number("share", k), bar = h("i", { class: "fm-share" });
    const el = h("tr", {}, h("th", { scope: "row" }, String(k)), h("td", { class: "fm-right" }, logit),
      h("td", { class: "fm-bars" }, bar), h("td", { class: "fm-right" }, share));
    return { el, logit, share, bar };
  });
  const table = h("table", { class: "fm-logits" }, h("caption", { class: "cl-hidden" }, "what the network says of the picture"),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "cl-hidden" }, "class")),
      h("th", { scope: "col", class: "fm-right" }, "logit"), h("th", { scope: "col", colspan: 2 }, "softmax"))),
    h("tbody", {}, rows.map((row) => row.el)));
  return {
    el: h("section", { class: "fm-said", "aria-label": "the picture" },
      h("p", { class: "cl-title" }, h("span", { class: "cl-letter cl-input" }, "I"), "label ", label), surface.el,
      h("p", { class: "fm-verdict" }, verdict), table),
    draw() {
      const { frame, facts } = state, { shape: [C, H, W], values } = frame.input, answer = facts.labels[frame.picture];
      let low = Infinity, high = -Infinity;
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
      const planes = C === 3 ? [0, H * W, 2 * H * W] : [0];
      surface.paint(H, W, (pixels) => paintPicture(pixels, values, planes, Math.min(0, low), Math.max(1, high)));
      surface.holds({ role: "input", index: "", shape: [C, H, W], values });
      write(label, answer);
      const best = frame.logits.indexOf(Math.max(...frame.logits));
      setText(verdict, best === answer ? `✓ says ${best}` : `✗ says ${best}`);
      verdict.classList.toggle("fm-wrong", best !== answer);
      rows.forEach(({ el, logit, share, bar }, k) => {
        write(logit, frame.logits[k]);
        write(share, frame.shares[k]);
        bar.style.width = `${100 * frame.shares[k]}%`;
        el.classList.toggle("fm-best", k === best);
        el.classList.toggle("fm-answer", k === answer);
      });
    },
  };
}
