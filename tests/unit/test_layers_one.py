"""One layer made without a random number, the shape of its output without a product, and what both bring along."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from convlab import layers
from tests.random_layers import draw

ONE_LAYER = """
import sys, torch
import convlab
layer = torch.nn.Conv2d(3, 4, (3, 2), padding="same", padding_mode="circular")
shown = [convlab.show(layer, torch.rand(1, 3, 6, 7)), convlab.LayerAnatomy(layer), convlab.SizeRuler(layer),
         convlab.KernelLab(1, 2, (3, 2)), convlab.FilterBank("gabor", "rings"),
         convlab.ReceptiveField([{"kernel_size": (3, 5)}]), convlab.trace(layer, (1, 3, 6, 7)),
         convlab.GradientRouter(layer), convlab.Im2colLoom(2, 3, (2, 3)), convlab.KernelLearner(),
         convlab.GroupsWiring(4, 6, groups=2, pointwise=3, shuffle=True)]
assert all(shown) and shown[0].output.shape == (1, 4, 6, 7)
print([name for name in ("sympy", "torch._dynamo") if name in sys.modules])
"""


@pytest.mark.parametrize("seed", range(60))
def test_the_shape_without_a_product_is_the_shape_of_the_output(seed):
    case = draw(np.random.default_rng(seed), legal=True)
    assert layers.ran_shape(case.spec, case.input.shape) == case.output.shape


def test_a_layer_is_made_without_a_random_number_and_owns_its_weight():
    weight, before = np.arange(12.0).reshape(2, 1, 3, 2), torch.get_rng_state()
    layer = layers.build({"in_channels": 1, "out_channels": 2, "kernel_size": (3, 2)}, weight)
    assert torch.equal(torch.get_rng_state(), before)
    assert layer.bias.tolist() == [0, 0] and layer.bias.dtype == torch.float64
    with torch.no_grad():
        layer.weight.zero_()
    assert weight.sum() == 66


@pytest.mark.slow
def test_the_widgets_on_a_layer_bring_in_neither_sympy_nor_pytorchs_compiler():
    done = subprocess.run([sys.executable, "-c", ONE_LAYER], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
