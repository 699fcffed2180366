// The list of things to do under a widget. Python decides what is done; a tick comes with the next rest.

import { h } from "./dom.js";

/** Draws the trait _tasks ([{text, done}]) under the widget and keeps it up to date. */
export function drawTasks(root, model, signal) {
  const list = h("ul", { class: "cl-tasks", "aria-label": "things to do" });
  const draw = () => {
    const tasks = model.get("_tasks") ?? [];
    list.hidden = tasks.length === 0;
    list.replaceChildren(...tasks.map(({ text, done }) =>
      h("li", { class: done ? "cl-done" : "" },
        h("span", { class: "cl-box", "aria-hidden": "true" }, done ? "✓" : ""),
        h("span", {}, text, h("span", { class: "cl-hidden" }, done ? " (done)" : " (to do)")))));
  };
  model.on("change:_tasks", draw);
  signal.addEventListener("abort", () => model.off("change:_tasks", draw));
  root.append(list);
  draw();
}
