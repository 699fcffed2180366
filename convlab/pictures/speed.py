"""Printed figures of the matrix product, of what it holds in memory, and of times measured on this machine."""

import numpy as np

from ..refusals import one_sentence, whole
from ..shapes import ArgumentError
from .figures import Drawing, _colour, _draw_grid, _signed
from .tables import as_array, format_number

INK, PALE = "0.25", "0.72"
KILO, MEGA = 1000, 1_000_000
TERMS = 6  # of a sum, on one line


@one_sentence
def draw_matrices(rows, columns, entry, channels=1):
    """A printed figure of a matrix product: each number of the result stands where its row and its column meet.

    Args:
        rows: the filters, a row each; a weight of four axes is read as such rows.
        columns: the windows, a column each; heavier lines part their channels.
        entry: (o, l), row and column of the number at work.
        channels: of the input.

    Shape:
        rows (C_out, C_in * kH * kW) or (C_out, C_in, kH, kW), columns (C_in * kH * kW, L) -> a Drawing

    Raises:
        ArgumentError: rows and columns that cannot be multiplied.

    Example:
        >>> draw_matrices([[-1, 1]], [[1, 2], [2, 4]], entry=(0, 1))
        product[0, 1] = 2, from 2 products
    """
    from matplotlib.figure import Figure

    rows, columns, (o, place) = as_array(rows), as_array(columns), (whole(it, "entry") for it in entry)
    rows = rows.reshape(len(rows), -1)
    if columns.ndim != 2 or rows.shape[1] != len(columns):
        raise ArgumentError(
            f"rows must be as long as the columns are high; got {rows.shape} and {columns.shape}: give a weight and "
            "the columns of one picture."
        )
    product = rows @ columns
    (C_out, taps), L = rows.shape, columns.shape[1]
    figure = Figure(figsize=(0.36 * (taps + L + 1.5), 0.36 * (taps + C_out + 2.5)), dpi=110)
    layout = {"width_ratios": (taps, L), "height_ratios": (taps, C_out)}
    panels = figure.subplots(2, 2, **layout, gridspec_kw={"wspace": 1.5 / (taps + L), "hspace": 2.6 / (taps + C_out)})
    terms = [f"{_signed(row)}·{_signed(number)}" for row, number in zip(rows[o], columns[:, place], strict=True)]
    sum_ = " +\n".join(" + ".join(terms[at : at + TERMS]) for at in range(0, taps, TERMS))
    name, value = f"product[{o}, {place}]", format_number(product[o, place])
    panels[0, 0].text(0.5, 0.5, f"{name} =\n{sum_}\n= {value}", ha="center", va="center")
    panels[0, 0].axis("off")
    _draw_grid(panels[0, 1], columns, "input", [(t, place) for t in range(taps)], taps)
    _draw_grid(panels[1, 0], rows, "weight", [(o, t) for t in range(taps)], C_out)
    _draw_grid(panels[1, 1], product, "output", [(o, place)], C_out)
    step = taps // channels
    for at in range(step, taps, step):
        panels[0, 1].plot([0, L], [at, at], color=INK, linewidth=1.8)
        panels[1, 0].plot([at, at], [0, C_out], color=INK, linewidth=1.8)
    titles = {(0, 1): f"columns {taps} x {L}", (1, 0): f"rows {C_out} x {taps}", (1, 1): f"product {C_out} x {L}"}
    for at, title in titles.items():
        panels[at].set_title(title, size=10, color=panels[at].title.get_color(), weight="bold")
    return Drawing(figure, f"{name} = {value}, from {taps} products")


@one_sentence
def draw_memory(shapes, itemsize=4):
    """A printed figure of how much memory arrays take, a bar each, to scale.

    Args:
        shapes: name -> the shape of an array.
        itemsize: bytes of one number, 4 for float32.

    Example:
        >>> draw_memory({"input": (1, 2, 3, 5), "columns": (1, 12, 6)})
        input 30 numbers, 120 bytes; columns 72 numbers, 288 bytes
    """
    from matplotlib.figure import Figure

    counts = {name: int(np.prod(shape)) for name, shape in shapes.items()}
    figure = Figure(figsize=(7.6, 0.9 + 0.38 * len(counts)), dpi=110, layout="constrained")
    axes, words = figure.subplots(), []
    roles = {"input": "input", "columns": "input", "weight": "weight", "output": "output"}
    for at, (name, count) in enumerate(counts.items()):
        colour = _colour(roles.get(name, "product"))
        hatch = None if name in roles and name != "columns" else "///"
        axes.barh(at, count * itemsize, height=0.62, facecolor=(*colour, 0.35), edgecolor=colour, hatch=hatch)
        size = f"{count:,} numbers, {_bytes(count * itemsize)}"
        axes.annotate(size, (count * itemsize, at), (6, 0), textcoords="offset points", va="center")
        words.append(f"{name} {size}")
    axes.set_yticks(range(len(counts)), list(counts))
    axes.set(xlim=(0, 1.45 * max(counts.values()) * itemsize), ylim=(len(counts) - 0.4, -0.6))
    axes.set_xlabel(f"bytes, {itemsize} for each number")
    axes.xaxis.set_major_formatter(lambda value, _: _bytes(value))
    axes.spines[["top", "right"]].set_visible(False)
    return Drawing(figure, "; ".join(words))


@one_sentence
def draw_times(timing, scratch=None):
    """A printed figure of measured times, a row each, on a logarithmic axis; beside them the memory that was used.

    The dot is the median, the thick bar the middle half of the laps, the thin line all of them. The line of text has no
    time in it: a machine's times are its own.

    Args:
        timing: what ``convlab.layers.measure`` returns.
        scratch: name -> bytes held beside the output; a name that is missing was not measured.

    Example:
        >>> from convlab.layers.timing import Laps, Timing
        >>> draw_times(Timing({"loops": Laps((9.0, 8.0, 7.0)), "im2col": Laps((2.0, 2.0, 2.5))}), {"im2col": 3e6})
        Picture of the times of loops, im2col, and of their memory
    """
    from matplotlib.figure import Figure

    wide = scratch is not None
    figure = Figure(figsize=(9.4 if wide else 7.4, 1.1 + 0.42 * len(timing)), dpi=110, layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, 1 + wide, width_ratios=(3, 1.6) if wide else None, sharey=True))
    left = panels[0]
    for at, laps in enumerate(timing.values()):
        _draw_laps(left, at, laps)
    left.set(xscale="log", xlabel="milliseconds, each line ten times the one before", ylim=(len(timing) - 0.4, -0.7))
    left.set(xlim=_decades([one for laps in timing.values() for one in laps.all_ms]))
    left.set_yticks(range(len(timing)), list(timing))
    left.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    left.xaxis.set_minor_formatter("")
    left.grid(axis="x", alpha=0.35)
    left.spines[["top", "right"]].set_visible(False)
    if wide:
        figure.get_layout_engine().set(wspace=0.09)  # the last time and the first number of bytes stand side by side
        _draw_scratch(panels[1], [scratch.get(name) for name in timing])
    memory = ", and of their memory" if wide else ""
    return Drawing(figure, f"Picture of the times of {', '.join(timing)}{memory}")


@one_sentence
def draw_growth(timings, xlabel):
    """A printed figure of how times grow: a line for each function through its medians, and the middle half as a band.

    Args:
        timings: number -> ``Timing``; the same names in each.
        xlabel: what the number is.

    Example:
        >>> from convlab.layers.timing import Laps, Timing
        >>> few, many = (Timing({"fft": Laps((one, one + 1.0))}) for one in (2.0, 3.0))
        >>> draw_growth({15: few, 99: many}, "taps of the kernel")
        Picture of the times of fft, over 15, 99 taps of the kernel
    """
    from matplotlib.figure import Figure

    names = list(next(iter(timings.values())))
    figure = Figure(figsize=(7.0, 3.4), dpi=110, layout="constrained")
    axes = figure.subplots()
    looks = list(zip(("weight", "input", "output", "gradient"), "osD^", ("-", "--", "-.", ":"), strict=True))
    for number, name in enumerate(names):
        role, marker, style = looks[number % 4]
        look = {"color": _colour(role), "marker": marker, "linestyle": style}
        all_laps = [timing[name] for timing in timings.values()]
        axes.plot(list(timings), [laps.median_ms for laps in all_laps], label=name, linewidth=2, **look)
        lows, highs = ([getattr(laps, side) for laps in all_laps] for side in ("low_ms", "high_ms"))
        axes.fill_between(list(timings), lows, highs, color=look["color"], alpha=0.2, linewidth=0)
    axes.set(xscale="log", yscale="log", xlabel=xlabel, ylabel="milliseconds")
    axes.set_xticks(list(timings), [f"{number:,}" for number in timings])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=9)
    over = ", ".join(str(number) for number in timings)
    return Drawing(figure, f"Picture of the times of {', '.join(names)}, over {over} {xlabel}")


def _decades(all_ms):
    """The powers of ten around the times: so there are two lines to read a factor from, however close the times are."""
    return 10 ** np.floor(np.log10(min(all_ms) * 0.95)), 10 ** np.ceil(np.log10(max(all_ms) * 1.05))


def _draw_laps(axes, at, laps):
    """One row of times: all of them as a line, the middle half as a bar, the median as a dot with its number."""
    axes.plot([min(laps.all_ms), max(laps.all_ms)], [at, at], color=PALE, linewidth=2, zorder=1)
    axes.plot([laps.low_ms, laps.high_ms], [at, at], color=_colour("input"), linewidth=9, alpha=0.45, zorder=2)
    axes.plot(laps.median_ms, at, "o", color=INK, markersize=6, zorder=3)
    label = f"{format_number(laps.median_ms)} ms"
    axes.annotate(label, (laps.median_ms, at), (0, 9), textcoords="offset points", ha="center", size=9)


def _draw_scratch(axes, all_bytes):
    most = max((one for one in all_bytes if one is not None), default=0) or 1
    for at, count in enumerate(all_bytes):
        if count is not None:
            axes.barh(at, count, height=0.5, facecolor="0.8", edgecolor=INK, hatch="///")
        text = "not seen from Python" if count is None else _bytes(count)
        axes.annotate(text, (count or 0, at), (5, 0), textcoords="offset points", va="center", size=9)
    axes.set(xlim=(0, 1.75 * most), xlabel="memory beside the output")
    axes.tick_params(left=False)
    axes.xaxis.set_major_formatter(lambda value, _: _bytes(value))
    axes.locator_params(axis="x", nbins=3)
    axes.spines[["top", "right"]].set_visible(False)


def _bytes(count):
    """A number of bytes in words: "288 bytes", "98.3 kB", "2.95 MB"."""
    for unit, name in ((MEGA, "MB"), (KILO, "kB")):
        if count >= unit:
            return f"{format_number(count / unit)} {name}"
    return f"{round(count)} bytes" if count else "0"
