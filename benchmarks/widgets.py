"""What the widgets cost, beside ``ipywidgets.interact`` with Matplotlib in the same run and the same browser.

    python3 -m convlab bench widgets [--quick] [--only=slider] [--only=im2col_loom]

Every event is a real one, sent by the browser's own input; the next one waits until the last has been painted.
"handler" is compute and redraw, as the widgets measure it; "to frame" is from the event to the painted frame.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from benchmarks._hands import HANDS
from benchmarks._timing import Timed, summary
from tests.browser.delay import delayed
from tests.browser.lab import ROOT, Lab, browser
from tests.browser.maps_truth import answers
from tests.browser.notebook import Notebook, write_notebook

DELAY_MS = 150
# What a widget says once Python agrees with what it draws, or has sent all there is.
AGREED = re.compile("computed the same|ran this model|Not trained yet")
KILOBYTE = 1000
MOST_JS_BYTES = 60_000

GRID = """
from convlab import ConvStepper
widget = ConvStepper(4, 8, kernel_size=3, padding=1, input=(1, 4, 16, 16))
widget
"""
PICTURE = "from convlab import KernelLab\nwidget = KernelLab(picture={picture!r}, kernel_size=(7, 7))\nwidget"
FIRST = "from convlab import ConvStepper\nConvStepper(1, 1, kernel_size=(2, 3), input=(1, 1, 4, 6))"

RIVAL = """
import torch
import matplotlib.pyplot as plt
from ipywidgets import interact
from torch.nn import functional as F

{setup}

@interact({slider})
def drawn({argument}):
    {change}
    pictures = [*{inputs}, *F.conv2d(input, weight, padding={padding})[0]]
    _, axes = plt.subplots(1, len(pictures), figsize=(2 * len(pictures), 2), squeeze=False)
    for axis, picture in zip(axes.flat, pictures):
        axis.imshow(picture)
    plt.show()
"""
# What any slider costs that Python answers: ipywidgets' own, of one number.
ECHO = """
import ipywidgets
asked, answer = ipywidgets.IntText(), ipywidgets.IntText()
asked.observe(lambda change: setattr(answer, "value", change["new"]), "value")
ipywidgets.HBox([asked, answer])
"""
ECHOED = """
(root, value) => new Promise((done) => {
  const [asked, answer] = root.querySelectorAll("input"), start = performance.now();
  const look = () => (answer.value === String(value) ? done(performance.now() - start) : setTimeout(look, 1));
  asked.value = value;
  for (const type of ["input", "change"]) asked.dispatchEvent(new Event(type, { bubbles: true }));
  look();
})
"""
# The rival shows the channels that the stepper shows, 4 of the input and 8 of the output, if without a number.
RIVAL_GRID = RIVAL.format(
    inputs="input[0]",
    setup="input, weight = torch.randn(1, 4, 16, 16), torch.randn(8, 4, 3, 3)",
    slider="value=(-40, 40)", argument="value=0", change="weight[0, 0, 1, 1] = value / 10", padding=1,
)  # fmt: skip
RIVAL_LAYOUT = RIVAL.format(
    inputs="input[0]",
    setup="", slider="size=(8, 40)", argument="size=16", padding=1,
    change="input, weight = torch.randn(1, 4, size, size), torch.randn(8, 4, 3, 3)",
)  # fmt: skip
# KernelLab's rival: one feature map alone, as such a notebook usually has it.
RIVAL_PICTURE = RIVAL.format(
    inputs="()",
    setup="input, weight = torch.rand(1, 1, 256, 256), torch.randn(1, 1, 7, 7)",
    slider="value=(-40, 40)", argument="value=0", change="weight[0, 0, 3, 3] = value / 10", padding=0,
)  # fmt: skip


CELLS = {
    "first": FIRST, "grid": GRID, **{hand.name: hand.cell for hand in HANDS},
    "grey": PICTURE.format(picture="camera"), "colour": PICTURE.format(picture="astronaut"),
    "rival-grid": RIVAL_GRID, "rival-layout": RIVAL_LAYOUT, "rival-picture": RIVAL_PICTURE,
    "echo": ECHO,
}  # fmt: skip


class Bench:
    """One JupyterLab, one browser, and the rows of the table as they are measured.

    Args:
        lab: the running ``Lab``.
        chromium: the running browser.
        quick: a fifth of the samples.
    """

    def __init__(self, lab, chromium, quick):
        self.lab, self.chromium = lab, chromium
        self.count = 24 if quick else 120
        self.fresh_kernels = 2 if quick else 5
        self.rows = []
        write_notebook(lab.folder / "bench.ipynb", list(CELLS.items()))

    def opened(self, url=None):
        """The notebook of all widgets and rivals in a page of its own."""
        page = self.chromium.new_context(viewport={"width": 1400, "height": 1100}).new_page()
        return Timed(Notebook(page, url or self.lab.url, "bench.ipynb"))

    def close(self, timed):
        timed.page.context.close()
        self.lab.stop_kernels()

    def row(self, what, samples, bound_ms=None, rival=None, faster=None):
        """Adds a row; prints it at once."""
        found = summary(samples)
        ratio = summary(rival)["median"] / found["median"] if rival else None
        kept = (bound_ms is None or found["p95"] <= bound_ms) and (faster is None or ratio >= faster)
        bound = [f"p95 <= {bound_ms:g} ms"] if bound_ms else []
        bound += [f">= {faster} x faster"] if faster else []
        cells = [
            f"{what:<58}{found['count']:>5}{found['median']:>9.1f}{found['p95']:>9.1f}",
            f"{summary(rival)['median']:>9.0f}{ratio:>8.1f}" if rival else f"{'':>17}",
            f"  {', '.join(bound):<34}{'kept' if kept else 'MISSED'}" if bound else "",
        ]
        print("".join(cells), flush=True)
        self.rows.append(kept)


def widget(timed, name, kind):
    """Runs a cell and gives the widget's root, all of it on the screen."""
    root = timed.notebook.run_widget(name, kind)
    root.get_by_text(AGREED).wait_for()
    return root


def rivals(timed, name, count):
    """Milliseconds from a key on the rival's slider to its painted picture."""
    timed.notebook.run_cell(name)
    timed.page.evaluate("convlabBench.watchImages()")
    cell = timed.notebook.cell(name)
    cell.locator(".jp-OutputArea img").first.wait_for()
    handle = cell.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    keys = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6
    return timed.each(timed.pressing(handle, keys, max(8, count // 5)))[1]


def grid_rows(bench, timed, rival, where):
    """Drag, hover and keys on 4 x 16 x 16 to 8 x 16 x 16."""
    root = widget(timed, "grid", "conv-stepper")
    weight = root.locator('[data-role="weight"][data-index="0,0,1,1"]')
    places = root.locator('[data-role="output"]')
    focus = root.locator('[data-role="output"][tabindex="0"]')
    keys = ["ArrowRight"] * 6 + ["ArrowDown"] + ["ArrowLeft"] * 6 + ["ArrowUp"]
    gestures = {
        "a weight dragged": lambda: timed.dragging(weight, bench.count),
        "an output hovered": lambda: timed.hovering(places, bench.count),
        "a key that moves the window": lambda: timed.pressing(focus, keys, bench.count),
    }
    for what, actions in gestures.items():
        handlers, frames = timed.each(actions())
        bench.row(f"{what}, 4x16x16 to 8x16x16{where}: handler", handlers, 8)
        bench.row(f"{what}, 4x16x16 to 8x16x16{where}: to frame", frames, None, rival, 10)


def picture_rows(bench, timed, rival, where):
    """One weight of 7 x 7 over 256 x 256."""
    for name in ("grey", "colour"):
        root = widget(timed, name, "kernel-lab")
        weight = root.locator('[data-role="weight"][tabindex]').nth(24)
        handlers, frames = timed.each(timed.dragging(weight, bench.count))
        bench.row(f"one weight of 7x7 dragged over 256x256 {name}{where}: handler", handlers, 16.7)
        bench.row(f"one weight of 7x7 dragged over 256x256 {name}{where}: to frame", frames, None, rival)


def hand_rows(bench, timed, rival, hands=HANDS):
    """A key and a whole new layout of each of the other widgets."""
    for hand in hands:
        root = widget(timed, hand.name, hand.kind or hand.name)
        handlers, _ = timed.each(timed.pressing(root.locator(hand.target).first, hand.keys, bench.count))
        bench.row(f"a key in {hand.what}: handler", handlers, hand.bound_ms)
        root.get_by_text(AGREED).wait_for()  # what Python answers to the keys is no layout
        codes = [hand.layouts[at % len(hand.layouts)] for at in range(bench.count // 2)]
        _, layouts = timed.each(timed.running(codes), "layouts")
        bench.row(f"a new layout of {hand.what}: compute and redraw", layouts, 50, rival)


def slider_rows(bench):
    """A slider that Python answers, at rest and beside a training as fast as it can be; on a page of its own."""
    timed = bench.opened()
    timed.notebook.run_cell("echo")
    echo = timed.notebook.cell("echo").locator(".widget-hbox")

    def echoes(first):
        return [echo.evaluate(ECHOED, first + at) for at in range(bench.count)]

    root = widget(timed, "feature-maps", "feature-maps")
    pictures = range(40, 40 + bench.count)
    ms = [answer["ms"] for answer in answers(root, pictures)]
    bench.row("another picture by FeatureMaps' slider: to its answer", ms, 100, echoes(1))
    root.get_by_role("button", name="Train").click()
    root.get_by_text("s left").wait_for()
    found = answers(root, reversed(pictures))
    assert {answer["phase"] for answer in found} == {"training"}, "the training ended before the slider did"
    bench.row("the same while it trains: to its answer", [answer["ms"] for answer in found], 100, echoes(1001))
    root.get_by_role("button", name="Stop").click()
    bench.close(timed)


def layout_rows(bench, timed, rival):
    """Another size, stride and channel count at once, as Python sets it."""
    widget(timed, "grid", "conv-stepper")
    settings = [(3 + at % 3, 5 + at % 4, 8 + at % 9, 9 + at % 8, 1 + at % 2) for at in range(bench.count // 2)]
    codes = [
        f"widget.set_layer({c}, {o}, kernel_size=(3, 2), stride=({s}, 1), input=(1, {c}, {h}, {w}))"
        for c, o, h, w, s in settings
    ]
    _, layouts = timed.each(timed.running(codes), "layouts")
    bench.row("a whole new layout of the stepper: compute and redraw", layouts, 50, rival)


def start_rows(bench):
    """From Run to the first widget alive, each time in a fresh kernel behind a fresh page."""
    times = {"first": [], "rival-grid": []}
    for _ in range(bench.fresh_kernels):
        for name, found in times.items():
            timed = bench.opened()
            timed.page.evaluate("convlabBench.watchImages()")
            found.append(timed.alive(name))
            bench.close(timed)
    bench.row("Run to the first widget alive, fresh kernel", times["first"], 1000, times["rival-grid"], 2)


def size_rows(bench):
    for file in sorted((ROOT / "convlab" / "widgets" / "built").glob("*.js")):
        size = file.stat().st_size
        kept = size <= MOST_JS_BYTES
        words = f"  {'<= 60 kB':<34}{'kept' if kept else 'MISSED'}"
        print(f"{f'JavaScript of {file.stem}, kB':<63}{size / KILOBYTE:>9.1f}{'':>26}{words}")
        bench.rows.append(kept)


def near_rows(bench):
    """Everything that is done by hand, on one page."""
    timed = bench.opened()
    rival = {name: rivals(timed, f"rival-{name}", bench.count) for name in ("grid", "layout", "picture")}
    bench.close(timed)
    timed = bench.opened()
    grid_rows(bench, timed, rival["grid"], "")
    picture_rows(bench, timed, rival["picture"], "")
    layout_rows(bench, timed, rival["layout"])
    hand_rows(bench, timed, rival["layout"])
    bench.close(timed)


def far_rows(bench):
    """The same with the kernel far away."""
    with delayed(bench.lab.port, DELAY_MS) as far:
        timed = bench.opened(far)
        late = rivals(timed, "rival-grid", bench.count)
        grid_rows(bench, timed, late, f", {DELAY_MS} ms away")
        picture_rows(bench, timed, late, f", {DELAY_MS} ms away")
        bench.close(timed)


def alone_rows(bench, hands):
    """What is done by hand to some of the other widgets, beside the rival."""
    timed = bench.opened()
    rival = rivals(timed, "rival-layout", bench.count)
    bench.close(timed)
    timed = bench.opened()
    hand_rows(bench, timed, rival, hands)
    bench.close(timed)


ROWS = {"start": start_rows, "near": near_rows, "slider": slider_rows, "far": far_rows, "sizes": size_rows}


def measure(bench, only=None):
    """Every row of the table, or those of some parts of it and of some widgets."""
    print(f"{'milliseconds':<58}{'n':>5}{'median':>9}{'p95':>9}{'rival':>9}{'ratio':>8}  bound", flush=True)
    for name, rows in ROWS.items():
        if not only or name in only:
            rows(bench)
    if hands := [hand for hand in HANDS if hand.name in (only or ())]:
        alone_rows(bench, hands)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="convlab bench widgets", description="Measures the widgets beside a rival.")
    parser.add_argument("--quick", action="store_true", help="a fifth of the samples")
    choices = [*ROWS, *(hand.name for hand in HANDS)]
    parser.add_argument(
        "--only", action="append", choices=choices, type=lambda text: text.replace("_", "-"), help="these rows alone"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, browser() as chromium:
        lab = Lab(Path(home) / "lab", notebooks=Path(home))
        try:
            bench = Bench(lab, chromium, options.quick)
            measure(bench, options.only)
        finally:
            lab.stop()
    missed = bench.rows.count(False)
    print(f"{len(bench.rows)} rows, {missed} of them over a bound." if missed else "Every bound is kept.")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
