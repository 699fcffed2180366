// SizeRuler without a page: every number of its rulers against torch, and its state through settings that other
// teaching tools refuse.

import assert from "node:assert/strict";
import test from "node:test";

import { readersOf, ruler, taps, unreadPixels } from "../../convlab/widgets/size_ruler_math.js";
import { agreementText, createRulerState, outputShape } from "../../convlab/widgets/size_ruler_state.js";
import * as words from "../../convlab/widgets/size_ruler_words.js";
import { torchCases } from "./cases.js";
import { fakeModel } from "./fake_model.js";

const cases = torchCases();
const legal = cases.filter((one) => one.refusal === null);
const LAYER = {
  in_channels: 1, out_channels: 1, kernel_size: [3, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
  bias: true, padding_mode: "zeros",
};
const layer = (changes) => ({ ...LAYER, ...changes });
const both = (spec, shape) => [0, 1].map((axis) => ruler(spec, shape, axis));

/** The settings of the sliders of CNN Explainer: one number for both axes, an input of 7 at most. */
function sliders() {
  const found = [];
  for (let size = 1; size <= 7; size++) {
    for (let kernel = 1; kernel <= size; kernel++) {
      for (let padding = 0; padding < kernel; padding++) {
        const most = Math.max(size + 2 * padding - kernel + 1, 2);
        for (let stride = 1; stride <= most; stride++) found.push({ size, kernel, padding, stride });
      }
    }
  }
  return found;
}

function opened(spec = LAYER, shape = [1, 1, 8, 9], place = [0, 0]) {
  const model = fakeModel({ spec, shape, place, _computed: {} }), over = new AbortController();
  return { model, over, state: createRulerState(model, over.signal) };
}

test("places, counts and equal inputs are torch's", () => {
  for (const one of legal) {
    const told = `${JSON.stringify(one.spec)} on [${one.shape}]`;
    const lines = both(one.spec, one.shape);
    assert.deepEqual(lines.map((line) => line.places), one.output_shape.slice(-2), told);
    assert.deepEqual(lines[0].reads.flatMap((down) => lines[1].reads.map((across) => down * across)), one.reads, told);
    const ends = (all) => [all[0], all.at(-1)];
    assert.deepEqual(lines.map((line) => ends(line.lengths)), one.same_output.map(ends), told);
    assert.equal(unreadPixels(lines), one.reads.filter((count) => count === 0).length, told);
  }
});

test("who reads a pixel, and what is left over, are what the windows on the ruler show", () => {
  for (const one of legal) {
    for (const line of both(one.spec, one.shape)) {
      const last = taps(line, line.places - 1).at(-1);
      assert.equal(line.padded - 1 - last, line.leftOver, "pixels after the last window");
      assert.ok(line.leftOver < line.stride);
      for (let at = 0; at < line.length; at++) assert.equal(readersOf(line, at).length > 0, line.reads[at] > 0);
    }
  }
});

test("all 469 settings of CNN Explainer's sliders are taken, also the 250 that it calls invalid", () => {
  const all = sliders();
  assert.equal(all.length, 469);
  assert.equal(all.filter(({ size, kernel, padding, stride }) => (size + 2 * padding - kernel) % stride).length, 250);
  const { state, over } = opened();
  for (const { size, kernel, padding, stride } of all) {
    state.setLength(0, size);
    state.setLength(1, size + 1); // never a square, where a swapped axis could hide
    for (const axis of [0, 1]) {
      state.setPair("kernel_size", axis, kernel);
      state.setPair("padding", axis, padding);
      state.setPair("stride", axis, stride);
    }
    const told = JSON.stringify({ size, kernel, padding, stride });
    assert.equal(state.problem, null, told);
    // laid out by hand: windows from the left for as long as they fit
    const laid = [size, size + 1].map((length) => {
      let places = 0;
      while (places * stride + kernel <= length + 2 * padding) places++;
      return places;
    });
    assert.deepEqual(outputShape(state), [1, 1, ...laid], told);
    for (const line of state.lines) {
      assert.equal(line.places, Math.floor((line.length + 2 * padding - kernel) / stride) + 1, told);
      assert.equal(line.leftOver, (line.length + 2 * padding - kernel) % stride, told);
      const pixels = [];
      for (let place = 0; place < line.places; place++) for (const at of taps(line, place)) pixels.push(at - padding);
      const counted = Array.from({ length: line.length }, (_, at) => pixels.filter((pixel) => pixel === at).length);
      assert.deepEqual(line.reads, counted, told);
    }
  }
  over.abort();
});

test("the counts of the lesson: three windows of stride 2 on 8 pixels; corner, edge and centre of 5 x 5", () => {
  const [rows] = both(layer({ stride: [2, 2] }), [1, 8, 9]);
  assert.deepEqual(rows.reads, [1, 1, 2, 1, 2, 1, 1, 0]);
  assert.deepEqual([rows.unread, rows.leftOver, rows.lengths], [[7], 1, [7, 8]]);
  const [{ reads }] = both(layer({ padding: [1, 1] }), [1, 5, 5]);
  assert.deepEqual([reads[0] * reads[0], reads[0] * reads[2], reads[2] * reads[2]], [4, 6, 9]);
});

test("what PyTorch refuses keeps the last setting that runs, and says why", () => {
  const { state, over } = opened(layer({ stride: [2, 1] }));
  state.setPair("kernel_size", 0, 9);
  assert.match(state.problem.torch, /Kernel size can't be greater than actual input size/);
  assert.deepEqual(state.legal.spec.kernel_size, [3, 3]);
  assert.deepEqual(state.lines.map((line) => line.places), [3, 7]);
  state.setPair("kernel_size", 0, 8);
  assert.equal(state.problem, null);
  state.setWhole("padding", "same");
  assert.match(state.problem.torch, /'same' is not supported for strided/);
  over.abort();
});

test("the place stays inside, walks in reading order and comes back to the start", () => {
  const { state, model, over } = opened(layer({ stride: [2, 2] }), [1, 1, 8, 9], [2, 3]);
  assert.deepEqual([state.place, state.number, state.count], [[2, 3], 11, 12]);
  state.goTo(4);
  assert.deepEqual(model.get("place"), [1, 0]);
  state.goTo(99);
  assert.deepEqual(state.place, [2, 3]);
  state.setPair("stride", 0, 4);
  assert.deepEqual(state.place, [1, 3], "fewer rows of places");
  state.play(false);
  assert.deepEqual(state.place, [0, 0], "without motion one step, from the end to the start");
  assert.equal(state.playing, false);
  over.abort();
});

test("python's word counts only for the setting on the screen", () => {
  const { state, model, over } = opened();
  assert.match(agreementText(state), /not checked/);
  const reads = state.lines.map((line) => line.reads);
  const found = { spec: model.get("spec"), shape: [1, 1, 8, 9], by: "PyTorch", output: [1, 1, 6, 7], reads };
  model.set("_computed", found);
  assert.equal(agreementText(state), "✓ PyTorch computed the same output shape and the same 17 counts");
  model.set("_computed", { ...found, output: [1, 1, 6, 8] });
  assert.match(agreementText(state), /disagrees/);
  model.set("_computed", found);
  state.setLength(0, 7);
  assert.match(agreementText(state), /not checked/);
  over.abort();
});

test("a hand's change goes to Python once the hand rests, with a place inside the output", async () => {
  const { state, model, over } = opened(LAYER, [1, 1, 8, 9], [5, 6]);
  state.setPair("stride", 0, 2);
  state.setPair("stride", 0, 3);
  assert.equal(model.saved.length, 0);
  await new Promise((done) => { setTimeout(done, 250); });
  assert.deepEqual(model.saved.map(({ spec, place }) => [spec.stride, place]), [[[3, 1], [1, 6]]]);
  over.abort();
});

test("the words say what the ruler shows", () => {
  const [rows, columns] = both(layer({ kernel_size: [3, 2], stride: [2, 4] }), [1, 8, 9]);
  assert.equal(words.leftOver(rows),
    "1 row is left over after the last window: the floor drops it. Never read: row 7.");
  assert.equal(words.leftOver(columns), "3 columns are left over after the last window: the floor drops them. " +
    "Never read: columns 2, 3 and 6 to 8.");
  assert.equal(words.lengthsText(rows.lengths), "7 or 8");
  assert.equal(words.lengthsText(columns.lengths), "6, 7, 8 or 9");
  assert.equal(words.lengthsText([4, 5, 6, 7, 8]), "4 to 8");
  assert.equal(words.readText(rows, 2), "row 2 is read 2 times along this axis, by places 0 and 1.");
  assert.equal(words.readText(rows, 7), "row 7 is never read: no tap falls on it, so its gradient is 0.");
  assert.equal(words.pixelText([rows, columns], [2, 0]), "Pixel (2, 0) is read 2 times: row 2 2 × column 0 1.");
  assert.equal(words.sentence({ lines: [rows, columns], place: [1, 1] }),
    "Place (1, 1) of 3 × 2: the taps lie on rows 2 to 4 and columns 4 to 5 of the input. 44 pixels are never read.");
});

test("the formula's numbers give the formula's result", () => {
  for (const one of legal) {
    for (const line of both(one.spec, one.shape)) {
      const [first, , second, , steps, , result] = words.formula(line, one.spec);
      const text = first.top.map((piece) => piece.value ?? piece).join("").replaceAll("−", "-").replaceAll("·", "*");
      const span = Number(Function(`return ${text}`)());
      assert.equal(span, second.top[0].value, text);
      assert.equal(Math.floor(span / first.bottom[0].value), steps.value);
      assert.equal(steps.value + 1, result.value);
      assert.equal(result.value, line.places);
    }
  }
});
