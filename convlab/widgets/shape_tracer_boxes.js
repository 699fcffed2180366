// Where the boxes of a trace stand: one for the input and one for each row, drawn to a scale on which twice as long is
// one step longer, along each axis alike. Pure: tested by Node.

const UNIT_PX = 5;
const STEP_PX = 9, GAP_PX = 16, LETTER_PX = 6.3, MOST_LETTERS = 13;
const DEPTH = 0.45; // how far a depth goes to the right and up, of its length
const MARGIN_PX = 8, TEXT_PX = 34, ARC_PX = 14;

/** How many pixels a length has. */
export const lengthPx = (length) => UNIT_PX + STEP_PX * Math.log2(Math.max(1, length));

/** An input of 3 axes is taken for a picture without a batch. */
const isBatched = (rank) => rank === 2 || rank > 3;

/** The axes of a shape that are drawn: indices of (channels, rows, columns), null where there is none. */
export function axesOf(shape, rank) {
  const own = shape.map((_, at) => at).slice(isBatched(rank) && shape.length > 1 ? 1 : 0);
  if (own.length >= 3) return [own[0], own.at(-2), own.at(-1)];
  if (own.length === 2) return [own[0], own[1], null];
  return [own[0] ?? null, null, null];
}

/** The drawn part of a shape: {thick, high, deep} in pixels. */
export function boxOf(shape, rank) {
  const [channels, rows, columns] = axesOf(shape, rank).map((axis) => (axis === null ? 1 : shape[axis]));
  return { thick: lengthPx(channels), high: lengthPx(rows), deep: DEPTH * lengthPx(columns) };
}

/** A name that fits under a box; what it ends in tells most. */
export function short(name) {
  return name.length <= MOST_LETTERS ? name : `…${name.slice(1 - MOST_LETTERS)}`;
}

/** 16×32×32 as [{axis, length}]: the batch is left out while it is what went in. */
export function sizes(shape, input) {
  const lengths = shape.map((length, axis) => ({ axis, length }));
  return isBatched(input.length) && shape.length > 1 && shape[0] === input[0] ? lengths.slice(1) : lengths;
}

/**
 * {width, height, floor, boxes, arcs}. A box: {at, x, left, width, middle, thick, high, deep, name, sizes, problem,
 * given}; `given` says that its size is that of its input, because it broke. An arc: {from, to, path}.
 */
export function layout(trace) {
  const rank = trace.shape.length;
  const entries = [{ name: "input", output: trace.shape, reads: [] }, ...trace.rows];
  let x = MARGIN_PX;
  const boxes = entries.map((entry, at) => {
    const shape = entry.output ?? entry.input ?? [1], box = boxOf(shape, rank);
    const name = short(entry.name), own = sizes(shape, trace.shape);
    const letters = Math.max(name.length, entry.problem ? 0 : own.map(({ length }) => length).join("×").length);
    const width = Math.max(box.thick + box.deep, letters * LETTER_PX, 36);
    const left = x;
    x += width + GAP_PX;
    return { at, left, width, middle: left + width / 2, x: left + (width - box.thick - box.deep) / 2, ...box, name,
      sizes: entry.problem ? [] : own, problem: Boolean(entry.problem), given: !entry.output };
  });
  const skips = entries.flatMap((entry, at) => entry.reads.filter((from) => from !== at - 1).map((from) => [from, at]));
  const lanes = lanesOf(skips), top = MARGIN_PX + (Math.max(0, ...lanes.map((lane) => lane + 1)) * ARC_PX);
  const tallest = Math.max(...boxes.map(({ high, deep }) => high + deep)), floor = top + tallest + 6;
  const arcs = skips.map(([from, to], at) => ({ from, to, path: arc(boxes[from], boxes[to], floor, lanes[at]) }));
  return { width: Math.ceil(x - GAP_PX + MARGIN_PX), height: Math.ceil(floor + TEXT_PX), floor, boxes, arcs };
}

/** A lane for each [from, to], so that no two that overlap share one. */
export function lanesOf(skips) {
  const ends = [];
  const order = skips.map((_, at) => at).sort((one, other) =>
    skips[one][1] - skips[one][0] - skips[other][1] + skips[other][0]);
  const lanes = [];
  for (const at of order) {
    const [from, to] = skips[at];
    let lane = 0;
    while ((ends[lane] ??= []).some(([first, last]) => from < last && first < to)) lane += 1;
    ends[lane].push([from, to]);
    lanes[at] = lane;
  }
  return lanes;
}

/** From the top of one box over those between to the top of another. */
function arc(from, to, floor, lane) {
  const roof = (box) => floor - box.high - box.deep - 3;
  const start = from.x + from.thick / 2 + from.deep, end = to.x + to.thick / 2 + to.deep;
  const y = MARGIN_PX + 4 + ARC_PX * lane;
  return `M${start} ${roof(from)}V${y}H${end}V${roof(to)}`;
}

/** The three faces of a box as paths: front, top, side. */
export function faces({ x, thick, high, deep }, floor) {
  const y = floor - high, right = x + thick;
  return {
    front: `M${x} ${y}H${right}V${floor}H${x}Z`,
    top: `M${x} ${y}l${deep} ${-deep}H${right + deep}L${right} ${y}Z`,
    side: `M${right} ${y}l${deep} ${-deep}V${floor - deep}L${right} ${floor}Z`,
  };
}
