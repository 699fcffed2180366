"""The course's printed figures, drawn by matplotlib, which is imported on first use."""

from io import BytesIO

import numpy as np

from ..refusals import ArgumentError, came, one_sentence, whole
from ..shapes import Conv2dSpec
from .tables import ROLES, SIGNED, as_array, format_number

MOST_PIXELS = 300  # of one axis, drawn cell by cell


class Drawing:
    """A figure of matplotlib as a PNG in the notebook.

    ``.figure`` is the figure itself until it has been shown, then None: a notebook keeps the result of every cell,
    and a figure that was drawn holds 4 MiB or more, its PNG 0.2 at most.

    Args:
        figure: one of matplotlib's.
        text: what it shows, in words, for where no picture can be shown.

    Example:
        >>> from matplotlib.figure import Figure
        >>> Drawing(Figure(), "Nothing was drawn.")
        Nothing was drawn.
    """

    def __init__(self, figure, text):
        self.figure, self._text, self._png = figure, text, b""

    def _repr_png_(self):
        from PIL import Image

        if self.figure is not None:
            page, small = BytesIO(), BytesIO()
            self.figure.savefig(page, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
            _in_few_colours(Image.open(page).convert("RGB")).save(small, "png", optimize=True)
            self.figure.clear()  # its parts know each other: without this they wait for the garbage collector
            self.figure, self._png = None, small.getvalue()
        return self._png

    def __repr__(self):
        return self._text


def _in_few_colours(page):
    """The image in 256 colours, which are enough for a figure and halve what a notebook stores of a photograph.

    They are spread over all that occur, the rare ones of a colour bar too. A colour photograph has too many for that:
    there most go to the frequent ones.
    """
    from PIL import Image, ImageChops, ImageStat

    spread = page.quantize(256, Image.Quantize.MAXCOVERAGE)
    if max(ImageStat.Stat(ImageChops.difference(page, spread.convert("RGB"))).mean) < 1:  # of 255
        return spread
    colours = [0, 0, 0, 255, 255, 255]
    for count, way in ((128, Image.Quantize.MEDIANCUT), (64, Image.Quantize.MAXCOVERAGE)):
        colours += page.quantize(count, way).getpalette()[: 3 * count]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours)
    return page.quantize(palette=palette, dither=Image.Dither.NONE)


@one_sentence
def draw_place(input, weight, place, bias=0):
    """A printed figure of one output cell: the window, the kernel, the output, and the sum that links them.

    Args:
        input, weight: one channel (H, W) and one kernel (kH, kW).
        place: (i, j), the output cell at work.
        bias: one number, added to the sum.

    Shape:
        input (H, W), weight (kH, kW) -> a Drawing

    Raises:
        ArgumentError: a bias that is no single number.

    Example:
        >>> draw_place([[1, 2, 0], [3, 1, 1]], [[1, -1]], place=(0, 1))
        output[0, 1] = 2·1 + 0·(-1) = 2
    """
    from matplotlib.figure import Figure

    input, weight = as_array(input), as_array(weight)
    if np.ndim(bias) or np.iscomplexobj(bias):
        raise ArgumentError(f"bias must be one number; got {came(bias)}: write bias=1.")
    (H, W), (kH, kW), (i, j) = input.shape, weight.shape, place
    windows = np.lib.stride_tricks.sliding_window_view(input, (kH, kW))
    output = (windows * weight).sum((2, 3)) + bias
    sizes = [W, kW, output.shape[1]]
    figure = Figure(figsize=(0.42 * (sum(sizes) + 5), 0.42 * (H + 2.5)), dpi=110)
    panels = figure.subplots(1, 3, width_ratios=sizes)
    window = [(i + u, j + v) for u in range(kH) for v in range(kW)]
    _draw_grid(panels[0], input, "input", window, H)
    _draw_grid(panels[1], weight, "weight", [], H)
    _draw_grid(panels[2], output, "output", [place], H)
    terms = " + ".join(f"{_signed(a)}·{_signed(b)}" for a, b in zip(windows[place].flat, weight.flat, strict=True))
    last = f" + {_signed(bias)}" if bias else ""
    sentence = f"output[{i}, {j}] = {terms}{last} = {format_number(output[place])}"
    figure.text(0.5, 0.06, sentence, ha="center", size=10)
    return Drawing(figure, sentence)


@one_sentence
def draw_maps(picture, **maps):
    """A picture beside feature maps, each on a scale of its own: grey is zero, blue below, warm above.

    Args:
        picture: (H, W), (1, H, W) or (3, H, W), grey or RGB, from 0 to 1 or bytes.
        maps: title -> feature map (H, W); underscores in a title become spaces.

    Example:
        >>> draw_maps(np.eye(4), left_minus_right=np.eye(4) - 0.5)
        input; left minus right from -0.5 to 0.5
    """
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    signed = LinearSegmentedColormap.from_list("signed", [((t + 1) / 2, np.array(rgb) / 255) for t, rgb in SIGNED])

    shown = as_array(picture)
    shown = shown / 255 if shown.max(initial=0) > 1 else shown
    shown = shown[0] if shown.ndim == 3 and len(shown) == 1 else shown
    figure = Figure(figsize=(3.3 * (1 + len(maps)), 3.2), dpi=110, layout="constrained")
    first, *others = np.atleast_1d(figure.subplots(1, 1 + len(maps)))
    first.imshow(shown.transpose(1, 2, 0) if shown.ndim == 3 else shown, cmap="gray", vmin=0, vmax=1)
    first.set_title("input", size=11)
    words = ["input"]
    for axes, (title, values) in zip(others, maps.items(), strict=True):
        values = as_array(values)
        values = values.reshape(values.shape[-2:])
        most = np.abs(values).max(initial=0) or 1
        image = axes.imshow(values, cmap=signed, vmin=-most, vmax=most)
        axes.set_title(title.replace("_", " "), size=11)
        words.append(f"{axes.get_title()} from {format_number(values.min())} to {format_number(values.max())}")
        figure.colorbar(image, ax=axes, shrink=0.8)
    for axes in (first, *others):
        axes.set_xlabel("column j (pixels)", size=9)
        axes.tick_params(labelsize=8)
    first.set_ylabel("row i (pixels)", size=9)
    return Drawing(figure, "; ".join(words))


def _signed(value):
    return f"({format_number(value)})" if value < 0 else format_number(value)


def _draw_grid(axes, array, role, mark, rows):
    """One number grid of a printed figure, `rows` cells high so that all grids have cells of one size."""
    from matplotlib.patches import Rectangle

    colour = _colour(role)
    H, W = array.shape
    largest = np.abs(array).max(initial=0) or 1
    for i, j in np.ndindex(H, W):
        value, marked = array[i, j], (i, j) in mark
        axes.add_patch(
            Rectangle(
                (j, i),
                1,
                1,
                facecolor=(*colour, 0.42 * abs(value) / largest),
                edgecolor="0.7",
                hatch="////" if value < 0 else None,
                linewidth=0.6,
            )
        )
        axes.text(
            j + 0.5,
            i + 0.52,
            format_number(value),
            ha="center",
            va="center",
            size=10,
            weight="bold" if marked else "normal",
        )
    if mark:
        (top, left), (bottom, right) = min(mark), max(mark)
        axes.add_patch(
            Rectangle((left, top), right - left + 1, bottom - top + 1, fill=False, edgecolor=colour, linewidth=2.5)
        )
    axes.set(xlim=(-0.05, W + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal")
    axes.set_title(f"{role} {H} x {W}", size=10, color=colour, weight="bold")
    axes.axis("off")


@one_sentence
def draw_ruler(length, kernel_size, stride=1, padding=0):
    """A printed figure of one axis: the padded input as a ruler, the windows under it, and what no window reads.

    Args:
        length: pixels of the input along this axis.
        kernel_size, stride: pixels of the window, and from one place to the next.
        padding: pixels on each side.

    Raises:
        ShapeError: the window does not fit.

    Example:
        >>> draw_ruler(8, kernel_size=3, stride=2)
        floor((8 + 2·0 - 3) / 2) + 1 = 3 places; 1 cell is never read
    """
    from matplotlib.figure import Figure

    length = whole(length, "length")
    few_enough(length + 2 * whole(padding, "padding"), "length, with its padding,")
    places = Conv2dSpec(1, 1, (1, kernel_size), (1, stride), (0, padding)).output_shape((1, 1, length))[-1]
    end = length + 2 * padding
    read = {place * stride + tap for place in range(places) for tap in range(kernel_size)}
    left_over = end - len(read)
    figure = Figure(figsize=(0.38 * (end + 2), 0.3 * (places + 4)), dpi=110)
    axes = figure.subplots()
    for at in range(end):
        _draw_pixel(axes, at, at - padding, 0 <= at - padding < length, at not in read)
    for place in range(places):
        _draw_window(axes, place, place * stride, kernel_size)
    axes.set(xlim=(-1.6, end + 0.3), ylim=(places + 1.9, -0.4), aspect="equal")
    axes.axis("off")
    sum_ = f"floor(({length} + 2·{padding} - {kernel_size}) / {stride}) + 1 = {places}"
    rest = f"{left_over} cell{'s are' if left_over != 1 else ' is'} never read" if left_over else "every cell is read"
    sentence = f"{sum_} place{'s' * (places != 1)}; {rest}"
    axes.text(end / 2, places + 1.7, sentence, ha="center", size=9)
    return Drawing(figure, sentence)


def few_enough(count, name, most=MOST_PIXELS):
    """Refuses to draw one by one what is too many.

    Args:
        count: of pixels, cells or kernels.
        name: of the arguments that say so, for the message.
        most: that can be drawn.

    Raises:
        ArgumentError: there are more.

    Example:
        >>> few_enough(300, "length")
    """
    if count > most:
        raise ArgumentError(f"{name} must be at most {most} to be drawn; got {came(count)}: take less.")


def _draw_pixel(axes, at, index, inside, unread):
    """One pixel of the padded axis: its index, dotted and empty in the padding, hatched where no window reads it."""
    from matplotlib.patches import Rectangle

    blue = _colour("input")
    face = (*blue, 0.18) if inside else "white"
    look = {"facecolor": face, "edgecolor": "0.55", "linewidth": 0.8, "linestyle": "-" if inside else ":"}
    axes.add_patch(Rectangle((at, 0), 1, 1, hatch="////" if unread else None, **look))
    if inside:
        axes.text(at + 0.5, 0.53, str(index), ha="center", va="center", size=9)


def _draw_window(axes, place, start, kernel_size):
    """One window under the ruler, and the number of its place."""
    from matplotlib.patches import Rectangle

    colour = _colour("weight")
    box = Rectangle((start, place + 1.35), kernel_size, 0.6, facecolor=(*colour, 0.22), edgecolor=colour, linewidth=1.4)
    axes.add_patch(box)
    axes.text(start + kernel_size / 2, place + 1.66, f"place {place}", ha="center", va="center", size=8)


def _colour(role):
    """The colour of a role as matplotlib takes it."""
    return tuple(int(part) / 255 for part in ROLES[role][0].split())
