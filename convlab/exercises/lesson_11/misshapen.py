"""The patients of lesson 11 whose output has a wrong shape: a batch of grey, a view, pairs, and a size that is odd."""

from ..task import Misfit, random_numbers
from .errors_of_patients import ERRORS
from .patient import Look, Patient, alike, alone, answer, gives, learns, looked_at, network_of
from .slips_misshapen import DOWNSAMPLE, GREY, PAIRS, VIEW


class BatchOfGrey(Patient):
    """Three grey pictures, taken for one of three channels."""

    id, title = "11.batch_of_grey", "Three go in, one comes out"
    level, minutes = "easy", 4
    prompt = """\
`GreyFilters()(torch.rand(3, 20, 28))` is given three grey pictures and answers for one, without a message. Mend it, \
so that it takes any number of grey pictures, (N, H, W).

- Each picture goes through the same 4 filters of 3 x 5 by itself: what comes out is (N, 4, H - 2, W - 4).
- A grey picture has one channel, so each filter has 3 * 5 weights, and a bias.

Signature: `class GreyFilters(nn.Module)`, made by `GreyFilters()`. Mended:

    GreyFilters()(torch.rand(3, 20, 28)).shape  ->  torch.Size([3, 4, 18, 24])"""
    broken = """\
class GreyFilters(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, (3, 5))

    def forward(self, pictures):
        return self.conv(pictures)"""
    symptom = "Three grey pictures of 20 x 28 give (4, 18, 24): four maps of one picture. Where are the other two?"
    slips, errors = GREY, ERRORS["11.batch_of_grey"]
    right = "Right: every picture is answered for itself."
    hints = (
        "Give it two pictures in place of three, and read the message. What does Conv2d take the first axis of three "
        "axes for?",
        "Conv2d wants (N, C, H, W), or (C, H, W) for one picture. An axis of one channel is missing, and in_channels "
        "is the number of channels of one picture.",
        "self.conv = nn.Conv2d(1, 4, (3, 5)) and return self.conv(pictures[:, None]).",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        N, H, W = int(rng.choice([2, 4, 5])), *(int(it) for it in rng.permutation(range(7, 15))[:2])
        first, second = ((3, 20, 28), (N, H, W))
        looks = [gives(it, (it[0], 4, it[1] - 2, it[2] - 4)) for it in (first, second)]
        learned = learns(first, 64, ", 15 weights and a bias for each filter")
        return [
            *looked_at({}, "three grey pictures", looks[0], learned, alone(first), example=True),
            *looked_at({}, f"{N} grey pictures", looks[1], alone(second)),
        ]


class View(Patient):
    """A view that moves pictures into the batch axis."""

    id, title = "11.view", "Eight answers for two pictures"
    level, minutes = "medium", 6
    prompt = """\
`RowNet((20, 28))(torch.rand(2, 1, 20, 28))` is given two pictures and answers for eight, without a message. Mend it, \
so that each picture of `size`, a pair (H, W) of even numbers, gets one row of ten numbers of its own.

- The layers stay: 6 filters of 3 x 5 that keep the size, a ReLU, a max-pooling of 2 x 2, and a Linear layer that \
reads every number that is left of a picture.
- Pictures of another size end in an error: they must never come out as another number of rows.

Signature: `class RowNet(nn.Module)`, made by `RowNet(size)`. Mended:

    RowNet((20, 28))(torch.rand(2, 1, 20, 28)).shape  ->  torch.Size([2, 10])"""
    broken = """\
class RowNet(nn.Module):
    def __init__(self, size):
        super().__init__()
        H, W = size
        self.conv = nn.Conv2d(1, 6, (3, 5), padding=(1, 2))
        self.fc = nn.Linear(6 * (H // 4) * (W // 4), 10)

    def forward(self, pictures):
        maps = F.max_pool2d(self.conv(pictures).relu(), 2)
        return self.fc(maps.view(-1, self.fc.in_features))"""
    symptom = "Two pictures of 20 x 28 give (8, 10), and no message: eight rows for two pictures."
    arguments = ("size",)
    slips, errors = VIEW, ERRORS["11.view"]
    right = "Right: a row for each picture, whatever lies beside it, and a message where the size is another one."
    hints = (
        "Two pictures went in and eight rows came out, so a picture fills four rows. How many numbers are left of a "
        "picture behind the pooling, and how many does a row have?",
        "view(-1, F) cuts whatever comes into rows of F. Let flatten(1) keep the batch axis: then a wrong F raises an "
        "error, which says what the right one is.",
        "self.fc = nn.Linear(6 * (H // 2) * (W // 2), 10) and return self.fc(maps.flatten(1)).",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        drawn = tuple(4 * int(it) for it in rng.permutation(range(2, 7))[:2])
        found = []
        for N, (H, W) in ((2, (20, 28)), (3, drawn), (4, (drawn[1], drawn[0]))):
            shape, count = (N, 1, H, W), 6 * 15 + 6 + 10 * 6 * (H // 2) * (W // 2) + 10
            why = f", for what one pooling leaves of a picture of {H} x {W}"
            looks = gives(shape, (N, 10)), alone(shape), learns(shape, count, why), _of_another_size(shape)
            found += looked_at({"size": (H, W)}, f"RowNet(({H}, {W}))", *looks, example=N == 2)
        return found


def _of_another_size(shape):
    """How many rows come out for pictures of twice the height; as many as pictures where they are refused."""
    N, C, H, W = shape

    def look(torch, network):
        answer(torch, network, torch.rand(shape))  # a lazy layer takes its size from the first pictures
        try:
            return [len(answer(torch, network, torch.rand(N, C, 2 * H, W)))]
        except (RuntimeError, ValueError, AssertionError):
            return [N]

    def says(came):
        rows = int(came[0])
        return f"{N} pictures of {2 * H} x {W}, another size, come out as {rows} rows, and no error tells of it."

    return Look(look, (N,), says)


class Pairs(Patient):
    """A pair that is read the wrong way round, twice."""

    id, title, made = "11.pairs", "As large as its input", "function"
    level, minutes = "medium", 5
    prompt = """\
`same_size(1, 4, (5, 3))(torch.rand(1, 1, 36, 28)).shape` is (1, 4, 38, 26), where 36 x 28 is wanted: no message, and \
two faults, of which the second is no longer seen in the shape when the first is gone. Mend it.

- `kernel_size` is a pair (kH, kW) of odd numbers: so many rows, so many columns.
- The output is as large as the input, and each place looks at the cells around it.

Signature: `def same_size(in_channels, out_channels, kernel_size)`, which returns the layer. Mended:

    same_size(1, 4, (5, 3))(torch.rand(1, 1, 36, 28)).shape  ->  torch.Size([1, 4, 36, 28])"""
    broken = """\
def same_size(in_channels, out_channels, kernel_size):
    kW, kH = kernel_size
    padding = kW // 2, kH // 2
    return nn.Conv2d(in_channels, out_channels, (kH, kW), padding=padding)"""
    symptom = "A picture of 36 x 28 comes out as 38 x 26. Once the size is right, look at how the window lies."
    arguments, returns = ("in_channels", "out_channels", "kernel_size"), "the layer"
    slips, errors = PAIRS, ERRORS["11.pairs"]
    right = "Right: the size stays, and the window stands as it was asked for."
    hints = (
        "Print the layer. Which kernel was asked for, which one is there, and which padding? 36 + 2 * pH - (kH - 1) is "
        "the number of rows that come out.",
        "Every pair of Conv2d is (row, column): kernel_size is (kH, kW), and padding is (pH, pW). F.pad alone begins "
        "with the last axis.",
        "kH, kW = kernel_size; padding = kH // 2, kW // 2; and the kernel is (kH, kW).",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        kernels = [(kH, kW) for kH in (1, 3, 5, 7) for kW in (1, 3, 5, 7) if kH != kW]
        drawn = [kernels[it] for it in rng.permutation(len(kernels))[:2]]
        H, W = (int(it) for it in rng.permutation(range(17, 30))[:2])
        found = []
        for channels, size, (kH, kW) in (((1, 4), (36, 28), (5, 3)), ((2, 3), (H, W), drawn[0]),
                                         ((3, 2), (W, H), drawn[1])):  # fmt: skip
            given = dict(zip(self.arguments, (*channels, (kH, kW)), strict=True))
            shape, label = (2, channels[0], *size), f"same_size({channels[0]}, {channels[1]}, ({kH}, {kW}))"
            looks = gives(shape, (2, channels[1], *size)), _reach(channels[0], kH, kW)
            found += looked_at(given, label, *looks, example=size == (36, 28))
        return found


def _reach(in_channels, kH, kW):
    """How far up, down, left and right one bright cell is felt."""
    middle, size = (12, 11), (25, 23)

    def look(torch, layer):
        dark = torch.zeros(1, in_channels, *size)
        bright = dark.clone()
        bright[:, :, middle[0], middle[1]] = 1.0
        felt = (answer(torch, layer, bright) - answer(torch, layer, dark)).abs()
        if felt.dim() != 4 or not bool((felt > 1e-7).any()):
            raise Misfit("one bright cell is felt nowhere in the output of your layer.")
        found = [(felt > 1e-7).flatten(0, 1).any(0).any(1 - axis).nonzero() for axis in (0, 1)]
        return [int(it) - at for places, at in zip(found, middle, strict=True) for it in (places.min(), places.max())]

    def says(came):
        up, down, left, right = (int(it) for it in came)
        return (
            f"one bright cell is felt from {-up} rows above it to {down} below, and from {-left} columns left of it to "
            f"{right} right; expected {kH // 2} and {kH // 2}, {kW // 2} and {kW // 2}."
        )

    return Look(look, (-(kH // 2), kH // 2, -(kW // 2), kW // 2), says)


class Downsample(Patient):
    """Two ways to half the size, which disagree where the size is odd."""

    id, title = "11.downsample", "Half of an odd number"
    level, minutes = "hard", 7
    prompt = """\
`Half(3, 4)` works for pictures of 28 x 22 and raises an error for 27 x 22: the two ways, whose results are added, \
disagree about half of 27. Mend it.

- The output has (H + 1) // 2 rows and (W + 1) // 2 columns, for even and for odd sizes.
- The layers stay: a convolution of 3 x 5 with stride 2, and one of 1 x 1 behind a pooling or with a stride. Both \
count in the sum.
- Place (i, j) of either way looks at the same part of the picture: no more than rows 2i - 1 to 2i + 1 and columns \
2j - 2 to 2j + 2.

Signature: `class Half(nn.Module)`, made by `Half(in_channels, out_channels)`. Mended:

    Half(3, 4)(torch.rand(1, 3, 27, 22)).shape  ->  torch.Size([1, 4, 14, 11])"""
    broken = """\
class Half(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.main = nn.Conv2d(in_channels, out_channels, (3, 5), stride=2, padding=(1, 2))
        self.skip = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, maps):
        return self.main(maps) + self.skip(F.max_pool2d(maps, 2))"""
    symptom = (
        "28 x 22 works, and 27 x 22 ends in: The size of tensor a (14) must match the size of tensor b (13) at "
        "non-singleton dimension 2."
    )
    arguments = ("in_channels", "out_channels")
    slips, errors = DOWNSAMPLE, ERRORS["11.downsample"]
    right = "Right: both ways make the same places, of even sizes and of odd ones."
    hints = (
        "Print the shapes of both ways for 28 and for 27 rows. Which one gives 14 for 27, which 13, and which of them "
        "leaves a row of the picture out?",
        "Rounding up or down is decided by what is read at the border. The convolution has padding there; the pooling "
        "has none, and leaves a row without a partner out, unless ceil_mode says otherwise.",
        "self.skip(F.max_pool2d(maps, 2, ceil_mode=True)). Or no pooling at all, and stride=2 in self.skip.",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        odd = [2 * int(it) + 1 for it in rng.permutation(range(3, 9))[:2]]
        found = []
        for channels, (H, W) in (((3, 4), (27, 22)), ((3, 4), (28, 22)), ((2, 5), (odd[0], odd[1]))):
            given = dict(zip(self.arguments, channels, strict=True))
            shape, right = (2, channels[0], H, W), (2, channels[1], (H + 1) // 2, (W + 1) // 2)
            label = f"Half({channels[0]}, {channels[1]})"
            found += looked_at(given, label, gives(shape, right), example=(H, W) == (27, 22))
            if channels == (2, 5):
                found += looked_at(given, label, _both_count(shape), _looks_no_further(shape))
        return found


def _both_count(shape):
    """Whether the output still follows the picture when one of the two layers is set to zero, for each of them."""

    def look(torch, network):
        network_of(torch, network)
        one, other = (torch.rand(shape) for _ in range(2))
        kept = {name: it.clone() for name, it in network.state_dict().items()}
        counts = []
        for large in (True, False):
            with torch.no_grad():
                for parameter in network.parameters():
                    if parameter.dim() == 4 and (parameter[0, 0].numel() > 1) != large:
                        parameter.zero_()
            counts.append(not alike(answer(torch, network, one), answer(torch, network, other)))
            network.load_state_dict(kept)
        return counts

    def says(came):
        layer = "the convolution of 3 x 5" if not came[0] else "the convolution of 1 x 1"
        return f"{layer} makes no difference to the output; expected both ways to count in the sum."

    return Look(look, (1, 1), says)


def _looks_no_further(shape):
    """How many of the last row and the last column follow cells of the picture that lie too far away."""

    def look(torch, network):
        picture, further = torch.rand(shape), []
        for axis, reach in ((2, 1), (3, 2)):
            last = (shape[axis] + 1) // 2 - 1
            changed = picture.clone()
            changed.narrow(axis, 0, 2 * last - reach).copy_(torch.rand(changed.narrow(axis, 0, 2 * last - reach).shape))
            before, after = (answer(torch, network, it).select(axis, -1) for it in (picture, changed))
            further.append(not alike(before, after))
        return further

    def says(came):
        line = "row" if came[0] else "column"
        return (
            f"the last {line} of the output for {shape[2]} x {shape[3]} follows cells of the picture that lie further "
            "away than the convolution of 3 x 5 looks; expected both ways to look at the same part."
        )

    return Look(look, (0, 0), says)
