"""conv2d by Fourier transform: where the kernel is large, a product of spectra costs less than sliding."""

from itertools import count

import numpy as np

from ..refusals import one_sentence
from .arguments import checked


@one_sentence
def conv2d_fft(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """The cross-correlation of input and weight, as a product of their spectra, to rounding.

    A product of spectra is a convolution that goes round in a circle. The conjugate makes it a cross-correlation, and
    the places where the window fits inside the padded input are those that the circle does not touch.

    Args, Shape:
        as ``conv2d_loops``

    Raises:
        ShapeError: sizes or channels that PyTorch refuses too.

    Example:
        >>> conv2d_fft(np.array([[[1., 2., 4.]]]), np.array([[[[-1., 1.]]]])).round(9)
        array([[[1., 2.]]])

    Source: M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks through FFTs" (2014)
    """
    job = checked(input, weight, bias, stride, padding, dilation, groups)
    (sH, sW), (dH, dW), (eH, eW) = job.spec.stride, job.spec.dilation, job.spec.extent
    (N, C_out, H_out, W_out), (_, C_in_per_group, _, _) = job.output_shape, job.weight.shape
    spread = np.zeros((C_out, C_in_per_group, eH, eW), job.weight.dtype)
    spread[..., ::dH, ::dW] = job.weight
    size = [fast_length(length) for length in job.padded.shape[-2:]]
    pictures = np.fft.rfft2(job.padded, size)
    filters = np.fft.rfft2(spread, size).conj()
    pictures = pictures.reshape(N, groups, C_in_per_group, *pictures.shape[2:])
    filters = filters.reshape(groups, C_out // groups, *filters.shape[1:])
    products = _channel_sum(pictures, filters).reshape(N, C_out, *filters.shape[-2:])
    every_step = np.fft.irfft2(products, size)  # the window at each pixel; the stride skips
    output = every_step[..., : H_out * sH : sH, : W_out * sW : sW]
    return job.finish(output.astype(job.weight.dtype))


def fast_length(length):
    """The least length from this one on that has no prime factor above 5: a Fourier transform is quick there.

    Example:
        >>> fast_length(96), fast_length(97), fast_length(7)
        (96, 100, 8)
    """
    for candidate in count(length):
        rest = candidate
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return candidate


def _channel_sum(pictures, filters):
    """The products of pictures and filters at each frequency, added over the channels of a group.

    Shape:
        (N, groups, C_in/groups, h, w), (groups, C_out/groups, C_in/groups, h, w) -> (N, groups, C_out/groups, h, w)
    """
    N, groups, C_in_per_group, h, w = pictures.shape
    total = np.zeros((N, groups, filters.shape[1], h, w), filters.dtype)
    for c in range(C_in_per_group):  # channel by channel, so that the products are never all in memory
        total += pictures[:, :, None, c] * filters[None, :, :, c]
    return total
