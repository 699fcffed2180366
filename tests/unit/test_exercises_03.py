"""The exercises of lesson 03: a layer for given shapes, and a class of the learner's own."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get, ids
from convlab.exercises.lesson_03 import wrong_layers
from convlab.exercises.lesson_03.asked import Output
from convlab.exercises.sentences import known_error
from convlab.exercises.task import Misfit

SEEDS = range(50 if os.environ.get("CONVLAB_FULL") == "1" else 3)
WHICH, OWN = get("03.which_layer"), get("03.MyConv2d")
EACH = pytest.mark.parametrize("exercise", [WHICH, OWN], ids=lambda exercise: exercise.id)


@EACH
def test_it_is_there_and_whole(exercise):
    assert ids("03") == ["03.which_layer", "03.MyConv2d"]
    assert len(set(exercise.hints)) == 3 and len(exercise.errors) >= 3 and all(map(all, exercise.errors))
    assert len(exercise.mutants) >= 3 and exercise.revision == 1
    name = exercise.reference.__name__
    assert f"{name}(" in exercise.stub and f" {name}(" in exercise.reference_source.split("\n")[0]


def test_importing_the_exercises_brings_in_no_torch():
    code = "import sys, convlab.exercises; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@EACH
def test_the_stub_is_not_attempted_and_the_reference_is_right(exercise):
    names = {}
    exec(exercise.stub, names)
    assert exercise.check(names[exercise.reference.__name__]).outcome == "not_attempted"
    for seed in SEEDS:
        verdict = exercise.check(exercise.reference, seed=seed)
        assert verdict.outcome == "right" and str(seed) in verdict.message, verdict


def test_naming_a_mistake_leaves_the_random_state_and_the_warnings_alone(recwarn):
    for exercise in (WHICH, OWN):
        before = torch.get_rng_state()
        exercise.check(next(iter(exercise.mutants.values())), seed=1)
        assert torch.equal(before, torch.get_rng_state())
    assert not recwarn.list


def test_the_wrong_layers_are_right_but_for_their_mistake():
    """Laid beside nn.Conv2d: the piece they are made of is right."""
    mine, theirs = wrong_layers.Layer(3, 4, (3, 2)), nn.Conv2d(3, 4, (3, 2))
    mine.load_state_dict(theirs.state_dict())
    input = torch.randn(2, 3, 7, 6)
    assert torch.equal(mine(input), theirs(input))
    assert OWN.check(wrong_layers.Layer, seed=1).outcome == "right"


def test_the_expected_outputs_are_those_of_pytorch():
    for seed in SEEDS:
        for case in OWN.cases(seed):
            if not isinstance(case.then, Output):
                continue
            layer = nn.Conv2d(**case.arguments).double()
            with torch.no_grad():
                layer.weight.copy_(torch.from_numpy(case.then.weight))
                if layer.bias is not None:
                    layer.bias.copy_(torch.from_numpy(case.then.bias))
                output = layer(torch.from_numpy(case.then.input)).numpy()
            assert output.shape == OWN.result_shape(case)
            np.testing.assert_array_equal(OWN.value(case, output), OWN.expected(case))


# ---------------------------------------------------------------- MyConv2d in other styles


class ByInit(nn.Module):
    """Uninitialised tensors, filled by nn.init; register_parameter for the bias."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        if not isinstance(kernel_size, tuple):
            kernel_size = (kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, *kernel_size))
        nn.init.kaiming_uniform_(self.weight)
        self.register_parameter("bias", nn.Parameter(torch.zeros(out_channels)) if bias else None)

    def forward(self, x):
        return torch.conv2d(x, self.weight, self.bias)


class ByUnfold(ByInit):
    """No F.conv2d: columns and one product."""

    def forward(self, x):
        batched = x if x.dim() == 4 else x[None]
        kH, kW = self.weight.shape[2:]
        output = self.weight.flatten(1) @ F.unfold(batched, (kH, kW))
        output = output.unflatten(2, (batched.shape[2] - kH + 1, batched.shape[3] - kW + 1))
        if self.bias is not None:
            output = output + self.bias[:, None, None]
        return output if x.dim() == 4 else output[0]


class ByEinsum(ByInit):
    """Windows and einsum."""

    def forward(self, x):
        windows = x.unfold(-2, self.weight.shape[2], 1).unfold(-2, self.weight.shape[3], 1)
        output = torch.einsum("...cijuv,ocuv->...oij", windows, self.weight)
        return output if self.bias is None else output + self.bias[:, None, None]


class WithModulePieces(ByInit):
    """A loop over the filters."""

    def forward(self, x):
        none = [None] * len(self.weight)
        biases = none if self.bias is None else self.bias
        maps = [F.conv2d(x, filter[None], bias if bias is None else bias[None])
                for filter, bias in zip(self.weight, biases, strict=True)]  # fmt: skip
        return torch.cat(maps, dim=-3)


@pytest.mark.parametrize("style", [ByInit, ByUnfold, ByEinsum, WithModulePieces])
def test_a_right_class_in_another_style_is_right(style):
    for seed in SEEDS:
        verdict = OWN.check(style, seed=seed)
        assert verdict, verdict


def test_a_gradient_run_before_the_check_does_no_harm():
    OWN.reference(2, 3, 2)(torch.rand(2, 5, 6)).sum().backward()
    assert OWN.check(ByInit, seed=2)


@pytest.mark.parametrize("forked", [True, False])
def test_it_works_in_a_thread_as_in_a_child(forked):
    class Forked(type(OWN)):
        pass

    Forked.forked = forked
    assert Forked().check(OWN.reference, seed=1)
    assert Forked().check(wrong_layers.PlainTensors, seed=1).mistakes == ("M92",)


def test_other_names_get_a_sentence():
    class Named(nn.Module):
        def __init__(self, in_channels, out_channels, kernel_size, bias=True):
            super().__init__()
            kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
            self.kernels = nn.Parameter(torch.randn(out_channels, in_channels, *kernel))
            self.b = nn.Parameter(torch.randn(out_channels)) if bias else None

        def forward(self, x):
            return F.conv2d(x, self.kernels, self.b)

    verdict = OWN.check(Named, seed=1)
    assert verdict.outcome == "wrong" and "no attribute `weight`. Your Parameters are called kernels, b." in str(
        verdict
    )


def test_a_ready_made_layer_inside_gets_a_sentence():
    class Wrapped(nn.Module):
        def __init__(self, in_channels, out_channels, kernel_size, bias=True):
            super().__init__()
            self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias)

        def forward(self, x):
            return self.conv(x)

    class Inherited(nn.Conv2d):
        def __init__(self, in_channels, out_channels, kernel_size, bias=True):
            super().__init__(in_channels, out_channels, kernel_size, bias=bias)

    for given in (Wrapped, Inherited, nn.Conv2d):
        verdict = OWN.check(given, seed=1)
        assert not verdict and "ready-made layer" in verdict.message, verdict


def test_an_instance_no_module_and_nothing_get_a_sentence():
    class Plain:
        def __init__(self, in_channels, out_channels, kernel_size, bias=True):
            self.weight = torch.zeros(1)

    assert "needs your class itself" in OWN.check(OWN.reference(3, 4, 2)).message
    assert "write .check(MyConv2d)" in OWN.check(None).message
    assert "is no nn.Module" in OWN.check(Plain).message


def test_a_class_without_the_bias_argument_is_partial():
    class NoBias(nn.Module):
        def __init__(self, in_channels, out_channels, kernel_size):
            super().__init__()
            kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
            self.weight = nn.Parameter(torch.randn(out_channels, in_channels, *kernel))
            self.bias = nn.Parameter(torch.randn(out_channels))

        def forward(self, x):
            return F.conv2d(x, self.weight, self.bias)

    verdict = OWN.check(NoBias, seed=1)
    assert verdict.outcome == "partial"
    assert verdict.message.startswith("All else is right. Still missing: bias, which says whether"), verdict


def failing(text, forward="return F.conv2d(input, self.weight, self.bias)"):
    """A class whose __init__ has these lines, with line numbers that can be told."""
    body = "".join(f"        {line}\n" for line in text.split("\n"))
    code = (
        "class MyConv2d(nn.Module):\n    def __init__(self, in_channels, out_channels, kernel_size, bias=True):\n"
        f"{body}\n    def forward(self, input):\n        {forward}\n"
    )
    names = {"nn": nn, "torch": torch, "F": F}
    exec(compile(code, "<cell>", "exec"), names)
    return names["MyConv2d"]


UP = "super().__init__()\n"
PAIR = UP + "kH, kW = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size\n"
GOOD = PAIR + "self.weight = nn.Parameter(torch.randn(out_channels, in_channels, kH, kW))\n"
BIAS = "self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None"
PROVOKED = {
    "no super": failing("self.weight = nn.Parameter(torch.randn(4))"),
    "pair of a number": failing(UP + "kH, kW = kernel_size[::1] if bias else kernel_size"),
    "unpacked number": failing(UP + "kH, kW = 3"),
    "pair among sizes": failing(UP + "self.weight = torch.randn(out_channels, in_channels, (3, 2))"),
    "sizes to Parameter": failing(UP + "self.weight = nn.Parameter(4, 3, 3, 2)"),
    "weight not kept": failing(PAIR + "weight = 1\nself.bias = None\nself.weight.shape"),
    "no forward": failing(GOOD + BIAS).__mro__[1],
    "in first": failing(PAIR + "self.weight = nn.Parameter(torch.randn(in_channels, out_channels, kH, kW))\n" + BIAS),
    "bias of the input": failing(GOOD + "self.bias = nn.Parameter(torch.zeros(in_channels))"),
    "flat": failing(PAIR + "self.weight = nn.Parameter(torch.randn(out_channels, kH, kW))\n" + BIAS),
}


def provoke(name):
    if name == "no forward":
        return type("MyConv2d", (nn.Module,), {})()(torch.rand(3, 5, 4))
    size = 3 if name == "pair of a number" else (3, 2)
    return PROVOKED[name](3, 4, size)(torch.rand(3, 5, 4))


@pytest.mark.parametrize("name", PROVOKED)
def test_the_help_with_errors_quotes_what_is_really_printed(name):
    with pytest.raises(Exception) as raised:
        provoke(name)
    message = f"{type(raised.value).__name__}: {raised.value}"
    assert known_error(OWN.errors, message), message


def test_every_quoted_error_is_provoked_above():
    met = set()
    for name in PROVOKED:
        with pytest.raises(Exception) as raised:
            provoke(name)
        met.add(known_error(OWN.errors, f"{type(raised.value).__name__}: {raised.value}"))
    assert met == set(OWN.errors)


def test_a_forgotten_super_is_told_with_the_learners_line():
    verdict = OWN.check(PROVOKED["no super"], seed=1)
    assert (
        verdict.outcome == "error" and "Your class raised AttributeError: cannot assign parameters" in verdict.message
    )
    assert "(line 3" in verdict.message and "first line of __init__" in verdict.message


def test_a_forward_that_returns_nothing_gets_a_sentence():
    verdict = OWN.check(failing(GOOD + BIAS, "F.conv2d(input, self.weight, self.bias)"), seed=1)
    assert verdict.outcome == "wrong" and "your forward returns nothing (None)" in verdict.message


# ---------------------------------------------------------------- which_layer


def with_padding(weight_shape, output_shape):
    """Another layer and another input that do it: the size is kept."""
    C_out, C_in, kH, kW = weight_shape
    *batch, _, H, W = output_shape
    return nn.Conv2d(C_in, C_out, (kH, kW), padding="same", bias=False), torch.rand(*batch, C_in, H, W)


def with_keywords(weight_shape, output_shape):
    batch = output_shape[:-3]
    H, W = (out + k - 1 for out, k in zip(output_shape[-2:], weight_shape[-2:], strict=True))
    conv = nn.Conv2d(kernel_size=weight_shape[2:], out_channels=weight_shape[0], in_channels=weight_shape[1])
    return [conv, torch.ones((*batch, weight_shape[1], H, W))]


def with_own_class(weight_shape, output_shape):
    layer, input = with_keywords(weight_shape, output_shape)
    return OWN.reference(layer.in_channels, layer.out_channels, layer.kernel_size), input


@pytest.mark.parametrize("style", [with_padding, with_keywords, with_own_class])
def test_other_layers_and_inputs_that_do_it_are_right(style):
    for seed in SEEDS:
        assert WHICH.check(style, seed=seed), style


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda layer, input: layer, "return two things"),
        (lambda layer, input: None, "returned nothing (None)"),
        (lambda layer, input: (input, layer), "a tensor came first"),
        (lambda layer, input: (nn.Conv2d, input), "Conv2d is a class"),
        (lambda layer, input: (nn.ReLU(), input), "the first thing is a ReLU"),
        (lambda layer, input: (layer, tuple(input.shape)), "the second thing is a tuple"),
        (lambda layer, input: (layer, input[..., :1]), "your layer refuses your input"),
        (lambda layer, input: (layer, input[..., :-1]), "the output of your input has the shape (4, 26, 26)"),
    ],
)
def test_what_is_no_layer_and_input_gets_its_own_sentence(change, sentence):
    verdict = WHICH.check(lambda w, o: change(*WHICH.reference(w, o)), seed=1)
    assert verdict.outcome == "wrong" and sentence in verdict.message, verdict


def test_an_answer_made_for_the_example_is_noticed():
    verdict = WHICH.check(lambda w, o: (nn.Conv2d(3, 4, (3, 2)), torch.zeros(3, 28, 28)), seed=1)
    assert not verdict


PUZZLES = {
    "three numbers": lambda: _four(*(4, 26, 27)),
    "four numbers": lambda: _three(*(1, 4, 26, 27)),
    "two arguments": lambda: nn.Conv2d(3, 4),
    "kernel": lambda: nn.Conv2d(3, 4, kernel=2),
    "a list among the sizes": lambda: torch.zeros(3, [1], 4),
    "below zero": lambda: torch.zeros(3, -1, 2),
}


def _four(*numbers):
    N, C, H, W = numbers
    return N, C, H, W


def _three(*numbers):
    C, H, W = numbers
    return C, H, W


def test_the_quoted_errors_of_which_layer_are_those_that_are_printed():
    met = set()
    for provoked in PUZZLES.values():
        with pytest.raises(Exception) as raised:
            provoked()
        message = f"{type(raised.value).__name__}: {raised.value}"
        assert known_error(WHICH.errors, message), message
        met.add(known_error(WHICH.errors, message))
    assert met == set(WHICH.errors)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "outcome"),
    [("while True: pass", "timeout"), ("import os; os._exit(3)", "error"), ("raise SystemExit", "error")],
)
def test_a_class_that_never_ends_or_leaves_gets_a_verdict_and_the_kernel_lives(body, outcome):
    class Hasty(type(OWN)):
        timeout_s = 2.0

    verdict = Hasty().check(failing(UP + body), seed=1)
    assert verdict.outcome == outcome and "class" in verdict.message, verdict


def test_a_misfit_is_no_exception_of_the_learners():
    assert issubclass(Misfit, ValueError)
    verdict = OWN.check(lambda in_channels, out_channels, kernel_size, bias=True: 3, seed=1)
    assert verdict.outcome == "wrong" and "is no nn.Module" in verdict.message
