// conv.js against torch, on the cases of torch_cases.py. Whole numbers in float64, so equal means equal, with no
// tolerance.

import assert from "node:assert/strict";
import test from "node:test";

import * as conv from "../../convlab/widgets/conv.js";
import { torchCases } from "./cases.js";

const cases = torchCases();
const legal = cases.filter((one) => one.refusal === null);
const refused = cases.filter((one) => one.refusal !== null);

// -0 equals 0 for a learner, and for torch.equal.
const positive = (values) => Array.from(values, (value) => (value === 0 ? 0 : value));
const called = ({ spec, shape }) => `${JSON.stringify(spec)} on [${shape}]`;
const array = (values) => (values ? Float64Array.from(values) : null);

function equal(found, wanted, one, what) {
  assert.deepEqual(positive(found), positive(wanted), `${what} of ${called(one)}`);
}

function opened(one) {
  const g = conv.geometry(one.spec, one.shape);
  return { g, input: array(one.input), weight: array(one.weight), bias: array(one.bias) };
}

/** A place in an array of this shape, different from case to case. */
const somewhere = (shape, salt) => shape.map((length, axis) => (salt * (7 + 2 * axis) + axis) % length);

test("there are cases of both kinds", () => {
  assert.ok(legal.length > 20 && refused.length > 10, `${legal.length} run, ${refused.length} are refused`);
});

test("what torch runs is run, to the same output", () => {
  for (const one of legal) {
    assert.equal(conv.problem(one.spec, one.shape), null, called(one));
    const { g, input, weight, bias } = opened(one);
    assert.deepEqual([g.O, g.H_out, g.W_out], one.output_shape.slice(-3), called(one));
    equal(conv.forward(g, input, weight, bias), one.output, one, "the output");
  }
});

test("what torch refuses is refused, in torch's words and in ours", () => {
  const different = [];
  for (const one of refused) {
    const found = conv.problem(one.spec, one.shape);
    // torch's words for a kernel without taps differ with dtype, dilation and batch: only the refusal is asked for.
    const worded = !one.spec.kernel_size.includes(0);
    if (!found || (worded && !one.refusal.endsWith(found.torch))) {
      different.push(`${called(one)}\n  torch: ${one.refusal}\n  ours:  ${found?.torch}`);
    } else assert.match(found.ours, /.{10,}\.$/, called(one));
  }
  assert.equal(different.length, 0, `${different.length} of ${refused.length}:\n${different.slice(0, 8).join("\n")}`);
});

test("the three gradients are autograd's", () => {
  for (const one of legal) {
    const { g, input, weight } = opened(one);
    const found = conv.gradients(g, array(one.upstream), input, weight);
    equal(found.input, one.grad_input, one, "the input's gradient");
    equal(found.weight, one.grad_weight, one, "the weight's gradient");
    if (one.bias) equal(found.bias, one.grad_bias, one, "the bias's gradient");
  }
});

test("the columns are unfold's", () => {
  for (const one of legal) equal(conv.columns(opened(one).g, array(one.input)), one.columns, one, "the columns");
});

test("a dragged weight, bias or pixel ends at the same output as a computation from scratch", () => {
  legal.forEach((one, salt) => {
    const { g, input, weight, bias } = opened(one);
    const output = conv.forward(g, input, weight, bias);
    const [o, c, u, v] = somewhere([g.O, g.Cg, g.kH, g.kW], salt);
    weight[((o * g.Cg + c) * g.kH + u) * g.kW + v] += 3;
    conv.weightChanged(g, input, output, [o, c, u, v], 3);
    const [n, channel, i, j] = somewhere([g.N, g.C, g.H, g.W], salt);
    input[((n * g.C + channel) * g.H + i) * g.W + j] -= 2;
    const before = Array.from(output);
    const changed = new Set(conv.inputChanged(g, weight, output, [n, channel, i, j], -2));
    output.forEach((value, at) => assert.ok(value === before[at] || changed.has(at), called(one)));
    if (bias) {
      bias[o] += 5;
      conv.biasChanged(g, output, o, 5);
    }
    equal(output, conv.forward(g, input, weight, bias), one, "the changed output");
  });
});

test("the parts of a cell add up to torch's value", () => {
  legal.forEach((one, salt) => {
    const { g, input, weight, bias } = opened(one);
    const [n, o, i, j] = somewhere([g.N, g.O, g.H_out, g.W_out], salt);
    const found = conv.parts(g, input, weight, bias, [n, o, i, j]);
    const wanted = one.output[((n * g.O + o) * g.H_out + i) * g.W_out + j];
    equal([found.value], [wanted], one, "the value");
    equal([found.channels.reduce((sum, part) => sum + part.sum, 0)], [found.total], one, "the channel sums");
    assert.equal(found.channels.length, g.Cg);
    for (const { inside, window, channel } of found.channels) {
      inside.forEach((at, tap) => {
        const read = at === null ? 0 : input[((n * g.C + channel) * g.H + at[0]) * g.W + at[1]];
        assert.equal(window[tap], read, called(one));
      });
    }
  });
});

test("a pixel is read as often as the gradient of a kernel of ones says", () => {
  for (const one of legal) {
    const { rows, columns } = conv.readCounts(opened(one).g);
    equal([...rows].flatMap((row) => [...columns].map((column) => row * column)), one.reads, one, "the read counts");
  }
});

test("the counts that can be made by head", () => {
  const spec = { in_channels: 1, out_channels: 1, kernel_size: [3, 3], stride: [2, 2], padding: [0, 0] };
  const layer = { ...spec, dilation: [1, 1], groups: 1, bias: true, padding_mode: "zeros" };
  assert.deepEqual([...conv.readCounts(conv.geometry(layer, [1, 8, 9])).rows], [1, 1, 2, 1, 2, 1, 1, 0]);
  const { rows } = conv.readCounts(conv.geometry({ ...layer, stride: [1, 1], padding: [1, 1] }, [1, 5, 5]));
  assert.deepEqual([rows[0] * rows[0], rows[0] * rows[2], rows[2] * rows[2]], [4, 6, 9]);
});

test("parameters and multiply-adds are torch's", () => {
  for (const one of legal) {
    const { g } = opened(one);
    assert.equal(conv.parameterCount(one.spec), one.parameters, called(one));
    assert.equal(conv.macs(g), one.macs, called(one));
  }
});

test("the sizes that give the same output are those torch finds by trying", () => {
  for (const one of legal) {
    const wanted = one.same_output.map((lengths) => [lengths[0], lengths.at(-1)]);
    assert.deepEqual(conv.sameOutput(one.spec, one.shape), wanted, called(one));
  }
});

test("a padding mode that needs a longer input leaves out the shorter ones", () => {
  const spec = { in_channels: 1, out_channels: 1, kernel_size: [3, 1], stride: [4, 1], padding: [3, 0] };
  const heights = { zeros: [1, 4], replicate: [1, 4], circular: [3, 4], reflect: [4, 4] };
  for (const [padding_mode, wanted] of Object.entries(heights)) {
    const layer = { ...spec, dilation: [1, 1], groups: 1, bias: false, padding_mode };
    assert.deepEqual(conv.sameOutput(layer, [1, 4, 5]), [wanted, [5, 5]], padding_mode);
  }
});
