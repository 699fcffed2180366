"""Lesson 04: right solutions that are written unlike the reference: exercise -> styles."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from convlab.exercises import get

OUT_SIZE, PAD2D, CONV2D = get("04.out_size"), get("04.pad2d"), get("04.conv2d")


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def padded_array(input, padding):
    pH, pW = two(padding)
    return np.pad(np.asarray(input), ((pH, pH), (pW, pW)))


def padded_tensor(input, padding):
    pH, pW = two(padding)
    return F.pad(input, (pW, pW, pH, pH))


def loops_cell_by_cell(input, weight, bias=0.0, stride=1, padding=0):
    (sH, sW), (pH, pW), (H, W), (kH, kW) = two(stride), two(padding), input.shape, weight.shape
    output = np.zeros(((H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1))
    for i, j in np.ndindex(output.shape):
        output[i, j] = bias
        for u in range(kH):
            for v in range(kW):
                row, column = i * sH + u - pH, j * sW + v - pW
                if 0 <= row < H and 0 <= column < W:
                    output[i, j] += input[row, column] * weight[u, v]
    return output


def lists_of_rows(input, weight, bias=0.0, stride=1, padding=0):
    (sH, sW), (kH, kW), padded = two(stride), weight.shape, padded_tensor(input, padding)
    tops, lefts = range(0, padded.shape[0] - kH + 1, sH), range(0, padded.shape[1] - kW + 1, sW)
    return torch.tensor([[(padded[r : r + kH, c : c + kW] * weight).sum() + bias for c in lefts] for r in tops])


def einsum_of_windows(input, weight, bias=0.0, stride=1, padding=0):
    sH, sW = two(stride)
    windows = sliding_window_view(padded_array(input, padding), tuple(weight.shape))[::sH, ::sW]
    return np.einsum("ijuv,uv->ij", windows, np.asarray(weight)) + bias


def unfold_of_tensors(input, weight, bias=None, stride=1, padding=0):
    (sH, sW), (kH, kW) = two(stride), weight.shape
    windows = padded_tensor(input, padding).unfold(0, kH, sH).unfold(1, kW, sW)
    return torch.einsum("ijuv,uv->ij", windows, weight) + (0.0 if bias is None else bias)


def columns(input, weight, bias=0.0, stride=1, padding=0):
    columns = F.unfold(input[None, None], tuple(weight.shape), stride=stride, padding=padding)[0]
    rows = (input.shape[0] + 2 * two(padding)[0] - weight.shape[0]) // two(stride)[0] + 1
    return (weight.reshape(1, -1) @ columns).reshape(rows, -1) + bias


def strides_of_memory(input, weight, bias=0.0, stride=1, padding=0):
    padded, (sH, sW), (kH, kW) = padded_array(input, padding), two(stride), weight.shape
    shape = ((padded.shape[0] - kH) // sH + 1, (padded.shape[1] - kW) // sW + 1, kH, kW)
    down, right = padded.strides
    windows = as_strided(padded, shape, (down * sH, right * sW, down, right))
    return np.tensordot(windows, np.asarray(weight), 2) + bias


def fourier(input, weight, bias=0.0, stride=1, padding=0):
    padded, (sH, sW), (kH, kW) = padded_tensor(input, padding), two(stride), weight.shape
    H, W = padded.shape
    spectrum = torch.fft.rfft2(padded) * torch.fft.rfft2(weight, s=(H, W)).conj()
    return torch.fft.irfft2(spectrum, s=(H, W))[: H - kH + 1 : sH, : W - kW + 1 : sW] + bias


def under_other_names(x, w, b=0, s=1, p=0):
    return unfold_of_tensors(x, w, b, s, p)


def in_another_order(input, weight, stride=1, padding=0, bias=0.0):
    return unfold_of_tensors(input, weight, bias, stride, padding)


def without_defaults(input, weight, bias, stride, padding):
    return unfold_of_tensors(input, weight, bias, stride, padding)


CONV2D_STYLES = (
    loops_cell_by_cell,
    lists_of_rows,
    einsum_of_windows,
    unfold_of_tensors,
    columns,
    strides_of_memory,
    fourier,
    under_other_names,
    in_another_order,
    without_defaults,
)


def pad_by_cat(input, padding):
    pH, pW = two(padding)
    rows = torch.zeros(pH, input.shape[1], dtype=input.dtype)
    tall = torch.cat([rows, input, rows])
    beside = torch.zeros(tall.shape[0], pW, dtype=input.dtype)
    return torch.cat([beside, tall, beside], 1)


def pad_by_matrices(input, padding):
    (pH, pW), (H, W) = two(padding), input.shape
    return np.eye(H + 2 * pH, H, -pH) @ np.asarray(input) @ np.eye(W, W + 2 * pW, pW)


def pad_cell_by_cell(input, padding):
    (pH, pW), (H, W) = two(padding), input.shape
    padded = torch.zeros(H + 2 * pH, W + 2 * pW)
    for i in range(H):
        for j in range(W):
            padded[i + pH, j + pW] = input[i, j]
    return padded


def counted(size, kernel_size, stride=1, padding=0):
    return sum(1 for start in range(0, size + 2 * padding, stride) if start + kernel_size <= size + 2 * padding)


def by_floor(size, kernel_size, stride=1, padding=0):
    return math.floor((size + 2 * padding - kernel_size) / stride + 1)


def by_torch(size, kernel_size, stride=1, padding=0):
    return torch.tensor(size + 2 * padding).sub(kernel_size).div(stride, rounding_mode="floor").long() + 1


STYLES = {
    CONV2D: CONV2D_STYLES,
    PAD2D: (padded_array, padded_tensor, pad_by_cat, pad_by_matrices, pad_cell_by_cell),
    OUT_SIZE: (counted, by_floor, by_torch),
}
FLOAT32 = (pad_cell_by_cell,)
