"""Small arrays as tables of numbers in the colour of their role, and a function as its source.

HTML in a notebook, plain text where there is no browser.
"""

import inspect
import linecache
from html import escape

import numpy as np

from ..refusals import ArgumentError, ChoiceError, came, one_sentence

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
    """Something to look at: HTML in a notebook, text elsewhere.

    Args:
        html: what a notebook shows.
        text: what a terminal shows, and ``repr`` gives.

    Example:
        >>> Picture("<b>3</b>", "3")
        3
    """

    def __init__(self, html, text):
        self._html, self._text = html, text

    def _repr_html_(self):
        return self._html

    def __repr__(self):
        return self._text


@one_sentence
def format_number(value):
    """A number as the widgets write it: whole numbers whole, others with three significant digits.

    Args:
        value: a number.

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


@one_sentence
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
        raise ArgumentError(f"role must be one of {', '.join(ROLES)}; got {came(role)}.")
    array = as_array(array)
    if array.ndim == 3 and array.shape[0] != 1:
        named = [f"{title or role}, channel {c}" for c in range(len(array))]
        return beside(*(numbers(channel, role, name, mark) for channel, name in zip(array, named, strict=True)))
    if array.ndim == 3:
        array = array[0]
    if array.ndim != 2:
        raise ChoiceError(f"numbers shows 2 axes (H, W), or 3 (channels, H, W); got {array.ndim}, {array.shape}.")
    title = title or f"{role} {array.shape[0]} x {array.shape[1]}"
    written = [[format_number(value) for value in row] for row in array]
    return Picture(_table(array, written, role, title, set(map(tuple, mark))), _text(written, title))


@one_sentence
def beside(*pictures):
    """Pictures in one row, such as the smallest failing case: input, yours, expected, difference.

    Args:
        pictures: one ``Picture`` or several, as ``numbers`` and ``source`` make them.

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


@one_sentence
def source(function):
    """A function as its source, docstring left out: short enough to be read.

    Args:
        function: a function or a class, written in Python.

    Raises:
        TypeError: no function, or one whose source is not to be had.

    Example:
        >>> from convlab.shapes import extent
        >>> source(extent)
        def extent(kernel_size, dilation=1):
            return size(dilation) * (size(kernel_size) - 1) + 1
    """
    linecache.checkcache()
    try:
        code = inspect.getsource(function).removeprefix("@one_sentence\n")
    except Exception:
        raise ArgumentError(f"source needs a function written in Python; got {came(function)}.") from None
    doc = function.__doc__
    if doc and f'"""{doc}"""' in code:
        before, after = code.split(f'"""{doc}"""', 1)
        code = before.rstrip() + "\n" + after.lstrip("\n")
    code = inspect.cleandoc(code) if code.startswith(" ") else code.rstrip()
    return Picture(_coloured(code), code)


def as_array(value):
    value = value.detach().cpu().numpy() if hasattr(value, "detach") else value
    try:
        return np.array(value, dtype=float)
    except Exception:
        wanted = "numbers in equal rows are needed, such as [[1, 2], [3, 4]]"
        raise TypeError(f"{wanted}; got {came(value)}") from None  # the net around the figure names its arguments


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
