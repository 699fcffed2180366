"""Mistakes about the way back: gradients with respect to the input, the weight and the bias.

Every model here gets `grad_output` (N, C_out, H_out, W_out), `input` (N, C_in, H, W), `weight` (C_out, C_in, kH, kW)
and stride, padding, dilation as numbers or pairs; one group.
"""

import numpy as np

from convlab.engines import pad_input
from convlab.mistakes.mistake import Mistake
from convlab.shapes import pair


def _taps(kernel_size, dilation, stride, places):
    """For each tap (u, v), the cells of the padded input that it meets, as a pair of slices."""
    (dH, dW), (sH, sW), (H_out, W_out) = dilation, stride, places
    for u, v in np.ndindex(*kernel_size):
        top, left = u * dH, v * dW
        yield (u, v), (slice(top, top + sH * (H_out - 1) + 1, sH), slice(left, left + sW * (W_out - 1) + 1, sW))


def weight_gradient(grad_output, input, weight, stride=1, padding=0, dilation=1):
    """The sum over pictures and places of grad_output times the cell under each tap.

    Shape:
        (N, C_out, H_out, W_out), (N, C_in, H, W), (C_out, C_in, kH, kW) -> (C_out, C_in, kH, kW)

    Example:
        >>> weight_gradient(np.ones((1, 1, 1, 2)), np.array([[[[1., 2., 4.]]]]), np.zeros((1, 1, 1, 2)))
        array([[[[3., 6.]]]])
    """
    padded, gradient = _padded(input, padding), np.zeros(weight.shape)
    for (u, v), (rows, columns) in _taps(weight.shape[2:], *_pairs(dilation, stride), grad_output.shape[2:]):
        gradient[:, :, u, v] = np.einsum("noij,ncij->oc", grad_output, padded[:, :, rows, columns])
    return gradient


def input_gradient(grad_output, input, weight, stride=1, padding=0, dilation=1):
    """Each grad_output sent back through every tap to the cell it came from, and added up there.

    Shape:
        as ``weight_gradient``, -> (N, C_in, H, W)

    Example:
        >>> input_gradient(np.ones((1, 1, 1, 2)), np.zeros((1, 1, 1, 3)), np.array([[[[5., 7.]]]]))
        array([[[[ 5., 12.,  7.]]]])
    """
    pH, pW = pair(padding, "padding")
    gradient = np.zeros(_padded(input, padding).shape)
    for (u, v), (rows, columns) in _taps(weight.shape[2:], *_pairs(dilation, stride), grad_output.shape[2:]):
        gradient[:, :, rows, columns] += np.einsum("noij,oc->ncij", grad_output, weight[:, :, u, v])
    return gradient[:, :, pH : pH + input.shape[2], pW : pW + input.shape[3]]


def _pairs(dilation, stride):
    return pair(dilation, "dilation"), pair(stride, "stride")


def _padded(input, padding):
    pH, pW = pair(padding, "padding")
    return pad_input(np.asarray(input, dtype=float), ((pH, pH), (pW, pW)))


def _not_rotated(grad_output, input, weight, **settings):
    """The input's gradient with the kernel turned once too often."""
    return [{"input": input_gradient(grad_output, input, weight[:, :, ::-1, ::-1], **settings)}]


def _weight_flipped(grad_output, input, weight, **settings):
    return [{"weight": weight_gradient(grad_output, input, weight, **settings)[:, :, ::-1, ::-1]}]


def _stride_ignored(grad_output, input, weight, stride=1, **settings):
    """Both gradients as if the places lay one cell apart."""
    return [
        {
            "input": input_gradient(grad_output, input, weight, **settings),
            "weight": weight_gradient(grad_output, input, weight, **settings),
        }
    ]


def _bias_mean_or_map(grad_output, input, weight, **settings):
    return [{"bias": grad_output.mean(axis=(0, 2, 3))}, {"bias": grad_output.sum(axis=0)}]


def _averaged_over_places(grad_output, input, weight, **settings):
    places = grad_output.shape[2] * grad_output.shape[3]
    return [{"weight": weight_gradient(grad_output, input, weight, **settings) / places}]


def _nothing_for_some(grad_output, input, weight, **settings):
    """No gradient for the input, as if only the weights learned; or none for the weights."""
    return [
        {"input": np.zeros(input.shape)},
        {"weight": np.zeros(weight.shape), "bias": np.zeros(len(weight))},
    ]


def _from_one_place(grad_output, input, weight, stride=1, padding=0, dilation=1):
    """The input's gradient where the last place that holds a cell, or the first, is its only one."""
    ((dH, dW), (sH, sW)), (pH, pW) = _pairs(dilation, stride), pair(padding, "padding")
    (H, W), (kH, kW), places = input.shape[2:], weight.shape[2:], list(np.ndindex(grad_output.shape[2:]))
    found = []
    for order in (places, places[::-1]):
        gradient = np.zeros(_padded(input, padding).shape)
        for i, j in order:
            rows = slice(i * sH, i * sH + dH * (kH - 1) + 1, dH)
            columns = slice(j * sW, j * sW + dW * (kW - 1) + 1, dW)
            gradient[:, :, rows, columns] = np.einsum("no,ocuv->ncuv", grad_output[:, :, i, j], weight)
        found.append({"input": gradient[:, :, pH : pH + H, pW : pW + W]})
    return found


def _for_each_picture(grad_output, input, weight, **settings):
    """The weight's gradient with an axis for the pictures, or that of the last picture alone."""
    each = [weight_gradient(grad_output[n : n + 1], input[n : n + 1], weight, **settings) for n in range(len(input))]
    return [{"weight": np.stack(each)}, {"weight": each[-1]}]


GRADIENTS = (
    Mistake(
        "M75",
        "ConvTranspose2d undoes Conv2d.",
        "It goes back along the same connections and gives the same size; the values are not those that came in.",
        "08",
        facts=("S001-34",),
        statement="nn.ConvTranspose2d with the same weight gives back the input of nn.Conv2d.",
        truth="nn.ConvTranspose2d gives back the size of the input, and not its values.",
    ),
    Mistake(
        "M76",
        "There is a gradient only for the weights, or only for what went through.",
        "Every layer needs three: for its weight, for its bias, and for its input, for the layer before.",
        "08",
        facts=("S001-33", "S001-34"),
        statement="In the backward pass of a convolution only the weights get a gradient.",
        truth="In the backward pass of a convolution the weight, the bias and the input get a gradient.",
        models={"gradient": _nothing_for_some},
    ),
    Mistake(
        "M77",
        "The input's gradient uses the kernel as it is.",
        "Going back, the kernel is turned by 180 degrees, over grad_output with d (k - 1) - p of padding: each weight "
        "returns to the cell it was multiplied with.",
        "08",
        facts=("S001-34",),
        models={"gradient": _not_rotated},
    ),
    Mistake(
        "M78",
        "The weight's gradient is flipped.",
        "It is the cross-correlation of the input with grad_output: nothing is turned.",
        "08",
        facts=("S001-34",),
        models={"gradient": _weight_flipped},
    ),
    Mistake(
        "M79",
        "The stride does not matter on the way back.",
        "The places lie s cells apart: entry (i, j) of grad_output belongs to the window that begins at row i * s and "
        "column j * s.",
        "08",
        facts=("S001-34",),
        models={"gradient": _stride_ignored},
    ),
    Mistake(
        "M80",
        "The bias's gradient is a mean, or one number for each place.",
        "The bias is added at every place of every picture, so its gradient is the sum over N, H_out and W_out.",
        "08",
        facts=("S001-34",),
        models={"gradient": _bias_mean_or_map},
    ),
    Mistake(
        "M81",
        "A shared weight's gradient is the mean over the places.",
        "Every place contributes, and contributions add up: the sum, not the mean.",
        "08",
        facts=("S001-34",),
        models={"gradient": _averaged_over_places},
    ),
    Mistake(
        "M82",
        "Any check proves a gradient, in float32 or at one cell too.",
        "In float32 rounding hides what the check looks at: use float64, a random grad_output, and every index.",
        "08",
        facts=("S001-34",),
        statement="A gradient check with steps of 1e-6 is reliable in float32.",
        truth="A gradient check with steps of 1e-6 needs float64.",
    ),
    Mistake(
        "M187",
        "An input cell gets its gradient from one place.",
        "Every place whose window holds the cell sends a share back, and the shares add up.",
        "08",
        facts=("S001-34",),
        statement="Each cell of the input gets its gradient from one place of the window.",
        truth="Each cell of the input gets the sum of what all places send back that read it.",
        models={"gradient": _from_one_place},
    ),
    Mistake(
        "M195",
        "A gradient has the shape of the output, or there is one for each picture.",
        "A gradient has the shape of the tensor that it belongs to: that of a weight is summed over all pictures.",
        "08",
        facts=("S001-34",),
        statement="For a batch of 16 pictures conv.weight.grad holds 16 gradients, one for each.",
        truth="For a batch of 16 pictures conv.weight.grad has the shape of conv.weight.",
        models={"gradient": _for_each_picture},
    ),
)
