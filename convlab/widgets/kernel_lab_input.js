// The input of the lab: a photograph on a canvas, or a small picture whose cells are painted.

import { createButton, createNumber, createSelect, shade } from "./kernel_lab_controls.js";
import { fromBlob } from "./kernel_lab_files.js";
import { paintPicture } from "./kernel_lab_scale.js";
import { createStage, isSmall, widths } from "./kernel_lab_surface.js";
import { h } from "./dom.js";
import { createGrid, walkByKeys } from "./grid.js";

/** Returns {el, layout(), draw(), frame(), sync(), range()}. */
export function createInput(view) {
  const { lab, model } = view;
  const caption = h("span", {}, "input");
  const body = h("div", { class: "kl-body kl-picture" });
  const note = h("p", { class: "cl-note" });
  const problem = h("p", { class: "kl-alert", role: "alert" });
  const brush = { value: 1 };
  const controls = createControls(view, brush, problem);
  const el = h("figure", { class: "kl-figure cl-input" },
    h("figcaption", { class: "cl-title kl-heading" }, h("span", { class: "cl-letter" }, "I"), caption),
    controls.first, body, h("div", { class: "kl-below" }, note, controls.second, problem));
  const state = lab.state;
  const bounds = { low: 0, high: 1 };
  let surface = null;

  function layout() {
    const { g } = state;
    surface = isSmall(g.H, g.W) ? gridOf(view, brush) : canvasOf(view);
    body.replaceChildren(surface.el);
    draw();
  }

  function draw() {
    Object.assign(bounds, measured(state.input));
    const channels = shownChannels(view);
    surface.draw(channels, bounds);
    const { g } = state;
    const name = { own: "your file", given: "", painted: "painted" }[model.get("picture")] ?? model.get("picture");
    caption.textContent = `input ${g.C} × ${g.H} × ${g.W}${name && ` · ${name}`}`;
    note.textContent = noteText(view, channels, bounds);
  }

  return {
    el, layout, draw, range: () => [bounds.low, bounds.high],
    changed: (change) => surface.changed(change, bounds),
    frame: () => surface.frame(view.place()),
    sync: () => controls.sync(),
  };
}

/** What is drawn black and white: 0 and 1 for a picture in that range, else the least and the largest number. */
function measured(values) {
  let low = 0, high = 0;
  for (const value of values) {
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  return { low, high: low === 0 && high <= 1 ? 1 : high };
}

/** The channels on the screen: the chosen one, else all three of a colour picture, else the filter's first. */
function shownChannels({ lab, model }) {
  const { g } = lab.state;
  const chosen = model.get("channel");
  if (chosen >= 0 && chosen < g.C) return [chosen];
  if (g.C === 3 && !isSmall(g.H, g.W)) return [0, 1, 2];
  return [Math.floor(lab.filter() / g.Og) * g.Cg];
}

function noteText({ lab }, channels, { low, high }) {
  const { g } = lab.state;
  const from = Math.floor(lab.filter() / g.Og) * g.Cg;
  const reads = g.Cg === g.C ? "" : g.Cg === 1 ? `Filter ${lab.filter()} reads channel ${from}. `
    : `Filter ${lab.filter()} reads channels ${from} to ${from + g.Cg - 1}. `;
  if (isSmall(g.H, g.W)) {
    return reads + (g.C > 1 ? `Channel ${channels[0]} is shown. ` : "") + "Click or drag to paint.";
  }
  const scale = channels.length === 3 ? "Red, green and blue are channels 0, 1 and 2" : `Black is ${low}, white is ${high}`;
  return `${reads}${channels.length === 1 && g.C > 1 ? `Channel ${channels[0]}. ` : ""}${scale}.`;
}

function canvasOf(view) {
  const { lab, signal } = view;
  const { g } = lab.state;
  const stage = createStage({
    H: g.H, W: g.W, width: widths(g).input, handler: view.handler, signal,
    label: "input picture; arrows move the window, Shift by ten",
    moved: (i, j, pin) => view.point(placeOver(g, i, j), pin),
    left: () => view.point(null), walk: (key, step) => view.walk(key, step),
  });
  return {
    el: stage.el,
    draw(channels, { low, high }) {
      const { g, input } = lab.state;
      const area = g.H * g.W, sample = view.sample() * g.C;
      paintPicture(stage.pixels, input, channels.map((c) => (sample + c) * area), low, high);
      stage.commit();
      stage.canvas.convlabValues = {
        role: "input", channel: channels.length === 1 ? channels[0] : null, shape: [channels.length, g.H, g.W],
        values: channels.length === 1
          ? input.subarray((sample + channels[0]) * area, (sample + channels[0] + 1) * area)
          : input.subarray(sample * area, (sample + g.C) * area),
      };
    },
    changed(change, bounds) {
      this.draw(shownChannels(view), bounds);
    },
    frame([i, j]) {
      const { g } = lab.state;
      stage.frame(i * g.sH - g.top, j * g.sW - g.left, g.dH * (g.kH - 1) + 1, g.dW * (g.kW - 1) + 1);
    },
  };
}

/** The place whose window has pixel (i, j) nearest to its middle. */
function placeOver(g, i, j) {
  const along = (at, before, kernel, stride, dilation, places) =>
    Math.max(0, Math.min(places - 1, Math.round((at + before - (dilation * (kernel - 1)) / 2) / stride)));
  return [along(i, g.top, g.kH, g.sH, g.dH, g.H_out), along(j, g.left, g.kW, g.sW, g.dW, g.W_out)];
}

function gridOf(view, brush) {
  const { lab } = view;
  const { g } = lab.state;
  const [c] = shownChannels(view);
  const grid = createGrid({
    role: "input", rows: g.H, columns: g.W, label: `input channel ${c}: click or drag to paint`,
    index: (i, j) => `${c},${i},${j}`, name: (i, j) => `input[${c}, ${i}, ${j}]`,
  });
  makePaintable(view, grid, c, brush);
  const value = (i, j) => lab.state.input[((view.sample() * g.C + c) * g.H + i) * g.W + j];
  return {
    el: h("div", { class: "cl-scroll" }, grid.el),
    draw(channels, { low, high }) {
      const most = Math.max(-low, high) || 1;
      for (let i = 0; i < g.H; i++) {
        for (let j = 0; j < g.W; j++) {
          grid.set(i, j, value(i, j));
          shade(grid.cell(i, j), Math.min(1, Math.abs(value(i, j)) / most));
        }
      }
      grid.fit();
    },
    changed({ c: channel, i, j }, { low, high }) {
      if (channel !== c) return;
      grid.set(i, j, value(i, j));
      shade(grid.cell(i, j), Math.min(1, Math.abs(value(i, j)) / (Math.max(-low, high) || 1)));
    },
    frame([i, j]) {
      const taps = [];
      for (let u = 0; u < g.kH; u++) {
        for (let v = 0; v < g.kW; v++) {
          const row = g.rows[i * g.sH + u * g.dH], column = g.columns[j * g.sW + v * g.dW];
          if (row >= 0 && column >= 0) taps.push([row, column]);
        }
      }
      grid.mark("here", taps);
    },
  };
}

/** Click and drag paint with the brush, or wipe when the first cell has its value already; digits write themselves. */
function makePaintable(view, grid, c, brush) {
  const { lab, handler, signal } = view;
  const { g } = lab.state;
  const value = (i, j) => lab.state.input[((view.sample() * g.C + c) * g.H + i) * g.W + j];
  const paint = (i, j, to) => value(i, j) !== to && lab.state.setInput(view.sample(), c, i, j, to);
  const listen = (type, listener) => grid.el.addEventListener(type, listener, { signal });
  let stroke = null;
  const cellAt = (event) => {
    const box = grid.el.getBoundingClientRect();
    const i = Math.floor(((event.clientY - box.top) / box.height) * g.H);
    const j = Math.floor(((event.clientX - box.left) / box.width) * g.W);
    return i >= 0 && i < g.H && j >= 0 && j < g.W ? [i, j] : null;
  };
  listen("pointerdown", handler((event) => {
    const at = cellAt(event);
    if (!at || event.button) return;
    stroke = value(...at) === brush.value ? 0 : brush.value;
    grid.focus(grid.cell(...at));
    grid.el.setPointerCapture(event.pointerId);
    paint(...at, stroke);
    event.preventDefault();
  }));
  listen("pointermove", handler((event) => {
    const at = cellAt(event);
    if (!at) return;
    if (stroke !== null) paint(...at, stroke);
    view.point(placeOver(g, ...at), false);
  }));
  for (const type of ["pointerup", "pointercancel"]) listen(type, () => { stroke = null; });
  listen("pointerleave", handler(() => view.point(null)));
  walkByKeys(grid, { signal, handler, moved: (i, j) => view.point(placeOver(g, i, j), false) });
  listen("keydown", handler((event) => {
    const at = grid.at(event.target);
    const to = at && !event.ctrlKey && !event.metaKey && !event.altKey ? keyed(event.key, value(...at), brush.value) : null;
    if (to === null) return;
    paint(...at, to);
    event.preventDefault();
  }));
}

/** What a key makes of a cell: digits themselves, Space and Enter the brush or nothing; null for other keys. */
function keyed(key, now, brush) {
  if (/^[0-9]$/.test(key)) return Number(key);
  const painted = now === brush ? 0 : brush;
  return { " ": painted, Enter: painted, Backspace: 0, Delete: 0, "+": now + 1, "=": now + 1, "-": now - 1 }[key] ?? null;
}

/** A button for the learner's own file; what is no image is said in `problem`. */
function createOwnFile({ lab, signal }, problem) {
  const own = h("input", { type: "file", accept: "image/*", class: "kl-file", "aria-label": "show your own image file" });
  async function showFile(file) {
    problem.textContent = "";
    try {
      lab.showPixels(await fromBlob(file), "own");
    } catch {
      problem.textContent = `“${file.name}” is not an image that this browser can read: choose a PNG, JPEG, GIF or WebP file.`;
    }
    own.value = "";
  }
  own.addEventListener("change", () => own.files[0] && showFile(own.files[0]), { signal });
  return h("label", { class: "kl-button", title: "It stays on this page and in your kernel." }, "own file …", own);
}

function createPictures({ lab, model, signal }, problem) {
  const samples = Object.keys(model.get("_samples"));
  return createSelect({
    label: "Picture", keep: true, signal,
    options: () => [
      ...samples.map((name) => ({ value: name, text: name })),
      ...(samples.includes(model.get("picture")) ? [] : [{ value: model.get("picture"), text: { own: "your file", given: "given" }[model.get("picture")] }]),
    ],
    get: () => model.get("picture"),
    set(name) {
      problem.textContent = "";
      if (samples.includes(name)) lab.show(name);
    },
  });
}

function createControls(view, brush, problem) {
  const { lab, signal } = view;
  const picture = createPictures(view, problem);
  const channel = createSelect({
    label: "Channel", signal, get: () => (lab.state.g ? shown(view) : -1), set: (value) => view.save({ channel: Number(value) }),
    options: () => channelOptions(lab.state),
  });
  const sample = createSelect({
    label: "Sample", signal, get: () => view.sample(), set: (value) => view.save({ sample: Number(value) }),
    options: () => Array.from({ length: lab.state.g?.N ?? 0 }, (_, n) => ({ value: n, text: n })),
  });
  const value = createNumber({
    label: "number to paint with", min: 0, max: 9, get: () => brush.value, set: (to) => { brush.value = to; }, signal,
  });
  const painting = h("span", { class: "cl-row" }, h("label", { class: "kl-labelled" }, "Paint with", value.el),
    createButton({ label: "clear", title: "every cell 0", press: () => lab.clear(), signal }));
  return {
    first: h("div", { class: "cl-row kl-controls" }, picture.el, createOwnFile(view, problem), channel.el, sample.el),
    second: h("div", { class: "cl-row kl-controls" }, painting),
    sync() {
      for (const control of [picture, channel, sample, value]) control.sync();
      painting.hidden = !lab.state.g || !isSmall(lab.state.g.H, lab.state.g.W);
    },
  };
}

function shown(view) {
  const channels = shownChannels(view);
  return channels.length === 3 ? -1 : channels[0];
}

function channelOptions({ g }) {
  if (!g || g.C === 1) return [];
  const single = Array.from({ length: g.C }, (_, c) => ({ value: c, text: c }));
  return g.C === 3 && !isSmall(g.H, g.W) ? [{ value: -1, text: "all (RGB)" }, ...single] : single;
}
