// Cells as large as the space allows: the matrices in two columns with the output beside them, else under them, else all
// in one column. Measured before the browser paints, and again whenever the widget's width changes.

const SIZES_PX = [28, 26, 24, 22, 20, 18];
const GAP_PX = 28;

const fontFor = (size) => (size >= 26 ? 13 : size >= 22 ? 12 : 10);
const roomFor = (size) => (size >= 22 ? 6 : 2);
const largestFor = (longest) => (longest <= 9 ? 28 : longest <= 13 ? 24 : longest <= 18 ? 22 : 20);

/** Watches the width of the stage; `paint()` is called once colours are known; `signal` ends with the picture. */
export function arrange(stage, picture, paint, signal) {
  let painted = stage.isConnected;
  const update = () => {
    if (!stage.isConnected || !stage.clientWidth) return;
    if (!painted) paint(); // a view is drawn before it is in the page, where no style has a value yet
    painted = true;
    choose(picture, stage.clientWidth);
  };
  const watch = new ResizeObserver(update);
  watch.observe(stage);
  watch.observe(picture.content);
  signal.addEventListener("abort", () => watch.disconnect());
  update();
}

function choose({ content, parts, sheets, view }, width) {
  const longest = Math.max(...sheets.flatMap(({ grid }) => [grid.rows, grid.columns]));
  const sizes = SIZES_PX.filter((size) => size <= largestFor(longest));
  const part = (name, size) => Math.max(0, ...(parts[name] ?? []).map((one) => (one.grid ? sheetWidth(one, size) : 0)));
  const row = (name, size) => (parts[name] ?? []).reduce((sum, one) => sum + (one.grid ? sheetWidth(one, size) + 16 : 24), 0);
  const modes = {
    matrix: {
      wide: (size) => Math.max(part("input", size), part("weight", size)) + Math.max(part("column", size), part("product", size)) + part("output", size) + 2 * GAP_PX,
      below: (size) => Math.max(part("input", size), part("weight", size)) + Math.max(part("column", size), part("product", size)) + GAP_PX,
    },
    sliding: { wide: (size) => part("input", size) + part("kernel", size) + part("output", size) + 2 * GAP_PX },
    fold: { wide: (size) => part("column", size) + row("back", size) + GAP_PX, below: (size) => Math.max(part("column", size), row("back", size)) },
  }[view];
  const found = Object.entries(modes).flatMap(([mode, of]) => sizes.filter((size) => size >= Math.min(20, sizes[0])).map((size) => ({ mode, size, of })))
    .find(({ size, of }) => of(size) <= width);
  const alone = sizes.find((size) => Object.keys(parts).every((name) => part(name, size) <= width)) ?? sizes.at(-1);
  const { mode, size } = found ?? { mode: "narrow", size: alone };
  if (content.dataset.mode !== mode) content.dataset.mode = mode;
  for (const [name, value] of Object.entries({ "--size": `${size}px`, "--cell-font": `${fontFor(size)}px`, "--cell-room": `${roomFor(size)}px` })) {
    if (content.style.getPropertyValue(name) !== value) content.style.setProperty(name, value);
  }
}

/** Title, heads, grid or picture, whatever is the widest. */
function sheetWidth({ grid, down, overview, el }, size) {
  const cell = Math.max(size, grid.chars * 0.61 * fontFor(size) + roomFor(size));
  const numbers = grid.columns * (Math.ceil(cell) + 1) + 1 + (down ? 44 : 0);
  return Math.max(numbers, overview ? parseFloat(overview.el.style.width) : 0, el.firstChild.textContent.length * 7.4 + 24);
}
