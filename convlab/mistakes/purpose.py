"""Mistakes about what a convolution is for: what it looks at, what it learns, what it costs; and how the course asks.

They come before the first formula, so most of them predict an option of a question; three predict a shape or a count.
"""

from math import prod

from convlab.mistakes.mistake import Mistake


def enlarged(spec, input_shape):
    """A picture with kH - 1 rows and kW - 1 columns more, where nothing but the kernel changes the size."""
    plain = spec.stride == spec.dilation == (1, 1) and not any(map(any, spec.pads))
    if not plain:
        return []
    H, W = (size + k - 1 for size, k in zip(input_shape[-2:], spec.kernel_size, strict=True))
    return [(*input_shape[:-3], spec.out_channels, H, W)]


def _one_grey_picture(spec, input_shape):
    """One channel, whatever the number of filters."""
    *batch, C_out, H_out, W_out = spec.output_shape(input_shape)
    return [(*batch, 1, H_out, W_out)] if C_out > 1 else []


def _one_filter(spec, input_shape=None):
    """The weights of one filter, and its bias."""
    return [prod(spec.weight_shape[1:]) + spec.bias] if spec.out_channels > 1 else []


def _one_bias(spec, input_shape=None):
    """All weights, and one bias."""
    return [prod(spec.weight_shape) + 1] if spec.bias and spec.out_channels > 1 else []


def _without_batch(spec, input_shape):
    """The shape that one picture of the batch gives."""
    return [spec.output_shape(input_shape)[1:]] if len(input_shape) == 4 else []


def _sides_added(spec, input_shape=None):
    """The sides of a filter added up in place of multiplied."""
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    return [C_out * (C_in_per_group + kH + kW) + C_out * spec.bias]


PURPOSE = (
    Mistake(
        "M118",
        "Conv2d adds pixels: it makes the picture larger.",
        "A window that has to fit inside stands at fewer places than there are pixels: without padding the output is "
        "smaller than the picture.",
        "00",
        facts=("S000-14",),
        statement="nn.Conv2d makes a picture larger by adding pixels.",
        truth="Without padding, the output of nn.Conv2d is never larger than the picture.",
        equals=("M143",),
        models={"output_shape": enlarged},
    ),
    Mistake(
        "M119",
        "Conv2d turns a colour picture into a grey one.",
        "Each filter gives a feature map of its own, and there are as many as you ask for; a map says how strongly a "
        "pattern is there, not how bright the picture is.",
        "00",
        facts=("S000-14",),
        statement="nn.Conv2d turns a colour picture into a grey one.",
        truth="nn.Conv2d gives one feature map for each of its filters.",
        models={"output_shape": _one_grey_picture, "count": _one_filter},
    ),
    Mistake(
        "M120",
        "Conv2d sorts the pixels by how bright they are, or by their colour.",
        "Every answer stays where its window is, and it tells how the pixels of the window differ, not how bright they "
        "are.",
        "00",
        facts=("S000-14",),
        statement="nn.Conv2d sorts the pixels of a picture by their colour.",
        truth="nn.Conv2d leaves every answer at the place of its window.",
    ),
    Mistake(
        "M121",
        "Without a convolution a network looks at each pixel by itself.",
        "A Linear layer joins every pixel to every output, so it sees all of them at once. What it lacks is that near "
        "pixels belong together, and that a pattern means the same everywhere.",
        "00",
        facts=("S001-5",),
        statement="Without Conv2d a network looks at each pixel by itself.",
        truth="In a Linear layer every output depends on every pixel.",
    ),
    Mistake(
        "M122",
        "Training finds the best filters, and nobody has to do anything.",
        "Training finds weights that are useful for the examples and the loss that people chose, and nothing else. "
        "The layers, the kernel size, the photographs and what they show remain their work.",
        "00",
        facts=("S000-6", "S000-12"),
        statement="Training finds the best filters there are, whatever the examples.",
        truth="Trained on other examples, the same layer ends up with other filters.",
    ),
    Mistake(
        "M123",
        "Fewer parameters make a network more accurate.",
        "Fewer parameters are cheaper, and they lower the risk of learning the examples by heart. They can also be too "
        "few to do the task at all.",
        "00",
        facts=("S001-6", "S001-45"),
        statement="Of two layers the one with fewer parameters is always the more accurate.",
        truth="A layer with fewer parameters can be the less accurate one.",
    ),
    Mistake(
        "M124",
        "The sides are added up.",
        "Each row meets each column, and each input meets each output: the numbers are multiplied, not added.",
        "00",
        facts=("S001-45", "S000-7"),
        statement="A Linear layer with 100 inputs and 20 outputs has 120 weights.",
        truth="A Linear layer with 100 inputs and 20 outputs has 2000 weights.",
        models={"count": _sides_added},
    ),
    Mistake(
        "M125",
        "A convolution works as our eyes do.",
        "The idea came from nerve cells of cats and monkeys, each of which watches a small area. But no nerve cell "
        "shares its weights with all others, as the places of a convolution do.",
        "00",
        facts=("S001-44",),
        statement="A convolution does what the eye and the brain do.",
        truth="Unlike nerve cells, all places of a convolution share their weights.",
    ),
    Mistake(
        "M126",
        "What I answer here, and how sure I am, is marked.",
        "Nobody marks you. How sure you are decides when a question comes back, and the checks run on your own machine "
        "to help you learn.",
        "00",
        facts=("S000-28",),
        statement="An answer given as a guess counts fewer points than a certain one.",
        truth="How sure you say you are decides when a question comes back.",
    ),
    Mistake(
        "M127",
        "Whoever runs a cell again gets other numbers, and the old answer is lost.",
        "A seed fixes the numbers of a question, and each answer is kept before you see what was said about it. Run "
        "the cell again, and both are there.",
        "00",
        facts=("S000-28",),
        statement="A question with the same seed has other numbers each time.",
        truth="A question with the same seed has the same numbers each time.",
    ),
    Mistake(
        "M173",
        "The layer has one bias for all its filters.",
        "Every filter has a bias of its own, and every output of a Linear layer too: add as many as there are.",
        "00",
        facts=("S001-42", "S003-13"),
        statement="nn.Conv2d(3, 8, 3) has one bias.",
        truth="nn.Conv2d(3, 8, 3) has 8 biases.",
        models={"count": _one_bias},
    ),
    Mistake(
        "M174",
        "What comes out is counted for one photograph, however many go in.",
        "Every photograph of a batch gives answers of its own: the number of photographs comes first in the output's "
        "shape too, and it counts even where it is 1.",
        "00",
        facts=("S004-21",),
        statement="A batch of 8 photographs gives an output whose shape has three numbers.",
        truth="A batch of 8 photographs gives an output whose shape begins with 8.",
        models={"output_shape": _without_batch},
    ),
)
