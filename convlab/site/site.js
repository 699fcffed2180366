// What a widget of a saved page lives in, where neither Jupyter nor Python is: a model with anywidget's own interface
// (https://anywidget.dev/en/afm/), its bytes from files, and a sentence where something would need Python.

const NEEDS_PYTHON = "This needs Python, and a saved page has none: ";
const OPEN = ["open the course on your computer", "index.html#open-the-course"];
const NEAR = "900px"; // a widget is made when it comes this near to what is seen
const FAILED = "This widget could not be loaded. Open the course to use it.";

/** Whether two values of a trait are the same: numbers and texts, lists and plain objects; bytes by identity. */
export function same(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (ArrayBuffer.isView(one) || ArrayBuffer.isView(other)) return false;
  const names = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && names.length === Object.keys(other).length
    && names.every((name) => name in other && same(one[name], other[name]));
}

/** A widget's traits, as anywidget gives them to its module; what would go to Python goes to `unheard`. */
export class Model {
  constructor(state, unheard = () => {}) {
    this.state = state;
    this.unheard = unheard;
    this.listeners = new Map();
  }

  get(name) { return this.state[name]; }

  set(name, value) {
    const changes = typeof name === "string" ? { [name]: value } : name;
    const changed = Object.keys(changes).filter((key) => !same(this.state[key], changes[key]));
    Object.assign(this.state, changes);
    for (const key of changed) this.tell(`change:${key}`, this, changes[key]);
    if (changed.length) this.tell("change", this);
  }

  /** There is nobody to save for: the page is all there is. */
  save_changes() {}

  send(content) { this.unheard(content); }

  on(names, listener) {
    for (const name of names.split(" ")) this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  off(names, listener) {
    for (const name of names?.split(" ") ?? [...this.listeners.keys()]) {
      const left = (this.listeners.get(name) ?? []).filter((one) => listener && one !== listener);
      this.listeners.set(name, left);
    }
  }

  tell(name, ...news) {
    for (const listener of this.listeners.get(name) ?? []) listener(...news);
  }
}

/** The bytes of a text in base64. */
export function decoded(text) {
  const plain = atob(text);
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** The state with its bytes in their places, each a DataView as in Jupyter. */
export async function completed({ state, bytes }, load) {
  const whole = structuredClone(state);
  const views = await Promise.all(bytes.map(async ({ text, file }) => {
    const array = file ? new Uint8Array(await load(file)) : decoded(text);
    return new DataView(array.buffer, array.byteOffset, array.byteLength);
  }));
  bytes.forEach(({ path }, at) => {
    const inside = path.slice(0, -1).reduce((part, name) => (part[name] ??= {}), whole);
    inside[path.at(-1)] = views[at];
  });
  return whole;
}

async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.arrayBuffer();
}

/** Says once, under a widget, that what was asked for is Python's work. */
function sayNeeds(place) {
  const line = place.querySelector(".needs");
  if (line.querySelector("a")) return;
  const link = Object.assign(document.createElement("a"), { textContent: OPEN[0], href: OPEN[1] });
  line.append(line.textContent ? " " : "", NEEDS_PYTHON, link, ".");
  line.setAttribute("role", "status");
}

/** A widget without a view: its model, and what its module gives for this model. */
async function begin(entry, unheard, signal) {
  const [{ default: given }, state] = await Promise.all([
    import(new URL(entry.script, document.baseURI).href), completed(entry, load),
  ]);
  const model = new Model(state, unheard);
  const widget = typeof given === "function" ? await given() : given;
  await widget.initialize?.({ model, signal });
  return { model, widget };
}

/** Draws the widget of a place on the page; two places may show one widget. */
async function show(place, models, begun) {
  const id = place.dataset.model, stage = place.querySelector(".stage");
  const { signal } = new AbortController();
  try {
    if (!begun.has(id)) begun.set(id, begin(models[id], () => sayNeeds(place), signal));
    const { model, widget } = await begun.get(id);
    const el = document.createElement("div");
    stage.replaceChildren(el);
    await widget.render({ model, el, signal });
    place.dataset.state = "alive";
  } catch (problem) {
    stage.textContent = FAILED;
    place.dataset.state = "failed";
    console.error(problem);
  }
}

/** The widgets' own colours follow the browser's theme. */
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => { document.body.dataset.jpThemeLight = String(!dark.matches); });
}

function start() {
  followTheme();
  const models = JSON.parse(document.getElementById("models").textContent);
  const begun = new Map();
  const watch = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      show(target, models, begun);
    }
  }, { rootMargin: NEAR });
  for (const place of document.querySelectorAll(".widget")) watch.observe(place);
}

if (globalThis.document) start();
