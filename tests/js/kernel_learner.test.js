// The pure parts of KernelLearner: the gradient as a correlation, frozen cells, the largest rate, runs, the axes, words.
// Its steps are held against torch's in tests/unit/test_kernel_learner.py.

import assert from "node:assert/strict";
import test from "node:test";
import * as conv from "../../convlab/widgets/conv.js";
import { nearest, ratesAround, shareOf } from "../../convlab/widgets/kernel_learner_controls.js";
import { axisOf, pointsOf } from "../../convlab/widgets/kernel_learner_curve.js";
import * as math from "../../convlab/widgets/kernel_learner_math.js";
import * as words from "../../convlab/widgets/kernel_learner_words.js";

let seed = 3;
const numbers = (length) => Float64Array.from({ length }, () => {
  seed = (seed * 16807) % 2147483647;
  return (seed % 9) - 4;
});
const near = (found, wanted, off = 1e-9) => assert.ok(Math.abs(found - wanted) <= off, `${found} is not ${wanted}`);

/** A problem on 7 x 9 numbers. */
function made({ size = [3, 2], hasBias = false } = {}) {
  const input = { H: 7, W: 9, values: numbers(63) };
  const kernel = { size, values: numbers(size[0] * size[1]), bias: hasBias ? 2 : 0 };
  return math.makeProblem({ input, kernel, size, hasBias });
}

test("the gradient is the correlation of the input with 2 / n times the difference: conv.js's own gradient", () => {
  for (const options of [{}, { size: [2, 4], hasBias: true }, { size: [1, 1] }, { size: [7, 9], hasBias: true }]) {
    const problem = made(options), parameters = numbers(problem.count);
    const { difference, gradient, loss } = math.look(problem, parameters);
    const upstream = difference.map((value) => (2 * value) / problem.places);
    const wanted = conv.gradients(problem.g, upstream, problem.input.values, parameters.subarray(0, problem.taps));
    [...wanted.weight, ...(options.hasBias ? wanted.bias : [])].forEach((value, at) => near(gradient[at], value));
    near(loss, difference.reduce((sum, value) => sum + value * value, 0) / problem.places);
  }
});

test("the gradient is the slope of the loss: a nudge says the same", () => {
  const problem = made({ hasBias: true }), parameters = numbers(7), { gradient } = math.look(problem, parameters);
  gradient.forEach((slope, at) => {
    const [up, down] = [1e-4, -1e-4].map((nudge) =>
      math.look(problem, parameters.map((value, other) => value + (other === at ? nudge : 0))).loss);
    near(slope, (up - down) / 2e-4, 1e-6);
  });
});

test("the target's kernel has no loss, in a larger kernel too", () => {
  const input = { H: 6, W: 9, values: numbers(54) }, kernel = { size: [1, 2], values: numbers(2), bias: 0 };
  const problem = math.makeProblem({ input, kernel, size: [3, 4], hasBias: false });
  assert.equal(math.look(problem, problem.kernel).loss, 0);
  assert.deepEqual([...problem.kernel], [0, 0, 0, 0, 0, ...kernel.values, 0, 0, 0, 0, 0]);
});

test("a frozen parameter does not move, and the rate is that of the others", () => {
  const problem = made(), bowl = math.curvature(problem), all = new Set([0, 1, 2, 3, 4, 5]);
  const parameters = numbers(6), { gradient } = math.look(problem, parameters);
  const after = math.stepped(parameters, gradient, 0.5, new Set([1, 4]));
  for (const at of [1, 4]) assert.equal(after[at], parameters[at]);
  for (const at of [0, 2, 3, 5]) near(after[at], parameters[at] - 0.5 * gradient[at]);
  near(math.largestRate(bowl, 6, new Set([0, 1, 2, 4, 5])), 2 / bowl[3 * 6 + 3]);
  assert.equal(math.largestRate(bowl, 6, all), Infinity);
  near(math.lowestLoss(problem, bowl, parameters, all), math.look(problem, parameters).loss);
  near(math.lowestLoss(problem, bowl, parameters, new Set()), 0);
});

test("the largest eigenvalue of a matrix whose eigenvalues are known", () => {
  near(math.steepest([2, 1, 1, 2], 2, [0, 1]), 3);
  near(math.steepest([4, 0, 0, 0, 9, 0, 0, 0, 1], 3, [0, 2]), 4);
  assert.equal(math.steepest([5], 1, []), 0);
});

test("just below the largest rate the loss falls to its end, just above it grows", () => {
  const problem = made({ hasBias: true }), limit = math.largestRate(math.curvature(problem), 7, new Set());
  const after = (lr) => {
    let run = math.firstRun(Float64Array.from({ length: 7 }, (_, at) => at / 7));
    for (let step = 0; step < 2000; step++) run = math.updated(run, math.look(problem, run.parameters), lr, new Set());
    return run.losses.at(-1);
  };
  assert.ok(after(0.98 * limit) < 1e-6);
  assert.ok(!(after(1.02 * limit) < 1e6));
});

test("a run keeps the loss of each step once, and the weight from before the update only while that is shown", () => {
  const problem = made(), see = (run) => math.look(problem, run.parameters), start = numbers(6);
  let run = math.firstRun(start);
  run = math.atStage(run, 2, see(run));
  assert.deepEqual(run.losses, []);
  run = math.atStage(run, 4, see(run));
  const [first] = run.losses;
  run = math.updated(run, see(run), 0.01, new Set());
  assert.deepEqual([run.step, run.stage, run.losses], [1, 5, [first]]);
  assert.equal(run.before, start);
  run = math.atStage(run, 3, see(run));
  assert.deepEqual([run.step, run.before, run.losses.length], [1, null, 2]);
  run = math.atStage(run, 0, see(run));
  assert.deepEqual(run.losses, [first]);
});

test("a run has diverged at a thousand times its first loss, and when the loss is no number", () => {
  assert.equal(math.hasDiverged([2], 2000), false);
  for (const loss of [2001, Infinity, NaN]) assert.equal(math.hasDiverged([2], loss), true);
  assert.equal(math.hasDiverged([], 5), false);
});

test("the axis holds every loss, in equal steps or in equal factors", () => {
  const losses = [8, 2, 0.5, 0.003, Infinity];
  const linear = axisOf(losses, 0, "linear"), log = axisOf(losses, 0, "log");
  assert.deepEqual([linear.low, linear.high, log.low, log.high], [0, 10, 0.001, 10]);
  near(linear.share(5), 0.5);
  near(log.share(0.1), 0.5);
  assert.equal(log.share(0), 0);
  assert.deepEqual([axisOf([], 1e-31, "linear").high, axisOf([3], 0, "log").high], [1, 10]);
  assert.deepEqual(pointsOf([10, Infinity, 5], 10, linear.share), ["0.0 0.0", "200.0 150.0"]);
  const many = pointsOf(Array(5000).fill(1), 5000, linear.share);
  assert.ok(many.length <= 601 && many.at(-1).startsWith("999.8"));
});

test("the slider has the largest rate in its third decade and finds each of its rates again", () => {
  for (const limit of [0.197, 5, 3e-6, Infinity]) {
    const rates = ratesAround(limit);
    rates.forEach((rate, at) => {
      assert.equal(nearest(rate, rates), at);
      assert.ok(at === 0 || rate > rates[at - 1]);
    });
    if (limit < 1e3) assert.ok(shareOf(limit, rates) >= 0.5 && shareOf(limit, rates) < 0.75);
  }
  assert.ok(ratesAround(0.197).includes(0.1) && ratesAround(0.197).includes(0.3));
});

const STATE = { broken: false, diverged: false, stopped: "", run: { losses: [3, 4000], step: 1 }, lr: 0.3, limit: 0.2 };

test("what has gone wrong is said with its reason and the way on", () => {
  assert.equal(words.verdictText(STATE), "");
  const high = words.verdictText({ ...STATE, diverged: true });
  assert.match(high, /^Diverged: after 1 step the loss is 4000, it began at 3\. lr = 0\.3 is above 0\.2: .* Choose a smaller rate, then Reset/);
  const gone = words.verdictText({ ...STATE, broken: true, run: { losses: [3, Infinity], step: 1 }, lr: 0.1 });
  assert.match(gone, /^Diverged: the loss is inf, .* Press Reset: it starts anew\.$/);
  assert.match(words.verdictText({ ...STATE, stopped: "learned" }), /^Learned: no weight moves any more, after 1 step\.$/);
});

test("the rate is said to be too high from the largest one on", () => {
  assert.equal(words.rateText({ limit: 0.2, lr: 0.19 }).high, false);
  assert.equal(words.rateText({ limit: 0.2, lr: 0.2 }).high, true);
  assert.equal(words.rateText({ limit: 0.2, lr: 0.19 }).before, "small enough: here lr may be anything below ");
  assert.equal(words.rateText({ limit: Infinity, lr: 0.2 }).text, "Every cell is frozen: nothing learns.");
});
