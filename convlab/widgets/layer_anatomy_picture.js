// One channel, kernel or feature map: numbers where they fit, else a picture, else an empty frame; and over it what is
// marked, in units of its cells.

import { createCanvas, paint, palette } from "./conv_stepper_canvas.js";
import { become, h } from "./dom.js";
import { createGrid } from "./grid.js";
import { box } from "./size_ruler_shapes.js";
import { ROW_PX } from "./layer_anatomy_arrange.js";

/**
 * role, prefix: what every cell's data-role is, and what its data-index begins with; drawn: {kind, cell, width,
 * height}; label: what it is; name(i, j): what one number is, where numbers can be moved; from: what this picture was
 * before, whose elements stay where it is of the same kind.
 *
 * Returns {el, grid, fill(values, root), mark(taps, one), cellAt(event)}.
 */
export function createPicture({ role, prefix, rows, columns, drawn, label, name, from }) {
  const old = from?.kind === drawn.kind ? from : null;
  const marks = old?.marks ?? h("svg", { class: "la-marks", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("path", { class: "la-taps" }), h("path", { class: "la-one" }));
  marks.setAttribute("viewBox", `0 0 ${columns} ${rows}`);
  const part = { kind: drawn.kind, rows, columns, grid: null, marks };
  if (drawn.kind === "numbers") {
    part.grid = createGrid({ role, rows, columns, label, name, index: (i, j) => `${prefix},${i},${j}`, from: old?.grid });
    part.grid.el.style.gridTemplateColumns = `repeat(${columns}, ${drawn.cell + 1}px)`;
    part.grid.el.style.setProperty("--size", `${ROW_PX}px`);
    if (name && !old) part.grid.cells[0].tabIndex = -1; // the table offers one of all its cells
    part.inside = part.grid.el;
  } else if (drawn.kind === "canvas") {
    part.inside = createCanvas({ role, index: prefix, rows, columns, label, from: old?.inside });
  } else {
    part.inside = h("span", { class: "la-blank", role: "img", "aria-label": label }, `${rows} × ${columns}`);
  }
  const classes = `la-pic la-${drawn.kind} cl-${role}`;
  part.el = old?.el ?? h("div", { class: classes, data: { part: role, of: prefix } });
  become(part.el, [part.inside, marks]);
  if (!part.grid) {
    part.el.style.width = `${drawn.width}px`;
    part.el.style.height = `${drawn.height}px`;
  }
  return Object.assign(part, filling(part, role), marking(...marks.children), { cellAt: (event) => cellAt(part, event) });
}

function filling(part, role) {
  return {
    /** Draws all numbers; null where they were not computed. */
    fill(values, root) {
      if (!values || part.kind === "frame") return;
      if (part.grid) part.grid.fill(values);
      else paint(part.inside, Array.from(values), palette(root, role));
    },
  };
}

function marking(taps, one) {
  const outline = (cells) => (cells ?? []).map(([i, j]) => box(j, i, 1, 1)).join("");
  const draw = (path, cells) => {
    const d = outline(cells);
    if (path.convlabShape !== d) path.setAttribute("d", path.convlabShape = d);
  };
  return {
    /** Marks cells as [row, column]; a cell outside is drawn outside. */
    mark(cells, single) {
      draw(taps, cells);
      draw(one, single);
    },
  };
}

/** [row, column] under an event, null for none. */
function cellAt({ grid, inside, kind, rows, columns }, event) {
  if (kind === "frame") return null;
  if (grid) {
    const cell = event.target.closest(".cl-cell");
    return cell && grid.el.contains(cell) ? cell.dataset.index.split(",").slice(-2).map(Number) : null;
  }
  if (event.target !== inside) return null;
  const at = (offset, size, count) => Math.min(count - 1, Math.max(0, Math.floor((offset / size) * count)));
  return [at(event.offsetY, inside.clientHeight, rows), at(event.offsetX, inside.clientWidth, columns)];
}

/** Words above a picture: a short name, and the code that gives it. */
export const caption = (text, code, kind) =>
  h("p", { class: `la-caption cl-${kind}` }, text && h("span", {}, text), h("code", {}, code));
