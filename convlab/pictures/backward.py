"""Printed figures of the way back: one product, what a tap met, what a pixel fed, and losses over the steps."""

from numbers import Real

import numpy as np

from ..refusals import ArgumentError, came, one_sentence
from ..shapes import pair
from .figures import Drawing, _colour, _draw_grid, _signed
from .tables import as_array, format_number


@one_sentence
def draw_product(pixel, weight, gradient):
    """A printed figure of one product: forward the pixel meets the weight, backward each gets its share of the fault.

    Args:
        pixel, weight: the two numbers multiplied.
        gradient: that of the output which the product is added to.

    Example:
        >>> draw_product(1, 3, 2)
        to the pixel 2·3 = 6; to the weight 2·1 = 2
    """
    from matplotlib.figure import Figure

    pixel, weight, gradient = float(pixel), float(weight), float(gradient)
    shares = {"pixel": gradient * weight, "weight": gradient * pixel}
    figure = Figure(figsize=(7.6, 2.7), dpi=110)
    axes, purple = figure.subplots(), _colour("gradient")
    _draw_box(axes, (0, 1.6), "input", f"pixel\n{format_number(pixel)}")
    _draw_box(axes, (0, 0), "weight", f"weight\n{format_number(weight)}")
    _draw_box(axes, (3.6, 0.8), "product", f"product\n{format_number(pixel * weight)}")
    _draw_box(axes, (7, 0.8), "output", "output\nadds it up")
    for start, end in (((1.25, 2.2), (3.5, 1.6)), ((1.25, 0.5), (3.5, 1.15)), ((4.85, 1.5), (6.9, 1.5))):
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "0.45", "linewidth": 1.2})
    backs = [((3.5, 1.9), (1.25, 2.6)), ((3.5, 0.85), (1.25, 0.1)), ((6.9, 1.1), (4.85, 1.1))]
    for start, end in backs:
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": purple, "linewidth": 2})
    by_pixel = f"{_signed(gradient)}·{_signed(weight)} = {format_number(shares['pixel'])}"
    by_weight = f"{_signed(gradient)}·{_signed(pixel)} = {format_number(shares['weight'])}"
    look = {"color": purple, "weight": "bold", "size": 11}
    axes.text(2.6, 2.62, by_pixel, ha="left", va="center", **look)
    axes.text(2.6, 0.08, by_weight, ha="left", va="center", **look)
    axes.text(5.9, 0.78, f"G = {format_number(gradient)}", ha="center", va="center", **look)
    axes.set(xlim=(-0.1, 8.4), ylim=(-0.1, 2.9), aspect="equal")
    axes.axis("off")
    return Drawing(figure, f"to the pixel {by_pixel}; to the weight {by_weight}")


@one_sentence
def draw_tap(input, grad_output, tap, stride=1):
    """A printed figure of one number of the weight's gradient: a letter for each pixel that the tap met, and its fault.

    Args:
        input, grad_output: one channel (H, W), and the gradient of its output (H_out, W_out); no padding.
        tap: (u, v), row and column in the kernel.

    Shape:
        input (H, W), grad_output (H_out, W_out) -> a Drawing

    Example:
        >>> draw_tap([[1, 2, 4]], [[1, 10]], tap=(0, 1))
        grad_weight[0, 1] = 2·1 + 4·10 = 42
    """
    input, grad_output, (sH, sW) = as_array(input), as_array(grad_output), pair(stride, "stride")
    places = list(np.ndindex(grad_output.shape))
    met = [(i * sH + tap[0], j * sW + tap[1]) for i, j in places]
    return _draw_pairs((input, "input", met), (grad_output, places), f"grad_weight[{tap[0]}, {tap[1]}]")


@one_sentence
def draw_pixel(weight, grad_output, pixel, stride=1):
    """A printed figure of one number of the input's gradient: a letter for each output it fed, and by which weight.

    Args:
        weight, grad_output: one kernel (kH, kW), and the gradient of the output (H_out, W_out); no padding.
        pixel: (row, column) in the input.

    Shape:
        weight (kH, kW), grad_output (H_out, W_out) -> a Drawing

    Example:
        >>> draw_pixel([[-1, 1]], [[1, 10]], pixel=(0, 1))
        grad_input[0, 1] = 1·1 + (-1)·10 = -9
    """
    weight, grad_output, (sH, sW) = as_array(weight), as_array(grad_output), pair(stride, "stride")
    taps = [((i, j), (pixel[0] - i * sH, pixel[1] - j * sW)) for i, j in np.ndindex(grad_output.shape)]
    fed = [(place, tap) for place, tap in taps if 0 <= tap[0] < weight.shape[0] and 0 <= tap[1] < weight.shape[1]]
    by, places = [tap for _, tap in fed], [place for place, _ in fed]
    return _draw_pairs((weight, "weight", by), (grad_output, places), f"grad_input[{pixel[0]}, {pixel[1]}]")


@one_sentence
def draw_losses(losses):
    """A printed figure of losses over the steps, on a logarithmic scale, a line for each learning rate.

    Args:
        losses: learning rate -> the loss before each step.

    Raises:
        ArgumentError: no dict, or a learning rate that is no number.

    Example:
        >>> draw_losses({0.1: [4, 2, 1], 0.9: [4, 8, 64]})
        learning rate 0.1: the loss ends lower than it began; learning rate 0.9: the loss ends higher than it began
    """
    from matplotlib.figure import Figure

    if not isinstance(losses, dict) or not all(isinstance(rate, Real) for rate in losses):
        raise ArgumentError(f"losses must be {{learning rate: losses}}; got {came(losses)}: write {{0.1: [4, 2]}}.")
    figure = Figure(figsize=(6.4, 2.9), dpi=110, layout="constrained")
    axes, words = figure.subplots(), []
    inks = [_colour(role) for role in ("input", "output", "weight", "gradient")]
    for number, (rate, values) in enumerate(losses.items()):
        values = as_array(values)
        (style, ink) = ("-", "--", "-.", ":")[number % 4], inks[number % 4]
        axes.plot(values, style, color=ink, linewidth=2, label=f"learning rate {format_number(rate)}")
        end = "lower" if values[-1] < values[0] else "higher"
        words.append(f"learning rate {format_number(rate)}: the loss ends {end} than it began")
    axes.set(yscale="log", xlabel="step", ylabel="loss")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)
    return Drawing(figure, "; ".join(words))


def _draw_box(axes, corner, role, text):
    from matplotlib.patches import FancyBboxPatch

    colour = _colour(role)
    look = {"facecolor": (*colour, 0.16), "edgecolor": colour, "linewidth": 1.6}
    axes.add_patch(FancyBboxPatch(corner, 1.15, 1.05, boxstyle="round,pad=0,rounding_size=0.12", **look))
    axes.text(corner[0] + 0.575, corner[1] + 0.5, text, ha="center", va="center", size=10)


def _draw_pairs(left, right, name):
    """Two grids in which the cells that are multiplied carry the same letter, and the sum of their products."""
    from matplotlib.figure import Figure

    (first, role, firsts), (grad_output, places) = left, right
    rows, wide = max(len(first), len(grad_output)), (first.shape[1], grad_output.shape[1])
    figure = Figure(figsize=(0.62 * (sum(wide) + 1.5), 0.62 * (rows + 1.1)), dpi=110)
    room = {"wspace": 0.25, "left": 0.02, "right": 0.98, "bottom": 0.14, "top": 0.92}
    panels = figure.subplots(1, 2, width_ratios=wide, gridspec_kw=room)
    for axes, array, kind, cells in ((panels[0], first, role, firsts), (panels[1], grad_output, "gradient", places)):
        _draw_grid(axes, array, kind, [], rows)
        _draw_letters(axes, kind, cells)
        axes.set_anchor("N")
    panels[1].set_title("gradient of the output", size=10, color=_colour("gradient"), weight="bold")
    values = [(first[one], grad_output[other]) for one, other in zip(firsts, places, strict=True)]
    terms = " + ".join(f"{_signed(one)}·{_signed(other)}" for one, other in values) or "0"
    total = format_number(sum(one * other for one, other in values))
    sentence = f"{name} = {terms} = {total}" if values else f"{name} = 0: no place has read it"
    figure.text(0.5, 0.06, sentence, ha="center", size=10)
    return Drawing(figure, sentence)


def _draw_letters(axes, role, cells):
    """A frame and a letter in each of the cells, in their order."""
    from matplotlib.patches import Rectangle

    colour = _colour(role)
    for number, (i, j) in enumerate(cells):
        axes.add_patch(Rectangle((j, i), 1, 1, fill=False, edgecolor=colour, linewidth=2.2))
        axes.text(j + 0.1, i + 0.22, chr(ord("a") + number), size=8, style="italic", ha="left", va="center")
