"""FilterBank's Python half: what it takes and refuses, its weights and maps against torch, mute and solo, its state."""

import json
import subprocess
import sys
from math import pi

import numpy as np
import pytest
import torch
import traitlets

from convlab import samples
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets import filter_bank_given as given
from convlab.widgets.filter_bank import FilterBank
from convlab.widgets.layer_widget import unpacked
from tests.js.node import ROOT, run_node


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def layer(*arguments, **settings):
    torch.manual_seed(3)
    return torch.nn.Conv2d(*arguments, **settings)


def done(bank):
    return [entry["done"] for entry in bank._tasks]


def test_its_text_is_one_line_of_what_was_set():
    assert repr(FilterBank("gabor", "rings")) == "FilterBank('gabor', 'rings')"
    assert repr(FilterBank("outline", "patches")) == "FilterBank(['outline'], 'patches')"
    own = FilterBank(layer(3, 5, (3, 2), stride=2), np.ones((3, 7, 9), "float32"))
    assert repr(own) == "FilterBank(nn.Conv2d(3, 5, kernel_size=(3, 2), stride=2), input=(3, 7, 9))"


@pytest.mark.parametrize("name", given.PICTURES)
def test_every_picture_has_its_numbers_and_a_shape_that_is_not_square_but_for_a_digit(name):
    picture = given.picture(name)
    assert picture.dtype == np.float32 and picture.ndim == 3 and 0 <= picture.min() < picture.max() <= 1
    assert picture.shape[1] != picture.shape[2] or name == "digit"
    if name in samples.PICTURES:
        whole = torch.from_numpy(samples.picture(name)[:, 32:224].astype("float32"))
        halved = torch.nn.functional.avg_pool2d(whole, 2) / 255
        assert abs(halved.numpy() - picture).max() <= 0.5 / 255 + 1e-6


def test_filters_by_name_hold_the_kernel_in_every_channel_with_its_factor():
    bank = FilterBank(["Sobel x", "shift"], "cat", mix=[1, 0, -2])
    assert bank.weight.shape == (2, 3, 3, 5)
    for c, factor in enumerate((1, 0, -2)):
        assert np.array_equal(bank.weight[0, c, :, 1:4], factor * samples.kernel("Sobel x").weight)
        assert np.array_equal(bank.weight[1, c, 1:2], factor * samples.kernel("shift").weight)
    assert bank.layer.bias is None and bank.weight.dtype == torch.float32


def test_a_gabor_bank_is_the_samples_function_with_its_parameters():
    parameters = {"kernel_size": (7, 9), "orientations": 5, "wavelength": 4.0, "sigma": 1.5, "gamma": 0.5, "psi": 0.25,
                  "zero_mean": True}  # fmt: skip
    bank = FilterBank("gabor", "camera", gabor=parameters)
    assert np.array_equal(bank.weight[:, 0], samples.gabor_bank(**parameters).astype("float32"))
    bank.gabor = {"sigma": 3}
    assert np.array_equal(bank.weight[:, 0], samples.gabor_bank(**{**parameters, "sigma": 3}).astype("float32"))


def test_the_usual_gabor_bank_gives_0_on_flat_areas():
    assert abs(FilterBank("gabor").weight.sum((1, 2, 3))).max() < 1e-5


MADE = [
    lambda: (layer(3, 5, (3, 2), stride=(2, 1), padding=(1, 2)), "cat"),
    lambda: (layer(4, 6, 3, groups=2, dilation=(1, 2), bias=False), torch.randn(4, 12, 15)),
    lambda: (layer(1, 20, 5, padding="same", padding_mode="reflect"), samples.painted()),
]


@pytest.mark.parametrize("made", MADE)
def test_the_learners_layer_and_picture_are_taken_as_they_are(made):
    conv, picture = made()
    bank = FilterBank(conv, picture)
    assert torch.equal(bank.weight, conv.weight) and torch.equal(bank.output, conv(bank.input).detach())
    assert repr(bank.layer) == repr(conv)
    shown = [number for number in range(len(conv.weight)) if number < given.MOST_SHOWN]
    assert np.array_equal(unpacked(bank._computed["output"]), bank.output[0, shown])
    assert bank._computed["by"].startswith("PyTorch 2")


def test_an_array_of_filters_is_a_weight_and_one_of_three_axes_has_one_input_channel():
    weight = np.arange(2 * 3 * 2 * 4, dtype="float32").reshape(2, 3, 2, 4)
    bank = FilterBank(weight, bias=[1.0, 2.0], stride=2)
    assert bank.picture == "cat" and torch.equal(bank.layer.bias.detach(), torch.tensor([1.0, 2.0]))
    assert bank.layer.stride == (2, 2) and np.array_equal(bank.weight, weight)
    grey = FilterBank(samples.gabor_bank((5, 7), 3, wavelength=4, sigma=2))
    assert grey.weight.shape == (3, 1, 5, 7) and grey.picture == "camera"
    five = FilterBank(np.ones((2, 5, 3, 3), "float32"))
    assert five.picture == "own" and five.input.shape == (1, 5, 12, 15)


LEFT = [
    ({"muted": ["input 1"]}, [0, 2]),
    ({"solo": ["input 1"]}, [1]),
    ({"solo": ["input 0", "input 2"], "muted": ["input 0"]}, [0, 2]),
    ({"muted": ["filter 1", "input 7"]}, [0, 1, 2]),
]


@pytest.mark.parametrize("settings, heard", LEFT)
def test_what_is_muted_is_left_out_of_the_sum_and_nothing_is_averaged(settings, heard):
    conv = layer(3, 4, (3, 2))
    bank = FilterBank(conv, "coffee", **settings)
    x = torch.from_numpy(given.picture("coffee"))[None]
    bias = conv.bias.detach().reshape(1, -1, 1, 1)
    each = [torch.nn.functional.conv2d(x[:, [c]], conv.weight[:, [c]]).detach() for c in heard]
    assert torch.allclose(bank.output, sum(each) + bias, atol=1e-5)
    assert bank._now()["heard"] == tuple(heard)
    assert torch.equal(bank.weight, conv.weight)


def test_a_muted_filter_is_left_out_of_the_range_only():
    bank = FilterBank(["identity", "outline"], "camera")
    both = bank._now()["range"]
    bank.muted = ["filter 1"]
    now = bank._now()
    assert now["seen"] == (0,) and now["range"] == (bank.output[0, 0].min(), bank.output[0, 0].max()) != both
    assert now["output_shape"] == (1, 2, 94, 126)


def test_what_pytorch_refuses_is_shown_and_not_raised():
    bank = FilterBank(layer(3, 2, 3), "cat")
    bank.picture = "camera"
    assert bank._computed == {"rest": bank._rest, "refused": True} and bank._now()["output_shape"] is None
    with pytest.raises(RuntimeError):
        print(bank.output)
    bank.picture = "rocket"
    assert bank._computed["by"].startswith("PyTorch")


def test_what_no_trait_says_is_kept_when_filters_or_picture_change():
    bank = FilterBank(layer(3, 2, 3), "cat", muted=["input 1", "filter 0"], place=(3, 4), filter=1)
    bank.set_filters(["Sobel x"])
    assert (bank.source, bank.muted, bank.filter, bank.picture) == ("named", ["input 1"], 0, "cat")
    bank.set_input(np.ones((2, 6, 8), "float32"))
    assert bank.weight.shape == (1, 2, 3, 3) and bank.place == [] and bank.output.shape == (1, 1, 4, 6)
    bank.source = "own"
    assert bank._computed["refused"]
    bank.set_input("coffee")
    assert bank.output.shape == (1, 2, 94, 126)


STATES = [
    lambda: FilterBank(),
    lambda: FilterBank(["emboss"], "rocket", mix=[0.5, 1, 0], solo=["input 1"], padding="same", place=(4, 5)),
    lambda: FilterBank("gabor", "rings", gabor={"sigma": 3.5}, muted=["filter 2"], shared_range=False, filter=3),
    lambda: FilterBank(layer(4, 20, (3, 2), groups=2, stride=2), torch.randn(4, 9, 11), shown=[3, 17]),
]


@pytest.mark.parametrize("made", STATES)
def test_its_state_is_plain_and_makes_the_same_widget_again(made):
    bank = made()
    state = json.loads(json.dumps(bank.state))
    again = FilterBank(**state)
    assert again.state == bank.state and repr(again) == repr(bank)
    assert torch.equal(again.output, bank.output) and again._now()["seen"] == bank._now()["seen"]


def test_tasks_tick_as_the_bank_changes():
    tasks = {
        "make flat areas give 0": lambda now: abs(now.weight.sum((1, 2, 3))).max() < 1e-4,
        "solo the green channel": lambda now: now.solo == ("input 1",),
        "leave only red": lambda now: now.heard == (0,),
        "a wider range": lambda now: now.range[1] > 1.5 * now.start.range[1],
        "sixteen directions": lambda now: now.gabor["orientations"] == now.filter_count == 16,
        "look at filter 3": lambda now: now.filter == 3,
    }
    bank = FilterBank("gabor", "cat", gabor={"psi": 0.0}, tasks=tasks)
    assert done(bank) == [False] * 6
    for number, change in enumerate([{"gabor": {"psi": pi / 2}}, {"solo": ["input 1"]}, {"solo": ["input 0"]},
                                     {"mix": [9.0]}, {"gabor": {"orientations": 16}}, {"filter": 3}]):  # fmt: skip
        for name, value in change.items():
            setattr(bank, name, value)
        assert done(bank) == [True] * (number + 1) + [False] * (5 - number)


REFUSED = [
    (ArgumentError, lambda: FilterBank("Sobel z"), "There is no kernel 'Sobel z'; choose one of identity"),
    (ArgumentError, lambda: FilterBank(["Sobel x", 3]), "filters must be numbers in equal rows"),
    (ArgumentError, lambda: FilterBank("gabor", "moon"), "There is no picture 'moon'; choose one of rings"),
    (ArgumentError, lambda: FilterBank("own"), "filters='own' needs a layer"),
    (ArgumentError, lambda: FilterBank("gabor", bias=[1.0]), "have no bias: leave bias out"),
    (ArgumentError, lambda: FilterBank("gabor", groups=2), "span all channels: leave groups out"),
    (ArgumentError, lambda: FilterBank(layer(1, 2, 3), stride=2), "brings its own settings; got stride"),
    (ArgumentError, lambda: FilterBank(kernel=3), "FilterBank has no argument 'kernel'; it knows stride"),
    (ArgumentError, lambda: FilterBank(gabor={"lambda": 3}), "gabor must be a dict of kernel_size"),
    (ArgumentError, lambda: FilterBank(gabor=3), "gabor must be a dict of kernel_size"),
    (ShapeError, lambda: FilterBank(gabor={"sigma": 0}), "sigma must be a positive number; got 0"),
    (ShapeError, lambda: FilterBank(gabor={"orientations": 99}), "at most 32 orientations"),
    (ShapeError, lambda: FilterBank(np.ones((3, 3), "float32")), "filters must be a weight (C_out, C_in, kH, kW)"),
    (ArgumentError, lambda: FilterBank(np.ones((2, 1, 3, 3), int)), "filters must be floats"),
    (ShapeError, lambda: FilterBank(input=torch.ones(4, 3, 8, 9)), "one picture (C_in, H, W)"),
    (ShapeError, lambda: FilterBank(input=np.ones((8, 9), "float32")), "add missing axes with input[None]"),
    (ArgumentError, lambda: FilterBank(input=np.ones((1, 8, 9), "uint8")), "divide by 255"),
    (ArgumentError, lambda: FilterBank(muted=["red"]), "must name input channels and filters; got 'red'"),
    (ArgumentError, lambda: FilterBank(solo=[1]), "must name input channels and filters; got 1"),
    (ArgumentError, lambda: FilterBank(shown=["a"]), "shown must be whole numbers from 0"),
    (ArgumentError, lambda: FilterBank(shown=range(10**12)), "shown must be 10,000 numbers at most"),
    (ArgumentError, lambda: FilterBank(place=(1, 2, 3)), "place must be a pair (row, column)"),
    (
        ShapeError,
        lambda: FilterBank(np.ones((2, 1, 3, 3), "float32"), bias=[1.0]),
        "bias must be one number per",
    ),
]


@pytest.mark.parametrize("kind, made, words", REFUSED)
def test_bad_input_gets_one_sentence(kind, made, words):
    with pytest.raises(kind) as refused:
        made()
    assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "name, value, words",
    [("names", [], "A bank has at least one filter"), ("gabor", {"sigma": -1}, "sigma must be a positive number"),
     ("picture", "moon", "There is no picture"), ("picture", "own", "There is no picture"),
     ("muted", ["x"], "must name input channels"), ("source", "own", "There is no layer of yours"),
     ("place", [1], "place must be a pair"), ("source", "learned", "learned")],
)  # fmt: skip
def test_a_trait_refuses_what_it_cannot_show_and_keeps_what_was_there(name, value, words):
    bank = FilterBank("gabor")
    before = bank.state
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(bank, name, value)
    assert bank.state == before


def test_names_are_found_in_any_spelling_of_case_and_kept_once():
    bank = FilterBank(["sobel X", "Sobel x", "EMBOSS"])
    assert bank.names == ["Sobel x", "emboss"]


WITHOUT_TORCH = """
import sys
import numpy as np
from convlab.widgets.filter_bank import FilterBank
from convlab.widgets.layer_widget import unpacked
bank = FilterBank("gabor", "rings", padding=(2, 1), stride=2)
assert "torch" not in sys.modules and bank._computed["by"] == "NumPy"
maps = unpacked(bank._computed["output"])
import torch
assert np.abs(maps - bank.output[0].numpy()).max() < 1e-4
bank.shown = [1]
print(bank._computed["by"].split()[0], *unpacked(bank._computed["output"]).shape)
"""


@pytest.mark.slow
def test_before_torch_is_loaded_numpy_computes_the_same():
    run = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == ["PyTorch", "1", "45", "61"], run.stderr


SAME_KERNELS = """
import {{ gaborBank, mixed, namedBank }} from {math!r};
const [parameters, names, known] = JSON.parse(process.argv[1]);
const banks = [...parameters.map(gaborBank), namedBank(names, known)];
console.log(JSON.stringify(banks.map((bank) => [...mixed(bank, [1, -0.5])])));
"""


def test_the_browser_makes_the_same_weights_of_the_same_parameters():
    parameters = [given.GABOR, {**given.GABOR, "kernel_size": [4, 7], "psi": 0.3, "zero_mean": True, "orientations": 3}]
    names = ["shift", "Gaussian blur", "emboss"]
    script = SAME_KERNELS.format(math=f"{(ROOT / 'convlab' / 'widgets').as_uri()}/filter_bank_math.js")
    told = json.dumps([parameters, names, FilterBank()._kernels])
    run = run_node("--input-type=module", "-e", script, told)
    assert run.returncode == 0, run.stderr
    banks = [*(samples.gabor_bank(**{**one, "kernel_size": tuple(one["kernel_size"])}) for one in parameters),
             given.named_weight(names)]  # fmt: skip
    for drawn, kernels in zip(json.loads(run.stdout), banks, strict=True):
        true = given.mixed(kernels, [1, -0.5])
        assert np.allclose(np.array(drawn).reshape(true.shape), true, rtol=0, atol=1e-7)
