"""What the lessons draw their cases with: small whole numbers, sums written out, slips gathered by answer."""

from convlab.mistakes.values import mirrored, rotated, upside_down, value_at
from convlab.questions.grading import canonical
from convlab.questions.question import Slip


def drawn(draw, keep):
    """The first case of `draw()` that `keep(case)` accepts: one where the lesson's mistakes differ.

    Raises:
        RuntimeError: none of 2,000 is accepted; the rule for this question is too strict.
    """
    for _ in range(2_000):
        case = draw()
        if keep(case):
            return case
    raise RuntimeError("no case was accepted in 2,000 draws: loosen what this question asks of its numbers")


def shuffled(rng, entries):
    """The entries as a new list in an order drawn at random."""
    return rng.sample(entries, len(entries))


def grid(rng, height, width, low=0, high=9):
    """Rows of whole numbers from `low` to `high`."""
    return [[rng.randint(low, high) for _ in range(width)] for _ in range(height)]


def kernel(rng, height, width, size=2):
    """A kernel of whole numbers with both signs, that every flip of its axes changes."""

    def keep(weight):
        signs = min(map(min, weight)) < 0 < max(map(max, weight))
        return signs and weight not in (rotated(weight), mirrored(weight), upside_down(weight))

    return drawn(lambda: grid(rng, height, width, -size, size), keep)


def output_of(input, weight, bias=0):
    """The whole output for one channel and one kernel: nested lists, whole numbers stay whole.

    Example:
        >>> output_of([[1, 2, 4]], [[-1, 1]])
        [[1, 2]]
    """
    H, W, kH, kW = len(input), len(input[0]), len(weight), len(weight[0])
    return [[value_at([input], [weight], bias, (i, j)) for j in range(W - kW + 1)] for i in range(H - kH + 1)]


def sequential(name, layers):
    """The code of a network, a layer a line.

    Example:
        >>> print(sequential("net", ["nn.Conv2d(1, 4, 3)", "nn.ReLU()"]))
        net = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
        )
    """
    return "\n".join([f"{name} = nn.Sequential(", *(f"    {layer}," for layer in layers), ")"])


def window(input, start, kH, kW):
    """The kH x kW cells of `input` whose top left cell is `start`."""
    top, left = start
    return [row[left : left + kW] for row in input[top : top + kH]]


def products(window, weight):
    """The sum of products written out, weight first.

    Example:
        >>> products([[2, 3, 4]], [[1, 0, -1]])
        '1*2 + 0*3 - 1*4'
    """
    terms = [
        (tap, cell) for taps, cells in zip(weight, window, strict=True) for tap, cell in zip(taps, cells, strict=True)
    ]
    text = " ".join(f"{'-' if tap < 0 else '+'} {abs(tap)}*{cell}" for tap, cell in terms)
    return text[2:] if text.startswith("+") else "-" + text[2:]


def added(number):
    """A number as it is written when it is added.

    Example:
        >>> added(3), added(-2)
        ('+ 3', '- 2')
    """
    return f"{'-' if number < 0 else '+'} {abs(number)}"


def rows_text(rows):
    """A grid as nested lists, a row a line, columns in line; it reads the same when line ends become blanks.

    Example:
        >>> print(rows_text([[1, 0, -1], [2, 0, -2]]))
        [[1, 0, -1],
         [2, 0, -2]]
    """
    wide = [max(len(f"{row[column]}") for row in rows) for column in range(len(rows[0]))]
    lines = ["[" + ", ".join(f"{value}".rjust(w) for value, w in zip(row, wide, strict=True)) + "]" for row in rows]
    return "[" + ",\n ".join(lines) + "]"


def span(first, count, noun):
    """Consecutive rows or columns in words.

    Example:
        >>> span(2, 3, "columns"), span(1, 1, "rows")
        ('columns 2 to 4', 'row 1')
    """
    return f"{noun[:-1]} {first}" if count == 1 else f"{noun} {first} to {first + count - 1}"


def counted(number, noun):
    """A number with its noun in the right form.

    Example:
        >>> counted(1, "row"), counted(3, "row")
        ('1 row', '3 rows')
    """
    return f"{number} {noun}{'s' * (number != 1)}"


def block(role, values, title="", mark=None):
    """A figure block: numbers in the colour of their role, under a title."""
    made = {"role": role, "title": title or f"{role} {len(values)} x {len(values[0])}", "values": values}
    return made if mark is None else {**made, "mark": mark}


def apart(kind, answer, slips):
    """True when every slip differs from the answer, and slips of different mistakes differ from each other."""
    seen = {}
    for slip in slips:
        key = canonical(kind, slip.answer)
        if key == canonical(kind, answer) or seen.setdefault(key, slip.mistakes) != slip.mistakes:
            return False
    return True


def gathered(kind, answer, slips):
    """The slips that differ from the answer; those that agree on this case become one, with all names."""
    together = {}
    for slip in slips:
        key = canonical(kind, slip.answer)
        if key != canonical(kind, answer):
            together.setdefault(key, []).append(slip)
    return tuple(_one(group) for group in together.values())


def _one(group):
    mistakes = tuple(dict.fromkeys(id for slip in group for id in slip.mistakes))
    lines = {}
    for slip in group:
        lines.setdefault(slip.mistakes, slip.line)
    return Slip(group[0].answer, mistakes, " Or: ".join(lines.values()))


def tensors(input, weight, bias=None):
    """The first lines of a proof: the case as PyTorch tensors of four axes."""
    lines = [
        "import torch",
        "from torch.nn import functional as F",
        f"input = torch.tensor({input}).double()[None, None]",
        f"weight = torch.tensor({weight}).double()[None, None]",
    ]
    if bias is not None:
        lines.append(f"bias = torch.tensor([{bias}]).double()")
    return "\n".join(lines)


def layer_code(kH, kW):
    """The layer of lesson 02 with this kernel size, as PyTorch code."""
    return f"nn.Conv2d(1, 1, kernel_size=({kH}, {kW}))"


def covered(start, kH, kW):
    """The cells of the window whose top left cell is `start`, row by row."""
    return [(start[0] + u, start[1] + v) for u in range(kH) for v in range(kW)]


def places_reading(cell, H, W, kH, kW, shift=(0, 0)):
    """The places (i, j) in H x W whose window, moved back by `shift`, covers the cell."""
    r, c = cell
    return [(i, j) for i in range(H) for j in range(W) if 0 <= r - i + shift[0] < kH and 0 <= c - j + shift[1] < kW]


def middle(kH, kW):
    """The cell of a window that counts as its middle: up and left of it where a side is even."""
    return (kH - 1) // 2, (kW - 1) // 2
