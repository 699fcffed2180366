"""The formulas of the lessons as MathML, which a browser draws by itself: no script, no font, no other host.

It knows the part of TeX that the lessons use. What it does not know it leaves as it was written, in a code font.
"""

import re
from html import escape

TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|[a-zA-Z]|\S")
TEXT = re.compile(r"\s*\{((?:[^{}\\]|\\.)*)\}")
SIGNS = {
    r"\cdot": "·", r"\leftarrow": "←", r"\rightarrow": "→", r"\approx": "≈", r"\times": "×", r"\le": "≤", r"\ge": "≥",
    r"\neq": "≠", r"\pm": "±", r"\in": "∈", r"\partial": "∂", r"\dots": "…", r"\odot": "⊙", r"\ast": "∗",
    r"\lfloor": "⌊", r"\rfloor": "⌋", r"\lceil": "⌈", r"\rceil": "⌉", r"\{": "{", r"\}": "}", "-": "−",
}  # fmt: skip
LETTERS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ε", r"\eta": "η", r"\theta": "θ",
    r"\lambda": "λ", r"\mu": "μ", r"\pi": "π", r"\psi": "ψ", r"\sigma": "σ", r"\phi": "φ", r"\infty": "∞",
}  # fmt: skip
SPACES = {r"\,": 0.17, r"\:": 0.22, r"\;": 0.28, r"\ ": 0.33, r"\quad": 1, r"\qquad": 2}
FUNCTIONS = {r"\cos", r"\sin", r"\exp", r"\log", r"\max", r"\min", r"\bmod"}
FENCES = set("()[]|⌊⌋⌈⌉")
LARGE = {r"\sum": "∑", r"\prod": "∏"}


class Unknown(ValueError):
    """A piece of TeX that is not known here; its text is the piece."""


def mathml(tex, display=True):
    r"""A formula as a `<math>` element; as `<code>` where it holds something that is not known here.

    Args:
        tex: what stands between the dollars.
        display: whether it stands on a line of its own.

    Example:
        >>> mathml(r"k_H + 1", display=False)
        '<math><mrow><msub><mi>k</mi><mi>H</mi></msub><mo>+</mo><mn>1</mn></mrow></math>'
        >>> mathml(r"\unheard{x}", display=False)
        '<code>\\unheard{x}</code>'
    """
    try:
        inside = _Reader(tex).all()
    except Unknown:
        return f"<code>{escape(tex)}</code>"
    label = ' display="block"' if display else ""
    return f"<math{label}>{inside}</math>"


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, tex):
        self.tex, self.at = tex, 0

    def all(self):
        row = self.row(end=None)
        return f"<mrow>{row}</mrow>"

    def look(self):
        """The next token and where it ends, without taking it; None at the end."""
        found = TOKEN.search(self.tex, self.at)
        return (found[0], found.end()) if found else (None, self.at)

    def take(self):
        token, self.at = self.look()
        if token is None:
            raise Unknown("the formula ends too early")
        return token

    def row(self, end):
        """What stands before the token `end`, which is taken too."""
        pieces = []
        while True:
            token, after = self.look()
            if token == end:
                self.at = after
                return "".join(pieces)
            pieces.append(self.with_scripts(self.piece()))

    def argument(self):
        """A group in braces, or the next piece."""
        if self.look()[0] == "{":
            self.take()
            row = self.row(end="}")
            return row if _is_one(row) else f"<mrow>{row}</mrow>"
        return self.piece()

    def with_scripts(self, base):
        """The base with what is written below and above it."""
        scripts = {}
        while (token := self.look()[0]) in ("_", "^"):
            self.take()
            if token in scripts:
                raise Unknown(token)
            scripts[token] = self.argument()
        if not scripts:
            return base
        below, above = ("under", "over") if any(sign in base for sign in LARGE.values()) else ("sub", "sup")
        name = f"m{below if '_' in scripts else ''}{above if '^' in scripts else ''}"
        return f"<{name}>{base}{scripts.get('_', '')}{scripts.get('^', '')}</{name}>"

    def piece(self):
        """One token, with what belongs to it."""
        token = self.take()
        if token == "{":
            return f"<mrow>{self.row(end='}')}</mrow>"
        if token == r"\text":
            return self.text()
        if token == r"\frac":
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if token == r"\sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if token == r"\overline":
            return f'<mover accent="true">{self.argument()}<mo>¯</mo></mover>'
        if token == r"\left":
            return self.fenced()
        return _simple(token)

    def text(self):
        found = TEXT.match(self.tex, self.at)
        if not found:
            raise Unknown(r"\text")
        self.at = found.end()
        words = re.sub(r"\\(.)", r"\1", found[1])
        # MathML drops the spaces at the ends, and they are what keeps words apart.
        return f"<mtext>{escape(re.sub(r'^ | $', chr(0xA0), words))}</mtext>"

    def fenced(self):
        opening = self.take()
        row = self.row(end=r"\right")
        return f"<mrow>{_fence(opening)}{row}{_fence(self.take())}</mrow>"


def _is_one(row):
    return re.fullmatch(r"<(m[ino])>[^<]*</\1>", row) is not None


def _fence(token):
    sign = SIGNS.get(token, token)
    if sign not in FENCES:
        raise Unknown(token)
    return f'<mo stretchy="true">{sign}</mo>'


def _simple(token):
    if re.fullmatch(r"\d[\d.]*", token):
        return f"<mn>{token}</mn>"
    if token.isalpha() or token in LETTERS:
        return f"<mi>{LETTERS.get(token, token)}</mi>"
    if token in SPACES:
        return f'<mspace width="{SPACES[token]}em"></mspace>'
    if token in FUNCTIONS:
        return f'<mo lspace="0.2em" rspace="0.2em">{"mod" if token == chr(92) + "bmod" else token[1:]}</mo>'
    if token in LARGE:
        return f'<mo movablelimits="false">{LARGE[token]}</mo>'
    if token in SIGNS or token in "+=,.:;/<>()[]|!*'":
        sign = SIGNS.get(token, token)
        return f'<mo stretchy="false">{escape(sign)}</mo>' if sign in FENCES else f"<mo>{escape(sign)}</mo>"
    raise Unknown(token)
