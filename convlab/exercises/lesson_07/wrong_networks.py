"""Networks that learners write for 07.simple_cnn: each is right but for one thing, or two. Loaded when first used.

Naming a mistake must not move the learner's random state, so what they draw is put back.
"""

import torch
from torch import nn

from .solutions import SimpleCNN


class Network(SimpleCNN):
    """A right network in pieces, each of which a mistake may replace."""

    def __init__(self, in_channels, size, classes):
        nn.Module.__init__(self)
        layers, C_in = [], self.depth(in_channels)
        self.numbers = self.flat(size)
        with torch.random.fork_rng(devices=[]):
            for C_out in (16, 32, 64):
                layers += [nn.Conv2d(C_in, C_out, 3, padding=1), *self.between()]
                C_in = C_out
            self.features = nn.Sequential(*layers)
            self.fc = nn.Linear(self.numbers, self.outputs(classes))

    def depth(self, in_channels):
        return in_channels

    def between(self):
        return nn.ReLU(), nn.MaxPool2d(2)

    def flat(self, size):
        return 64 * (size[0] // 8) * (size[1] // 8)

    def outputs(self, classes):
        return classes

    def rows(self, maps):
        return maps.flatten(1)

    def finish(self, logits):
        return logits

    def forward(self, input):
        return self.finish(self.fc(self.rows(self.features(input))))


class Viewed(Network):
    """view(-1, F) with the number for pictures of 32 x 32."""

    def flat(self, size):
        return 64 * 4 * 4

    def rows(self, maps):
        return maps.reshape(-1, self.numbers)


class ViewedRightly(Network):
    """view(-1, F) with the right number, which holds for this size alone."""

    def rows(self, maps):
        return maps.reshape(-1, self.numbers)


class Softmaxed(Network):
    """Probabilities in place of logits."""

    def finish(self, logits):
        return logits.softmax(1)


class LogSoftmaxed(Network):
    """The logarithms of probabilities."""

    def finish(self, logits):
        return logits.log_softmax(1)


class SoftmaxedOverTheBatch(Network):
    """softmax along the wrong axis."""

    def finish(self, logits):
        return logits.softmax(0)


class Squashed(Network):
    """A probability for each class by itself."""

    def finish(self, logits):
        return logits.sigmoid()


class TensorsCounted(Network):
    """The tensors of parameters() counted."""

    def count(self):
        return len(list(self.parameters()))


class WeightsCounted(Network):
    """The biases left out of the count."""

    def count(self):
        return sum(it.numel() for it in self.parameters() if it.dim() > 1)


class RowsCounted(Network):
    """The first axis of each Parameter counted."""

    def count(self):
        return sum(len(it) for it in self.parameters())


class LastCounted(Network):
    """The Linear layer's parameters alone."""

    def count(self):
        return sum(it.numel() for it in self.fc.parameters())


class FixedLinear(Network):
    """flatten(1), and a Linear layer for pictures of 32 x 32."""

    def flat(self, size):
        return 64 * 4 * 4


class MapsOnly(Network):
    """As many numbers as there are maps."""

    def flat(self, size):
        return 64


class Unpooled(Network):
    """The numbers of 64 maps as large as the picture."""

    def flat(self, size):
        return 64 * size[0] * size[1]


class PooledTwice(Network):
    """The numbers of maps that were pooled twice, or once."""

    def flat(self, size):
        return 64 * (size[0] // 4) * (size[1] // 4)


class RoundedUp(Network):
    """The pooled size rounded up."""

    def flat(self, size):
        return 64 * -(-size[0] // 8) * -(-size[1] // 8)


class NoRelu(Network):
    """Convolutions and poolings, and no ReLU."""

    def between(self):
        return (nn.MaxPool2d(2),)


class ReluAtTheEnd(Network):
    """A ReLU behind the last layer too."""

    def finish(self, logits):
        return logits.relu()


class ThreeChannels(Network):
    """3 in place of in_channels."""

    def depth(self, in_channels):
        return 3


class TenClasses(Network):
    """10 in place of classes."""

    def outputs(self, classes):
        return 10


class OneRow(Network):
    """flatten() from the first axis on."""

    def rows(self, maps):
        return maps.flatten()


class FlattenedOneAxis(Network):
    """flatten(2): rows and columns alone, so that the maps stay apart."""

    def rows(self, maps):
        return maps.flatten(2)


def both(*classes):
    """A network with several faults: each piece from the first class that replaces it."""
    return type("Both", classes, {})
