// What stands above the picture: the view, the filter, the sample, play and the scrubber over the places.

import * as choices from "./choices.js";
import * as math from "./im2col_loom_math.js";

export function createViews(loom, act, signal) {
  const choose = act.timed((name) => loom.set({ view: name }));
  return choices.createChoices({
    prefix: "il", label: "view", names: ["sliding", "matrix", "fold"], chosen: () => loom.view, choose, signal,
  });
}

/** Filter and sample, each where there is more than one. */
export function createPlaces(loom, act, signal) {
  const stepper = (label, read, go) => choices.createStepper({ prefix: "il", label, read, go, act, signal });
  const all = [
    stepper("filter", () => (loom.view === "fold" ? { at: 0, count: 0 } : { at: loom.filter, count: loom.layer.g.O }),
      (filter) => act.pin({ filter })),
    stepper("sample", () => ({ at: loom.sample, count: loom.layer.g.N }), (sample) => loom.set({ sample })),
  ];
  return { els: all.map(({ el }) => el), draw: () => all.forEach((one) => one.draw()) };
}

/** Play, back, on, and a slider over the places; what is woven so far, or all. */
export function createTransport(loom, act, signal) {
  const bar = choices.createTransport({
    prefix: "il", names: ["place by place", "place before", "place", "next place"], player: loom,
    slide: (place) => loom.goTo(place), more: ["show all columns", "all", () => loom.set({ filled: null })], act, signal,
  });
  return {
    el: bar.el,
    draw(column) {
      const { L } = math.sizes(loom.layer.g), [i, j] = math.placeOf(loom.layer.g, column ?? loom.entry[1]);
      bar.draw({
        at: loom.entry[1], most: L - 1, says: `column ${loom.entry[1]} of ${L}`,
        text: `place (${i}, ${j})${loom.whole ? "" : `, ${loom.filled} of ${L} done`}`,
      });
      bar.rest.hidden = loom.whole;
    },
  };
}
