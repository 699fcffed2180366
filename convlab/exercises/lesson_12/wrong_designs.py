"""Networks that learners write for 12.design: each is right but for one thing. Loaded when first used."""

import torch
from torch import nn

from ...layers.capstone import block


def make(name):
    """The network of this name; torch's random state is as it was."""
    with torch.random.fork_rng(devices=[]):
        return NETWORKS[name]()


def body(*last, widths=(12, 18, 32)):
    """The reference's convolutions, and what comes behind them."""
    first, second, third = widths
    return nn.Sequential(
        *block(1, first, (5, 3), 2), *block(first, second, (3, 5), 2), *block(second, third, (3, 3), 2), *last
    )


def head(outputs=10, *last):
    return body(nn.Flatten(), nn.Linear(512, outputs), *last)


class Reshaped(nn.Module):
    """The reference, with its flatten replaced."""

    def __init__(self, numbers, rows):
        super().__init__()
        self.body, self.fc, self.rows = body(), nn.Linear(numbers, 10), rows

    def forward(self, input):
        return self.fc(self.rows(self.body(input)))


class InAList(nn.Module):
    """Convolutions in a plain list, and a head that is registered."""

    def __init__(self):
        super().__init__()
        self.layers = [nn.Conv2d(1, 12, (5, 3), 2), nn.ReLU(), nn.Conv2d(12, 18, (3, 5), 2), nn.ReLU()]
        self.fc = nn.Linear(18 * 5 * 5, 10)

    def forward(self, input):
        for layer in self.layers:
            input = layer(input)
        return self.fc(input.flatten(1))


class Unused(nn.Module):
    """A layer that forward forgets."""

    def __init__(self):
        super().__init__()
        self.net, self.more = head(), nn.Conv2d(12, 12, (1, 3))

    def forward(self, input):
        return self.net(input)


class BatchStatistics(nn.Module):
    """A normalisation by hand, over the batch."""

    def __init__(self):
        super().__init__()
        self.net = head()

    def forward(self, input):
        logits = self.net(input)
        return logits - logits.mean(0) * (len(logits) > 1)


def linear():
    return nn.Sequential(
        nn.Conv2d(1, 12, (5, 3), 2), nn.Conv2d(12, 18, (3, 5), 2), nn.Flatten(), nn.Linear(18 * 5 * 5, 10)
    )


def wide_early():
    return nn.Sequential(
        *block(1, 16, (3, 5)), *block(16, 24, (5, 3)), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(24 * 49, 10)
    )


def dense_only():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))


NETWORKS = {
    "large_linear": lambda: body(nn.Flatten(), nn.Linear(512, 32), nn.ReLU(), nn.Linear(32, 10)),
    "dense_only": dense_only,
    "wide_early": wide_early,
    "one_wide_layer": lambda: nn.Sequential(
        *block(1, 32, (5, 3)), nn.MaxPool2d(7), nn.Flatten(), nn.Linear(32 * 16, 10)
    ),
    "too_much": lambda: body(nn.Flatten(), nn.Linear(64 * 16, 10), widths=(24, 36, 64)),
    "softmaxed": lambda: head(10, nn.Softmax(1)),
    "log_softmaxed": lambda: head(10, nn.LogSoftmax(1)),
    "squashed": lambda: head(10, nn.Sigmoid()),
    "relu_at_the_end": lambda: head(10, nn.ReLU()),
    "viewed": lambda: Reshaped(128, lambda maps: maps.reshape(-1, 128)),
    "linear": linear,
    "one_row": lambda: Reshaped(512, lambda maps: maps.flatten()),
    "in_a_list": InAList,
    "unused": Unused,
    "lazy": lambda: body(nn.Flatten(), nn.LazyLinear(10)),
    "nine": lambda: head(9),
    "eleven": lambda: head(11),
    "wrong_size": lambda: body(nn.Flatten(), nn.Linear(32 * 3 * 3, 10)),
    "three_channels": lambda: nn.Sequential(nn.Conv2d(3, 6, (3, 5)), nn.Flatten(), nn.Linear(6 * 26 * 24, 10)),
    "unpooled": lambda: body(nn.Flatten(), nn.Linear(32 * 28 * 28, 10)),
    "batch_statistics": BatchStatistics,
}
