// ReceptiveField without a page: the cone of random stacks against autograd, its state through edits, and its words.

import assert from "node:assert/strict";
import test from "node:test";

import { centre, follow, middle,
  nearest, summary, trace, weightCount } from "../../convlab/widgets/receptive_field_math.js";
import { another, PRESETS, presetOf } from "../../convlab/widgets/receptive_field_presets.js";
import { createFieldState } from "../../convlab/widgets/receptive_field_state.js";
import { AXES } from "../../convlab/widgets/receptive_field_math.js";
import * as words from "../../convlab/widgets/receptive_field_words.js";
import { torchCases } from "./cases.js";
import { fakeModel } from "./fake_model.js";

const stacks = torchCases().filter((one) => one.stack).map((one) => one.stack);
const layer = (kernel, changes = {}) => ({ kind: "Conv2d", kernel_size: [kernel, kernel],
  stride: [1, 1], padding: [0, 0],
  dilation: [1, 1], ...changes });
const found = (stack, unit, forward = false) => {
  const traces = [0, 1].map((axis) => trace(stack, axis, { level: unit[0], index: unit[axis + 1] }, forward));
  return { traces, ...summary(stack, traces, forward) };
};

function opened(layers, size = [15, 21], unit = [layers.length, 7, 10], direction = "backward") {
  const model = fakeModel({ layers, size, unit, direction, _computed: {} }), over = new AbortController();
  return { model, over, state: createFieldState(model, over.signal) };
}
const rested = () => new Promise((done) => { setTimeout(done, 250); });

test("in the middle the computed box is autograd's, from first to last pixel", () => {
  assert.ok(stacks.length > 20);
  for (const { specs, places, windows } of stacks) {
    const stack = follow(specs.map((spec) => ({ kind: "Conv2d", ...spec })), [240, 250]);
    assert.equal(stack.problem, null);
    places.forEach((place, at) => {
      const { ends, sizes } = found(stack, [specs.length, ...place]);
      ends.forEach(({ first, last, ways }, axis) => {
        assert.deepEqual([first, last], windows[at][axis], JSON.stringify({ specs, place }));
        assert.deepEqual([Math.min(...ways.keys()), Math.max(...ways.keys())], windows[at][axis]);
        assert.equal(sizes[axis], stack.levels.at(-1).sizes[axis]);
      });
    });
  }
});

test("forward is backward read the other way: as many ways from pixel to unit as from unit to pixel", () => {
  for (const { specs } of stacks.slice(0, 30)) {
    const layers = specs.map((spec) => ({ kind: "Conv2d", ...spec })), stack = follow(layers, [19, 23]);
    if (stack.problem) continue;
    for (const axis of [0, 1]) {
      const pixels = stack.levels[0].lengths[axis], units = stack.levels.at(-1).lengths[axis];
      for (let pixel = 0; pixel < pixels; pixel += 3) {
        const fed = trace(stack, axis, { level: 0, index: pixel }, true).at(-1).ways;
        for (let unit = 0; unit < units; unit++) {
          const read = trace(stack, axis, { level: layers.length, index: unit }, false)[0].ways;
          assert.equal(fed.get(unit) ?? 0, read.get(pixel) ?? 0);
        }
      }
    }
  }
});

test("the ready-made stacks show what their sentences say", () => {
  const of = (name) => {
    const { layers } = PRESETS.find((one) => one.name === name), stack = follow(layers, [15, 21]);
    assert.equal(stack.problem, null, name);
    const { read, holes } = found(stack, middle(stack, false));
    return { sizes: stack.levels.map((level) => level.sizes), weights: weightCount(layers), read, holes,
      jump: stack.levels.at(-1).jumps };
  };
  const squares = (...numbers) => numbers.map((number) => [number, number]);
  assert.deepEqual(of("three 3 × 3").sizes, squares(1, 3, 5, 7));
  assert.deepEqual([of("three 3 × 3").weights, of("one 7 × 7").weights], [27, 49]);
  assert.deepEqual(of("one 7 × 7").sizes, squares(1, 7));
  assert.deepEqual([of("dilations 1, 2, 4").sizes, of("dilations 1, 2, 4").holes], [squares(1, 3, 7, 15), 0]);
  const gridding = of("dilations 2, 2, 2");
  assert.deepEqual([gridding.sizes.at(-1), gridding.read, gridding.holes, gridding.weights], [[13, 13], 49, 120, 27]);
  assert.deepEqual(of("stride 2 early").sizes, squares(1, 3, 7, 11));
  assert.deepEqual(of("stride 2 late").sizes, squares(1, 3, 5, 7));
  assert.deepEqual([of("tall, then wide").sizes.at(-1), of("tall, then wide").weights], [[5, 3], 8]);
  assert.deepEqual(of("with pooling").jump, [4, 4]);
  assert.equal(presetOf([layer(3, { padding: [1, 1] })]), null);
  assert.equal(presetOf(structuredClone(PRESETS[3].layers)), PRESETS[3]);
});

test("what is added is another layer like the last", () => {
  assert.deepEqual(another([layer(5)]), layer(5));
  assert.deepEqual(another([]), layer(3, { padding: [1, 1] }));
});

test("a unit lies in the middle of its view, and the place finds the unit again", () => {
  const stack = follow([layer(4, { stride: [2, 3], padding: [1, 2] }),
    layer(3, { dilation: [2, 1], padding: [1, 2] }), layer(2)], [21, 26]);
  stack.levels.forEach((level, at) => {
    for (const axis of [0, 1]) {
      for (let index = 0; index < level.lengths[axis]; index++) {
        const { first, last } = trace(stack, axis, { level: at, index }, false)[0];
        assert.equal(centre(level, axis, index), (first + last) / 2);
        assert.equal(nearest(level, axis, centre(level, axis, index) + 0.4 * level.jumps[axis]), index);
      }
    }
  });
});

test("a hole lies inside the computed box of the input, and taps in padding are told apart", () => {
  const stack = follow([layer(3, { dilation: [2, 2], padding: [1, 1] })], [6, 7]);
  const [rows] = trace(stack, 0, { level: 1, index: 0 }, false);
  assert.deepEqual([rows.first, rows.last, [...rows.ways.keys()], rows.zeros, rows.holes],
    [-1, 3, [1, 3], [-1], [0, 2]]);
});

test("an edit keeps the unit in the middle, on the output, or where it is", async () => {
  const { state, model, over } = opened([layer(3), layer(3)], [15, 21], [2, 5, 8]);
  assert.deepEqual(state.unit, middle(state.stack, false));
  state.setLayers([...state.layers, layer(3, { stride: [2, 1] })]);
  assert.deepEqual(state.unit, [3, 2, 7], "in the middle before, in the middle after");
  state.pin([3, 4, 14]);
  state.remove(0);
  assert.deepEqual(state.unit, [2, 4, 14], "on the output");
  state.setLayers([...state.layers, layer(3)]);
  assert.deepEqual(state.unit, [3, 3, 14], "on the new output");
  state.remove(2);
  state.pin([1, 12, 3]);
  state.setPair(0, "kernel_size", 0, 7);
  assert.deepEqual(state.unit, [1, 8, 3], "inside what is left");
  assert.equal(model.saved.length, 0);
  await rested();
  assert.equal(model.saved.length, 1, "one message for all of it");
  assert.deepEqual([model.saved[0].unit, model.saved[0].layers.length], [[1, 8, 3], 2]);
  over.abort();
});

test("layers change places, kinds and sizes; what PyTorch refuses keeps the last stack that runs", () => {
  const { state, over } = opened([layer(3), layer(5, { stride: [2, 1] })], [9, 12], [2, 1, 1]);
  state.move(0, 1);
  assert.deepEqual(state.layers.map((one) => one.kernel_size), [[5, 5], [3, 3]]);
  const before = state.stack;
  state.setLength(0, 6);
  assert.deepEqual([state.problem.at, state.stack], [1, before]);
  assert.match(state.problem.torch, /padded input size per channel: \(1 x 8\)\. Kernel size: \(3 x 3\)/);
  state.setLayer(1, { ...layer(2), kind: "MaxPool2d", padding: [2, 0] });
  assert.match(state.problem.torch,
    /pad should be at most half of effective kernel size, but got pad=2, kernel_size=2/);
  state.setLength(0, 9);
  state.setPair(1, "padding", 0, 1);
  assert.equal(state.problem, null);
  over.abort();
});

test("a direction turns round what would show nothing but itself", () => {
  const { state, model, over } = opened([layer(3), layer(3)]);
  state.setDirection("forward");
  assert.deepEqual([state.unit, model.get("direction")], [[0, 7, 10], "forward"]);
  state.pin([1, 2, 3]);
  state.setDirection("backward");
  assert.deepEqual(state.unit, [1, 2, 3]);
  over.abort();
});

test("units walk in reading order and come back to the start", () => {
  const { state, over } = opened([layer(3)], [4, 5], [1, 1, 2]);
  assert.deepEqual([state.number, state.count], [5, 6]);
  state.goTo(2);
  assert.deepEqual(state.unit, [1, 0, 2]);
  state.goTo(99);
  state.play(false);
  assert.deepEqual(state.unit, [1, 0, 0], "without motion one step, from the end to the start");
  over.abort();
});

const computed = (state, changes = {}) => {
  const { levels } = state.stack, of = (name) => levels.map((level) => level[name]);
  const { traces, ends } = found(state.stack, state.unit, state.forward);
  const lines = Object.fromEntries(traces[0].flatMap((one, level) => (one
    ? [[level, traces.map((axis) => [...axis[level].ways.keys()].sort((a, b) => a - b))]] : [])));
  const { first: top, last: bottom } = ends[0], { first: left, last: right } = ends[1];
  const numbers = Array.from({ length: bottom - top + 1 }, (_, i) => Array.from({ length: right - left + 1 }, (__, j) =>
    (ends[0].ways.get(top + i) ?? 0) * (ends[1].ways.get(left + j) ?? 0)));
  return { layers: structuredClone(state.layers), size: state.size, unit: state.unit, by: "PyTorch", runs: true,
    direction: state.forward ? "forward" : "backward", lengths: of("lengths"), sizes: of("sizes").slice(1),
    jumps: of("jumps").slice(1), found: { lines, ways: { top, left, numbers } }, ...changes };
};

test("python's word counts only for the stack and the unit on the screen", () => {
  const { state, model, over } = opened([layer(3), layer(3, { dilation: [2, 2] })]);
  assert.match(words.agreementText(state), /not checked/);
  const right = computed(state);
  model.set("_computed", right);
  assert.match(words.agreementText(state),
    /^✓ PyTorch computed the same sizes.* gradient is not 0 on the same 49 pixels$/);
  const wrong = [{ sizes: [[3, 3], [7, 8]] }, { jumps: [[1, 1], [2, 1]] }, { lengths: [[15, 21], [13, 19], [9, 14]] },
    { found: { ...right.found, lines: { ...right.found.lines, 1: [[5, 7, 9], [8, 10, 11]] } } },
    { found: { ...right.found, ways: { ...right.found.ways, top: 5 } } }];
  for (const change of wrong) {
    model.set("_computed", { ...right, ...change });
    assert.match(words.agreementText(state), /disagrees/, JSON.stringify(change));
  }
  model.set("_computed", right);
  state.pin([2, 0, 0]);
  assert.match(words.agreementText(state), /not checked/);
  over.abort();
});

test("without PyTorch the sizes are compared, and it is said that autograd has not been asked", () => {
  const { state, model, over } = opened([layer(3)], [15, 21], [1, 6, 9]);
  model.set("_computed", { ...computed(state), by: "Python", found: undefined });
  assert.match(words.agreementText(state),
    /^✓ Python computed the same sizes.*autograd is asked once PyTorch is loaded$/);
  over.abort();
});

test("the words say what the cone shows", () => {
  const stack = follow(PRESETS[3].layers, [15, 21]);
  const said = (unit, forward, of = stack) => words.sentence(of, AXES, unit, found(of, unit, forward), forward);
  assert.equal(said([3, 7, 10], false),
    "Unit (7, 10) of layer 3 sees rows 1 to 13 and columns 4 to 16, 13 × 13: 49 of the 169 pixels there " +
      "are read, 120 " +
    "are holes.");
  assert.equal(said([1, 0, 3], false), "Unit (0, 3) of layer 1 sees rows −2 to 2 and columns 1 to 5, 5 × 5: " +
    "6 of the 15 " +
    "pixels there are read, 9 are holes. The box reaches 2 rows above " +
      "beyond the input, where there is nothing but zeros.");
  assert.equal(said([0, 2, 2], true),
    "Pixel (2, 2) feeds 25 units of layer 3, in rows 0 to 8 and columns 0 to 8; 56 units between them do not read it.");
  assert.equal(said([0, 2, 2], false), "Pixel (2, 2) is the input itself.");
  assert.equal(said([3, 2, 2], true), "Unit (2, 2) of layer 3 is of the last layer: it feeds nothing behind it.");
  const strided = follow([layer(1, { stride: [2, 2] })], [5, 6]);
  assert.equal(said([0, 1, 2], true, strided),
    "Pixel (1, 2) feeds no unit of layer 1: no tap falls on it, its gradient is 0.");
  assert.equal(words.call(layer(3, { stride: [2, 1], padding: "same" })),
    "nn.Conv2d(1, 1, kernel_size=3, stride=(2, 1), padding='same')");
  assert.equal(words.call({ ...layer(2), kind: "MaxPool2d", stride: [2, 2] }), "nn.MaxPool2d(kernel_size=2)");
});

test("the recursion's numbers give the recursion's results", () => {
  for (const { specs } of stacks) {
    const layers = specs.map((spec) => ({ kind: "Conv2d", ...spec })), { levels } = follow(layers, [240, 250]);
    layers.forEach((one, at) => [0, 1].forEach((axis) => {
      for (const pieces of words.recursion(one, levels[at], levels[at + 1], axis)) {
        const text = pieces.map((piece) => piece.value ?? piece).join("").replaceAll("−", "-").replaceAll("·", "*");
        const [, sum, result] = text.split(" = ");
        assert.equal(Number(Function(`return ${sum}`)()), Number(result), text);
      }
      assert.equal(words.recursion(one, levels[at], levels[at + 1], axis)[1].at(-1).value, levels[at + 1].sizes[axis]);
    }));
  }
});
