// The pure parts of FeatureMaps: axes, times, words, what a patch shows.

import assert from "node:assert/strict";
import test from "node:test";
import { roundUp } from "../../convlab/widgets/feature_maps_curve.js";
import { createMapsState, unpack } from "../../convlab/widgets/feature_maps_state.js";
import { shownWeights } from "../../convlab/widgets/feature_maps_tiles.js";
import { duration, sentence, trainLabel } from "../../convlab/widgets/feature_maps_words.js";

test("the top of an axis is the round number above", () => {
  for (const [value, round] of [[2.3, 2.5], [2.5, 2.5], [2.6, 5], [0.07, 0.1], [11, 20], [1e9, 1e9]]) {
    assert.ok(Math.abs(roundUp(value) - round) < 1e-9 * round, `${value}`);
  }
});

test("seconds are said as a person says them", () => {
  assert.deepEqual([0.4, 1.4, 59.6, 89, 91, 200].map(duration), ["under 1 s", "1 s", "60 s", "89 s", "2 min", "3 min"]);
});

test("the button says what a press would do", () => {
  const labels = ["ready", "training", "paused", "done", "stopped"].map((phase) => trainLabel({ phase }));
  assert.deepEqual(labels, ["▶ Train", "❚❚ Pause", "▶ Go on", "▶ Train more", "▶ Train more"]);
});

test("a patch shows the weights, or how far each is from its first value", () => {
  const layer = { weight: { values: Float32Array.of(1, -2, 3) }, start: { values: Float32Array.of(0.5, -2, 4) } };
  assert.deepEqual([...shownWeights({ layer, change: false })], [1, -2, 3]);
  assert.deepEqual([...shownWeights({ layer, change: true })], [0.5, 0, -1]);
});

const packed = (values, shape) => {
  const array = Float32Array.from(values), room = new Uint8Array(array.byteLength + 4); // bytes that begin at no multiple of 4
  room.set(new Uint8Array(array.buffer), 3);
  return { shape, dtype: "float32", data: new DataView(room.buffer, 3, array.byteLength) };
};

test("packed numbers are read wherever their bytes begin", () => {
  assert.deepEqual([...unpack(packed([1.5, -2], [2])).values], [1.5, -2]);
});

/** A model as anywidget gives it: traits, and listeners that hear each change. */
function fakeModel(traits) {
  const heard = {};
  return {
    sent: [],
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      heard[`change:${name}`]?.forEach((listener) => listener());
    },
    on: (name, listener) => (heard[name] ??= []).push(listener),
    save_changes() { this.sent.push({ picture: traits.picture, shown_step: traits.shown_step }); },
  };
}

function frame(picture, step) {
  const layer = { first: 0, weight: packed([1, 2], [2, 1, 1, 1]), start: packed([1, 2], [2, 1, 1, 1]), moved: packed([0, 0], [2]),
    output: packed([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]) };
  return { picture, step, layers: { conv: layer }, input: packed([0], [1, 1, 1]), logits: packed([0, 2], [2]), shares: packed([0.1, 0.9], [2]) };
}

function state() {
  const model = fakeModel({ _frame: frame(0, 20), _progress: { kept: [0, 10, 20], phase: "paused", steps: 20, goal: 40, problem: "" },
    _facts: { labels: [1, 0, 1] }, layer: "conv", picture: 0, shown_step: -1, first: 0, filter: 7, place: [5, 1] });
  const found = createMapsState(model, new AbortController().signal), told = [];
  found.subscribe((kind) => told.push(kind), new AbortController().signal);
  return { model, found, told };
}

test("a choice waits for Python's answer, and only that answer ends the waiting", async () => {
  const { model, found, told } = state();
  assert.equal(found.pending, false);
  found.setPicture(9);
  await null;
  assert.deepEqual([model.get("picture"), found.pending, told], [2, true, ["asked"]]); // the last picture there is
  model.set("_frame", frame(1, 20)); // the answer to an older question
  assert.equal(found.pending, true);
  model.set("_frame", frame(2, 20));
  await null;
  assert.deepEqual([found.pending, told], [false, ["asked", "all"]]);
  found.setStep(1);
  assert.deepEqual([model.get("shown_step"), found.pending], [10, true]);
  found.setStep(2);
  assert.deepEqual([model.get("shown_step"), found.pending], [-1, false]); // the last one follows the training
});

test("filter and place are always ones that are on the screen", () => {
  const { found } = state();
  assert.deepEqual([found.filter, found.place], [1, [1, 1]]);
});

test("the line says number, picture and verdict, and while it trains it changes by quarters alone", () => {
  const { found, model } = state();
  assert.equal(sentence(found, { o: 1, place: [1, 1], value: -0.5 }),
    "After step 20, conv, filter 1: output[1, 1, 1] = −0.5. Picture 0 is called 1, rightly.");
  const said = [1, 9, 10, 29, 39, 40].map((steps) => {
    model.set("_progress", { phase: "training", steps, goal: 40, kept: [0], problem: "" });
    return sentence(found, { o: 0, place: [0, 0], value: 1 });
  });
  assert.deepEqual([said[0] === said[1], said[4] === said[5], new Set(said).size], [true, true, 4]);
});
