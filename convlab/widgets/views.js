// What anywidget asks of a widget's module: the state that all views of a model share, and how each view begins and ends.

import { timed } from "./dom.js";
import { drawTasks } from "./tasks.js";

/** Ends when the front end says so: some abort the signal they gave, some call the function they were returned. */
function ending(signal) {
  const own = new AbortController();
  signal?.addEventListener("abort", () => own.abort());
  return own;
}

/**
 * The default export of a widget whose views share a state.
 *     share(model, signal)             the state
 *     createView(shared, el, signal)   a view, with its `root`
 *     onKey(view, event)               what a key does inside the root
 *     begin(view, signal)              what the view follows, and its first picture
 */
export const sharedViews = ({ share, createView, onKey, begin }) => () => {
  let shared = null;
  return {
    initialize({ model, signal }) {
      const own = ending(signal);
      shared = share(model, own.signal);
      return () => own.abort();
    },
    render({ model, el, signal }) {
      shared ??= share(model, new AbortController().signal);
      const own = ending(signal);
      const view = createView(shared, el, own.signal);
      view.root.addEventListener("keydown", timed((event) => onKey(view, event)), { signal: own.signal });
      drawTasks(view.root, model, own.signal);
      begin(view, own.signal);
      return () => own.abort();
    },
  };
};
