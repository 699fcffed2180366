// The layer in numbers: shapes with what each number comes from, counts with their sums, the text PyTorch prints; and
// what a Linear layer between the same input and output would need.

import { h } from "./dom.js";
import { format } from "./numbers.js";
import * as words from "./layer_anatomy_words.js";

const thousands = new Intl.NumberFormat("en"); // toLocaleString makes one each time
const whole = (value) => (Number.isInteger(value) || value >= 1000 ? thousands.format(Math.round(value)) : format(value));

/** Text and numbers as elements; a line is broken before "=" only. */
function drawn(pieces) {
  const steps = [[]];
  for (const piece of pieces) {
    if (typeof piece === "string" && piece.startsWith(" = ")) steps.push([]);
    steps.at(-1).push(piece);
  }
  return steps.map((step) => h("span", { class: "la-step" }, step.map((piece) => {
    if (typeof piece === "string") return piece;
    const { role, index, value, of } = piece;
    return h("b", { class: "la-n", data: { role, index, value, ...(of && { of }) } }, whole(value));
  })));
}

const code = (text) => h("code", {}, text);

/** A shape, and under each number what it comes from. */
function shape(parts) {
  const cells = parts.map(({ number, from }, at) => h("span", { class: "la-part" },
    h("span", {}, drawn([number]), at < parts.length - 1 || parts.length === 1 ? "," : ""),
    h("small", { data: { of: number.of } }, drawn(from))));
  return h("span", { class: "la-tuple" }, "(", cells, ")");
}

/** {el, draw()}: the facts of the last layer that runs. */
export function createFacts(state) {
  const list = h("div", { class: "la-facts", role: "group", "aria-label": "the layer in numbers" });
  const row = (name, ...content) => [h("div", { class: "la-fact" }, code(name)), h("div", { class: "la-is" }, ...content)];
  return {
    el: list,
    draw() {
      const { g, legal: { spec, shape: input } } = state;
      const lengths = ["H_out", "W_out"].map((name, axis) => h("span", { class: "la-line" }, `${name} = `,
        ...drawn(words.lengthPieces(g, spec, axis))));
      const filters = { role: "bias-shape", index: 0, value: g.O, of: "out_channels.0" };
      const bias = [{ number: filters, from: ["out_channels"] }];
      list.replaceChildren(...[
        row("weight.shape", shape(words.weightParts(g, spec))),
        row(spec.bias ? "bias.shape" : "bias", spec.bias ? shape(bias) : code("None")),
        row("output.shape", shape(words.outputParts(g, input.length)), ...lengths),
        row("parameters", h("span", { class: "la-line" }, drawn(words.parameterPieces(g, spec)))),
        row("multiply-adds", h("span", { class: "la-line" }, drawn(words.macPieces(g, spec)))),
        row("repr(layer)", h("code", { class: "la-repr" }, words.layerText(spec))),
      ].flat());
    },
  };
}

/**
 * {el, more, draw()}: the parameters of the convolution beside those of a Linear. `el` stands under the call, where it
 * is seen while a number of it is dragged; `more` says where the Linear's come from, and draws both on one scale.
 */
export function createDense(state) {
  const el = h("section", { class: "la-dense", "aria-label": "parameters, beside those of a Linear layer" });
  const more = h("section", { class: "la-more-dense", "aria-label": "where the Linear layer's parameters come from" });
  const side = (kind, title, pieces) => h("div", { class: `la-side la-side-${kind}` },
    h("p", { class: "la-what" }, code(title)), h("p", { class: "la-count" }, drawn([pieces.at(-1)]), " parameters"),
    h("p", { class: "la-line" }, "= ", drawn(pieces.slice(0, -2)))); // less its own " = 448"
  const line = (...pieces) => h("p", { class: "la-line" }, pieces.flat());
  return {
    el, more,
    draw() {
      el.hidden = more.hidden = !state.dense;
      if (!state.dense) return;
      const { g, legal: { spec } } = state, count = words.counts(g, spec), dense = words.densePieces(g, spec);
      el.replaceChildren(side("conv", "nn.Conv2d", words.parameterPieces(g, spec)),
        side("dense", `nn.Linear(${count.inputs}, ${count.outputs}${spec.bias ? "" : ", bias=False"})`, dense.total),
        h("p", { class: "la-ratio" }, "To join the same input and output, the Linear needs ",
          drawn([{ role: "ratio", index: "", value: count.ratio }]), " times as many",
          count.ratio === 1 ? ": both counts are equal." : "."));
      more.replaceChildren(h("p", { class: "la-title" }, "The same input and output, joined by a Linear layer"),
        line("in: C · H · W = ", drawn(dense.inputs)),
        line("out: C_out · H_out · W_out = ", drawn(dense.outputs)), line(drawn(dense.total)),
        line("The convolution's sum has no H and no W in it: a filter is used at every place."),
        scale(count.parameters, count.dense),
        h("p", {}, "If the convolution's bar were 1 mm long, the Linear's would be ",
          h("b", {}, words.lengthText(count.ratio / 1000)), "."));
    },
  };
}

/** Both counts as bars on a scale where each line is ten times the one before. */
function scale(conv, dense) {
  const most = Math.max(3, Math.ceil(Math.log10(Math.max(conv, dense))));
  const share = (value) => `${(100 * Math.log10(Math.max(1, value))) / most}%`;
  const ticks = Array.from({ length: most + 1 }, (_, power) => power).filter((power) => most <= 8 || power % 2 === 0);
  const left = (power) => `left: ${(100 * power) / most}%`;
  const said = ["1", "10", "100", "1 k", "10 k", "100 k", "1 M", "10 M", "100 M", "1 G", "10 G",
    "100 G", "1 T", "10 T"];
  const bar = (kind, value) => h("i", { class: `la-bar la-bar-${kind}`, style: `width: ${share(value)}` });
  const tick = (power) => h("span", { style: left(power) }, said[power] ?? `10^${power}`);
  const lines = ticks.map((power) => h("i", { class: "la-tick", style: left(power) }));
  return h("div", { class: "la-scale", role: "img",
    "aria-label": `bars on a scale of powers of ten: ${whole(conv)} against ${whole(dense)}` },
  h("div", { class: "la-bars", "aria-hidden": "true" }, lines, bar("conv", conv), bar("dense", dense)),
  h("div", { class: "la-ticks", "aria-hidden": "true" }, ticks.map(tick)),
  h("p", { class: "cl-note", "aria-hidden": "true" }, "parameters; each line stands for ten times the one before"));
}
