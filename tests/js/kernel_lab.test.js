// The pure parts of KernelLab: kernels rotated, resized, copied and recognised; colours that keep the sign.

import assert from "node:assert/strict";
import test from "node:test";
import * as math from "../../convlab/widgets/kernel_lab_math.js";
import { colour, measure, paintSigned } from "../../convlab/widgets/kernel_lab_scale.js";

const numbers = (...values) => Float64Array.from(values);
const lightness = ([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

test("a rotation reads every kernel backwards, and twice is nothing", () => {
  const weight = numbers(1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60);
  assert.deepEqual([...math.rotated(weight, 6)], [6, 5, 4, 3, 2, 1, 60, 50, 40, 30, 20, 10]);
  assert.deepEqual(math.rotated(math.rotated(weight, 6), 6), weight);
});

test("growing keeps the middle in the middle, and shrinking back gives the kernel again", () => {
  const weight = numbers(1, 2, 3, 4, 5, 6);
  assert.deepEqual([...math.resized(weight, [2, 3], [3, 5])], [0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0]);
  for (const size of [[2, 3], [3, 4], [4, 4], [5, 7]]) {
    assert.deepEqual(math.resized(math.resized(weight, [2, 3], size), size, [2, 3]), weight);
  }
});

test("more slices repeat those there are, fewer keep the first", () => {
  const weight = numbers(1, 2, 3, 4, 5, 6, 7, 8); // two filters of two slices of two taps
  assert.deepEqual([...math.withSlices(weight, 2, 3, 2)], [1, 2, 3, 4, 1, 2, 5, 6, 7, 8, 5, 6]);
  assert.deepEqual([...math.withSlices(weight, 2, 1, 2)], [1, 2, 5, 6]);
});

test("a kernel is recognised only when every slice holds it, in its own size", () => {
  const kernels = [{ name: "blur", weight: [[1 / 9, 1 / 9], [1 / 9, 1 / 9], [1 / 9, 1 / 9]] }];
  const ninth = Math.fround(1 / 9);
  assert.equal(math.recognised(kernels, numbers(...Array(12).fill(ninth)), [3, 2]), "blur");
  assert.equal(math.recognised(kernels, numbers(...Array(11).fill(ninth), 0.1), [3, 2]), "custom");
  assert.equal(math.recognised(kernels, numbers(...Array(6).fill(ninth)), [2, 3]), "custom");
});

test("the possible range takes the brightest under what is positive and the darkest under what is negative", () => {
  assert.deepEqual(math.possible(numbers(2, -3, 1), 0.5, 0, 1), [0.5 - 3, 0.5 + 3]);
  assert.deepEqual(math.possible(numbers(2, -1), 0, -1, 4), [2 * -1 - 4, 2 * 4 + 1]);
});

test("a nice range is never below the value and never twice as large", () => {
  for (let at = -60; at <= 60; at++) {
    const value = 1.37 ** at;
    const nice = math.niceRange(value);
    assert.ok(nice >= value * (1 - 1e-9) && nice < 1.5 * value, `${value} -> ${nice}`);
  }
  assert.equal(math.niceRange(0), 1);
  assert.equal(math.niceRange(4), 4);
});

test("colours grow lighter from the most negative to the most positive, and zero is grey", () => {
  const steps = Array.from({ length: 41 }, (_, at) => lightness(colour(at / 20 - 1)));
  for (let at = 1; at < steps.length; at++) assert.ok(steps[at] > steps[at - 1]);
  const [r, g, b] = colour(0);
  assert.ok(r === g && g === b);
  assert.ok(colour(-0.3)[2] > colour(-0.3)[0] && colour(0.3)[0] > colour(0.3)[2], "blue below zero, warm above");
});

test("painting counts and stripes what the range clips, and nothing else", () => {
  const values = numbers(9, 9, -2, -1, 0, 1, 2, 5);
  const pixels = new Uint32Array(6);
  const found = paintSigned(pixels, values, 2, 3, 1);
  assert.deepEqual(found, { least: -2, most: 5, below: 1, above: 2 });
  assert.deepEqual(measure(values, 2, 6, 1), found);
  assert.equal(new Set(pixels.subarray(1, 4)).size, 3);
  assert.deepEqual([...pixels].map((pixel) => pixel >>> 24), Array(6).fill(255));
});

test("a drag moves whole kernels by 1 and fractions by a step of their own size", () => {
  assert.equal(math.stepOf(numbers(-1, 0, 8)), 1);
  assert.equal(math.stepOf(numbers(-4, 1.25, 2)), 1);
  assert.equal(math.stepOf(numbers(0.4, -0.2)), 0.1);
  assert.equal(math.stepOf(numbers(1 / 9, 1 / 9)), 0.01);
});
