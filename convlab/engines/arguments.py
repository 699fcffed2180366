"""What every engine does first: check the arguments and say the sizes by name."""

from dataclasses import dataclass

import numpy as np

from ..shapes import ArgumentError, Conv2dSpec, ShapeError
from .pad import pad_input


@dataclass(frozen=True)
class Job:
    """One checked convolution: the padded batch and every size by its name."""

    padded: np.ndarray  # (N, C_in, H + pads, W + pads)
    weight: np.ndarray  # (C_out, C_in / groups, kH, kW)
    bias: np.ndarray | None
    spec: Conv2dSpec
    output_shape: tuple  # always (N, C_out, H_out, W_out)
    batched: bool

    def finish(self, output):
        """The output with its bias, and without a batch axis if the input had none."""
        if self.bias is not None:
            output += self.bias[:, None, None]
        return output if self.batched else output[0]


def checked(input, weight, bias, stride, padding, dilation, groups):
    """A ``Job`` from the arguments of a conv2d call.

    Raises:
        ShapeError: a rank, size or channel count that does not fit.
        ArgumentError: an argument that is no array of numbers, or arrays of different dtypes.
    """
    input, weight = _array(input, "input"), _array(weight, "weight")
    if weight.ndim != 4:
        raise ShapeError(f"weight must have 4 axes (C_out, C_in/groups, kH, kW); got {weight.ndim}, {weight.shape}.")
    if weight.dtype != input.dtype:
        raise ArgumentError(f"input and weight must have one dtype; got {input.dtype} and {weight.dtype}: convert one.")
    C_out, C_in_per_group, kH, kW = weight.shape
    if bias is not None:
        bias = _array(bias, "bias")
        if bias.shape != (C_out,):
            raise ShapeError(f"bias must have one number per output channel, shape ({C_out},); got {bias.shape}.")
    spec = Conv2dSpec(C_in_per_group * groups, C_out, (kH, kW), stride, padding, dilation, groups, bias is not None)
    shape = spec.output_shape(input.shape)
    batched = input.ndim == 4
    batch = input if batched else input[None]
    return Job(pad_input(batch, spec.pads), weight, bias, spec, shape if batched else (1, *shape), batched)


def _array(value, name):
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise ArgumentError(f"{name} must be an array of numbers; got dtype {array.dtype}: use dtype=float.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)
