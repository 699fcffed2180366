"""Lesson 10: right solutions that are written unlike the reference: exercise -> styles."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

GROUPED, SEPARABLE, SHUFFLE, BUDGET = (
    get(f"10.{name}") for name in ("grouped_conv", "separable", "channel_shuffle", "groups_for_budget")
)


# ---------------------------------------------------------------- grouped_conv


def number_by_number(input, weight, bias=None, groups=1):
    """NumPy, a loop over filters, places and pictures."""
    x, w = np.asarray(input), np.asarray(weight)
    (N, C_in, H, W), (C_out, each, kH, kW) = x.shape, w.shape
    output = np.zeros((N, C_out, H - kH + 1, W - kW + 1))
    for n, o, i, j in np.ndindex(*output.shape):
        first = o // (C_out // groups) * each
        output[n, o, i, j] = (x[n, first : first + each, i : i + kH, j : j + kW] * w[o]).sum()
        output[n, o, i, j] += 0.0 if bias is None else float(bias[o])
    assert C_in == each * groups
    return output


def by_slices(input, weight, bias=None, groups=1):
    """Counts of channels, and slices of them."""
    read, made = input.shape[1] // groups, len(weight) // groups
    outputs = []
    for g in range(groups):
        filters = slice(g * made, (g + 1) * made)
        part = input[:, g * read : (g + 1) * read]
        outputs.append(F.conv2d(part, weight[filters], None if bias is None else bias[filters]))
    return torch.cat(outputs, 1)


def with_layers(input, weight, bias=None, groups=1):
    """An nn.Conv2d for each group, groups=1 written out."""
    made = []
    for part, filters in zip(torch.tensor_split(input, groups, 1), torch.tensor_split(weight, groups), strict=True):
        layer = nn.Conv2d(*filters.shape[1::-1], filters.shape[2:], groups=1, bias=False, dtype=torch.float64)
        with torch.no_grad():
            layer.weight.copy_(filters)
            made.append(layer(part))
    output = torch.cat(made, 1)
    return output if bias is None else output + bias.view(1, -1, 1, 1)


def dense_with_zeros(input, weight, bias=None, groups=1):
    """One convolution with a weight that is 0 where no wire is."""
    C_out, each, kH, kW = weight.shape
    dense = torch.zeros(C_out, input.shape[1], kH, kW, dtype=torch.float64)
    for o in range(C_out):
        first = o // (C_out // groups) * each
        dense[o, first : first + each] = weight[o]
    return F.conv2d(input, dense, bias)


def by_einsum(input, weight, bias=None, groups=1):
    """The windows of Tensor.unfold, the groups as an axis."""
    kH, kW = weight.shape[2:]
    windows = input.unfold(2, kH, 1).unfold(3, kW, 1).unflatten(1, (groups, -1))
    output = torch.einsum("ngcijuv,gocuv->ngoij", windows, weight.unflatten(0, (groups, -1))).flatten(1, 2)
    return output if bias is None else output + bias[:, None, None]


def by_columns(input, weight, bias=None, groups=1):
    """F.unfold, and a stack of matrix products."""
    N, (kH, kW) = len(input), weight.shape[2:]
    columns = F.unfold(input, (kH, kW)).view(N, groups, -1, (input.shape[2] - kH + 1) * (input.shape[3] - kW + 1))
    output = (weight.reshape(groups, len(weight) // groups, -1) @ columns).flatten(1, 2)
    output = output.view(N, len(weight), input.shape[2] - kH + 1, -1)
    return output if bias is None else output + bias.view(-1, 1, 1)


def by_fourier(input, weight, bias=None, groups=1):
    """Products of spectra, summed within the groups."""
    size = tuple(input.shape[2:])
    below = torch.fft.rfft2(input).unflatten(1, (groups, -1))
    turned = torch.fft.rfft2(weight, s=size).conj().unflatten(0, (groups, -1))
    output = torch.fft.irfft2(torch.einsum("ngchw,gochw->ngohw", below, turned), s=size).flatten(1, 2)
    output = output[:, :, : size[0] - weight.shape[2] + 1, : size[1] - weight.shape[3] + 1]
    return output if bias is None else output + bias.view(1, -1, 1, 1)


def in_float32(input, weight, bias=None, groups=1):
    return by_einsum(input, weight, bias, groups).float()


# ---------------------------------------------------------------- separable


def padded_by_name(in_channels, out_channels, kernel_size):
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, kernel_size, padding="same", groups=in_channels),
        nn.Conv2d(in_channels, out_channels, 1),
    )


class OwnModule(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.pad = nn.ZeroPad2d([k // 2 for k in reversed(kernel_size) for _ in range(2)])
        self.point = nn.Conv2d(in_channels, out_channels, (1, 1))
        self.depth = nn.Conv2d(in_channels, in_channels, kernel_size, groups=in_channels)

    def forward(self, input):
        return self.point(self.depth(self.pad(input)))


class OwnParameters(nn.Module):
    """No layer inside."""

    def __init__(self, in_channels, out_channels, kernel_size):
        super().__init__()
        self.each = nn.Parameter(torch.randn(in_channels, 1, *kernel_size))
        self.mixed = nn.Parameter(torch.randn(out_channels, in_channels, 1, 1))
        self.biases = nn.ParameterList([torch.randn(in_channels), torch.randn(out_channels)])

    def forward(self, input):
        padding = [k // 2 for k in self.each.shape[2:]]
        between = F.conv2d(input, self.each, self.biases[0], padding=padding, groups=len(self.each))
        return F.conv2d(between, self.mixed, self.biases[1])


def named_parts(in_channels, out_channels, kernel_size):
    model = nn.Sequential()
    padding = tuple((k - 1) // 2 for k in kernel_size)
    model.add_module("depthwise", nn.Conv2d(in_channels, in_channels, kernel_size, 1, padding, groups=in_channels))
    model.add_module("nothing", nn.Identity())
    model.add_module("pointwise", nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=1, padding=0))
    return model.eval()


# ---------------------------------------------------------------- channel_shuffle


def unflattened(x, groups):
    return x.unflatten(1, (groups, -1)).swapaxes(1, 2).flatten(1, 2)


def permuted(x, groups):
    N, C, H, W = x.shape
    return x.view(N, groups, C // groups, H, W).permute(0, 2, 1, 3, 4).contiguous().view(N, C, H, W)


def indexed(x, groups):
    return x[:, torch.arange(x.shape[1]).reshape(groups, -1).T.flatten()]


def indexed_in_float32(x, groups):
    return indexed(x, groups).float()


def stacked(x, groups):
    return torch.stack(x.chunk(groups, dim=1), dim=2).flatten(1, 2)


def looped(x, groups):
    out = torch.empty_like(x)
    each = x.shape[1] // groups
    for g in range(groups):
        for c in range(each):
            out[:, c * groups + g] = x[:, g * each + c]
    return out


def with_numpy(x, groups):
    x = np.asarray(x)
    return np.concatenate([x[:, c :: x.shape[1] // groups] for c in range(x.shape[1] // groups)], axis=1)


def by_einsum_of_a_permutation(x, groups):
    C = x.shape[1]
    matrix = torch.eye(C, dtype=x.dtype).view(groups, C // groups, C).transpose(0, 1).reshape(C, C)
    return torch.einsum("dc,nchw->ndhw", matrix, x)


# ---------------------------------------------------------------- groups_for_budget


def from_the_divisors(in_channels, out_channels, kernel_size, budget):
    most = math.gcd(in_channels, out_channels)
    enough = [
        g
        for g in range(1, most + 1)
        if most % g == 0 and out_channels * (in_channels // g * math.prod(kernel_size) + 1) <= budget
    ]
    return min(enough, default=None)


def by_layers(in_channels, out_channels, kernel_size, budget):
    """A layer is made for each number; PyTorch says which cannot be."""
    for groups in range(1, max(in_channels, out_channels) + 1):
        try:
            layer = nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups, device="meta")
        except ValueError:
            continue
        if sum(it.numel() for it in layer.parameters()) <= budget:
            return groups


def recursive(in_channels, out_channels, kernel_size, budget, groups=1):
    if groups > in_channels:
        return None
    kH, kW = kernel_size
    legal = in_channels % groups == 0 == out_channels % groups
    if legal and out_channels * in_channels / groups * kH * kW + out_channels <= budget:
        return groups
    return recursive(in_channels, out_channels, kernel_size, budget, groups + 1)


def from_above(in_channels, out_channels, kernel_size, budget):
    found = None
    for groups in range(in_channels, 0, -1):
        if in_channels % groups or out_channels % groups:
            continue
        if out_channels + out_channels * in_channels * kernel_size[0] * kernel_size[1] // groups > budget:
            break
        found = np.int64(groups)
    return found


STYLES = {
    GROUPED: (
        number_by_number,
        by_slices,
        with_layers,
        dense_with_zeros,
        by_einsum,
        by_columns,
        by_fourier,
        in_float32,
    ),
    SEPARABLE: (padded_by_name, OwnModule, OwnParameters, named_parts),
    SHUFFLE: (
        unflattened,
        permuted,
        indexed,
        indexed_in_float32,
        stacked,
        looped,
        with_numpy,
        by_einsum_of_a_permutation,
    ),
    BUDGET: (from_the_divisors, by_layers, recursive, from_above),
}
FLOAT32 = (in_float32, indexed_in_float32)
