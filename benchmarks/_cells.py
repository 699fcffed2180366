"""The cells of the benchmark's notebook: our widgets, and the same with ``ipywidgets.interact`` and Matplotlib."""

from benchmarks._hands import HANDS

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
