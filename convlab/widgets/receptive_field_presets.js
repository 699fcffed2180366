// Stacks worth looking at, each with the sentence that it is there to show.

const layer = (kernel, more = {}) => {
  const pair = (value) => (Array.isArray(value) ? value : [value, value]);
  const all = { stride: 1, padding: 0, dilation: 1, ...more };
  return { kind: all.kind ?? "Conv2d", kernel_size: pair(kernel), stride: pair(all.stride), padding: pair(all.padding),
    dilation: pair(all.dilation) };
};
const three = () => layer(3, { padding: 1 });
const spread = (dilation) => layer(3, { padding: dilation, dilation });
const strided = () => layer(3, { padding: 1, stride: 2 });
const pool = () => layer(2, { kind: "MaxPool2d", stride: 2 });

export const PRESETS = [
  { name: "three 3 × 3", layers: [three(), three(), three()],
    says: "Each 3 × 3 adds 2 pixels along each axis: 3, 5, 7. Three of them have 27 weights, one 7 × 7 has 49." },
  { name: "one 7 × 7", layers: [layer(7, { padding: 3 })],
    says: "The same view as three 3 × 3, in one layer, with 49 weights in the place of 27." },
  { name: "dilations 1, 2, 4", layers: [spread(1), spread(2), spread(4)],
    says: "27 weights again, and the view doubles with each layer: 3, 7, 15. It has no holes." },
  { name: "dilations 2, 2, 2", layers: [spread(2), spread(2), spread(2)],
    says: "A view of 13 with holes: only every second row and column is read, " +
      "whatever the number of layers (gridding)." },
  { name: "stride 2 early", layers: [strided(), three(), three()],
    says: "After the stride each step is 2 pixels of the input: the layers behind it grow the view twice as fast." },
  { name: "stride 2 late", layers: [three(), three(), strided()],
    says: "The same three layers: a stride at the end makes the output smaller, and no layer comes after it to gain." },
  { name: "tall, then wide", layers: [layer([5, 1], { padding: [2, 0] }), layer([1, 3], { padding: [0, 1] })],
    says: "Each axis grows by itself: 5 × 3 pixels from 8 weights, one 5 × 3 kernel has 15." },
  { name: "with pooling", layers: [three(), three(), pool(), three(), pool()],
    says: "A pooling is a window with a stride: it adds to the view a little, and doubles the jump of all behind it." },
];

const key = (layers) => JSON.stringify(layers.map((one) =>
  [one.kind, one.kernel_size, one.stride, one.padding, one.dilation]));

/** The preset that this stack is, or null. */
export const presetOf = (layers) => PRESETS.find((one) => key(one.layers) === key(layers)) ?? null;

/** What "add a layer" adds behind these: another like the last, else 3 × 3. */
export const another = (layers) => structuredClone(layers.at(-1) ?? three());
