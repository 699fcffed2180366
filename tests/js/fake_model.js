/** A stand-in for anywidget's model: the traits given, their listeners, and what would have been sent. */

/** {get, set, on, save_changes, saved}; each save keeps a copy of these traits, all of them where none is named. */
export function fakeModel(traits, sent = Object.keys(traits)) {
  const listeners = {};
  return {
    saved: [],
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    save_changes() { this.saved.push(structuredClone(Object.fromEntries(sent.map((name) => [name, traits[name]])))); },
  };
}
