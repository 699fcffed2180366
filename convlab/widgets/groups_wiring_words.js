// What the wires say in words, and each count as arithmetic. Pure: tested by Node.

import { joined, traced, where } from "./groups_wiring_math.js";
import { format } from "./numbers.js";
import { runs } from "./size_ruler_words.js";

const thousands = new Intl.NumberFormat("en"); // toLocaleString makes one each time
/** A number as the table writes it: whole ones in full, others with three digits. */
export const written = (value) =>
  (Number.isInteger(value) || value >= 1000 ? thousands.format(Math.round(value)) : format(value));

/** "channel 7", "channels 0 to 3 and 8". */
export function listed(word, numbers) {
  const parts = runs(numbers).flatMap(([first, last]) =>
    (last - first < 2 ? [...new Set([first, last])].map(String) : [`${first} to ${last}`]));
  if (parts.length > 6) return `${numbers.length} ${word}s`;
  const text = parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  return `${word}${numbers.length === 1 ? "" : "s"} ${text}`;
}

const n = (role, index, value) => ({ role, index, value });
const times = (role, row, values) => values.flatMap((value, at) => [at ? " · " : "", n(role, `${row},${at}`, value)]);

/** Every count of a row with its derivation: pieces of text and of numbers ({role, index, value}). */
export const parameterPieces = ({ spec, weight, parameters }, row, role) => [
  ...times("parameter-factor", row, weight),
  ...(spec.bias ? [" + ", n("parameter-factor", `${row},4`, weight[0])] : []),
  " = ", n(role, row, parameters)];

export const macPieces = ({ g, output, weight, macs }, row, role) => [
  ...times("mac-factor", row, [...(output.length === 4 ? [g.N] : []), ...output.slice(-3), ...weight.slice(1)]),
  " = ", n(role, row, macs)];

export const weightPieces = ({ spec, weight }, row) => ["(", ...weight.flatMap((value, at) => [at ? ", " : "",
  n("weight", `${row},${at}`, value)]), ")",
...(spec.groups > 1 ? ["  ", n("share-of", `${row},0`, spec.in_channels), " / ", n("share-of", `${row},1`, spec.groups),
  " = ", n("share-of", `${row},2`, weight[1])] : [])];

export const shapeText = (shape) => `(${shape.join(", ")})`;

const name = ({ columns }, column) => {
  if (!column) return "input channel";
  return column === columns.length - 1 ? "output" : `${columns[column].name} channel`;
};
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const groupOf = (channel, { count, parts }) => Math.floor((channel * parts) / count);

/** What becomes of the outputs while channels are muted. */
function mutedText({ chain, muted, fates }) {
  if (!muted.length) return "";
  const [dark, changed] = [2, 1].map((mark) => where(fates.at(-1), mark));
  const rest = fates.at(-1).length - dark.length - changed.length;
  const say = (outputs, one, many) =>
    (outputs.length ? `${listed("output", outputs)} ${outputs.length === 1 ? one : many}` : "");
  const left = chain.specs[0].bias ? ["the bias alone is left"] : ["it is 0", "they are 0"];
  const what = [say(dark, `goes dark: ${left[0]}`, `go dark: ${left.at(-1)}`),
    say(changed, "changes", "change"),
    rest ? `${rest} ${rest === 1 ? "stays" : "stay"} as ${rest === 1 ? "it was" : "they were"}` : ""];
  return ` Without ${listed("channel", muted)}, ${what.filter(Boolean).join("; ")}.`;
}

/** The live line for a channel or a kernel under the hand. */
export function sentence(state, spot) {
  const text = spot.length === 3 ? kernelText(state.chain, spot) : channelText(state.chain, spot);
  return text + mutedText(state);
}

function channelText(chain, [column, channel]) {
  const { columns } = chain, last = columns.length - 1, own = columns[column];
  const marks = traced(chain, column, channel);
  const [inputs, outputs] = [where(marks[0], 1), where(marks[last], 1)];
  const groups = `the groups are 0 ${own.parts > 2 ? "to" : "and"} ${own.parts - 1}`;
  const group = own.parts > 1 ? ` (group ${groupOf(channel, own)}; ${groups})` : "";
  const what = `${capital(name(chain, column))} ${channel}${group}`;
  const whole = (found, count, word) =>
    (found.length === count ? `all ${count} ${word}s` : `${found.length} of ${count}: ${listed(word, found)}`);
  if (!column) return `${what} reaches ${whole(outputs, columns[last].count, "output")}.`;
  const reads = `reads ${whole(inputs, columns[0].count, "input channel")}`;
  if (column === last) return `${what} ${reads}.`;
  return `${what} ${reads}, and reaches ${whole(outputs, columns[last].count, "output")}.`;
}

function kernelText(chain, [layer, o, c]) {
  const stage = chain.stages.find((one) => one.layer === layer), spec = chain.specs[layer];
  const own = spec.in_channels / spec.groups, [from, to] = [stage.from, stage.from + 1].map((at) => name(chain, at));
  const weight = layer ? "1 × 1 weight" : "weight";
  if (joined(chain, stage, c, o)) {
    const less = spec.groups > 1 && c >= own ? `, for channel ${c} is number ${c % own} of its group` : "";
    return `${weight}[${o}, ${c % own}] is the kernel from ${from} ${c} to ${to} ${o}${less}.`;
  }
  const groups = [(c * spec.groups) / spec.in_channels, (o * spec.groups) / spec.out_channels].map(Math.floor);
  return `No kernel: ${from} ${c} is in group ${groups[0]}, ${to} ${o} in group ${groups[1]}.`;
}

/** What the times say beside the multiply-adds: `macs` is how many times as many the dense layer has. */
export function timeText({ this: own, dense }, macs) {
  const faster = dense.median / own.median, times = (value) => `${format(Math.max(value, 1 / value))} times`;
  const work = macs === 1 ? "As many multiply-adds as the dense layer"
    : `${times(macs)} ${macs > 1 ? "fewer" : "more"} multiply-adds than the dense layer`;
  // Where the middle halves of the two overlap, another run may well have the medians the other way round.
  const alike = own.low <= dense.high && dense.low <= own.high;
  const time = alike ? "about as long" : `${times(faster)} as ${faster > 1 ? "fast" : "long"}`;
  return `${work}, and ${time} here${verdict(alike ? 1 : faster, macs)}.`;
}

/** Whether time and multiply-adds go together. */
function verdict(faster, macs) {
  if (macs <= 1) return "";
  if (faster <= 1) return ": fewer multiply-adds did not make it faster";
  if (faster < 0.8 * macs) return ": less than the multiply-adds promise";
  return faster > 1.25 * macs ? ": more than the multiply-adds promise" : ": about what the multiply-adds promise";
}
