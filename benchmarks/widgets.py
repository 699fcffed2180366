"""What the widgets cost, beside ``ipywidgets.interact`` with Matplotlib in the same run and the same browser.

    python3 -m convlab bench widgets [--quick] [--only=far]

Every event is a real one, sent by the browser's own input; the next one waits until the last has been painted.
"handler" is compute and redraw, as the widgets measure it; "to frame" is from the event to the painted frame.
"""

import re
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path

from benchmarks._cells import CELLS
from benchmarks._frame import Figures, Row, report
from benchmarks._hands import HANDS
from benchmarks._timing import Timed
from tests.browser.delay import delayed
from tests.browser.lab import ROOT, Lab, browser
from tests.browser.maps_slider import answers
from tests.browser.notebook import Notebook, write_notebook

DELAY_MS = 150
# What a widget says once Python agrees with what it draws, or has sent all there is.
AGREED = re.compile("computed the same|ran this model|Not trained yet")
RIVAL = "interact + imshow"
MOST_HANDLER_MS, MOST_PICTURE_MS, MOST_LAYOUT_MS, FASTER = 8, 16.7, 50, 10
QUICK_HANDS = slice(2, None, 3)  # LayerAnatomy, the Gabor sliders, GradientRouter, GroupsWiring
MOST_START_MS, FASTER_START = 1000, 2
MOST_ANSWER_MS = 100
KILOBYTE, MOST_JS_KB = 1000, 60
ECHOED = """
(root, value) => new Promise((done) => {
  const [asked, answer] = root.querySelectorAll("input"), start = performance.now();
  const look = () => (answer.value === String(value) ? done(performance.now() - start) : setTimeout(look, 1));
  asked.value = value;
  for (const type of ["input", "change"]) asked.dispatchEvent(new Event(type, { bubbles: true }));
  look();
})
"""


class Bench:
    """One JupyterLab, one browser, and how often everything is done.

    Args:
        lab: the running ``Lab``.
        chromium: the running browser.
        url: of a proxy in front of the lab.
        quick: a smaller sample, all on one page.
    """

    delay_ms = 0  # of the proxy

    def __init__(self, lab, chromium, url, quick):
        self.lab, self.chromium, self.url, self.quick = lab, chromium, url, quick
        self.count, self.hand_count, self.layout_count = (10, 5, 3) if quick else (120, 60, 40)
        self.rival_count, self.fresh_kernels = (3, 1) if quick else (24, 5)
        self.left = None
        write_notebook(lab.folder / "bench.ipynb", list(CELLS.items()))

    def page(self):
        """The notebook of all widgets and rivals, in the page that is open, or else in a new one."""
        if self.left is None:
            page = self.chromium.new_context(viewport={"width": 1400, "height": 1100}).new_page()
            self.left = Timed(Notebook(page, self.url, "bench.ipynb"))
        return self.left

    def fresh(self):
        """The notebook in a fresh kernel behind a fresh page; a quick run has one page alone."""
        if self.left and self.quick:
            self.left.notebook.restart_kernel()
        else:
            self.close()
            self.lab.stop_kernels()
        return self.page()

    def close(self):
        """Closes the page that is open."""
        if self.left:
            self.left.page.context.close()
        self.left = None

    def rivals(self, timed, name):
        """The figures of milliseconds from a key on the rival's slider to its painted picture."""
        timed.notebook.run_cell(name)
        timed.page.evaluate("convlabBench.watchNew()")
        cell = timed.notebook.cell(name)
        cell.locator(".jp-OutputArea img").first.wait_for()
        handle = cell.locator(".noUi-handle").first
        handle.scroll_into_view_if_needed()
        keys = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6
        return Figures.of(timed.each(timed.pressing(handle, keys, self.rival_count))[1])


def widget(timed, name, kind):
    """Runs a cell and gives the widget's root, all of it on the screen."""
    root = timed.notebook.run_widget(name, kind)
    root.get_by_text(AGREED).wait_for()
    return root


def beside(part, what, samples, rival, faster=None):
    """A row beside ``interact``.

    Args:
        part: where it belongs.
        what: what was measured.
        samples: milliseconds.
        rival: the rival's ``Figures``.
        faster: how many times faster it must be at least.
    """
    most = {"p95": MOST_LAYOUT_MS} if faster is None else {}
    return Row(part, what, Figures.of(samples), most=most, rival=RIVAL, theirs=rival, faster=faster)


def handler(part, what, samples, most):
    return Row(part, f"{what}: handler", Figures.of(samples), most={"p95": most})


def grid_rows(bench, timed, rival, part):
    """Drag, hover and keys on 4 x 16 x 16 to 8 x 16 x 16."""
    root = widget(timed, "grid", "conv-stepper")
    weight = root.locator('[data-role="weight"][data-index="0,0,1,1"]')
    places = root.locator('[data-role="output"]')
    focus = root.locator('[data-role="output"][tabindex="0"]')
    keys = ["ArrowRight"] * 6 + ["ArrowDown"] + ["ArrowLeft"] * 6 + ["ArrowUp"]
    gestures = {
        "ConvStepper, a weight dragged": lambda: timed.dragging(weight, bench.count),
        "ConvStepper, an output hovered": lambda: timed.hovering(places, bench.count),
        "ConvStepper, a key that moves the window": lambda: timed.pressing(focus, keys, bench.count),
    }
    for what, actions in gestures.items():
        handlers, frames = timed.each(actions())
        yield handler(part, what, handlers, MOST_HANDLER_MS)
        yield beside(part, f"{what}: to frame", frames, rival, FASTER)


def picture_rows(bench, timed, rival, part):
    """One weight of 7 x 7 over 256 x 256."""
    for name in ("grey", "colour"):
        root = widget(timed, name, "kernel-lab")
        weight = root.locator('[data-role="weight"][tabindex]').nth(24)
        handlers, frames = timed.each(timed.dragging(weight, bench.count))
        yield handler(part, f"KernelLab, {name}", handlers, MOST_PICTURE_MS)
        yield Row(part, f"KernelLab, {name}: to frame", Figures.of(frames), rival=RIVAL, theirs=rival)


def layout_row(bench, timed, rival, part):
    """Another size, stride and channel count at once, as Python sets it."""
    widget(timed, "grid", "conv-stepper")
    settings = [(3 + at % 3, 5 + at % 4, 8 + at % 9, 9 + at % 8, 1 + at % 2) for at in range(bench.layout_count)]
    codes = [
        f"widget.set_layer({c}, {o}, kernel_size=(3, 2), stride=({s}, 1), input=(1, {c}, {h}, {w}))"
        for c, o, h, w, s in settings
    ]
    _, layouts = timed.each(timed.running(codes), "layouts")
    return beside(part, "ConvStepper, a new layout" if part == "far" else "ConvStepper", layouts, rival)


def hand_rows(bench, timed, rival):
    """A key and a whole new layout of each of the other widgets, of some in a quick run; the layouts come last."""
    later = []
    for hand in HANDS[QUICK_HANDS] if bench.quick else HANDS:
        root = widget(timed, hand.name, hand.kind or hand.name)
        target = root.locator(hand.target).first
        handlers, _ = timed.each(timed.pressing(target, hand.keys, bench.hand_count))
        part = "hand" if hand.bound_ms == MOST_HANDLER_MS else "layout"
        moved = handler(part, f"{hand.what}, a key", handlers, hand.bound_ms)
        if part == "hand":
            yield moved
        else:
            later.append(moved)
        root.get_by_text(AGREED).wait_for()  # what Python answers to the keys is no layout
        codes = list(islice(cycle(hand.layouts), bench.layout_count))
        _, layouts = timed.each(timed.running(codes), "layouts")
        later.append(beside("layout", hand.what, layouts, rival))
    yield from later


def start_rows(bench):
    """From Run to the first widget alive, each time in a fresh kernel."""
    times = {"first": [], "rival-grid": []}
    for _ in range(bench.fresh_kernels):
        for name, found in times.items():
            found.append(bench.fresh().alive(name))
    ours, theirs = map(Figures.of, times.values())
    yield Row(
        "start", "ConvStepper", ours, most={"median": MOST_START_MS}, rival="torch + matplotlib", theirs=theirs,
        faster=FASTER_START,
    )  # fmt: skip


def near_rows(bench):
    """Everything that is done by hand; the rivals before it, on a page of their own."""
    timed = bench.page()
    rival = {name: bench.rivals(timed, f"rival-{name}") for name in ("grid", "layout", "picture")}
    timed = timed if bench.quick else bench.fresh()
    yield from grid_rows(bench, timed, rival["grid"], "hand")
    yield from hand_rows(bench, timed, rival["layout"])
    yield layout_row(bench, timed, rival["layout"], "layout")
    yield from picture_rows(bench, timed, rival["picture"], "picture")


def python_rows(bench):
    """A slider that Python answers, at rest and beside a training as fast as it can be."""
    timed = bench.page()
    timed.notebook.run_cell("echo")
    echo = timed.notebook.cell("echo").locator(".widget-hbox")
    echoes = Figures.of([echo.evaluate(ECHOED, 1 + at) for at in range(bench.count)])
    root = widget(timed, "feature-maps", "feature-maps")
    pictures = range(40, 40 + bench.count)

    def row(what, found):
        figures = Figures.of([answer["ms"] for answer in found])
        return Row("python", what, figures, most={"p95": MOST_ANSWER_MS}, rival="ipywidgets' echo", theirs=echoes)

    yield row("to its answer", answers(root, pictures))
    root.get_by_role("button", name="Train").click()
    root.get_by_text("s left").wait_for()
    found = answers(root, reversed(pictures))
    assert {answer["phase"] for answer in found} == {"training"}, "the training ended before the slider did"
    yield row("to its answer while it trains", found)
    root.get_by_role("button", name="Stop").click()


def far_rows(bench):
    """The same with the kernel far away."""
    timed = bench.page()
    bench.delay_ms = DELAY_MS
    rival = bench.rivals(timed, "rival-grid")
    yield from grid_rows(bench, timed, rival, "far")
    yield from picture_rows(bench, timed, rival, "far")
    yield layout_row(bench, timed, rival, "far")
    bench.delay_ms = 0


def size_rows(bench):
    """The bytes of every widget, of which the most are bound."""
    sizes = {file.stem: file.stat().st_size for file in (ROOT / "convlab" / "widgets" / "built").glob("*.js")}
    figures = Figures.of([size / KILOBYTE for size in sizes.values()])
    note = f"the largest: {max(sizes, key=sizes.get)}"
    yield Row("size", f"{len(sizes)} widgets", figures, unit="kB", most={"most": MOST_JS_KB}, note=note)


ROWS = {"start": start_rows, "python": python_rows, "near": near_rows, "far": far_rows, "size": size_rows}


def measure(options):
    """The rows, or those of some parts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, browser() as chromium:
        lab = Lab(Path(home) / "lab", notebooks=Path(home))
        try:
            with delayed(lab.port, lambda: bench.delay_ms) as url:
                bench = Bench(lab, chromium, url, options.quick)
                for name in options.only or ROWS:
                    yield from ROWS[name](bench)
                bench.close()
        finally:
            lab.stop()


if __name__ == "__main__":
    sys.exit(report(measure, "Measures the widgets beside a rival.", only=ROWS))
