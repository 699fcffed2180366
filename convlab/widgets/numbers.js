// Numbers that a learner reads and moves: how they are written, and how drag, keys and typing change them.

/** A number as text: whole numbers whole, others with three significant digits. */
export function format(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value === 0 ? 0 : value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(1).replace("e+", "e");
  return String(Number(value.toPrecision(3)));
}

/** The step of a drag that suits these numbers: 1 for whole ones, else a power of ten below the largest. */
export function stepFor(values) {
  let largest = 0;
  for (const value of values) {
    if (!Number.isInteger(value)) largest = Math.max(largest, Math.abs(value));
  }
  return largest ? 10 ** Math.floor(Math.log10(largest / 2)) : 1;
}

/** A drag of this many CSS pixels is one step. */
const STEP_PX = 8;

/**
 * Makes every cell of a grid a number the learner can move: drag up or right for more, `+` and `-`,
 * typing (Enter commits, Escape gives up), Backspace for zero. Arrows walk from cell to cell. `-` is a step down, and
 * the sign of a number where a digit comes next: who types -2 means it.
 *
 * edit: get(cell) -> number, set(cell, number) during the gesture, done() when the hand rests,
 * step: size of one step (a number, or a function of nothing); Shift makes it ten times finer.
 */
export function makeEditable(grid, { get, set, done = () => {}, step = 1, handler, signal }) {
  const edit = {
    get, set, done, handler,
    step: typeof step === "function" ? step : () => step,
    listen: (type, listener) => grid.el.addEventListener(type, listener, { signal }),
    commit(cell, value) {
      set(cell, tidy(value));
      done();
    },
  };
  dragNumbers(grid, edit);
  keyNumbers(grid, edit);
}

/** The cell under an event, if it takes the focus (a padding cell does not). */
const cellOf = (event) => event.target.closest("[data-index][tabindex]");

function dragNumbers(grid, { get, set, done, step, handler, listen }) {
  let drag = null;
  listen("pointerdown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.button || cell.querySelector("input")) return;
    drag = { cell, x: event.clientX, y: event.clientY, from: get(cell), moved: false };
    grid.focus(cell);
    grid.el.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  listen("pointermove", handler((event) => {
    if (!drag) return;
    const travelled = event.clientX - drag.x + drag.y - event.clientY;
    const steps = Math.trunc(travelled / STEP_PX);
    if (steps) drag.moved = true;
    const value = tidy(drag.from + steps * (event.shiftKey ? step() / 10 : step()));
    if (drag.moved && value !== get(drag.cell)) set(drag.cell, value);
  }));
  const release = () => {
    if (drag?.moved) done();
    drag = null;
  };
  listen("pointerup", release);
  listen("pointercancel", release);
}

function keyNumbers(grid, edit) {
  let minus = null; // the cell where the last key was "-"
  edit.listen("focusout", () => { minus = null; });
  edit.listen("dblclick", (event) => type(grid, cellOf(event), "", edit));
  edit.listen("keydown", edit.handler((event) => {
    const cell = cellOf(event);
    if (!cell || event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const sign = minus === cell ? "-" : "";
    minus = event.key === "-" ? cell : null;
    const step = edit.step();
    const amount = event.shiftKey && event.key !== "+" ? step / 10 : step;
    const change = {
      "+": amount, "=": amount, PageUp: 10 * step, "-": -amount, _: -amount, PageDown: -10 * step,
    }[event.key];
    if (change !== undefined) edit.commit(cell, edit.get(cell) + change);
    else if (event.key === "Backspace" || event.key === "Delete") edit.commit(cell, 0);
    else if (event.key === "Enter" || event.key === "F2") type(grid, cell, "", edit);
    else if (/^[0-9.]$/.test(event.key)) type(grid, cell, sign + event.key, edit);
    else return;
    event.preventDefault();
  }));
}

/** Opens a field in the cell; Enter and leaving it keep what was typed, Escape does not. */
function type(grid, cell, start, edit) {
  if (!cell || cell.querySelector("input")) return;
  const field = document.createElement("input");
  field.className = "cl-type";
  field.setAttribute("aria-label", `new value of ${cell.getAttribute("aria-label") ?? "this number"}`);
  field.value = start || format(edit.get(cell));
  const shown = cell.textContent;
  cell.replaceChildren(field);
  field.focus();
  if (!start) field.select();
  let over = false;
  const finish = (keep) => {
    if (over) return;
    over = true;
    const value = Number(field.value.replace(",", "."));
    const typed = field.value.trim() !== "" && field.value !== shown && Number.isFinite(value);
    cell.textContent = shown;
    if (keep && typed) edit.commit(cell, value);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      finish(event.key === "Enter");
      grid.focus(cell);
    }
    event.stopPropagation();
  });
  field.addEventListener("blur", () => finish(true));
}

/** Steps of 0.1 add up to 0.30000000000000004; a learner's hand means 0.3. */
const tidy = (value) => Number(value.toFixed(6));
