"""An outside judge: the Conv cases of the ONNX standard, with the numbers that come with the package ``onnx``."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases

from convlab import engines
from convlab.shapes import extent
from tests.property.against_torch import FORWARD

CONVERTED = Path(onnx.__file__).parent / "backend" / "test" / "data" / "pytorch-converted"
MODELS = sorted(CONVERTED.glob("test_Conv2d*"))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the cases of other operators divide by zero while they are made
    NODES = {case.name: case for case in collect_testcases("Conv")}


def attributes(model):
    """The settings of a model of one Conv node, by ONNX' names."""
    (node,) = model.graph.node
    assert node.op_type == "Conv"
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def tensor(file):
    return numpy_helper.to_array(onnx.load_tensor(str(file)))


def pads_of(settings, input, kernel, stride, dilation):
    """((top, bottom), (left, right)): as given, or as ``auto_pad`` works them out."""
    name = settings.get("auto_pad", b"NOTSET").decode()
    if name in ("NOTSET", "VALID"):
        top, left, bottom, right = settings.get("pads", [0, 0, 0, 0])
        return (top, bottom), (left, right)
    pads = []
    for length, k, s, d in zip(input.shape[-2:], kernel, stride, dilation, strict=True):
        places = -(-length // s)  # the output is as large as the input, divided by the stride and rounded up
        total = max(0, (places - 1) * s + extent(k, d) - length)
        less, more = total // 2, total - total // 2
        pads.append((more, less) if name == "SAME_LOWER" else (less, more))
    return tuple(pads)


def run(conv2d, settings, input, weight, bias=None):
    """What an engine gives for a Conv node; a padding that differs from side to side is put on first."""
    stride, dilation = (tuple(settings.get(name, (1, 1))) for name in ("strides", "dilations"))
    kernel = tuple(settings.get("kernel_shape", weight.shape[2:]))
    assert kernel == weight.shape[2:]
    pads = pads_of(settings, input, kernel, stride, dilation)
    padding = tuple(before for before, _ in pads)
    if any(before != after for before, after in pads):
        input, padding = engines.pad_input(input, pads), 0
    return conv2d(input, weight, bias, stride, padding, dilation, settings.get("group", 1))


def agrees(output, expected):
    """ONNX' own runner compares its cases with a tolerance of a thousandth; this is a hundred times stricter."""
    return output.shape == expected.shape and np.allclose(output, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_an_engine_gives_what_a_converted_model_gives(folder, name):
    model, data = onnx.load(str(folder / "model.onnx")), folder / "test_data_set_0"
    parameters = [numpy_helper.to_array(parameter) for parameter in model.graph.initializer]
    output = run(getattr(engines, name), attributes(model), tensor(data / "input_0.pb"), *parameters)
    assert agrees(output, tensor(data / "output_0.pb"))


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("case", NODES)
def test_an_engine_gives_what_the_standard_says_of_a_node(case, name):
    for arrays, (expected,) in NODES[case].data_sets:
        assert agrees(run(getattr(engines, name), attributes(NODES[case].model), *arrays), expected)


def test_the_cases_are_those_of_the_standard():
    assert len(MODELS) == 11
    assert set(NODES) >= {
        "test_basic_conv_with_padding",
        "test_basic_conv_without_padding",
        "test_conv_with_autopad_same",
        "test_conv_with_strides_and_asymmetric_padding",
        "test_conv_with_strides_no_padding",
        "test_conv_with_strides_padding",
    }


@pytest.mark.parametrize("changes", [{"strides": [1, 2]}, {"pads": [0, 1, 0, 1]}, {"dilations": [1, 2]}], ids=str)
def test_a_node_read_wrongly_does_not_agree(changes):
    case = NODES["test_conv_with_strides_and_asymmetric_padding"]
    (arrays, (expected,)), *_ = case.data_sets
    assert not agrees(run(engines.conv2d_loops, attributes(case.model) | changes, *arrays), expected)
