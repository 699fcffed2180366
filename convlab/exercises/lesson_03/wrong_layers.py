"""Classes that learners write for 03.MyConv2d: each is a Conv2d but for one thing. Loaded when one is first used.

They draw their numbers from a generator of their own: naming a mistake must not move the learner's random state.
"""

import torch
import torch.nn.functional as F
from torch import nn

_FIXED = torch.Generator().manual_seed(3)


def drawn(*shape):
    """Random numbers of this shape, from no one else's generator."""
    return torch.randn(*shape, generator=_FIXED)


class Layer(nn.Module):
    """A right layer in pieces, each of which a mistake may replace."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else tuple(kernel_size)
        self.weight = self.of(drawn(*self.weight_shape(in_channels, out_channels, *kernel)))
        has_bias = self.with_bias(bias)
        self.bias = self.of(torch.zeros(self.biases(in_channels, out_channels))) if has_bias else None

    def of(self, tensor):
        return nn.Parameter(tensor)

    def weight_shape(self, C_in, C_out, kH, kW):
        return C_out, C_in, kH, kW

    def biases(self, C_in, C_out):
        return C_out

    def with_bias(self, bias):
        return bias

    def forward(self, input):
        return F.conv2d(input, self.weight, self.bias)


class Swapped(Layer):
    """out_channels before in_channels in __init__."""

    def __init__(self, out_channels, in_channels, kernel_size, bias=True):
        super().__init__(in_channels, out_channels, kernel_size, bias)


class FlatFilters(Layer):
    """One 2-D kernel a filter."""

    def weight_shape(self, C_in, C_out, kH, kW):
        return C_out, kH, kW


class SharedKernel(FlatFilters):
    """One 2-D kernel a filter, laid on every channel alike."""

    def forward(self, input):
        weight = self.weight[:, None].expand(-1, input.shape[-3], -1, -1)
        return F.conv2d(input, weight, self.bias)


class InFirst(Layer):
    """The weight with the input channels first."""

    def weight_shape(self, C_in, C_out, kH, kW):
        return C_in, C_out, kH, kW


class InFirstTurned(InFirst):
    """The same, and turned round before it is used."""

    def forward(self, input):
        return F.conv2d(input, self.weight.transpose(0, 1), self.bias)


class ChannelsLast(Layer):
    """The weight in TensorFlow's order."""

    def weight_shape(self, C_in, C_out, kH, kW):
        return kH, kW, C_in, C_out


class ChannelsLastTurned(ChannelsLast):
    """The same, and turned round before it is used."""

    def forward(self, input):
        return F.conv2d(input, self.weight.permute(3, 2, 0, 1), self.bias)


class WideForHigh(Layer):
    """The kernel's columns before its rows."""

    def weight_shape(self, C_in, C_out, kH, kW):
        return C_out, C_in, kW, kH


class ThreeChannels(Layer):
    """3 in place of in_channels."""

    def weight_shape(self, C_in, C_out, kH, kW):
        return C_out, 3, kH, kW


class PlainTensors(Layer):
    """Tensors that are no Parameters."""

    def of(self, tensor):
        return tensor


class WithGradient(Layer):
    """Tensors that ask for a gradient, and are no Parameters."""

    def of(self, tensor):
        return tensor.requires_grad_()


class Buffers(nn.Module):
    """Buffers: saved, and not trained."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.register_buffer("weight", drawn(out_channels, in_channels, *kernel))
        self.register_buffer("bias", torch.zeros(out_channels) if bias else None)

    def forward(self, input):
        return F.conv2d(input, self.weight, self.bias)


class NewEveryTime(nn.Module):
    """A weight drawn in forward, and none kept."""

    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        kernel = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.shape, self.has_bias = (out_channels, in_channels, *kernel), bias

    def forward(self, input):
        bias = drawn(self.shape[0]) if self.has_bias else None
        return F.conv2d(input, drawn(*self.shape), bias)


class NewInForward(Layer):
    """Parameters are there, and forward draws another weight."""

    def forward(self, input):
        return F.conv2d(input, torch.full_like(self.weight, 0.5), self.bias)


class ForgetsBias(Layer):
    """The bias is there, and not added."""

    def forward(self, input):
        return F.conv2d(input, self.weight)


class AlwaysBias(Layer):
    """bias=False is not heeded."""

    def with_bias(self, bias):
        return True


class NoBias(Layer):
    """There is never a bias."""

    def with_bias(self, bias):
        return False


class BiasOfTheInput(Layer):
    """A bias for each input channel."""

    def biases(self, C_in, C_out):
        return C_in


class OneBias(Layer):
    """One bias for all output channels."""

    def biases(self, C_in, C_out):
        return 1

    def forward(self, input):
        output = F.conv2d(input, self.weight)
        return output if self.bias is None else output + self.bias


class Detached(Layer):
    """The weight is used through .data, so no gradient reaches it."""

    def forward(self, input):
        return F.conv2d(input, self.weight.data, None if self.bias is None else self.bias.data)


class WithoutGradient(Layer):
    """forward runs inside torch.no_grad()."""

    def forward(self, input):
        with torch.no_grad():
            return F.conv2d(input, self.weight, self.bias)


class AllAlike(Layer):
    """All weights begin with the same number."""

    def of(self, tensor):
        return nn.Parameter(torch.zeros_like(tensor))


class AllOnes(Layer):
    """All weights begin with one."""

    def of(self, tensor):
        return nn.Parameter(torch.ones_like(tensor))


class KeepsSize(Layer):
    """Pads, so that the size stays."""

    def forward(self, input):
        kH, kW = self.weight.shape[-2:]
        framed = F.pad(input, ((kW - 1) // 2, kW // 2, (kH - 1) // 2, kH // 2))
        return F.conv2d(framed, self.weight, self.bias)
