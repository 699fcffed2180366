"""What every engine does first: check the arguments and say the sizes by name."""

from dataclasses import dataclass, replace

import numpy as np

from ..shapes import ArgumentError, Conv2dSpec, ShapeError, whole
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
    arrays = {"input": input, "weight": weight} | ({} if bias is None else {"bias": bias})
    input, weight, *given = of_one_dtype(**arrays)
    check_weight(weight)
    C_out, C_in_per_group, kH, kW = weight.shape
    bias = given[0] if given else None
    if bias is not None and bias.shape != (C_out,):
        raise ShapeError(f"bias must have one number per output channel, shape ({C_out},); got {bias.shape}.")
    groups = whole(groups, "groups")
    spec = Conv2dSpec(C_in_per_group * groups, C_out, (kH, kW), stride, padding, dilation, groups, bias is not None)
    shape = spec.output_shape(input.shape)
    batched = input.ndim == 4
    batch = input if batched else input[None]
    if batched and len(batch) == 0:
        return _empty(batch, weight, bias, spec, shape)
    return Job(pad_input(batch, spec.pads), weight, bias, spec, shape if batched else (1, *shape), batched)


def of_one_dtype(**arrays):
    """The arguments as arrays of floats, in their order; whole numbers become float64.

    Raises:
        ArgumentError: one is no array of numbers, or the dtypes differ.

    Example:
        >>> of_one_dtype(input=[1, 2], weight=[0.5])
        [array([1., 2.]), array([0.5])]
    """
    found = {name: _array(value, name) for name, value in arrays.items()}
    dtypes = {name: array.dtype for name, array in found.items()}
    if len(set(dtypes.values())) > 1:
        *first, last = dtypes
        raise ArgumentError(
            f"{', '.join(first)} and {last} must have one dtype; got {', '.join(map(str, dtypes.values()))}: "
            "convert with .astype."
        )
    return list(found.values())


def check_weight(weight):
    """Refuses a weight that is not (C_out, C_in/groups, kH, kW)."""
    if weight.ndim != 4:
        raise ShapeError(f"weight must have 4 axes (C_out, C_in/groups, kH, kW); got {weight.ndim}, {weight.shape}.")


def _array(value, name):
    try:
        array = np.asarray(value)
    except ValueError:
        raise ArgumentError(f"{name} must be an array of numbers; got rows of different lengths.") from None
    except (RuntimeError, TypeError, MemoryError) as error:  # a tensor that requires grad, or one of another memory
        raise ArgumentError(f"{name} must be an array of numbers: {error}") from None
    if array.dtype.kind not in "fiu":
        raise ArgumentError(f"{name} must be an array of numbers; got dtype {array.dtype}: use dtype=float.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _empty(batch, weight, bias, spec, output_shape):
    """A ``Job`` without pictures. PyTorch runs it even with dilation 0, where no engine could: so here it is 1."""
    spec = replace(spec, dilation=1)
    sizes = zip(output_shape[-2:], spec.kernel_size, spec.stride, strict=True)
    padded = np.zeros((*batch.shape[:2], *((length - 1) * s + k for length, k, s in sizes)), batch.dtype)
    return Job(padded, weight, bias, spec, output_shape, True)
