"""Every widget of the course on one page, alive: what one moves in it and sees, where it is used, how it is made."""

import re
from dataclasses import dataclass
from html import escape

from .said import Said
from .syllabus import TITLES, notebooks

TITLE = "Every widget of the course"
INTRODUCTION = (
    "All are alive: move them. The code above each makes it in a cell of your own; what you can move "
    "by hand you can also set by its arguments."
)
CODE = "margin:0;padding:8px 12px;border-radius:4px;background:var(--jp-layout-color2,#f3f4f6);overflow-x:auto"


@dataclass(frozen=True)
class Exhibit:
    """One widget on the page.

    Args:
        name: its class.
        words: what one moves and what one sees.
        code: what a learner would write; its last line makes the widget.
        calls: what else makes one, as it stands in a notebook: "trace(".
    """

    name: str
    words: str
    code: str
    calls: tuple[str, ...] = ()

    @property
    def anchor(self):
        """The name of its place on the page."""
        return "gallery-" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.name).lower()

    @property
    def source(self):
        """The code with its imports, as it runs in an empty notebook."""
        made = re.match(r"\w+", self.code)[0]
        torch = "from torch import nn\n" if "nn." in self.code else ""
        return f"{torch}from convlab import {made}\n{self.code}"

    def make(self):
        """The widget."""
        names = {}
        exec(self.source.removesuffix(self.code), names)
        return eval(self.code, names)

    def lessons(self, texts):
        """The lessons in which it is used.

        Args:
            texts: lesson -> all that stands in its notebook.
        """
        calls = (f"{self.name}(", *self.calls)
        return [lesson for lesson, text in texts.items() if any(_is_called(call, text) for call in calls)]


EXHIBITS = (
    Exhibit(
        "TensorInspector",
        "Go from (H, W, C) to (C, H, W) by permute and by reshape, pin a number, and see where it lies in memory, and "
        "which of the two scrambles the picture.",
        "TensorInspector()",
    ),
    Exhibit(
        "ConvStepper",
        "Move the window over the input, change any number, and see how one output number comes together: the "
        "products, their sums, the bias.",
        "ConvStepper(1, 1, kernel_size=(2, 3), input=(1, 1, 4, 6))",
    ),
    Exhibit(
        "KernelLab",
        "Drag the weights of a kernel, or choose one by name, and see what it does to a photograph, sign included.",
        'KernelLab(kernel="Sobel x", picture="cat")',
    ),
    Exhibit(
        "LayerAnatomy",
        "Change any argument of nn.Conv2d, light one weight, and see its filter, the shapes, and the count of "
        "parameters with its derivation.",
        "LayerAnatomy(3, 4, kernel_size=(3, 2), input=(1, 3, 5, 6))",
    ),
    Exhibit(
        "SizeRuler",
        "Set size, kernel, stride, padding and dilation, and see every window on a ruler, the pixels that no window "
        "reads, and the formula with your numbers.",
        "SizeRuler(1, 1, kernel_size=(3, 5), stride=(2, 1), input=(1, 1, 8, 11))",
    ),
    Exhibit(
        "ReceptiveField",
        "Stack layers, click a unit, and see all the pixels that it reads through them, holes included.",
        'ReceptiveField([{"kernel_size": (3, 5), "stride": 2}, {"kernel_size": (2, 3)}], input=(17, 23))',
    ),
    Exhibit(
        "FilterBank",
        "Mute an input channel or a filter, turn a Gabor bank, and see every filter beside the feature map that it "
        "gives.",
        'FilterBank(["Sobel x", "Sobel y", "outline", "Gaussian blur"], "patches")',
    ),
    Exhibit(
        "GradientRouter",
        "Click a pixel, a weight or the bias, and see which products its gradient is the sum of, by scatter or by "
        "gather.",
        'GradientRouter(1, 1, kernel_size=(2, 3), input=(1, 1, 4, 6), view="input", cell=(0, 0, 1, 2))',
    ),
    Exhibit(
        "KernelLearner",
        "Let a kernel learn by gradient descent, step by step, change the learning rate, and see it arrive or explode.",
        "KernelLearner([[1, 0, -1], [2, 0, -2]], start=0, lr=0.1)",
    ),
    Exhibit(
        "Im2colLoom",
        "Weave the windows of a picture into the columns of a matrix, pin a number, and see the one product that is "
        "the whole layer.",
        "Im2colLoom(2, 3, kernel_size=(2, 3), input=(1, 2, 3, 5))",
    ),
    Exhibit(
        "GroupsWiring",
        "Change the groups, mute a channel, switch the shuffle on, and see who still hears it and what the groups "
        "save.",
        "GroupsWiring(6, 9, kernel_size=(2, 3), groups=3, input=(1, 6, 7, 9))",
    ),
    Exhibit(
        "QuizCard",
        "Answer a question with new numbers each time, and see, where you are wrong, which idea led you there.",
        'quiz("02")',
        ("quiz(", "predict("),
    ),
    # These two need torch, whose first import takes seconds: they come when all others are there.
    Exhibit(
        "ShapeTracer",
        "Follow a model of your own layer by layer, change the size of its input, and see every shape, what it costs, "
        "and where it breaks.",
        "ShapeTracer(nn.Sequential(nn.Conv2d(3, 8, kernel_size=(3, 5)), nn.ReLU(), nn.MaxPool2d(2),\n"
        "                          nn.Flatten(), nn.Linear(8 * 15 * 22, 10)), (2, 3, 32, 48))",
        ("trace(",),
    ),
    Exhibit(
        "FeatureMaps",
        "Let a network learn to read digits, go back to any step, and see its filters, its feature maps and its "
        "mistakes.",
        "FeatureMaps()",
    ),
)


def _is_called(call, text):
    return re.search(rf"(?<![\w.]){re.escape(call)}", text) is not None


class Gallery:
    """The widgets one after the other, as a cell's last line; their names and sentences in a terminal.

    They are made one by one, top down, so that the first is alive at once, and what comes later comes below it.

    Args:
        exhibits: what is shown.
        books: lesson -> the path of its notebook; None looks for them.
    """

    def __init__(self, exhibits=EXHIBITS, books=None):
        self._exhibits = exhibits
        self._books = notebooks() if books is None else books

    def __repr__(self):
        wide = max(len(it.name) for it in self._exhibits)
        return "\n".join(f"{it.name:<{wide}}  {it.words}" for it in self._exhibits)

    def _ipython_display_(self):
        from IPython.display import display

        texts = {lesson: path.read_text(encoding="utf8") for lesson, path in self._books.items()}
        display(Said(INTRODUCTION, self._top()))
        for it in self._exhibits:
            display(Said(it.words, self._head(it, it.lessons(texts))))
            display(it.make())

    def _top(self):
        names = " · ".join(f'<a href="#{it.anchor}">{it.name}</a>' for it in self._exhibits)
        return f'<h2>{TITLE}</h2><p style="max-width:46rem">{INTRODUCTION}</p><p>{names}</p>'

    def _head(self, it, lessons):
        title = f'<h3 id="{it.anchor}">{it.name}</h3>'
        words = f'<p style="max-width:46rem">{escape(it.words)}</p>'
        code = f'<code style="background:none">{escape(it.source)}</code>'
        code = f'<pre style="{CODE}" tabindex="0" role="group" aria-label="code of {it.name}">{code}</pre>'
        return f"{title}{words}<p>{self._where(lessons)}</p>{code}"

    def _where(self, lessons):
        if not lessons:
            return "In no lesson yet."
        if len(lessons) > 3 and lessons == list(self._books):
            return "In every lesson."
        links = [f'<a href="{escape(self._books[it].name)}">{escape(f"{it} {TITLES[it]}")}</a>' for it in lessons]
        return f"In {' · '.join(links)}"


def gallery():
    """Every widget of the course on one page, alive, each with the lessons that use it and the code that makes it.

    Example:
        >>> gallery()
        TensorInspector  Go from (H, W, C) to (C, H, W) by permute and by reshape, pin a number, and see where it ...
        ConvStepper      Move the window over the input, change any number, and see how one output number comes ...
        ...
    """
    return Gallery()
