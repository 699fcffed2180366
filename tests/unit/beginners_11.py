"""What beginners write when they mend the patients of lesson 11, as they write it."""

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get


class GreyAtHome(nn.Module):
    """The picture made to fit the network."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, (3, 5))
        self.second = nn.Conv2d(8, 16, (5, 3))

    def forward(self, pictures):
        pictures = 0.299 * pictures[:, 0:1] + 0.587 * pictures[:, 1:2] + 0.114 * pictures[:, 2:3]
        return self.second(self.first(pictures).relu())


class SizeTheOtherWay(nn.Module):
    def __init__(self, size):
        super().__init__()
        W, H = size
        self.conv, self.pool = nn.Conv2d(1, 6, (3, 5)), nn.MaxPool2d(2)
        self.fc = nn.Linear(6 * ((H - 2) // 2) * ((W - 4) // 2), 10)

    def forward(self, pictures):
        return self.fc(self.pool(self.conv(pictures).relu()).flatten(1))


def floats_alone(picture, conv):
    H, W, C = picture.shape
    return conv(picture.reshape(1, C, H, W).float())


def view_after_floats(picture, conv):
    H, W, C = picture.shape
    return conv(picture.view(C, H, W).unsqueeze(0) / 255.0)


class LayerLeftOut(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 4, (5, 3)), nn.Conv2d(4, 8, (5, 3))
        self.head = nn.Linear(8, classes)

    def forward(self, digits):
        for conv in (self.one, self.two):
            digits = F.max_pool2d(conv(digits).relu(), 2)
        return self.head(digits.mean((2, 3)))


class Unsqueezed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, (3, 5))

    def forward(self, pictures):
        return self.conv(pictures.unsqueeze(0))


class NumberMended(nn.Module):
    def __init__(self, size):
        super().__init__()
        H, W = size
        self.conv = nn.Conv2d(1, 6, (3, 5), padding=(1, 2))
        self.fc = nn.Linear(6 * (H // 2) * (W // 2), 10)

    def forward(self, pictures):
        maps = F.max_pool2d(self.conv(pictures).relu(), 2)
        return self.fc(maps.view(-1, self.fc.in_features))


def padding_mended(in_channels, out_channels, kernel_size):
    kW, kH = kernel_size
    return nn.Conv2d(in_channels, out_channels, (kH, kW), padding=(kH // 2, kW // 2))


def kernel_mended(in_channels, out_channels, kernel_size):
    padding = kernel_size[1] // 2, kernel_size[0] // 2
    return nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding)


class CutToTheSmaller(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.main = nn.Conv2d(in_channels, out_channels, (3, 5), stride=2, padding=(1, 2))
        self.skip = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, maps):
        one, other = self.main(maps), self.skip(F.max_pool2d(maps, 2))
        H, W = min(one.shape[2], other.shape[2]), min(one.shape[3], other.shape[3])
        return one[:, :, :H, :W] + other[:, :, :H, :W]


def transposed(picture, kernel):
    kH, kW = kernel.shape
    weight = kernel.T[None, None]
    return F.conv2d(picture[None, None], weight, padding=(kW // 2, kH // 2))[0, 0]


def minus(picture, kernel):
    kH, kW = kernel.shape
    return F.conv2d(picture[None, None], -kernel[None, None], padding=(kH // 2, kW // 2))[0, 0]


def cloned(source, target):
    target.weight.data = source.weight.data.clone()


def as_parameter(source, target):
    target.weight = nn.Parameter(source.weight.clone())


class EvalInInit(nn.Module):
    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head
        self.backbone.eval()
        for parameter in self.backbone.parameters():
            parameter.requires_grad = False

    def forward(self, pictures):
        return self.head(self.backbone(pictures))


class TrainAlone(EvalInInit):
    def __init__(self, backbone, head):
        super().__init__(backbone.train(), head)
        backbone.train()

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self


class ListOfLayers(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.convs = [nn.Conv2d(1, 8, (3, 5)), nn.Conv2d(8, 12, (5, 3))]
        self.head = nn.Linear(12, classes)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        for conv in self.convs:
            pictures = conv(pictures).relu()
        return self.head(pictures.mean((2, 3)))

    def learn(self, pictures, labels):
        self.optimizer.zero_grad()
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()


class TwoFaultsLeft(ListOfLayers):
    """No list any more; the softmax and the missing zero_grad are left."""

    def __init__(self, classes):
        super().__init__(classes)
        self.convs = nn.ModuleList(self.convs)
        self.optimizer = torch.optim.SGD(self.parameters(), lr=0.1)

    def forward(self, pictures):
        return F.softmax(super().forward(pictures), dim=1)

    def learn(self, pictures, labels):
        F.cross_entropy(self(pictures), labels).backward()
        self.optimizer.step()


BEGINNERS = [
    (get("11.channels"), GreyAtHome, ("M227",), "because the colours are"),
    (get("11.features"), SizeTheOtherWay, ("M21",), "size is .H, W., rows first"),
    (get("11.dtype"), floats_alone, ("M130", "M52"), "two faults are left"),
    (get("11.dtype"), view_after_floats, ("M52",), "pixels are scattered"),
    (get("11.too_small"), LayerLeftOut, ("M220",), "was not at fault"),
    (get("11.batch_of_grey"), Unsqueezed, ("M55",), r"belongs behind the first"),
    (get("11.view"), NumberMended, ("M98",), "pictures of another size come out as another number"),
    (get("11.pairs"), padding_mended, ("M21",), "the window lies on its side"),
    (get("11.pairs"), kernel_mended, ("M22",), "the rows first"),
    (get("11.downsample"), CutToTheSmaller, ("M09",), "half of 27 is 14"),
    (get("11.kernel_from_scipy"), transposed, ("M62",), "A half turn reverses both"),
    (get("11.kernel_from_scipy"), minus, (), "For a Sobel kernel that is the same"),
    (get("11.shared"), cloned, ("M95",), "nobody compares the shapes"),
    (get("11.shared"), as_parameter, ("M162",), "trains the old one"),
    (get("11.frozen"), EvalInInit, ("M225",), "until somebody calls"),
    (get("11.not_learning"), ListOfLayers, ("M222",), "are in a Python list"),
    (get("11.not_learning"), TwoFaultsLeft, (), "wants logits; a step depends on the batches before"),
]
PARTLY = [(get("11.frozen"), TrainAlone, "From the first train")]
