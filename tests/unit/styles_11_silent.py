"""The patients of lesson 11 that say nothing, mended unlike ours."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import signal
from torch import nn

from convlab.exercises import get


def by_scipy(picture, kernel):
    return signal.convolve2d(picture, kernel, mode="same")


def by_rotation(picture, kernel):
    return F.conv2d(picture[None, None], torch.rot90(kernel, 2)[None, None], padding="same").reshape(picture.shape)


def by_transposed_convolution(picture, kernel):
    """The backward pass of a cross-correlation is a convolution."""
    kH, kW = kernel.shape
    return F.conv_transpose2d(picture[None, None], kernel[None, None], padding=(kH // 2, kW // 2))[0, 0]


def by_spectra(picture, kernel):
    (H, W), (kH, kW) = picture.shape, kernel.shape
    size = H + kH - 1, W + kW - 1
    full = torch.fft.irfft2(torch.fft.rfft2(picture, s=size) * torch.fft.rfft2(kernel, s=size), s=size)
    return full[kH // 2 : kH // 2 + H, kW // 2 : kW // 2 + W]


def by_layer_in_double(picture, kernel):
    conv = nn.Conv2d(1, 1, kernel.shape, padding="same", bias=False).double()
    with torch.no_grad():
        conv.weight.copy_(torch.flip(kernel, (0, 1)))
        return conv(picture[None, None])[0, 0]


def by_data(source, target):
    target.weight.data.copy_(source.weight.data)


def by_state(source, target):
    target.load_state_dict({"weight": source.weight}, strict=False)


def by_slices(source, target):
    with torch.no_grad():
        target.weight[:] = source.weight


def by_check(source, target):
    if source.weight.shape != target.weight.shape:
        raise ValueError(f"expected {tuple(target.weight.shape)}, got {tuple(source.weight.shape)}")
    target.weight.data = source.weight.detach().clone()
    return target


def by_assert(source, target):
    assert source.kernel_size == target.kernel_size, "other kernels"
    with torch.no_grad():
        for mine, theirs in zip(target.weight, source.weight, strict=True):
            mine.copy_(theirs)


class InForward(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.body, self.head = backbone.requires_grad_(False), head

    def forward(self, x):
        self.body.eval()
        return self.head(self.body(x))


class WithoutGradient(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone.eval(), head
        backbone.train = lambda mode=True: backbone

    def forward(self, x):
        with torch.no_grad():
            maps = self.backbone(x)
        return self.head(maps)


class HeadAlone(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head
        for parameter in backbone.parameters():
            parameter.requires_grad_(False)
        self.train()

    def train(self, mode=True):
        self.training = mode
        self.head.train(mode)
        self.backbone.train(False)
        return self

    def forward(self, x):
        return self.head(self.backbone(x))


class Hidden(nn.Module):
    """The backbone is no part of the network, so nothing reaches it."""

    def __init__(self, backbone, head):
        super().__init__()
        self.hidden, self.head = [backbone.eval()], head

    def forward(self, x):
        return self.head(self.hidden[0](x).detach())


class EachNorm(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.net = nn.Sequential(backbone, head)
        backbone.requires_grad_(False)
        for layer in backbone.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.register_forward_pre_hook(lambda it, given: it.eval() and None)

    def forward(self, x):
        return self.net(x)


class InSequence(nn.Module):
    def __init__(self, classes):
        super().__init__()
        maps = [nn.Conv2d(1, 8, (3, 5)), nn.ReLU(), nn.Conv2d(8, 12, (5, 3)), nn.ReLU()]
        self.net = nn.Sequential(*maps, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, classes))
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=0.01)
        self.loss = nn.CrossEntropyLoss()

    def forward(self, x):
        return self.net(x)

    def learn(self, pictures, labels):
        loss = self.loss(self(pictures), labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


class InAModuleList(nn.Module):
    """With momentum, and the gradients wiped out at the end."""

    def __init__(self, classes):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 8, (3, 5)), nn.Conv2d(8, 12, (5, 3))])
        self.head = nn.Linear(12, classes)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.05, momentum=0.5)

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        return self.head(x.mean((2, 3)))

    def learn(self, pictures, labels):
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()
        for parameter in self.parameters():
            parameter.grad = None


class WithParameters(nn.Module):
    """Filters of its own, registered, and steps by hand."""

    def __init__(self, classes):
        super().__init__()
        self.filters = nn.Parameter(torch.randn(8, 1, 3, 5) / 4)
        self.register_parameter("more", nn.Parameter(torch.randn(12, 8, 5, 3) / 11))
        self.head = nn.Linear(12, classes)

    def forward(self, x):
        return self.head(F.conv2d(F.conv2d(x, self.filters).relu(), self.more).relu().mean((2, 3)))

    def learn(self, pictures, labels):
        given = list(self.parameters())
        gradients = torch.autograd.grad(F.cross_entropy(self(pictures), labels), given)
        with torch.no_grad():
            for parameter, gradient in zip(given, gradients, strict=True):
                parameter -= 0.1 * gradient


class OptimizerOnDemand(InAModuleList):
    def learn(self, pictures, labels):
        optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        optimizer.zero_grad(set_to_none=False)
        F.nll_loss(self(pictures).log_softmax(1), labels).backward()
        optimizer.step()


def by_loops(picture, kernel):
    kH, kW = kernel.shape
    padded = np.pad(picture, ((kH // 2, kH // 2), (kW // 2, kW // 2)))
    turned = np.asarray(kernel)[::-1, ::-1]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kH, kW))
    return np.einsum("ijuv,uv->ij", windows, turned)


STYLES = {
    get("11.kernel_from_scipy"): (
        *(by_scipy, by_rotation, by_transposed_convolution, by_spectra, by_layer_in_double, by_loops),
    ),
    get("11.shared"): (by_data, by_state, by_slices, by_check, by_assert),
    get("11.frozen"): (InForward, WithoutGradient, HeadAlone, Hidden, EachNorm),
    get("11.not_learning"): (InSequence, InAModuleList, WithParameters, OptimizerOnDemand),
}
