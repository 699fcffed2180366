// Thin lines over the picture: from the window's corners to the kernel's, from the sums to the total, from the result
// to its output cell. Measured when the layout changes, so that a move costs arithmetic only.

import { h } from "./dom.js";

/** Draws into `stage` (the positioned box around the picture's content). */
export function createLines(stage) {
  const svg = h("svg", { class: "cs-lines", "aria-hidden": "true" });
  stage.append(svg);
  let boxes = null;
  const paths = new Map();
  const path = (name, role) => {
    if (!paths.has(name)) {
      paths.set(name, h("path", { class: `cl-${role}` }));
      svg.append(paths.get(name));
    }
    return paths.get(name);
  };
  return {
    /** Reads where everything is. */
    measure(picture) {
      const origin = stage.getBoundingClientRect();
      boxes = measured(picture, origin);
      svg.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
    },
    /** Draws the lines of the place whose window is at `window` (padded) and whose output cell is [i, j]. */
    draw(picture, window, place) {
      if (!boxes) return;
      boxes.rows.forEach((row, at) => {
        const seen = cells(row.input, picture.rows[at].input.local(...window.at), window.size);
        path(`window${at}`, "input").setAttribute("d", seen ? joined(seen, row.kernel) : "");
        if (row.sum) path(`sum${at}`, "product").setAttribute("d", curve(row.sum, boxes.total));
      });
      const cell = cells(boxes.output, picture.output.local(...place), [1, 1]);
      path("result", "output").setAttribute("d", cell ? joined(boxes.result, cell) : "");
    },
    clear() {
      boxes = null;
      paths.clear();
      svg.replaceChildren();
    },
  };
}

function measured({ rows, ledger, output }, origin) {
  const box = (el) => {
    const { left, top, width, height } = el.getBoundingClientRect();
    return { x: left - origin.left, y: top - origin.top, width, height };
  };
  const plane = ({ grid, box: scroll }) => ({ ...box(grid.el), clip: box(scroll), grid });
  return {
    rows: rows.map((row) => ({
      input: plane(row.input), kernel: box(row.weight.el), sum: row.sum.el.isConnected ? box(row.sum.el) : null,
    })),
    total: beside(box(ledger.el), box(ledger.total.el)),
    result: beside(box(ledger.el), box(ledger.result.el)),
    output: plane(output),
  };
}

/** As high as the one, as wide as the other: lines stop at the ledger's edge, not on its words. */
const beside = (wide, high) => ({ ...high, x: wide.x, width: wide.width });

/** The box of some cells of a plane, null when they are scrolled out of sight. */
function cells({ x, y, width, height, clip, grid }, [i, j], [rows, columns]) {
  const pitch = { x: (width - 1) / grid.columns, y: (height - 1) / grid.rows };
  const found = { x: x + j * pitch.x, y: y + i * pitch.y, width: columns * pitch.x, height: rows * pitch.y };
  return found.x < clip.x - 1 || found.x + found.width > clip.x + clip.width + 2 ? null : found;
}

const joined = (from, to) => {
  const [right, left] = [from.x + from.width, to.x];
  return `M${right},${from.y}L${left},${to.y}M${right},${from.y + from.height}L${left},${to.y + to.height}`;
};

const curve = (from, to) => {
  const [x, y, X, Y] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
  const bend = (X - x) / 2;
  return `M${x},${y}C${x + bend},${y} ${X - bend},${Y} ${X},${Y}`;
};
