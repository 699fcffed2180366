"""The patients of lesson 11 that break with a message or a wrong shape, mended unlike ours."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises import get


class Chained(nn.Sequential):
    def __init__(self):
        first = nn.Conv2d(3, 8, kernel_size=(3, 5))
        super().__init__(first, nn.ReLU(inplace=True), nn.Conv2d(first.out_channels, 16, (5, 3)))


class Lazy(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.LazyConv2d(8, (3, 5)), nn.LazyConv2d(16, (5, 3))

    def forward(self, x):
        return self.two(F.relu(self.one(x)))


class OwnParameters(nn.Module):
    def __init__(self):
        super().__init__()
        for name, shape in (("w1", (8, 3, 3, 5)), ("b1", (8,)), ("w2", (16, 8, 5, 3)), ("b2", (16,))):
            self.register_parameter(name, nn.Parameter(torch.randn(shape)))

    def forward(self, x):
        return F.conv2d(F.conv2d(x, self.w1, self.b1).clamp(min=0), self.w2, self.b2)


class WithLazyLinear(nn.Sequential):
    def __init__(self, size):
        super().__init__(
            nn.Conv2d(1, 6, (3, 5)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(out_features=10)
        )


class WithDryRun(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.maps = nn.Sequential(nn.Conv2d(1, 6, (3, 5)), nn.MaxPool2d(2, 2), nn.ReLU())
        with torch.no_grad():
            self.last = nn.Linear(self.maps(torch.zeros(1, 1, *size)).numel(), 10)

    def forward(self, x):
        return self.last(self.maps(x).reshape(x.shape[0], -1))


class ByFormula(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.layer = nn.Conv2d(1, 6, (3, 5))
        left = [((n - k) // 1 + 1 - 2) // 2 + 1 for n, k in zip(size, self.layer.kernel_size, strict=True)]
        self.last = nn.Linear(int(np.prod(left)) * 6, 10)

    def forward(self, x):
        return self.last(torch.flatten(F.max_pool2d(F.relu(self.layer(x)), 2), start_dim=1))


def stacked(picture, conv):
    return conv(torch.stack([picture[..., c] for c in range(picture.shape[2])]).unsqueeze(0) / 255)


def moved(picture, conv):
    return conv(picture.to(torch.float32).div(255.0).movedim(2, 0).contiguous()[None])


def unbatched(picture, conv):
    return conv(torch.einsum("hwc->chw", picture / 255))[None]


def by_numpy(picture, conv):
    planes = np.transpose(np.asarray(picture), (2, 0, 1))[np.newaxis].astype("float32") / 255
    return conv(torch.from_numpy(planes))


class Small(nn.Module):
    """Three convolutions with this padding."""

    padding = "same"

    def __init__(self, classes):
        super().__init__()
        pairs = ((1, 4), (4, 8), (8, 12))
        self.convs = nn.ModuleList(nn.Conv2d(*pair, (5, 3), padding=self.padding) for pair in pairs)
        self.head = nn.Linear(12, classes)

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(conv(x).relu(), 2)
        return self.head(x.mean(dim=(-2, -1)))


class Unpooled(Small):
    padding = 0

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
        return self.head(x.flatten(2).mean(2))


class PooledOnce(Small):
    padding = 0

    def forward(self, x):
        one, two, three = self.convs
        maps = F.max_pool2d(one(F.pad(x, (1, 1, 2, 2))).relu(), 2)
        return self.head(three(two(maps).relu()).relu().amax((2, 3)))


class PaddedByHand(Small):
    padding = 0

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(conv(F.pad(x, (1, 1, 2, 2))).relu(), 2)
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class LastPadded(Small):
    padding = 0

    def __init__(self, classes):
        super().__init__(classes)
        self.convs[2].padding = (2, 1)


class Grey(nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(in_channels=1, out_channels=4, kernel_size=(3, 5))

    def forward(self, x):
        return self.filters(x.unsqueeze(1))


class GreyOneByOne(Grey):
    def forward(self, x):
        return torch.stack([self.filters(picture[None]) for picture in x])


class GreyByView(Grey):
    def forward(self, x):
        N, H, W = x.shape
        return self.filters(x.reshape(N, 1, H, W))


class RowsKept(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, (3, 5), padding="same")
        self.fc = nn.Linear(6 * size[0] * size[1] // 4, 10)

    def forward(self, x):
        maps = F.max_pool2d(self.conv(x).relu(), 2)
        return self.fc(maps.view(maps.size(0), -1))


class RowsOneByOne(RowsKept):
    def forward(self, x):
        maps = F.max_pool2d(self.conv(x), 2).relu()
        return torch.stack([self.fc(picture.flatten()) for picture in maps])


class RowsLazy(nn.Sequential):
    def __init__(self, size):
        super().__init__(
            nn.ZeroPad2d((2, 2, 1, 1)),
            nn.Conv2d(1, 6, (3, 5)),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.LazyLinear(10),
        )


class ByConvolution(RowsKept):
    """A Linear layer on all of a picture is a convolution as large as its maps."""

    def forward(self, x):
        maps = F.max_pool2d(self.conv(x).relu(), 2)
        H, W = maps.shape[2:]
        return F.conv2d(maps, self.fc.weight.view(10, 6, H, W), self.fc.bias)[:, :, 0, 0]


def same_by_word(in_channels, out_channels, kernel_size):
    return nn.Conv2d(in_channels, out_channels, kernel_size, padding="same")


def same_by_pad(in_channels, out_channels, kernel_size):
    kH, kW = kernel_size
    around = nn.ZeroPad2d((kW // 2, kW // 2, kH // 2, kH // 2))
    return nn.Sequential(around, nn.Conv2d(in_channels, out_channels, kernel_size, bias=False))


def same_by_tuple(in_channels, out_channels, kernel_size):
    return nn.Conv2d(in_channels, out_channels, kernel_size, padding=tuple((k - 1) // 2 for k in kernel_size))


def same_cut_out(in_channels, out_channels, kernel_size):
    """More padding than is needed, and the border cut off again."""

    class Cut(nn.Conv2d):
        def forward(self, x):
            (H, W), (kH, kW) = x.shape[2:], kernel_size
            return super().forward(x)[:, :, (kH - 1) // 2 :][:, :, :H, (kW - 1) // 2 :][..., :W]

    kH, kW = kernel_size
    return Cut(in_channels, out_channels, (kH, kW), padding=(kH - 1, kW - 1))


class HalfBy(nn.Module):
    """The two ways, the second of which begins with `fewer`."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.long = nn.Conv2d(in_channels, out_channels, (3, 5), stride=(2, 2), padding=(1, 2))
        self.short = nn.Conv2d(in_channels, out_channels, (1, 1))

    def fewer(self, x):
        return x[:, :, ::2, ::2]

    def forward(self, x):
        return self.short(self.fewer(x)) + self.long(x)


class HalfByStride(HalfBy):
    def __init__(self, in_channels, out_channels):
        super().__init__(in_channels, out_channels)
        self.short = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)

    def fewer(self, x):
        return x


class HalfByCeiling(HalfBy):
    def fewer(self, x):
        return nn.AvgPool2d(2, ceil_mode=True)(x)


class HalfByPad(HalfBy):
    def fewer(self, x):
        H, W = x.shape[2:]
        return F.max_pool2d(F.pad(x, (0, W % 2, 0, H % 2)), kernel_size=2)


class HalfAdaptive(HalfBy):
    def fewer(self, x):
        return F.adaptive_max_pool2d(x, tuple((n + 1) // 2 for n in x.shape[2:]))


STYLES = {
    get("11.channels"): (Chained, Lazy, OwnParameters),
    get("11.features"): (WithLazyLinear, WithDryRun, ByFormula),
    get("11.dtype"): (stacked, moved, unbatched, by_numpy),
    get("11.too_small"): (Small, Unpooled, PooledOnce, PaddedByHand, LastPadded),
    get("11.batch_of_grey"): (Grey, GreyOneByOne, GreyByView),
    get("11.view"): (RowsKept, RowsOneByOne, RowsLazy, ByConvolution),
    get("11.pairs"): (same_by_word, same_by_pad, same_by_tuple, same_cut_out),
    get("11.downsample"): (HalfBy, HalfByStride, HalfByCeiling, HalfByPad, HalfAdaptive),
}
