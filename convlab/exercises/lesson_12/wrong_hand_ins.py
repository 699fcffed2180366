"""Trained networks with one thing wrong, for 12.judge. Loaded when first used."""

import torch
from torch import nn

from ...layers.capstone import strided, trained
from ...samples import digits


def make(name):
    """The network of this name; torch's random state is as it was."""
    with torch.random.fork_rng(devices=[]):
        return NETWORKS[name]()


class Around(nn.Module):
    """A trained network with something before and behind it."""

    def __init__(self, net, before=lambda pictures: pictures, behind=lambda logits: logits):
        super().__init__()
        self.net, self.before, self.behind = net, before, behind

    def forward(self, pictures):
        return self.behind(self.net(self.before(pictures)))


class ByHeart(nn.Module):
    """Knows every test digit by its sum, and little else."""

    def __init__(self):
        super().__init__()
        images, labels = digits("test")
        self.known = {int(image.sum()): int(label) for image, label in zip(images, labels, strict=True)}
        self.net = noisy(0.05)

    def forward(self, pictures):
        logits = self.net(pictures)
        for row, picture in zip(logits, pictures, strict=True):
            label = self.known.get(round(float(picture.double().sum() * 255)))
            if label is not None:
                row[label] += 100
        return logits


def noisy(share):
    """A trained network whose weights were shaken, so that it names fewer digits rightly."""
    net, generator = trained("pooled"), torch.Generator().manual_seed(12)
    with torch.no_grad():
        for it in net.parameters():
            it.add_(share * torch.randn(it.shape, generator=generator))
    return net


def training_mode():
    return trained("separable").train()


def dropping():
    """Trained, with a dropout that still drops."""
    net = trained("strided")
    return nn.Sequential(*net[:-1], nn.Dropout(0.5), net[-1]).eval().train()


def mixed(maps):
    """Maps with the batch and the channels exchanged, put in rows again."""
    return maps.transpose(0, 1).reshape(len(maps), -1)


def with_reshaped(rows):
    """A trained network whose flatten is replaced."""
    net = trained("strided")
    body, fc = nn.Sequential(*net[:9]), net[10]

    class Reshaped(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.fc = body, fc

        def forward(self, pictures):
            return self.fc(rows(self.body(pictures)))

    return Reshaped().eval()


def viewed():
    net = with_reshaped(lambda maps: maps.reshape(-1, 256))
    net.fc = nn.Linear(256, 10)
    return net


def too_many_parameters():
    """Trained, with a Linear layer more that changes nothing but the count."""
    net = trained("strided")
    more = nn.Linear(10, 700, bias=False)
    back = nn.Linear(700, 10, bias=False)
    with torch.no_grad():
        for layer in (more, back):
            layer.weight.zero_()
            layer.weight.fill_diagonal_(1)
    return nn.Sequential(*net, more, back).eval()


def too_many_macs():
    """Trained, with a convolution before it that hands the picture on."""
    wide, back = (
        nn.Conv2d(1, 16, (3, 5), padding=(1, 2), bias=False),
        nn.Conv2d(16, 1, (5, 3), padding=(2, 1), bias=False),
    )
    with torch.no_grad():
        for layer, middle in ((wide, (1, 2)), (back, (2, 1))):
            layer.weight.zero_()
            layer.weight[0, 0, middle[0], middle[1]] = 1
    return nn.Sequential(wide, back, trained("pooled")).eval()


def with_a_table():
    net = trained("pooled")
    net.register_buffer("answers", torch.from_numpy(digits("test")[0]))
    return net


NETWORKS = {
    "training_mode": training_mode,
    "dropping": dropping,
    "mixed": lambda: with_reshaped(mixed),
    "viewed": viewed,
    "untrained": lambda: strided().eval(),
    "hardly_trained": lambda: noisy(0.12),
    "learned_from_bytes": lambda: Around(trained("separable"), before=lambda pictures: pictures / 255).eval(),
    "by_heart": lambda: ByHeart().eval(),
    "too_many_parameters": too_many_parameters,
    "too_many_macs": too_many_macs,
    "softmaxed": lambda: Around(trained("pooled"), behind=lambda logits: logits.softmax(1)).eval(),
    "log_softmaxed": lambda: Around(trained("pooled"), behind=lambda logits: logits.log_softmax(1)).eval(),
    "with_a_table": with_a_table,
}
