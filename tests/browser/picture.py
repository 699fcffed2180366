"""The pictures of the README, taken in the real browser: python -m tests.browser.picture

Each is the top of a notebook's cell as it looks in JupyterLab after a run from the top.
"""

import sys
import tempfile
from pathlib import Path

from tests.browser.lab import ROOT, Lab, browser
from tests.browser.notebook import Notebook

PLACE = '[data-role="output"][data-index="0,1,2"]'
# file -> (notebook, cells to run, the widget to show, what to click in it, how many pixels wide)
PICTURES = {
    "lesson-02.png": ("02-convolution-by-hand.ipynb", ("setup", "explore-stepper"), "conv-stepper", PLACE, 1180),
    "kernel-lab.png": ("02-convolution-by-hand.ipynb", ("setup", "explore-kernel"), "kernel-lab", None, 1180),
    "size-ruler.png": ("04-stride-and-padding.ipynb", ("setup", "explore-stride"), "size-ruler", None, 1180),
}


def take(lab, chromium, file, folder):
    """Takes one picture; returns its path."""
    name, cells, kind, click, width = PICTURES[file]
    page = chromium.new_context(viewport={"width": width, "height": 1700}, device_scale_factor=1.3).new_page()
    notebook = Notebook(page, lab.url, name)
    for cell in cells[:-1]:
        notebook.run_cell(cell)
    root = notebook.run_widget(cells[-1], kind)
    if click:
        root.locator(click).click()
    root.get_by_text("computed the same").wait_for()
    page.mouse.move(2, 2)
    page.wait_for_function("node => node.getAnimations({ subtree: true }).length === 0", arg=root.element_handle())
    root.screenshot(path=Path(folder) / file)
    page.context.close()
    return Path(folder) / file


def main(folder=ROOT / "docs"):
    Path(folder).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, browser() as chromium:
        lab = Lab(Path(home) / "lab")
        try:
            for file in PICTURES:
                taken = take(lab, chromium, file, folder)
                print(f"{taken}  {taken.stat().st_size / 1000:.0f} kB")
        finally:
            lab.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
