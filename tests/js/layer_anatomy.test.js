// LayerAnatomy without a page: shapes and counts against torch, the table at every width, the numbers that are made up,
// and the state under a hand.

import assert from "node:assert/strict";
import test from "node:test";

import { geometry } from "../../convlab/widgets/conv.js";
import { arranged, cellWidth, moved } from "../../convlab/widgets/layer_anatomy_arrange.js";
import { createNumbers } from "../../convlab/widgets/layer_anatomy_numbers.js";
import { agreementText, createAnatomyState } from "../../convlab/widgets/layer_anatomy_state.js";
import * as words from "../../convlab/widgets/layer_anatomy_words.js";
import { torchCases } from "./cases.js";
import { fakeModel } from "./fake_model.js";

const legal = torchCases().filter((one) => one.refusal === null);
const LAYER = {
  in_channels: 3, out_channels: 4, kernel_size: [3, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
  bias: true, padding_mode: "zeros",
};
const layer = (changes) => ({ ...LAYER, ...changes });
const packed = (shape, values) => ({ shape, dtype: "float64", data: new DataView(Float64Array.from(values).buffer) });
const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

function opened(spec = LAYER, shape = [1, 3, 5, 6], more = {}) {
  const model = fakeModel({ spec, shape, index: [0, 0, 0, 0], place: [0, 0], dense: false, _given: {}, _edits: {}, _rest: 0,
    _computed: {}, ...more });
  const over = new AbortController();
  return { model, over, state: createAnatomyState(model, over.signal) };
}

/** The text of a derivation, each side of "=" worked out by JavaScript itself. */
function sides(pieces) {
  const text = pieces.map((piece) => piece.value ?? piece).join("").replaceAll("·", "*").replaceAll("−", "-")
    .replaceAll("⌊", "Math.floor(").replaceAll("⌋", ")");
  return text.split(" = ").map((side) => Number(Function(`return ${side}`)()));
}

test("parameters, multiply-adds and shapes are torch's, and so is every side of every derivation", () => {
  for (const one of legal) {
    const told = `${JSON.stringify(one.spec)} on [${one.shape}]`;
    const g = geometry(one.spec, one.shape), count = words.counts(g, one.spec);
    assert.deepEqual([count.parameters, count.macs], [one.parameters, one.macs], told);
    const values = (parts) => parts.map(({ number }) => number.value);
    assert.deepEqual(values(words.outputParts(g, one.shape.length)), one.output_shape, told);
    assert.equal(product(values(words.weightParts(g, one.spec))), one.weight.length, told);
    for (const axis of [0, 1]) {
      const found = sides(words.lengthPieces(g, one.spec, axis));
      assert.deepEqual(found, found.map(() => one.output_shape.at(axis - 2)), told);
    }
    for (const [pieces, true_] of [[words.parameterPieces(g, one.spec), one.parameters],
      [words.macPieces(g, one.spec), one.macs]]) {
      assert.deepEqual(sides(pieces), [true_, true_], told);
    }
    const inputs = product(one.shape.slice(-3)), outputs = product(one.output_shape.slice(-3));
    const dense = words.densePieces(g, one.spec);
    assert.deepEqual(sides(dense.inputs), [inputs, inputs], told);
    assert.deepEqual(sides(dense.outputs), [outputs, outputs], told);
    const total = inputs * outputs + (one.spec.bias ? outputs : 0);
    assert.deepEqual(sides(dense.total), [total, total], told);
  }
});

test("448 parameters against 44,251,200: the Linear between 3 x 32 x 32 and 16 x 30 x 30", () => {
  const spec = layer({ out_channels: 16, kernel_size: [3, 3] });
  const count = words.counts(geometry(spec, [1, 3, 32, 32]), spec);
  assert.deepEqual([count.parameters, count.dense], [448, 44251200]);
  assert.equal(words.lengthText(count.ratio / 1000), "98.8 m");
  const larger = words.counts(geometry(spec, [1, 3, 64, 64]), spec);
  assert.deepEqual([larger.parameters, larger.dense > 15 * count.dense], [448, true]);
});

test("the feature maps, each made from its own group, are torch's output", () => {
  for (const one of legal.slice(0, 100)) {
    const bias = one.bias ?? [];
    const { state, over } = opened(one.spec, one.shape, { _given: {
      input: packed(one.shape, one.input), bias: packed([bias.length], bias),
      weight: packed([one.spec.out_channels, one.spec.in_channels / one.spec.groups, ...one.spec.kernel_size],
        one.weight),
    } });
    const { O, H_out, W_out } = state.g;
    const maps = Array.from({ length: O }, (_, o) => [...state.map(o)]).flat();
    assert.deepEqual(maps.map((value) => value + 0), one.output.slice(0, O * H_out * W_out).map((value) => value + 0));
    over.abort();
  }
});

test("the pixel under a weight is the one whose value it is multiplied by", () => {
  for (const one of legal.slice(0, 100)) {
    const g = geometry(one.spec, one.shape), [i, j] = [g.H_out - 1, 0], o = g.O - 1;
    let sum = one.bias ? one.bias[o] : 0;
    for (let c = 0; c < g.Cg; c++) {
      for (let u = 0; u < g.kH; u++) {
        for (let v = 0; v < g.kW; v++) {
          const [row, column] = words.pixelUnder(g, [i, j], [u, v]).pixel, channel = words.channelOf(g, o, c);
          const value = Math.min(row, column) < 0 ? 0 : one.input[(channel * g.H + row) * g.W + column];
          sum += value * one.weight[((o * g.Cg + c) * g.kH + u) * g.kW + v];
        }
      }
    }
    assert.equal(sum, one.output[(o * g.H_out + i) * g.W_out + j]);
  }
});

test("a number that is made up depends on its own index alone; what was given and edited stands above it", () => {
  const made = (more) => createNumbers({ given: {}, edits: {}, rank: 4, fanIn: 18, single: true, ...more });
  const plain = made(), floats = { weight: { shape: [2, 1, 1, 2], values: [0.5, 0.25, -0.5, 0.125] } };
  assert.deepEqual([...plain.plane("weight", [5, 1], 2, 3)],
    [0, 1].flatMap((u) => [0, 1, 2].map((v) => plain.one("weight", [5, 1, u, v]))));
  assert.ok([...plain.plane("weight", [0, 0], 9, 9)].every((value) => [-2, -1, 1, 2].includes(value)));
  assert.ok([...plain.plane("input", [0, 0], 9, 9)].every((value) => [0, 1, 2, 3, 4].includes(value)));
  const given = made({ given: floats, edits: { weight: { "1,0,0,0": 7, "3,0,0,0": 8 } } });
  assert.deepEqual([...given.plane("weight", [1, 0], 1, 2)], [7, 0.125]);
  assert.deepEqual([given.one("weight", [0, 0, 0, 1]), given.one("weight", [3, 0, 0, 0])], [0.25, 8]);
  const drawn = [...given.plane("weight", [2, 0], 9, 9)];
  assert.ok(drawn.every((value) => Math.abs(value) <= 1 / Math.sqrt(18) && value === Math.fround(value)));
  assert.ok(drawn.some((value) => !Number.isInteger(value)));
  const single = createNumbers({ given: {}, edits: { input: { "0,1,1": 9 } }, rank: 3, fanIn: 18, single: true });
  assert.deepEqual([single.one("input", [0, 0, 1, 1]), single.one("input", [0, 0, 1, 2])],
    [9, plain.one("input", [0, 0, 1, 2])]);
});

test("the table holds the index at every width, fits its width, and moves as little as it must", () => {
  const widths = [260, 420, 640, 850, 1180];
  const settings = [[LAYER, [1, 3, 5, 6]], [layer({ in_channels: 64, out_channels: 128, kernel_size: [7, 7] }),
    [1, 64, 32, 40]], [layer({ in_channels: 6, groups: 2 }), [2, 6, 5, 9]], [layer({ out_channels: 1 }), [3, 300, 200]],
  [layer({ kernel_size: [1, 20] }), [1, 3, 4, 30]]];
  for (const [spec, shape] of settings) {
    const g = geometry(spec, shape);
    let before;
    for (const width of widths) {
      for (const at of [[0, 0], [g.O - 1, g.C - 1], [Math.floor(g.O / 2), 0]]) {
        const chars = { input: 22, weight: 24, output: 30 };
        const { columns, rows, head, bias, gap, column, output, weight } = before =
          arranged(g, { width, chars, at, before, large: false });
        const told = `${width}: ${JSON.stringify(before)}`;
        assert.ok(rows.first <= at[0] && at[0] < rows.first + rows.count && rows.first + rows.count <= g.O, told);
        assert.ok(columns.first <= at[1] && at[1] < columns.first + columns.count, told);
        assert.ok(columns.first + columns.count <= g.C && rows.first >= 0 && columns.first >= 0, told);
        const wide = head + columns.count * (column + gap) + bias + output.width + 2 * gap;
        assert.ok(wide <= width || columns.count === 1, told);
        assert.ok(weight.width <= column, told);
      }
    }
  }
  assert.deepEqual(moved({ first: 4 }, 3, 20, 5).first, 4);
  assert.deepEqual(moved({ first: 4 }, 3, 20, 7).first, 5);
  assert.deepEqual(moved({ first: 4 }, 3, 20, 2).first, 2);
  assert.deepEqual(moved({ first: 18 }, 3, 4, 3).first, 1);
  assert.ok(cellWidth([-0.0183]) > cellWidth([1]));
});

test("a filter more leaves the others as they were, and a layer dragged back has its numbers back", () => {
  const { state, over } = opened();
  state.setWeight([3, 2, 1, 0], 9);
  const before = [0, 1, 2, 3].map((o) => [...state.filter(o)]), map = [...state.map(3)];
  state.change({ out_channels: 6 });
  assert.deepEqual([0, 1, 2, 3].map((o) => [...state.filter(o)]), before);
  state.change({ out_channels: 2, kernel_size: [1, 1] });
  assert.deepEqual([...state.filter(1)], [0, 1, 2].map((c) => before[1][c * 6]));
  state.change({ out_channels: 4, kernel_size: [3, 2] });
  assert.deepEqual([[...state.filter(3)], [...state.map(3)], state.weightAt([3, 2, 1, 0])], [before[3], map, 9]);
  over.abort();
});

test("one weight changes its own feature map alone, and the bias its own", () => {
  const { state, over } = opened();
  const maps = () => [0, 1, 2, 3].map((o) => [...state.map(o)]);
  let before = maps();
  state.setWeight([2, 1, 0, 1], state.weightAt([2, 1, 0, 1]) + 1);
  let after = maps();
  assert.deepEqual(after.map((map, o) => String(map) !== String(before[o])), [false, false, true, false]);
  const { pixel: [i, j] } = words.pixelUnder(state.g, [1, 2], [0, 1]);
  assert.equal(after[2][1 * state.g.W_out + 2] - before[2][1 * state.g.W_out + 2], state.inputAt(1, i, j));
  before = after;
  state.setBias(0, state.biasAt(0) + 2);
  after = maps();
  assert.deepEqual(after.map((map, o) => map[0] - before[o][0]), [2, 0, 0, 0]);
  over.abort();
});

test("what PyTorch refuses keeps the last layer, and its numbers; the index stays inside", () => {
  const { state, over } = opened(LAYER, [1, 3, 5, 6], { index: [3, 2, 2, 1], place: [2, 4] });
  const map = [...state.map(3)];
  state.change({ groups: 2 });
  assert.match(state.problem.torch, /divisible by groups/);
  assert.deepEqual([state.legal.spec.groups, [...state.map(3)], state.index], [1, map, [3, 2, 2, 1]]);
  state.change({ groups: 1, out_channels: 2, kernel_size: [2, 1] });
  assert.deepEqual([state.problem, state.index, state.place], [null, [1, 2, 1, 0], [2, 4]]);
  over.abort();
});

test("a hand's change goes to Python once the hand rests", async () => {
  const { state, model, over } = opened(LAYER, [1, 3, 5, 6], { index: [3, 0, 0, 0] });
  state.change({ out_channels: 3 });
  state.change({ out_channels: 2 });
  state.setWeight([1, 0, 0, 0], 5);
  assert.equal(model.saved.length, 0);
  await new Promise((done) => { setTimeout(done, 250); });
  assert.deepEqual(model.saved.map(({ spec, index, _rest, _edits }) => [spec.out_channels, index, _rest, _edits]),
    [[2, [1, 0, 0, 0], 1, { weight: { "1,0,0,0": 5 } }]]);
  over.abort();
});

test("python's word counts only for the layer on the screen, number by number", () => {
  const { state, model, over } = opened();
  assert.match(agreementText(state), /not checked/);
  const output = [0, 1, 2, 3].flatMap((o) => [...state.map(o)]);
  const found = { spec: LAYER, shape: [1, 3, 5, 6], rest: 0, by: "PyTorch", output_shape: [1, 4, 3, 5],
    weight_shape: [4, 3, 3, 2], parameters: 76, dense: 5460, repr: words.layerText(LAYER),
    output: packed([1, 4, 3, 5], output) };
  model.set("_computed", found);
  assert.equal(agreementText(state), "✓ PyTorch computed the same shapes and counts and the same 60 output numbers");
  const wrongs = [{ parameters: 75 }, { dense: 5400 }, { repr: "Conv2d(3, 4)" }, { weight_shape: [4, 3, 2, 3] },
    { output_shape: [1, 4, 5, 3] }, { output: packed([1, 4, 3, 5], output.with(7, 99)) }, { output_shape: null }];
  for (const wrong of wrongs) {
    model.set("_computed", { ...found, ...wrong });
    assert.match(agreementText(state), /disagrees/, JSON.stringify(wrong));
  }
  model.set("_computed", { ...found, rest: 1 });
  assert.match(agreementText(state), /not checked/);
  model.set("_computed", found);
  state.setBias(1, 9);
  assert.match(agreementText(state), /not checked/);
  over.abort();
});

test("the words say what an index reads and writes, in a batch, in a group, in the padding", () => {
  const say = (more, shown, shape = [2, 6, 5, 9]) => {
    const { state, over } = opened(layer({ in_channels: 6, groups: 2, padding: [1, 1], ...more }), shape);
    over.abort();
    return words.sentence(state, { index: [2, 1, 0, 1], place: [0, 0], depth: 4, ...shown });
  };
  assert.equal(say({}, { depth: 1 }), "weight[2] is filter 2, shape (3, 3, 2): 3 kernels, one for each of input " +
    "channels 3 to 5, the channels of group 1. It makes feature map 2.");
  assert.equal(say({}, { depth: 2 }), "weight[2, 1] is kernel 1 of filter 2, shape (3, 2). It reads input channel 4 " +
    "only, and adds to feature map 2 only.");
  assert.match(say({}), /^weight\[2, 1, 0, 1\] reads input channel 4 only and adds to feature map 2 only\. /);
  assert.match(say({}), /For output\[0, 2, 0, 0\] it meets a zero of the padding \(row -1, column 0\): -?\d · 0 = 0\.$/);
  assert.match(say({ padding_mode: "reflect" }), /meets a copy of input\[0, 4, 1, 0\] in the padding/);
  assert.match(say({}, { place: [2, 3] }, [6, 5, 9]), /For output\[2, 2, 3\] it meets input\[4, 1, 3\]: /);
  assert.equal(words.lengthText(0.005), "5 mm");
  assert.equal(words.lengthText(12345), "12.3 km");
});
