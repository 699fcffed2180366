// What a trace says in words, and how its numbers are written. Pure: tested by Node.

export const count = (number, one, many = `${one}s`) => `${whole(number)} ${number === 1 ? one : many}`;

/** 1179648 as 1,179,648. */
export const whole = (number) => number.toLocaleString("en");

/** (2, 16, 32, 32), and (10,) for one axis, as Python writes it. */
export const tuple = (shape) => (shape ? `(${shape.join(", ")}${shape.length === 1 ? "," : ""})` : "–");

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Bytes in the unit in which they are read best: 131072 is {number: "128", unit: "KiB"}. */
export function memory(bytes) {
  let power = 0, value = bytes;
  while (value >= 1024 && power < UNITS.length - 1) {
    value /= 1024;
    power += 1;
  }
  const three = value.toPrecision(3); // "18.0" is about 18, "18" is 18
  const number = !power || value >= 1000 ? whole(Math.round(value)) : Number(three) === value ? String(value) : three;
  return { number, unit: bytes === 1 ? "byte" : UNITS[power] };
}

export const memoryText = (bytes) => Object.values(memory(bytes)).join(" ");

/** What one number of a row sees, in words. */
export function fieldText({ field, jump, whole: all }) {
  if (!field) return "how much of the input it sees is not defined";
  if (all) return "each number sees the whole input";
  const apart = jump ? `, neighbours ${new Set(jump).size === 1 ? jump[0] : jump.join(" and ")} apart` : "";
  return `each number sees ${field.join(" × ")} of the input${apart}`;
}

/** "2nd of 3 calls". */
export function nthText([nth, of]) {
  const ends = { 1: "st", 2: "nd", 3: "rd" };
  const end = Math.floor(nth / 10) % 10 === 1 ? "th" : ends[nth % 10] ?? "th";
  return `${nth}${end} of ${of} calls`;
}

/** The live line for a row; 0 is the input. */
export function sentence(trace, at) {
  const { rows, shape, dtype } = trace;
  if (!at) return `The input: ${tuple(shape)}, ${dtype}. ${count(rows.length, "row")} below.`;
  const row = rows[at - 1];
  const where = `Row ${at} of ${rows.length}, ${row.name}`;
  if (row.problem) return `${where}: it breaks here. It was given ${tuple(row.input)}.`;
  const again = row.nth ? `, ${nthText(row.nth)}` : "";
  return `${where}${again}: ${tuple(row.input)} becomes ${tuple(row.output)}; ${count(row.parameters, "parameter")}, ` +
    `${count(row.macs, "multiply-add")}, ${memoryText(row.bytes)}; ${fieldText(row)}.`;
}

/** Where a row's input came from. */
export function readsText(reads) {
  const named = reads.map((number) => (number ? `row ${number}` : "the input"));
  if (!named.length) return "";
  return `reads ${named.length > 1 ? `${named.slice(0, -1).join(", ")} and ${named.at(-1)}` : named[0]}`;
}

/** One sentence on who ran the model, and how. */
export function ranText({ by, shape, dtype, training, rows, problem, left_out: left }) {
  const mode = training ? "in eval mode; it is back in training mode" : "in eval mode";
  if (problem) return `${by} ran this model on ${tuple(shape)}, ${dtype}, ${mode}, as far as row ${problem.row}.`;
  const out = left ? ` ${count(left, "more row")} are not drawn, but counted.` : "";
  return `✓ ${by} ran this model on ${tuple(shape)}, ${dtype}, ${mode}: ${count(rows.length, "row")}.${out}`;
}

export const waitingText = ({ shape, trace, late }) =>
  (late ? `No answer for ${tuple(shape)}: the model runs in Python, and no kernel has answered. ` +
    `What is drawn is the trace of ${tuple(trace.shape)}.`
    : `Running the model on ${tuple(shape)} …`);

const TITLES = { parameters: "parameters", macs: "multiply-adds", memory: "memory of the outputs" };
const AMOUNTS = {
  parameters: (row) => row.parameters - row.shared, macs: (row) => row.macs,
  memory: (row) => (row.shares ? 0 : row.bytes),
};

/**
 * The three amounts of a trace, each {name, title, total, limit, over, parts: [{row, name, amount, share}]}, parts from
 * the largest on. What no row has (layers that were not reached) is a part with row 0.
 */
export function amounts(trace, budget) {
  return Object.keys(TITLES).map((name) => {
    const total = trace.totals[name], limit = budget[name] ?? null;
    const parts = trace.rows.map((row, at) => ({ row: at + 1, name: row.name, amount: AMOUNTS[name](row) }));
    const rest = total - parts.reduce((sum, part) => sum + part.amount, 0);
    if (rest > 0) parts.push({ row: 0, name: trace.problem ? "not reached" : "elsewhere", amount: rest });
    const shown = parts.filter(({ amount }) => amount > 0).sort((one, other) => other.amount - one.amount);
    return { name, title: TITLES[name], total, limit, over: limit === null ? 0 : total - limit,
      parts: shown.map((part) => ({ ...part, share: part.amount / total })) };
  });
}

/** "mostly fc 77 %, conv2 17 %". */
export function mostText(parts) {
  const named = parts.slice(0, 3).map(({ name, share }) => `${name} ${share < 0.01 ? "< 1" : Math.round(100 * share)} %`);
  return named.length ? `most in ${named.join(", ")}` : "";
}

/** "33,834" parameters "in 8 tensors, of which 5,130 learn": numbers, not tensors, are what is counted. */
export function tensorsText({ parameters, tensors, trainable }) {
  const learn = trainable < parameters ? `, of which ${trainable ? whole(trainable) : "none"} learn` : "";
  return ` in ${count(tensors, "tensor")}${learn}`;
}

/** How a total stands to its limit. */
export function limitText({ name, total, limit, over }) {
  const text = name === "memory" ? memoryText : whole;
  if (limit === null) return "";
  if (over > 0) return `${text(over)} over the limit of ${text(limit)}`;
  return over === 0 ? `exactly the limit of ${text(limit)}` : `${text(-over)} left of ${text(limit)}`;
}
