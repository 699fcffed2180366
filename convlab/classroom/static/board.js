// The class board: counts by question and exercise, mistakes by name, who is stuck; fetched every three seconds.

import { ask, bar, become, element, follow } from "./class.js";

const MISTAKES_SHOWN = 3;
const HOUR_MS = 3600e3;
const at = (id) => document.getElementById(id);
let began = new Map(); // the hours chosen -> the moment they are counted from, fixed when they are chosen

function since() {
  const hours = at("since").value;
  if (!hours) return "";
  if (!began.has(hours)) began.set(hours, new Date(Date.now() - hours * HOUR_MS).toISOString());
  return began.get(hours);
}

function itemRow(item) {
  const share = item.judged ? item.first_right / item.judged : 0;
  const mistakes = item.mistakes.slice(0, MISTAKES_SHOWN).map(([id, title, count]) =>
    element("li", { "data-mistake": id }, element("strong", {}, `${count} × `), title));
  return element(
    "tr", { "data-item": item.item },
    element("td", {}, item.lesson),
    element("td", {}, item.title, element("small", {}, item.item, item.checked ? "" : " · as their machines report")),
    element("td", { class: "number", "data-role": "tried" }, item.tried),
    element("td", { "data-role": "first-right" }, item.judged
      ? bar(share, `${item.first_right} of ${item.judged}`) : "no answer yet"),
    element("td", { class: "number", "data-role": "right" }, item.right),
    element("td", { class: item.stuck ? "number alarm" : "number", "data-role": "stuck" }, item.stuck),
    element("td", {}, mistakes.length ? element("ul", {}, ...mistakes) : "none"),
  );
}

function lessons(items) {
  const names = [...new Set(items.map((item) => item.lesson))].sort();
  become(at("lesson"), [element("option", { value: "" }, "all"), ...names.map((name) =>
    element("option", { value: name, selected: name === at("lesson").value }, name))]);
}

async function look() {
  const projector = at("projector").checked;
  document.body.classList.toggle("projector", projector);
  at("people").hidden = projector;
  const query = new URLSearchParams({ since: since(), names: projector ? 0 : 1 });
  const { items, learners } = await ask(`api/class?${query}`);
  lessons(items);
  const wanted = items.filter((item) => ["", item.lesson].includes(at("lesson").value));
  become(at("items").tBodies[0], wanted.map(itemRow));
  const stuck = learners.filter((learner) => learner.stuck.length);
  become(at("stuck"), stuck.length
    ? stuck.map((learner) => element("li", {}, element("strong", {}, learner.user), `: ${learner.stuck.join("; ")}`))
    : [element("li", {}, "Nobody.")]);
  become(at("learners").tBodies[0], learners.map((learner) => element(
    "tr", { "data-learner": learner.user }, element("td", {}, learner.user),
    element("td", { class: "number" }, learner.tried), element("td", { class: "number" }, learner.right),
    element("td", {}, `${learner.last.slice(0, 16).replace("T", " ")} UTC`))));
  at("live").textContent = `${learners.length} learners, ${stuck.length} stuck.`;
}

async function openPoll(event) {
  event.preventDefault();
  try {
    await ask("api/poll/conduct", { item: at("question").value, seed: at("seed").valueAsNumber });
    at("opened").replaceChildren("It is open: ", element("a", { href: "poll" }, "show it"), ".");
  } catch (error) {
    at("opened").textContent = error.message;
  }
}

for (const id of ["since", "lesson", "projector"]) at(id).addEventListener("change", look);
at("open").addEventListener("submit", openPoll);
follow(look, at("live"));
