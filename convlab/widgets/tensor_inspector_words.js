// What the picture says, in words and in PyTorch's own code.

import { channelsAt, homeOf, indexOf, offsetOf, same } from "./tensor_inspector_math.js";
import { channelName } from "./tensor_inspector_paint.js";
import { format } from "./numbers.js";

export const tuple = (values) => `(${values.join(", ")}${values.length === 1 ? "," : ""})`;
const listed = (words) => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);

/** The line that makes the tensor. */
export function code({ layout, reshaped, sizes: { H, W, C } }) {
  const batch = layout === "NCHW" ? "[None]" : "";
  if (layout === "HWC") return "x = torch.from_numpy(picture)";
  return `x = torch.from_numpy(picture).${reshaped ? `reshape(${C}, ${H}, ${W})` : "permute(2, 0, 1)"}${batch}`;
}

/** The line that shows it as a picture. */
export function showing({ layout, sizes: { C } }, { call }) {
  const one = layout === "NCHW" ? "x[0]" : "x";
  if (C === 1) {
    const plane = { HWC: "x[..., 0]", CHW: "x[0]", NCHW: "x[0, 0]" }[layout];
    return `plt.imshow(${call(plane)}, cmap="gray")`;
  }
  return `plt.imshow(${call(layout === "HWC" ? "x" : `${one}.permute(1, 2, 0)`)})`;
}

export const access = (view, element) => `x[${indexOf(view, element).join(", ")}]`;

/** One sentence on the element under the hand. */
export function sentence(view, picture, element) {
  const { sizes } = view;
  const offset = offsetOf(view, element), home = homeOf(sizes, offset);
  const value = `${access(view, element)} is ${format(picture.values[offset])}, read at offset ${offset}`;
  const name = ({ i, j, c }) => `the ${channelName(sizes.C, c)} of pixel ${tuple([i, j])}`;
  if (!view.reshaped || sizes.C === 1) return `${value}: ${name(element)}.${neighbours(view, element)}`;
  if (same(element, home)) return `${value}: ${name(element)}, right here by chance.`;
  return `${value}. It is asked for as ${name(element)}, but the number there is ${name(home)}.`;
}

function neighbours(view, element) {
  const others = channelsAt(view, element).filter(({ c }) => c !== element.c)
    .map(({ c }) => channelName(view.sizes.C, c));
  return others.length ? ` Its ${listed(others)} stand beside it on the tape.` : "";
}

/** What the whole picture has become; a count of numbers follows. */
export function verdict(view) {
  if (view.layout === "HWC") return "As it was loaded: ";
  return view.reshaped && view.sizes.C > 1 ? "Scrambled: " : "The same picture: ";
}

/** One sentence on whether Python found the same numbers. */
export function agreementText(agreement) {
  if (!agreement) return "Computed here; Python has not checked this yet.";
  if (!agreement.agrees) return `✗ ${agreement.by} disagrees: please report this.`;
  const { by, count } = agreement;
  return `✓ ${by} computed the same shape, strides, offset and ${count === 1 ? "number" : `${count} numbers`}`;
}
