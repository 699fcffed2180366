"""The references of lesson 03. They need torch when they are read, so this file is loaded when one is first used."""

import torch
import torch.nn.functional as F
from torch import nn


class MyConv2d(nn.Module):
    """A Conv2d with a weight and a bias of its own."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        kH, kW = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = nn.Parameter(0.1 * torch.randn(out_channels, in_channels, kH, kW))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None

    def forward(self, input):
        return F.conv2d(input, self.weight, self.bias)


def which_layer(weight_shape, output_shape):
    """A layer with a weight of this shape, and an input of which it makes an output of that shape."""
    C_out, C_in, kH, kW = weight_shape
    *batch, _, H_out, W_out = output_shape
    layer = nn.Conv2d(C_in, C_out, kernel_size=(kH, kW))
    input = torch.zeros(*batch, C_in, H_out + kH - 1, W_out + kW - 1)
    return layer, input
