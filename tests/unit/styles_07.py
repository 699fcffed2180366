"""Lesson 07: right solutions that are written unlike the reference: exercise -> styles."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get

CNN, FREEZE, TRANSFER = (get(f"07.{name}") for name in ("simple_cnn", "freeze", "transfer"))


# ---------------------------------------------------------------- simple_cnn


class OneByOne(nn.Module):
    """Layers with names of their own, the pooling before the ReLU, the Linear layer made first."""

    def __init__(self, in_channels, size, classes):
        super().__init__()
        H, W = (it // 2 // 2 // 2 for it in size)
        self.last = nn.Linear(64 * H * W, classes)
        self.one = nn.Conv2d(in_channels, 16, 3, padding="same")
        self.two = nn.Conv2d(16, 32, 3, padding="same")
        self.three = nn.Conv2d(32, 64, 3, padding="same")

    def forward(self, x):
        for layer in (self.one, self.two, self.three):
            x = F.relu(F.max_pool2d(layer(x), 2))
        return self.last(torch.flatten(x, start_dim=1))

    def count(self):
        total = 0
        for _, parameter in self.named_parameters():
            total += parameter.nelement()
        return total


class WithSequential(nn.Sequential):
    """Everything in one Sequential, nn.Flatten at its end."""

    def __init__(self, in_channels, size, classes):
        layers = []
        for pair in ((in_channels, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(*pair, kernel_size=3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        super().__init__(*layers, nn.Flatten(), nn.Linear(64 * (size[0] // 8) * (size[1] // 8), classes))

    def count(self):
        return int(nn.utils.parameters_to_vector(self.parameters()).numel())


class WithLazyLinear(WithSequential):
    """The first pictures say how many numbers there are."""

    def __init__(self, in_channels, size, classes):
        super().__init__(in_channels, size, classes)
        self[-1] = nn.LazyLinear(classes)

    def count(self):
        return sum(it.numel() for it in self.state_dict().values())


class WithDryRun(nn.Module):
    """One picture is sent through the convolutions to see what reaches the Linear layer; reshape keeps the batch."""

    def __init__(self, in_channels, size, classes):
        super().__init__()
        widths = [in_channels, 16, 32, 64]
        self.convs = nn.ModuleList(nn.Conv2d(*pair, (3, 3), padding=(1, 1)) for pair in pairwise(widths))
        with torch.no_grad():
            self.fc = nn.Linear(self.maps(torch.zeros(1, in_channels, *size)).numel(), classes)

    def maps(self, x):
        for conv in self.convs:
            x = F.max_pool2d(conv(x).clamp(min=0), kernel_size=2, stride=2)
        return x

    def forward(self, x):
        maps = self.maps(x)
        return self.fc(maps.reshape(maps.shape[0], -1))

    def count(self):
        return torch.tensor([it.numel() for it in self.parameters()]).sum()


# ---------------------------------------------------------------- freeze


class Frozen(nn.Module):
    """A part in a wrapper that knows no training mode."""

    def __init__(self, part):
        super().__init__()
        self.part = part.requires_grad_(False)
        self.train()

    def train(self, mode=True):
        return super().train(False)

    def forward(self, x):
        with torch.no_grad():
            return self.part(x)


def by_wrapper(model, name):
    setattr(model, name, Frozen(getattr(model, name)))
    return model


def by_each_norm(model, name):
    """Only what knows two modes is kept in one."""
    for layer in model.get_submodule(name).modules():
        for parameter in layer.parameters(recurse=False):
            parameter.requires_grad = False
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.eval()
            layer.train = layer.eval.__class__(lambda self, mode=True: self, layer)
    return model


def by_hook(model, name):
    part = getattr(model, name)
    for parameter in part.parameters():
        parameter.requires_grad_(False)
    part.register_forward_pre_hook(lambda layer, inputs: layer.eval() and None)
    return model


def by_class(model, name):
    """The model itself knows which of its parts is to stay."""

    class Kept(type(model)):
        def train(self, mode=True):
            super().train(mode)
            getattr(self, name).eval()
            return self

    getattr(model, name).requires_grad_(False)
    model.__class__ = Kept
    return model.train()


def by_fixed_numbers(model, name):
    """BatchNorm replaced by what it does in eval mode."""

    class Affine(nn.Module):
        def __init__(self, norm):
            super().__init__()
            scale = norm.weight.detach() / (norm.running_var + norm.eps).sqrt()
            self.register_buffer("scale", scale[:, None, None])
            self.register_buffer("shift", (norm.bias.detach() - scale * norm.running_mean)[:, None, None])

        def forward(self, x):
            return x * self.scale + self.shift

    part = getattr(model, name).requires_grad_(False)
    for layer in list(part.modules()):
        for key, child in list(layer.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(layer, key, Affine(child))
    return model


# ---------------------------------------------------------------- transfer


def by_features_first(model, images, labels, steps):
    """The filters never change, so their maps are computed once."""
    model.eval()
    with torch.no_grad():
        features = model.features(images)
    head = nn.Linear(features.shape[1], 5)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(steps):
        loss = nn.CrossEntropyLoss()(head(features), labels - labels.min())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.head = head
    return model


def by_sgd_and_detach(model, images, labels, steps):
    """Nothing is frozen by name; the gradient is cut, and the optimizer knows the head alone."""
    model.head = nn.Linear(model.head.in_features, 5)
    optimizer = torch.optim.SGD(model.head.parameters(), lr=0.1)
    model.features.eval()
    for _ in range(steps):
        optimizer.zero_grad()
        F.nll_loss(F.log_softmax(model.head(model.features(images).detach()), dim=1), labels % 5).backward()
        optimizer.step()
    return model.eval()


def by_hand(model, images, labels, steps):
    """No optimizer and no backward: the gradient of the softmax is known."""
    model.requires_grad_(False)
    model.eval()
    features, wanted = model.features(images), F.one_hot(labels - 5, 5)
    weight, bias = torch.zeros(5, features.shape[1]), torch.zeros(5)
    for _ in range(steps):
        error = (F.linear(features, weight, bias).softmax(1) - wanted) / len(images)
        weight -= 0.1 * error.T @ features
        bias -= 0.1 * error.sum(0)
    model.head = nn.Linear(features.shape[1], 5)
    model.head.load_state_dict({"weight": weight, "bias": bias})
    return model


def by_another_model(model, images, labels, steps):
    """The old model is left as it is, head and all."""
    other = nn.Sequential(model.features, nn.Linear(model.head.weight.shape[1], 5))
    for parameter in model.parameters():
        parameter.requires_grad = False
    optimizer = torch.optim.Adam((it for it in other.parameters() if it.requires_grad), lr=0.01)
    for _ in range(steps):
        other.train()
        other[0].eval()
        optimizer.zero_grad()
        F.cross_entropy(other(images), labels - 5).backward()
        optimizer.step()
    return other.eval()


STYLES = {
    CNN: (OneByOne, WithSequential, WithLazyLinear, WithDryRun),
    FREEZE: (by_wrapper, by_each_norm, by_hook, by_class, by_fixed_numbers),
    TRANSFER: (by_features_first, by_sgd_and_detach, by_hand, by_another_model),
}
