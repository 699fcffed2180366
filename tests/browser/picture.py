"""The pictures of the README, taken in the real browser: python -m tests.browser.picture [FILE ...]

Each is a widget in JupyterLab after a run from the top. A part of it, made small, stands beside its lesson in the
table; the picture at the top moves.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image

from convlab import questions
from tests.browser.lab import ROOT, Lab, browser
from tests.browser.learner import answer, wrong_answer
from tests.browser.moving_picture import film_it
from tests.browser.notebook import Notebook, write_notebook

TRUE = "computed the same"  # what a widget says once Python agrees with what it draws


def nothing(root):
    """The widget as it is made."""
    root.get_by_text(TRUE).wait_for()


def another_place(root):
    """Another place of the output."""
    root.locator('[data-role="output"][data-index="0,1,2"]').click()
    root.get_by_text(TRUE).wait_for()


def another_row(root):
    """The second convolution's row, with its sizes and counts worked out."""
    root.get_by_text("ran this model").wait_for()
    root.locator('tr[data-at="5"] button').click()


def costly(root):
    """The second convolution of a network within a budget."""
    root.get_by_text("ran this model").wait_for()
    root.locator('tr[data-at="4"] button').click()


def scrambled(root):
    """Channels first by reshape, which scrambles the picture."""
    for choice in ("CHW", "reshape"):
        root.locator(f'input[value="{choice}"]').check()
    root.get_by_text(TRUE).wait_for()


def wrongly(root):
    """An answer that a mistake leads to."""
    question = questions.make("output-size", 7)
    answer(root, question, wrong_answer(question)[0])


def woven(root):
    """All columns woven, and one number of the product's sums pinned."""
    root.get_by_role("button", name="show all columns").click()
    root.locator('[data-role="output"][data-index="1,1,1"]').click()
    root.get_by_text(TRUE).wait_for()


def broken(root):
    """A network that stops, at the layer where it does."""
    root.locator("tr[data-at] button").last.click()


def trained(root):
    """Trained to the end."""
    root.get_by_role("button", name="▶ Train").click()
    root.get_by_role("button", name="▶ Train more").wait_for()


def stepped(root):
    """Twelve steps on the way to the kernel."""
    for _ in range(12):
        root.get_by_role("button", name="Whole step").click()
    root.get_by_text(TRUE).wait_for()


def cut(root):
    """Three groups, an input of the second muted."""
    root.get_by_role("button", name="3", exact=True).click()
    root.locator('.gw-channel[data-column="0"][data-channel="2"]').click()
    root.get_by_text(TRUE).wait_for()


# A notebook of a learner's own.
OWN_MODEL = [
    (
        "model",
        "from torch import nn\nfrom convlab import trace\nmodel = nn.Sequential(\n"
        "    nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),\n"
        "    nn.Conv2d(16, 32, (3, 5), padding=(1, 2)), nn.ReLU(), nn.MaxPool2d(2),\n"
        "    nn.Flatten(), nn.Linear(32 * 8 * 10, 10))",
    ),
    ("trace", "trace(model, (1, 3, 32, 40))"),
]

# file -> (notebook, cells to run, the widget to show, what to do with it)
PICTURES = {
    "lesson-02.png": ("02-convolution-by-hand.ipynb", ("setup", "explore-stepper"), "conv-stepper", another_place),
    "kernel-lab.png": ("02-convolution-by-hand.ipynb", ("setup", "explore-kernel"), "kernel-lab", nothing),
    "size-ruler.png": ("04-stride-and-padding.ipynb", ("setup", "explore-stride"), "size-ruler", nothing),
    "tensor-inspector.png": ("01-images-as-tensors.ipynb", ("setup", "explore-layout"), "tensor-inspector", scrambled),
    "layer-anatomy.png": ("03-the-conv2d-layer.ipynb", ("setup", "explore-weight"), "layer-anatomy", nothing),
    "receptive-field.png": (
        "05-dilation-and-receptive-field.ipynb",
        ("setup", "explore-field"),
        "receptive-field",
        nothing,
    ),
    "filter-bank.png": ("06-channels-and-filters.ipynb", ("setup", "explore-bank"), "filter-bank", nothing),
    "shape-tracer.png": ("own-model.ipynb", ("model", "trace"), "shape-tracer", another_row),
    "feature-maps.png": (
        "07-a-cnn-on-real-images.ipynb",
        ("setup", "simple-cnn", "digits", "digit-net", "explore-train"),
        "feature-maps",
        trained,
    ),
    "gradient-router.png": ("08-backprop.ipynb", ("setup", "tiny-case", "explore-input"), "gradient-router", nothing),
    "kernel-learner.png": ("08-backprop.ipynb", ("setup", "explore-learner"), "kernel-learner", stepped),
    "groups-wiring.png": ("10-grouped-convolution.ipynb", ("setup", "explore-wires"), "groups-wiring", cut),
    "im2col-loom.png": (
        "09-im2col-and-speed.ipynb",
        ("setup", "tiny-case", "explore-columns"),
        "im2col-loom",
        woven,
    ),
    "clinic.png": ("11-debugging-clinic.ipynb", ("setup", "ward", "explore-ward"), "shape-tracer", broken),
    "capstone.png": (
        "12-capstone.ipynb",
        ("setup", "torch-imports", "first-try", "explore-budget"),
        "shape-tracer",
        costly,
    ),
    "quiz-card.png": ("04-stride-and-padding.ipynb", ("setup", "predict-shape"), "quiz-card", wrongly),
}
WIDTH_PX = 1180
MOVING = "convlab.webp"

# lesson -> (picture, left, top and width of its part): what stands in the table of lessons
SMALL = {
    "00": ("kernel-lab.png", 0, 440, 1300),
    "01": ("tensor-inspector.png", 0, 285, 1300),
    "02": ("lesson-02.png", 0, 0, 1062),
    "03": ("layer-anatomy.png", 0, 440, 1300),
    "04": ("size-ruler.png", 0, 332, 1300),
    "05": ("receptive-field.png", 0, 662, 1100),
    "06": ("filter-bank.png", 0, 372, 1300),
    "07": ("feature-maps.png", 0, 60, 1300),
    "08": ("gradient-router.png", 0, 0, 1300),
    "09": ("im2col-loom.png", 0, 106, 1300),
    "10": ("groups-wiring.png", 0, 0, 1300),
    "11": ("clinic.png", 0, 0, 1300),
    "12": ("capstone.png", 0, 0, 1300),
}
SMALL_PX = (320, 200)


def take(lab, chromium, file, folder):
    """Takes one picture; returns its path."""
    name, cells, kind, act = PICTURES[file]
    if name == "own-model.ipynb":
        write_notebook(lab.folder / name, OWN_MODEL)
    page = chromium.new_context(viewport={"width": WIDTH_PX, "height": 2100}, device_scale_factor=1.3).new_page()
    notebook = Notebook(page, lab.url, name)
    for cell in cells[:-1]:
        notebook.run_cell(cell)
    root = notebook.run_widget(cells[-1], kind)
    act(root)
    page.mouse.move(2, 2)
    page.wait_for_function("node => node.getAnimations({ subtree: true }).length === 0", arg=root.element_handle())
    root.screenshot(path=Path(folder) / file)
    page.context.close()
    return Path(folder) / file


def make_small(lesson, folder):
    """Cuts the part of a lesson's picture that stands in the table; returns its path."""
    file, left, top, width = SMALL[lesson]
    part = (left, top, left + width, top + width * SMALL_PX[1] // SMALL_PX[0])
    (Path(folder) / "lessons").mkdir(exist_ok=True)
    path = Path(folder) / "lessons" / f"{lesson}.webp"
    with Image.open(Path(folder) / file) as whole:
        whole.convert("RGB").crop(part).resize(SMALL_PX, Image.Resampling.LANCZOS).save(path, quality=82, method=6)
    return path


def main(*wanted, folder=ROOT / "docs"):
    Path(folder).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, browser() as chromium:
        lab = Lab(Path(home) / "lab")
        try:
            for file in wanted or (MOVING, *PICTURES):
                if file == MOVING:
                    film_it(lab, chromium, Path(folder) / file)
                else:
                    take(lab, chromium, file, folder)
                print(f"{file}  {(Path(folder) / file).stat().st_size / 1000:.0f} kB")
        finally:
            lab.stop()
    for lesson in SMALL:
        print(make_small(lesson, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
