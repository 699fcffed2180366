"""The cheat sheet as one printed page: A4, drawn by matplotlib, which is imported on first use."""

import re
from functools import cache
from typing import NamedTuple

from .. import sheet
from .figures import Drawing, _colour

WIDE, HIGH = 595.28, 841.89  # A4, in points
LEFT, RIGHT, TOP, BOTTOM = 40, 40, 36, 34
NUMBER, TITLE, LABEL, BODY = LEFT, LEFT + 24, LEFT + 126, LEFT + 205  # where the columns begin
STRIP = 116  # points of the figure on top, title included
LARGEST, SMALLEST, STEP = 10.5, 6.5, 0.25  # sizes of type
GREY, PALE = "0.38", "0.8"
LOOKS = {
    "words": {"family": "STIXGeneral"},
    "title": {"family": "STIXGeneral", "weight": "bold"},
    "label": {"family": "STIXGeneral", "style": "italic"},
    "math": {"family": "STIXGeneral", "math_fontfamily": "stix"},
    "code": {"family": "DejaVu Sans Mono"},
}
SUM = re.compile(r"(\\sum_\{[^}]*\})")  # matplotlib sets no space behind it
SMALLER = {"code": 0.78}  # DejaVu is wider and taller than Times


def draw_sheet(rows):
    """The cheat sheet as a figure of A4 size, in the largest type with which all of it fits.

    Args:
        rows: (number, title, entries) of each lesson, the entries as `convlab.sheet.entries` gives them.

    Raises:
        ValueError: there is more than one page holds.

    Example:
        >>> draw_sheet([("02", "Convolution by hand", sheet.entries("rows: $H - k_H + 1$"))])
        the cheat sheet, one page, 1 lesson
    """
    from matplotlib.figure import Figure

    room = HIGH - TOP - STRIP - BOTTOM
    sizes = [LARGEST - STEP * at for at in range(int((LARGEST - SMALLEST) / STEP) + 1)]
    for size in sizes:
        blocks = [_block(row, size) for row in rows]
        left = room - sum(block["high"] for block in blocks)
        if left >= 0.55 * size * len(rows) and all(block["fits"] for block in blocks):
            break
    else:
        raise ValueError(f"The lines of {len(rows)} lessons need more than one page: shorten them.")
    figure = Figure(figsize=(WIDE / 72, HIGH / 72), dpi=144, facecolor="white")
    _draw_strip(figure)
    gap, y = min(left / len(rows), 2.2 * size), HIGH - TOP - STRIP
    for block in blocks:
        _rule(figure, y)
        for down, name, pieces in block["lines"]:
            for piece in pieces:
                _write(figure, y - gap / 2 - 0.15 * size - down, piece, name)
        y -= block["high"] + gap
    _rule(figure, y)
    return Drawing(figure, f"the cheat sheet, one page, {len(rows)} lesson{'s' * (len(rows) != 1)}")


def save_sheet(rows, file):
    """Writes the page as a PDF with its fonts in it; the same rows give the same bytes.

    Args:
        rows: as for `draw_sheet`.
        file: a path or an open binary file.
    """
    import matplotlib

    figure = draw_sheet(rows).figure
    about = {"Title": "nn.Conv2d on one page", "Creator": "convlab", "Producer": None, "CreationDate": None}
    with matplotlib.rc_context({"pdf.fonttype": 42}):  # whole letters, to be searched and copied
        figure.savefig(file, format="pdf", metadata=about)


@cache
def _measure(kind, text, size):
    """(width, height above the line, depth below it) of a piece of text, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    large = 20 * size  # widths come in tenths of a point, too coarse to join pieces by
    font = FontProperties(**LOOKS[kind], size=large * SMALLER.get(kind, 1))
    width, height, depth = text_to_path.get_text_width_height_descent(
        f"${text}$" if kind == "math" else text, font, kind == "math"
    )
    return width / 20, (height - depth) / 20, depth / 20


def _width(kind, text, size):
    """How far a piece reaches, spaces at its end included."""
    if kind == "math" or not text:
        return _measure(kind, text, size)[0] if text else 0
    return _measure(kind, text + "|", size)[0] - _measure(kind, "|", size)[0]


def _block(row, size):
    """A lesson set in type: {"lines": (how far below its top, pieces), "high": points, "fits": bool}."""
    number, title, entries = row
    lines, high, fits = [], 0, True
    for at, entry in enumerate(entries):
        label = _set([("label", entry.label)], LABEL, BODY - 6, size)
        body = _set(entry.runs, BODY, WIDE - RIGHT, size, indent=10)
        fits &= len(label) < 2
        for pieces in (label[0] + body[0] if label else body[0], *body[1:]):
            up, down = _extent(pieces, size)
            lines.append((high + up, f"{number}-{at}", pieces))
            high += up + down + 0.24 * size
    top = lines[0][0] if lines else 0.7 * size
    heading = [[Piece(NUMBER, "title", number, size, GREY)]], _set([("title", title)], TITLE, LABEL - 10, size)
    for column in heading:
        lines += [(top + 1.15 * size * at, f"{number}-{column[0][0].x}", line) for at, line in enumerate(column)]
    high = max(high, top + 1.15 * size * (len(heading[1]) - 1) + 0.35 * size)
    ends = {"label": BODY - 6, "title": LABEL - 10}
    fits &= all(it.end <= ends.get(it.kind, WIDE - RIGHT) + 0.1 for _, _, line in lines for it in line)
    return {"lines": lines, "high": high, "fits": fits}


class Piece(NamedTuple):
    """Text of one kind and one colour that begins at x, in points."""

    x: float
    kind: str
    text: str
    size: float
    colour: tuple | str = "black"

    @property
    def end(self):
        return self.x + _width(self.kind, self.text.rstrip(), self.size)


def _set(runs, start, end, size, indent=0):
    """The runs as lines of pieces between two edges; a line breaks at a space of words or code, never in a formula."""
    lines, x = [[]], start
    for word in _words(runs):
        wide = sum(_width(kind, text, size) for kind, text in word)
        last_kind, last = word[-1]
        bare = wide - (_width(last_kind, last, size) - _width(last_kind, last.rstrip(), size))
        if lines[-1] and x + bare > end:
            lines.append([])
            x = start + indent
        for kind, text in word:
            lines[-1].append((x, kind, text))
            x += _width(kind, text, size)
    return [_joined(line, size) for line in lines if line]


def _joined(line, size):
    """The words of a line as pieces: neighbours of one kind are one text, so that the spaces are the font's."""
    runs = []
    for x, kind, text in line:
        if runs and kind != "math" and runs[-1][1] == kind:
            runs[-1][2] += text
        else:
            runs.append([x, kind, text])
    return [piece for x, kind, text in runs for piece in _coloured(kind, text, x, size)]


def _words(runs):
    """The runs cut where a line may break: lists of (kind, text) that stay together."""
    words, open_ = [], False
    for kind, text in runs:
        for part in [SUM.sub(r"\1\\,", text)] if kind == "math" else re.findall(r"\S+\s*|\s+", text):
            if open_:
                words[-1].append((kind, part))
            else:
                words.append([(kind, part)])
            open_ = not part[-1].isspace()
    return words


def _coloured(kind, text, x, size):
    """One run's text as pieces in the colours of their roles; each stands where it stands in the whole."""
    if kind not in ("math", "code"):
        return [Piece(x, kind, text, size)]
    pieces, before = [], ""
    for role, part in sheet.by_role(kind, text):
        if kind == "math" and before:
            part = "{}" + part  # so that a minus at its beginning keeps the space of one between two terms
        at = x + _width(kind, before + part, size) - _width(kind, part, size)
        pieces.append(Piece(at, kind, part, size, _colour(role) if role else "black"))
        before += part
    return pieces


def _extent(pieces, size):
    """How far a line reaches above and below its baseline; at least as far as a line of words."""
    boxes = [_measure(it.kind, it.text, it.size) for it in pieces]
    return max(0.7 * size, *(up for _, up, _ in boxes)), max(0.22 * size, *(down for _, _, down in boxes))


def _write(figure, y, piece, name):
    """A piece of text, its baseline y points above the page's foot; its name says what it belongs to."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(**LOOKS[piece.kind], size=piece.size * SMALLER.get(piece.kind, 1))
    text = f"${piece.text}$" if piece.kind == "math" else piece.text.rstrip()
    look = {"color": piece.colour, "fontproperties": font, "parse_math": piece.kind == "math", "gid": name}
    figure.text(piece.x / WIDE, y / HIGH, text, va="baseline", ha="left", **look)


def _rule(figure, y):
    """A thin line over the whole width."""
    from matplotlib.lines import Line2D

    figure.add_artist(Line2D((LEFT / WIDE, 1 - RIGHT / WIDE), (y / HIGH, y / HIGH), color=PALE, linewidth=0.5))


def _draw_strip(figure):
    """The title, and the layer itself: input, weight and output in their colours, with the names of their sides."""
    top = HIGH - TOP
    _write(figure, top - 15, Piece(LEFT, "title", "nn.Conv2d on one page", 21), "head")
    words = "Pairs are (row, column). What is said of H holds for W."
    start = WIDE - RIGHT - _width("label", words, 10)
    _write(figure, top - 15, Piece(start, "label", words, 10, GREY), "head-note")
    y, (i, j) = top - 58, (1, 3)
    window = [(i + u, j + v) for u in range(3) for v in range(2)]
    _planes(figure, "input", (LEFT + 30, y), 3, (6, 8), window)
    for x in (LEFT + 212, LEFT + 252):
        _planes(figure, "weight", (x, y), 3, (3, 2))
    _planes(figure, "output", (LEFT + 408, y), 2, (4, 7), [(i, j)])
    _name(figure, "input", "(N, C_in, H, W)", LEFT + 61, top - 104)
    _name(figure, "weight", "(C_out, C_in, kH, kW)", LEFT + 242, top - 104)
    _name(figure, "output", "(N, C_out, H_out, W_out)", LEFT + 434, top - 104)
    for start, end in ((LEFT + 110, LEFT + 198), (LEFT + 288, LEFT + 392)):
        _arrow(figure, (start, end), y + 9, "0.45", "forward")
        _arrow(figure, (end, start), y - 5, _colour("gradient"), "gradient")


def _name(figure, role, shape, middle, y):
    """A tensor's name and shape, centred."""
    start = middle - (_width("title", role, 10) + 6 + _width("code", shape, 10)) / 2
    title = Piece(start, "title", role, 10, _colour(role))
    _write(figure, y, title, f"name-{role}")
    _write(figure, y, Piece(title.end + 6, "code", shape, 10, _colour(role)), f"shape-{role}")


def _arrow(figure, ends, y, colour, word):
    """An arrow from the first end to the second, with its word above it or, backwards, below."""
    from matplotlib.patches import FancyArrowPatch

    (start, end), back = ends, ends[1] < ends[0]
    look = {"arrowstyle": "-|>", "mutation_scale": 8, "linewidth": 1, "color": colour, "shrinkA": 0, "shrinkB": 0}
    arrow = FancyArrowPatch((start / WIDE, y / HIGH), (end / WIDE, y / HIGH), transform=figure.transFigure, **look)
    figure.add_artist(arrow)
    x = (start + end - _width("label", word, 8.5)) / 2
    _write(figure, y - 9 if back else y + 4, Piece(x, "label", word, 8.5, colour), f"{word}-{x}")


def _planes(figure, role, place, count, size, marked=()):
    """Grids of cells one behind the other, the nearest whole, some of its cells marked."""
    from matplotlib.patches import Rectangle

    colour, (x, y), (rows, columns), cell = _colour(role), place, size, 7
    for plane in reversed(range(count)):
        left, head = x + 3.5 * plane, y + cell * rows / 2 + 3.5 * (plane - (count - 1) / 2)
        for i in range(rows):
            for j in range(columns):
                strong = 0.75 if not plane and (i, j) in marked else 0.16
                face = tuple(1 - strong + strong * one for one in colour)
                corner = (left + cell * j) / WIDE, (head - cell * (i + 1)) / HIGH
                look = {"facecolor": face, "edgecolor": colour, "linewidth": 0.5, "transform": figure.transFigure}
                figure.add_artist(Rectangle(corner, cell / WIDE, cell / HIGH, **look))
