// The trace as boxes: one for the input and one for each row, as high, deep and thick as its feature maps are.

import { h } from "./dom.js";
import { faces, layout } from "./shape_tracer_boxes.js";
import { sentence } from "./shape_tracer_words.js";

const LEGEND = [["input", "input"], ["learns", "made with weights"], ["plain", "made without"]];

/** {el, draw(), mark(at, follow)}. */
export function createPicture(state, act, signal) {
  const scroll = h("div", { class: "st-strip", tabindex: 0, role: "slider", "aria-label": "layers as boxes",
    "aria-orientation": "horizontal", "aria-valuemin": 0 });
  const legend = h("p", { class: "st-legend", "aria-hidden": "true" },
    LEGEND.map(([kind, text]) => h("span", {}, h("i", { class: `st-key st-${kind}` }), text)),
    h("span", {}, "Height: rows, depth: columns, thickness: channels; twice as many is one step more along each."));
  const over = ({ target }) => target.closest("[data-at]")?.dataset.at;
  scroll.addEventListener("pointerover", act.timed((event) => act.preview(over(event))), { signal });
  scroll.addEventListener("pointerleave", () => act.preview(), { signal });
  scroll.addEventListener("click", act.timed((event) => over(event) && act.pin(Number(over(event)))), { signal });
  let nodes = [];
  return {
    el: h("div", { class: "st-picture" }, scroll, legend),
    draw() {
      const { trace } = state, { width, height, floor, boxes, arcs } = layout(trace);
      nodes = boxes.map((box) => drawn(box, floor, trace, height));
      const lines = arcs.map(({ from, to, path }) =>
        h("path", { class: "st-arc", d: path, data: { from, to } }));
      const flow = boxes.slice(1).filter(({ at }) => trace.rows[at - 1].reads.includes(at - 1)).map(({ at }) => {
        const [one, two] = [boxes[at - 1], boxes[at]], y = floor - 3;
        return h("path", { class: "st-flow", d: `M${one.x + one.thick + one.deep * 0.6 + 2} ${y}H${two.x - 3}` });
      });
      scroll.replaceChildren(h("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
        lines, flow, nodes));
      scroll.setAttribute("aria-valuemax", boxes.length - 1);
    },
    mark(at, follow) {
      nodes.forEach((node, place) => node.classList.toggle("st-here", place === at));
      for (const line of scroll.querySelectorAll(".st-arc")) {
        line.classList.toggle("st-lit", line.dataset.to === String(at) || line.dataset.from === String(at));
      }
      scroll.setAttribute("aria-valuenow", at);
      scroll.setAttribute("aria-valuetext", sentence(state.trace, at));
      if (follow) bringIntoSight(scroll, nodes[at]);
    },
  };
}

/** Scrolls the strip alone, never the page. */
function bringIntoSight(scroll, node) {
  const box = node.getBoundingClientRect(), view = scroll.getBoundingClientRect();
  if (box.left < view.left) scroll.scrollLeft -= view.left - box.left + 24;
  else if (box.right > view.right) scroll.scrollLeft += box.right - view.right + 24;
}

/** A part of a line of text in the picture. */
function span(data, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
  Object.assign(node.dataset, data);
  node.textContent = text;
  return node;
}

function drawn(box, floor, trace, height) {
  const row = box.at ? trace.rows[box.at - 1] : null;
  const kind = !row ? "input" : box.problem ? "breaks" : row.parameters ? "learns" : "plain";
  const moved = trace.batch?.row === box.at && box.at > 0;
  const { front, top, side } = faces(box, floor);
  const text = (className, y, ...content) => h("text", { class: className, x: box.middle, y }, ...content);
  const numbers = box.sizes.flatMap(({ axis, length }, at) => {
    const number = span({ role: "box-size", index: `${box.at},${axis}`, value: length }, String(length));
    return at ? ["×", number] : [number];
  });
  return h("g", { class: `st-box st-${kind}${moved ? " st-moved" : ""}`, data: { at: box.at } },
    h("rect", { class: "st-place", x: box.left - 6, y: 2, width: box.width + 12, height: height - 4, rx: 4 }),
    h("path", { class: "st-front", d: front }), h("path", { class: "st-top", d: top }),
    h("path", { class: "st-side", d: side }),
    (box.problem || moved) && text("st-mark", floor - box.high - box.deep - 4, box.problem ? "✗" : "!"),
    text("st-name", floor + 14, box.name),
    box.problem ? text("st-size st-says", floor + 28, "breaks") : text("st-size", floor + 28, numbers));
}
