// Im2colLoom's matrix, product, copies and fold against torch on the cases of torch_cases.py; where it scrolls; its words.

import assert from "node:assert/strict";
import test from "node:test";
import * as conv from "../../convlab/widgets/conv.js";
import * as math from "../../convlab/widgets/im2col_loom_math.js";
import { sighted } from "../../convlab/widgets/im2col_loom_sheet.js";
import * as words from "../../convlab/widgets/im2col_loom_words.js";
import { torchCases } from "./cases.js";

const legal = torchCases().filter((one) => one.refusal === null);
const called = ({ spec, shape }) => `${JSON.stringify(spec)} on [${shape}]`;
const plain = (values) => Array.from(values, (value) => value + 0); // -0 is 0

/** A case as the widget holds it, with torch's columns of each sample. */
function opened(one) {
  const g = conv.geometry(one.spec, one.shape), { K, L } = math.sizes(g);
  const [input, weight] = [one.input, one.weight].map((values) => Float64Array.from(values));
  const samples = Array.from({ length: g.N }, (_, n) => ({
    matrix: math.matrixOf(g, input, n), theirs: one.columns.slice(n * K * L, (n + 1) * K * L),
    input: input.subarray(n * g.C * g.H * g.W, (n + 1) * g.C * g.H * g.W),
    output: one.output.slice(n * g.O * L, (n + 1) * g.O * L),
  }));
  return { g, K, L, weight, bias: one.bias, samples };
}

test("the matrix is torch's unfold, in each sample, and each entry is the pixel that it is said to be", () => {
  for (const one of legal) {
    const { g, K, L, samples } = opened(one);
    for (const { matrix, theirs, input } of samples) {
      assert.deepEqual(plain(matrix), plain(theirs), called(one));
      for (let at = 0; at < K * L; at++) {
        const source = math.sourceOf(g, math.under(g, Math.floor(at / L), at % L));
        assert.equal(theirs[at], source < 0 ? 0 : input[source], called(one));
      }
    }
  }
});

test("the product is torch's output without its bias, and the terms of each number add up to it", () => {
  for (const one of legal) {
    const { g, L, weight, bias, samples } = opened(one);
    for (const { matrix, output } of samples) {
      const product = math.multiply(g, weight, matrix);
      assert.deepEqual(plain(product), output.map((value, at) => value - (bias?.[Math.floor(at / L)] ?? 0) + 0), called(one));
      for (let at = 0; at < product.length; at += 7) {
        const terms = math.terms(g, weight, matrix, Math.floor(at / L), at % L);
        assert.equal(terms.at(-1).running + 0, product[at] + 0);
        assert.equal(terms.length, g.Cg * g.kH * g.kW);
        for (const { row, weight: amount } of terms) assert.equal(weight[math.weightAt(g, Math.floor(at / L), row)], amount);
      }
    }
  }
});

test("a filter has no weight for the rows of another group", () => {
  const g = { Og: 2, Cg: 1, kH: 3, kW: 2, C: 2, H_out: 1, W_out: 1, rows: [], columns: [] };
  const row = (o) => Array.from({ length: 12 }, (_, at) => math.weightAt(g, o, at));
  assert.deepEqual(row(1), [6, 7, 8, 9, 10, 11, -1, -1, -1, -1, -1, -1]);
  assert.deepEqual(row(2), [-1, -1, -1, -1, -1, -1, 12, 13, 14, 15, 16, 17]);
});

test("the copies of a pixel are all entries of the matrix that hold it, no more and no less", () => {
  for (const one of legal) {
    const { g, K, L } = opened(one), size = g.C * g.H * g.W;
    const numbered = math.matrixOf(g, Float64Array.from({ length: size }, (_, at) => at + 1), 0);
    for (let row = 0; row < K; row += 2) {
      for (let column = row % 3; column < L; column += 3) {
        const cell = math.under(g, row, column), found = math.copies(g, cell).map(([r, c]) => r * L + c).sort((a, b) => a - b);
        const wanted = [...numbered.keys()].filter((at) => numbered[at] && numbered[at] === numbered[row * L + column]);
        if (wanted.length) assert.deepEqual(found, wanted, called(one));
        else assert.ok(found.includes(row * L + column) && found.every((at) => numbered[at] === 0));
        const alone = math.copies(g, cell, true); // as fold sees it: a repeated pixel is one of its own
        assert.ok(alone.every(([r, c]) => String(math.under(g, r, c)) === String(cell)));
        assert.ok(alone.length <= found.length && alone.some(([r, c]) => r === row && c === column));
      }
    }
  }
});

test("fold gives each pixel as often as it was copied, whole or column after column", () => {
  for (const one of legal) {
    const { g, L, samples } = opened(one), { height, width } = math.sizes(g), { matrix, input } = samples[0];
    const { sums, counts } = math.fold(g, matrix, L);
    let step;
    for (let count = 0; count <= L; count += 1 + (count % 3)) {
      step = math.fold(g, matrix, count, step);
      assert.deepEqual(step, math.fold(g, matrix, count), `${count} columns of ${called(one)}`);
    }
    const reads = new Float64Array(g.H * g.W);
    for (let r = 0; r < height; r++) {
      for (let q = 0; q < width; q++) {
        assert.equal(counts[r * width + q], math.copies(g, [0, r, q], true).length);
        if (g.rows[r] >= 0 && g.columns[q] >= 0) reads[g.rows[r] * g.W + g.columns[q]] += counts[r * width + q];
        for (let c = 0; c < g.C; c++) {
          const source = math.sourceOf(g, [c, r, q]), value = source < 0 ? 0 : input[source];
          assert.equal(sums[(c * height + r) * width + q] + 0, counts[r * width + q] * value + 0, called(one));
        }
      }
    }
    assert.deepEqual(plain(reads), plain(one.reads), called(one)); // which torch has from autograd
  }
});

test("the matrix costs nine times the input for 3 x 3 with padding 1, and no multiplication less", () => {
  const spec = { in_channels: 3, out_channels: 8, kernel_size: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1, bias: true, padding_mode: "zeros" };
  const g = conv.geometry(spec, [2, 3, 32, 20]);
  assert.deepEqual(math.costs(g, 4), { input: 3840, matrix: 34560, factor: 9, inputBytes: 15360, matrixBytes: 138240 });
  const unpadded = conv.geometry({ ...spec, padding: [0, 0] }, [1, 3, 32, 32]);
  assert.equal(math.costs(unpadded, 4).factor.toFixed(1), "7.9");
  for (const one of legal) {
    const { g: own, K, L } = opened(one);
    assert.equal(math.costs(own, 8).matrix, one.columns.length);
    assert.equal(own.N * own.O * math.sizes(own).share * L, one.macs, called(one));
    assert.equal(K * L, one.columns.length / own.N);
  }
});

test("what is brought into sight is there, and does not jump with every step", () => {
  for (const [length, count, all] of [[1, 16, 100], [5, 12, 45], [3, 9, 40], [1, 18, 18], [11, 11, 60]]) {
    let moves = 0, last;
    for (let first = 0; first + length <= all; first++) {
      const from = sighted(first, length, count, all);
      assert.ok(from >= 0 && from + count <= all && from <= first && first + length <= from + count, `${first} of ${all}`);
      moves += last !== undefined && from !== last;
      last = from;
    }
    assert.ok(length === count || moves <= (2.5 * all) / (count - length), `${moves} moves over ${all}`);
  }
});

const spot = { row: 3, column: 15, filter: 0, cell: [0, 3, 4] };
const G = conv.geometry({ in_channels: 2, out_channels: 3, kernel_size: [3, 2], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1,
  bias: true, padding_mode: "zeros" }, [1, 2, 4, 5]);

test("the live line says which entry it is, its pixel, and how often that is there", () => {
  const say = (more) => words.sentence({ view: "matrix", g: G, spot, batch: [0], copies: 6, now: 6, value: 4, ...more });
  assert.equal(say({}), "Column 15 of 24 is the window at place (2, 3); row 3 of 12 is tap (1, 1) of channel 0: " +
    "input[0, 0, 2, 3] = 4, in 6 entries of the matrix.");
  assert.match(say({ now: 1 }), /in 1 entry of the matrix so far, of 6\.$/);
  assert.match(say({ batch: [] }), /input\[0, 2, 3\] = 4/);
  assert.match(say({ view: "sliding" }), /^Place \(2, 3\): the window lies on input.* with tap \(1, 1\) of channel 0\. 12 numbers .* 24 places\.$/);
  const loom = { folded: { counts: new Float64Array(42).fill(5), sums: new Float64Array(84).fill(20) } };
  assert.equal(say({ view: "fold", loom, now: 5 }),
    "5 copies of input[0, 0, 2, 3] came back so far, of 6: 5 × 4 = 20. fold adds the copies up, it does not undo unfold.");
  assert.match(say({ spot: { ...spot, cell: [0, 0, 0] }, value: 0 }), /a zero of the padding = 0/);
  const repeated = conv.geometry({ in_channels: 2, out_channels: 3, kernel_size: [3, 2], stride: [1, 1], padding: [1, 1], dilation: [1, 1],
    groups: 1, bias: true, padding_mode: "replicate" }, [1, 2, 4, 5]);
  assert.match(say({ g: repeated, spot: { ...spot, cell: [1, 0, 0] } }), /padding that repeats input\[0, 1, 0, 0\]/);
  assert.match(say({ view: "fold", spot: { ...spot, row: null, column: null } }), /no window reads it, so no column holds it and 0 comes back\.$/);
});

test("Python's verdict is said: agreement, a rounding, a part, a difference, nothing yet", () => {
  const found = { by: "NumPy", count: 1200, all: 1200, difference: 0, agrees: true, rounding: 0 };
  const say = (more, layer = {}) => words.agreementText({ layer, agreement: more && { ...found, ...more } });
  assert.match(say(null), /has not checked/);
  assert.equal(say({}), "✓ NumPy computed the same 1,200 entries; its matrix product is exactly the sliding one");
  assert.match(say({ rounding: 2.4e-7 }), /product is within 2e-7 of the sliding one: rounding$/);
  assert.match(say({ all: 90000 }), /the same 1,200 of the 90,000 entries/);
  assert.match(say({ difference: 0.5, agrees: false }), /^✗ NumPy differs by 0\.50: please report/);
  assert.match(say(null, { agreement: { by: "NumPy", difference: 2, agrees: false } }), /^✗ NumPy differs by 2\.0 in the output/);
  assert.equal(say(null, { problem: {} }), "");
});
