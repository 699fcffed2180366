"""Words and tables about a network that was looked at: which bound is missed, and which layer spends most."""

from html import escape

from ...layers.capstone import MACS, PARAMETERS
from ...pictures.tables import Picture
from ...said import table

LIMITS = {"parameters": (PARAMETERS, "parameters", 2), "macs": (MACS, "multiply-adds a picture", 3)}
HEADS = ("layer", "output", "parameters", "multiply-adds")
MOST_PAIRS = 3  # of digits taken for each other are told


def budget_words(figures, flags):
    """A sentence for each bound that is missed: by how much, and which layer spends most of it."""
    for name, (limit, words, column) in LIMITS.items():
        if flags[name]:
            continue
        largest = max(figures["rows"], key=lambda row: row[column])
        yield (
            f"It has {figures[name]:,} {words}, {figures[name] - limit:,} over the bound of {limit:,}: "
            f"{largest[column]:,} of them in `{largest[4]}`, {largest[0]}."
        )


def layer_table(figures):
    """The layers of a network as a table to look at, or None where nothing was seen of them."""
    rows = [(row[0], _times(row[1]), f"{row[2]:,}", f"{row[3]:,}") for row in figures.get("rows", ())]
    if not rows:
        return None
    rows.append(("total", "", f"{figures['parameters']:,}", f"{figures['macs']:,}"))
    text = "\n".join("  ".join(cells).rstrip() for cells in (HEADS, *rows))
    return Picture(table(HEADS, [[escape(cell) for cell in row] for row in rows]), text)


def _times(lengths):
    return " x ".join(map(str, lengths))


def pairs_taken(confusion):
    """The pairs of digits that are taken for each other most: [(what it is, what was said, how often)].

    Example:
        >>> pairs_taken([[8, 2, 0], [0, 9, 1], [0, 0, 10]])
        [(0, 1, 2), (1, 2, 1)]
    """
    found = [(row, column, count) for row, line in enumerate(confusion) for column, count in enumerate(line)
             if row != column and count]  # fmt: skip
    return sorted(found, key=lambda it: (-it[2], it[0], it[1]))[:MOST_PAIRS]


def confusion_words(confusion):
    """The commonest confusions as a sentence."""
    found = pairs_taken(confusion)
    if not found:
        return "No digit is taken for another."
    said = ", ".join(f"a {row} is called {column} ({count} time{'s' * (count != 1)})" for row, column, count in found)
    return f"Most often {said}."
