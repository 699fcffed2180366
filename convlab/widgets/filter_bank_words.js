// What a bank says in words. Pure: tested by Node.

import { format } from "./numbers.js";

const minus = (value) => format(value).replace("-", "−");
const RGB = ["red", "green", "blue"];

/** What an input channel is called. */
export const channelName = (C, c) => (C === 3 ? `input ${c}, ${RGB[c]}` : `input ${c}`);

/** What filter o is called: its name, its direction, or nothing where only its layer knows. */
export function filterName({ source, names, gabor }, o) {
  if (source === "named") return names[o];
  if (source === "gabor") return `θ = ${degrees((180 * o) / gabor.orientations)}`;
  return "";
}

export const degrees = (angle) => `${Number(angle.toFixed(1))}°`;

/** A number that is 0 but for rounding is 0. */
export const tidy = (value, scale) => (Math.abs(value) <= 1e-6 * scale ? 0 : value);

/** What the channels at a place add up to. */
function added({ channels, bias, value }, C, hasBias) {
  const heard = channels.filter((part) => part.heard);
  if (!heard.length) return `no input channel is heard, so ${hasBias ? "the bias" : "the sum"}, ${minus(value)}, is all`;
  if (channels.length === 1 && !hasBias) return minus(value);
  const sums = heard.length > 4 ? `${heard.length} channels`
    : heard.map(({ channel, sum }) => `${C === 3 ? RGB[channel] : `input ${channel}`} ${minus(sum)}`).join(", ");
  return `${sums}${hasBias ? `, bias ${minus(bias)}` : ""}; added: ${minus(value)}`;
}

/** The live line. */
export function sentence({ o, name, place, parts, C, hasBias, reach, shared }) {
  const out = parts.channels.filter((part) => !part.heard).length;
  const left = out ? ` ${out} of ${parts.channels.length} input channels ${out === 1 ? "is" : "are"} left out.` : "";
  const range = shared ? "one range for all" : "each in its own range";
  return `Filter ${o}${name ? ` (${name})` : ""} at place (${place.join(", ")}): ${added(parts, C, hasBias)}.${left} `
    + `The maps reach from ${minus(reach.least)} to ${minus(reach.most)}, ${range}.`;
}

/** What the switch of the ranges means. */
export function rangeText(shared, spread) {
  if (shared) return "One range for all: the same colour is the same number in every feature map, so maps can be compared.";
  const times = spread >= 1.05 ? ` Here the widest range is ${format(Number(spread.toPrecision(2)))} times the narrowest.` : "";
  return `Each map fills its own range: the same colour is another number in each map, so they cannot be compared.${times}`;
}

/** Which two filters are most alike. */
export function alikeText({ cosine }) {
  if (cosine > 1 - 1e-6) return ": the same filter twice, but for a factor.";
  if (cosine > 0.9) return ": nearly the same filter twice.";
  return cosine > 0.5 ? ": partly the same." : ": no two of them are alike.";
}

/** One sentence on whether Python computed the same feature maps. */
export function agreementText({ agreement }) {
  if (!agreement) return "Computed here; Python has not checked these numbers yet.";
  const { by, count, difference, agrees, refused } = agreement;
  if (refused) return agrees ? "✓ Python refuses it too" : "✗ Python disagrees: please report this.";
  if (!agrees) return `✗ ${by} differs by ${difference.toPrecision(2)}: please report this.`;
  const how = difference ? ` (largest difference ${difference.toExponential(0)})` : "";
  return `✓ ${by} computed the same ${count.toLocaleString("en")} numbers${how}`;
}

/** Number of characters of the longest of these numbers. */
export function widest(values) {
  let most = 1;
  for (const value of values) most = Math.max(most, format(value).length);
  return most;
}
