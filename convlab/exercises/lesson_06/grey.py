"""06.grey: a 1 x 1 convolution that makes a grey picture out of a colour one."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..sentences import number
from ..task import Case, Exercise, Misfit, Slip, random_numbers

GREY = (0.299, 0.587, 0.114)


def grey_layer():
    """A 1 x 1 convolution that weights red, green and blue as the eye does.

    Example:
        >>> import torch
        >>> grey_layer()(torch.ones(1, 3, 2, 4)).shape
        torch.Size([1, 1, 2, 4])
    """
    import torch

    layer = torch.nn.Conv2d(3, 1, kernel_size=1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1))
    return layer


@dataclass(frozen=True)
class GreyOf:
    """What the layer that came back makes of these pictures."""

    pictures: np.ndarray

    def __call__(self, result):
        torch = import_module("torch")
        layer = real_layer(torch, result)
        try:
            output = layer(torch.from_numpy(self.pictures).float())
        except RuntimeError as error:
            said = " ".join(str(error).split())
            raise Misfit(f"your layer refuses colour pictures: {said}. It takes 3 channels and gives 1.") from None
        return output.detach().double().round(decimals=6)  # the pictures are in tenths, the weights in thousandths


def real_layer(torch, result):
    """The layer that came back.

    Raises:
        Misfit: it is no layer.
    """
    if isinstance(result, type):
        raise Misfit("a class came back. Make a layer of it: nn.Conv2d(3, 1, kernel_size=1).")
    if isinstance(result, torch.Tensor):
        raise Misfit(f"a tensor came back, of shape {tuple(result.shape)}; return the layer itself.")
    if not isinstance(result, torch.nn.Module):
        raise Misfit(f"a {type(result).__name__} came back; expected a layer made by nn.Conv2d.")
    if not isinstance(result, torch.nn.Conv2d):
        raise Misfit(f"a {type(result).__name__} came back; the layer is to be an nn.Conv2d with a 1 x 1 kernel.")
    return result


def no_layer(trial):
    """What to say where nothing came back, else ""."""
    if trial.run.get("result", {}).get("type") != "NoneType":
        return ""
    return "Your function returned None; expected the layer. Its last line must be `return layer`."


def with_weights(*weights, bias=0.0, out_channels=1, kernel_size=1):
    """A program whose layer has these weights for red, green and blue."""

    def program():
        torch = import_module("torch")
        with torch.random.fork_rng(devices=[]):  # a new layer draws numbers: not from the learner's
            layer = torch.nn.Conv2d(len(weights), out_channels, kernel_size)
        with torch.no_grad():
            layer.weight.zero_()
            layer.weight[:, :, kernel_size // 2, kernel_size // 2] = torch.tensor(weights)
            layer.bias.fill_(bias)
        return layer

    return program


SLIPS = (
    Slip(
        ("M32",),
        "the plain mean",
        with_weights(1 / 3, 1 / 3, 1 / 3),
        "Your layer takes the mean of the three channels. The three weights are to differ, "
        "0.299, 0.587 and 0.114, for green looks brighter than blue.",
    ),
    Slip(
        (),
        "the plain sum",
        with_weights(1.0, 1.0, 1.0),
        "Your weights are all 1, so white becomes 3. The three weights are to add up to 1: 0.299, 0.587 and 0.114.",
    ),
    Slip(
        ("M158",),
        "one channel alone",
        with_weights(1.0, 0.0, 0.0),
        "Your layer copies one channel. It reads all three, each with its own weight.",
        (with_weights(0.0, 1.0, 0.0), with_weights(0.0, 0.0, 1.0), with_weights(GREY[0], 0.0, 0.0)),
    ),
    Slip(
        ("M33",),
        "one weight for all channels",
        with_weights(*GREY[:1] * 3),
        "All three channels got the weight 0.299. Each has its own: weight[0, 0] for red, weight[0, 1] for green, "
        "weight[0, 2] for blue.",
        (with_weights(*GREY[1:2] * 3), with_weights(*GREY[2:] * 3)),
    ),
    Slip(
        (),
        "blue, green, red",
        with_weights(*GREY[::-1]),
        "Your weights stand in the order blue, green, red. The channels of our pictures are red, green, blue.",
    ),
    Slip(
        ("M28",),
        "three grey channels",
        with_weights(*GREY, out_channels=3),
        "Your layer gives three channels, all alike. A grey picture has one: out_channels is 1.",
    ),
    Slip(
        (),
        "a wrong size",
        with_weights(*GREY, kernel_size=3),
        "Your kernel is 3 x 3, so the output is smaller than the picture. A kernel of 1 x 1 reads one pixel and keeps "
        "the size.",
    ),
)

_IN_A_BIAS = Slip(
    (),
    "a bias at random",
    with_weights(*GREY, bias=0.25),
    "The weights are right, and something is added to every pixel: your layer still has its bias, which starts at "
    "random. Write bias=False.",
)


class GreyLayer(Exercise):
    """A layer that makes grey out of colour."""

    id, lesson, title = "06.grey", "06", "Grey by 1 x 1"
    level, minutes, revision = "easy", 6, 1
    prompt = """\
Write `grey_layer()`: return an `nn.Conv2d` that turns a colour picture into a grey one, (N, 3, H, W) -> (N, 1, H, W).

At each pixel it gives 0.299 * red + 0.587 * green + 0.114 * blue: green looks brightest to the eye. No neighbour is \
read, nothing is added. For example, white stays white:

    grey_layer()(torch.ones(1, 3, 2, 4))  ->  ones of shape (1, 1, 2, 4)

A new layer starts at random, so its weight has to be set: inside `torch.no_grad()`, with `copy_`."""
    stub = """\
import torch
from torch import nn


def grey_layer():
    ...
"""
    arguments = ()
    reference = staticmethod(grey_layer)
    slips = (*SLIPS, _IN_A_BIAS)
    returns, compared = "layer", "grey"
    right = "Right: your layer gives PyTorch's grey, pixel by pixel."
    hints = (
        "A 1 x 1 convolution weights the channels of a pixel and adds them. How many channels come in, how many go "
        "out? And what is to be added at the end?",
        "nn.Conv2d(3, 1, kernel_size=1, bias=False). Its weight has the shape (1, 3, 1, 1): one filter, three kernels "
        "of one number each.",
        "with torch.no_grad(): layer.weight.copy_(torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)); and then "
        "return layer.",
    )
    errors = (
        (
            "TypeError: cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
            "A tensor was assigned to layer.weight, and a tensor is no Parameter.",
            "Copy the numbers into the Parameter: with torch.no_grad(): layer.weight.copy_(numbers).",
        ),
        (
            "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
            "The weight is trained, so it may not be written into while a gradient could be recorded.",
            "Put `with torch.no_grad():` around it.",
        ),
        (
            "RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.",
            "The weight is trained, so no part of it may be written into while a gradient could be recorded.",
            "Put `with torch.no_grad():` around it.",
        ),
        (
            "RuntimeError: output with shape [1, 3, 1, 1] doesn't match the broadcast shape [1, 3, 1, 3]",
            "The numbers have another shape than the weight: three in a row lie along the columns of a kernel.",
            "Give them the weight's shape: .reshape(1, 3, 1, 1).",
        ),
        (
            "TypeError: copy_(): argument 'other' (position 1) must be Tensor, not list",
            "copy_ wants a tensor.",
            "Make one: torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1).",
        ),
        (
            "AttributeError: 'NoneType' object has no attribute 'zero_'",
            "The layer has no bias: with bias=False it is None.",
            "Then nothing has to be set to zero.",
        ),
        (
            "TypeError: Conv2d.__init__() missing 1 required positional argument: 'kernel_size'",
            "nn.Conv2d wants three numbers: what comes in, what goes out, how large the window is.",
            "Write nn.Conv2d(3, 1, kernel_size=1, bias=False).",
        ),
    )

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Pure red, green and blue, white, and two pictures in random colours."""
        rng = random_numbers(seed, self.id)
        pure = np.zeros((1, 3, 2, 3))
        pure[0, 0, :, 0] = pure[0, 1, :, 1] = pure[0, 2, :, 2] = 1.0
        return [
            _case(pure, "columns of pure red, green and blue"),
            _case(np.ones((1, 3, 2, 4)), "a white picture of 2 x 4", example=True),
            _case(rng.integers(0, 10, (1, 3, 3, 2)) / 10, "a picture of 3 x 2"),
            _case(rng.integers(0, 11, (2, 3, 4, 5)) / 10, "a batch of two pictures of 4 x 5"),
        ]

    def expected(self, case):
        return (case.then.pictures * np.array(GREY).reshape(1, 3, 1, 1)).sum(1).reshape(-1, case.then.pictures.shape[3])

    def result_shape(self, case):
        N, _, H, W = case.then.pictures.shape
        return N, 1, H, W

    def value(self, case, result):
        """All rows one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def own_words(self, trial):
        return no_layer(trial)

    def why_shape(self, case):
        return ": one grey channel for each picture, and every pixel kept"

    def derive(self, case, place):
        n, i = divmod(place[0], case.then.pictures.shape[2])
        colours = case.then.pictures[n, :, i, place[1]]
        return " = " + " + ".join(f"{weight}*{number(value)}" for weight, value in zip(GREY, colours, strict=True))


def _case(pictures, label, example=False):
    planes = zip(("red", "green", "blue"), pictures[0], strict=True)
    return Case({}, {name: ("input", plane) for name, plane in planes}, label, example, then=GreyOf(pictures))
