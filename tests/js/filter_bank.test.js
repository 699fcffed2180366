// The pure parts of FilterBank: kernels by formula and name, feature maps of many filters, what each channel adds, words.

import assert from "node:assert/strict";
import test from "node:test";
import * as conv from "../../convlab/widgets/conv.js";
import * as math from "../../convlab/widgets/filter_bank_math.js";
import { inkOn } from "../../convlab/widgets/filter_bank_paint.js";
import { sliceStyle } from "../../convlab/widgets/filter_bank_tiles.js";
import * as words from "../../convlab/widgets/filter_bank_words.js";
import { colour } from "../../convlab/widgets/kernel_lab_scale.js";

const BANK = { kernel_size: [7, 5], orientations: 4, wavelength: 5, sigma: 2, gamma: 0.7, psi: 0 };
const sum = (values) => values.reduce((all, value) => all + value, 0);

let seed = 1;
/** The next number of -3 to 3 in a row that is the same each time. */
const next = () => {
  seed = (seed * 16807) % 2147483647;
  return (seed % 7) - 3;
};
const numbers = (length) => Float64Array.from({ length }, next);

const SPEC = { in_channels: 4, out_channels: 6, kernel_size: [3, 2], stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1,
  bias: true, padding_mode: "zeros" };
const SPECS = [
  SPEC, { ...SPEC, stride: [2, 3], padding: [1, 2] }, { ...SPEC, groups: 2, dilation: [2, 1], padding: "same" },
  { ...SPEC, padding: [2, 1], padding_mode: "reflect" }, { ...SPEC, kernel_size: [2, 5], groups: 2, padding_mode: "circular", padding: [1, 3] },
];

function bank(spec) {
  const shape = [1, 4, 8, 11], g = conv.geometry(spec, shape);
  const input = numbers(4 * 8 * 11), weight = numbers(6 * g.Cg * g.kH * g.kW), bias = numbers(6);
  return { g, input, weight, bias, frame: math.padded(g, input), all: new Set([0, 1, 2, 3]) };
}

test("the maps of all filters are the output of the layer, whatever its stride, padding, dilation and groups", () => {
  for (const spec of SPECS) {
    const { g, input, weight, bias, frame, all } = bank(spec);
    const maps = math.featureMaps(g, frame, { weight, bias }, [0, 1, 2, 3, 4, 5], all);
    assert.deepEqual(maps, conv.forward(g, input, weight, bias), JSON.stringify(spec));
  }
});

test("only the filters asked for are made, in their order, and old room is used again", () => {
  const { g, input, weight, bias, frame, all } = bank(SPECS[2]);
  const area = g.H_out * g.W_out, whole = conv.forward(g, input, weight, bias);
  const room = new Float64Array(2 * area).fill(99);
  const maps = math.featureMaps(g, frame, { weight, bias }, [5, 1], all, room);
  assert.equal(maps, room);
  assert.deepEqual(maps, Float64Array.from([...whole.subarray(5 * area), ...whole.subarray(area, 2 * area)]));
});

test("a channel that is not heard adds nothing: the same as zeros in the input", () => {
  for (const spec of SPECS) {
    const { g, input, weight, bias, frame } = bank(spec);
    const silent = input.map((value, at) => (Math.floor(at / 88) === 2 ? 0 : value));
    const maps = math.featureMaps(g, frame, { weight, bias }, [0, 1, 2, 3, 4, 5], new Set([0, 1, 3]));
    assert.deepEqual(maps, conv.forward(g, silent, weight, bias));
  }
});

test("one kernel on blended channels gives what its slices give on each of them", () => {
  const { g, frame } = bank({ ...SPEC, bias: false }), kernels = { kernels: [numbers(6), numbers(6)], size: [3, 2] };
  const mix = [1, 0, -2, 0.5], heard = new Set([0, 2, 3]);
  const two = { ...g, O: 2 };
  const slices = math.featureMaps(two, frame, { weight: math.mixed(kernels, mix) }, [0, 1], heard);
  const blend = math.blended(two, frame, mix, heard);
  assert.deepEqual(math.featureMaps({ ...two, C: 1, Cg: 1 }, blend, { weight: math.mixed(kernels, [1]) }, [0, 1], new Set([0])), slices);
});

test("what the channels at a place add, and the bias, is the number of the map", () => {
  for (const spec of SPECS) {
    const { g, weight, bias, frame, all } = bank(spec);
    for (const heard of [all, new Set([1, 2])]) {
      const maps = math.featureMaps(g, frame, { weight, bias }, [0, 1, 2, 3, 4, 5], heard);
      for (const [o, i, j] of [[0, 0, 0], [4, g.H_out - 1, g.W_out - 1], [5, 1, 2]]) {
        const parts = math.contributions(g, frame, weight, bias, { o, place: [i, j], heard });
        assert.equal(parts.value, maps[(o * g.H_out + i) * g.W_out + j]);
        assert.equal(parts.value, parts.bias + sum(parts.channels.filter((part) => part.heard).map((part) => part.sum)));
        for (const { channel, sum: own } of parts.channels) {
          const taps = g.kH * g.kW, slice = (o * g.Cg + (channel % g.Cg)) * taps;
          const window = math.windowAt(g, frame, channel, [i, j]);
          assert.equal(own, sum(window.map((value, t) => value * weight[slice + t])));
        }
      }
    }
  }
});

test("a bank turns by half a turn in equal steps; odd kernels and those without their mean add up to 0", () => {
  const { kernels, size } = math.gaborBank(BANK);
  assert.deepEqual([kernels.length, size], [4, [7, 5]]);
  kernels.forEach((kernel, i) => assert.deepEqual(kernel, math.gabor([7, 5], { ...BANK, theta: (i * Math.PI) / 4 })));
  for (const changes of [{ psi: Math.PI / 2 }, { zero_mean: true }]) {
    for (const kernel of math.gaborBank({ ...BANK, ...changes }).kernels) assert.ok(Math.abs(sum(kernel)) < 1e-12);
  }
  assert.ok(kernels.every((kernel) => Math.abs(sum(kernel)) > 0.01));
});

test("named kernels of different sizes share the largest, their middles in the middle", () => {
  const known = [{ name: "one", weight: [[1, 2, 3], [4, 5, 6], [7, 8, 9]] }, { name: "flat", weight: [[1, 0, 0, 0, 2]] }];
  const { kernels, size } = math.namedBank(["flat", "one"], known);
  assert.deepEqual(size, [3, 5]);
  assert.deepEqual([...kernels[0]], [0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0]);
  assert.deepEqual([...kernels[1]], [0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 7, 8, 9, 0]);
});

test("a mixed weight is each channel's factor times the kernel, in float32", () => {
  const kernels = { kernels: [Float64Array.from([0.1, 2]), Float64Array.from([-1, 3])], size: [1, 2] };
  const f = Math.fround;
  assert.deepEqual([...math.mixed(kernels, [1, -3])], [f(0.1), 2, f(-3 * 0.1), -6, -1, 3, 3, -9]);
});

test("the most alike of the filters are found, whatever their size; a filter of zeros is like none", () => {
  const weight = Float64Array.from([1, 2, 3, 0, 0, 0, -2, -4, -6, 2, 4, 6.5]);
  const found = math.mostAlike(weight, 3, [0, 1, 2, 3]);
  assert.deepEqual([found.a, found.b], [0, 3]);
  assert.ok(found.cosine > 0.99 && found.cosine < 1);
  assert.deepEqual(math.mostAlike(weight, 3, [0, 1]), null);
  assert.deepEqual(math.mostAlike(weight, 3, [2]), null);
  assert.equal(math.mostAlike(weight, 3, [0, 2]).cosine.toFixed(6), "-1.000000");
});

const channel = ([r, g, b]) => [r, g, b].map((byte) => (byte <= 10 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4));
const luminance = (rgb) => channel(rgb).reduce((all, part, at) => all + part * [0.2126, 0.7152, 0.0722][at], 0);

test("a number on its colour is read at 4.5 to 1 or better, for every colour of the scale and every grey", () => {
  for (let at = 0; at <= 255; at++) {
    for (const rgb of [colour(at / 127.5 - 1), [at, at, at]]) {
      const [light, dark] = [luminance(rgb), inkOn(rgb) === "#fff" ? 1 : 0].sort((a, b) => b - a);
      assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${rgb} with ${inkOn(rgb)}`);
    }
  }
});

test("slices are written as numbers where they fit, else painted", () => {
  const of = (Cg, kH, kW, values) => sliceStyle({ Cg, kH, kW }, Float64Array.from(values)).numbers;
  assert.equal(of(1, 3, 3, [-1, 0, 8]), true);
  assert.equal(of(3, 3, 3, [-1, 0, 8]), true);
  assert.equal(of(3, 3, 3, [0.111]), false);
  assert.equal(of(1, 11, 9, [1]), false);
  assert.equal(of(16, 3, 3, [1]), false);
});

const part = (channel_, own, heard = true) => ({ channel: channel_, sum: own, heard });

test("the live line tells what was added, what was left out, and the range", () => {
  const told = { o: 2, name: "Sobel x", place: [3, 4], C: 3, hasBias: true, reach: { least: -1, most: 4 }, shared: true };
  assert.equal(words.sentence({ ...told, parts: { channels: [part(0, 1.5), part(1, 9, false), part(2, -2)], bias: 3, value: 2.5 } }),
    "Filter 2 (Sobel x) at place (3, 4): red 1.5, blue −2, bias 3; added: 2.5. 1 of 3 input channels is left out. "
    + "The maps reach from −1 to 4, one range for all.");
  assert.equal(words.sentence({ ...told, name: "", C: 1, hasBias: false, shared: false, parts: { channels: [part(0, 7)], bias: 0, value: 7 } }),
    "Filter 2 at place (3, 4): 7. The maps reach from −1 to 4, each in its own range.");
  assert.match(words.sentence({ ...told, parts: { channels: [part(0, 1, false)], bias: 3, value: 3 } }), /so the bias, 3, is all/);
  const many = { channels: Array.from({ length: 9 }, (_, at) => part(at, 1)), bias: 0, value: 9 };
  assert.match(words.sentence({ ...told, C: 9, hasBias: false, parts: many }), /: 9 channels; added: 9\./);
});

test("the switch of ranges says whether maps can be compared, and by how much the ranges differ", () => {
  assert.match(words.rangeText(true, 9), /the same number in every feature map/);
  assert.match(words.rangeText(false, 8.04), /cannot be compared\. Here the widest range is 8 times the narrowest\.$/);
  assert.match(words.rangeText(false, 1.01), /cannot be compared\.$/);
});

test("Python's verdict is said: agreement, a difference, a refusal, nothing yet", () => {
  const say = (agreement) => words.agreementText({ agreement });
  assert.match(say(null), /has not checked/);
  assert.equal(say({ by: "PyTorch 2", count: 1200, difference: 0, agrees: true }), "✓ PyTorch 2 computed the same 1,200 numbers");
  assert.match(say({ by: "PyTorch 2", count: 1, difference: 0.5, agrees: false }), /^✗ PyTorch 2 differs by 0\.50/);
  assert.match(say({ agrees: true, refused: true }), /refuses it too/);
  assert.match(say({ agrees: false, refused: true }), /disagrees/);
});

test("likeness is named, and a sum that is 0 but for rounding is 0", () => {
  assert.match(words.alikeText({ cosine: 1 - 1e-9 }), /the same filter twice/);
  assert.match(words.alikeText({ cosine: 0.95 }), /nearly the same/);
  assert.match(words.alikeText({ cosine: 0.1 }), /no two of them/);
  assert.equal(words.tidy(3e-8, 4), 0);
  assert.equal(words.tidy(3e-3, 4), 3e-3);
});
