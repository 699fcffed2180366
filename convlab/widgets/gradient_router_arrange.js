// Cells as large as the space allows: all planes side by side with room for the ways between them, else one under the
// other without. Measured before the browser paints, and again whenever the widget's width changes.

import { watchWidth } from "./dom.js";
import { gridWidth, setStyle, sizesOf } from "./grid.js";

const SIZES_PX = [30, 28, 26, 24, 22, 20, 18];
const GAPS_PX = [128, 96, 72, 48], READS_PX = 36;

const largestFor = (longest) => (longest <= 9 ? 30 : longest <= 12 ? 26 : longest <= 15 ? 22 : 18);

/**
 * Watches the width of the stage; `stands(wide, first)` is called when everything stands where it will stand, for the
 * first time before the browser paints: asking earlier where something is would lay out the page.
 */
export function arrange(stage, picture, stands, signal) {
  let first = true;
  const update = (width, laid) => {
    const wide = choose(picture, width);
    if (!laid) return;
    stands(wide, first);
    first = false;
  };
  watchWidth(stage, [picture.content], update, signal);
  for (const { grid } of planes(picture)) {
    const scrolled = () => stage.isConnected && update(stage.clientWidth, true);
    grid.el.parentNode.addEventListener("scroll", scrolled, { signal, passive: true });
  }
}

const planes = ({ left, rows }) => [left, ...rows.flatMap(({ middle, right }) => [middle, right])].filter(Boolean);

/** Picks the largest cells with which all stands in one row; true when it does. */
function choose({ content, left, rows, counts }, width) {
  const all = planes({ left, rows });
  const longest = Math.max(...all.flatMap(({ grid }) => [grid.rows, grid.columns]));
  const sizes = SIZES_PX.filter((size) => size <= largestFor(longest));
  const widest = (part, size) => Math.max(...rows.map((row) => gridWidth(row[part].grid, size)));
  const parts = [left && ((size) => gridWidth(left.grid, size) + (counts ? READS_PX : 0)),
    (size) => widest("middle", size), (size) => Math.max(widest("right", size), titleWidth(rows[0].right))].filter(Boolean);
  const natural = (size, gap) => parts.reduce((sum, of) => sum + of(size), 0) + gap * (parts.length - 1);
  const tries = GAPS_PX.flatMap((gap) => sizes.map((size) => ({ gap, size })));
  // A title may reach into the gap beside its grid.
  const titled = (size, gap) => [left, rows[0].middle].every((plane) => !plane || titleWidth(plane) < gridWidth(plane.grid, size) + gap);
  const found = tries.find(({ gap, size }) => (gap < 72 || size >= Math.min(22, sizes[0])) && natural(size, gap) <= width
    && titled(size, gap));
  const alone = sizes.find((size) => parts.every((of) => of(size) <= width)) ?? sizes.at(-1);
  const { size, gap } = found ?? { size: alone, gap: 24 };
  content.dataset.mode = found ? "wide" : "narrow";
  setStyle(content, { "--gap": `${gap}px`, ...sizesOf(size) });
  return Boolean(found);
}

const titleWidth = ({ el }) => el.firstChild.textContent.length * 7.4 + 24;
