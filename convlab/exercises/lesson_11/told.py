"""The patients of lesson 11 that break with a message: channels, features, dtype, and maps that are too small."""

from importlib import import_module

import numpy as np

from ..task import Case, random_numbers
from .errors_of_patients import ERRORS
from .patient import Look, Patient, alike, alone, answer, gives, learns, looked_at
from .slips_told import CHANNELS, DTYPE, FEATURES, TOO_SMALL

COLOURS = ("red", "green", "blue")


class Channels(Patient):
    """Pictures of another number of channels than the layers expect."""

    id, title = "11.channels", "A network meets colour"
    level, minutes = "easy", 4
    prompt = """\
`ColourNet()(torch.rand(1, 3, 20, 28))` ends in an error about channels: the network was written for grey pictures. \
Mend it, so that it takes a batch of colour pictures, (N, 3, H, W).

- Every filter of the first layer reads all three colours, every filter of the second all maps of the first.
- All else stays: 8 filters of 3 x 5, a ReLU, 16 filters of 5 x 3, no padding.

Signature: `class ColourNet(nn.Module)`, made by `ColourNet()`. Mended:

    ColourNet()(torch.rand(1, 3, 20, 28)).shape  ->  torch.Size([1, 16, 14, 22])"""
    broken = """\
class ColourNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, (3, 5))
        self.second = nn.Conv2d(1, 16, (5, 3))

    def forward(self, pictures):
        return self.second(self.first(pictures).relu())"""
    symptom = (
        "A colour picture ends in: expected input[1, 3, 20, 28] to have 1 channels, but got 3 channels instead. Behind "
        "the first fault waits a second."
    )
    slips, errors = CHANNELS, ERRORS["11.channels"]
    right = "Right: it reads all three colours, and all maps in between."
    hints = (
        "Which layer does the message speak of? Its weight has the shape [8, 1, 3, 5]: which of the four is "
        "in_channels, and which number of the input does it have to be?",
        "in_channels is how many channels reach this layer: 3 colours reach the first. What reaches the second is what "
        "the first makes.",
        "self.first = nn.Conv2d(3, 8, (3, 5)) and self.second = nn.Conv2d(8, 16, (5, 3)).",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        N, H, W = int(rng.integers(2, 5)), *(int(it) for it in rng.permutation(range(9, 17))[:2])
        shapes = (1, 3, 20, 28), (N, 3, H, W)
        first, second = (gives(it, (it[0], 16, it[2] - 6, it[3] - 6)) for it in shapes)
        return [
            *looked_at({}, "a colour picture", first, example=True),
            *looked_at({}, f"{N} colour pictures", second, learns(shapes[1], 2304, ""), _colours(shapes[1])),
        ]


def _colours(shape):
    """Which of the three colours make a difference."""

    def look(torch, network):
        batch = torch.rand(shape)
        before, used = answer(torch, network, batch), []
        for c in range(len(COLOURS)):
            other = batch.clone()
            other[:, c] = torch.rand(shape[0], *shape[2:])
            used.append(not alike(before, answer(torch, network, other)))
        swapped = not alike(before, answer(torch, network, batch.flip(1)))
        return [*used, swapped]

    def says(came):
        unseen = [name for name, it in zip(COLOURS, came, strict=False) if not it]
        if unseen:
            return f"{' and '.join(unseen)} can be anything, and your output is the same; expected all three to count."
        return "exchange red and blue, and your output is the same; expected a weight of its own for each colour."

    return Look(look, (1, 1, 1, 1), says)


class Features(Patient):
    """A Linear layer with the numbers of another picture."""

    id, title = "11.features", "Numbers for another picture"
    level, minutes = "medium", 6
    prompt = """\
`DigitNet((20, 30))(torch.rand(2, 1, 20, 30))` ends in an error about mat1 and mat2: the Linear layer was counted for \
pictures of 28 x 28. Mend it, so that it works for pictures of `size`, a pair (H, W) of whatever numbers.

- The layers stay: 6 filters of 3 x 5 without padding, a ReLU, a max-pooling of 2 x 2, and a Linear layer that reads \
every number that is left of a picture.

Signature: `class DigitNet(nn.Module)`, made by `DigitNet(size)`. Mended:

    DigitNet((20, 30))(torch.rand(2, 1, 20, 30)).shape  ->  torch.Size([2, 10])"""
    broken = """\
class DigitNet(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, (3, 5))
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(6 * 13 * 12, 10)

    def forward(self, pictures):
        maps = self.pool(self.conv(pictures).relu())
        return self.fc(maps.flatten(1))"""
    symptom = (
        "Two pictures of 20 x 30 end in: mat1 and mat2 shapes cannot be multiplied (2x702 and 936x10). The second "
        "number is what reaches the Linear layer, the third what it was made for."
    )
    arguments = ("size",)
    slips, errors = FEATURES, ERRORS["11.features"]
    right = "Right: it counts what is left of a picture of its own size."
    hints = (
        "Read the message from its numbers: 2x702 is what came, 936x10 what the layer expects. Which numbers "
        "multiply to 702? Print maps.shape.",
        "The convolution takes kH - 1 = 2 rows and kW - 1 = 4 columns off, then the pooling halves what is left and "
        "rounds down. There are 6 maps.",
        "H, W = size; self.fc = nn.Linear(6 * ((H - 2) // 2) * ((W - 4) // 2), 10).",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        sizes = [(20, 30), *(tuple(int(it) for it in rng.permutation(range(11, 34))[:2]) for _ in range(2))]
        found = []
        for number, (H, W) in enumerate(sizes):
            shape, left = (2 + number, 1, H, W), ((H - 2) // 2, (W - 4) // 2)
            count = 6 * 15 + 6 + 10 * 6 * left[0] * left[1] + 10
            why = f": 6 maps of {left[0]} x {left[1]} are left of a picture, and the Linear layer reads them all"
            looks = gives(shape, (shape[0], 10)), learns(shape, count, why), alone(shape)
            found += looked_at({"size": (H, W)}, f"DigitNet(({H}, {W}))", *looks, example=number == 0)
        return found


class Bytes(Patient):
    """A picture of bytes, with its channels last."""

    id, title = "11.dtype", "A photograph of bytes"
    level, minutes, made = "medium", 5, "function"
    prompt = """\
A photograph comes as bytes: uint8 from 0 to 255, shape (H, W, C). `maps_of(picture, conv)` ends in an error about \
types; behind it is a second fault that raises none. Mend it.

- The layer sees a batch of one picture, (1, C, H, W), float32, its numbers from 0 to 1 (the byte divided by 255). \
Every pixel keeps its place and its colours.
- The layer `conv` stays as it is. What it gives is returned.

Signature: `def maps_of(picture, conv)`. Mended:

    maps_of(torch.zeros(20, 28, 3, dtype=torch.uint8), nn.Conv2d(3, 4, (3, 5))).shape  ->  torch.Size([1, 4, 18, 24])"""
    broken = """\
def maps_of(picture, conv):
    H, W, C = picture.shape
    input = picture.reshape(1, C, H, W)
    return conv(input)"""
    symptom = (
        "The call ends in: Input type (unsigned char) and bias type (float) should be the same. When that is gone, "
        "look at the picture that reaches the layer."
    )
    arguments, returns = ("picture", "conv"), "conv(input)"
    slips, errors = DTYPE, ERRORS["11.dtype"]
    right = "Right: numbers from 0 to 1, and every pixel at its place."
    hints = (
        "The message names two types; the layer's own is float32. Then make a picture that is red all over: which "
        "numbers are in input[0, 0], and which should be there?",
        "reshape reads the bytes on in their order, R G B R G B, and cuts them anew. permute(2, 0, 1) moves the axes. "
        "float() changes the type and not the numbers: how large may they be?",
        "input = picture.permute(2, 0, 1)[None].float() / 255.",
    )

    def cases(self, seed):
        rng, torch = random_numbers(seed, self.id), import_module("torch")
        found = []
        for number, (H, W) in enumerate(((3, 6), (5, 4), tuple(int(it) for it in rng.permutation(range(6, 10))[:2]))):
            weight, bias = rng.uniform(-1, 1, (2, 3, 2, 3)).astype("float32"), rng.uniform(-1, 1, 2).astype("float32")
            conv = torch.nn.Conv2d(3, 2, (2, 3))
            conv.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
            picture = rng.integers(0, 256, (H, W, 3)).astype("uint8")
            given, label = {"picture": picture, "conv": conv}, f"a picture of shape {picture.shape}"
            found += looked_at(given, label, _kind((1, 2, H - 1, W - 2)), example=number == 0)
            found.append(Case(given, {}, label, number == 0, _Maps(weight, bias, picture)))
        return found

    def expected(self, case):
        return case.then.right() if isinstance(case.then, _Maps) else super().expected(case)

    def own_words(self, trial):
        return "" if isinstance(trial.case.then, _Maps) and trial.result is not None else super().own_words(trial)


class _Maps:
    """The maps, one below the other, as they come."""

    def __init__(self, weight, bias, picture):
        self.weight, self.bias, self.picture = weight, bias, picture

    def __call__(self, result):
        return result.detach().double().reshape(-1, result.shape[-1])

    def right(self):
        F, torch = import_module("torch.nn.functional"), import_module("torch")
        weight, bias = (torch.from_numpy(it).double() for it in (self.weight, self.bias))
        channels = np.stack([self.picture[:, :, c] / 255 for c in range(3)])[None]
        return F.conv2d(torch.from_numpy(channels), weight, bias)[0].flatten(0, 1).numpy()


def _kind(right):
    """The shape of the result, and whether it is float32."""

    def look(torch, result):
        maps = answer(torch, torch.nn.Identity(), result)
        return [*maps.shape, *[0] * (4 - maps.dim()), maps.dtype == torch.float32]

    def says(came):
        shape = tuple(int(it) for it in came[:4] if it)
        if shape != right:
            return f"your result has the shape {shape}; expected {right}, a batch of one."
        return "your result is not float32; expected what `conv` gives as it came, in float32."

    return Look(look, (*right, 1), says)


class TooSmall(Patient):
    """Layers that shrink the picture until the next kernel does not fit."""

    id, title = "11.too_small", "Nothing left of the picture"
    level, minutes = "medium", 6
    prompt = """\
`SmallNet(10)(torch.rand(2, 1, 28, 28))` ends in an error about a kernel that is too large. Mend the network, so that \
it takes digits of 28 x 28, and also of 20 x 14.

- It keeps its three convolutions of 5 x 3 and its head: as many learnable numbers as before.
- No window lies on padding alone, where there is nothing to see.
- One number for each class comes out, whatever the size.

Signature: `class SmallNet(nn.Module)`, made by `SmallNet(classes)`. Mended:

    SmallNet(10)(torch.rand(2, 1, 20, 14)).shape  ->  torch.Size([2, 10])"""
    broken = """\
class SmallNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.one = nn.Conv2d(1, 4, (5, 3))
        self.two = nn.Conv2d(4, 8, (5, 3))
        self.three = nn.Conv2d(8, 12, (5, 3))
        self.head = nn.Linear(12, classes)

    def forward(self, digits):
        for conv in (self.one, self.two, self.three):
            digits = F.max_pool2d(conv(digits).relu(), 2)
        return self.head(digits.mean((2, 3)))"""
    symptom = (
        "A digit of 28 x 28 ends in: Calculated padded input size per channel: (4 x 5). Kernel size: (5 x 3). The "
        "third layer is blamed; who made the picture so small?"
    )
    arguments = ("classes",)
    slips, errors = TOO_SMALL, ERRORS["11.too_small"]
    right = "Right: all layers are there, and something is left for each of them."
    hints = (
        "Write down the rows and columns behind each layer: 28 x 28, 24 x 26, 12 x 13, ... Then do the same for "
        "20 x 14. The layer that is blamed is the last of a chain.",
        "Each convolution takes 4 rows and 2 columns off, and each pooling half. Padding can give back what a "
        "convolution takes: how many rows and columns on each side, for a kernel of 5 x 3?",
        "padding=(2, 1) in each of the three convolutions.",
    )

    def cases(self, seed):
        rng = random_numbers(seed, self.id)
        found = []
        for classes, (H, W) in ((10, (28, 28)), (int(rng.integers(3, 9)), (20, 14))):
            shape = (int(rng.integers(2, 5)), 1, H, W)
            count = 4 * 15 + 4 + 8 * 4 * 15 + 8 + 12 * 8 * 15 + 12 + classes * 13
            looks = gives(shape, (shape[0], classes)), learns(shape, count, ", as before"), _dark(shape)
            found += looked_at({"classes": classes}, f"SmallNet({classes})", *looks, example=H == W)
        return found


def _dark(shape):
    """How many convolutions have a window on padding alone: with weights over 0 and no bias its sum is 0."""

    def look(torch, network):
        dark = set()

        def listen(layer, given, output):
            if bool((output == 0).any()):
                dark.add(layer)

        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(parameter.abs() + 0.1 if parameter.dim() > 1 else torch.zeros_like(parameter))
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.register_forward_hook(listen)
        answer(torch, network, torch.rand(shape) + 0.5)
        return [len(dark)]

    def says(came):
        return (
            f"for an input of shape {shape} {int(came[0])} of your convolutions have windows that lie on padding "
            "alone; expected none."
        )

    return Look(look, (0,), says)
