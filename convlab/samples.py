"""What the course looks at: pictures, digits, kernels with names or by formula. Files are read when they are asked for.

A picture is channels first, (C, H, W), as ``nn.Conv2d`` wants it; photographs are bytes 0 to 255, as files hold them.
"""

from dataclasses import dataclass
from io import BytesIO
from numbers import Real
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from .refusals import came, one_sentence
from .shapes import ArgumentError, ShapeError, pair, whole

DATA = Path(__file__).parent / "data"
PICTURES = ("astronaut", "bricks", "camera", "cat", "coffee", "rocket")
LONGEST = 256
MOST_ORIENTATIONS = 1000

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

    Example:
        >>> NamedKernel("mean of three", ((1, 1, 1),), "A blur along the rows.", divisor=4).weight
        array([[0.25, 0.25, 0.25]], dtype=float32)
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


@one_sentence
def kernel(name):
    """The named kernel.

    Args:
        name: one of ``KERNELS``, in any case of letters.

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
        raise ArgumentError(f"There is no kernel {came(name)}; choose one of {', '.join(KERNELS)}.")
    return KERNELS[title]


@one_sentence
def gabor(kernel_size, *, wavelength, theta, sigma, gamma=0.5, psi=0.0, zero_mean=False):
    """A Gabor kernel (kH, kW), float64: a wave under a bell, turned; it answers to stripes of its width and direction.

    At x columns to the right of and y rows below the middle it is
    ``exp(-(x'² + gamma²·y'²) / (2·sigma²)) · cos(2·pi·x' / wavelength + psi)`` with
    ``x' = x·cos(theta) + y·sin(theta)`` (along the wave) and ``y' = -x·sin(theta) + y·cos(theta)`` (along the stripes).

    Args:
        kernel_size: rows and columns, one whole number or a pair; an even length has its middle between two taps.
        wavelength: from stripe to stripe, in pixels.
        theta: direction of the wave in radians: 0 runs to the right (upright stripes), pi / 2 downwards.
        sigma: standard deviation of the bell along the wave, in pixels.
        gamma: how much faster the bell falls along the stripes: 1 is round, 0.5 twice as long.
        psi: phase of the wave in radians: 0 is even (a light line), pi / 2 odd (an edge, light on the left at theta 0).
        zero_mean: subtract the mean of all taps, so that flat areas give 0; an odd kernel has that by itself.

    Raises:
        ShapeError: a kernel size that is no whole number or pair from 1; a length that is not positive.
        ArgumentError: something that is no number.

    Example:
        >>> gabor(3, wavelength=4, theta=0, sigma=1, psi=np.pi / 2).round(2)
        array([[ 0.54,  0.  , -0.54],
               [ 0.61,  0.  , -0.61],
               [ 0.54,  0.  , -0.54]])

    Source:
        J. G. Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized by
        two-dimensional visual cortical filters", Journal of the Optical Society of America A 2(7), 1985.
    """
    kH, kW = _kernel_lengths(kernel_size)
    numbers = {"wavelength": wavelength, "sigma": sigma, "gamma": gamma, "theta": theta, "psi": psi}
    for name, value in numbers.items():
        _check_number(name, value, positive=name not in ("theta", "psi"))
    y, x = np.mgrid[:kH, :kW].astype(np.float64)
    y, x = y - (kH - 1) / 2, x - (kW - 1) / 2
    along = x * np.cos(theta) + y * np.sin(theta)
    across = y * np.cos(theta) - x * np.sin(theta)
    bell = np.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma**2))
    taps = bell * np.cos(2 * np.pi * along / wavelength + psi)
    return taps - taps.mean() if zero_mean else taps


@one_sentence
def gabor_bank(kernel_size, orientations, **rest):
    """Gabor kernels (orientations, kH, kW) whose waves turn by equal steps through half a turn.

    Kernel i has ``theta = i·pi / orientations``: half a turn further, an even kernel is itself again.

    Args:
        kernel_size: as for ``gabor``.
        orientations: how many, from 1 to 1,000.
        rest: ``wavelength``, ``sigma``, ``gamma``, ``psi``, ``zero_mean`` as for ``gabor``.

    Raises:
        ShapeError: orientations that are no whole number from 1 to 1,000; else as ``gabor``.

    Example:
        >>> gabor_bank((5, 7), 4, wavelength=4, sigma=2).shape
        (4, 5, 7)
    """
    count = whole(orientations, "orientations")
    if not 1 <= count <= MOST_ORIENTATIONS:
        raise ShapeError(f"orientations must be from 1 to {MOST_ORIENTATIONS}; got {count}: write orientations=8.")
    if "theta" in rest:
        raise ArgumentError("gabor_bank chooses theta itself, i·pi / orientations for kernel i: leave theta out.")
    return np.stack([gabor(kernel_size, theta=i * np.pi / count, **rest) for i in range(count)])


def _kernel_lengths(kernel_size):
    """(kH, kW), both 1 or more."""
    lengths = pair(kernel_size, "kernel_size")
    if min(lengths) < 1:
        raise ShapeError(f"kernel_size must be 1 or more in both directions; got {came(kernel_size)}: write 7.")
    return lengths


def _check_number(name, value, positive):
    """Raises what is wrong with a real number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ArgumentError(f"{name} must be a number; got {came(value)}: write {name}={2 if positive else 0}.0.")
    if not np.isfinite(value) or (positive and value <= 0):
        wanted = "a positive number" if positive else "a finite number"
        raise ShapeError(f"{name} must be {wanted}; got {came(value)}: write {name}={2 if positive else 0}.0.")


@one_sentence
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
    """Path of a bundled photograph's PNG file.

    Args:
        name: one of ``PICTURES``.

    Raises:
        ArgumentError: there is none of that name.

    Example:
        >>> picture_file("cat").name
        'cat.png'
    """
    if name not in PICTURES:
        raise ArgumentError(f"There is no picture {came(name)}; choose one of {', '.join(PICTURES)}.")
    return DATA / f"{name}.png"


@one_sentence
def own_picture(source):
    """Your own image file as bytes (3, H, W), or (1, H, W) when it is grey, its longer side at most 256.

    What shines through is put on white; larger pictures are made smaller, their proportions kept.

    Args:
        source: a path, or the content of an image file as bytes.

    Raises:
        ArgumentError: the file cannot be read, or is no image.

    Example:
        >>> own_picture(picture_file("cat")).shape
        (3, 256, 256)
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
        raise ArgumentError(f"There is no picture file {name.removeprefix('the file ')}: check the path.") from None
    except Exception as error:  # the many readers of pillow raise many kinds, and each means: no picture
        reason = "is too large" if isinstance(error, Image.DecompressionBombError) else "is not an image"
        raise ArgumentError(
            f"Cannot show {name} as a picture: it {reason}; give a PNG, JPEG, GIF or WebP file."
        ) from None
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


@one_sentence
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
        raise ArgumentError(f"split must be 'train' or 'test'; got {came(split)}: write digits('test').")
    with np.load(DATA / "digits.npz") as stored:
        return stored[f"{split}_images"], stored[f"{split}_labels"]


@one_sentence
def coloured_digits(split="train", seed=0):
    """The digits in colour: images (N, 3, 28, 28) as bytes, labels (N,); the colours say nothing about the digit.

    Each is painted in a drawn colour on a drawn, darker one. Darker as a whole: in one of the three channels alone a
    digit may be faint, or darker than what is behind it, so that no channel does for all of them.

    Args:
        split: ``"train"`` (4,000) or ``"test"`` (1,000).
        seed: a whole number from 0; the same seed paints the same colours.

    Raises:
        ArgumentError: another split; a seed that is no whole number from 0.

    Example:
        >>> images, labels = coloured_digits("test")
        >>> images.shape, images.dtype, labels.shape
        ((1000, 3, 28, 28), dtype('uint8'), (1000,))
    """
    grey, labels = digits(split)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ArgumentError(f"seed must be a whole number from 0; got {came(seed)}: write seed=0.")
    ink, paper = _drawn_colours(len(grey), np.random.default_rng([seed, split == "test"]))
    pictures = np.empty((len(grey), 3, *grey.shape[1:]), np.uint8)
    for at in range(0, len(grey), 250):  # in parts: what all of them need on the way would stay in the kernel's memory
        some = slice(at, at + 250)
        part = grey[some, None].astype(np.uint16)
        mixed = part * ink[some, :, None, None] + (255 - part) * paper[some, :, None, None]  # at most 255²: 16 bits
        pictures[some] = (mixed + 127) // 255
    return pictures, labels


def _drawn_colours(count, generator):
    """Two colours for each picture, (2, count, 3) uint16: the first is brighter by a third of the way to white."""
    pairs = generator.integers(0, 256, (2, count, 3))
    while (near := np.array([30, 59, 11]) @ (pairs[0] - pairs[1]).T < 85 * 100).any():
        pairs[:, near] = generator.integers(0, 256, (2, near.sum(), 3))
    return pairs.astype(np.uint16)
