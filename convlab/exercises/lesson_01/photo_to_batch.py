"""01.to_nchw: a photograph as a file holds it becomes a batch as nn.Conv2d wants it."""

from functools import wraps

import numpy as np

from ..task import Case, Exercise, Slip, random_numbers
from . import batch_words


def to_nchw(picture):
    """The picture as a batch of one, numbers from 0 to 1.

    Shape:
        picture (H, W, 3) or grey (H, W), bytes -> (1, 3, H, W) or (1, 1, H, W), float32

    Example:
        >>> import torch
        >>> to_nchw(torch.tensor([[0, 51, 255]], dtype=torch.uint8)).shape
        torch.Size([1, 1, 1, 3])
    """
    if picture.ndim == 2:
        picture = picture[:, :, None]  # grey: one channel, last as in a file
    planes = picture.permute(2, 0, 1)
    return planes.float().unsqueeze(0) / 255


def _in_colour(picture):
    """The picture as an array (H, W, C), grey with its one channel."""
    picture = np.asarray(picture)
    return picture[:, :, None] if picture.ndim == 2 else picture


def _program(change):
    """A program that makes the batch by change(the picture (H, W, C), its numbers divided by 255)."""

    def to_nchw(picture):
        return change(_in_colour(picture) / 255)

    return to_nchw


def _on_planes(change):
    """A program that makes the batch rightly up to (C, H, W), and goes on with change(planes)."""
    return _program(lambda picture: change(picture.transpose(2, 0, 1)))


def _with_numbers(change):
    """A program whose axes are right, and whose numbers are change(bytes)."""

    def to_nchw(picture):
        return change(_in_colour(picture).transpose(2, 0, 1)[None])

    return to_nchw


def _grey_alone(change):
    """A program that is right in colour, and makes of a grey picture change(rows)."""

    def to_nchw(picture):
        picture = np.asarray(picture) / 255
        return change(picture) if picture.ndim == 2 else picture.transpose(2, 0, 1)[None]

    return to_nchw


def _colour_only(picture):
    """A program that knows no grey pictures: permute refuses the two axes."""
    import torch

    return torch.as_tensor(np.asarray(picture)).permute(2, 0, 1)[None] / 255


def _unpacks_three(picture):
    """The same, by taking the shape apart."""
    _, _, _ = picture.shape
    return _colour_only(picture)


SLIPS = (
    Slip(
        ("M52",),
        "reshape in place of permute",
        _program(lambda picture: picture.reshape(1, picture.shape[2], *picture.shape[:2])),
        "The shape is right and the pixels are scrambled: reshape, or view, reads the numbers on in their old order, "
        "red, green, blue, red. permute(2, 0, 1) moves the axis and takes each number along.",
    ),
    Slip(
        ("M130",),
        "not divided",
        _with_numbers(lambda bytes: bytes.astype(float)),
        "Your numbers go up to 255: float() changes the dtype and keeps them. Divide by 255, and they lie between 0 "
        "and 1.",
    ),
    Slip(
        ("M51",),
        "channels last",
        _program(lambda picture: picture[None]),
        "Your channels still stand last, as files and matplotlib have them. nn.Conv2d wants them right behind the "
        "batch: permute(2, 0, 1) first.",
    ),
    Slip(
        ("M112",),
        "where each axis goes",
        _program(lambda picture: picture.transpose(1, 2, 0)[None]),
        "permute(1, 2, 0) puts old axis 1, the columns, first. permute does not say where each axis goes; it lists the "
        "old axes in their new order: 2, the channels, then 0, then 1.",
    ),
    Slip(
        ("M102",),
        "columns before rows",
        _program(lambda picture: picture.transpose(2, 1, 0)[None]),
        "Rows and columns are exchanged: your pictures lie on their side. The order is (N, C, H, W), the height before "
        "the width: permute(2, 0, 1).",
    ),
    Slip(
        ("M55",),
        "three grey pictures",
        _on_planes(lambda planes: planes[:, None]),
        "The axis of size 1 stands behind the channels, so the colours became a batch of grey pictures. The batch "
        "comes first: unsqueeze(0).",
    ),
    Slip(
        (),
        "no batch axis",
        _on_planes(lambda planes: planes),
        "The picture is right, and the batch is missing. nn.Conv2d would take it, but asked for is a batch of one: "
        "unsqueeze(0) puts an axis of size 1 in front.",
    ),
    Slip(
        ("M54",),
        "grey without its channel axis",
        _grey_alone(lambda grey: grey[None]),
        "In colour all is right; a grey picture comes out as (1, H, W), without an axis for its one channel. It needs "
        "both, the batch and the channel: (1, 1, H, W).",
    ),
    Slip(
        ("M53",),
        "grey in three channels",
        _grey_alone(lambda grey: np.stack([grey] * 3)[None]),
        "In colour all is right; a grey picture gets three channels, which hold the same three times. Grey is one "
        "channel: (1, 1, H, W).",
    ),
    Slip(
        (),
        "grey in front and then permuted",
        _grey_alone(lambda grey: grey[None].transpose(2, 0, 1)[None]),
        "In colour all is right; of a grey picture the new axis stood in front, and permute(2, 0, 1) then moved it. "
        "Put the channel last, as a colour picture has it: picture.unsqueeze(-1), or picture[:, :, None].",
    ),
    Slip(
        (),
        "grey forgotten",
        _colour_only,
        "In colour all is right; a grey picture has two axes, (H, W), and permute(2, 0, 1) needs three. Give it a "
        "channel first: picture[:, :, None].",
        (_unpacks_three,),
    ),
    Slip(
        (),
        "whole-number division",
        _with_numbers(lambda bytes: bytes // 255.0),
        "// rounds down, so only 255 becomes 1 and all the rest 0. The division that keeps fractions is /.",
    ),
    Slip(
        (),
        "divided by 256",
        _with_numbers(lambda bytes: bytes / 256),
        "Your numbers are divided by 256. A byte has 256 values, and the largest is 255: divide by 255, so that white "
        "is 1.",
    ),
    Slip(
        (),
        "divided twice",
        _with_numbers(lambda bytes: bytes / 255 / 255),
        "Your numbers are divided by 255 twice: the largest should be 1.",
    ),
)
ERRORS = (
    (
        "RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
        "desired ordering of dimensions i.e. input.dim() = 2 is not equal to len(dims) = 3",
        "permute lists all axes, and the tensor has another number of them: a grey picture has two, (H, W).",
        "Give grey its channel first, `if picture.ndim == 2: picture = picture[:, :, None]`; then permute(2, 0, 1).",
    ),
    (
        "ValueError: not enough values to unpack (expected 3, got 2)",
        "`H, W, C = picture.shape` needs three axes, and a grey picture has two, (H, W).",
        "Give grey its channel first: `if picture.ndim == 2: picture = picture[:, :, None]`.",
    ),
    (
        "IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)",
        "There is no axis 2: a grey picture has the axes 0 and 1 only.",
        "Give grey its channel first: `if picture.ndim == 2: picture = picture[:, :, None]`.",
    ),
    (
        "IndexError: too many indices for tensor of dimension 2",
        "Three indices or slices for two axes: a grey picture is (H, W).",
        "Give grey its channel first: `if picture.ndim == 2: picture = picture[:, :, None]`.",
    ),
    (
        "RuntimeError: result type Float can't be cast to the desired output type Byte",
        "The division was to be written back into the bytes (`/=` or `div_`), and fractions do not fit into them.",
        "Make a new tensor: picture.float() / 255.",
    ),
    (
        "TypeError: transpose() takes 2 positional arguments but 3 were given",
        "A tensor's transpose exchanges two axes; NumPy's takes the order of all.",
        "Write permute(2, 0, 1).",
    ),
    (
        "AttributeError: 'Tensor' object has no attribute 'astype'",
        "astype is NumPy's.",
        "A tensor's dtype is changed by .float().",
    ),
    (
        "AttributeError: 'numpy.ndarray' object has no attribute 'permute'",
        "permute is a tensor's; NumPy calls it transpose.",
        "Stay with the tensor you were given, or write array.transpose(2, 0, 1).",
    ),
    (
        "RuntimeError: shape '[3, 2, 2]' is invalid for input of size 18",
        "reshape has to keep the count of numbers; and it would scramble the pixels even where it fits.",
        "Move the axis with permute(2, 0, 1).",
    ),
    (
        "TypeError: 'int' object is not callable",
        "ndim is a number, not a method.",
        "Write picture.ndim == 2, without brackets; with brackets it is picture.dim().",
    ),
    (
        "TypeError: stack(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor",
        "torch.stack wants a list of tensors.",
        "One picture needs no stack: unsqueeze(0) makes a batch of one.",
    ),
)
EXAMPLE = np.array([[[255, 0, 102], [51, 0, 204]], [[0, 153, 255], [102, 0, 0]], [[204, 255, 51], [0, 0, 153]]])


class ToNchw(Exercise):
    """A photograph as a file holds it becomes a batch as nn.Conv2d wants it."""

    id, lesson, title = "01.to_nchw", "01", "From a file to a layer"
    level, minutes, revision = "medium", 8, 1
    prompt = f"""\
Write `to_nchw(picture)`: a picture as a file holds it becomes a batch of one, as nn.Conv2d wants it.

`picture` is a tensor of bytes (uint8): in colour its shape is (H, W, 3), in grey (H, W). Return a float32 tensor of \
shape (1, 3, H, W), or (1, 1, H, W) for grey, whose numbers go from 0 to 1; every pixel keeps its row and column, and \
`picture` stays as it is. For example, of a picture of 3 x 2:

    picture[0, 1] is {EXAMPLE[0, 1].tolist()}, red, green and blue
    batch[0, :, 0, 1] is {(EXAMPLE[0, 1] / 255).tolist()}

Four calls are enough, and an `if` for grey. The batch has to be a tensor: it goes into a layer."""
    stub = """\
def to_nchw(picture):
    if picture.ndim == 2:
        ...  # a grey picture: give it a channel axis
    ...
"""
    arguments = ("picture",)
    reference = staticmethod(to_nchw)
    slips, errors = SLIPS, ERRORS
    form, returns, compared = "batch", "batch", "batch.flatten(0, 2)"
    stages = batch_words.STAGES
    right = "Right: nn.Conv2d takes your batch, and every pixel is in its place."
    hints = (
        "Four things are to be done: the channels come to the front, the bytes become float32, 255 becomes 1, and an "
        "axis for the batch comes first. Write down the shape after each of them.",
        "permute lists the old axes in their new order: of (H, W, C) that is 2, 0, 1. Then .float(), then / 255, then "
        "unsqueeze(0). A grey picture has no axis 2: give it one first.",
        "Grey first: `if picture.ndim == 2: picture = picture[:, :, None]`. Then return picture.permute(2, 0, 1)"
        ".float().unsqueeze(0) / 255.",
    )

    def cases(self, seed):
        """Nine pictures, from 2 x 3 to 6 x 7, in colour and in grey."""
        rng = random_numbers(seed, self.id)
        shapes = [(2, 3, 3), (3, 2), (3, 4, 3), (4, 3, 3), (2, 5), (5, 4, 3), (4, 6), (6, 7, 3)]
        drawn = [rng.permutation(256)[: np.prod(shape)].reshape(shape) for shape in shapes]
        for picture in drawn:
            picture.flat[picture.argmax()] = 255  # so that the largest is white
        drawn.insert(1, EXAMPLE)
        return [_case(picture.astype(np.uint8), picture is EXAMPLE) for picture in drawn]

    def expected(self, case):
        return self.value(case, _in_colour(case.arguments["picture"]).transpose(2, 0, 1)[None] / 255)

    def result_shape(self, case):
        H, W, C = _in_colour(case.arguments["picture"]).shape
        return 1, C, H, W

    def value(self, case, result):
        """The rows of all channels, one below the other; to a thousandth of a byte, which float32 can hold."""
        return np.round(result.reshape(-1, result.shape[-1]) * 255, 3) / 255

    def derive(self, case, place):
        picture = case.arguments["picture"]
        (c, i), j = divmod(place[0], len(picture)), place[1]
        index = (i, j, c) if picture.ndim == 3 else (i, j)
        byte = picture[index]
        return f", which is batch[0, {c}, {i}, {j}] = picture[{', '.join(map(str, index))}] / 255 = {byte} / 255"

    def _mutant(self, function):
        @wraps(function)
        def solution(picture):
            import torch

            return torch.as_tensor(np.ascontiguousarray(function(picture)), dtype=torch.float32)

        return solution


def _case(picture, example):
    H, W = picture.shape[:2]
    if picture.ndim == 2:
        return Case({"picture": picture}, {"picture": ("input", picture)}, f"a grey picture of {H} x {W}", example)
    planes = {f"picture[:, :, {c}]": ("input", picture[:, :, c]) for c in range(3)}
    return Case({"picture": picture}, planes, f"a picture of {H} x {W} in colour", example)
