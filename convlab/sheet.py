"""The lines that the cheat sheet is gathered from: read, written as text, and set as HTML.

A lesson ends with such a line. Its entries have "; " between them, and an entry is a label, ": " and what is to be
known: words, code in backticks, formulas in dollars.
"""

import re
from html import escape
from typing import NamedTuple

RUN = re.compile(r"`(?P<code>[^`]+)`|\$(?P<math>[^$]+)\$|(?P<words>[^`$]+)")
# Whose a name is, in code and in a formula. What is named first wins: p_H is the padding's, not the input's.
NAMES = {
    "": (r"[psd]_[HW]|\\sum_\{[^}]*\}", r"\w+_padding"),
    "gradient": (r"\\text\{grad\\_\w+\}|(?<![A-Za-z])G", r"G|grad_\w+|\w+\.grad"),
    "output": (r"\\text\{output\}|[CHW]_\{out\}", r"output|out_channels|[CHW]_out"),
    "weight": (r"\\text\{(?:weight|bias)\}|k_[HW]", r"(?:layer\.)?weight|w|bias|kernel_size|k[HW]"),
    "input": (r"\\text\{input\}|C_\{in\}|(?<![A-Za-z_{\\])[HW](?![a-z_])", r"input|x|photo|batch|in_channels|C_in|H|W"),
}
IN_MATH, IN_CODE = (
    re.compile("|".join(f"(?P<{role or 'nobody'}>{edge}(?:{both[at]}){edge})" for role, both in NAMES.items()))
    for at, edge in ((0, ""), (1, r"\b"))
)
PLAIN = (
    (r"\\text\{([^}]*)\}", r"\1"),
    (r"\\sum_\{([^}]*)\}", r"Σ(\1) "),
    (r"\b([dkps])_([HW])", r"\1\2"),
    (r"_\{([^}]*)\}", r"_\1"),
    (r"\\(?:,|;|\s)", " "),
    (r"\\cdot", "·"),
    (r"\\lfloor\s*", "⌊"),
    (r"\s*\\rfloor", "⌋"),
    (r"\\leftarrow", "←"),
    (r"\\rightarrow", "→"),
    (r"\\times", "×"),
    (r"\\leq?\b", "≤"),
    (r"\\approx", "≈"),
    (r"-", "−"),
    (r"\\_", "_"),
    (r"\s+", " "),
)


class Entry(NamedTuple):
    """One thing to know: its label, "" without one, and its runs, pairs ("words", "code" or "math"; the text)."""

    label: str
    runs: list


def entries(line):
    """The entries of a lesson's line.

    Example:
        >>> entries("size: $H - k_H + 1$; a batch: `x[None]`")[0]
        Entry(label='size', runs=[('math', 'H - k_H + 1')])
    """
    found, runs = [], []
    for match in RUN.finditer(line.strip()):
        first, *more = re.split(r"; ", match[0]) if match.lastgroup == "words" else [match[match.lastgroup]]
        runs += [(match.lastgroup, first)] * bool(first)
        for words in more:
            found, runs = [*found, runs], [("words", words)] * bool(words)
    return [_entry(it) for it in (*found, runs) if it]


def _entry(runs):
    label, colon, rest = runs[0][1].partition(": ")
    if runs[0][0] == "words" and colon:
        return Entry(label.strip(), [("words", rest)] * bool(rest) + runs[1:])
    return Entry("", runs)


def by_role(kind, text):
    """The text of a run in pieces, pairs (role, piece); the role is "" where a piece has none.

    Example:
        >>> by_role("code", "x.shape == (N, C_in)")
        [('input', 'x'), ('', '.shape == (N, '), ('input', 'C_in'), ('', ')')]
    """
    pieces, end = [], 0
    for match in (IN_MATH if kind == "math" else IN_CODE).finditer(text) if kind != "words" else ():
        if match.lastgroup != "nobody":
            pieces += [("", text[end : match.start()]), (match.lastgroup, match[0])]
            end = match.end()
    return [(role, piece) for role, piece in (*pieces, ("", text[end:])) if piece]


def plain(kind, text):
    """A run as a terminal can show it.

    Example:
        >>> plain("math", r"H_{out} = \\lfloor (H + 2 p_H - k_H) / s_H \\rfloor + 1")
        'H_out = ⌊(H + 2 pH − kH) / sH⌋ + 1'
    """
    if kind == "math":
        for pattern, written in PLAIN:
            text = re.sub(pattern, written, text)
    return f"`{text}`" if kind == "code" else text


def as_text(entry):
    """An entry as one line of text."""
    body = "".join(plain(*run) for run in entry.runs)
    return f"{entry.label}: {body}" if entry.label else body


def as_html(entry, inks):
    """An entry as HTML, its formulas left in dollars for JupyterLab to set, its code in the colours of the roles.

    Args:
        entry: the `Entry`.
        inks: role -> a colour, as CSS writes it.
    """
    body = "".join(_run_as_html(kind, text, inks) for kind, text in entry.runs)
    return f"<em>{escape(entry.label)}:</em> {body}" if entry.label else body


def _run_as_html(kind, text, inks):
    form = r"\style{{color:{}}}{{{}}}" if kind == "math" else '<span style="color:{}">{}</span>'
    pieces = ((inks.get(role), escape(piece)) for role, piece in by_role(kind, text))
    body = "".join(form.format(ink, piece) if ink else piece for ink, piece in pieces)
    return {"math": f"${body}$", "code": f"<code>{body}</code>"}.get(kind, body)
