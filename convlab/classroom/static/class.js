// What the pages of the class share: asking the service, and making elements whose text is only ever text.

const PREFIX = new URL("../", import.meta.url);

/** The JSON that the service answers; an Error with its sentence where it refuses. */
export async function ask(path, body) {
  const headers = { "X-XSRFToken": document.querySelector("meta[name=xsrf]").content };
  const options = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(new URL(path, PREFIX), options);
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.message || `the class answers ${answer.status}`);
  return said;
}

/** An element with attributes and children; a child that is no element is text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** A bar of a share from 0 to 1 with its words beside it. */
export function bar(share, words) {
  const meter = element("span", { class: "bar", "aria-hidden": "true" });
  const fill = element("span", { class: "fill" });
  fill.style.setProperty("width", `${Math.round(100 * share)}%`);
  meter.append(fill);
  return element("span", { class: "with-bar" }, meter, element("span", {}, words));
}

/** Puts children in place of what is there, but only where they differ: what is selected or focused stays. */
export function become(place, children) {
  const next = element("div", {}, ...children);
  if (place.innerHTML !== next.innerHTML) place.replaceChildren(...next.childNodes);
}

/** Calls `look` now and every few seconds, one after the other; says in `place` when the class cannot be reached. */
export function follow(look, place, milliseconds = 3000) {
  async function again() {
    try {
      await look();
    } catch (error) {
      place.textContent = `What is below may be old: ${error.message}.`;
    }
    setTimeout(again, milliseconds);
  }
  again();
}
