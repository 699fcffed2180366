// Small helpers that every widget uses: elements, the live line, and the events that tests and benchmarks hear.

const SVG = new Set(["svg", "g", "path", "rect", "line", "polyline", "polygon", "circle", "text", "title", "defs", "pattern"]);

/** An element with attributes, data-* by `data`, listeners by `on`, and children (strings become text). */
export function h(tag, { data, on, signal, ...attributes } = {}, ...children) {
  const node = SVG.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  Object.assign(node.dataset, data);
  for (const [type, listener] of Object.entries(on ?? {})) node.addEventListener(type, listener, { signal });
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * A name for a group of radio buttons that nothing else on the page has. Every widget loads its modules anew, so a count
 * would begin again in each, and the groups of two widgets would be one: only the last would show what is chosen.
 */
export const groupName = () => `convlab-${Math.random().toString(36).slice(2)}`;

/** Writes a node's text into the text node it has: a new one would cost a new box, and a field after it would go. */
export function setText(node, text) {
  const own = node.firstChild;
  if (own?.nodeType !== 3) node.textContent = text;
  else if (own.data !== text) own.data = text;
}

/** Writes only what is another: even the same attribute, written again, costs the page a look at its styles. */
export function put(to, values) {
  for (const [name, value] of Object.entries(values)) if (to[name] !== value) to[name] = value;
}

/** Makes `nodes` the children of a parent; one that stays is not moved, so it keeps the focus. */
export function become(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

/** What has the focus in a box, or null. marimo puts a widget into a shadow tree, of which `document` sees the host. */
export function focusIn(box) {
  const held = box.getRootNode().activeElement ?? null;
  return box.contains(held) ? held : null;
}

const widths = new WeakMap();

/**
 * Tells `measured(width, laid)` how wide a box is: now, and whenever it or one of the nodes watched changes its size. Now
 * it is told what it last was: asking would lay out the page. `laid`: all stands where it will stand, so asking is free.
 */
export function watchWidth(box, nodes, measured, signal) {
  const tell = (laid) => {
    if (!box.isConnected) return;
    if (laid || !widths.has(box)) widths.set(box, box.clientWidth);
    if (widths.get(box)) measured(widths.get(box), laid);
  };
  const watch = new ResizeObserver(() => tell(true));
  for (const node of [box, ...nodes]) watch.observe(node);
  signal.addEventListener("abort", () => watch.disconnect());
  tell(false);
}

/** Text with `code` in backticks as <code> elements. */
export function prose(text) {
  return text.split("`").map((piece, at) => (at % 2 ? h("code", {}, piece) : piece));
}

/** Where no Jupyter says its theme, as in marimo, the page's own is taken, as it is when the widget is made. */
function takeTheme(root) {
  const { body } = document;
  if (body.dataset.jpThemeLight !== undefined) return;
  const dark = getComputedStyle(body).colorScheme === "dark" || body.matches(".vscode-dark, .vscode-high-contrast");
  root.classList.add(dark ? "cl-dark" : "cl-light");
}

/**
 * The widget's root: no key pressed inside reaches the notebook, and every picture is announced by
 * `root.drawn()` (the DOM event `convlab:drawn`). Notebook 7 looks at a key on its way down, before any listener here;
 * it leaves alone what is pressed in an element with the attribute.
 */
export function createRoot(el, name, label, signal) {
  const root = h("div", { class: `convlab convlab-${name}`, role: "group", "aria-label": label });
  takeTheme(root);
  const stop = (event) => event.stopPropagation();
  for (const type of ["keydown", "keyup", "keypress"]) root.addEventListener(type, stop, { signal });
  root.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"), { signal });
  root.drawn = () => root.dispatchEvent(new CustomEvent("convlab:drawn", { bubbles: true }));
  el.replaceChildren(root);
  signal.addEventListener("abort", () => root.remove());
  return root;
}

/** The line that says in words what the picture says; screen readers are told when the hand rests. */
export function createLive(root, signal) {
  const line = h("p", { class: "cl-live", role: "status" });
  let timer = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  root.append(line);
  return {
    line,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => setText(line, text), 120);
    },
  };
}

/** Runs a handler of a drag, hover or key, and leaves its duration for the benchmark to read. */
export function timed(handler) {
  return (event) => {
    const start = performance.now();
    handler(event);
    performance.measure("convlab:handler", { start, end: performance.now() });
    if (performance.getEntriesByName("convlab:handler").length > 2000) performance.clearMeasures("convlab:handler");
  };
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
