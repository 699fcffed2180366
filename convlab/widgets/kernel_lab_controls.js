// Controls that several parts of the lab use: radio buttons, whole numbers, selects, check boxes, buttons.

import { focusIn, groupName, h } from "./dom.js";

/**
 * Radio buttons that look like a row of buttons. options: [{value, text, title?}].
 * Returns {el, sync()}: sync shows what `get` says.
 */
export function createRadios({ label, options, get, set, className = "", signal }) {
  const name = groupName();
  const fields = options.map(({ value }) => h("input", { type: "radio", name, value }));
  const el = h("fieldset", { class: `kl-radios ${className}` }, h("legend", {}, label),
    h("div", { class: "kl-choices" }, options.map(({ text, title }, at) =>
      h("label", { class: "kl-choice", title }, fields[at], h("span", {}, text)))));
  el.addEventListener("change", (event) => set(event.target.value), { signal });
  return {
    el,
    sync() {
      const now = String(get());
      for (const field of fields) field.checked = field.value === now;
    },
  };
}

/** A whole number with its label; what is typed counts as soon as it is one. */
export function createNumber({ label, min, max, get, set, signal }) {
  const field = h("input", { type: "number", class: "kl-number", min, max, step: 1, inputmode: "numeric", "aria-label": label });
  field.addEventListener("input", () => {
    const value = Number(field.value);
    if (field.value !== "" && Number.isInteger(value) && value >= min && value <= max) set(value);
  }, { signal });
  return {
    el: field,
    sync() {
      if (!focusIn(field) || Number(field.value) !== get()) field.value = get();
    },
  };
}

/** A select; `options()` is asked at each sync: [{value, text}]. Hidden when there is nothing to choose. */
export function createSelect({ label, options, get, set, keep = false, signal }) {
  const field = h("select", { "aria-label": label });
  const el = h("label", { class: "kl-labelled" }, h("span", { "aria-hidden": true }, label), field);
  field.addEventListener("change", () => set(field.value), { signal });
  let shown = "";
  return {
    el,
    sync() {
      const now = options();
      if (JSON.stringify(now) !== shown) {
        field.replaceChildren(...now.map(({ value, text }) => h("option", { value }, text)));
        shown = JSON.stringify(now);
      }
      el.hidden = !keep && now.length < 2;
      field.value = String(get());
    },
  };
}

export function createCheck({ label, title, get, set, signal }) {
  const field = h("input", { type: "checkbox" });
  const el = h("label", { class: "kl-check", title }, field, h("span", {}, label));
  field.addEventListener("change", () => set(field.checked), { signal });
  return {
    el,
    sync() {
      field.checked = get();
    },
  };
}

/** Sets a text only where it is new: the browser lays out anew what is written, changed or not. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Shades a cell by a share of 0 to 1, for the same reason only when it is new. */
export function shade(cell, share) {
  const text = share.toFixed(2);
  if (cell.convlabShade === text) return;
  cell.convlabShade = text;
  cell.style.setProperty("--tint", text);
}

export function createButton({ label, title, press, signal, ...attributes }) {
  return h("button", { type: "button", title, on: { click: press }, signal, ...attributes }, label);
}
