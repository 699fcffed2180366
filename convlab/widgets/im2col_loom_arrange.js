// Cells as large as the space allows: the matrices in two columns with the output beside them, else under them, else all
// in one column. Measured before the browser paints, and again whenever the widget's width changes.

import { watchWidth } from "./dom.js";
import { gridWidth, setStyle, sizesOf } from "./grid.js";

const SIZES_PX = [28, 26, 24, 22, 20, 18];
const GAP_PX = 28, BETWEEN_PX = 16;

const largestFor = (longest) => (longest <= 9 ? 28 : longest <= 13 ? 24 : longest <= 18 ? 22 : 20);

/**
 * Watches the width of the stage; `paint()` is called once colours are known, `laid()` once all stands where it will
 * stand; `signal` ends with the picture.
 */
export function arrange(stage, picture, { paint, laid }, signal) {
  let painted = stage.isConnected, stands = false;
  watchWidth(stage, [picture.content], (width, settled) => {
    if (!painted) paint(); // a view is drawn before it is in the page, where no style has a value yet
    painted = true;
    choose(picture, width);
    if (settled && !stands) laid();
    stands ||= settled;
  }, signal);
}

function choose({ content, parts, sheets, view }, width) {
  const longest = Math.max(...sheets.flatMap(({ grid }) => [grid.rows, grid.columns]));
  const sizes = SIZES_PX.filter((size) => size <= largestFor(longest)), large = sizes.filter((size) => size >= Math.min(20, sizes[0]));
  const at = new Map(sizes.map((size) => [size, measures(parts, size)]));
  const found = PLANS[view].map((plan) => fitting(plan, large.map((size) => at.get(size)), width)).find(Boolean);
  const narrow = () => sizes.find((size) => Object.keys(parts).every((name) => at.get(size).wide(name) <= width));
  const { mode, size, across } = found ?? { mode: "narrow", size: narrow() ?? sizes.at(-1), across: {} };
  if (content.dataset.mode !== mode) content.dataset.mode = mode;
  const counts = ["input", "kernel", "output"].map((name) => [`--${name}s`, `${across[name] ?? 1}`]);
  setStyle(content, { ...sizesOf(size), ...Object.fromEntries(counts) });
}

/** How wide and how high each part is with cells of this size, so many of its sheets side by side. */
function measures(parts, size) {
  const known = new Map();
  const each = (name, of) => {
    const key = `${name} ${of.name}`;
    if (!known.has(key)) known.set(key, Math.max(0, ...parts[name].map((sheet) => of(sheet, size))));
    return known.get(key);
  };
  const high = (name, across = 1) => Math.ceil(parts[name].length / across) * (each(name, sheetHeight) + BETWEEN_PX);
  return {
    size, high,
    wide: (name, across = 1) => across * each(name, sheetWidth) + (across - 1) * BETWEEN_PX,
    row: (name) => parts[name].reduce((sum, sheet) => sum + sheetWidth(sheet, size) + GAP_PX + BETWEEN_PX, 0),
    half: (name) => Math.ceil(parts[name].length / 2),
    /** So many side by side that they are not much higher than this. */
    beside(name, most) {
      const count = parts[name].length;
      for (let across = 1; across < count; across++) if (high(name, across) <= 1.1 * most) return across;
      return count;
    },
  };
}

/** As many side by side as is wanted, with the largest cells that allow it; fewer where none do; null where one does not. */
function fitting({ mode, wanted, width }, all, most) {
  const wishes = all.map(wanted), names = Object.keys(wishes[0]);
  const largest = names.reduce((sum, name) => sum + Math.max(...wishes.map((wish) => wish[name])), 0);
  for (let total = largest; total >= names.length; total--) {
    for (const [which, measured] of all.entries()) {
      for (const across of shares(names, wishes[which], total)) {
        if (width(measured, across) <= most) return { mode, size: measured.size, across };
      }
    }
  }
  return null;
}

/** Every way to give these names so many in all, each at least one and no more than its wish. */
function* shares([name, ...others], wish, total) {
  if (name === undefined) {
    if (total <= 0) yield {};
    return;
  }
  const most = Math.min(wish[name], total - others.length);
  for (let own = most; own >= 1; own--) {
    for (const rest of shares(others, wish, total - own)) yield { [name]: own, ...rest };
  }
}

const leftOf = ({ wide }, { input }) => Math.max(wide("input", input), wide("weight"));
const rightOf = ({ wide }) => Math.max(wide("column"), wide("product"));

/** For each view, from the best on: what stands side by side, and how wide that is. */
const PLANS = {
  matrix: [
    {
      mode: "wide", width: (of, across) => leftOf(of, across) + rightOf(of) + of.wide("output", across.output) + 2 * GAP_PX,
      wanted: (of) => ({ input: of.beside("input", of.high("column")), output: of.beside("output", of.high("column") + of.high("product")) }),
    },
    {
      mode: "below", width: (of, across) => leftOf(of, across) + rightOf(of) + GAP_PX,
      wanted: (of) => ({ input: of.beside("input", of.high("column")) }),
    },
  ],
  sliding: [{
    mode: "wide", width: (of, across) => Object.keys(across).reduce((sum, name) => sum + of.wide(name, across[name]) + GAP_PX, 0),
    wanted: ({ half }) => ({ input: half("input"), kernel: half("kernel"), output: half("output") }),
  }],
  fold: [
    { mode: "wide", wanted: () => ({}), width: ({ wide, row }) => wide("column") + row("back") + GAP_PX },
    { mode: "below", wanted: () => ({}), width: ({ wide, row }) => Math.max(wide("column"), row("back")) },
  ],
};

/** Title, heads, grid or picture, whatever is the widest. */
function sheetWidth({ grid, down, overview, code }, size) {
  const numbers = gridWidth(grid, size) + (down ? 44 : 0);
  return Math.max(numbers, overview ? parseFloat(overview.el.style.width) : 0, code.textContent.length * 7.4 + 24);
}

/** Title, picture, heads and grid, one under the other. */
const sheetHeight = ({ grid, across, overview, view }, size) =>
  (view.all ? 22 : 38) + (overview ? parseFloat(overview.el.style.height) + 6 : 0) + (across ? 30 : 0) + grid.rows * (size + 1);
