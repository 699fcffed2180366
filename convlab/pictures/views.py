"""Printed figures of how far layers see: taps on a line, fields on a photograph, maps on one scale."""

from itertools import islice

import numpy as np

from ..refusals import one_sentence
from ..shapes import extent
from .figures import MOST_PIXELS, Drawing, _colour, few_enough
from .tables import SIGNED, as_array, format_number


@one_sentence
def draw_taps(kernel_size, dilations):
    """A printed figure of one kernel axis at several dilations: its taps, the cells between them, how far it reaches.

    Args:
        kernel_size: taps along the axis.
        dilations: whole numbers of 1 or more, a line each.

    Raises:
        ArgumentError: a kernel that reaches over more cells than can be drawn.

    Example:
        >>> draw_taps(3, (1, 2))
        dilation 1: 1·(3 - 1) + 1 = 3 cells; dilation 2: 2·(3 - 1) + 1 = 5 cells
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    dilations = [*islice(dilations, MOST_PIXELS)]
    reach = [extent(kernel_size, d) for d in dilations]
    few_enough(max(reach), "the cells that kernel_size reaches over")
    figure = Figure(figsize=(0.36 * (max(reach) + 14), 0.5 * len(reach) + 0.2), dpi=110)
    axes, colour, words = figure.subplots(), _colour("weight"), []
    for row, (d, cells) in enumerate(zip(dilations, reach, strict=True)):
        for at in range(cells):
            tap = at % d == 0
            look = {"facecolor": (*colour, 0.35)} if tap else {"facecolor": "white", "linestyle": ":"}
            edge = colour if tap else "0.6"
            axes.add_patch(Rectangle((at, 1.35 * row), 1, 1, edgecolor=edge, linewidth=1.2, **look))
        sum_ = f"{d}·({kernel_size} - 1) + 1 = {cells} cells"
        axes.text(-0.4, 1.35 * row + 0.55, f"dilation {d}", ha="right", va="center", size=10)
        axes.text(cells + 0.4, 1.35 * row + 0.55, sum_, ha="left", va="center", size=10)
        words.append(f"dilation {d}: {sum_}")
    axes.set(xlim=(-4.4, max(reach) + 9.4), ylim=(1.35 * len(reach), -0.2), aspect="equal")
    axes.axis("off")
    return Drawing(figure, "; ".join(words))


@one_sentence
def draw_views(picture, windows, influence=None):
    """A photograph with boxes around what units see, beside how much each pixel counts in one of them.

    Args:
        picture: (H, W) or (1, H, W), grey.
        windows: title -> (rows, columns), two ranges as ``receptive_window`` gives them.
        influence: (H, W), not negative, drawn from white (none) to dark (most), or None.

    Example:
        >>> draw_views(np.zeros((20, 30)), {"one unit": (range(2, 9), range(-3, 8))})
        one unit sees 7 x 11 pixels: rows 2 to 8, columns -3 to 7
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    shown = as_array(picture)
    shown = shown.reshape(shown.shape[-2:])
    panels = 1 + (influence is not None)
    figure = Figure(figsize=(3.6 * panels, 3.1), dpi=110, layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, panels))
    axes[0].imshow(shown, cmap="gray")
    axes[0].set_title("what each unit may see", size=11)
    if influence is not None:
        values = as_array(influence)
        image = axes[1].imshow(values / (values.max() or 1), cmap="magma_r", vmin=0, vmax=1)
        axes[1].set_title("how much each pixel counts", size=11)
        figure.colorbar(image, ax=axes[1], shrink=0.8)
    words, colours = [], ("#ffb000", "#3ec3ff", "#ff7aa8", "#8ee36b")
    for colour, (title, (rows, columns)) in zip(colours, windows.items(), strict=False):
        corner = columns.start - 0.5, rows.start - 0.5
        for panel in axes:
            box = Rectangle(corner, len(columns), len(rows), fill=False, edgecolor=colour, linewidth=2, label=title)
            panel.add_patch(box)
        words.append(
            f"{title} sees {len(rows)} x {len(columns)} pixels: rows {rows.start} to {rows.stop - 1}, columns "
            f"{columns.start} to {columns.stop - 1}"
        )
    _with_axes(axes)
    axes[0].legend(loc="lower left", fontsize=8, framealpha=0.9)
    return Drawing(figure, "; ".join(words))


@one_sentence
def draw_alike(picture, maps):
    """A picture beside feature maps that share one scale, so that they can be compared.

    Args:
        picture: (H, W) or (1, H, W), grey.
        maps: title -> feature map (H, W).

    Example:
        >>> draw_alike(np.eye(4), {"small": np.eye(4) - 0.5, "large": 3 * np.eye(4)})
        one scale for all, from -3 to 3; small from -0.5 to 0.5; large from 0 to 3
    """
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    signed = LinearSegmentedColormap.from_list("signed", [((t + 1) / 2, np.array(rgb) / 255) for t, rgb in SIGNED])
    shown, arrays = as_array(picture), {title: as_array(values) for title, values in maps.items()}
    arrays = {title: values.reshape(values.shape[-2:]) for title, values in arrays.items()}
    most = max(np.abs(values).max(initial=0) for values in arrays.values()) or 1
    H, W = shown.shape[-2:]
    figure = Figure(figsize=(2.3 * (1 + len(arrays)), 1.9 * H / W + 0.75), dpi=110, layout="constrained")
    first, *others = figure.subplots(1, 1 + len(arrays))
    first.imshow(shown.reshape(shown.shape[-2:]), cmap="gray")
    first.set_title("input", size=11)
    words = [f"one scale for all, from {format_number(-most)} to {format_number(most)}"]
    for axes, (title, values) in zip(others, arrays.items(), strict=True):
        image = axes.imshow(values, cmap=signed, vmin=-most, vmax=most)
        axes.set_title(title, size=11)
        words.append(f"{title} from {format_number(values.min())} to {format_number(values.max())}")
    figure.colorbar(image, ax=others, shrink=0.8)
    _with_axes([first, *others])
    return Drawing(figure, "; ".join(words))


def _with_axes(panels):
    for axes in panels:
        axes.set_xlabel("column j (pixels)", size=9)
        axes.tick_params(labelsize=8)
    panels[0].set_ylabel("row i (pixels)", size=9)
