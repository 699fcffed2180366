"""What a walk through a model found: a row for each layer's call, the totals, and where it broke."""

from dataclasses import dataclass, field
from html import escape

HEADS = ("layer", "kind", "output", "parameters", "MACs", "receptive field", "jump")


@dataclass(frozen=True)
class Row:
    """One call of one layer, or of one function between the layers.

    Args:
        name: as ``model.named_modules()`` has it; ``(model)`` for the model itself; a function's is
            ``F.relu``, ``.view``, ``+``.
        kind: the layer's class, or "function".
        input_shape, output_shape: of its first tensor; None where there is none.
        parameters: learnable numbers of the layer; ``shared`` of them were counted in a row above.
        macs: multiply-adds of its convolutions and matrix products for the batch given.
        bytes: memory of the output.
        receptive_field: how much input one unit of the output sees, in pixels along each axis, padding included; None
            where it is not defined.
        jump: the distance between the views of two neighbours, in pixels; None where there is not one such distance, or
            where all units see the same.
        whole: every unit sees the whole input.
        problem: the error's own words where the layer broke, else "".
        line: the line of the model's own code that was running then, else "".
        call: the layer, or the call of the function, as it can be written.
        inside: for a function the name of the module that called it, else "".
        reads: numbers of the rows that made what it was given, counted from 1; 0 is the model's input.
        shares: whether its output lies in the memory of what it was given (a view, or work in place).
        parts: (name, shape, whether a row above has counted it) of each parameter.
        settings: what its sizes follow from: {"form": "conv", "pool", "linear", ..., and arguments by name}, or {}.

    Example:
        >>> Row("0", "Conv2d", (1, 1, 5, 7), (1, 4, 3, 5), parameters=40, macs=540).label
        '0: Conv2d'
    """

    name: str
    kind: str
    input_shape: tuple | None
    output_shape: tuple | None = None
    parameters: int = 0
    shared: int = 0
    macs: int = 0
    bytes: int = 0
    receptive_field: tuple | None = None
    jump: tuple | None = None
    whole: bool = False
    problem: str = ""
    line: str = ""
    call: str = ""
    inside: str = ""
    reads: tuple = ()
    shares: bool = False
    parts: tuple = ()
    settings: dict = field(default_factory=dict, hash=False)

    @property
    def label(self):
        """Its name; of a layer that has a number for a name the class too: ``4: Linear``."""
        return f"{self.name}: {self.kind}" if self.name.rpartition(".")[2].isdigit() else self.name


@dataclass(frozen=True, repr=False)
class Walk:
    """A model's rows in the order of execution, and its totals; looks like a table.

    Args:
        input_shape: of what went in.
        rows: ``Row`` after ``Row``; where the model broke, the last one says so.
        parameters: of the whole model, each counted once, whether it was used or not.
        macs: of the whole run, between the layers too.

    Example:
        >>> Walk((1, 1, 5, 7), [Row("0", "Conv2d", (1, 1, 5, 7), problem="too few channels")], 40, 0).problem
        'too few channels'
    """

    input_shape: tuple
    rows: list
    parameters: int
    macs: int

    @property
    def problem(self):
        """The error's own words where the model broke, or ""."""
        return self.rows[-1].problem if self.rows else ""

    def __repr__(self):
        table = [HEADS, *self._table()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [_aligned(cells, widths) for cells in table]
        return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], *self._notes()])

    def _repr_html_(self):
        head = "".join(f'<th scope="col" style="text-align:left">{escape(name)}</th>' for name in HEADS)
        body = "".join(f"<tr>{''.join(map(_cell, range(len(HEADS)), cells))}</tr>" for cells in self._table())
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return f'<table class="convlab-walk"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}'

    def _table(self):
        """The cells as text."""
        table = [("input", "", str(self.input_shape), "", "", "", "")]
        table += [_cells(row) for row in self.rows]
        parameters = self.parameters - sum(row.parameters - row.shared for row in self.rows)
        macs = self.macs - sum(row.macs for row in self.rows)
        if parameters or macs:
            table.append(("(elsewhere)", "", "", f"{parameters:,}", f"{macs:,}", "", ""))
        return [*table, ("total", "", "", f"{self.parameters:,}", f"{self.macs:,}", "", "")]

    def _notes(self):
        notes = []
        if any(row.shared for row in self.rows):
            notes.append("(in brackets: shared with a layer above, and counted once in the total)")
        if self.problem:
            last = self.rows[-1]
            given = f", which was given {last.input_shape}" if last.input_shape else ""
            notes.append(f"It breaks in {last.name}{given}." + (f" The line: {last.line}" if last.line else ""))
            notes.append(f"The message: {self.problem}")
        return notes


def _cells(row):
    """One row as text."""
    parameters = f"({row.parameters:,})" if row.shared else f"{row.parameters:,}"
    if row.problem:
        return (row.name, row.kind, "breaks here", parameters, "", "", "")
    return (
        row.name,
        row.kind,
        str(row.output_shape) if row.output_shape is not None else "-",
        parameters,
        f"{row.macs:,}",
        "whole input" if row.whole else _times(row.receptive_field),
        _times(row.jump),
    )


def _times(lengths):
    """(7, 11) as 7 x 11."""
    return "-" if lengths is None else " x ".join(f"{length:g}" for length in lengths)


def _aligned(cells, widths):
    """Words to the left, numbers to the right."""
    padded = [
        cell.rjust(width) if at in (3, 4) else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()


def _cell(at, text):
    tag = 'th scope="row"' if at == 0 else "td"
    return f'<{tag} style="text-align:{"right" if at in (3, 4) else "left"}">{escape(text)}</{tag[:2]}>'
