// Where a stepper stands: place, filter, sample, stage, how much of the output is filled. Shared by all views of
// one model: each writes here from its event handlers, each draws when told.

export const STAGES = ["window", "products", "sums", "bias", "output"];
const TRAITS = ["place", "filter", "sample", "stage", "filled", "channel"];
const SAVE_MS = 150;

/** True when the number is worked out at least as far as `stage`. */
export const reached = (at, stage) => STAGES.indexOf(at.stage) >= STAGES.indexOf(stage);

const within = (value, count) => Math.min(Math.max(0, value), count - 1);

/**
 * The position behind the model's traits, always inside the layer on the screen.
 *
 * set(changes): writes traits; Python hears of them when the hand rests.
 * play(): starts or stops the window; without motion it goes one place on.
 */
export function createPosition(model, layer, signal) {
  const listeners = new Set();
  let timer = 0;
  const tell = (kind) => listeners.forEach((listener) => listener({ kind }));
  const position = {
    set(changes) {
      for (const [name, value] of Object.entries(changes)) model.set(name, value);
      clearTimeout(timer);
      timer = setTimeout(() => model.save_changes(), SAVE_MS);
    },
    subscribe(listener, until) {
      listeners.add(listener);
      until.addEventListener("abort", () => listeners.delete(listener));
    },
  };
  for (const name of TRAITS) model.on(`change:${name}`, () => tell(name));
  signal.addEventListener("abort", () => clearTimeout(timer));
  const player = createPlayer(position, layer, { tell, listeners, signal });
  for (const part of [reading(model, layer), moving(position, layer), player]) {
    // Object.assign would read the getters once and for all.
    Object.defineProperties(position, Object.getOwnPropertyDescriptors(part));
  }
  return position;
}

function reading(model, layer) {
  return {
    get places() { return layer.g.H_out * layer.g.W_out; },
    get place() {
      const [i, j] = model.get("place");
      return [within(i, layer.g.H_out), within(j, layer.g.W_out)];
    },
    get filter() { return within(model.get("filter"), layer.g.O); },
    get sample() { return within(model.get("sample"), layer.g.N); },
    get channel() { return within(model.get("channel"), layer.g.Cg); },
    get stage() { return model.get("stage"); },
    get filled() {
      const filled = model.get("filled");
      return filled === null || filled === undefined || filled >= this.places ? null : filled;
    },
  };
}

function moving(position, layer) {
  return {
    /** The place in reading order. */
    get number() { return position.place[0] * layer.g.W_out + position.place[1]; },
    /** Goes to a place by its number in reading order. */
    goTo(number) {
      const { W_out } = layer.g;
      const to = within(number, position.places);
      position.set({ place: [Math.floor(to / W_out), to % W_out] });
    },
    /** Goes one stage on (1) or back (-1). */
    step(by) {
      position.set({ stage: STAGES[within(STAGES.indexOf(position.stage) + by, STAGES.length)] });
    },
    /** True when the output number in row i, column j is to be seen. */
    shows([i, j]) {
      const number = i * layer.g.W_out + j;
      if (number === position.number) return reached(position, "output");
      return position.filled === null || number < position.filled;
    },
  };
}

/** The whole output fills in about 12 seconds, a small one slowly enough to be read. */
const pause = (places) => Math.min(700, Math.max(60, 12000 / places));

function createPlayer(position, layer, { tell, listeners, signal }) {
  let timer = 0;
  function stop() {
    if (!timer) return;
    clearInterval(timer);
    timer = 0;
    tell("playing");
  }
  function begin() {
    const over = position.number === position.places - 1;
    const from = over || position.filled === null ? 0 : position.number;
    position.set({ stage: "output", filled: from + 1 });
    position.goTo(from);
  }
  function advance() {
    const next = position.number + 1;
    if (next >= position.places) {
      position.set({ filled: null });
      return stop();
    }
    position.goTo(next);
    position.set({ filled: next + 1 >= position.places ? null : next + 1 });
  }
  signal.addEventListener("abort", stop);
  layer.subscribe(({ kind }) => { if (kind === "layout") stop(); }, signal);
  return {
    get playing() { return timer !== 0; },
    stop,
    play(motion) {
      if (timer) return stop();
      const fresh = position.filled === null;
      if (motion || fresh) begin();
      else advance();
      if (!motion) return;
      const tick = () => (listeners.size && !layer.problem ? advance() : stop());
      timer = setInterval(tick, pause(position.places));
      tell("playing");
    },
  };
}
