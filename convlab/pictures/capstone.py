"""Printed figures of the capstone: designs side by side within their budget, and how trainings went."""

import numpy as np

from .figures import Drawing, _colour
from .tables import as_array, format_number

INK, PALE = "0.25", "0.72"
LOOKS = (("input", "o", "-"), ("weight", "s", "--"), ("output", "D", "-."), ("gradient", "^", ":"))


def draw_candidates(rows, limits, enough=None, timing=None):
    """A printed figure of designs side by side: what they cost, how long they take here, and what they can.

    The accuracy has its 95 % interval: where two of them overlap widely, the test has no order for the two. The line of
    text has no number in it: a machine's times are its own.

    Args:
        rows: name -> {"parameters", "macs", "right", "of", "low", "high"}.
        limits: {"parameters": ..., "macs": ...}.
        enough: the share that is asked for; None where none is.
        timing: name -> ``Laps``, as ``convlab.layers.measure`` returns; None where nothing was measured.

    Example:
        >>> from convlab.layers.timing import Laps
        >>> row = {"parameters": 3708, "macs": 294264, "right": 973, "of": 1000, "low": 0.961, "high": 0.981}
        >>> limits = {"parameters": 20000, "macs": 300000}
        >>> draw_candidates({"pooled": row}, limits, 0.96, {"pooled": Laps((2.0, 3.0))})
        Picture of pooled: parameters, multiply-adds, time, accuracy
    """
    from matplotlib.figure import Figure

    names, widths = list(rows), (1, 1, 1.25) if timing is None else (1, 1, 1, 1.25)
    figure = Figure(figsize=(2.45 * sum(widths), 1.25 + 0.46 * len(names)), dpi=110, layout="constrained")
    panels = figure.subplots(1, len(widths), width_ratios=widths, sharey=True)
    for axes, name, title in zip(
        panels, ("parameters", "macs"), ("parameters", "multiply-adds a picture"), strict=False
    ):
        _draw_costs(axes, [row[name] for row in rows.values()], limits[name], title)
    if timing is not None:
        _draw_laps(panels[2], [timing[name] for name in names])
    _draw_shares(panels[-1], list(rows.values()), enough)
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set(ylim=(len(names) - 0.45, -0.55))
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=8)
    time = "time, " if timing is not None else ""
    return Drawing(figure, f"Picture of {', '.join(names)}: parameters, multiply-adds, {time}accuracy")


def _draw_costs(axes, costs, limit, title):
    """A bar each, and the bound as a line; what is over it is hatched."""
    colour = _colour("weight" if title == "parameters" else "input")
    paper = {
        "facecolor": "white",
        "alpha": 0.7,
        "edgecolor": "none",
        "pad": 1.5,
    }  # behind a number, where it is hatched
    for at, cost in enumerate(costs):
        hatch = "////" if cost > limit else None
        axes.barh(at, cost, height=0.56, facecolor=(*colour, 0.35), edgecolor=colour, hatch=hatch)
        axes.annotate(f"{cost:,}", (0, at), (6, 0), textcoords="offset points", va="center", size=9, bbox=paper)
    axes.axvline(limit, color=INK, linewidth=1.2, linestyle="--")
    axes.set(xlim=(0, 1.25 * max([*costs, limit])))
    axes.set_title(title, size=10)
    axes.set_xticks([0, limit], ["0", f"{limit:,}\nbound"])


def _draw_laps(axes, all_laps):
    for at, laps in enumerate(all_laps):
        axes.plot([min(laps.all_ms), laps.high_ms], [at, at], color=PALE, linewidth=2, zorder=1)
        axes.plot([laps.low_ms, laps.high_ms], [at, at], color=_colour("gradient"), linewidth=8, alpha=0.4, zorder=2)
        axes.plot(laps.median_ms, at, "o", color=INK, markersize=5, zorder=3)
        label = f"{format_number(laps.median_ms)} ms"
        axes.annotate(label, (laps.high_ms, at), (7, 0), textcoords="offset points", va="center", size=8)
    axes.set(xlim=(0, 1.5 * max(laps.high_ms for laps in all_laps)))
    axes.set_title("time, one picture, here", size=10)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} ms")
    axes.locator_params(axis="x", nbins=3)


def _draw_shares(axes, rows, enough):
    """The share of test digits named rightly as a dot, and its interval as a bar."""
    colour = _colour("output")
    for at, row in enumerate(rows):
        share = row["right"] / row["of"]
        axes.plot([row["low"], row["high"]], [at, at], color=colour, linewidth=8, alpha=0.35, solid_capstyle="butt")
        axes.plot(share, at, "o", color=INK, markersize=5)
        axes.annotate(f"{share:.1%}", (row["high"], at), (5, 0), textcoords="offset points", va="center", size=8)
    asked = [] if enough is None else [enough]
    for share in asked:
        axes.axvline(share, color=INK, linewidth=1.2, linestyle="--")
    low, high = min([*asked, *(row["low"] for row in rows)]), max([*asked, *(row["high"] for row in rows)])
    room = high - low + 1e-3
    axes.set(xlim=(low - 0.1 * room, high + 0.32 * room))
    axes.set_title(f"right of {rows[0]['of']:,}, and the 95 % interval", size=10)
    step = next((step for step in (0.01, 0.02, 0.05, 0.1) if room / step < 6), 0.2)
    ticks = [
        number * step for number in range(round(1 / step) + 1) if low <= number * step + 1e-9 and number * step <= high
    ]
    ticks = sorted({*(round(tick, 4) for tick in ticks), *asked})
    axes.set_xticks(ticks, [f"{tick:.0%}" + "\nasked" * (tick in asked) for tick in ticks])


def draw_histories(histories):
    """A printed figure of trainings: the training loss by epoch, and the share of the held-out digits named rightly.

    Args:
        histories: name -> ``History``.

    Example:
        >>> from convlab.layers.capstone import History
        >>> draw_histories({"strided": History((1.0, 0.5), (0.9, 0.95))})
        Picture of the training of strided
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.2, 3.1), dpi=110, layout="constrained")
    left, right = figure.subplots(1, 2)
    most = max(len(history.shares) for history in histories.values())
    for number, (name, history) in enumerate(histories.items()):
        role, marker, style = LOOKS[number % len(LOOKS)]
        look = {"color": _colour(role), "marker": marker, "linestyle": style, "label": name, "markersize": 5}
        left.plot(range(len(history.losses)), history.losses, **look)
        right.plot(range(len(history.shares)), history.shares, **look)
        best = history.best
        right.plot(best, history.shares[best], marker, color=_colour(role), markersize=11, markerfacecolor="none")
    left.set(ylabel="training loss", ylim=(0, None))
    right.set(ylabel="held-out digits named rightly")
    right.yaxis.set_major_formatter(lambda value, _: f"{value:.1%}")
    for axes in (left, right):
        axes.set_xlabel("epoch (its index)")
        axes.set_xticks(range(most))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    right.legend(fontsize=9, loc="lower right")
    return Drawing(figure, f"Picture of the training of {', '.join(histories)}")


def draw_confusion(table):
    """A printed figure of which digit was called what: a row for what it is, a column for what was said.

    The darker a cell off the diagonal, the more often that happened; those named rightly stand in grey. The line of
    text has no number in it: a training's figures are its own.

    Args:
        table: how often, (classes, classes).

    Example:
        >>> draw_confusion([[9, 1], [0, 8]])
        Picture of what 2 classes were called
    """
    from matplotlib.figure import Figure

    table = as_array(table)
    count, colour = len(table), _colour("weight")
    wrong = table * (1 - np.eye(count))
    most = wrong.max() or 1
    figure = Figure(figsize=(0.44 * count + 1.2, 0.36 * count + 1.0), dpi=110, layout="constrained")
    axes = figure.subplots()
    shades = np.ones((count, count, 4)) * (*colour, 0.0)
    shades[..., 3] = 0.75 * wrong / most
    axes.imshow(shades, aspect="auto")
    for row, column in np.argwhere(table > 0):
        right = row == column
        look = {"color": "0.55"} if right else {"weight": "bold", "color": INK}
        axes.text(column, row, f"{int(table[row, column])}", ha="center", va="center", size=9, **look)
    axes.set(xlabel="what it was called", ylabel="what it is")
    axes.set_xticks(range(count))
    axes.set_yticks(range(count))
    axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="0.85", linewidth=0.6)
    axes.tick_params(which="both", length=0)
    axes.xaxis.set_ticks_position("top")
    axes.xaxis.set_label_position("top")
    return Drawing(figure, f"Picture of what {count} classes were called")
