"""The slips of 08.conv2d_backward: one of three gradients is wrong, or two are, or one is not there.

Every program takes (grad_output, input, weight, stride=1, padding=0), tensors or arrays of four axes, and returns a
tuple of float64 arrays. What is wrong comes from the mistakes' own models where they have one.
"""

import numpy as np

from ...mistakes import MISTAKES
from ...mistakes.gradients import input_gradient, weight_gradient
from ..task import Slip

PARTS = ("input", "weight", "bias")  # in the order in which they are returned


def right(grad_output, input, weight, stride=1, padding=0):
    """The three gradients as they should be, by their names."""
    given = grad_output, input, weight, stride, padding
    return {"input": input_gradient(*given), "weight": weight_gradient(*given), "bias": grad_output.sum((0, 2, 3))}


def but_for(*changes, missing=()):
    """A program that is right but for some of its gradients.

    Args:
        changes: functions of (grad_output, input, weight, stride, padding) -> {part: its wrong gradient}.
        missing: parts that are not there yet.
    """

    def program(grad_output, input, weight, stride=1, padding=0):
        arrays = [np.asarray(it, dtype=float) for it in (grad_output, input, weight)]
        made = right(*arrays, stride, padding)
        for change in changes:
            made |= change(*arrays, stride, padding)
        return tuple(None if part in missing else np.array(made[part], order="C") for part in PARTS)

    return program


def model(id, number=0):
    """What a mistake's model predicts, as a change."""

    def change(grad_output, input, weight, stride, padding):
        predicted = MISTAKES[id].models["gradient"](grad_output, input, weight, stride=stride, padding=padding)
        return predicted[number]

    return change


def of_bias(change):
    """A change of the bias's gradient, by `change(grad_output)`."""
    return lambda grad_output, input, weight, stride, padding: {"bias": change(grad_output)}


def of_weight(change):
    """A change of what came out right for the weight, by `change(grad_weight)`."""

    def changed(*arguments):
        return {"weight": change(weight_gradient(*arguments))}

    return changed


def with_weight(change):
    """The input's gradient with another weight, `change(weight)`."""

    def changed(grad_output, input, weight, stride, padding):
        return {"input": input_gradient(grad_output, input, change(weight), stride, padding)}

    return changed


def for_padded(change, stride_of=lambda stride: stride):
    """The input's gradient out of that of the padded input: `change(gradient, padding, size)`."""

    def changed(grad_output, input, weight, stride, padding):
        (H, W), p, s = input.shape[2:], padding, stride_of(stride)
        rows, columns = (
            max(n + 2 * p, (places - 1) * s + k)
            for n, places, k in zip((H, W), grad_output.shape[2:], weight.shape[2:], strict=True)
        )
        larger = np.zeros((*input.shape[:2], rows, columns))
        read = tuple((places - 1) * s + k for places, k in zip(grad_output.shape[2:], weight.shape[2:], strict=True))
        return {"input": change(input_gradient(grad_output, larger, weight, s), p, (H, W), read)}

    return changed


def cut(padded, p, size, read):
    """What is left of the places that were read, once the padding is cut off on both sides."""
    return padded[:, :, p : read[0] - p, p : read[1] - p]


def padded_behind(grad_output, input, weight, stride, padding):
    """The weight's gradient over an input whose zeros are all at the end."""
    larger = np.pad(input, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return {"weight": weight_gradient(grad_output, larger, weight, stride)}


def last_place(grad_output, input, weight, stride, padding):
    """The weight's gradient where each place takes that of the one before away."""
    last = np.zeros(grad_output.shape)
    last[:, :, -1, -1] = grad_output[:, :, -1, -1]
    return {"weight": weight_gradient(last, input, weight, stride, padding)}


def one_filter(number):
    """The input's gradient from one filter alone."""

    def changed(grad_output, input, weight, stride, padding):
        o = slice(number, number + 1 or None)
        return {"input": input_gradient(grad_output[:, o], input, weight[o], stride, padding)}

    return changed


def from_other(**exchanged):
    """All three gradients computed from other arguments: `name=function of the argument`."""

    def changed(grad_output, input, weight, stride, padding):
        given = {"grad_output": grad_output, "input": input, "weight": weight, "stride": stride, "padding": padding}
        return right(**given | {name: change(given[name]) for name, change in exchanged.items()})

    return changed


def divided(grad_output, input, weight, stride, padding):
    """All three divided by the number of pictures."""
    return {part: made / len(input) for part, made in right(grad_output, input, weight, stride, padding).items()}


def picked(order):
    """A program that returns these of the three, in this order."""
    everything = but_for()

    def program(*arguments, **named):
        made = everything(*arguments, **named)
        return tuple(made[number] for number in order)

    return program


def _one(mistakes, name, says, *changes, before=()):
    """A slip of one gradient: each change is a program of its own, the parts `before` it right, not there besides."""
    whole = [but_for(change) for change in changes]
    begun = [but_for(change, missing=before) for change in changes] if before else []
    first, *also = (*whole, *begun)
    return Slip(mistakes, name, first, says, tuple(also))


def _bias(mistakes, name, says, *changes):
    return _one(mistakes, name, says, *map(of_bias, changes), before=("input", "weight"))


def _weight(mistakes, name, says, *changes):
    return _one(mistakes, name, says, *changes, before=("input",))


BIASES = (
    _bias(
        ("M80",),
        "the bias's mean",
        "Your grad_bias is a mean. The bias is added at every place of every picture, and each sends its share back: "
        "the sum over N, H_out and W_out.",
        lambda g: g.mean((0, 2, 3)),
        lambda g: g.mean((2, 3)).sum(0),
        lambda g: g.sum((2, 3)).mean(0),
    ),
    _bias(
        ("M80",),
        "a bias for each place",
        "Your grad_bias has a number for each place. There is one bias for a whole feature map, so the places are "
        "added up too: the sum over N, H_out and W_out.",
        lambda g: g.sum(0),
    ),
    _bias(
        ("M80",),
        "a bias for each picture",
        "Your grad_bias has a row for each picture. All pictures share one bias, so they are added up too: the sum "
        "over N, H_out and W_out.",
        lambda g: g.sum((2, 3)),
    ),
    _bias(
        (),
        "one bias for all filters",
        "Your grad_bias is one number: the filters are added up too. Each filter keeps its own, grad_bias[o].",
        lambda g: g.sum(),
    ),
    _bias(
        (),
        "the bias over the wrong axes",
        "Your grad_bias is summed over the wrong axes. grad_output has the axes (N, C_out, H_out, W_out): all but "
        "axis 1 are summed over.",
        lambda g: g.sum((0, 1, 2)),
        lambda g: g.sum((0, 1, 3)),
        lambda g: g.sum((1, 2, 3)),
    ),
    _bias(
        ("M195",),
        "one picture's bias",
        "Your grad_bias comes from one picture alone. Every picture of the batch sends its share back: they are added.",
        lambda g: g[-1].sum((1, 2)),
        lambda g: g[0].sum((1, 2)),
    ),
)

WEIGHTS = (
    _weight(
        ("M78",),
        "flips the weight's gradient",
        "Your grad_weight is turned by 180 degrees. Nothing is turned there: grad_output[n, o, i, j] meets the cell "
        "that weight[o, c, u, v] met, row i * stride + u and column j * stride + v of the padded input.",
        model("M78"),
    ),
    _weight(
        ("M81",),
        "averages over the places",
        "Your grad_weight is a mean. A weight is used at every place, and each use sends its share back: they are "
        "added, and nothing is divided.",
        model("M81"),
        of_weight(lambda made: made / made[0].size),
        lambda g, x, w, s, p: {"weight": weight_gradient(g, x, w, s, p) / g[:, 0].size},
        lambda g, x, w, s, p: {"weight": weight_gradient(g, x, w, s, p) / len(g)},
    ),
    _weight(
        ("M195",),
        "a weight for each picture",
        "Your grad_weight has an axis for the pictures. All pictures share one weight, so they are added up: a "
        "gradient has the shape of what it belongs to.",
        model("M195"),
    ),
    _weight(
        ("M195",),
        "one picture's weight",
        "Your grad_weight comes from one picture alone: each took the place of the one before, or only one was "
        "looked at. Every picture sends its share back: add them with +=.",
        model("M195", 1),
        lambda g, x, w, s, p: {"weight": weight_gradient(g[:1], x[:1], w, s, p)},
    ),
    _weight(
        (),
        "the weight from the last place",
        "Your grad_weight comes from the last place alone: each place took away what the one before had brought. Add "
        "them up with +=.",
        last_place,
    ),
    _weight(
        ("M30",),
        "the weight's channels exchanged",
        "The channels of your grad_weight are exchanged. Its axes are those of the weight, (C_out, C_in, kH, kW): "
        "grad_weight[o, c] is made of grad_output[:, o] and input[:, c].",
        of_weight(lambda made: made.swapaxes(0, 1)),
        of_weight(lambda made: made.swapaxes(0, 1).reshape(made.shape)),
    ),
    _weight(
        ("M62",),
        "the weight's gradient transposed",
        "The rows and columns of your grad_weight are exchanged: grad_weight[o, c, u, v] belongs to row u and column v "
        "of the kernel.",
        of_weight(lambda made: made.swapaxes(2, 3).reshape(made.shape)),
        of_weight(lambda made: made.swapaxes(2, 3)),
    ),
    _weight(
        ("M62",),
        "one axis of the weight's gradient flipped",
        "One axis of your grad_weight is reversed. None is: the window of place (i, j) is read in the same order as "
        "on the way forward.",
        of_weight(lambda made: made[:, :, ::-1]),
        of_weight(lambda made: made[:, :, :, ::-1]),
    ),
    _weight(
        ("M03",),
        "the padding behind the input",
        "In your grad_weight the zeros are all below and to the right of the input. padding goes on both sides, as on "
        "the way forward: the input begins at row padding and column padding.",
        padded_behind,
    ),
)

INPUTS = (
    _one(
        ("M77",),
        "the kernel as it is",
        "In your grad_input the kernels are the wrong way round: each weight goes back to the cell that it was "
        "multiplied with. As a convolution over grad_output that is the kernel turned by 180 degrees; as a loop, "
        "grad_output[n, o, i, j] * weight[o, c, u, v] is added at row i * stride + u and column j * stride + v.",
        model("M77"),
    ),
    _one(
        ("M62",),
        "the kernel flipped in one axis",
        "In your grad_input one axis of the kernels is the wrong way round. Turned by 180 degrees means both: "
        "weight.flip(2, 3).",
        with_weight(lambda weight: weight[:, :, ::-1]),
        with_weight(lambda weight: weight[:, :, :, ::-1]),
    ),
    _one(
        ("M62",),
        "the kernel transposed",
        "In your grad_input the kernels' rows and columns are exchanged. To turn by 180 degrees is not to transpose: "
        "weight.flip(2, 3).",
        with_weight(lambda weight: weight.swapaxes(2, 3)[:, :, ::-1, ::-1].reshape(weight.shape)),
        with_weight(lambda weight: weight.swapaxes(2, 3).reshape(weight.shape)),
    ),
    _one(
        ("M187",),
        "a cell from one place",
        "Each cell of your grad_input has what one place brought. A cell lies in several windows, and each sends its "
        "share back: add them with += into a gradient of zeros.",
        model("M187"),
        model("M187", 1),
    ),
    _one(
        (),
        "the padding not cut off",
        "Your grad_input is the gradient of the padded input. The zeros around it are no part of the input: cut "
        "padding rows and columns off on every side.",
        for_padded(lambda padded, p, size, read: padded),
        for_padded(lambda padded, p, size, read: padded[:, :, : read[0], : read[1]]),
    ),
    _one(
        (),
        "the padding cut from one side",
        "Your grad_input leaves out the padding, or cuts it off on one side alone. Add into zeros of the padded size: "
        "the input begins there at row padding and column padding, and is H by W cells large.",
        for_padded(lambda padded, p, size, read: padded[:, :, : size[0], : size[1]]),
        for_padded(lambda padded, p, size, read: padded[:, :, -size[0] :, -size[1] :]),
        for_padded(lambda padded, p, size, read: padded[:, :, p:, p:]),
    ),
    _one(
        (),
        "-0 in a slice",
        "A padding of 0 breaks the slice p : -p, because -0 is 0 and p : 0 is empty. Count from the front: "
        "[:, :, p : p + H, p : p + W].",
        for_padded(lambda padded, p, size, read: padded[:, :, p:-p, p:-p]),
    ),
    _one(
        (),
        "the last cells left out",
        "Your grad_input is too small: the last rows or columns are in no window, because the stride does not come "
        "out even. They are part of the input, and their gradient is 0: begin with zeros in the shape of the input.",
        for_padded(cut),
    ),
    _one(
        (),
        "one zero too many",
        "You put `stride` zeros between the entries of grad_output. The places lie `stride` cells apart, so there are "
        "stride - 1 zeros between them.",
        for_padded(cut, lambda stride: stride + 1),
        for_padded(lambda padded, p, size, read: padded[:, :, p : p + size[0], p : p + size[1]], lambda s: s + 1),
    ),
    _one(
        (),
        "one filter's share",
        "Your grad_input comes from one filter alone. Every filter read the cell, so all of them send a share back: "
        "add them up over o.",
        one_filter(-1),
        one_filter(0),
    ),
    _one(
        (),
        "averages over the filters",
        "Your grad_input is a mean over the filters. Their shares are added up, and nothing is divided.",
        with_weight(lambda weight: weight / len(weight)),
    ),
)
