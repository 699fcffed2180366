"""Lesson 06: right solutions that are written unlike the reference: exercise -> styles."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from convlab.exercises import get

CONV2D, GREY, SET, BANK = (get(f"06.{name}") for name in ("conv2d", "grey", "set_kernel", "gabor_bank"))


def two(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def padded_tensor(input, padding):
    pH, pW = two(padding)
    return F.pad(input, (pW, pW, pH, pH))


def six_loops(input, weight, bias=None, stride=1, padding=0):
    (sH, sW), padded = two(stride), padded_tensor(input, padding).numpy()
    (N, C_in, H, W), (C_out, _, kH, kW) = padded.shape, weight.shape
    output, weight = np.zeros((N, C_out, (H - kH) // sH + 1, (W - kW) // sW + 1)), weight.numpy()
    for n, o, i, j in np.ndindex(output.shape):
        for c in range(C_in):
            window = padded[n, c, i * sH : i * sH + kH, j * sW : j * sW + kW]
            output[n, o, i, j] += (window * weight[o, c]).sum()
        output[n, o, i, j] += 0.0 if bias is None else bias[o]
    return output


def einsum_of_windows(input, weight, bias=None, stride=1, padding=0):
    sH, sW = two(stride)
    windows = sliding_window_view(padded_tensor(input, padding).numpy(), tuple(weight.shape[2:]), (2, 3))
    output = np.einsum("ncijuv,ocuv->noij", windows[:, :, ::sH, ::sW], weight)
    return output if bias is None else output + np.asarray(bias)[:, None, None]


def columns(input, weight, bias=None, stride=1, padding=0):
    (kH, kW), (sH, _), (pH, _) = weight.shape[2:], two(stride), two(padding)
    unfolded = F.unfold(input, (kH, kW), stride=stride, padding=padding)
    output = (weight.flatten(1) @ unfolded).unflatten(2, ((input.shape[2] + 2 * pH - kH) // sH + 1, -1))
    return output if bias is None else output + bias.view(1, -1, 1, 1)


def fourier(input, weight, bias=None, stride=1, padding=0):
    padded, (sH, sW), (kH, kW) = padded_tensor(input, padding), two(stride), weight.shape[2:]
    H, W = padded.shape[2:]
    spectrum = torch.einsum("nchw,ochw->nohw", torch.fft.rfft2(padded), torch.fft.rfft2(weight, s=(H, W)).conj())
    output = torch.fft.irfft2(spectrum, s=(H, W))[:, :, : H - kH + 1 : sH, : W - kW + 1 : sW]
    return output if bias is None else output + bias.reshape(-1, 1, 1)


def tap_by_tap(input, weight, bias=None, stride=1, padding=0):
    (sH, sW), padded, (kH, kW) = two(stride), padded_tensor(input, padding), weight.shape[2:]
    H_out, W_out = (padded.shape[2] - kH) // sH + 1, (padded.shape[3] - kW) // sW + 1
    output = torch.zeros(len(input), len(weight), H_out, W_out, dtype=torch.float64)
    for u in range(kH):
        for v in range(kW):
            cells = padded[:, :, u : u + (H_out - 1) * sH + 1 : sH, v : v + (W_out - 1) * sW + 1 : sW]
            output += (cells.movedim(1, -1) @ weight[:, :, u, v].T).movedim(-1, 1)
    return output if bias is None else output + bias[:, None, None]


def by_parameter():
    layer = nn.Conv2d(3, 1, 1, bias=False)
    layer.weight = nn.Parameter(torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1))
    return layer


def with_a_bias_of_zero():
    layer = nn.Conv2d(3, 1, 1)
    with torch.no_grad():
        layer.bias.zero_()
        for c, weight in enumerate((0.299, 0.587, 0.114)):
            layer.weight[0, c] = weight
    return layer


def in_float64():
    layer = nn.Conv2d(3, 1, (1, 1), bias=False)
    layer.load_state_dict({"weight": torch.tensor([0.299, 0.587, 0.114]).reshape(1, 3, 1, 1)})
    return layer


def by_copy(layer, o, kernel):
    with torch.no_grad():
        layer.weight[o].copy_(kernel)
    return layer


def channel_by_channel(layer, o, kernel):
    with torch.no_grad():
        for c in range(layer.in_channels):
            layer.weight[o, c] = kernel
    return layer


def by_state_dict(layer, o, kernel):
    state = {name: numbers.clone() for name, numbers in layer.state_dict().items()}
    state["weight"][o] = kernel
    layer.load_state_dict(state)
    return layer


@torch.no_grad()
def as_a_decorator(layer, o, kernel):
    layer.weight[o, :, :, :] = kernel.unsqueeze(0).expand(layer.in_channels, -1, -1).float()
    return layer


def bank_by_numpy(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    (kH, kW), found = kernel_size, []
    y, x = np.mgrid[:kH, :kW]
    y, x = y - kH // 2, x - kW // 2
    for theta in np.arange(orientations) * np.pi / orientations:
        along, across = x * np.cos(theta) + y * np.sin(theta), -x * np.sin(theta) + y * np.cos(theta)
        bell = np.exp(-0.5 * (along**2 + gamma**2 * across**2) / sigma**2)
        found.append(bell * np.cos(2 * np.pi * along / wavelength))
    bank = np.stack(found)[:, None]
    return bank - bank.mean((2, 3), keepdims=True)


def bank_cell_by_cell(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    kH, kW = kernel_size
    bank = torch.zeros(orientations, 1, kH, kW, dtype=torch.float64)
    for i, _, u, v in np.ndindex(*bank.shape):
        theta, x, y = i * math.pi / orientations, v - (kW - 1) / 2, u - (kH - 1) / 2
        along, across = x * math.cos(theta) + y * math.sin(theta), y * math.cos(theta) - x * math.sin(theta)
        bell = math.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma**2))
        bank[i, 0, u, v] = bell * math.cos(2 * math.pi * along / wavelength)
    return bank - bank.mean((1, 2, 3), keepdim=True)


def bank_at_once(size, n, wave, sigma, gamma=0.5):
    theta = torch.arange(n, dtype=torch.float64)[:, None, None] * torch.pi / n
    y, x = (torch.linspace(-(k - 1) / 2, (k - 1) / 2, k, dtype=torch.float64) for k in size)
    y, x = torch.meshgrid(y, x, indexing="ij")
    turned = torch.complex(x, y) * torch.polar(torch.ones_like(theta), -theta)
    bell = torch.exp(-(turned.real**2 + (gamma * turned.imag) ** 2) / (2 * sigma**2))
    bank = bell * torch.cos(2 * torch.pi * turned.real / wave)
    return (bank - bank.mean((1, 2), keepdim=True)).unsqueeze(1)


STYLES = {
    CONV2D: (six_loops, einsum_of_windows, columns, fourier, tap_by_tap),
    GREY: (by_parameter, with_a_bias_of_zero, in_float64),
    SET: (by_copy, channel_by_channel, by_state_dict, as_a_decorator),
    BANK: (bank_by_numpy, bank_cell_by_cell, bank_at_once),
}
