"""06.gabor_bank: a bank of Gabor kernels, by its formula."""

import math
from types import MappingProxyType

import numpy as np

from ...samples import gabor_bank as true_bank
from ..conv_by_hand import side_by_side
from ..sentences import number
from ..task import Case, Exercise, Slip, random_numbers


def gabor_bank(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    """Gabor kernels turned through half a turn, each with its mean taken away, as a weight for one input channel.

    Shape:
        (orientations, 1, kH, kW)

    Example:
        >>> gabor_bank((3, 5), 4, wavelength=4.0, sigma=2.0).shape
        torch.Size([4, 1, 3, 5])
    """
    import torch

    kH, kW = kernel_size
    y = torch.arange(kH, dtype=torch.float64).reshape(-1, 1) - (kH - 1) / 2
    x = torch.arange(kW, dtype=torch.float64) - (kW - 1) / 2
    bank = torch.zeros(orientations, 1, kH, kW, dtype=torch.float64)
    for i in range(orientations):
        theta = i * math.pi / orientations
        along = x * math.cos(theta) + y * math.sin(theta)
        across = y * math.cos(theta) - x * math.sin(theta)
        envelope = torch.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma**2))
        kernel = envelope * torch.cos(2 * math.pi * along / wavelength)
        bank[i, 0] = kernel - kernel.mean()
    return bank


def _middle(length):
    return np.arange(length) - (length - 1) / 2


def program(
    angles=lambda i, n: i * math.pi / n,
    axes=lambda x, y, theta: (
        x * math.cos(theta) + y * math.sin(theta),
        y * math.cos(theta) - x * math.sin(theta),
    ),
    envelope=lambda along, across, sigma, gamma: np.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma**2)),
    wave=lambda along, wavelength: np.cos(2 * math.pi * along / wavelength),
    end=lambda kernel: kernel - kernel.mean(),
    offsets=_middle,
):
    """A bank that is right but for what is said here."""

    def made(kernel_size, orientations, wavelength, sigma, gamma=0.5):
        kH, kW = kernel_size
        y, x = offsets(kH).reshape(-1, 1), offsets(kW).reshape(1, -1)
        kernels = []
        for i in range(orientations):
            along, across = axes(x, y, angles(i, orientations))
            kernel = envelope(along, across, sigma, gamma) * wave(along, wavelength) + 0.0 * (x + y)
            kernels.append(end(kernel))
        return np.array(kernels)[:, None]

    return made


def _exchanged(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    return program()(tuple(kernel_size)[::-1], orientations, wavelength, sigma, gamma)


def _transposed(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    """x taken for the row and y for the column."""
    return _exchanged(kernel_size, orientations, wavelength, sigma, gamma).swapaxes(2, 3)


SLIPS = (
    Slip(
        ("M163",),
        "no envelope",
        program(envelope=lambda along, across, sigma, gamma: 1.0),
        "Your kernels are waves without an envelope: they end at the rim as if cut off. Multiply by the Gaussian, "
        "exp(-(along**2 + (gamma * across)**2) / (2 * sigma**2)).",
    ),
    Slip(
        (),
        "no wave",
        program(wave=lambda along, wavelength: 1.0),
        "Your kernels are Gaussians without a wave: blurs. Multiply by cos(2 * pi * along / wavelength).",
    ),
    Slip(
        ("M164",),
        "a full turn",
        program(angles=lambda i, n: 2 * i * math.pi / n),
        "Your angles go through a full turn, so kernels repeat after half of it. n orientations lie pi / n apart.",
    ),
    Slip(
        ("M164",),
        "half a turn, end included",
        program(angles=lambda i, n: i * math.pi / (n - 1)),
        "Your angles run from 0 to pi, both included, and at pi the first kernel comes again. n orientations lie "
        "pi / n apart: i * pi / orientations.",
    ),
    Slip(
        (),
        "one orientation for all",
        program(angles=lambda i, n: 0.0),
        "All your kernels are the same: theta does not grow with i.",
    ),
    Slip(
        (),
        "degrees for radians",
        program(angles=lambda i, n: 180.0 * i / n),
        "Your angles are in degrees, and cos and sin want radians: i * pi / orientations.",
    ),
    Slip(
        (),
        "the mean left in",
        program(end=lambda kernel: kernel),
        "The kernels are right but for their mean: a flat area would not give 0. Take it away, kernel - kernel.mean().",
    ),
    Slip(
        (),
        "turned the other way",
        program(
            axes=lambda x, y, theta: (
                x * math.cos(theta) - y * math.sin(theta),
                y * math.cos(theta) + x * math.sin(theta),
            )
        ),
        "Your kernels turn the other way: a sign is exchanged. along = x * cos(theta) + y * sin(theta), with y growing "
        "downwards.",
    ),
    Slip(
        ("M63",),
        "along and across exchanged",
        program(
            axes=lambda x, y, theta: (
                y * math.cos(theta) - x * math.sin(theta),
                x * math.cos(theta) + y * math.sin(theta),
            )
        ),
        "Your waves run the wrong way: along and across are exchanged. At theta 0 the wave runs to the right, so the "
        "stripes stand upright.",
    ),
    Slip(
        ("M102",),
        "rows for x",
        _transposed,
        "x and y are exchanged: x counts the columns, to the right, and y the rows, downwards.",
    ),
    Slip(
        ("M21",),
        "kernel size as (width, height)",
        _exchanged,
        "Your kernels have kW rows and kH columns. kernel_size is (kH, kW): rows first.",
    ),
    Slip(
        (),
        "the middle in a corner",
        program(offsets=lambda length: np.arange(length, dtype=float)),
        "Your kernels have their middle in the corner: x and y begin at 0. Take (kH - 1) / 2 from the rows and "
        "(kW - 1) / 2 from the columns.",
    ),
    Slip(
        (),
        "a sine",
        program(wave=lambda along, wavelength: np.sin(2 * math.pi * along / wavelength)),
        "Your wave is a sine, which is 0 in the middle. The task wants the cosine.",
    ),
    Slip(
        (),
        "without 2 pi",
        program(wave=lambda along, wavelength: np.cos(along / wavelength)),
        "Your wave is too long: one wavelength is a whole turn, so cos(2 * pi * along / wavelength).",
        (program(wave=lambda along, wavelength: np.cos(math.pi * along / wavelength)),),
    ),
    Slip(
        (),
        "a round envelope",
        program(envelope=lambda along, across, sigma, gamma: np.exp(-(along**2 + across**2) / (2 * sigma**2))),
        "Your envelope is round: gamma is left out. It is (gamma * across)**2 that is added to along**2.",
    ),
    Slip(
        (),
        "gamma not squared",
        program(envelope=lambda along, across, sigma, gamma: np.exp(-(along**2 + gamma * across**2) / (2 * sigma**2))),
        "gamma belongs inside the square: (gamma * across)**2, which is gamma**2 * across**2.",
    ),
    Slip(
        (),
        "sigma not squared",
        program(envelope=lambda along, across, sigma, gamma: np.exp(-(along**2 + (gamma * across) ** 2) / (2 * sigma))),
        "sigma is squared in the envelope: divide by 2 * sigma**2.",
    ),
    Slip(
        ("M105",),
        "no minus signs",
        program(end=lambda kernel: abs(kernel) - abs(kernel).mean()),
        "Your kernels lost their minus signs before the mean was taken away. Light against dark takes both.",
        (program(end=abs),),
    ),
)

EXAMPLE = {"kernel_size": (3, 5), "orientations": 2, "wavelength": 4.0, "sigma": 2.0}


def _of(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    """The bank as it should be, (orientations, kH, kW)."""
    return true_bank(kernel_size, orientations, wavelength=wavelength, sigma=sigma, gamma=gamma, zero_mean=True)


def _example():
    kernels = {f"gabor_bank[{i}, 0]": kernel.round(2) + 0.0 for i, kernel in enumerate(_of(**EXAMPLE))}
    return side_by_side(**kernels)


class GaborBank(Exercise):
    """A bank of Gabor kernels."""

    id, lesson, title = "06.gabor_bank", "06", "A Gabor bank"
    level, minutes, revision = "hard", 12, 1
    prompt = f"""\
Write `gabor_bank(kernel_size, orientations, wavelength, sigma, gamma=0.5)`: a bank of Gabor kernels, ready to be the \
weight of a layer with one input channel, of shape (orientations, 1, kH, kW).

x counts the columns to the right of the kernel's middle, y the rows below it: the middle of 3 rows is row 1. Kernel i \
is turned by theta = i * pi / orientations, in radians:

    along  = x * cos(theta) + y * sin(theta)
    across = y * cos(theta) - x * sin(theta)
    kernel = exp(-(along**2 + (gamma * across)**2) / (2 * sigma**2)) * cos(2 * pi * along / wavelength)

Take its mean away from each kernel, so that a flat area gives 0. For example, kernel_size {EXAMPLE["kernel_size"]}, \
{EXAMPLE["orientations"]} orientations, wavelength {EXAMPLE["wavelength"]:.0f}, sigma {EXAMPLE["sigma"]:.0f} (rounded):

{_example()}"""
    stub = """\
import math

import torch


def gabor_bank(kernel_size, orientations, wavelength, sigma, gamma=0.5):
    kH, kW = kernel_size
    ...
"""
    optional = MappingProxyType({"gamma": 0.5})
    arguments = ("kernel_size", "orientations", "wavelength", "sigma", "gamma")
    meaning = MappingProxyType({"gamma": "which says how long the envelope is across the wave"})
    reference = staticmethod(gabor_bank)
    slips = SLIPS
    returns = compared = "bank"
    right = "Right: a true Gabor bank, ready to be a layer's weight."
    hints = (
        "First the coordinates: torch.arange(kW) - (kW - 1) / 2 for the columns, and the same for the rows as an "
        "upright vector, .reshape(-1, 1). Then all cells of a kernel are computed at once.",
        "For each i: theta, then along and across, each of shape (kH, kW); the envelope with torch.exp; the wave with "
        "torch.cos; their product. math.cos and math.sin are enough for theta, one number.",
        "y = torch.arange(kH).reshape(-1, 1) - (kH - 1) / 2; x = torch.arange(kW) - (kW - 1) / 2; kernel = "
        "torch.exp(-(along**2 + (gamma * across)**2) / (2 * sigma**2)) * torch.cos(2 * math.pi * along / wavelength); "
        "bank[i, 0] = kernel - kernel.mean().",
    )
    errors = (
        (
            "ValueError: only one element tensors can be converted to Python scalars",
            "math.exp and math.cos take one number.",
            "For a whole grid of numbers write torch.exp and torch.cos.",
        ),
        (
            "TypeError: only integer tensors of a single element can be converted to an index",
            "A whole tensor stands where one number is due.",
            "For a whole grid of numbers write torch.exp and torch.cos.",
        ),
        (
            "RuntimeError: The size of tensor a (5) must match the size of tensor b (3) at non-singleton dimension 0",
            "Rows and columns are both flat, so they cannot be laid crosswise.",
            "Stand the rows upright: y = y.reshape(-1, 1); then x + y has the shape (kH, kW).",
        ),
        (
            "TypeError: exp(): argument 'input' (position 1) must be Tensor, not float",
            "torch.exp and torch.cos take tensors.",
            "For a single number such as theta write math.cos(theta).",
        ),
        (
            "TypeError: cos(): argument 'input' (position 1) must be Tensor, not float",
            "torch.exp and torch.cos take tensors.",
            "For a single number such as theta write math.cos(theta).",
        ),
        (
            "TypeError: arange(): argument 'end' (position 1) must be Number, not tuple",
            "kernel_size is a pair.",
            "Take it apart: kH, kW = kernel_size, and torch.arange(kH).",
        ),
        (
            "IndexError: index 2 is out of bounds for dimension 0 with size 2",
            "The bank has a place for each orientation, 0 to orientations - 1.",
            "for i in range(orientations): bank[i, 0] = ...",
        ),
    )

    def cases(self, seed):
        """Five banks: few orientations and many, flat and upright kernels, with gamma and without."""
        rng = random_numbers(seed, self.id)
        wave, sigma = (float(it) for it in rng.choice([3.5, 4.5, 5.5, 6.0], 2, replace=False))
        return [
            _case(EXAMPLE, example=True),
            _case({"kernel_size": (5, 3), "orientations": 3, "wavelength": 3.0, "sigma": 1.5}),
            _case({"kernel_size": (5, 7), "orientations": 4, "wavelength": wave, "sigma": 2.5, "gamma": 1.0}),
            _case({"kernel_size": (9, 7), "orientations": 5, "wavelength": 5.0, "sigma": sigma, "gamma": 0.3}),
            _case({"kernel_size": (7, 9), "orientations": int(rng.integers(6, 9)), "wavelength": wave, "sigma": 3.0}),
        ]

    def expected(self, case):
        bank = _of(**case.arguments)
        return bank.reshape(-1, bank.shape[-1])

    def result_shape(self, case):
        return case.arguments["orientations"], 1, *case.arguments["kernel_size"]

    def value(self, case, result):
        """All kernels one above the other, so that they can be laid beside the expected ones."""
        return result.reshape(-1, result.shape[-1])

    def restricted(self, case, names):
        return _case(super().restricted(case, names).arguments, case.example)

    def why_shape(self, case):
        n, (kH, kW) = case.arguments["orientations"], case.arguments["kernel_size"]
        return f": {n} filters, one input channel, {kH} rows and {kW} columns"

    def derive(self, case, place):
        i, u = divmod(place[0], case.arguments["kernel_size"][0])
        return f", which is bank[{i}, 0, {u}, {place[1]}]"


def _case(arguments, example=False):
    kH, kW = arguments["kernel_size"]
    n, wave, sigma = (number(arguments[name]) for name in ("orientations", "wavelength", "sigma"))
    gamma = f", gamma {number(arguments['gamma'])}" if "gamma" in arguments else ""
    return Case(dict(arguments), {}, f"{n} kernels of {kH} x {kW}, wavelength {wave}, sigma {sigma}{gamma}", example)
