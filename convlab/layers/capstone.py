"""The capstone: a budget, three designs within it, how a design is trained, and how far a share of right digits holds.

torch is imported where it is first needed; a design is a function that makes an untrained network for pictures of
(1, 28, 28) and ten digits.
"""

from dataclasses import dataclass, field
from functools import cache
from math import sqrt

import numpy as np

from ..samples import DATA, digits
from ..shapes import ArgumentError
from .conv2d import is_module
from .training import Training

PARAMETERS, MACS, ENOUGH = 20_000, 300_000, 0.96
BUDGET = {"parameters": PARAMETERS, "macs": MACS}
PICTURE = (1, 28, 28)
HELD_OUT = 500  # of the digits to learn from, to choose by
NORMAL_95 = 1.959964  # 95 % of a normal distribution lie within so many standard deviations


def strided():
    """A plain design: three convolutions with stride 2, then one Linear.

    Example:
        >>> from convlab.layers import walk
        >>> made = walk(strided(), (1, 1, 28, 28))
        >>> made.parameters, made.macs
        (13858, 282104)
    """
    from torch import nn

    return nn.Sequential(
        *block(1, 12, (5, 3), stride=2), *block(12, 18, (3, 5), stride=2), *block(18, 32, (3, 3), stride=2),
        nn.Flatten(), nn.Linear(32 * 4 * 4, 10))  # fmt: skip


def pooled():
    """A pooled design: each convolution looks at every place, and max-pooling makes its maps smaller.

    Example:
        >>> from convlab.layers import walk
        >>> made = walk(pooled(), (1, 1, 28, 28))
        >>> made.parameters, made.macs
        (3708, 294264)
    """
    from torch import nn

    return nn.Sequential(
        *block(1, 6, (3, 5)), nn.MaxPool2d(2), *block(6, 9, (5, 3)), nn.MaxPool2d(2), *block(9, 16, (3, 3)),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 3 * 3, 10))  # fmt: skip


def separable():
    """A depthwise separable design: after the first layer each channel is filtered alone, then 1 x 1 layers mix them.

    Example:
        >>> from convlab.layers import walk
        >>> made = walk(separable(), (1, 1, 28, 28))
        >>> made.parameters, made.macs
        (6634, 284272)
    """
    from torch import nn

    return nn.Sequential(
        *block(1, 16, (5, 3), stride=2), *block(16, 16, (3, 5), groups=16), *block(16, 32, (1, 1)), nn.MaxPool2d(2),
        *block(32, 32, (5, 3), groups=32), *block(32, 40, (1, 1)), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(40 * 3 * 3, 10))  # fmt: skip


def block(in_channels, out_channels, kernel_size, stride=1, groups=1):
    """A list of three layers: a convolution that keeps the size (but for its stride), BatchNorm, ReLU.

    Args:
        in_channels, out_channels, stride, groups: as for ``nn.Conv2d``.
        kernel_size: a pair of odd numbers.
    """
    from torch import nn

    kH, kW = kernel_size
    padding = (kH // 2, kW // 2)
    conv = nn.Conv2d(in_channels, out_channels, (kH, kW), stride, padding, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(out_channels), nn.ReLU()]


DESIGNS = {"strided": strided, "pooled": pooled, "separable": separable}


@dataclass(frozen=True, repr=False)
class History:
    """What a training looked like, epoch by epoch.

    Args:
        losses: the mean training loss of each epoch.
        shares: the share of the held-out digits that were named rightly after it.
        weights: the state dict of the network after it.
    """

    losses: tuple
    shares: tuple
    weights: tuple = field(default=(), compare=False)

    @property
    def best(self):
        """The index of the epoch with the highest share, the earliest of those alike.

        Example:
            >>> History((2.0, 1.0, 0.5), (0.8, 0.9, 0.9)).best
            1
        """
        return int(np.argmax(self.shares))

    def __repr__(self):
        return f"History of {len(self.shares)} epochs"


class _Rising(Training):
    """A training whose learning rate rises, then falls to nothing, and whose batches are moved by a pixel at most.

    Moved digits are still the same digits: so the network sees more of them than there are.
    """

    RISE = 0.15  # of all steps

    def step(self):
        """The loss of the next batch, before the step that learns from it."""
        import torch

        if self.steps_done == 0:
            self._moves = torch.Generator().manual_seed(self.seed)
        done = (self.steps_done + 0.5) / self.steps
        share = done / self.RISE if done < self.RISE else max(0.0, (1 - done) / (1 - self.RISE))
        for group in self._optimiser.param_groups:
            group["lr"] = self.lr * share
        return super().step()

    def scaled(self, images):
        """A batch as the model takes it: bytes become 0 to 1; while it learns, moved by up to a pixel."""
        import torch

        images = Training.scaled(images)
        if not self.model.training:
            return images
        by = torch.randint(-1, 2, (2,), generator=self._moves).tolist()
        return images.roll(by, (2, 3))


def fit(model, learn, held_out, epochs=6, seed=0, lr=1e-2):
    """The ``History`` of a training; afterwards the model is in eval mode, with the weights of its last epoch.

    Adam with batches of 50; the learning rate rises at first, then falls to nothing. Each batch is moved by a pixel at
    most.

    Args:
        model: an ``nn.Module`` that gives logits.
        learn: (images, labels) to learn from.
        held_out: (images, labels) to be looked at after each epoch, and not learned from.
        epochs: how often each picture is seen.
        seed: of the order of the pictures and of the moves.
        lr: the highest learning rate.

    Raises:
        ArgumentError: no model, no pictures, or no labels.
        ShapeError: the model does not run on them.

    Example:
        >>> import torch
        >>> images, labels = digits()
        >>> _ = torch.manual_seed(1)
        >>> fit(strided(), (images[:200], labels[:200]), (images[200:300], labels[200:300]), epochs=2)
        History of 2 epochs
    """
    if not is_module(model):
        raise ArgumentError(f"model must be an nn.Module; got {type(model).__name__}: pass what your design returns.")
    training = _Rising(model.eval(), *learn, test_images=held_out[0], test_labels=held_out[1], epochs=epochs,
                       seed=seed, lr=lr)  # fmt: skip
    losses, shares, weights = [], [], []
    for _ in range(training.epochs):
        model.train()
        losses.append(float(np.mean([training.step() for _ in range(training.steps_per_epoch)])))
        shares.append(training.accuracy())
        weights.append({name: it.detach().clone() for name, it in model.state_dict().items()})
    model.eval()
    return History(tuple(losses), tuple(shares), tuple(weights))


def interval(right, of):
    """(low, high): where the true share may well lie, if `right` of `of` pictures were named rightly.

    The 95 % interval of Wilson: in 95 of 100 such tests, each with new pictures, it holds the true share.

    Args:
        right: pictures named rightly.
        of: pictures that were asked.

    Raises:
        ArgumentError: more right ones than pictures, or none at all.

    Example:
        >>> [round(share, 3) for share in interval(970, 1000)]
        [0.957, 0.979]

    Source:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
        Statistical Association 22, 1927.
    """
    if not 0 <= right <= of or of < 1:
        raise ArgumentError(f"right must be 0 to the number of pictures, from 1; got {right!r:.30} of {of!r:.30}.")
    z, share = NORMAL_95, right / of
    middle, room = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, (middle - room) / (1 + z * z / of)), min(1.0, (middle + room) / (1 + z * z / of))


def candidate(model, share=None, of=1000):
    """What a design costs and can: parameters, multiply-adds of one picture, digits right, and the 95 % interval.

    Args:
        model: a trained ``nn.Module``.
        share: of the pictures that it names rightly, where that is known; None asks it for the 1,000 test digits.
        of: how many pictures the share is of.
    """
    from .walking import walk

    walked, right = walk(model, (1, *PICTURE)), right_ones(model) if share is None else round(share * of)
    low, high = interval(right, of)
    costs = {"parameters": walked.parameters, "macs": walked.macs}
    return {**costs, "right": right, "of": of, "low": low, "high": high}


def right_ones(model):
    """How many of the 1,000 test digits the model names rightly, in eval mode; its own mode is as it was."""
    return int(np.trace(confusion(model)))


def confusion(model, split="test"):
    """How often which digit was called what, (10, 10): row what it is, column what was said."""
    images, labels = digits(split)
    return Training(model, images[:1], labels[:1], test_images=images, test_labels=labels).confusion()


def trained(name):
    """One of the course's three designs with the weights that it learned, in eval mode; a new one each time.

    Args:
        name: one of ``DESIGNS``.

    Raises:
        ArgumentError: there is none of that name.
    """
    import torch

    if name not in DESIGNS:
        raise ArgumentError(f"name must be one of {', '.join(DESIGNS)}; got {name!r:.40}: choose one.")
    with torch.random.fork_rng(devices=[]):
        model = DESIGNS[name]()
    given = {key: torch.from_numpy(it.astype(np.float32)) for key, it in _learned(name).items()}
    model.load_state_dict({key: given.get(key, it) for key, it in model.state_dict().items()})
    return model.eval()


@cache
def _learned(name):
    with np.load(DATA / "capstone.npz") as stored:
        return {key.partition("/")[2]: stored[key] for key in stored.files if key.startswith(f"{name}/")}


def made(design, otherwise=strided):
    """The network that a design makes; where nothing is written yet, that of another one, and a line that says so.

    Args:
        design: the learner's function.
        otherwise: the design that stands in.

    Example:
        >>> print(type(made(lambda: ..., pooled)).__name__)
        Nothing is written in your design yet: `pooled` stands in.
        Sequential
    """
    network = design()
    if network is ... or network is None:
        print(f"Nothing is written in your design yet: `{otherwise.__name__}` stands in.")
        return otherwise()
    return network
