// Brings a picture up to date after a move: what is marked, framed, lit, and which ways are drawn.

import { placeOfCell, spots, windowOf } from "./gradient_router_picture.js";

/** More ways than this are not drawn: they would be a blot. */
const MOST_WAYS = 400;

/** Marks all that this cell's first `shown` products touch; returns where each of them is on the screen. */
export function drawMarks(picture, cell, terms, shown) {
  const { left, rows, target, view, pixel, gathers, counts } = picture;
  const here = placeOfCell(picture, cell);
  if (view === "bias" && rows[0].o !== cell[0]) rows[0].right.show(cell[0]);
  const found = terms.slice(0, Math.min(shown, MOST_WAYS)).map((term) => spots(picture, term));
  bringIntoSight(picture, cell, here, found);
  target.mark("here", [here]);
  if (left && (!pixel || gathers || found.some((spot) => spot?.pixel))) {
    const others = found.flatMap((spot) => (spot?.pixel && String(spot.pixel) !== String(here) || !pixel ? [spot?.pixel] : []));
    left.mark("reads", others.filter(Boolean));
  }
  for (const row of rows) {
    const own = found.filter((spot) => spot?.row === row);
    row.right.mark("reads", own.flatMap(({ place }) => (place ? [place] : [])));
    if (pixel) row.middle.mark("tap", own.map(({ tap }) => tap));
    row.right.frame(gathers && view === "input" ? windowOf(picture, cell) : null);
  }
  left?.frame(gathers && view === "weight" ? windowOf(picture, cell) : null);
  counts?.draw();
  const pinned = target.cell(...here);
  if (pinned?.hasAttribute("tabindex")) target.grid.offer(pinned);
  return found;
}

/** Where a plane is too large to be seen whole: the cells that this is about. */
function bringIntoSight(picture, cell, here, found) {
  const { left, rows, view, gathers, target } = picture;
  target.moveTo(...here);
  for (const row of rows) {
    const places = found.flatMap((spot) => (spot?.row === row && spot.place ? [spot.place] : []));
    if (gathers && view === "input") row.right.moveTo(...windowOf(picture, cell));
    else if (picture.pixel && places.length) {
      const [first, last] = [Math.min, Math.max].map((of) => [0, 1].map((axis) => of(...places.map((place) => place[axis]))));
      row.right.moveTo(...first, last[0] - first[0] + 1, last[1] - first[1] + 1);
    }
  }
  if (view === "weight") left.moveTo(cell[2] * picture.g.dH, cell[3] * picture.g.dW, left.grid.rows, left.grid.columns);
}

/** Lights one product wherever it stands; null puts all lights out. */
export function light({ left, rows }, spot) {
  left?.mark("lit", spot?.pixel ? [spot.pixel] : []);
  for (const row of rows) {
    row.middle.mark("lit", spot?.row === row ? [spot.tap] : []);
    row.right.mark("lit", spot?.row === row && spot.place ? [spot.place] : []);
  }
}

/** The number of the product that a cell of a plane takes part in, null for none. */
export function termAt(picture, terms, plane, place) {
  const same = (one) => one && String(one) === String(place);
  const at = terms.findIndex((term) => {
    const spot = spots(picture, term);
    if (!spot) return false;
    return (plane === spot.row.right && same(spot.place)) || (plane === spot.row.middle && same(spot.tap))
      || (plane === picture.left && same(spot.pixel));
  });
  return at < 0 ? null : at;
}

/** The number at the pinned cell, where the view shows the input itself. */
export const valueAt = ({ g, router, view }, [n, c, i, j]) =>
  (view === "forward" ? router.layer.input[((n * g.C + c) * g.H + i) * g.W + j] : null);
