"""The thirteen lessons: what each is called and good for, where its notebook is, how long it takes.

A lesson is there as soon as its notebook is. Nothing heavy is imported here.
"""

import json
import re
from pathlib import Path

TITLES = {
    "00": "Start",
    "01": "Images as tensors",
    "02": "Convolution by hand",
    "03": "The Conv2d layer",
    "04": "Stride and padding",
    "05": "Dilation and receptive field",
    "06": "Channels and filters",
    "07": "A CNN on real images",
    "08": "Backprop",
    "09": "im2col and speed",
    "10": "Grouped convolution",
    "11": "Debugging clinic",
    "12": "Capstone",
}

GIVES = {
    "00": "say what Conv2d is for, and why not a Linear layer; choose your way through",
    "01": "read and convert (H, W, C), (C, H, W), (N, C, H, W); grey and colour, types and scales",
    "02": "compute any cell of an output; say what a kernel does, and with which sign",
    "03": "construct it; predict its weight, bias and output shapes; read its errors",
    "04": "derive the size formula, floor included; say which pixels are never read",
    "05": "say what one output sees, through a stack of layers",
    "06": "sum over channels, stack filters, count parameters, set weights safely",
    "07": "build, train and look into a network that reads digits",
    "08": "derive and check the three gradients; learn a kernel",
    "09": "turn a convolution into one matrix product; measure honestly",
    "10": "count what groups, depthwise and separable layers save",
    "11": "diagnose twelve real failures, the silent ones included",
    "12": "design a network within a budget, and defend it",
}


def notebooks(folder=None):
    """Lesson -> the path of its notebook, for those that are there.

    Args:
        folder: where to look; None looks beside the running notebook, then in the clone that this package is from.
    """
    beside = (Path(), Path("notebooks"), Path(__file__).parents[1] / "notebooks")
    for place in (Path(folder),) if folder else beside:
        found = {path.name[:2]: path for path in sorted(place.glob("[0-9][0-9]-*.ipynb"))}
        if found:
            return {name: path for name, path in found.items() if name in TITLES}
    return {}


def texts(book):
    """The sources of the Markdown cells of a notebook; none where it cannot be read.

    Args:
        book: its path.
    """
    try:
        cells = json.loads(book.read_text(encoding="utf8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def minutes(book):
    """How long a lesson takes, as its notebook says it: "40"; "coming" where there is none yet.

    Args:
        book: the path of a notebook, or None.
    """
    if book is None:
        return "coming"
    found = re.search(r"About (\d+|an|two|three) (minute|hour)", "\n".join(texts(book)))
    if not found:
        return "-"
    count = {"an": 1, "two": 2, "three": 3}.get(found[1]) or int(found[1])
    return str(count * (60 if found[2] == "hour" else 1))
