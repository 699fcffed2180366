"""Figures of the debugging clinic: a message with its numbers named, cut rows, what a step moved, and the table."""

import re
from html import escape
from numbers import Real

import numpy as np

from ..refusals import came
from ..said import prose, table
from ..shapes import ArgumentError
from .figures import Drawing, _colour
from .tables import ROLES, Picture, as_array

# What the numbers of a message are, in their order: (pattern, ((label, role), one for each group of the pattern)).
# "wanted" is what the layer was made for, "given" what came; the same two colours as the layer and its input.
WANTED, GIVEN = ("wanted", "weight"), ("given", "input")
NAMED = (
    (
        r"weight of size \[\d+, (\d+)[^]]*\], expected input\[(?:\d+, )?(\d+), \d+, \d+\] to have (\d+) channels?, "
        r"but got (\d+)",
        (WANTED, GIVEN, WANTED, GIVEN),
    ),
    (r"\(\d+x(\d+) and (\d+)x\d+\)", (GIVEN, WANTED)),
    (r"Input type \((.+?)\) and (?:bias|weight) type \((.+?)\)", (GIVEN, WANTED)),
    (
        r"per channel: \((\d+) x (\d+)\)\. Kernel size: \((\d+) x (\d+)\)",
        (("rows", "input"), ("columns", "input"), ("rows", "weight"), ("columns", "weight")),
    ),
    (
        r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
        (("one path", "output"), ("the other", "output"), ("axis", "product")),
    ),
    (r"shape '\[-1, (\d+)\]' is invalid for input of size (\d+)", (("a row", "weight"), ("all numbers", "input"))),
)

SYMPTOMS = (
    ("`expected input[...] to have 1 channels, but got 3`", "the weight's second number, beside the input's channels",
     "`print(x.shape, conv.weight.shape)`, layer by layer"),
    ("`mat1 and mat2 shapes cannot be multiplied`", "what Flatten gives: channels · rows · columns",
     "`print(features(x).shape)`"),
    ("`Input type (unsigned char)`, or poor results behind `.float()`", "type, layout and range of the picture",
     "`print(x.dtype, x.shape, x.max())`, and look at it"),
    ("`Kernel size can't be greater than actual input size`", "how much is left in front of that layer",
     "the shapes, layer by layer, for the smallest picture"),
    ("one answer for several pictures", "the axes: three are *one* picture (C, H, W)", "`len(net(x)) == len(x)`"),
    ("more rows, or fewer, than pictures", "`view(-1, ...)` and `reshape` in front of a Linear layer",
     "one picture alone, and the same one in a batch"),
    ("rows and columns exchanged, or a rim too much", "pairs: (rows, columns); only `F.pad` begins with the columns",
     "a picture that is not square, its size said beforehand"),
    ("one row too many or too few, for some sizes only", "stride and padding of both paths; the floor",
     "even and odd sizes, both paths"),
    ("a map that is mirrored, or of the wrong sign", "convolution or cross-correlation: is the kernel turned?",
     "an impulse: what comes out is the kernel, turned by 180°"),
    ("a layer changes that nobody has touched", "`.data =`: who shares memory, and does the shape fit?",
     "change one, look at the other: `a.data_ptr() == b.data_ptr()`"),
    ("a frozen part answers otherwise than before", "BatchNorm: its running mean and its mode",
     "`state_dict()` before and after a step"),
    ("the loss does not move", "what the optimizer has, and what goes into the loss",
     "which parameters moved in one step? One batch, again and again: is it learned by heart?"),
)  # fmt: skip


def draw_message(message):
    """PyTorch's own message with a name under each number that counts: what was wanted, what was given.

    Args:
        message: the error itself, or its text.

    Example:
        >>> draw_message("mat1 and mat2 shapes cannot be multiplied (2x480 and 320x10)")
        mat1 and mat2 shapes cannot be multiplied (2x480 and 320x10)
        480 given, 320 wanted
    """
    text, pieces, words, end = str(message), [], [], 0
    for place, value, (label, role) in _named(text):
        pieces.append(escape(text[end:place]))
        pieces.append(_marked(value, label, role))
        words.append(f"{value} {label}")
        end = place + len(value)
    pieces.append(escape(text[end:]))
    style = "font:13px/2 var(--jp-code-font-family,monospace);max-width:70rem;white-space:pre-wrap;margin:6px 0"
    return Picture(f'<div style="{style}">{"".join(pieces)}</div>', "\n".join(filter(None, [text, ", ".join(words)])))


def draw_cuts(pictures, numbers, row):
    """A printed figure of a batch laid in one line and cut: by ``flatten(1)``, and by ``view(-1, row)``.

    Args:
        pictures: how many there are.
        numbers: that each of them has.
        row: length of a row of the view.

    Raises:
        ArgumentError: a row that does not divide all the numbers; PyTorch refuses it too.

    Example:
        >>> draw_cuts(2, numbers=60, row=40)
        row 0: picture 0; row 1: pictures 0 and 1; row 2: picture 1
    """
    from matplotlib.figure import Figure

    if pictures * numbers % row:
        raise ArgumentError(f"row must divide {pictures} * {numbers} numbers; got {row}: take a divisor.")
    cuts = {f"flatten(1): {numbers} a row": numbers, f"view(-1, {row}): {row} a row": row}
    high = max(pictures, pictures * numbers // row)
    figure = Figure(figsize=(8.4, 0.9 + 0.42 * high), dpi=110, layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, (title, length) in zip(panels, cuts.items(), strict=True):
        for at, parts in enumerate(_cut(pictures, numbers, length)):
            for start, stop, picture in parts:
                _draw_part(axes, at, (start, stop), picture)
        axes.set_title(title, size=10)
        axes.set(xlim=(-2, 1.02 * max(numbers, row)), ylim=(high - 0.4, -0.6), yticks=range(high))
        axes.set_xlabel("number in the row", size=9)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("row", size=9)
    rows = [sorted({picture for *_, picture in parts}) for parts in _cut(pictures, numbers, row)]
    return Drawing(figure, "; ".join(f"row {at}: {_pictures(found)}" for at, found in enumerate(rows)))


def draw_moved(before, after):
    """A printed figure of what a step moved: a bar for each tensor of a network, on a logarithmic axis.

    Args:
        before, after: two ``state_dict()``, the first one copied.

    Example:
        >>> draw_moved({"weight": np.zeros(3), "bias": np.ones(2)}, {"weight": np.zeros(3), "bias": np.zeros(2)})
        weight stands still; bias moved
    """
    from matplotlib.figure import Figure

    most = {name: float(np.abs(as_array(after[name]) - as_array(it)).max(initial=0)) for name, it in before.items()}
    figure = Figure(figsize=(7.4, 0.9 + 0.3 * len(most)), dpi=110, layout="constrained")
    axes = figure.subplots()
    left = 10.0 ** np.floor(np.log10(min([step for step in most.values() if step] or [1e-3])) - 1)
    for at, (name, step) in enumerate(most.items()):
        own = any(word in name for word in ("running_", "num_batches"))
        colour = _colour("product" if own else "weight")
        if step:
            look = {"facecolor": (*colour, 0.35), "edgecolor": colour, "hatch": "///" if own else None}
            axes.barh(at, step - left, left=left, height=0.66, **look)
        else:
            axes.text(left * 1.15, at, "stands still", va="center", size=9, color="0.25")
    axes.set(xscale="log", xlim=(left, 3 * max([*most.values(), 10 * left])), ylim=(len(most) - 0.4, -0.6))
    axes.set_yticks(range(len(most)), list(most), size=9)
    axes.set_xlabel("largest change of one number; hatched: what BatchNorm keeps for itself", size=9)
    axes.spines[["top", "right"]].set_visible(False)
    words = [f"{name} {'moved' if step else 'stands still'}" for name, step in most.items()]
    return Drawing(figure, "; ".join(words))


def draw_readings(pictures, shares, guesses=None):
    """A printed figure of one picture as several programs read it, and how many each of them names rightly.

    The line of text has no share in it: it differs a little from machine to machine.

    Args:
        pictures: name -> (3, H, W), 0 to 1.
        shares: name -> the part that was right, 0 to 1.
        guesses: name -> what the reader guessed, in percent, marked above the bar; ``...`` where he did not.

    Raises:
        TypeError: a name has no share, or a guess is no percentage.

    Example:
        >>> draw_readings({"a": np.zeros((3, 2, 4)), "b": np.ones((3, 2, 4))}, {"a": 0.5, "b": 0.9}, {"a": 60})
        Picture of what a, b read, and of how much each names rightly; guessed: a 60 %
    """
    from matplotlib.figure import Figure

    guesses = {name: _percent(name, it) for name, it in (guesses or {}).items() if it is not ... and name in pictures}
    if missing := [name for name in pictures if name not in shares]:
        raise ArgumentError(
            f"shares must have each of {', '.join(pictures)}; got none for {', '.join(missing)}: run the "
            "cell that finds them first."
        )
    figure = Figure(figsize=(2.5 * len(pictures), 3.4 + 0.2 * bool(guesses)), dpi=110, layout="constrained")
    panels = figure.subplots(2, len(pictures), height_ratios=(6, 1 + 0.6 * bool(guesses)), squeeze=False)
    for (top, bottom), (name, picture) in zip(panels.T, pictures.items(), strict=True):
        top.imshow(as_array(picture).transpose(1, 2, 0).clip(0, 1))
        top.set_title(name, size=11)
        top.set_xlabel("column j (pixels)", size=8)
        top.tick_params(labelsize=7)
        colour, share = _colour("output"), 100 * shares[name]
        bottom.barh(0, share, height=0.6, facecolor=(*colour, 0.35), edgecolor=colour)
        bottom.text(3, -0.02, f"{share:.0f} %", va="center", size=10)
        bottom.set(xlim=(0, 100), ylim=(-0.5, 1.5 if guesses else 0.5), yticks=[])
        if name in guesses:
            _mark_guess(bottom, guesses[name])
        bottom.tick_params(labelsize=7)
        bottom.spines[["top", "right", "left"]].set_visible(False)
    panels[0, 0].set_ylabel("row i (pixels)", size=8)
    figure.supxlabel("test digits named rightly, in percent", size=9)
    words = f"Picture of what {', '.join(pictures)} read, and of how much each names rightly"
    guessed = ", ".join(f"{name} {guess:g} %" for name, guess in guesses.items())
    return Drawing(figure, f"{words}; guessed: {guessed}" if guessed else words)


def _mark_guess(axes, guess):
    axes.plot([guess], [0.6], marker="v", markersize=7, color="black", clip_on=False)
    side = "right" if guess > 50 else "left"
    axes.annotate(
        f"your guess: {guess:g} %",
        (guess, 0.85),
        (-6 if side == "right" else 6, 0),
        textcoords="offset points",
        va="center",
        ha=side,
        size=8,
    )


def _percent(name, guess):
    if isinstance(guess, bool) or not isinstance(guess, Real) or not 0 <= guess <= 100:
        raise ArgumentError(f"guesses must have numbers from 0 to 100, in percent; got {came(guess)} for {name!r}.")
    return guess


def symptoms(rounds=3):
    """The clinic's table: a symptom, what to look at first, and the smallest test that tells.

    Args:
        rounds: 1 to 3; each has four symptoms.

    Raises:
        ArgumentError: another number of rounds.

    Example:
        >>> print(repr(symptoms(1)).splitlines()[2])
        mat1 and mat2 shapes cannot be multiplied: what Flatten gives: channels · rows · columns
    """
    if rounds not in (1, 2, 3):
        raise ArgumentError(f"rounds must be 1, 2 or 3; got {rounds!r:.40}: write symptoms(2).")
    rows = SYMPTOMS[: 4 * rounds]
    text = "\n".join(f"{one}: {two}\n  {three}" for one, two, three in rows).replace("`", "").replace("*", "")
    head = ("symptom", "look at first", "the smallest test")
    html = table(head, [[_stressed(cell) for cell in row] for row in rows])
    return Picture(f'<div style="max-width:56rem">{html}</div>', text)


def _stressed(text):
    return re.sub(r"\*(\w+)\*", r"<em>\1</em>", prose(text))


def _named(text):
    """(where it begins, the number, (label, role)) for each number of a message that has a name."""
    for pattern, labels in NAMED:
        if found := re.search(pattern, text):
            return [(found.start(at), found[at], label) for at, label in enumerate(labels, 1)]
    return []


def _marked(value, label, role):
    colour, _ = ROLES[role]
    chip = f"background:rgb({colour}/.22);border-bottom:3px solid rgb({colour});padding:0 4px;font-weight:700"
    below = f'<span style="font:11px/1.5 var(--jp-ui-font-family);white-space:nowrap">{label}</span>'
    column = "display:inline-flex;flex-direction:column;align-items:center;line-height:1.5"
    return f'<span style="{column}"><span style="{chip}">{escape(value)}</span>{below}</span>'


def _cut(pictures, numbers, length):
    """The rows of a cut line: for each its parts (start in the row, end in the row, picture)."""
    rows = []
    for first in range(0, pictures * numbers, length):
        parts = []
        for picture in range(first // numbers, (first + length - 1) // numbers + 1):
            start, stop = max(first, picture * numbers), min(first + length, (picture + 1) * numbers)
            parts.append((start - first, stop - first, picture))
        rows.append(parts)
    return rows


def _draw_part(axes, row, span, picture):
    """The numbers of one picture in one row, with the picture's number on them."""
    role, hatch = (("input", None), ("weight", "///"), ("output", "..."), ("gradient", "\\\\\\"))[picture % 4]
    colour, (start, stop) = _colour(role), span
    look = {"facecolor": (*colour, 0.3), "edgecolor": colour, "hatch": hatch, "linewidth": 1.2}
    axes.barh(row, stop - start, left=start, height=0.78, **look)
    label = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "boxstyle": "round,pad=0.15"}
    axes.text((start + stop) / 2, row, f"picture {picture}", ha="center", va="center", size=8, bbox=label)


def _pictures(found):
    return f"picture {found[0]}" if len(found) == 1 else f"pictures {' and '.join(map(str, found))}"
