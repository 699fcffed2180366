// The poll: one question for all, two votes with a talk between them, then the answer; the same page shows and asks.

import { ask, bar, become, element, follow } from "./class.js";

const SAID = {
  first: "First vote: answer by yourself.",
  talk: "The first vote is closed. Turn to your neighbour: convince each other.",
  second: "Second vote: answer again, the same or another.",
  closed: "Both votes are closed.",
  revealed: "This is the answer.",
};
const NEXT = {
  first: ["talk", "Close the first vote"],
  talk: ["second", "Open the second vote"],
  second: ["closed", "Close the second vote"],
  closed: ["revealed", "Reveal the answer"],
};
const ROUND = { first: "1", second: "2" };
const at = (id) => document.getElementById(id);
let asked = ""; // which question and vote the form was made for
let mine; // the learner's vote that the page has told him of

function table(block) {
  const rows = block.values.map((row) => element("tr", {}, ...row.map((value) => element("td", {}, value ?? "?"))));
  return element("figure", {}, element("figcaption", {}, block.title),
    element("table", { class: "grid" }, element("tbody", {}, ...rows)));
}

// Text with code in backticks, as the course writes it.
function prose(text) {
  return text.split("`").map((part, place) => (place % 2 ? element("code", {}, part) : part));
}

function drawQuestion(question) {
  const blocks = question.figure.map((block) => ("code" in block
    ? element("pre", { tabindex: 0, role: "region", "aria-label": "Code" }, block.code) : table(block)));
  become(at("question"), [element("p", { class: "prompt" }, ...prose(question.prompt)), ...blocks]);
}

function options(question) {
  return question.kind === "truefalse" ? ["True", "False"] : question.options;
}

function makeForm(poll) {
  const { question } = poll;
  const field = ["choice", "truefalse"].includes(question.kind)
    ? options(question).map((option) => element("label", {},
      element("input", { type: "radio", name: "response", value: option, required: true }), ...prose(option)))
    : [element("label", {}, `Your answer (${question.asks}) `,
      element("input", { type: "text", name: "response", required: true, autocomplete: "off", maxlength: "80" }))];
  at("vote").replaceChildren(...field, element("button", { type: "submit" }, "Vote"));
}

function drawBars(poll) {
  const columns = Object.entries(poll.bars).map(([round, rows]) => {
    const most = Math.max(1, poll.votes[round]);
    return element("section", { "data-round": round }, element("h2", {}, round === "1" ? "First vote" : "Second vote"),
      element("ul", { class: "bars" }, ...rows.map(([answer, count]) => element("li", { "data-count": count },
        element("span", { class: poll.answer === answer ? "right" : "" }, ...prose(answer),
          poll.answer === answer ? " ✓" : ""), bar(count / most, count)))));
  });
  become(at("bars"), columns);
}

function drawAnswer(poll) {
  become(at("answer"), poll.stage !== "revealed" ? [] : [
    element("h2", {}, "Right: ", ...prose(poll.answer)),
    element("p", {}, ...prose(poll.because)),
    element("ol", {}, ...poll.steps.map((step) => element("li", {}, ...prose(step)))),
  ]);
}

function conduct(poll) {
  const form = at("conduct");
  if (!form) return;
  form.hidden = !(poll.stage in NEXT);
  if (form.hidden) return;
  const [stage, words] = NEXT[poll.stage];
  become(form, [element("button", { type: "submit", "data-stage": stage, "data-poll": poll.id }, words)]);
}

function told(vote, words) {
  mine = vote;
  at("voted").textContent = words;
}

async function look() {
  const poll = await ask("api/poll");
  if (!poll.id) return;
  const votes = poll.votes[ROUND[poll.stage]];
  at("stage").textContent = SAID[poll.stage] + (votes === undefined ? "" : ` ${votes} voted.`);
  drawQuestion(poll.question);
  const now = `${poll.id} ${poll.stage}`;
  if (now !== asked) {
    asked = now;
    at("vote").hidden = !(poll.stage in ROUND);
    told(undefined, "");
    if (!at("vote").hidden) makeForm(poll);
    Object.assign(at("vote").dataset, { poll: poll.id, round: ROUND[poll.stage] });
  }
  const kept = poll.mine[ROUND[poll.stage]]; // told once: a sentence that came after it stays
  if (kept !== mine) told(kept, kept ? `Your vote: ${kept}. You can change it while the vote is open.` : "");
  drawBars(poll);
  drawAnswer(poll);
  conduct(poll);
}

async function vote(event) {
  event.preventDefault();
  const form = at("vote"), { poll: id, round } = form.dataset;
  const response = new FormData(form).get("response");
  try {
    await ask("api/poll", { id, round: Number(round), response });
    told(undefined, "");
    await look();
  } catch (error) {
    await look().catch(() => {}); // where the next vote has been opened, its form comes, and what he chose stays in it
    if (form.dataset.poll === id && !form.hidden) form.elements.response.value = response;
    at("voted").textContent = error.message;
  }
}

async function bringOn(event) {
  event.preventDefault();
  const button = at("conduct").querySelector("button");
  try {
    await ask("api/poll/conduct", { id: button.dataset.poll, stage: button.dataset.stage });
  } catch (error) {
    at("voted").textContent = error.message;
  }
  await look();
}

at("vote").addEventListener("submit", vote);
at("conduct")?.addEventListener("submit", bringOn);
follow(look, at("stage"), 2000);
