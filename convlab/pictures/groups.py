"""Printed figures of groups: the wires and the matrix of kernels, a picture channel by channel, and what is saved."""

import numpy as np

from ..refusals import one_sentence
from ..shapes import ArgumentError
from .figures import Drawing, _colour, few_enough
from .tables import SIGNED, as_array, format_number

INK, PALE = "0.25", "0.72"
MOST_KERNELS = 600  # of one matrix
RGB = ("red", "green", "blue")


@one_sentence
def draw_groups(in_channels, out_channels, groups):
    """A printed figure of a grouped convolution: who reads whom as wires, and the kernels as a matrix of blocks.

    A cell of the matrix stands for a kernel: in a block the numbers are its index ``weight[o, c]``, elsewhere it is 0.

    Args:
        in_channels, out_channels, groups: as in ``nn.Conv2d``.

    Raises:
        ArgumentError: groups that do not divide both channel counts, or too many channels to be drawn.

    Example:
        >>> draw_groups(4, 6, groups=2)
        inputs 0 and 1 make outputs 0 to 2; inputs 2 and 3 make outputs 3 to 5
    """
    from matplotlib.figure import Figure

    if groups < 1 or in_channels % groups or out_channels % groups:
        raise ArgumentError(
            f"groups must divide both channel counts; got {groups} for {in_channels} and {out_channels}: "
            "take a divisor of both."
        )
    most = max(in_channels, out_channels)
    few_enough(in_channels * out_channels, "in_channels times out_channels", MOST_KERNELS)
    figure = Figure(figsize=(0.42 * (in_channels + 9), 0.42 * (most + 1.8)), dpi=110, layout="constrained")
    wires, matrix = figure.subplots(1, 2, width_ratios=(6, in_channels + 2))
    ins, outs = in_channels // groups, out_channels // groups
    _draw_wires(wires, (in_channels, out_channels), (ins, outs))
    _draw_blocks(matrix, (in_channels, out_channels), (ins, outs))
    runs = [(_run("input", g, ins), _run("output", g, outs)) for g in range(groups)]
    verb = "makes" if ins == 1 else "make"
    return Drawing(figure, "; ".join(f"{inputs} {verb} {outputs}" for inputs, outputs in runs))


@one_sentence
def draw_depthwise(picture, output, kernels=()):
    """A printed figure of a depthwise layer on a photograph: in each row a colour channel, and the maps made of it.

    All maps are drawn in one range: grey is zero, blue below, warm above.

    Args:
        picture: the input, 0 to 1.
        output: the layer's output, K maps for each channel, in the layer's order.
        kernels: a name for each output; none is written when it is empty.

    Shape:
        picture (3, H, W), output (3 * K, H_out, W_out) -> a Drawing

    Raises:
        ArgumentError: maps that cannot be dealt out to three channels.

    Example:
        >>> draw_depthwise(np.zeros((3, 4, 6)), np.ones((6, 3, 5)))
        red: outputs 0 and 1; green: outputs 2 and 3; blue: outputs 4 and 5; from 1 to 1
    """
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    picture, output = as_array(picture), as_array(output)
    if len(picture) != len(RGB) or len(output) % len(RGB):
        raise ArgumentError(
            f"a picture of 3 channels and K maps of each are drawn; got {picture.shape} and {output.shape}: "
            "give (3, H, W) and (3 * K, H_out, W_out)."
        )
    each, most = len(output) // len(RGB), np.abs(output).max(initial=0) or 1
    stops = [((at + 1) / 2, np.array(rgb) / 255) for at, rgb in SIGNED]
    look = {"cmap": LinearSegmentedColormap.from_list("signed", stops), "vmin": -most, "vmax": most}
    H, W = picture.shape[1:]
    figure = Figure(figsize=(2.25 * (1 + each) + 0.8, 2.25 * 3 * H / W + 1.1), dpi=110, layout="constrained")
    panels = figure.subplots(3, 1 + each, squeeze=False)
    for c, name in enumerate(RGB):
        tinted = np.zeros((H, W, 3))
        tinted[..., c] = picture[c]
        panels[c, 0].imshow(tinted)
        panels[c, 0].set_title(f"input {c}, {name}", size=10)
        for k in range(each):
            o = c * each + k
            image = panels[c, 1 + k].imshow(output[o], **look)
            more = f": {kernels[o]}" if len(kernels) else ""
            panels[c, 1 + k].set_title(f"output {o}{more}", size=10)
    for axes in panels.flat:
        axes.tick_params(labelsize=7)
    figure.supylabel("row i (pixels)", size=9)
    figure.supxlabel("column j (pixels)", size=9)
    figure.colorbar(image, ax=panels[:, 1:], shrink=0.6)
    words = [f"{name}: {_outputs(c, each)}" for c, name in enumerate(RGB)]
    words.append(f"from {format_number(output.min())} to {format_number(output.max())}")
    return Drawing(figure, "; ".join(words))


@one_sentence
def draw_shares(counts):
    """A printed figure of what layers need beside the first one: a bar for each count, in percent.

    Args:
        counts: name of a layer -> {what is counted: how many}; the first layer is the whole.

    Example:
        >>> draw_shares({"dense": {"parameters": 200}, "groups=4": {"parameters": 50}})
        dense: parameters 200; groups=4: parameters 50 (25 %)
    """
    from matplotlib.figure import Figure

    (whole, *_), kinds = counts.values(), list(next(iter(counts.values())))
    inks = dict(zip(kinds, (("weight", "///"), ("product", None), ("input", "...")), strict=False))
    figure = Figure(figsize=(7.6, 1.0 + 0.24 * len(counts) * (len(kinds) + 1)), dpi=110, layout="constrained")
    axes, words = figure.subplots(), []
    for at, (name, found) in enumerate(counts.items()):
        said = []
        for number, kind in enumerate(kinds):
            share = 100 * found[kind] / whole[kind]
            role, hatch = inks[kind]
            y, colour = at * (len(kinds) + 1) + number, _colour(role)
            axes.barh(y, share, height=0.9, facecolor=(*colour, 0.35), edgecolor=colour, hatch=hatch,
                      label=kind if at == 0 else None)  # fmt: skip
            axes.annotate(f"{found[kind]:,}", (share, y), (5, 0), textcoords="offset points", va="center", size=8)
            said.append(f"{kind} {found[kind]:,}" + (f" ({share:.3g} %)" if at else ""))
        words.append(f"{name}: {', '.join(said)}")
    middles = [at * (len(kinds) + 1) + (len(kinds) - 1) / 2 for at in range(len(counts))]
    axes.set_yticks(middles, list(counts))
    most = max(100 * found[kind] / whole[kind] for found in counts.values() for kind in kinds)
    axes.set(xlim=(0, 1.2 * most), ylim=(len(counts) * (len(kinds) + 1) - 0.8, -0.9))
    axes.set_xlabel(f"percent of what {next(iter(counts))} needs")
    axes.set_xticks(range(0, int(most) + 1, 20))
    axes.tick_params(axis="y", left=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(kinds), frameon=False)
    return Drawing(figure, "; ".join(words))


def _run(word, group, each):
    first, last = group * each, (group + 1) * each - 1
    return f"{word} {first}" if each == 1 else f"{word}s {first} {'and' if each == 2 else 'to'} {last}"


def _outputs(c, each):
    numbers = [str(c * each + k) for k in range(each)]
    return f"output {numbers[0]}" if each == 1 else f"outputs {', '.join(numbers[:-1])} and {numbers[-1]}"


def _draw_wires(axes, channels, share):
    """Both columns of channels, and a wire for each kernel."""
    from matplotlib.patches import Rectangle

    (C_in, C_out), (ins, outs), most = channels, share, max(channels)
    tops = [(most - C_in) / 2, (most - C_out) / 2]
    for o in range(C_out):
        for c in range(o // outs * ins, (o // outs + 1) * ins):
            ends = [tops[0] + c + 0.5, tops[1] + o + 0.5]
            axes.plot([1, 5], ends, color=_colour("weight"), linewidth=1.1, zorder=1)
    for role, x, top, count in (("input", 0, tops[0], C_in), ("output", 5, tops[1], C_out)):
        colour = _colour(role)
        for number in range(count):
            pale = tuple(0.8 + 0.2 * one for one in colour)
            axes.add_patch(Rectangle((x, top + number + 0.1), 1, 0.8, facecolor=pale, edgecolor=colour, zorder=2))
            axes.text(x + 0.5, top + number + 0.52, str(number), ha="center", va="center", size=9, zorder=3)
        axes.text(x + 0.5, -0.35, role, ha="center", va="center", size=10, color=colour, weight="bold")
    axes.set(xlim=(-0.4, 6.4), ylim=(most + 0.1, -0.9), aspect="equal")
    axes.axis("off")


def _draw_blocks(axes, channels, share):
    """The matrix of kernels: a row for each output, a column for each input, the index where there is a kernel."""
    from matplotlib.patches import Rectangle

    (C_in, C_out), (ins, outs) = channels, share
    colour = _colour("weight")
    for o, c in np.ndindex(C_out, C_in):
        inside = c // ins == o // outs
        face = (*colour, 0.3) if inside else "white"
        axes.add_patch(Rectangle((c, o), 1, 1, facecolor=face, edgecolor="0.8", linewidth=0.6))
        look = {"size": 8, "color": INK} if inside else {"size": 8, "color": PALE}
        axes.text(c + 0.5, o + 0.52, f"{o}, {c % ins}" if inside else "0", ha="center", va="center", **look)
    for group in range(C_in // ins):
        at = (group * ins, group * outs)
        axes.add_patch(Rectangle(at, ins, outs, fill=False, edgecolor=colour, linewidth=2))
    for c in range(C_in):
        axes.text(c + 0.5, -0.35, str(c), ha="center", va="center", size=9, color=_colour("input"))
    for o in range(C_out):
        axes.text(-0.35, o + 0.52, str(o), ha="center", va="center", size=9, color=_colour("output"))
    axes.set(xlim=(-0.9, C_in + 0.1), ylim=(max(channels) + 0.1, -0.9), aspect="equal")
    axes.axis("off")
