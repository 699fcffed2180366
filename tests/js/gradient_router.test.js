// GradientRouter's sums, product by product, against autograd on the cases of torch_cases.py; and its words.

import assert from "node:assert/strict";
import test from "node:test";
import * as conv from "../../convlab/widgets/conv.js";
import * as math from "../../convlab/widgets/gradient_router_math.js";
import * as words from "../../convlab/widgets/gradient_router_words.js";
import { torchCases } from "./cases.js";

const legal = torchCases().filter((one) => one.refusal === null);
const called = ({ spec, shape }) => `${JSON.stringify(spec)} on [${shape}]`;
const array = (values) => Float64Array.from(values ?? []);

function opened(one) {
  const g = conv.geometry(one.spec, one.shape);
  const numbers = { input: array(one.input), weight: array(one.weight), bias: one.bias && array(one.bias), upstream: array(one.upstream) };
  const gradients = { input: one.grad_input, weight: one.grad_weight, bias: one.grad_bias };
  return { g, numbers, gradients, views: math.VIEWS.filter((view) => view !== "bias" || one.bias) };
}

/** Every cell of the tensor that a view is about. */
function* cells(g, view) {
  const tensor = math.tensorOf(g, view);
  for (let at = 0; at < tensor.reduce((all, length) => all * length, 1); at++) {
    let rest = at;
    yield tensor.map((_, axis) => {
      const below = tensor.slice(axis + 1).reduce((all, length) => all * length, 1), index = Math.floor(rest / below);
      rest %= below;
      return index;
    });
  }
}

test("scattered and gathered, the products of every cell add up to autograd's gradient", () => {
  for (const one of legal) {
    const { g, numbers, gradients, views } = opened(one);
    for (const view of views.filter((name) => name !== "forward")) {
      for (const cell of cells(g, view)) {
        const wanted = math.gradientAt(g, view, cell, gradients) + 0;
        for (const how of ["scatter", "gather"]) {
          const { terms, sums, total } = math.account(g, view, how, cell, numbers);
          assert.equal(total + 0, wanted, `${view} ${cell} ${how} of ${called(one)}`);
          assert.equal([...sums.values()].reduce((all, sum) => all + sum, 0) + 0, wanted);
          assert.equal((terms.at(-1)?.running ?? 0) + 0, wanted);
        }
      }
    }
  }
});

test("forward, the products of all pixels are the outputs without their bias", () => {
  for (const one of legal) {
    const { g, numbers } = opened(one);
    const area = g.H_out * g.W_out, output = Float64Array.from({ length: g.O * area }, (_, at) => (one.bias ? one.bias[Math.floor(at / area)] : 0));
    for (const cell of cells(g, "forward")) {
      for (const term of math.account(g, "forward", "scatter", cell, numbers).terms) output[math.outputAt(g, term)] += term.value;
    }
    assert.deepEqual([...output].map((x) => x + 0), one.output.slice(0, g.O * area).map((x) => x + 0), called(one));
  }
});

test("a pixel has a product for each time that it is read, by each kernel of its group", () => {
  for (const one of legal) {
    const { g } = opened(one), { rows, columns } = conv.readCounts(g);
    for (const cell of cells(g, "input")) {
      assert.equal(math.products(g, "input", cell).length, rows[cell[2]] * columns[cell[3]] * g.Og, called(one));
    }
  }
});

test("gathered, each tap of the rotated kernel is met once, on the dilated gradient", () => {
  for (const one of legal) {
    const { g } = opened(one), { rows, columns } = math.dilated(g);
    for (const cell of cells(g, "input")) {
      const own = math.gathered(g, cell).filter((term) => !term.copy);
      assert.equal(own.length, g.Og * g.kH * g.kW);
      own.slice(0, g.kH * g.kW).forEach((term, at) => {
        const [u, v] = [Math.floor(at / g.kW), at % g.kW];
        assert.deepEqual([term.u, term.v], [g.kH - 1 - u, g.kW - 1 - v]);
        assert.deepEqual([term.i, term.j], [rows[cell[2] + u * g.dH], columns[cell[3] + v * g.dW]], called(one));
      });
    }
  }
});

test("dilated and framed: the stride's zeros between the places, d(k - 1) - p around them", () => {
  const along = (...how) => Array.from({ length: 8 }, (_, at) => math.dilatedSource(at, ...how));
  assert.deepEqual(along(1, 3, 2, 1, 3), [-2, 0, -1, 1, -1, 2, -2, -2]);
  assert.deepEqual(along(0, 2, 3, 2, 2), [-2, -2, 0, -1, -1, 1, -2, -2]);
  assert.deepEqual(along(3, 2, 2, 1, 4), [1, -1, 2, -1, 3, -2, -2, -2]);
});

test("the slope of the nudged loss is autograd's number", () => {
  legal.forEach((one, salt) => {
    const { g, numbers, gradients, views } = opened(one);
    for (const view of views) {
      const all = [...cells(g, view)], cell = all[(7 * salt) % all.length];
      for (const step of [1, 0.5]) {
        const { slope, more, less } = math.nudged(g, view, cell, numbers, step);
        assert.equal(slope + 0, math.gradientAt(g, view, cell, gradients) + 0, `${view} ${cell} of ${called(one)}`);
        assert.equal((more + less) / 2, math.lossOf(numbers.upstream, array(one.output)));
      }
    }
  });
});

test("a cell outside its tensor becomes one in the middle, one inside stays", () => {
  const g = { O: 4, Cg: 2, C: 4, kH: 3, kW: 2, H: 5, W: 8 };
  assert.deepEqual(math.cellWithin(g, "input", [0, 3, 4, 7]), [0, 3, 4, 7]);
  assert.deepEqual(math.cellWithin(g, "input", [0, 3, 5, 7]), [0, 0, 2, 4]);
  assert.deepEqual(math.cellWithin(g, "weight", [0, 3, 4, 7]), [0, 0, 1, 1]);
  assert.deepEqual(math.cellWithin(g, "bias", [0, 3, 4, 7]), [0]);
  assert.deepEqual(math.cellWithin(g, "bias", [3]), [3]);
});

test("the live line says the sum, what it is made of, and that it is a sum", () => {
  const g = { sH: 2, sW: 2, dH: 1, dW: 1, kH: 3, kW: 2, top: 1, left: 0, Og: 2 };
  const say = (more) => words.sentence({ g, view: "input", gathers: false, index: [0, 1, 2, 3], reads: [2, 1], terms: 4, shown: 4, total: -3, ...more });
  assert.equal(say({}), "dL/dinput[0, 1, 2, 3] = -3. One product for each time the pixel is used: read 2 × 1 = 2 times by each of 2 kernels.");
  assert.match(say({ shown: 1, total: 5 }), /^dL\/dinput\[0, 1, 2, 3\]: 5 after 1 of 4 products\./);
  assert.match(say({ gathers: true }), /turned kernel lies over grad_output spread by the stride 2 and framed by d\(k − 1\) − p = 1 zeros\.$/);
  assert.match(say({ view: "forward", value: 7 }), /^input\[0, 1, 2, 3\] = 7 is read .*: it goes to 4 outputs\.$/);
  assert.match(say({ reads: [2, 0] }), /^input\[0, 1, 2, 3\] is read by no window: .* gradient is 0\.$/);
  assert.match(say({ view: "weight", terms: 1, shown: 1 }), /One for each place: 1 product with the input, added up, not averaged\.$/);
  assert.match(say({ view: "bias", index: [1], shown: 1, total: 5 }), /^dL\/dbias\[1\]: 5 after 1 of 4 messages\./);
  assert.match(say({ view: "bias", index: [1] }), /^dL\/dbias\[1\] = -3\. Each of the 4 numbers .* not averaged\.$/);
});

test("Python's verdict is said: agreement, a difference, nothing yet", () => {
  const say = (agreement, layer = {}) => words.agreementText({ layer, agreement });
  assert.match(say(null), /has not checked/);
  assert.equal(say({ by: "NumPy", count: 1200, difference: 0, agrees: true }), "✓ NumPy computed the same 1,200 gradients and the same loss");
  assert.match(say({ by: "NumPy", difference: 0.5, agrees: false }), /^✗ NumPy differs by 0\.50: please report/);
  assert.match(say(null, { agreement: { by: "NumPy", difference: 2, agrees: false } }), /^✗ NumPy differs by 2\.0 in the output/);
  assert.equal(say(null, { problem: {} }), "");
});
