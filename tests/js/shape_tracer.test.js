// ShapeTracer without a page: its words and numbers, where its boxes stand, and its state while Python has not answered.

import assert from "node:assert/strict";
import test from "node:test";

import { axesOf, boxOf, lanesOf, layout, lengthPx, short, sizes } from "../../convlab/widgets/shape_tracer_boxes.js";
import { createTracerState } from "../../convlab/widgets/shape_tracer_state.js";
import * as words from "../../convlab/widgets/shape_tracer_words.js";
import { fakeModel } from "./fake_model.js";

const row = (changes) => ({ name: "conv", kind: "Conv2d", call: "Conv2d(3, 4, kernel_size=3)", inside: "", nth: null,
  input: [2, 3, 8, 9], output: [2, 4, 6, 7], parameters: 112, shared: 0, macs: 9072, bytes: 1344, shares: false,
  field: [3, 3], jump: [1, 1], whole: false, reads: [0], problem: false, lines: [], ...changes });
const totals = (changes) => ({ parameters: 112, tensors: 2, trainable: 112, parameters_elsewhere: 0, macs: 9072,
  macs_elsewhere: 0, memory: 1344, ...changes });
const trace = (rows, changes) => ({ shape: [2, 3, 8, 9], dtype: "float32", rows, left_out: 0, totals: totals(),
  problem: null, batch: null, printed: "", training: false, by: "PyTorch 2", ...changes });

function opened(rows = [row(), row({ name: "relu", reads: [1] })], at = 0) {
  const model = fakeModel({ shape: [2, 3, 8, 9], at, budget: {}, _name: "Net", _trace: trace(rows) }, ["shape", "at"]);
  const over = new AbortController(), told = [];
  const state = createTracerState(model, over.signal);
  state.subscribe((kind) => told.push(kind), over.signal);
  return { model, state, over, told };
}

test("numbers are written whole, memory in its best unit", () => {
  assert.equal(words.whole(1179648), "1,179,648");
  const of = { 0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1023: "1,023 bytes", 1024: "1 KiB", 1344: "1.31 KiB",
    18400: "18.0 KiB", 131072: "128 KiB", 1048575: "1,024 KiB", 4841472: "4.62 MiB", 5368709120: "5 GiB" };
  for (const [bytes, text] of Object.entries(of)) assert.equal(words.memoryText(Number(bytes)), text);
  assert.equal(words.tuple([2, 3]), "(2, 3)");
  assert.equal(words.tuple([5]), "(5,)");
  assert.equal(words.tuple(null), "–");
  assert.equal(words.nthText([2, 3]), "2nd of 3 calls");
  assert.equal(words.nthText([11, 13]), "11th of 13 calls");
});

test("the live line says what a row's cells say", () => {
  const one = trace([row({ nth: [1, 2] }), row({ problem: true, output: null, input: [2, 4] })]);
  assert.equal(words.sentence(one, 0), "The input: (2, 3, 8, 9), float32. 2 rows below.");
  assert.equal(words.sentence(one, 1), "Row 1 of 2, conv, 1st of 2 calls: (2, 3, 8, 9) becomes (2, 4, 6, 7); " +
    "112 parameters, 9,072 multiply-adds, 1.31 KiB; each number sees 3 × 3 of the input, neighbours 1 apart.");
  assert.equal(words.sentence(one, 2), "Row 2 of 2, conv: it breaks here. It was given (2, 4).");
  assert.equal(words.fieldText(row({ whole: true })), "each number sees the whole input");
  assert.equal(words.fieldText(row({ jump: [2, 1] })), "each number sees 3 × 3 of the input, neighbours 2 and 1 apart");
  assert.equal(words.fieldText(row({ field: null })), "how much of the input it sees is not defined");
  assert.equal(words.readsText([0, 3, 5]), "reads the input, row 3 and row 5");
  assert.equal(words.readsText([]), "");
});

test("a trace that broke is not said to have run whole", () => {
  const broke = trace([row({ problem: true })], { problem: { row: 1 }, training: true });
  assert.equal(words.ranText(broke), "PyTorch 2 ran this model on (2, 3, 8, 9), float32, in eval mode; it is back in " +
    "training mode, as far as row 1.");
  assert.equal(words.ranText(trace([row()], { left_out: 3 })), "✓ PyTorch 2 ran this model on (2, 3, 8, 9), float32, in " +
    "eval mode: 1 row. 3 more rows are not drawn, but counted.");
});

test("amounts: every number once, views without memory, the largest first, what no row has apart", () => {
  const rows = [row({ parameters: 10, macs: 60, bytes: 8 }), row({ name: "again", parameters: 10, shared: 10, macs: 60, bytes: 8 }),
    row({ name: "fc", parameters: 70, macs: 30, bytes: 4, shares: true })];
  const of = trace(rows, { totals: totals({ parameters: 100, macs: 150, memory: 16 }) });
  const [parameters, macs, memory] = words.amounts(of, { parameters: 90, macs: 150 });
  assert.deepEqual(parameters.parts.map(({ row: at, name, amount }) => [at, name, amount]),
    [[3, "fc", 70], [0, "elsewhere", 20], [1, "conv", 10]].sort((one, other) => other[2] - one[2]));
  assert.deepEqual([parameters.total, parameters.over, macs.over, memory.limit], [100, 10, 0, null]);
  assert.deepEqual(memory.parts.map(({ amount }) => amount), [8, 8]);
  for (const one of [parameters, macs, memory]) {
    assert.equal(one.parts.reduce((sum, { amount }) => sum + amount, 0), one.total);
    assert.ok(Math.abs(one.parts.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-12);
  }
  assert.equal(words.limitText(parameters), "10 over the limit of 90");
  assert.equal(words.limitText(macs), "exactly the limit of 150");
  assert.equal(words.limitText({ name: "memory", total: 1024, limit: 3072, over: -2048 }), "2 KiB left of 3 KiB");
  assert.equal(words.limitText(memory), "");
  assert.equal(words.mostText(parameters.parts), "most in fc 70 %, elsewhere 20 %, conv 10 %");
  assert.equal(words.mostText([]), "");
});

test("numbers are parameters, tensors are not", () => {
  assert.equal(words.tensorsText(totals({ parameters: 5130, tensors: 2, trainable: 5130 })), " in 2 tensors");
  assert.equal(words.tensorsText(totals({ parameters: 900, tensors: 8, trainable: 30 })), " in 8 tensors, of which 30 learn");
  assert.equal(words.tensorsText(totals({ parameters: 9, tensors: 1, trainable: 0 })), " in 1 tensor, of which none learn");
});

test("a box twice as long is one step longer, along each axis alike", () => {
  const step = lengthPx(2) - lengthPx(1);
  for (const length of [2, 3, 8, 100]) assert.ok(Math.abs(lengthPx(2 * length) - lengthPx(length) - step) < 1e-9);
  const one = boxOf([2, 16, 32, 8], 4);
  assert.ok(Math.abs(one.high - lengthPx(32)) < 1e-9 && Math.abs(one.thick - lengthPx(16)) < 1e-9);
  assert.ok(Math.abs(boxOf([2, 16, 32, 16], 4).deep - one.deep - 0.45 * step) < 1e-9);
  assert.deepEqual(boxOf([5, 16, 32, 8], 4), one); // the batch is not drawn
});

test("which axes are drawn depends on whether the input has a batch", () => {
  assert.deepEqual(axesOf([2, 3, 8, 9], 4), [1, 2, 3]);
  assert.deepEqual(axesOf([3, 8, 9], 3), [0, 1, 2]);
  assert.deepEqual(axesOf([2, 10], 4), [1, null, null]);
  assert.deepEqual(axesOf([10], 3), [0, null, null]);
  assert.deepEqual(axesOf([4, 60], 3), [0, 1, null]);
  assert.deepEqual(axesOf([2, 3, 4, 8, 9], 5), [1, 3, 4]);
  assert.deepEqual(axesOf([], 4), [null, null, null]);
  const lengths = (shape, input) => sizes(shape, input).map(({ length }) => length);
  assert.deepEqual(lengths([2, 3, 8, 9], [2, 3, 8, 9]), [3, 8, 9]);
  assert.deepEqual(lengths([8, 1024], [2, 3, 64, 64]), [8, 1024]); // a changed batch is shown
  assert.deepEqual(lengths([3, 8, 9], [3, 8, 9]), [3, 8, 9]);
});

test("boxes stand side by side on one floor, and arcs over what they skip share no lane", () => {
  const rows = [row(), row({ reads: [1] }), row({ reads: [1, 2] }), row({ reads: [3, 0], output: null, problem: true })];
  const { boxes, arcs, width, floor, height } = layout(trace(rows));
  boxes.forEach((box, at) => {
    assert.ok(box.left >= (at ? boxes[at - 1].left + boxes[at - 1].width : 0));
    assert.ok(box.x >= box.left - 1e-9 && box.x + box.thick + box.deep <= box.left + box.width + 1e-9);
    assert.ok(floor - box.high - box.deep >= 0);
  });
  assert.ok(boxes.at(-1).left + boxes.at(-1).width <= width && floor < height);
  assert.deepEqual(arcs.map(({ from, to }) => [from, to]), [[1, 3], [0, 4]]);
  assert.deepEqual([boxes[4].problem, boxes[4].given, boxes[4].sizes], [true, true, []]);
  const lanes = lanesOf([[0, 4], [1, 3], [3, 5], [5, 7]]);
  assert.equal(lanes[1], 0);
  assert.notEqual(lanes[0], lanes[1]);
  assert.notEqual(lanes[0], lanes[2]);
  assert.equal(lanes[3], 0);
  assert.equal(short("layer1.0.downsample"), "…0.downsample");
});

test("a size under the hand shows at once, is sent when it rests, and is pending until the answer", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { model, state, told } = opened();
  assert.equal(state.pending, false);
  state.setLength(2, 9);
  state.setLength(2, 10);
  assert.deepEqual([state.shape, state.pending, state.late, model.saved.length], [[2, 3, 10, 9], true, false, 0]);
  t.mock.timers.tick(200);
  assert.deepEqual(model.saved.map(({ shape }) => shape), [[2, 3, 10, 9]]);
  assert.equal(words.waitingText(state), "Running the model on (2, 3, 10, 9) …");
  t.mock.timers.tick(4000);
  assert.ok(state.late && words.waitingText(state).includes("no kernel has answered"));
  assert.ok(words.waitingText(state).endsWith("What is drawn is the trace of (2, 3, 8, 9)."));
  state.back();
  assert.deepEqual([state.shape, state.pending, state.late], [[2, 3, 8, 9], false, false]);
  assert.deepEqual(new Set(told), new Set(["input"]));
});

test("an answer ends the waiting, and one of another size does not", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { model, state, told } = opened();
  state.setLength(3, 12);
  model.set("_trace", trace([row()], { shape: [2, 3, 8, 11] }));
  await Promise.resolve();
  assert.equal(state.pending, true);
  model.set("_trace", trace([row()], { shape: [2, 3, 8, 12] }));
  await Promise.resolve();
  t.mock.timers.tick(5000);
  assert.deepEqual([state.pending, state.late, told.at(-1)], [false, false, "trace"]);
});

test("a pin stays inside the trace, whatever comes", async () => {
  const { model, state } = opened(undefined, 2);
  assert.equal(state.at, 2);
  state.pin(99);
  assert.equal(model.get("at"), 2);
  state.pin(-4);
  assert.equal(state.at, 0);
  state.pin(2);
  model.set("_trace", trace([row()]));
  await Promise.resolve();
  assert.equal(state.at, 1);
  state.stop();
});

test("playing goes row by row to the end and begins again", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { state, told } = opened();
  state.play(true);
  assert.ok(state.playing);
  t.mock.timers.tick(900);
  assert.equal(state.at, 1);
  t.mock.timers.tick(2000);
  assert.deepEqual([state.at, state.playing], [2, false]);
  assert.equal(told.filter((kind) => kind === "playing").length, 2);
  state.play(false);
  assert.deepEqual([state.at, state.playing], [0, false]);
  state.play(false);
  assert.equal(state.at, 1);
});

test("Python's changes are told once each", async () => {
  const { model, told } = opened();
  model.set("_trace", trace([row(), row()]));
  model.set("budget", { macs: 3 });
  model.set("at", 1);
  await Promise.resolve();
  assert.deepEqual(told, ["trace"]);
  model.set("at", 2);
  assert.deepEqual(told, ["trace", "place"]);
});
