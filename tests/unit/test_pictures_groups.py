"""The figures of lesson 10 draw the wires, kernels, maps and counts that torch has."""

import re
from io import BytesIO

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgba
from PIL import Image
from torch import nn

from convlab import samples
from convlab.pictures import ROLES, draw_maps
from convlab.pictures.groups import draw_depthwise, draw_groups, draw_shares
from convlab.pictures.tables import SIGNED
from convlab.shapes import ArgumentError

CUTS = [(6, 9, 3), (4, 8, 4), (8, 12, 2), (5, 3, 1), (12, 4, 4)]


def reached(in_channels, out_channels, groups):
    """{(o, c)} that torch joins: a gradient of 1 goes from output o to input c."""
    layer = nn.Conv2d(in_channels, out_channels, kernel_size=(2, 1), groups=groups, bias=False)
    nn.init.ones_(layer.weight)
    input = torch.ones(1, in_channels, 2, 3, requires_grad=True)
    found = set()
    for o, feature_map in enumerate(layer(input)[0]):
        (grad,) = torch.autograd.grad(feature_map.sum(), input, retain_graph=True)
        found |= {(o, c) for c in range(in_channels) if grad[0, c].any()}
    return found


def wired(axes, in_channels, out_channels):
    """{(o, c)} that a wire joins, by where it begins and ends."""
    most = max(in_channels, out_channels)
    tops = [(most - count) / 2 for count in (in_channels, out_channels)]
    ends = [line.get_ydata() for line in axes.lines]
    return {(round(end - tops[1] - 0.5), round(start - tops[0] - 0.5)) for start, end in ends}


@pytest.mark.parametrize(("in_channels", "out_channels", "groups"), CUTS)
def test_wires_and_blocks_are_where_torch_has_kernels(in_channels, out_channels, groups):
    wires, matrix = draw_groups(in_channels, out_channels, groups).figure.axes
    joined = reached(in_channels, out_channels, groups)
    assert wired(wires, in_channels, out_channels) == joined and len(wires.lines) == len(joined)
    cells = {}
    for text in matrix.texts[: in_channels * out_channels]:
        x, y = text.get_position()
        cells[int(y), int(x)] = text.get_text()
    assert {at for at, text in cells.items() if text != "0"} == joined
    weight = nn.Conv2d(in_channels, out_channels, 1, groups=groups).weight
    indices = {tuple(map(int, text.split(", "))) for text in cells.values() if text != "0"}
    assert indices == set(np.ndindex(*weight.shape[:2]))


@pytest.mark.parametrize(("in_channels", "out_channels", "groups"), CUTS)
def test_the_line_of_text_names_the_runs(in_channels, out_channels, groups):
    joined, said = reached(in_channels, out_channels, groups), set()
    for part in repr(draw_groups(in_channels, out_channels, groups)).split("; "):
        runs = [[int(one) for one in re.findall(r"\d+", side)] for side in re.split(" makes? ", part)]
        ins, outs = (range(run[0], run[-1] + 1) for run in runs)
        said |= {(o, c) for o in outs for c in ins}
    assert said == joined


@pytest.mark.parametrize(("in_channels", "out_channels", "groups"), [(6, 9, 2), (6, 9, 6), (6, 8, 0)])
def test_groups_that_torch_refuses_are_refused(in_channels, out_channels, groups):
    with pytest.raises(ValueError):
        nn.Conv2d(in_channels, out_channels, 1, groups=groups)
    with pytest.raises(ArgumentError, match=f"got {groups} for {in_channels} and {out_channels}"):
        draw_groups(in_channels, out_channels, groups)


@pytest.mark.parametrize("each", [1, 2, 3])
def test_a_row_shows_a_channel_and_the_maps_that_torch_makes_of_it(each):
    torch.manual_seed(10)
    picture = torch.rand(3, 6, 9)
    layer = nn.Conv2d(3, 3 * each, kernel_size=(2, 3), groups=3)
    output = layer(picture[None])[0].detach()
    drawing = draw_depthwise(picture, output, [f"kernel {o}" for o in range(3 * each)])
    panels = drawing.figure.axes[: 3 * (1 + each)]
    for c in range(3):
        first, *maps = panels[c * (1 + each) : (c + 1) * (1 + each)]
        shown = first.images[0].get_array()
        assert np.allclose(shown[..., c], picture[c]) and not np.delete(shown, c, axis=2).any()
        alone = torch.zeros_like(picture)
        alone[c] = picture[c]
        changed = (layer(alone[None]) != layer(torch.zeros(1, 3, 6, 9))).any(3).any(2)[0].nonzero().flatten().tolist()
        assert [axes.get_title() for axes in maps] == [f"output {o}: kernel {o}" for o in changed]
        assert all(np.allclose(axes.images[0].get_array(), output[o]) for axes, o in zip(maps, changed, strict=True))
    ranges = {axes.images[0].get_clim() for axes in panels if not axes.get_title().startswith("input")}
    assert ranges == {(-output.abs().max().item(), output.abs().max().item())}


def test_a_picture_or_maps_that_do_not_fit_are_told_so():
    with pytest.raises(ArgumentError, match=r"got \(4, 2, 3\) and \(6, 2, 3\)"):
        draw_depthwise(np.zeros((4, 2, 3)), np.zeros((6, 2, 3)))
    with pytest.raises(ArgumentError, match=r"got \(3, 2, 3\) and \(5, 2, 3\)"):
        draw_depthwise(np.zeros((3, 2, 3)), np.zeros((5, 2, 3)))


def test_each_share_is_beside_the_first_layers():
    counts = {"dense": {"parameters": 200, "multiply-adds": 1000}, "cut": {"parameters": 50, "multiply-adds": 1250}}
    drawing = draw_shares(counts)
    axes = drawing.figure.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [100, 100, 25, 125]
    assert [text.get_text() for text in axes.texts] == ["200", "1,000", "50", "1,250"]
    assert axes.get_xlim()[1] > 125 and [label.get_text() for label in axes.get_yticklabels()] == ["dense", "cut"]
    ink = tuple(int(part) / 255 for part in ROLES["weight"][0].split())
    assert [to_rgba(bar.get_edgecolor())[:3] == ink for bar in axes.patches] == [True, False, True, False]
    assert repr(drawing).endswith("cut: parameters 50 (25 %), multiply-adds 1,250 (125 %)")
    assert drawing._repr_png_()[:4] == b"\x89PNG"


@pytest.mark.parametrize(("draw", "most_kb"), [("tinted", 80), ("colour", 80)])
def test_a_photograph_is_stored_small_and_the_rare_colours_of_its_bar_are_kept(draw, most_kb):
    """The two pictures of the lesson: the darkest blue is in the bar alone, and the paper stays white."""
    photo = samples.picture("coffee")[:, 50:210, 20:240] / 255
    edges = photo[:, :, 4:] - photo[:, :, :-4]
    drawing = draw_depthwise(photo, edges) if draw == "tinted" else draw_maps(photo, edges=edges[0])
    png = drawing._repr_png_()
    colours = np.array(Image.open(BytesIO(png)).convert("RGB").getcolors(257), dtype=object)[:, 1]
    blues = [max(abs(a - b) for a, b in zip(colour, SIGNED[0][1], strict=True)) for colour in colours]
    assert len(png) < most_kb * 1000 and min(blues) <= 16 and (255, 255, 255) in list(colours)
