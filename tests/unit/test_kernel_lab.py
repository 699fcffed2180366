"""KernelLab in Python: what it takes, what it refuses in one sentence, and how its traits move its numbers."""

import subprocess
import sys

import numpy as np
import pytest
import torch
import traitlets
from PIL import Image

from convlab import samples
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets.kernel_lab import KernelLab
from convlab.widgets.layer_widget import unpacked


def weight(lab):
    return unpacked(lab._weight)


def test_without_arguments_it_shows_a_photograph_and_an_edge_kernel():
    lab = KernelLab()
    assert repr(lab) == (
        "KernelLab(nn.Conv2d(1, 1, kernel_size=3, bias=False), picture='camera', kernel='vertical edges')"
    )
    assert lab._input["shape"] == [1, 1, 256, 256] and unpacked(lab._input).max() <= 1


@pytest.mark.parametrize("name", samples.KERNELS)
def test_each_named_kernel_is_taken_and_recognised(name):
    lab = KernelLab(kernel=name.upper(), picture="painted")
    assert lab.kernel == name
    assert np.array_equal(weight(lab)[0, 0], samples.kernel(name).weight)


def test_a_colour_picture_gets_the_kernel_on_each_of_its_channels():
    lab = KernelLab(kernel="Sobel y", input="cat")
    assert weight(lab).shape == (1, 3, 3, 3) and lab.kernel == "Sobel y"


def test_the_output_is_torchs():
    lab = KernelLab(kernel="emboss", picture="painted")
    wanted = torch.nn.functional.conv2d(
        torch.as_tensor(samples.painted()), torch.as_tensor(samples.kernel("emboss").weight)[None, None]
    )
    assert torch.equal(lab.output[0], wanted) and lab._computed["tolerance"] == 0


def test_a_real_layer_of_any_kind_is_shown_as_it_is():
    layer = torch.nn.Conv2d(
        4, 6, (3, 2), stride=(2, 1), padding=(0, 2), dilation=(1, 2), groups=2, padding_mode="reflect"
    )
    x = torch.rand(2, 4, 9, 14)
    lab = KernelLab(layer, input=x, filter=5, sample=1, place=(2, 3))
    assert torch.allclose(lab.output, layer(x), atol=1e-6)
    assert lab.place == [2, 3] and lab.kernel == "custom"


@pytest.mark.parametrize("name, rows", [("box blur", (3, 3)), ("shift", (1, 5)), ("Gaussian blur", (5, 5))])
def test_setting_the_kernel_changes_the_weight_and_its_size(name, rows):
    lab = KernelLab(kernel="Sobel x", picture="painted")
    lab.kernel = name
    assert tuple(lab.spec["kernel_size"]) == rows == weight(lab).shape[2:]
    assert lab._computed["rest"] == lab._rest
    assert torch.allclose(lab.output, torch.as_tensor(unpacked(lab._computed["output"])), atol=1e-6)


def test_a_named_kernel_replaces_one_filter_and_resizes_the_others():
    numbers = np.arange(1, 13, dtype=np.float32).reshape(2, 1, 2, 3)
    lab = KernelLab(1, 2, kernel_size=(2, 3), weight=numbers, picture="painted", filter=1)
    lab.kernel = "Sobel x"
    assert np.array_equal(weight(lab)[1, 0], samples.kernel("Sobel x").weight)
    assert np.array_equal(weight(lab)[0, 0], [[0, 0, 0], [1, 2, 3], [4, 5, 6]])


def test_convolution_is_correlation_with_the_kernel_rotated():
    lab = KernelLab(kernel="emboss", picture="painted")
    written = weight(lab)
    lab.operation = "convolution"
    assert np.array_equal(weight(lab), written[:, :, ::-1, ::-1]) and lab.kernel == "emboss"
    made = KernelLab(kernel="emboss", picture="painted", operation="convolution")
    assert np.array_equal(weight(made), weight(lab)) and made.kernel == "emboss"
    lab.kernel = "shift"
    assert weight(lab)[0, 0].tolist() == [[0, 0, 0, 0, 1]]
    lab.operation = "correlation"
    assert weight(lab)[0, 0].tolist() == [[1, 0, 0, 0, 0]] and lab.kernel == "shift"


def test_a_colour_picture_widens_the_layer_and_a_grey_one_narrows_it():
    lab = KernelLab(kernel="outline", picture="painted")
    lab.picture = "astronaut"
    assert lab.spec["in_channels"] == 3 and lab.kernel == "outline" and lab.output.shape == (1, 1, 254, 254)
    lab.picture = "bricks"
    assert lab.spec["in_channels"] == 1 and lab.output.shape == (1, 1, 254, 254)


def test_a_grouped_layer_stays_as_it_is_and_the_refusal_is_shown():
    lab = KernelLab(2, 4, 3, groups=2)
    lab.picture = "cat"
    assert lab.spec["in_channels"] == 2 and lab._computed == {}


def test_what_a_hand_sends_is_taken_as_it_comes():
    lab = KernelLab(kernel="Sobel x", picture="painted")
    turned = weight(lab)[:, :, ::-1, ::-1].copy()
    message = {**lab._weight, "data": turned.tobytes()}
    applied = {"operation": "convolution", "picture": "painted"}
    lab.set_state({"operation": "convolution", "_applied": applied, "_weight": message, "_rest": lab._rest + 1})
    assert np.array_equal(weight(lab), turned) and lab.kernel == "Sobel x"
    assert lab._computed["rest"] == lab._rest


def test_an_own_file_is_shown(tmp_path):
    file = tmp_path / "mine.png"
    Image.new("RGB", (300, 600), (255, 0, 51)).save(file)
    for source in (file, str(file), file.read_bytes()):
        lab = KernelLab(input=source)
        assert lab.picture == "own" and lab._input["shape"] == [1, 3, 256, 128]
    assert unpacked(lab._input)[0, :, 5, 7].tolist() == pytest.approx([1, 0, 0.2])


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"input": "dog"}, "There is no picture 'dog'; choose one of astronaut"),
        ({"picture": 3}, "picture must be a name, a path or bytes; got int"),
        ({"input": b"no picture"}, "Cannot show these bytes as a picture: it is not an image; give a PNG"),
        ({"input": "missing.png"}, "There is no picture file 'missing.png': check the path."),
        ({"kernel": "sobel"}, "There is no kernel 'sobel'; choose one of identity"),
        ({"kernel": "outline", "filtre": 1}, "KernelLab has no argument 'filtre'"),
        ({"operation": "flip"}, "operation must be 'correlation' or 'convolution'; got 'flip'"),
        ({"colour_range": "auto"}, "colour_range must be 'unit', 'picture' or 'global'; got 'auto'"),
        ({"lock_sum": "yes"}, "lock_sum must be True or False; got 'yes'"),
        ({"filter": 1}, "filter must be a whole number from 0 to 0 for this layer; got 1"),
        ({"channel": -2}, "channel must be a whole number from -1 to 0 for this layer; got -2"),
        ({"place": (1, 2, 3)}, r"place must be a pair \(row, column\) of the output; got \(1, 2, 3\)"),
        ({"input": np.zeros((1, 1, 8, 9), np.float32), "picture": "cat"}, "give input or picture, not both"),
    ],
)
def test_bad_input_gets_one_sentence(arguments, sentence):
    with pytest.raises(ArgumentError, match=sentence) as caught:
        KernelLab(**arguments)
    assert "\n" not in str(caught.value)


def test_a_kernel_of_another_rank_gets_one_sentence():
    with pytest.raises(ShapeError, match=r"rows of numbers \(kH, kW\); got shape \(1, 3, 3\)"):
        KernelLab(kernel=np.zeros((1, 3, 3), np.float32))
    with pytest.raises(ArgumentError, match="a real layer brings its own weight"):
        KernelLab(torch.nn.Conv2d(1, 1, 3), kernel="outline")


@pytest.mark.parametrize("name, value", [("kernel", "sobel"), ("picture", "dog"), ("filter", 7), ("place", [1])])
def test_a_trait_set_wrongly_says_so_and_stays(name, value):
    lab = KernelLab(picture="painted")
    before = repr(lab), getattr(lab, name)
    with pytest.raises(traitlets.TraitError):
        setattr(lab, name, value)
    assert (repr(lab), getattr(lab, name)) == before


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"kernel": "Gaussian blur", "picture": "cat", "colour_range": "global", "lock_sum": True, "place": (3, 200)},
        {"kernel": [[0.5, -1, 2], [0, 0, 1]], "picture": "painted", "operation": "convolution"},
        {"in_channels": 4, "out_channels": 6, "kernel_size": (3, 2), "groups": 2, "input": (2, 4, 7, 9), "filter": 5,
         "sample": 1, "channel": 2, "link_slices": False},
        {"in_channels": 1, "out_channels": 1, "kernel_size": (15, 3), "picture": "painted"},
    ],
)  # fmt: skip
def test_the_state_makes_the_same_widget_again(arguments):
    lab = KernelLab(**arguments)
    again = KernelLab(**lab.state)
    assert again.state == lab.state and repr(again) == repr(lab)
    assert np.array_equal(weight(again), weight(lab))
    assert np.array_equal(unpacked(again._input), unpacked(lab._input))


def test_a_repr_fits_in_what_a_notebook_keeps_of_it():
    assert len(repr(KernelLab(kernel="horizontal edges", picture="astronaut"))) <= 110


def test_set_layer_keeps_the_picture_and_brings_the_place_back():
    lab = KernelLab(kernel="outline", picture="painted", place=(9, 13))
    lab.set_layer(1, 3, kernel_size=(5, 4))
    assert lab.picture == "painted" and lab.place == [] and lab.output.shape == (1, 3, 8, 13)
    lab.filter = 2
    lab.set_layer(1, 1, kernel_size=2, input=torch.rand(1, 1, 6, 9))
    assert lab.filter == 0 and lab.picture == "given"


def test_the_first_widget_needs_no_torch():
    code = "import sys; from convlab import KernelLab; KernelLab(picture='painted'); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
