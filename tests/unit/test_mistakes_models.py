"""Every model, kind by kind, beside torch: it runs, it errs somewhere, and classes are what they say they are."""

import itertools
import os
import warnings
from functools import cache
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convlab.mistakes import MISTAKES, PREDICTS
from convlab.mistakes.columns import columns_of
from convlab.mistakes.gradients import input_gradient, weight_gradient
from convlab.questions.bench import layers
from convlab.shapes import Conv2dSpec, ShapeError

CASES = 300 if os.environ.get("CONVLAB_FULL") else 60
SPEC_AND_INPUT = ("size", "output_shape", "weight_shape", "count", "macs", "memory")


def module(spec):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "same" with an even kernel: meant here
        return nn.Conv2d(**{name: getattr(spec, name) for name in vars(spec)}, dtype=torch.float64)


@cache
def drawn_layers():
    """Legal layers of every sort with their inputs."""
    rng, found = Random(1), []
    sorts = (layers.plain, layers.strided, layers.half_padded, layers.dilated, layers.nearly_same, layers.single(1),
             layers.single(3), layers.grouped_evenly, layers.unbiased(layers.plain),
             layers.unbiased(layers.grouped_evenly))  # fmt: skip
    while len(found) < CASES:
        spec, shape = sorts[len(found) % len(sorts)](rng)
        if not layers.refused(spec, shape):
            found.append((spec, shape))
    return found


def truth(kind, spec, shape):
    """What torch says."""
    layer = module(spec)
    output = layer(torch.zeros(shape, dtype=torch.float64))
    places = output.shape[-2] * output.shape[-1]
    batch = shape[0] if len(shape) == 4 else 1
    return {
        "size": tuple(output.shape[-2:]),
        "output_shape": tuple(output.shape),
        "weight_shape": tuple(layer.weight.shape),
        "count": sum(parameter.numel() for parameter in layer.parameters()),
        "macs": output.numel() * layer.weight[0].numel(),
        "memory": batch * spec.in_channels * layer.weight[0, 0].numel() * places,
    }[kind]


def answers(mistake, kind, case):
    model = mistake.models[kind]
    return model(*case[:1]) if kind in ("weight_shape", "kernel", "field", "code", "layout") else model(*case)


def with_model(kind):
    return [mistake for mistake in MISTAKES.values() if kind in mistake.models]


@pytest.mark.parametrize("kind", SPEC_AND_INPUT)
def test_every_model_of_a_layer_predicts_something_and_errs_somewhere(kind):
    right = [truth(kind, *case) for case in drawn_layers()]
    for mistake in with_model(kind):
        predicted = [answers(mistake, kind, case) for case in drawn_layers()]
        assert any(predicted), f"{mistake.id} says nothing about {kind}"
        assert any(set(each) - {real} for each, real in zip(predicted, right, strict=True)), mistake.id
        for each, real in zip(predicted, right, strict=True):
            assert all(type(answer) is type(real) and np.min(answer) >= 0 for answer in each), (mistake.id, each)


@pytest.mark.parametrize("kind", SPEC_AND_INPUT)
def test_the_models_of_a_class_agree_and_those_of_different_classes_differ(kind):
    said = {it.id: [answers(it, kind, case) for case in drawn_layers()] for it in with_model(kind)}
    agree(said)


def agree(said):
    """Members of one class never contradict each other; members of two classes do somewhere."""
    for (one, ones), (other, others) in itertools.combinations(said.items(), 2):
        if other in MISTAKES[one].family:
            for a, b in zip(ones, others, strict=True):
                assert not (a and b) or set(a) <= set(b) or set(b) <= set(a), (one, other, a, b)
        else:
            assert ones != others, f"{one} and {other} predict the same everywhere"


def windows(seed):
    """Input, weight, bias, place: one filter, whole numbers; 1 x 1, square and oblong kernels, a flat input."""
    rng = np.random.default_rng(seed)
    C, (kH, kW) = int(rng.integers(1, 4)), [(2, 3), (3, 3), (1, 1), (3, 2)][seed % 4]
    input = np.full((C, 8, 9), 4) if seed % 5 == 0 else rng.integers(0, 9, (C, 8, 9))
    return input.tolist(), rng.integers(-9, 9, (C, kH, kW)).tolist(), 3, (1, 2)


def test_models_of_values_err_and_their_classes_differ():
    cases = [windows(seed) for seed in range(CASES)]
    said = {it.id: [it.models["value"](*case) for case in cases] for it in with_model("value")}
    for id, values in said.items():
        wrong = 0
        for (input, weight, bias, (i, j)), predicted in zip(cases, values, strict=True):
            tensors = torch.tensor(input).double()[None], torch.tensor(weight).double()[None]
            right = F.conv2d(*tensors)[0, 0, i, j].item() + bias
            wrong += any(value != right for value in predicted)
        assert wrong, id
    agree(said)


def test_models_of_kernels_change_a_kernel_and_differ():
    said = {it.id: [it.models["kernel"]([[1, 2, -3], [4, 5, 6]])] for it in with_model("kernel")}
    assert all([[1, 2, -3], [4, 5, 6]] not in kernels for (kernels,) in said.values())
    agree({id: [[str(kernel) for kernel in kernels]] for id, (kernels,) in said.items()})


def gradient_case(seed):
    rng = np.random.default_rng(seed)
    settings = {"stride": ((1, 1), (2, 3))[seed % 2], "padding": (1, 0), "dilation": (1, 1 + seed % 2)}
    input, weight = rng.normal(size=(2, 2, 7, 9)), rng.normal(size=(3, 2, 3, 2))
    output = F.conv2d(torch.tensor(input), torch.tensor(weight), None, **settings)
    return rng.normal(size=output.shape), input, weight, settings


def by_autograd(grad_output, input, weight, settings):
    tensors = [torch.tensor(it, requires_grad=True) for it in (input, weight, np.zeros(len(weight)))]
    F.conv2d(*tensors, **settings).backward(torch.tensor(grad_output))
    return dict(zip(("input", "weight", "bias"), (it.grad.numpy() for it in tensors), strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_the_gradients_that_the_models_start_from_are_those_of_autograd(seed):
    *arrays, settings = gradient_case(seed)
    right = by_autograd(*arrays, settings)
    np.testing.assert_allclose(input_gradient(*arrays, **settings), right["input"], atol=1e-12)
    np.testing.assert_allclose(weight_gradient(*arrays, **settings), right["weight"], atol=1e-12)


def test_models_of_gradients_err_where_they_apply_and_differ():
    said = {it.id: [] for it in with_model("gradient")}
    for seed in range(6):
        *arrays, settings = gradient_case(seed)
        right = by_autograd(*arrays, settings)
        for id in said:
            wrongs = MISTAKES[id].models["gradient"](*arrays, **settings)
            shown = [
                {name: np.round(array, 9).tolist() for name, array in wrong.items()
                 if array.shape != right[name].shape or not np.allclose(array, right[name])}
                for wrong in wrongs
            ]  # fmt: skip
            assert any(shown) or (id == "M79" and settings["stride"] == (1, 1)), id
            said[id].append([str(it) for it in shown if it])
    agree(said)


def test_the_flipped_and_the_averaged_gradients_are_what_their_names_say():
    *arrays, settings = gradient_case(1)
    right, grad_output = by_autograd(*arrays, settings), arrays[0]

    def wrong(id):
        return MISTAKES[id].models["gradient"](*arrays, **settings)

    places = grad_output.shape[2] * grad_output.shape[3]
    np.testing.assert_allclose(wrong("M78")[0]["weight"], right["weight"][:, :, ::-1, ::-1])
    np.testing.assert_allclose(wrong("M81")[0]["weight"], right["weight"] / places)
    np.testing.assert_allclose(wrong("M80")[0]["bias"], right["bias"] / (places * len(grad_output)))
    unturned = by_autograd(grad_output, arrays[1], arrays[2][:, :, ::-1, ::-1].copy(), settings)["input"]
    np.testing.assert_allclose(wrong("M77")[0]["input"], unturned)


def test_columns_are_those_of_unfold_and_the_model_has_another_order():
    spec, input = Conv2dSpec(3, 1, (2, 3), (1, 2), (1, 0)), np.random.default_rng(0).normal(size=(2, 3, 5, 7))
    right = F.unfold(torch.tensor(input), (2, 3), 1, (1, 0), (1, 2)).numpy()
    np.testing.assert_array_equal(columns_of(input, spec), right)
    (wrong,) = MISTAKES["M85"].models["columns"](input, spec)
    by_tap = right.reshape(2, 3, 6, -1).transpose(0, 2, 1, 3).reshape(right.shape)
    np.testing.assert_array_equal(wrong, by_tap)
    assert not np.array_equal(wrong, right)


def field_by_autograd(specs):
    """The size of the region that one unit depends on."""
    layers = nn.Sequential(*(module(spec) for spec in specs))
    for parameter in layers.parameters():
        nn.init.ones_(parameter)
    picture = torch.zeros(1, 1, 80, 90, dtype=torch.float64, requires_grad=True)
    layers(picture)[0, 0, 2, 3].backward()
    rows, columns = picture.grad[0, 0].nonzero().T
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def test_models_of_the_receptive_field_err_and_differ():
    rng, said = Random(3), {it.id: [] for it in with_model("field")}
    for _ in range(8):
        kernels = [tuple(rng.sample((2, 3, 4), 2)) for _ in range(3)]
        stack = [Conv2dSpec(1, 1, kernel, rng.choice(((2, 1), (1, 2), 1))) for kernel in kernels]
        stack[0] = Conv2dSpec(1, 1, 3, (2, 1))
        right = field_by_autograd(stack)
        for id in said:
            said[id].append(MISTAKES[id].models["field"](stack))
            assert any(answer != right for answer in said[id][-1]), id
    agree(said)


def test_shrinkages_do_not_add_up():
    stack = [Conv2dSpec(1, 1, (3, 5)), Conv2dSpec(1, 1, 3, 2)]
    (wrong,) = MISTAKES["M26"].models["stack"](stack, (1, 1, 64, 96))
    assert wrong == (64 - 2 - 33, 96 - 4 - 49)
    assert nn.Sequential(*map(module, stack))(torch.zeros(1, 1, 64, 96).double()).shape[2:] == (30, 45)


def test_poolings_left_out_leave_the_convolutions_and_those_that_are_counted():
    stack = [Conv2dSpec(1, 4, (3, 5)), Conv2dSpec(4, 4, 2, 2), Conv2dSpec(4, 6, 3), Conv2dSpec(6, 6, 2, 2)]
    sizes, picture = [], torch.zeros(1, 1, 40, 50)
    for pools in ((nn.Identity(), nn.Identity()), (nn.MaxPool2d(2), nn.Identity())):
        layers = nn.Sequential(nn.Conv2d(1, 4, (3, 5)), pools[0], nn.Conv2d(4, 6, 3), pools[1])
        sizes.append(tuple(layers(picture).shape[2:]))
    assert MISTAKES["M171"].models["stack"](stack, (1, 1, 40, 50)) == sizes
    assert MISTAKES["M171"].models["stack"](stack[:1], (1, 1, 40, 50)) == []


def test_a_grouped_channel_reads_its_own_group_alone():
    spec = Conv2dSpec(6, 4, 3, groups=2)
    input = torch.ones(1, 6, 5, 5, dtype=torch.float64, requires_grad=True)
    module(spec)(input)[0, 3].sum().backward()
    read = input.grad[0].abs().sum((1, 2)).nonzero().flatten().tolist()
    assert read == [3, 4, 5] and MISTAKES["M48"].models["channels"](spec, 3) == [[0, 1, 2, 3, 4, 5]]


def torch_runs(settings, shape, dtype):
    try:
        layer = nn.Conv2d(**settings)
        layer(torch.ones(shape, dtype=getattr(torch, dtype)))
    except (RuntimeError, ValueError):
        return "error"
    return "runs"


RUNS = [
    ("M07", {"kernel_size": 3, "stride": 2}, (1, 6, 8, 10), "float32"),
    ("M10", {"kernel_size": 3, "stride": 2, "padding": "same"}, (1, 6, 8, 10), "float32"),
    ("M17", {"kernel_size": 4}, (1, 6, 8, 10), "float32"),
    ("M18", {"kernel_size": 3, "padding": 3}, (1, 6, 8, 10), "float32"),
    ("M42", {"kernel_size": 3, "out_channels": 7}, (1, 6, 8, 10), "float32"),
    ("M47", {"kernel_size": 3, "out_channels": 12, "groups": 12}, (1, 6, 8, 10), "float32"),
    ("M49", {"kernel_size": 3, "groups": 4}, (1, 6, 8, 10), "float32"),
    ("M51", {"kernel_size": 3}, (1, 8, 10, 6), "float32"),
    ("M54", {"kernel_size": 3, "in_channels": 1}, (4, 8, 10), "float32"),
    ("M57", {"kernel_size": 3}, (6, 8, 10), "float32"),
    ("M58", {"kernel_size": 3}, (1, 6, 8, 10), "uint8"),
]


@pytest.mark.parametrize(("id", "changed", "shape", "dtype"), RUNS, ids=[case[0] for case in RUNS])
def test_models_of_errors_are_wrong_about_what_torch_does(id, changed, shape, dtype):
    settings = {"in_channels": 6, "out_channels": 9, **changed}
    try:
        spec = Conv2dSpec(**settings)
    except ShapeError:
        spec = layers.loose(settings)
    (said,) = MISTAKES[id].models["error"](spec, shape, dtype)
    assert (said == "runs") != (torch_runs(settings, shape, dtype) == "runs")
    fine = Conv2dSpec(6, 3, 3, padding=1), (1, 6, 8, 10)
    assert MISTAKES[id].models["error"](*fine) == [], "it speaks where it has nothing to say"


def test_every_model_of_errors_is_tried_above():
    assert {case[0] for case in RUNS} == {mistake.id for mistake in with_model("error")}


@pytest.mark.parametrize("mistake", with_model("code"), ids=lambda mistake: mistake.id)
def test_the_calls_that_learners_write_do_not_do_what_they_are_meant_to(mistake):
    spec = Conv2dSpec(3, 8, (3, 5))
    for call in mistake.models["code"](spec):
        names = {"nn": nn, "F": F, "torch": torch, "conv": module(spec).float()}
        names |= {"input": torch.ones(1, 3, 9, 9), "weight": torch.ones(spec.weight_shape)}
        try:
            made = eval(call, names)
        except (AttributeError, TypeError):
            continue
        changed = made if isinstance(made, nn.Conv2d) else names["conv"]
        assert not isinstance(made, nn.Conv2d) or made.weight.shape != spec.weight_shape
        assert mistake.id != "M93" or changed.weight.shape == spec.weight_shape


def test_every_kind_of_prediction_is_used_and_described():
    used = {kind for mistake in MISTAKES.values() for kind in mistake.models}
    assert used == set(PREDICTS)
    assert isinstance(layers.loose({"kernel_size": 3}), SimpleNamespace)
