"""Driving a notebook by hand and by key, one event at a time, and reading what the page measured."""

from bisect import bisect
from pathlib import Path

from playwright.sync_api import TimeoutError

IN_PAGE = (Path(__file__).parent / "_in_page.js").read_text(encoding="utf8")
STEP_PX = 8  # one step of a dragged number
LOST_MS = 20_000  # an event without an answer for so long was lost


class Timed:
    """A notebook whose page measures itself."""

    def __init__(self, notebook):
        self.notebook, self.page = notebook, notebook.page
        self.page.evaluate(IN_PAGE)

    def alive(self, name, patience_ms=LOST_MS):
        """Milliseconds from the start of a cell's run to the first picture that is painted."""
        self.page.evaluate("convlabBench.watchNew()")
        self.notebook.show(name)  # what is far from the screen is not drawn
        both = "Promise.all([convlabBench.next(), convlabTest.runCell(id)])"
        run = f"([id, patience]) => convlabTest.within(patience, {both}).then(([milliseconds]) => milliseconds)"
        return self.page.evaluate(run, [name, patience_ms])

    def each(self, actions, what="frames"):
        """Does one action after the other, each when the last has been painted.

        Returns:
            (handlers, what) in milliseconds; several of one event (a cell's and its widget's) are added up.
        """
        self.page.evaluate("convlabBench.clear()")
        for number, action in enumerate(actions):
            self._answered(action, what, number)
        found = self.page.evaluate("convlabBench")
        ended = found["frames"] if what == "frames" else _sums(found["begins"], found[what])
        return _sums(found["begins"], found["handlers"]), ended

    def _answered(self, action, what, number, tries=3):
        """Does one action, and once more where the page lost it: a busy JupyterLab may take the focus for a moment."""
        for left in reversed(range(tries)):
            self.page.evaluate("convlabBench.begin()")
            action()
            try:
                self.page.wait_for_function(
                    "([what, n]) => convlabBench[what].length > n", arg=[what, number], timeout=LOST_MS
                )
                return
            except TimeoutError:
                if not left:
                    raise
                print(f"What was done drew nothing within {LOST_MS / 1000:g} s, and is done again.", flush=True)

    def dragging(self, cell, count):
        """Actions that drag a number up and down by one step, and a last one that lets go."""
        cell.scroll_into_view_if_needed()
        box = cell.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        for number in range(count):
            # Up for six steps and down for six; never back to where the last event was.
            at = [1, 2, 3, 4, 5, 6, 5, 4, 3, 2, 1, 0][number % 12]
            yield lambda at=at: mouse.move(x, y - at * STEP_PX)
        mouse.up()

    def hovering(self, cells, count):
        """Actions that point at one cell after the other."""
        cells.first.scroll_into_view_if_needed()
        boxes = [cell.bounding_box() for cell in cells.all()[: max(2, count)]]
        for number in range(count):
            box = boxes[number % len(boxes)]
            yield lambda box=box: self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def pressing(self, target, keys, count):
        """Actions that press the keys in turn."""
        target.focus()
        for number in range(count):
            yield lambda number=number: self.page.keyboard.press(keys[number % len(keys)])

    def running(self, codes):
        """Actions that run code in the kernel: what Python sets."""
        self.page.evaluate("convlabBench.watchModels()")
        for code in codes:
            yield lambda code=code: self.notebook.python(code)


def _sums(begins, entries):
    """What each event took together, of [start, duration]; an event without an entry is left out."""
    sums = [0.0] * len(begins)
    for start, duration in entries:
        sums[bisect(begins, start) - 1] += duration
    return [total for total in sums if total]
