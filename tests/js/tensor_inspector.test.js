// The pure parts of TensorInspector: strides, offsets and steps, what is painted, what is said.

import assert from "node:assert/strict";
import test from "node:test";
import * as math from "../../convlab/widgets/tensor_inspector_math.js";
import { colourOf, paintNumbers, paintPicture } from "../../convlab/widgets/tensor_inspector_paint.js";
import { agreementText, code, sentence, showing, verdict } from "../../convlab/widgets/tensor_inspector_words.js";

const SIZES = { H: 4, W: 6, C: 3 };
const every = (...lists) => lists.reduce((all, list) => all.flatMap((one) => list.map((next) => [...one, next])), [[]]);
const views = (sizes) => every(math.LAYOUTS, math.WAYS).map(([layout, way]) => math.tensorView(sizes, layout, way));
const picture = (view, low = 0, high = 9) => ({
  values: Uint8Array.from({ length: view.total }, (_, at) => (at * 7) % 10), low, high, call: (x) => `${x} / 9`,
});

test("permute takes the strides along, reshape gives fresh ones, HWC has nothing to do with either", () => {
  const found = views(SIZES).map(({ shape, strides, contiguous }) => [shape, strides, contiguous]);
  assert.deepEqual(found, [
    [[4, 6, 3], [18, 3, 1], true], [[4, 6, 3], [18, 3, 1], true],
    [[3, 4, 6], [1, 18, 3], false], [[3, 4, 6], [24, 6, 1], true],
    [[1, 3, 4, 6], [3, 1, 18, 3], false], [[1, 3, 4, 6], [72, 24, 6, 1], true],
  ]);
});

test("every offset is read by one element, and the other way round", () => {
  for (const sizes of [SIZES, { H: 1, W: 5, C: 4 }, { H: 7, W: 2, C: 1 }]) {
    for (const view of views(sizes)) {
      for (let at = 0; at < view.total; at++) {
        assert.equal(math.offsetOf(view, math.elementAt(view, at)), at);
        const { i, j, c } = math.homeOf(sizes, at);
        assert.equal((i * sizes.W + j) * sizes.C + c, at);
      }
    }
  }
});

test("all numbers are in place but where reshape moved channels", () => {
  assert.deepEqual(views(SIZES).map(math.inPlace), [72, 72, 72, 2, 72, 2]);
  assert.deepEqual(views({ H: 4, W: 6, C: 1 }).map(math.inPlace), Array(6).fill(24));
});

test("in reading order the last axis runs first, and the end leads to the beginning", () => {
  for (const view of views(SIZES)) {
    let at = { i: 0, j: 0, c: 0 };
    const read = Array.from({ length: view.total }, () => {
      const offset = math.offsetOf(view, at);
      at = math.following(view, at);
      return offset;
    });
    assert.equal(new Set(read).size, view.total);
    assert.deepEqual(at, { i: 0, j: 0, c: 0 });
    const last = view.layout === "HWC" || view.reshaped ? 1 : 3;
    assert.equal(read[1] - read[0], last);
    if (view.contiguous) assert.deepEqual(read, [...read.keys()]);
  }
  const view = math.tensorView(SIZES, "CHW", "permute");
  assert.deepEqual(math.following(view, { i: 3, j: 2, c: 0 }, true), { i: 0, j: 2, c: 1 });
});

test("a step along an axis is its stride, back from the last, and none where there is no second", () => {
  const view = math.tensorView(SIZES, "NCHW", "permute");
  assert.deepEqual(math.jumps(view, { i: 3, j: 1, c: 0 }), [
    { axis: "C", by: 1, step: 1, to: 58 }, { axis: "H", by: -1, step: -18, to: 39 }, { axis: "W", by: 1, step: 3, to: 60 },
  ]);
  assert.deepEqual(math.jumps(math.tensorView({ H: 1, W: 3, C: 1 }, "HWC", "permute"), { i: 0, j: 0, c: 0 })
    .map(({ axis }) => axis), ["W"]);
});

test("a picture is painted from its strides: the same after permute, another after reshape", () => {
  const paintings = views(SIZES).map((view) => {
    const pixels = new Uint32Array(24);
    paintPicture(pixels, picture(view), view);
    for (const [i, j] of [[0, 0], [3, 5], [1, 2]]) {
      const pixel = pixels[i * 6 + j];
      assert.equal(colourOf(picture(view), view, { i, j }), `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`);
    }
    return [...pixels];
  });
  for (const at of [1, 2, 4]) assert.deepEqual(paintings[at], paintings[0]);
  assert.deepEqual(paintings[3], paintings[5]);
  assert.notDeepEqual(paintings[3], paintings[0]);
});

test("grey is painted grey, and what shines through is painted on white", () => {
  const one = (values, C) => {
    const pixels = new Uint32Array(1);
    paintPicture(pixels, { values, low: 0, high: 255 }, math.tensorView({ H: 1, W: 1, C }, "HWC", "permute"));
    return [0, 8, 16, 24].map((shift) => (pixels[0] >>> shift) & 255);
  };
  assert.deepEqual(one([100], 1), [100, 100, 100, 255]);
  assert.deepEqual(one([10, 20, 30, 255], 4), [10, 20, 30, 255]);
  assert.deepEqual(one([10, 20, 30, 0], 4), [255, 255, 255, 255]);
});

test("a plane has the colours of what its numbers were", () => {
  const view = math.tensorView(SIZES, "CHW", "reshape");
  const pixels = new Uint32Array(3);
  paintNumbers(pixels, { values: new Uint8Array(72).fill(9), low: 0, high: 9 }, view.sizes,
    { rows: 1, columns: 3, offsetAt: (i, j) => j });
  const strongest = [...pixels].map((pixel) => [0, 8, 16].map((shift) => (pixel >> shift) & 255))
    .map((rgb) => rgb.indexOf(Math.max(...rgb)));
  assert.deepEqual(strongest, [0, 1, 2]);
});

test("what is black and white is what matplotlib is told", () => {
  const told = (values, kind) => {
    const { low, high, call } = math.brightness(values, kind);
    return [low, high, call("x")];
  };
  assert.deepEqual(told([0, 3, 9], "u"), [0, 9, "x / 9"]);
  assert.deepEqual(told([0, 200], "u"), [0, 255, "x"]);
  assert.deepEqual(told([0, 0.5], "f"), [0, 1, "x"]);
  assert.deepEqual(told([0, 200.5], "f"), [0, 255, "x / 255"]);
  assert.deepEqual(told([-2, 3], "f"), [-2, 3, "(x - x.min()) / (x.max() - x.min())"]);
  assert.deepEqual(told([-2, -2], "i").slice(0, 2), [-2, -1]);
});

test("the code makes the tensor, and the picture of it", () => {
  const codes = views(SIZES).map(code).map((line) => line.replace("x = torch.from_numpy(picture)", ""));
  assert.deepEqual(codes, ["", "", ".permute(2, 0, 1)", ".reshape(3, 4, 6)", ".permute(2, 0, 1)[None]", ".reshape(3, 4, 6)[None]"]);
  const shown = views(SIZES).filter((_, at) => at % 2 === 0).map((view) => showing(view, { call: (x) => x }));
  assert.deepEqual(shown, ["plt.imshow(x)", "plt.imshow(x.permute(1, 2, 0))", "plt.imshow(x[0].permute(1, 2, 0))"]);
  const grey = views({ ...SIZES, C: 1 }).filter((_, at) => at % 2 === 0).map((view) => showing(view, { call: (x) => x }));
  assert.deepEqual(grey, ["x[..., 0]", "x[0]", "x[0, 0]"].map((x) => `plt.imshow(${x}, cmap="gray")`));
});

test("the sentence says what was asked for, and what is there", () => {
  const say = (layout, way, element, sizes = SIZES) => {
    const view = math.tensorView(sizes, layout, way);
    return [sentence(view, picture(view), element), verdict(view)];
  };
  const at = { i: 1, j: 2, c: 0 };
  assert.deepEqual(say("HWC", "reshape", at), [
    "x[1, 2, 0] is 8, read at offset 24: the red of pixel (1, 2). Its green and blue stand beside it on the tape.",
    "As it was loaded: "]);
  assert.deepEqual(say("NCHW", "permute", at)[0].slice(0, 33), "x[0, 0, 1, 2] is 8, read at offse");
  assert.deepEqual(say("CHW", "reshape", at), [
    "x[0, 1, 2] is 6, read at offset 8. It is asked for as the red of pixel (1, 2), but the number there is the blue of "
    + "pixel (0, 2).", "Scrambled: "]);
  assert.match(say("CHW", "reshape", { i: 0, j: 0, c: 0 })[0], /: the red of pixel \(0, 0\), right here by chance\.$/);
  assert.deepEqual(say("CHW", "reshape", { ...at, c: 0 }, { ...SIZES, C: 1 }), [
    "x[0, 1, 2] is 6, read at offset 8: the grey of pixel (1, 2).", "The same picture: "]);
});

test("what Python found is said in a sentence", () => {
  assert.match(agreementText(null), /has not checked/);
  assert.equal(agreementText({ by: "NumPy", count: 72, agrees: true }),
    "✓ NumPy computed the same shape, strides, offset and 72 numbers");
  assert.match(agreementText({ by: "NumPy", count: 72, agrees: false }), /^✗ NumPy disagrees/);
});
