"""GradientRouter's Python half: what it takes, what it refuses, and its gradients beside autograd's."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from convlab import GradientRouter
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets import gradient_router_truth as truth
from convlab.widgets.layer_widget import packed, unpacked
from tests.random_layers import counts, draw, gradients


def router(**settings):
    return GradientRouter(2, 4, kernel_size=(3, 2), stride=(1, 2), groups=2, input=(2, 2, 5, 7), **settings)


def of_case(case, **settings):
    layer = {name: value for name, value in case.spec.items() if name != "bias"}
    bias = False if case.bias is None else case.bias
    return GradientRouter(**layer, input=case.input, weight=case.weight, bias=bias, **settings)


@pytest.mark.parametrize("seed", range(40))
def test_the_three_gradients_are_autograds_by_torch_and_by_numpy(seed):
    rng = np.random.default_rng(seed)
    case = draw(rng, legal=True, largest=7)
    upstream = rng.integers(-3, 4, case.output.shape).astype(np.float64)
    widget, true = of_case(case, grad_output=upstream), gradients(case, upstream)
    bias = np.zeros(0) if case.bias is None else case.bias
    loss, *by_numpy = truth._by_numpy(case.spec, upstream, case.input, case.weight, bias)
    assert loss == widget._backward["loss"] == (upstream * case.output).sum()
    for name, wanted, found, own in zip(("input", "weight", "bias"), true, by_numpy, widget.gradients, strict=True):
        if wanted is None:
            assert own is None and found.size == 0 and unpacked(widget._backward[name]).size == 0
            continue
        assert np.array_equal(own.numpy(), wanted) and np.array_equal(found, wanted)
        assert np.array_equal(unpacked(widget._backward[name]), wanted)
    assert widget._backward["tolerance"] == 0 and "autograd" in widget._backward["by"]


@pytest.mark.parametrize("seed", range(10))
def test_the_counts_are_the_gradient_of_a_kernel_of_ones(seed):
    case = draw(np.random.default_rng(seed), legal=True)
    assert np.array_equal(truth.read_counts(case.spec, case.input.shape), counts(case)["reads"])


def test_without_torch_numpy_checks_the_gradients():
    code = (
        "import sys\nfrom convlab import GradientRouter\nwidget = GradientRouter(1, 2, 3, padding=1, stride=2)\n"
        "print(widget._backward['by'], 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["NumPy", "False"]


def test_the_usual_upstream_is_small_whole_and_not_all_alike():
    for shape in [(1, 2, 3, 4), (3, 7, 6), (2, 1, 14, 7)]:
        found = truth.usual_upstream(shape)
        assert found.shape == shape and set(found.ravel()) >= {-1, 0, 1, 2} and np.abs(found).max() <= 3
        assert (np.diff(found, axis=-1) != 0).all() and (np.diff(found, axis=-2) != 0).all()


def test_fractions_may_differ_by_a_rounding_and_no_more():
    layer = torch.nn.Conv2d(1, 2, (3, 2), dtype=torch.float64)
    exact = GradientRouter(layer, input=torch.rand(1, 1, 5, 6, dtype=torch.float64))
    single = GradientRouter(layer.float(), input=torch.rand(1, 1, 5, 6))
    assert 0 < exact._backward["tolerance"] < 1e-6 < single._backward["tolerance"] < 0.1


def test_the_line_says_where_it_stands_and_never_a_gradient():
    assert repr(router(view="weight", how="gather", cell=(3, 0, 2, 1), nudge=0.5)) == (
        "GradientRouter(nn.Conv2d(2, 4, kernel_size=(3, 2), stride=(1, 2), groups=2), input=(2, 2, 5, 7), "
        "view='weight', cell=[3, 0, 2, 1], how='gather', nudge=0.5)"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"view": "input", "cell": (0, 1, 4, 6), "filter": 3, "terms": 2},
        {"view": "weight", "how": "gather", "cell": (3, 0, 2, 1), "sample": 1, "nudge": 0.1},
        {"view": "bias", "cell": (2,)},
        {"bias": False, "grad_output": np.ones((2, 4, 3, 3), "float32")},
    ],
)
def test_the_state_makes_the_same_widget_again(settings):
    widget = router(**settings)
    again = GradientRouter(**widget.state)
    assert repr(again) == repr(widget) and again.state == widget.state
    assert torch.equal(again.grad_output, widget.grad_output)


def test_the_usual_cell_is_a_pixel_that_goes_somewhere():
    input = np.zeros((1, 1, 5, 6), "float32")
    input[0, 0, 3, 1] = 2
    assert GradientRouter(1, 1, 3, input=input).cell == [0, 0, 3, 1]
    assert GradientRouter(1, 1, 3, input=input * 0).cell == [0, 0, 2, 3]
    assert GradientRouter(1, 1, (3, 2), input=input, view="weight").cell == [0, 0, 1, 1]


def test_another_view_takes_a_cell_of_its_own_tensor():
    widget = router(cell=(0, 1, 4, 6))
    widget.view = "weight"
    assert widget.cell == [0, 0, 1, 1]
    widget.cell = [3, 0, 2, 0]
    widget.view = "bias"
    assert widget.cell == [0]
    widget.view = "input"
    assert len(widget.cell) == 4


def test_another_layer_keeps_what_fits_and_leaves_a_view_that_it_lacks():
    upstream = np.arange(72.0).reshape(2, 4, 3, 3)
    widget = router(view="bias", cell=(3,), sample=1, grad_output=upstream)
    widget.set_layer(2, 4, kernel_size=(3, 2), stride=(1, 2))
    assert np.array_equal(widget.grad_output, upstream) and widget.cell == [3]
    widget.set_layer(2, 3, kernel_size=(2, 2), bias=False, input=(1, 2, 4, 6))
    assert widget.view == "input" and widget.sample == 0 and widget.grad_output.shape == (1, 3, 3, 5)
    assert len(widget.cell) == 4 and widget.gradients[2] is None


def test_what_pytorch_refuses_is_no_error_and_has_no_gradient():
    widget = router(view="weight")
    widget.set_layer(2, 4, kernel_size=(9, 2))
    assert widget._backward == {}
    widget.set_layer(2, 4, kernel_size=(2, 2))
    assert widget._backward["tolerance"] == 0 and widget.grad_output.shape == (2, 4, 4, 6)
    assert GradientRouter(3, 4, 3, groups=2, input=(1, 3, 6, 7))._backward == {}


def test_numbers_from_the_browser_are_computed_again():
    widget = router()
    before = unpacked(widget._backward["bias"])
    widget._upstream = packed(unpacked(widget._upstream) + 1)
    widget._rest += 1
    assert np.array_equal(unpacked(widget._backward["bias"]), before + 2 * 3 * 3)
    assert widget._backward["rest"] == widget._rest


def test_an_upstream_gradient_of_numbers_is_taken_as_it_is():
    widget = router()
    widget.grad_output = torch.full((2, 4, 3, 3), 2.0)
    assert (unpacked(widget._backward["bias"]) == 36).all()


def test_tasks_see_the_gradients_and_the_cell():
    tasks = {
        "unread": lambda now: now.view == "input" and now.gradient == now.uses[now.cell[2]][now.cell[3]] == 0,
        "a sum": lambda now: now.grad_bias[1] == 18,
        "all": lambda now: now.grad_input.shape == now.input.shape and now.grad_weight.shape == now.weight.shape,
    }
    widget = GradientRouter(1, 2, (1, 3), stride=2, input=(1, 1, 2, 8), tasks=tasks, cell=(0, 0, 0, 7))

    def done():
        return [entry["done"] for entry in widget._tasks]

    assert done() == [False, False, True]
    widget.view = "input"
    assert done() == [True, False, True]
    widget.grad_output = np.full((1, 2, 1, 3), 6.0)
    assert done() == [True, True, True]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"view": "output"}, ArgumentError, "view"),
        ({"how": "push"}, ArgumentError, "how"),
        ({"view": "bias", "bias": False}, ArgumentError, "view 'bias' needs a layer with a bias"),
        ({"cell": (0, 2, 0, 0)}, ShapeError, "whose shape is (1, 2, 5, 7); got (0, 2, 0, 0)"),
        ({"cell": (1, 0, 0, 0)}, ShapeError, "(0, c, i, j) of the input, its first sample"),
        ({"cell": (0, 0), "view": "weight"}, ShapeError, "(o, c, u, v) of the weight"),
        ({"cell": (0, 0, 0, -1)}, ShapeError, "counted from 0"),
        ({"cell": "middle"}, ShapeError, "cell must be whole numbers such as (0, 0, 2, 3); got 'middle'"),
        ({"cell": (0, 0, 1, 1.5)}, ShapeError, "cell must be whole numbers"),
        ({"filter": 4}, ShapeError, "filter must be a number from 0 to 3; got 4."),
        ({"sample": 2}, ShapeError, "sample must be a number from 0 to 1; got 2."),
        ({"nudge": -1}, ArgumentError, "nudge must be a number from 0 on; got -1.0."),
        ({"nudge": float("nan")}, ArgumentError, "nudge must be a number from 0 on"),
        ({"terms": -1}, ArgumentError, "terms must be a number from 0 on"),
        ({"grad_output": np.ones((2, 4, 3, 4))}, ShapeError, "the output's shape, (2, 4, 3, 3) here; got (2, 4, 3, 4)"),
        ({"grad_output": np.ones((2, 4, 3, 3), int)}, ArgumentError, "grad_output must be floats"),
        ({"grad_output": [[1, 2], [3]]}, ArgumentError, "grad_output must be numbers in equal rows"),
        ({"strid": 2}, ArgumentError, "GradientRouter has no argument 'strid'"),
        ({"tasks": ["a"]}, ArgumentError, "tasks must be a dict"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        router(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_an_upstream_gradient_for_a_refused_layer_says_so():
    with pytest.raises(ShapeError, match="a layer that PyTorch runs"):
        GradientRouter(1, 1, 9, input=(1, 1, 4, 5), grad_output=np.ones((1, 1, 2, 2)))
