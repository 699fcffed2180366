"""Arrays as numbered pictures, a function as its source, and the course's printed figures.

Small arrays become tables of numbers in the colour of their role (HTML, and plain text where there is no
browser). Figures are drawn by matplotlib, which is imported on first use.
"""

import inspect
import linecache
from html import escape

import numpy as np

# The widgets' colours (Okabe and Ito's palette), one a role; the letter stands before every title.
ROLES = {
    "input": ("0 114 178", "I"),
    "weight": ("213 94 0", "W"),
    "output": ("0 128 94", "O"),
    "gradient": ("176 82 142", "G"),
    "product": ("110 110 120", "P"),
    "difference": ("160 30 60", "D"),
}


# KernelLab's scale of signed numbers: value from -1 to 1 -> RGB; the lightness follows the value.
SIGNED = (
    (-1, (8, 24, 96)),
    (-0.45, (40, 92, 168)),
    (0, (124, 124, 124)),
    (0.45, (208, 174, 110)),
    (1, (255, 247, 222)),
)


class Picture:
    """Something to look at: HTML in a notebook, text elsewhere."""

    def __init__(self, html, text):
        self._html, self._text = html, text

    def _repr_html_(self):
        return self._html

    def __repr__(self):
        return self._text


def format_number(value):
    """A number as the widgets write it: whole numbers whole, others with three significant digits.

    Example:
        >>> format_number(3.0), format_number(-0.12345), format_number(2e-7)
        ('3', '-0.123', '2e-7')
    """
    value = float(value)
    if not np.isfinite(value):
        return repr(value)
    if value == int(value) and abs(value) < 1e6:
        return str(int(value))
    if abs(value) >= 1e6 or abs(value) < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:.3g}" if abs(value) < 1000 else str(round(value))


class Drawing:
    """A figure of matplotlib as a PNG in the notebook; ``.figure`` is the figure itself."""

    def __init__(self, figure, text):
        self.figure, self._text = figure, text

    def _repr_png_(self):
        from io import BytesIO

        from PIL import Image

        page, small = BytesIO(), BytesIO()
        self.figure.savefig(page, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
        # 256 colours are enough for a figure, and halve what a notebook stores of a photograph.
        Image.open(page).convert("RGB").quantize(256).save(small, "png", optimize=True)
        return small.getvalue()

    def __repr__(self):
        return self._text


def numbers(array, role="input", title=None, mark=()):
    """A table of numbers, shaded by size, hatched below zero, with the cells of ``mark`` framed.

    Args:
        array: 2-D, or 3-D as several channels (channels, H, W); a tensor, an array or a list.
        role: ``input, weight, output, gradient, product`` or ``difference``; it gives the colour.
        title: what it is; the role and its size by default.
        mark: places (i, j) to frame.

    Shape:
        (H, W) or (channels, H, W)

    Raises:
        TypeError: not numbers, or an unknown role.
        ValueError: another rank.

    Example:
        >>> numbers([[1, 0, -2], [3, 4, 5]], role="weight")
        weight 2 x 3
        1 0 -2
        3 4  5
    """
    if role not in ROLES:
        raise TypeError(f"role must be one of {', '.join(ROLES)}; got {role!r}.")
    array = _array(array)
    if array.ndim == 3 and array.shape[0] != 1:
        named = [f"{title or role}, channel {c}" for c in range(len(array))]
        return beside(*(numbers(channel, role, name, mark) for channel, name in zip(array, named, strict=True)))
    if array.ndim == 3:
        array = array[0]
    if array.ndim != 2:
        raise ValueError(f"numbers shows 2 axes (H, W), or 3 (channels, H, W); got {array.ndim}, {array.shape}.")
    title = title or f"{role} {array.shape[0]} x {array.shape[1]}"
    written = [[format_number(value) for value in row] for row in array]
    return Picture(_table(array, written, role, title, set(map(tuple, mark))), _text(written, title))


def beside(*pictures):
    """Pictures in one row, such as the smallest failing case: input, yours, expected, difference.

    Example:
        >>> beside(numbers([[1, 2]]), numbers([[3]], role="output"))
        input 1 x 2
        1 2
        <BLANKLINE>
        output 1 x 1
        3
    """
    cells = "".join(f"<div>{picture._repr_html_()}</div>" for picture in pictures)
    html = f'<div style="display:flex;flex-wrap:wrap;gap:8px 24px;align-items:flex-start">{cells}</div>'
    return Picture(html, "\n\n".join(map(repr, pictures)))


def source(function):
    """A function as its source, docstring left out: short enough to be read.

    Raises:
        TypeError: no function, or one whose source is not to be had.

    Example:
        >>> from convlab.shapes import extent
        >>> source(extent)
        def extent(kernel_size, dilation=1):
            return dilation * (kernel_size - 1) + 1
    """
    linecache.checkcache()
    try:
        code = inspect.getsource(function)
    except (TypeError, OSError):
        raise TypeError(f"source needs a function written in Python; got {function!r:.60}.") from None
    doc = function.__doc__
    if doc and f'"""{doc}"""' in code:
        before, after = code.split(f'"""{doc}"""', 1)
        code = before.rstrip() + "\n" + after.lstrip("\n")
    code = inspect.cleandoc(code) if code.startswith(" ") else code.rstrip()
    return Picture(_coloured(code), code)


def _array(value):
    value = value.detach().cpu().numpy() if hasattr(value, "detach") else value
    try:
        return np.array(value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"numbers needs numbers in equal rows, such as [[1, 2], [3, 4]]; got {value!r:.60}.") from None


def _text(written, title):
    columns = [max(map(len, column)) for column in zip(*written, strict=True)]
    rows = (" ".join(cell.rjust(width) for cell, width in zip(row, columns, strict=True)) for row in written)
    return "\n".join([title, *rows])


def _table(array, written, role, title, mark):
    colour, letter = ROLES[role]
    largest = np.nanmax(np.abs(array[np.isfinite(array)]), initial=0) or 1
    rows = []
    for i, row in enumerate(array):
        cells = (
            _cell(value, text, colour, (i, j) in mark, largest)
            for j, (value, text) in enumerate(zip(row, written[i], strict=True))
        )
        rows.append(f"<tr style='background:none'>{''.join(cells)}</tr>")
    badge = (
        f'<span style="background:rgb({colour});color:#fff;border-radius:3px;padding:0 5px;'
        f'font-weight:700">{letter}</span>'
    )
    return (
        f'<div style="overflow-x:auto"><div style="font-size:12px;margin:4px 0 3px;white-space:nowrap">{badge} '
        f'{escape(title)}</div><table style="border-collapse:collapse;margin:0;font:13px/1 '
        f'var(--jp-code-font-family,monospace)">{"".join(rows)}</table></div>'
    )


def _cell(value, text, colour, marked, largest):
    tint = round(0.42 * min(1, abs(value) / largest), 2) if np.isfinite(value) else 0
    shade = f"rgb({colour}/{tint})"
    paper = f"repeating-linear-gradient(135deg,{shade} 0 2px,transparent 2px 5px)" if value < 0 else shade
    frame = f"box-shadow:inset 0 0 0 2px rgb({colour});font-weight:700;" if marked else ""
    return (
        f'<td style="min-width:28px;height:28px;padding:2px 4px;text-align:center;background:{paper};{frame}'
        f'border:1px solid var(--jp-border-color1,#bdbdbd)">{text}</td>'
    )


def _coloured(code):
    """Python in the notebook's own colours where Pygments is there (JupyterLab brings it), plain otherwise."""
    try:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        return f"<pre>{escape(code)}</pre>"
    # Class names only: JupyterLab and nbconvert bring the colours for both themes.
    return f'<div class="highlight jp-RenderedHTML">{highlight(code, PythonLexer(), HtmlFormatter(nowrap=False))}</div>'


def draw_place(input, weight, place, bias=0):
    """A printed figure of one output cell: the window, the kernel, the output, and the sum that links them.

    Args:
        input, weight: one channel (H, W) and one kernel (kH, kW).
        place: (i, j), the output cell at work.
        bias: one number, added to the sum.

    Shape:
        input (H, W), weight (kH, kW) -> a Drawing

    Example:
        >>> draw_place([[1, 2, 0], [3, 1, 1]], [[1, -1]], place=(0, 1))
        output[0, 1] = 2·1 + 0·(-1) = 2
    """
    from matplotlib.figure import Figure

    input, weight = _array(input), _array(weight)
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

    shown = _array(picture)
    shown = shown / 255 if shown.max(initial=0) > 1 else shown
    shown = shown[0] if shown.ndim == 3 and len(shown) == 1 else shown
    figure = Figure(figsize=(3.3 * (1 + len(maps)), 3.2), dpi=110, layout="constrained")
    first, *others = np.atleast_1d(figure.subplots(1, 1 + len(maps)))
    first.imshow(shown.transpose(1, 2, 0) if shown.ndim == 3 else shown, cmap="gray", vmin=0, vmax=1)
    first.set_title("input", size=11)
    words = ["input"]
    for axes, (title, values) in zip(others, maps.items(), strict=True):
        values = _array(values)
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

    colour = tuple(int(part) / 255 for part in ROLES[role][0].split())
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
