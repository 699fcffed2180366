"""All rows as one picture: our median with its spread, the rival's beside it, and the bound as a mark."""

from math import ceil, floor, log10

from benchmarks._frame import MISSED, TABLE, number, ordered

# The course's colours: ours in the output's green, the rival in the gradient's purple, bounds in ink.
OURS, RIVAL, BOUND, OVER = "#00805e", "#b0528e", "#303030", "#d55e00"
INCHES_A_ROW, WIDTH = 0.19, 11.5
UNITS = {"ms": "milliseconds", "s": "seconds", "MB": "megabytes", "MiB": "mebibytes", "kB": "kilobytes"}


def draw(rows, file, title=""):
    """Draws the rows into a file; returns the figure.

    Args:
        rows: any number of ``Row``.
        file: where it is saved, by its ending as PNG or SVG; None saves nothing.
        title: what stands above it.
    """
    from matplotlib.figure import Figure

    panels = [group for unit in UNITS if (group := lines([row for row in rows if row.unit == unit]))]
    heights = [len(group) + 1.2 for group in panels]
    figure = Figure(figsize=(WIDTH, 0.9 + INCHES_A_ROW * sum(heights) + 0.32 * len(panels)), dpi=110)
    figure.set_layout_engine("constrained")
    all_axes = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, group in zip(all_axes, panels, strict=True):
        draw_panel(axes, group)
    legend(figure, title)
    if file:
        figure.savefig(file)
    return figure


def lines(rows):
    """The lines of one panel: a part's name, then its rows."""
    found, part = [], None
    for row in ordered(rows):
        if row.part != part:
            found.append(TABLE[row.part])
        part = row.part
        found.append(row)
    return found


def draw_panel(axes, group):
    """Rows of one unit, from top to bottom, on a logarithmic axis."""
    for at, entry in enumerate(group):
        if isinstance(entry, str):
            axes.axhline(at, color="0.9", linewidth=9, zorder=0)
            continue
        draw_row(axes, at, entry)
    axes.set(xscale="log", ylim=(len(group) - 0.3, -0.7))
    labels = [entry if isinstance(entry, str) else entry.what for entry in group]
    for label, entry in zip(axes.set_yticks(range(len(group)), labels), group, strict=True):
        label.label1.set_fontsize(8)
        label.label1.set_fontweight("bold" if isinstance(entry, str) else "normal")
        label.label1.set_color(OVER if not isinstance(entry, str) and entry.verdict == MISSED else "0.1")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=8)
    axes.set_xlim(*decades(axes.get_xlim()))
    axes.xaxis.set_major_formatter(lambda value, _: number(value))
    axes.xaxis.set_minor_formatter("")
    axes.grid(axis="x", color="0.85", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(UNITS[next(row for row in group if not isinstance(row, str)).unit], fontsize=8)


def decades(limits):
    """The powers of ten around some limits: on every panel there are two lines to read a factor from."""
    return 10 ** floor(log10(limits[0])), 10 ** ceil(log10(limits[1]))


def draw_row(axes, at, row):
    """One row: its spread as a thick line, its figure as a dot, what is bound as a stroke, and the bound as a bar."""
    if row.theirs:
        draw_figures(axes, at, row.theirs, RIVAL, "s", row.rival_figure)
    colour = OVER if row.verdict == MISSED else OURS
    draw_figures(axes, at, row.ours, colour, "o", row.figure)
    words = f"{number(row.figure)} {row.unit}{row.comparison and ', '}{row.comparison}"
    axes.annotate(words, (1.01, at), xycoords=("axes fraction", "data"), va="center", fontsize=8, color="0.25")
    for name, limit in row.most.items():
        axes.plot([limit, limit], [at - 0.42, at + 0.42], color=BOUND, linewidth=2, zorder=4, solid_capstyle="butt")
        axes.plot(getattr(row.ours, name), at, marker="|", color=colour, markersize=7, zorder=3)
    if row.faster:
        limit = row.rival_figure / row.faster
        axes.plot([limit, limit], [at - 0.42, at + 0.42], color=BOUND, linewidth=2, linestyle=":", zorder=4)


def draw_figures(axes, at, figures, colour, marker, dot):
    """The middle half and one figure."""
    low, high = max(figures.low, 1e-6), max(figures.high, 1e-6)
    axes.plot([low, high], [at, at], color=colour, linewidth=5, alpha=0.35, zorder=2, solid_capstyle="butt")
    axes.plot(dot, at, marker, color=colour, markersize=5, zorder=5)


def legend(figure, title):
    """What the marks mean, above the first panel."""
    from matplotlib.lines import Line2D

    look = {"linestyle": "", "markersize": 6}
    marks = [
        Line2D([], [], marker="o", color=OURS, **look, label="the course: median (engines: best)"),
        Line2D([], [], color=OURS, linewidth=5, alpha=0.35, label="its middle half"),
        Line2D([], [], marker="|", color=OURS, **look, label="what the bound is of (95 %, longest)"),
        Line2D([], [], marker="s", color=RIVAL, **look, label="the rival, in the same run"),
        Line2D([], [], color=BOUND, linewidth=2, label="bound"),
        Line2D([], [], color=BOUND, linewidth=2, linestyle=":", label="bound by the rival's time"),
    ]
    figure.legend(handles=marks, loc="outside upper center", ncols=3, fontsize=8, frameon=False, title=title or None)
