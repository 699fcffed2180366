// GroupsWiring's arithmetic: counts against torch's cases, and who reads whom against the plain multiplication of matrices.

import assert from "node:assert/strict";
import test from "node:test";
import * as math from "../../convlab/widgets/groups_wiring_math.js";
import { noteText } from "../../convlab/widgets/groups_wiring_counts.js";
import { agreementText } from "../../convlab/widgets/groups_wiring_state.js";
import { litMarks } from "../../convlab/widgets/groups_wiring_wires.js";
import * as words from "../../convlab/widgets/groups_wiring_words.js";
import { torchCases } from "./cases.js";

const cases = torchCases();
const POINT = { pointwise: 0, pointwise_groups: 1, shuffle: false };
const ofCase = ({ spec, shape }, more = {}) => ({ ...spec, ...POINT, size: [...shape.slice(0, -3), ...shape.slice(-2)], ...more });
const plain = (more = {}) => ({ in_channels: 6, out_channels: 9, kernel_size: [3, 2], stride: [1, 1], padding: [0, 0],
  dilation: [1, 1], groups: 3, bias: true, padding_mode: "zeros", size: [1, 12, 16], ...POINT, ...more });
const opened = (more) => math.chain(plain(more));
const grid = (rows, columns, at) => Array.from({ length: rows }, (_, o) => Array.from({ length: columns }, (__, c) => at(o, c)));
const times = (a, b) => grid(a.length, b[0].length, (o, c) => a[o].reduce((sum, value, k) => sum + value * b[k][c], 0));

/** Which outputs of the chain read which inputs, by multiplying 0 and 1 in full. */
function reached({ in_channels: C, out_channels: O, groups, shuffle, pointwise, pointwise_groups: parts }) {
  const block = (rows, columns, g) => grid(rows, columns, (o, c) => Number(Math.floor(o / (rows / g)) === Math.floor(c / (columns / g))));
  let found = block(O, C, groups);
  // nn.ChannelShuffle: view as (groups, each), transpose, flatten.
  const each = O / groups;
  if (shuffle) found = Array.from({ length: O }, (_, at) => found[(at % groups) * each + Math.floor(at / groups)]);
  if (pointwise) found = times(block(pointwise, O, parts), found);
  return found;
}

const CHAINS = [{}, { groups: 1 }, { shuffle: true }, { groups: 3, pointwise: 4 }, { pointwise: 6, pointwise_groups: 3, shuffle: true },
  { in_channels: 4, out_channels: 8, groups: 4, pointwise: 6, pointwise_groups: 2, shuffle: true }, { in_channels: 5, out_channels: 10, groups: 5 }];

test("shapes and counts of a layer are torch's, and what torch refuses is refused", () => {
  for (const one of cases) {
    const setting = ofCase(one);
    if (one.shape.at(-3) !== one.spec.in_channels) continue; // the widget's input always has the layer's channels
    const refused = math.refused(setting);
    assert.equal(Boolean(refused), one.refusal !== null, JSON.stringify(one.spec));
    if (refused) continue;
    const { rows: [row], output, all, dense } = math.counts(math.chain(setting));
    assert.deepEqual(output, one.output_shape);
    assert.equal(row.weight.reduce((count, length) => count * length), one.weight.length);
    assert.equal(all.parameters, one.weight.length + (one.bias?.length ?? 0));
    assert.equal(all.macs, one.macs);
    assert.equal(dense.macs, one.macs * one.spec.groups);
    assert.equal(dense.parameters, one.weight.length * one.spec.groups + (one.bias?.length ?? 0));
  }
});

test("a 1 × 1 layer that does not divide, or a kernel too large for it, is refused by its own words", () => {
  assert.equal(math.refused(plain({ pointwise: 4, pointwise_groups: 3 })).problem.torch, "out_channels must be divisible by groups");
  assert.equal(math.refused(plain({ pointwise: 4, pointwise_groups: 3 })).spec.in_channels, 9);
  assert.equal(math.refused(plain({ groups: 2 })).problem.torch, "out_channels must be divisible by groups");
  assert.equal(math.refused(plain({ groups: 0 })).problem.torch, "groups must be a positive integer");
});

test("the legal groups are the divisors of both", () => {
  assert.deepEqual(math.legalGroups(8, 12), [1, 2, 4]);
  assert.deepEqual(math.legalGroups(6, 6), [1, 2, 3, 6]);
  assert.deepEqual(math.legalGroups(7, 5), [1]);
});

test("who reads whom is the product of the layers' matrices, forward and backward", () => {
  for (const more of CHAINS) {
    const chain = opened(more), full = reached(chain.setting), last = chain.columns.length - 1;
    full.forEach((row, o) => row.forEach((value, c) => {
      assert.equal(math.traced(chain, 0, c)[last][o], Number(value > 0), `${JSON.stringify(more)}: ${o} reads ${c}`);
      assert.equal(math.traced(chain, last, o)[0][c], Number(value > 0));
    }));
  }
});

test("joined channels of each stage are those that the marks of one step reach", () => {
  for (const more of CHAINS) {
    const chain = opened(more);
    for (const stage of chain.stages) {
      for (const a of math.upTo(chain.columns[stage.from].count)) {
        const marks = math.traced(chain, stage.from, a)[stage.from + 1];
        marks.forEach((mark, b) => assert.equal(Number(math.joined(chain, stage, a, b)), mark));
      }
    }
  }
});

test("an output goes dark when all that it reads is muted, and changes when some of it is", () => {
  for (const more of CHAINS) {
    const chain = opened(more), full = reached(chain.setting);
    for (const muted of [[], [0], [0, 1], [1, 2, 3], math.upTo(chain.columns[0].count)]) {
      const found = [...math.fates(chain, muted).at(-1)];
      const wanted = full.map((row) => {
        const gone = muted.some((c) => row[c]), left = row.some((value, c) => value && !muted.includes(c));
        return gone ? 2 - left : 0;
      });
      assert.deepEqual(found, wanted, `${JSON.stringify(more)} without ${muted}`);
    }
  }
});

test("one kernel lights its two channels and no others", () => {
  const chain = opened({ pointwise: 4, shuffle: true });
  const lit = (spot) => litMarks(chain, spot).map((marks) => math.where(marks, 1));
  assert.deepEqual(lit([0, 5, 3]), [[3], [5], [], []]);
  assert.deepEqual(lit([1, 2, 8]), [[], [], [8], [2]]);
});

const text = (pieces) => pieces.map((piece) => (typeof piece === "string" ? piece : words.written(piece.value))).join("");

test("each count is written as the product that gives it", () => {
  const { rows: [row] } = math.counts(opened());
  assert.equal(text(words.weightPieces(row, 0)), "(9, 2, 3, 2)  6 / 3 = 2");
  assert.equal(text(words.parameterPieces(row, 0, "parameters")), "9 · 2 · 3 · 2 + 9 = 117");
  assert.equal(text(words.macPieces(row, 0, "macs")), "1 · 9 · 10 · 15 · 2 · 3 · 2 = 16,200");
  const { rows: [bare] } = math.counts(opened({ bias: false, groups: 1, size: [12, 16] }));
  assert.equal(text(words.weightPieces(bare, 0)), "(9, 6, 3, 2)");
  assert.equal(text(words.parameterPieces(bare, 0, "parameters")), "9 · 6 · 3 · 2 = 324");
  assert.equal(text(words.macPieces(bare, 0, "macs")), "9 · 10 · 15 · 6 · 3 · 2 = 48,600");
  // What is written as a product is that product.
  for (const one of cases.filter(({ refusal }) => refusal === null)) {
    const { rows: [found] } = math.counts(math.chain(ofCase(one)));
    const factors = words.macPieces(found, 0, "macs").filter(({ role }) => role === "mac-factor");
    assert.equal(factors.reduce((product, { value }) => product * value, 1), one.macs);
  }
});

test("the live line says whom a channel reaches, and which kernel a cell of the matrix is", () => {
  const say = (spot, more, muted = []) => {
    const chain = opened(more);
    return words.sentence({ chain, muted, fates: math.fates(chain, muted) }, spot);
  };
  assert.equal(say([0, 2]), "Input channel 2 (group 1; the groups are 0 to 2) reaches 3 of 9: outputs 3 to 5.");
  assert.equal(say([1, 8]), "Output 8 (group 2; the groups are 0 to 2) reads 2 of 6: input channels 4 and 5.");
  assert.equal(say([0, 2], { groups: 1 }), "Input channel 2 reaches all 9 outputs.");
  assert.equal(say([1, 8], { shuffle: true }), "Grouped channel 8 (group 2; the groups are 0 to 2) reads 2 of 6: input channels 4 and 5, and reaches 1 of 9: output 8.");
  assert.equal(say([0, 4, 3]), "weight[4, 1] is the kernel from input channel 3 to output 4, for channel 3 is number 1 of its group.");
  assert.equal(say([0, 4, 0]), "No kernel: input channel 0 is in group 0, output 4 in group 1.");
  assert.equal(say([1, 2, 8], { pointwise: 4 }), "1 × 1 weight[2, 8] is the kernel from grouped channel 8 to output 2.");
  assert.match(say([0, 0], {}, [0, 1]), / Without channels 0 and 1, outputs 0 to 2 go dark: the bias alone is left; 6 stay as they were\.$/);
  assert.match(say([0, 0], { bias: false }, [0, 1]), /outputs 0 to 2 go dark: they are 0;/);
  assert.match(say([0, 0], {}, [5]), / Without channel 5, outputs 6 to 8 change; 6 stay as they were\.$/);
});

test("time is said beside the multiply-adds, and where the two do not go together", () => {
  const rows = (own, dense) => ({ this: { low: own * 0.95, median: own, high: own * 1.05 }, dense: { low: dense * 0.95, median: dense, high: dense * 1.05 } });
  const work = "4 times fewer multiply-adds than the dense layer, and";
  assert.equal(words.timeText(rows(1, 4), 4), `${work} 4 times as fast here: about what the multiply-adds promise.`);
  assert.equal(words.timeText(rows(1, 2), 4), `${work} 2 times as fast here: less than the multiply-adds promise.`);
  assert.equal(words.timeText(rows(1, 8), 4), `${work} 8 times as fast here: more than the multiply-adds promise.`);
  assert.equal(words.timeText(rows(3, 1), 4), `${work} 3 times as long here: fewer multiply-adds did not make it faster.`);
  assert.equal(words.timeText(rows(1, 1.02), 4), `${work} about as long here: fewer multiply-adds did not make it faster.`);
  assert.equal(words.timeText(rows(1, 1.02), 1), "As many multiply-adds as the dense layer, and about as long here.");
  assert.equal(words.timeText(rows(2, 1), 0.5), "2 times more multiply-adds than the dense layer, and 2 times as long here.");
});

test("the clock says what it is at, and Python's verdict is said", () => {
  const say = (more) => noteText({ clock: { phase: "ready" }, times: null, unheard: "", late: false, refusal: null, ...more });
  assert.match(say({}), /^Not measured\. Fewer multiply-adds need not be faster/);
  assert.match(say({ unheard: "measure" }), /^asking Python/);
  assert.match(say({ unheard: "measure", late: true }), /needs a running kernel/);
  assert.match(say({ clock: { phase: "measuring", done: 7, of: 60 } }), /7 of 60 runs of each layer/);
  assert.match(say({ clock: { phase: "done" } }), /another setting/);
  assert.match(say({ refusal: {} }), /has no time/);
  assert.match(agreementText({ agreement: null }), /not checked/);
  assert.match(agreementText({ agreement: { by: "Python", agrees: false } }), /^✗ Python disagrees: please report/);
  assert.equal(agreementText({ agreement: { by: "Python", agrees: true }, refusal: {} }), "✓ Python refuses it too");
});
