// The quiz card. Python decides what is asked and what is right; this draws what it is told (`shown`), sends what
// the learner does, and keeps a draft of each answer until it is judged.

import { answerControl } from "./quiz_answers.js";
import { cellInserter, summary, verdict, working } from "./quiz_feedback.js";
import { createRoot, focusIn, h, prose } from "./dom.js";
import { figure } from "./quiz_figure.js";

const PATIENCE_MS = 3000;
const SILENT = "The kernel has not answered for 3 seconds. Your answer is kept here. If the kernel is busy or out of reach, "
  + "it will be judged when it is back (after minutes out of reach JupyterLab gives up: choose Reconnect to Kernel in the "
  + "Kernel menu); if it was restarted, run all cells again, then check once more.";
const SURE = ["a guess", "fairly sure", "certain"];
const MARKS = { right: "✓", wrong: "✗", partial: "✗", given: "•", open: "" };
const OUTCOMES = { right: "right", wrong: "wrong", partial: "partly right", given: "answered", open: "open" };

/** A random uuid, also where the page is not served securely and `crypto.randomUUID` is missing. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** What stands above the question: which card it is, how far it has come, the way back to earlier answers. */
function head({ card, standing, trail, at }, go, signal) {
  const title = h("p", { class: "qc-name" }, card.title, " ", h("span", {}, card.about));
  const dots = standing && h("span", { class: "qc-standing" },
    h("span", { class: "qc-dots", "aria-hidden": "true" },
      Array.from({ length: standing.of }, (_, dot) => h("i", { class: dot < standing.reached ? "qc-full" : "" }))),
    standing.words);
  const steps = trail.length > 1 && h("nav", { class: "qc-trail", "aria-label": "questions of this card" },
    trail.map((outcome, place) => h("button", {
      type: "button", "aria-current": place === at ? "step" : null, data: { place },
      class: { right: "qc-right", wrong: "qc-wrong", partial: "qc-wrong" }[outcome] ?? "",
      "aria-label": `question ${place + 1}, ${OUTCOMES[outcome]}`, on: { click: () => go(place) }, signal,
    }, `${place + 1} ${MARKS[outcome]}`.trim())));
  return [h("div", { class: "qc-head" }, title, dots), steps];
}

function sureControl(state, draft, changed, signal) {
  const locked = state.given !== null;
  if (locked && !state.given.sure) return null;
  if (locked) return h("p", { class: "qc-sure qc-help" }, `How sure you were: ${SURE[state.given.sure - 1]}.`);
  const name = `convlab-sure-${uuid()}`;
  return h("fieldset", { class: "qc-sure" },
    h("legend", { class: "qc-ask" }, `How sure are you?${state.needsSure ? "" : " (if you like)"}`),
    h("div", {}, SURE.map((words, place) => h("label", {}, h("input", {
      type: "radio", name, value: place + 1, checked: draft.sure === place + 1,
      on: { change: () => { draft.sure = place + 1; changed(); } }, signal,
    }), words))));
}

/**
 * What was typed and is not judged yet, kept by the page's tab: a cell that is run again, after a kernel died say, makes
 * a new card, and so does a page that is loaded anew. A page that may keep nothing loses no more than that.
 */
const drafts = {
  name: ({ card, key }) => `convlab draft: ${card.name}, ${card.about}, ${key}`,
  read(state) {
    try {
      return JSON.parse(sessionStorage.getItem(drafts.name(state)));
    } catch {
      return null;
    }
  },
  write(state, { response, sure }) {
    try {
      if (state.given) sessionStorage.removeItem(drafts.name(state));
      else sessionStorage.setItem(drafts.name(state), JSON.stringify({ response, sure }));
    } catch {
      // The answer stands on the card all the same.
    }
  },
};

/** Sends commands and waits for the kernel; `silent()` is called when it says nothing for three seconds. */
function createLine(model, { heard, silent }) {
  let waiting = null, timer = 0;
  return {
    get busy() { return waiting !== null; },
    send(command) {
      waiting = uuid();
      clearTimeout(timer);
      timer = setTimeout(() => { waiting = null; silent(); }, PATIENCE_MS);
      try {
        model.send({ ...command, number: waiting });
      } catch {
        // A widget whose kernel is gone has no line to send on; the silence says so in three seconds.
      }
    },
    listen(number) {
      if (number !== waiting) return false;
      clearTimeout(timer);
      waiting = null;
      heard();
      return true;
    },
    stop: () => clearTimeout(timer),
  };
}

const PARTS = ["head", "question", "answer", "hint", "say", "verdict", "actions", "working", "foot"];
const filled = (part, ...children) => part.replaceChildren(...children.flat().filter(Boolean));

/** One view of the card: its parts, the drafts of its answers, and the line to the kernel. */
class View {
  constructor(model, el, root, signal) {
    Object.assign(this, { model, el, root, signal, control: null, key: null, drawn: null, own: null });
    this.since = performance.now();
    this.drafts = new Map();
    this.parts = Object.fromEntries(PARTS.map((name) => [name, h("div", { class: `qc-part-${name}` })]));
    this.said = h("p", { class: "qc-say", role: "status" });
    this.parts.say.append(this.said);
    this.live = h("div", { role: "status", "aria-live": "polite" }, this.parts.verdict);
    root.append(...PARTS.map((name) => (name === "verdict" ? this.live : this.parts[name])));
    this.line = createLine(model, {
      heard: () => this.say(""),
      silent: () => {
        this.say(SILENT);
        this.drawButtons();
        root.drawn();
      },
    });
  }

  get state() { return this.model.get("shown"); }

  /** The answer so far to the question on the card; `id` is the attempt it will become. */
  get draft() {
    const { key } = this.state;
    if (!this.drafts.has(key)) {
      this.drafts.set(key, { response: null, sure: null, ...drafts.read(this.state), id: uuid() });
    }
    return this.drafts.get(key);
  }

  say(words, problem = true) {
    this.said.textContent = words;
    this.said.classList.toggle("qc-problem", problem);
  }

  act(command) {
    if (this.line.busy) return;
    this.line.send(command);
    this.drawButtons();
  }

  check() {
    const { state, draft } = this;
    if (state.given || this.line.busy) return;
    draft.response = this.control.read();
    const empty = draft.response === null;
    const unsure = state.needsSure && !draft.sure;
    this.say(empty ? "First give an answer." : unsure ? "First say how sure you are." : "");
    if (empty) this.control.focus();
    else if (unsure) this.root.querySelector(".qc-sure input").focus();
    else {
      const { response, sure, id } = draft;
      const seconds = (performance.now() - this.since) / 1000;
      this.act({ do: "check", key: state.key, response, sure, id, seconds });
    }
  }

  draw() {
    const now = this.state;
    if (!now.page) return;
    const answered = this.line.listen(now.heard);
    const inside = focusIn(this.root);
    const moved = now.key !== this.key;
    if (moved) [this.key, this.since] = [now.key, performance.now()];
    const look = JSON.stringify([now.key, now.given, now.feedback?.right]);
    if (look !== this.drawn) {
      this.drawQuestion(now);
      this.say("");
      this.drawn = look;
    }
    if (now.unread) {
      this.say(now.unread);
      this.draft.id = uuid(); // what could not be read is kept too; the next try is another attempt
    }
    filled(this.parts.head, head(now, (to) => this.act({ do: "go", to }), this.signal));
    filled(this.parts.hint, now.hint && h("p", { class: "qc-hint" }, h("strong", {}, "Hint. "), prose(now.hint)));
    this.drawVerdict(now);
    filled(this.parts.foot, [now.notice, now.note].filter(Boolean).map((words) => h("p", { class: "qc-foot" }, words)));
    this.drawButtons();
    if (inside && answered) this.settle(now, moved);
    this.root.drawn();
  }

  /** The question and its control; only when they change, so that nothing is lost under the learner's hand. */
  drawQuestion(now) {
    this.own?.abort();
    this.own = new AbortController();
    const signal = AbortSignal.any([this.signal, this.own.signal]);
    const locked = now.given !== null;
    const keep = () => drafts.write(now, this.draft);
    if (locked) keep();
    const changed = () => {
      this.draft.response = this.control.read();
      this.say("");
      keep();
    };
    const answer = locked ? now.given.response : this.draft.response;
    this.control = answerControl({ page: now.page, locked, changed, signal, answer, right: now.feedback?.right });
    const prompt = h("p", { class: "qc-prompt" }, prose(now.page.prompt));
    filled(this.parts.question, prompt, figure(now.page.figure));
    filled(this.parts.answer, this.control.el, sureControl(now, this.draft, keep, signal));
    this.root.setAttribute("aria-label", `${now.card.title}, ${now.card.about}, question ${now.at + 1}`);
  }

  drawVerdict(now) {
    const kept = now.given && h("p", { class: "qc-help" }, "Kept: the verdicts come at the end.");
    filled(this.parts.verdict, now.feedback ? verdict(now.feedback) : kept, now.summary && summary(now.summary));
    const say = (words) => {
      this.say(words, false);
      this.parts.working.after(this.parts.say);
    };
    const tools = { signal: this.signal, insert: cellInserter(this.model, this.el), say };
    filled(this.parts.working, now.feedback ? working(now.feedback, tools) : []);
    this.live.before(this.parts.say);
  }

  drawButtons() {
    const { given, may } = this.state;
    const { actions } = this.parts;
    const button = (words, does, kind = "qc-plain") => h("button", {
      type: "button", class: kind, disabled: this.line.busy, on: { click: does }, signal: this.signal,
    }, words);
    const had = focusIn(actions);
    actions.className = "qc-actions";
    filled(actions, given
      ? [
        may.again && button(may.again, () => this.act({ do: "again" }), "qc-main"),
        may.next && button("Next question", () => this.act({ do: "next" }), "qc-main"),
        may.like && button("Another like it", () => this.act({ do: "like" })),
      ]
      : [
        button("Check", () => this.check(), "qc-main"),
        may.hint && button("Hint", () => this.act({ do: "hint" })),
      ]);
    // A button that is pressed is drawn anew: the card keeps the focus, so that no key goes astray meanwhile.
    if (had) (this.line.busy ? this.root : actions.firstElementChild ?? this.root).focus({ preventScroll: true });
  }

  /** Where the focus goes: to a new question's answer, after a verdict to what comes next. */
  settle(now, moved) {
    if (now.given) {
      const next = this.parts.actions.querySelector("button") ?? this.parts.working.querySelector("summary");
      next?.focus({ preventScroll: true });
    } else if (now.unread || moved || focusIn(this.root) === this.root) this.control.focus();
  }

  /** Enter checks; a digit chooses an option. */
  pressed(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || this.state.given) return;
    if (key === "Enter" && !target.matches("button, summary, pre")) {
      event.preventDefault();
      this.check();
    } else if (/^[1-9]$/.test(key) && !target.matches("input[type=text]") && this.control.choose?.(Number(key))) {
      event.preventDefault();
    }
  }
}

function render({ model, el, signal: given }) {
  const controller = new AbortController();
  given?.addEventListener("abort", () => controller.abort());
  const { signal } = controller;
  const root = createRoot(el, "quiz-card", "question", signal);
  root.tabIndex = -1;
  const view = new View(model, el, root, signal);
  const draw = () => view.draw();
  root.addEventListener("keydown", (event) => view.pressed(event), { signal });
  model.on("change:shown", draw);
  signal.addEventListener("abort", () => {
    model.off("change:shown", draw);
    view.line.stop();
  });
  draw();
  return () => controller.abort();
}

export default { render };
