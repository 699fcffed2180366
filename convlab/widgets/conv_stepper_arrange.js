// Cells as large as the space allows: everything in one row if it fits, else the output under the rest, else all in
// one column. Measured before the browser paints, and again whenever the widget's width or a grid's width changes.

import { gridWidth, setStyle, sizesOf } from "./grid.js";

const SIZES_PX = [30, 28, 26, 24, 22, 20, 18];
const GAP_PX = 30, NARROW_GAP_PX = 22;

/** Cell sizes that suit the longest side of any grid: large for a few numbers, small for many. */
const largestFor = (longest) => (longest <= 8 ? 30 : longest <= 10 ? 26 : longest <= 13 ? 22 : 18);

/** Watches the widget; `paint()` is called once colours are known, `measured()` when lines may be drawn. */
export function arrange(view, paint, measured, signal) {
  const { stage, lines, layout: { picture } } = view;
  let painted = stage.isConnected;
  const update = () => {
    if (!stage.isConnected || !stage.clientWidth) return;
    if (!painted) paint(); // a view is drawn before it is in the page, where no style has a value yet
    painted = true;
    choose(picture, stage);
    lines.measure(picture);
    measured();
  };
  const watch = new ResizeObserver(update);
  watch.observe(stage);
  watch.observe(picture.content);
  for (const plane of [...picture.rows.map((row) => row.input), picture.output]) {
    plane.box.addEventListener("scroll", () => { lines.measure(picture); measured(); }, { signal, passive: true });
    watch.observe(plane.grid.el);
  }
  signal.addEventListener("abort", () => watch.disconnect());
}

/** Picks the largest cells with which all fits in one row; below the smallest, another arrangement. */
function choose(picture, stage) {
  const { content } = picture;
  const grids = [...picture.rows.flatMap((row) => [row.input.grid, row.weight, row.product]), picture.output.grid];
  const longest = Math.max(...grids.flatMap((grid) => [grid.rows, grid.columns]));
  const most = largestFor(longest);
  const sizes = SIZES_PX.filter((size) => size <= most);
  const width = stage.clientWidth;
  const fits = (gap) => sizes.find((size) => size >= Math.min(22, most) && natural(picture, size, gap) <= width);
  const roomy = fits(GAP_PX), found = roomy ?? fits(NARROW_GAP_PX);
  const without = sizes.find((size) => natural(picture, size, NARROW_GAP_PX, false) <= width);
  const mode = found ? "wide" : without ? "below" : "narrow";
  const size = found ?? without ?? sizes.find((one) => widest(picture, one) <= width) ?? sizes.at(-1);
  if (content.dataset.mode !== mode) content.dataset.mode = mode;
  setStyle(content, { "--gap": `${roomy ? GAP_PX : NARROW_GAP_PX}px`, ...sizesOf(size) });
}

/** Width of the widest grid. */
const widest = (picture, size) => Math.max(
  ...[...picture.rows.map((row) => row.input.grid), picture.output.grid].map((grid) => gridWidth(grid, size)));

/** How wide everything would be in one row, with or without the output. */
function natural({ rows, ledger, output }, size, gap, withOutput = true) {
  const title = (el) => el.querySelector(".cl-title")?.firstChild ? titleWidth(el) : 0;
  const column = (pick, el) => Math.max(...rows.map((row) => Math.max(gridWidth(pick(row), size), title(el(row)))));
  const widths = [
    Math.max(column((row) => row.input.grid, (row) => row.input.el), ...rows.map((row) => overviewWidth(row.input))),
    column((row) => row.weight, (row) => row.blocks[1]),
    column((row) => row.product, (row) => row.blocks[2]),
    ledgerWidth(ledger, size),
  ];
  if (rows.length && rows[0].blocks.length > 3) widths.push(column((row) => row.sum, (row) => row.blocks[3]));
  if (withOutput) widths.push(Math.max(gridWidth(output.grid, size), title(output.el), overviewWidth(output)));
  return widths.reduce((a, b) => a + b, 0) + gap * (widths.length - 1);
}

/** As wide as it is, but for its cells: measured with those that it has, two sizes could take turns for ever. */
function ledgerWidth({ el, total, bias, result }, size) {
  const grids = [total, bias, result].filter(Boolean);
  const [now, then] = [(grid) => grid.el.offsetWidth, (grid) => gridWidth(grid, size)];
  return el.offsetWidth - Math.max(...grids.map(now)) + Math.max(...grids.map(then));
}

const overviewWidth = (plane) => plane.overview?.el.offsetWidth ?? 0;

function titleWidth(el) {
  const title = el.querySelector(".cl-title");
  const range = document.createRange();
  range.selectNodeContents(title);
  return Math.ceil(range.getBoundingClientRect().width);
}
