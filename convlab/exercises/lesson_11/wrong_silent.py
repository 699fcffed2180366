"""Wrong mends of the patients that say nothing. Loaded when first used, because they need torch."""

import copy

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .mended import Frozen, Learner
from .silent import answering
from .train_steps import backbone_and_head


def _laid_on(picture, kernel):
    """The cross-correlation of two arrays, as large as the picture."""
    picture, kernel = (torch.from_numpy(np.array(it)) for it in (picture, kernel))
    kH, kW = kernel.shape
    return F.conv2d(picture[None, None], kernel[None, None], padding=(kH // 2, kW // 2))[0, 0].numpy()


def as_it_is(picture, kernel):
    return _laid_on(picture, kernel)


def rows_turned(picture, kernel):
    return _laid_on(picture, kernel[::-1])


def columns_turned(picture, kernel):
    return _laid_on(picture, kernel[:, ::-1])


def transposed(picture, kernel):
    return _laid_on(picture, kernel.T)


def transposed_and_padded_as_before(picture, kernel):
    kH, kW = kernel.shape
    padded = np.pad(picture, ((kH // 2,) * 2, (kW // 2,) * 2))
    weight = torch.from_numpy(np.array(kernel.T))[None, None]
    return F.conv2d(torch.from_numpy(padded)[None, None], weight)[0, 0].numpy()


def sign_changed(picture, kernel):
    return _laid_on(picture, -kernel)


def picture_turned(picture, kernel):
    return _laid_on(picture[::-1, ::-1], kernel)


def output_turned(picture, kernel):
    return _laid_on(picture, kernel)[::-1, ::-1]


def both_turned(picture, kernel):
    return _laid_on(picture[::-1, ::-1], kernel[::-1, ::-1])


@answering
def data_shared(source, target):
    target.weight.data = source.weight.data


@answering
def detached_and_shared(source, target):
    target.weight.data = source.weight.detach()


@answering
def data_copied(source, target):
    target.weight.data = source.weight.data.clone()


@answering
def deep_copied(source, target):
    target.weight.data = copy.deepcopy(source.weight.data)


@answering
def one_parameter(source, target):
    target.weight = source.weight


@answering
def new_parameter(source, target):
    target.weight = nn.Parameter(source.weight.detach().clone())


@answering
def new_parameter_checked(source, target):
    assert source.weight.shape == target.weight.shape
    target.weight = nn.Parameter(source.weight.detach().clone())


@answering
def shared_and_checked(source, target):
    assert source.weight.shape == target.weight.shape
    target.weight.data = source.weight.data


@answering
def bias_too(source, target):
    target.load_state_dict(source.state_dict())


@answering
def other_way(source, target):
    with torch.no_grad():
        source.weight.copy_(target.weight)


class Backbone(Frozen):
    """A backbone and a head of its own, made like those given; `freeze` is what a learner does to them."""

    def __init__(self, backbone, head):
        nn.Module.__init__(self)
        self.backbone, self.head = backbone_and_head(*backbone.made_by)
        self.freeze()

    def freeze(self):
        self.backbone.requires_grad_(False)

    def train(self, mode=True):
        return nn.Module.train(self, mode)


class ParametersAlone(Backbone):
    pass


class EvalOnce(Backbone):
    def freeze(self):
        super().freeze()
        self.backbone.eval()


class TrainAlone(Backbone):
    """Right from the first call of train() on."""

    def train(self, mode=True):
        return Frozen.train(self, mode)


class EvalAlone(Backbone):
    def freeze(self):
        self.backbone.eval()

    def train(self, mode=True):
        return Frozen.train(self, mode)


class HeadTooFrozen(Backbone):
    def freeze(self):
        self.requires_grad_(False)
        self.backbone.eval()

    def train(self, mode=True):
        return Frozen.train(self, mode)


class AllInEval(Backbone):
    def freeze(self):
        super().freeze()
        self.eval()

    def train(self, mode=True):
        return nn.Module.train(self, False)


class AllStands(HeadTooFrozen):
    def train(self, mode=True):
        return nn.Module.train(self, False)


class StatisticsStand(Backbone):
    def freeze(self):
        super().freeze()
        for layer in self.backbone.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.momentum = 0.0


class NothingTracked(Backbone):
    def freeze(self):
        super().freeze()
        for layer in self.backbone.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.track_running_stats = False


class DrawnAnew(Learner):
    """M92: the first filters are drawn in forward."""

    def __init__(self, classes):
        super().__init__(classes)
        del self.first
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        maps = self.second(F.conv2d(pictures, torch.randn(8, 1, 3, 5)).relu()).relu()
        return self.head(maps.mean((2, 3)))


class DrawnOnce(DrawnAnew):
    """A tensor of its own, which is no Parameter."""

    def forward(self, pictures):
        if "kernel" not in vars(self):
            self.kernel = torch.randn(8, 1, 3, 5)
        maps = self.second(F.conv2d(pictures, self.kernel).relu()).relu()
        return self.head(maps.mean((2, 3)))


class InAList(Learner):
    """The convolutions in a Python list."""

    def __init__(self, classes):
        super().__init__(classes)
        self.convs = [self.first, self.second]
        del self.first, self.second
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        maps = self.convs[1](self.convs[0](pictures).relu()).relu()
        return self.head(maps.mean((2, 3)))


class SecondInAList(Learner):
    """The second convolution in a Python list, as it was found."""

    def __init__(self, classes):
        super().__init__(classes)
        self.convs = [self.second]
        del self.second
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        return self.head(self.convs[0](self.first(pictures).relu()).relu().mean((2, 3)))


class Softmaxed(Learner):
    def forward(self, pictures):
        return super().forward(pictures).softmax(1)


class LogSoftmaxed(Learner):
    def forward(self, pictures):
        return super().forward(pictures).log_softmax(1)


class OptimizerFirst(Learner):
    def __init__(self, classes):
        super().__init__(classes)
        self.optimizer = torch.optim.SGD(self.head.parameters(), lr=0.1)


class HeadReplaced(Learner):
    def __init__(self, classes):
        super().__init__(classes)
        self.head = nn.Linear(12, classes)


class Accumulating(Learner):
    def learn(self, pictures, labels):
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()


class WipedTooLate(Learner):
    """zero_grad between backward and step: nothing is left to go by."""

    def learn(self, pictures, labels):
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.zero_grad()
        self.optimizer.step()


class WithoutStep(Learner):
    def learn(self, pictures, labels):
        self.optimizer.zero_grad()
        F.cross_entropy(self(pictures), labels).backward()


class AsFound(DrawnAnew):
    """All five faults, written otherwise."""

    def __init__(self, classes):
        nn.Module.__init__(self)
        self.head = nn.Linear(12, classes)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)
        self.convs = [nn.Conv2d(8, 12, (5, 3))]

    def forward(self, pictures):
        maps = self.convs[0](F.conv2d(pictures, torch.randn(8, 1, 3, 5)).relu()).relu()
        return self.head(maps.mean((2, 3))).softmax(1)

    def learn(self, pictures, labels):
        return Accumulating.learn(self, pictures, labels)
