"""The engines equal torch exactly on whole-numbered float64 inputs: no tolerance but for the Fourier transform."""

import inspect
import os
from collections import Counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st
from strategies import settings as layers
from strategies import two_different, whole_numbers

from convlab import engines
from convlab.shapes import ArgumentError, Refusal, ShapeError
from tests.property.against_torch import BACKWARD, COLUMNS, FORWARD, FUNCTIONS, ROUNDING, beside_torch, same

FULL = os.environ.get("CONVLAB_FULL") == "1"
MODES = ("zeros", "reflect", "replicate", "circular")
DRAWN = {"max_examples": 2000 if FULL else 200, "deadline": None}
DRAWN["suppress_health_check"] = [HealthCheck.filter_too_much, HealthCheck.too_slow]
SETTINGS = 2000 if FULL else 200


@st.composite
def cases(draw):
    """A layer and an input that torch runs, every parameter drawn, no square."""
    arguments, size = draw(layers()), draw(two_different(3, 9))
    shape = (*draw(st.sampled_from([(), (1,), (2,)])), arguments["in_channels"], *size)
    case = beside_torch(arguments, shape, seed=draw(st.integers(0, 10**6)))
    assume(case is not None)
    return case


@settings(**DRAWN)
@given(cases())
def test_every_engine_equals_torch_and_leaves_its_input_alone(case):
    for name in (*FORWARD, *COLUMNS):
        note(name)
        case.compare(engines, name)


def by_torch(arrays, how):
    """F.conv2d's output, or None where it refuses."""
    try:
        return F.conv2d(*(None if array is None else torch.as_tensor(array) for array in arrays), **how).numpy()
    except (RuntimeError, ValueError):
        return None


def test_what_pytorch_runs_every_engine_runs_and_what_it_refuses_every_engine_refuses():
    seen = Counter()

    @settings(**DRAWN | {"max_examples": SETTINGS})
    @given(layers() | layers(legal=False), st.integers(-3, 1), two_different(2, 9), st.sampled_from([(), (2,), (0,)]))
    def one(arguments, more, size, batch):
        how = {name: arguments[name] for name in ("stride", "padding", "dilation", "groups")}
        C_out, share = arguments["out_channels"], max(1, arguments["in_channels"] // arguments["groups"])
        weight = whole_numbers((C_out, share, *arguments["kernel_size"]), seed=1)
        bias = whole_numbers((C_out,), seed=2) if arguments["bias"] else None
        C_in = share * arguments["groups"] + max(0, more)  # one time in five a channel too many
        arrays = whole_numbers((*batch, C_in, *size), seed=0), weight, bias
        theirs = by_torch(arrays, how)
        seen["refused" if theirs is None else "run"] += 1
        for name in FORWARD:
            if theirs is None:
                with pytest.raises(Refusal):
                    getattr(engines, name)(*arrays, **how)
            else:
                ours = getattr(engines, name)(*arrays, **how)
                same(ours, theirs, ROUNDING if name == "conv2d_fft" else 0)

    one()
    assert seen.total() >= SETTINGS
    assert min(seen["run"], seen["refused"]) > SETTINGS / 5, seen


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize(
    "how",
    [{"padding": 1}, {"stride": 2}, {"dilation": 2}, {"stride": (2,), "padding": [1]}, {"padding": "valid"}],
    ids=str,
)
def test_one_number_stands_for_both_axes(name, how):
    input, weight = whole_numbers((2, 1, 7, 9), seed=0), whole_numbers((2, 1, 3, 2), seed=1)
    theirs = F.conv2d(torch.as_tensor(input), torch.as_tensor(weight), **how).numpy()
    same(getattr(engines, name)(input, weight, **how), theirs, ROUNDING if name == "conv2d_fft" else 0)


@pytest.mark.parametrize("name", FORWARD)
def test_float32_stays_float32(name):
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(shape).astype(np.float32) for shape in ((2, 4, 9, 7), (6, 2, 3, 2), (6,))]
    output = getattr(engines, name)(*arrays, stride=(2, 1), groups=2)
    theirs = F.conv2d(*map(torch.as_tensor, arrays), stride=(2, 1), groups=2).numpy()
    assert output.dtype == np.float32
    assert np.abs(output - theirs).max() < 1e-5


def test_the_fourier_transform_equals_torch_where_it_is_meant_to_win():
    input, weight = whole_numbers((1, 8, 96, 90), seed=0), whole_numbers((8, 8, 21, 19), seed=1)
    theirs = F.conv2d(torch.as_tensor(input), torch.as_tensor(weight), padding=(10, 9)).numpy()
    same(engines.conv2d_fft(input, weight, padding=(10, 9)), theirs, ROUNDING)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(MODES), two_different(0, 3), two_different(4, 7))
def test_padding_of_every_mode_equals_torchs(mode, padding, size):
    input = whole_numbers((1, 2, *size), seed=1)
    (pH, pW), name = padding, {"zeros": "constant"}.get(mode, mode)
    theirs = F.pad(torch.as_tensor(input), (pW, pW, pH, pH), mode=name).numpy()
    assert np.array_equal(engines.pad_input(input, ((pH, pH), (pW, pW)), mode), theirs)


ONES, FLOATS = np.ones((1, 1, 4, 5)), np.ones((1, 1, 4, 5), np.float32)
TAPS = np.ones((1, 1, 2, 3))


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize(
    ("arguments", "how", "error", "words"),
    [
        ((np.ones((3, 4)), TAPS), {}, ShapeError, "must have 4 axes"),
        ((np.ones((1, 2, 4, 5)), np.ones((1, 3, 2, 2))), {}, ShapeError, "in_channels=3, and this input has 2"),
        ((np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 2))), {}, ShapeError, "the padded input has only 2 x 2"),
        ((ONES, np.ones((3, 3))), {}, ShapeError, "weight must have 4 axes"),
        ((ONES, TAPS, np.ones(2)), {}, ShapeError, r"one number per output channel, shape \(1,\); got \(2,\)"),
        ((FLOATS, TAPS), {}, ArgumentError, "got float32, float64"),
        ((FLOATS, TAPS.astype(np.float32), np.ones(1)), {}, ArgumentError, "got float32, float32, float64"),
        ((np.array("cat"), TAPS), {}, ArgumentError, "input must be an array of numbers"),
        (([[[1.0, 2.0], [3.0]]], TAPS), {}, ArgumentError, "input must be an array of numbers; got rows of different"),
        ((ONES, None), {}, ArgumentError, "weight must be an array of numbers"),
        ((ONES, torch.ones(1, 1, 2, 3, requires_grad=True)), {}, ArgumentError, "numbers: .* requires grad"),
        ((ONES, TAPS), {"groups": 1.5}, ShapeError, "groups must be a whole number; got 1.5"),
        ((ONES, TAPS), {"groups": 0}, ShapeError, "groups must be 1 or more"),
        ((ONES, TAPS), {"stride": "2"}, ShapeError, "stride must be a whole number or a pair"),
        ((ONES, TAPS), {"padding": "full"}, ShapeError, "padding must be a number, a pair, 'same' or 'valid'"),
        ((ONES, TAPS), {"padding": -1}, ShapeError, "padding must be 0 or more"),
        ((ONES, TAPS), {"dilation": 0}, ShapeError, "dilation must be 1 or more"),
    ],
)
def test_bad_input_gets_one_sentence(name, arguments, how, error, words):
    with pytest.raises(error, match=words) as caught:
        getattr(engines, name)(*arguments, **how)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((8, 5), (3, 4), "The window has 2 x 3 = 6 places, a column each; got 5 columns"),
        ((7, 6), (3, 4), "a multiple of 4 here; got columns of 7"),
        ((1, 1, 8, 6), (3, 4), r"columns must have 3 axes \(N, C \* kH \* kW, L\)"),
        ((0, 6), (3, 4), "none empty but N"),
        ((8, 6), (1, 4), "the padded input has only 1 x 4"),
        ((8, 6), (3, 4, 5), "output_size must be a whole number or a pair"),
    ],
)
def test_col2im_says_in_one_sentence_what_does_not_fit_and_torch_refuses_it_too(shape, size, words):
    with pytest.raises(ShapeError, match=words) as caught:
        engines.col2im(np.ones(shape), size, kernel_size=2)
    assert "\n" not in str(caught.value)
    with pytest.raises(RuntimeError):
        F.fold(torch.ones(shape), size, kernel_size=2)


def test_col2im_takes_one_number_for_both_axes_and_keeps_float32():
    columns = whole_numbers((2, 12, 30), seed=3, dtype=np.float32)
    picture = engines.col2im(columns, (5, 6), 2, stride=1, padding=1, dilation=2)
    same(picture, F.fold(torch.as_tensor(columns), (5, 6), 2, stride=1, padding=1, dilation=2).numpy())


@pytest.mark.parametrize("name", [*FUNCTIONS, "check_gradients"])
def test_an_engine_fits_a_screen(name):
    code = inspect.getsource(getattr(engines, name)).split('"""')[-1]
    assert len(code.splitlines()) <= 40


def test_every_engine_is_tested_here():
    assert {name for name in engines.__all__ if name.startswith("conv2d_")} == {*FORWARD, "conv2d_backward"}
    assert {*FUNCTIONS, "GradientCheck", "check_gradients", "pad_input"} == set(engines.__all__)
    assert set(BACKWARD) < set(engines.__all__)
