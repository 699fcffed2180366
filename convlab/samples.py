"""What the course looks at: pictures, digits and kernels with names. Files are read when they are asked for.

A picture is channels first, (C, H, W), as ``nn.Conv2d`` wants it; photographs are bytes 0 to 255, as files hold them.
"""

from dataclasses import dataclass
from io import BytesIO
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from .shapes import ArgumentError

DATA = Path(__file__).parent / "data"
PICTURES = ("astronaut", "bricks", "camera", "cat", "coffee", "rocket")
LONGEST = 256

# An R (no symmetry in it) and one lone pixel, which a kernel turns into its own picture, rotated by half a turn.
_PAINTED = """
................
.######.........
.##...##........
.##...##........
.##...##.....#..
.######.........
.##.##..........
.##..##.........
.##...##........
.##....##.......
................
................
"""


@dataclass(frozen=True)
class NamedKernel:
    """A kernel that people know by name.

    Args:
        name: what it is called.
        rows: its numbers, row by row, before they are divided.
        meaning: one sentence: what its output says, sign included.
        divisor: what all of its numbers are divided by.
        bias: what is added to each output.
    """

    name: str
    rows: tuple[tuple[int, ...], ...]
    meaning: str
    divisor: int = 1
    bias: float = 0.0

    @property
    def weight(self):
        """The numbers as a float32 array (kH, kW), a new one each time."""
        return (np.array(self.rows, np.float64) / self.divisor).astype(np.float32)


KERNELS = {
    named.name: named
    for named in (
        NamedKernel("identity", ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
                    "Copies the pixel in the middle of the window: the output is the input, less its rim."),
        NamedKernel("shift", ((1, 0, 0, 0, 0),),
                    "Copies the pixel two places to the left of the middle: the picture moves two to the right."),
        NamedKernel("box blur", ((1, 1, 1), (1, 1, 1), (1, 1, 1)),
                    "The mean of nine pixels: detail melts, flat areas keep their value.", divisor=9),
        NamedKernel("Gaussian blur", ((1, 4, 6, 4, 1), (4, 16, 24, 16, 4), (6, 24, 36, 24, 6), (4, 16, 24, 16, 4),
                                      (1, 4, 6, 4, 1)),
                    "A mean in which near pixels count more: a blur without corners; flat areas keep their value.",
                    divisor=256),
        NamedKernel("sharpen", ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
                    "The pixel plus its difference from its four neighbours: edges overshoot on both sides, flat areas "
                    "keep their value."),
        NamedKernel("vertical edges", ((1, 0, -1), (1, 0, -1), (1, 0, -1)),
                    "Left minus right: positive where the left is brighter, negative where the right is, 0 where both "
                    "are equal."),
        NamedKernel("horizontal edges", ((1, 1, 1), (0, 0, 0), (-1, -1, -1)),
                    "Above minus below: positive where it is brighter above, negative where it is brighter below, "
                    "0 where both are equal."),
        NamedKernel("Sobel x", ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
                    "Right minus left, the middle row counted twice: positive where it grows brighter to the right."),
        NamedKernel("Sobel y", ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
                    "Below minus above, the middle column counted twice: positive where it grows brighter downwards."),
        NamedKernel("Laplacian", ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
                    "Four neighbours minus four times the pixel: positive where the pixel is darker than they are on "
                    "average, 0 on flat areas and even slopes."),
        NamedKernel("outline", ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
                    "Eight times the pixel minus its eight neighbours: positive where it is brighter than they are on "
                    "average, 0 on flat areas."),
        NamedKernel("emboss", ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
                    "The pixel plus lower right minus upper left: edges rise or sink like a relief, flat areas keep "
                    "their value."),
    )
}  # fmt: skip


def kernel(name):
    """The named kernel.

    Raises:
        ArgumentError: there is none of that name.

    Example:
        >>> kernel("Sobel x").weight
        array([[-1.,  0.,  1.],
               [-2.,  0.,  2.],
               [-1.,  0.,  1.]], dtype=float32)
    """
    known = {title.lower(): title for title in KERNELS}
    title = known.get(name.strip().lower()) if isinstance(name, str) else None
    if title is None:
        raise ArgumentError(f"There is no kernel {name!r}; choose one of {', '.join(KERNELS)}.")
    return KERNELS[title]


def picture(name):
    """A bundled photograph as bytes, (3, 256, 256) in colour or (1, 256, 256) in grey.

    Args:
        name: one of ``PICTURES``.

    Raises:
        ArgumentError: there is none of that name.

    Example:
        >>> picture("cat").shape, picture("camera").shape, picture("camera").dtype
        ((3, 256, 256), (1, 256, 256), dtype('uint8'))
    """
    return own_picture(picture_file(name))


def picture_file(name):
    """Path of a bundled photograph's PNG file."""
    if name not in PICTURES:
        raise ArgumentError(f"There is no picture {name!r}; choose one of {', '.join(PICTURES)}.")
    return DATA / f"{name}.png"


def own_picture(source):
    """Your own image file as bytes (3, H, W), or (1, H, W) when it is grey, its longer side at most 256.

    What shines through is put on white; larger pictures are made smaller, their proportions kept.

    Args:
        source: a path, or the content of an image file as bytes.

    Raises:
        ArgumentError: the file cannot be read, or is no image.
    """
    from PIL import Image, ImageOps

    if isinstance(source, (bytes, bytearray, memoryview)):
        name, content = "these bytes", BytesIO(bytes(source))
    elif isinstance(source, (str, PathLike)):
        name, content = f"the file {fspath(source)!r}", fspath(source)
    else:
        raise ArgumentError(f"A picture is a path or the bytes of an image file; got {type(source).__name__}.")
    try:
        with Image.open(content) as opened:
            if max(opened.size) > LONGEST:
                opened.draft("RGB", (LONGEST, LONGEST))  # a large JPEG is decoded small at once
            image = ImageOps.exif_transpose(opened)
            image = _flat(image)
    except FileNotFoundError:
        raise ArgumentError(f"There is no file {name.removeprefix('the file ')}: check the path.") from None
    except Exception as error:  # the many readers of pillow raise many kinds, and each means: no picture
        reason = "is too large" if isinstance(error, Image.DecompressionBombError) else "is not an image"
        raise ArgumentError(f"Cannot show {name}: it {reason}; give a PNG, JPEG, GIF or WebP file.") from None
    if max(image.size) > LONGEST:
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    array = np.asarray(image)
    return array[None].copy() if array.ndim == 2 else np.ascontiguousarray(array.transpose(2, 0, 1))


def _flat(image):
    """Grey or RGB, nothing transparent."""
    from PIL import Image

    if image.mode in ("1", "L"):
        return image.convert("L")
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, np.float64)
        low, high = values.min(), values.max()
        return Image.fromarray(((values - low) * (255 / (high - low or 1))).round().astype(np.uint8))
    rgba = image.convert("RGBA")
    flat = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return flat.convert("L") if image.mode == "LA" else flat


def painted():
    """A small painted picture of zeros and ones, float32 (1, 12, 16): flips and transpositions are seen in it.

    Example:
        >>> painted().shape, sorted(set(painted().ravel().tolist()))
        ((1, 12, 16), [0.0, 1.0])
    """
    rows = [[mark == "#" for mark in line] for line in _PAINTED.split()]
    return np.array(rows, np.float32)[None]


def digits(split="train"):
    """Handwritten digits and what they say: images (N, 28, 28) as bytes, labels (N,).

    Args:
        split: ``"train"`` (4,000) or ``"test"`` (1,000).

    Raises:
        ArgumentError: another split.

    Example:
        >>> images, labels = digits("test")
        >>> images.shape, labels.shape
        ((1000, 28, 28), (1000,))
    """
    if split not in ("train", "test"):
        raise ArgumentError(f"split must be 'train' or 'test'; got {split!r}.")
    with np.load(DATA / "digits.npz") as stored:
        return stored[f"{split}_images"], stored[f"{split}_labels"]
