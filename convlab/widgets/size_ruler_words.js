// What the rulers say in words, and the formula with this setting's numbers. Pure: tested by Node.

import { stretch } from "./conv_stepper_words.js";
import { readersOf, unreadPixels } from "./size_ruler_math.js";

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;
const listed = (items, word) =>
  (items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${word} ${items.at(-1)}`);

/** [[first, last], ...] of neighbouring whole numbers. */
export function runs(numbers) {
  const found = [];
  for (const number of numbers) {
    if (found.length && found.at(-1)[1] === number - 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found;
}

/** "row 7", "rows 1, 3 and 5", "rows 7 to 9". */
export function named({ one, many }, numbers) {
  const parts = runs(numbers).flatMap(([first, last]) =>
    (last - first < 2 ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : [`${first} to ${last}`]));
  return `${numbers.length === 1 ? one : many} ${listed(parts.map(String), "and")}`;
}

const SHORT = 8;
const it = (number) => (number === 1 ? "it" : "them");

/** What is left over and what is never read along one axis. */
export function leftOver(line) {
  const { one, many, leftOver: left, unread, stride, length, padded } = line;
  const what = `${count(left, one, many)}${padded > length ? " of the padded input" : ""}`;
  const rest = stride === 1 ? "Stride 1 leaves nothing over." : left
    ? `${what} ${left === 1 ? "is" : "are"} left over after the last window: the floor drops ${it(left)}.`
    : "Nothing is left over.";
  if (!unread.length) return `${rest} Every ${one} is read.`;
  const which = runs(unread).length > SHORT ? `${unread.length} of ${length} ${many}` : named(line, unread);
  return `${rest} Never read: ${which}.`;
}

/** "14 or 15", "14 to 19". */
export function lengthsText(lengths) {
  return lengths.length > 4 ? `${lengths[0]} to ${lengths.at(-1)}` : listed(lengths.map(String), "or");
}

/** What the ruler of one axis says about one place. */
export function placeText(line, place) {
  return stretch(line.one, place * line.stride - line.before, line.kernel, line.dilation);
}

const outside = (line, place) => {
  const first = place * line.stride;
  return first < line.before || first + line.extent > line.before + line.length;
};

/** The live line: where the window is, and how big the output. */
export function sentence({ lines, place }) {
  const where = lines.map((line, axis) => placeText(line, place[axis])).join(" and ");
  const padding = lines.some((line, axis) => outside(line, place[axis])) ? ", part of it padding" : "";
  const unread = unreadPixels(lines);
  const never = unread ? ` ${count(unread, "pixel is", "pixels are")} never read.` : "";
  return `Place (${place.join(", ")}) of ${lines.map((line) => line.places).join(" × ")}: the taps lie on ${where} ` +
    `of the input${padding}.${never}`;
}

/** The live line for a row or column under the hand. */
export function readText(line, at) {
  const readers = readersOf(line, at);
  const copies = line.reads[at] > readers.length ? ", its copies in the padding included" : "";
  return readers.length
    ? `${line.one} ${at} is read ${count(line.reads[at], "time")} along this axis, by ${
      readers.length > 6 ? `${readers.length} places` : named({ one: "place", many: "places" }, readers)}${copies}.`
    : `${line.one} ${at} is never read: no tap falls on it, so its gradient is 0.`;
}

/** The live line for a pixel of the picture under the hand. */
export function pixelText([rows, columns], [i, j]) {
  const [down, across] = [rows.reads[i], columns.reads[j]];
  return `Pixel (${i}, ${j}) is read ${count(down * across, "time")}: row ${i} ${down} × column ${j} ${across}.`;
}

/**
 * The formula with an axis's numbers: pieces of text and of numbers ({role, value}); {top, bottom} is a floored
 * fraction.
 */
export function formula(line, spec) {
  const { length, before, after, kernel, dilation, stride, span, places } = line;
  const n = (role, value) => ({ role, value });
  const padding = spec.padding === "same" || before !== after
    ? [" + ", n("padding-before", before), " + ", n("padding-after", after)] : [" + 2·", n("padding-before", before)];
  return [
    { top: [n("length", length), ...padding, " − ", n("dilation", dilation), "·(", n("kernel-size", kernel),
      " − 1) − 1"], bottom: [n("stride", stride)] },
    " + 1 = ", { top: [n("span", span)], bottom: [n("stride", stride)] },
    " + 1 = ", n("steps", places - 1), " + 1 = ", n("output-size", places),
  ];
}

/** torch.Size([1, 3, 32, 32]). */
export const torchSize = (shape) => `torch.Size([${shape.join(", ")}])`;
