// What stands above and under the picture: the view, scatter or gather, what is on the screen, the sum term by term,
// the nudge.

import * as choices from "./choices.js";
import { h, put } from "./dom.js";

const NAMES = { forward: "forward", input: "dL/dinput", weight: "dL/dweight", bias: "dL/dbias" };
const NUDGES = [0, 1, 0.5, 0.1, 0.01, 0.001];

export function createViews(router, act, signal) {
  const names = Object.keys(NAMES);
  const view = choices.createChoices({
    prefix: "gr", label: "what is asked", names, texts: Object.values(NAMES), signal, chosen: () => router.view,
    choose: act.timed((name) => router.look(name)),
  });
  const how = choices.createChoices({
    prefix: "gr", label: "how it comes together", names: ["scatter", "gather"], signal, chosen: () => router.how,
    choose: act.timed((name) => router.set({ how: name })),
  });
  return {
    els: [view.el, how.el],
    draw() {
      view.draw(router.layer.legal?.spec.bias ? null : "bias");
      how.draw();
      how.el.hidden = !router.twoWays;
    },
  };
}

/** Channel, filter and sample on the screen, each where the view has more than one. */
export function createPlaces(router, act, signal) {
  const { layer } = router, none = { at: 0, count: 0 };
  const pixel = () => ["forward", "input"].includes(router.view);
  const group = () => Math.floor(router.cell[1] / layer.g.Cg) * layer.g.Og;
  const stepper = (label, read, go) => choices.createStepper({ prefix: "gr", label, read, go, act, signal });
  const cellStepper = (label, axis, has, count) => stepper(label,
    () => (has() ? { at: router.cell[axis], count: count() } : none),
    (at) => router.set({ cell: router.cell.map((value, place) => (place === axis ? at : value)), terms: null }));
  const all = [
    cellStepper("channel", 1, () => router.view !== "bias", () => (pixel() ? layer.g.C : layer.g.Cg)),
    cellStepper("filter", 0, () => !pixel(), () => layer.g.O),
    stepper("filters from",
      () => (pixel() && act.hidesFilters() ? { at: router.filter, first: group(), count: layer.g.Og } : none),
      (filter) => router.set({ filter })),
    stepper("sample", () => (pixel() ? none : { at: router.sample, count: layer.g.N }), (sample) => router.set({ sample })),
  ];
  return { els: all.map(({ el }) => el), draw: () => all.forEach((one) => one.draw()) };
}

/** Play, back, on, and a slider over what is added: products, or the messages to a bias as they are. */
export function createTransport(router, act, signal) {
  const bar = choices.createTransport({
    prefix: "gr", names: ["product by product", "one product less", "products added", "one product more"], player: router,
    slide: (terms) => router.set({ terms }), act, signal,
  });
  return {
    el: bar.el,
    draw(count) {
      const one = router.view === "bias" ? "message" : "product";
      const text = `${router.terms} of ${count} ${one}${count === 1 ? "" : "s"}`;
      bar.draw({ at: router.terms, most: count, says: text, text });
    },
  };
}

/** How far the pinned cell is nudged. */
export function createNudgeChoice(router, act, signal) {
  const list = h("select", { "aria-label": "nudge h", signal, on: {
    change: act.timed(() => router.set({ nudge: Number(list.value) })) } });
  const draw = () => {
    const all = [...new Set([...NUDGES, router.nudge])];
    if (list.options.length !== all.length || ![...list.options].some(({ value }) => Number(value) === router.nudge)) {
      list.replaceChildren(...all.map((value) => h("option", { value }, value ? `h = ${value}` : "off")));
    }
    put(list, { value: String(router.nudge) });
  };
  return { el: h("label", { class: "gr-nudger" }, h("span", {}, "nudge the cell"), list), draw };
}
