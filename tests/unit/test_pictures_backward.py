"""The figures of the way back say what torch computes: the sum of a tap and of a pixel, the shares of a product."""

import numpy as np
import pytest
import torch

from convlab.pictures.backward import draw_losses, draw_pixel, draw_product, draw_tap

CASES = [((4, 6), (2, 3), (1, 2)), ((7, 5), (3, 2), (2, 1)), ((9, 8), (2, 3), (3, 4))]


def gradients(size, kernel_size, stride):
    """(input, weight, grad_output, grad_input, grad_weight): whole numbers, the last two by torch."""
    generator = np.random.default_rng(8)
    input, weight = (generator.integers(-3, 4, shape).astype(float) for shape in (size, kernel_size))
    x, w = (torch.tensor(array[None, None], requires_grad=True) for array in (input, weight))
    output = torch.nn.functional.conv2d(x, w, stride=stride)
    grad_output = generator.integers(-2, 3, output.shape[2:]).astype(float)
    output.backward(torch.tensor(grad_output[None, None]))
    return input, weight, grad_output, x.grad[0, 0].numpy(), w.grad[0, 0].numpy()


def said(drawing):
    """The number that a figure's sentence ends in."""
    return float(repr(drawing).split(":")[0].split("=")[-1])


@pytest.mark.slow
@pytest.mark.parametrize(("size", "kernel_size", "stride"), CASES)
def test_each_tap_has_the_sum_that_torch_finds(size, kernel_size, stride):
    input, _, grad_output, _, grad_weight = gradients(size, kernel_size, stride)
    for tap in np.ndindex(kernel_size):
        assert said(draw_tap(input, grad_output, tap, stride)) == grad_weight[tap]


@pytest.mark.slow
@pytest.mark.parametrize(("size", "kernel_size", "stride"), CASES)
def test_each_pixel_has_the_sum_that_torch_finds(size, kernel_size, stride):
    _, weight, grad_output, grad_input, _ = gradients(size, kernel_size, stride)
    for pixel in np.ndindex(size):
        assert said(draw_pixel(weight, grad_output, pixel, stride)) == grad_input[pixel]


def test_a_pixel_that_no_place_reads_is_told_so():
    assert repr(draw_pixel([[2, -1, 3]], [[1, 3]], (0, 5), (1, 2))) == "grad_input[0, 5] = 0: no place has read it"


def test_equal_letters_are_multiplied():
    figure = draw_pixel([[2, -1, 3], [1, 4, -2]], [[1, -1], [2, 3], [0, 1]], (1, 2), (1, 2)).figure
    kernel, outputs = ([text.get_text() for text in axes.texts[-4:]] for axes in figure.axes)
    assert kernel == outputs == ["a", "b", "c", "d"]
    at = [[text.get_position() for text in axes.texts[-4:]] for axes in figure.axes]
    assert at[0] == [(2.1, 1.22), (0.1, 1.22), (2.1, 0.22), (0.1, 0.22)] and at[1][1] == (1.1, 0.22)


def test_a_product_hands_out_its_gradient_times_the_other_factor():
    assert repr(draw_product(-1, 3, -2)) == "to the pixel (-2)·3 = -6; to the weight (-2)·(-1) = 2"


def test_every_learning_rate_has_a_line_and_a_sentence():
    drawing = draw_losses({0.5: [3, 2, 1], 2: [3, 4, 9]})
    sentences = (
        "learning rate 0.5: the loss ends lower than it began; learning rate 2: the loss ends higher than it began"
    )
    assert repr(drawing) == sentences
    assert len(drawing.figure.axes[0].lines) == 2 and drawing._repr_png_()[:4] == b"\x89PNG"
