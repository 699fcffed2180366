"""A Gabor kernel is the function of its formula: it turns by theta, is even or odd by psi, and falls off as a bell."""

from math import cos, exp, pi, sin

import numpy as np
import pytest

from convlab import samples
from convlab.shapes import ArgumentError, ShapeError

SIZES = [(9, 9), (7, 11), (6, 9), (5, 8)]
REST = {"wavelength": 4.3, "sigma": 2.1, "gamma": 0.6}


def by_the_formula(kH, kW, wavelength, theta, sigma, gamma, psi):
    """The textbook's double loop."""
    rows = []
    for u in range(kH):
        row = []
        for v in range(kW):
            x, y = v - (kW - 1) / 2, u - (kH - 1) / 2
            along, across = x * cos(theta) + y * sin(theta), -x * sin(theta) + y * cos(theta)
            bell = exp(-(along * along + gamma * gamma * across * across) / (2 * sigma * sigma))
            row.append(bell * cos(2 * pi * along / wavelength + psi))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theta, psi", [(0, 0), (0.7, 0.3), (pi / 2, 2.0), (2.4, -1.1)])
def test_every_tap_is_what_the_formula_says_in_rectangular_kernels_too(size, theta, psi):
    kernel = samples.gabor(size, theta=theta, psi=psi, **REST)
    assert kernel.shape == size and kernel.dtype == np.float64
    assert np.allclose(kernel, by_the_formula(*size, theta=theta, psi=psi, **REST), atol=1e-14)


@pytest.mark.parametrize("psi", [0, 0.4, pi / 2])
def test_a_quarter_turn_of_theta_is_a_quarter_turn_of_the_kernel(psi):
    upright = samples.gabor((7, 11), theta=0.3, psi=psi, **REST)
    turned = samples.gabor((11, 7), theta=0.3 + pi / 2, psi=psi, **REST)
    assert np.allclose(turned, np.rot90(upright, -1), atol=1e-14)  # y points down: theta grows clockwise


def test_half_a_turn_of_theta_mirrors_the_phase():
    one, other = (samples.gabor((7, 9), theta=theta, psi=psi, **REST) for theta, psi in [(0.4, 0.8), (0.4 + pi, -0.8)])
    assert np.allclose(one, other, atol=1e-14)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theta", [0, 0.9, pi / 2])
def test_psi_0_is_even_and_psi_a_quarter_turn_is_odd_with_sum_0(size, theta):
    even, odd = (samples.gabor(size, theta=theta, psi=psi, **REST) for psi in (0, pi / 2))
    assert np.allclose(even, even[::-1, ::-1], atol=1e-14)
    assert np.allclose(odd, -odd[::-1, ::-1], atol=1e-14) and abs(odd).max() > 0.3
    assert odd.sum() == pytest.approx(0, abs=1e-12) and abs(even.sum()) > 1e-3


@pytest.mark.parametrize("size", SIZES)
def test_without_its_mean_an_even_kernel_gives_0_on_flat_areas_and_an_odd_one_stays(size):
    for psi in (0, pi / 2):
        raw, bare = (samples.gabor(size, theta=0.9, psi=psi, zero_mean=on, **REST) for on in (False, True))
        assert bare.sum() == pytest.approx(0, abs=1e-12)
        assert np.allclose(raw - bare, raw.mean(), atol=1e-14)


def test_it_answers_most_to_stripes_of_its_direction_and_wavelength():
    y, x = np.mgrid[:15, :15] - 7.0
    kernel = samples.gabor(15, wavelength=5, theta=0.6, sigma=3, zero_mean=True)
    answers = {
        (theta, wavelength): (kernel * np.cos(2 * pi * (x * cos(theta) + y * sin(theta)) / wavelength)).sum()
        for theta in np.arange(0.0, pi, 0.2)
        for wavelength in (3, 5, 8)
    }
    theta, wavelength = max(answers, key=answers.get)
    assert (round(theta, 1), wavelength) == (0.6, 5)


def test_the_odd_kernel_is_positive_where_its_docstring_says_it_is_light():
    kernel = samples.gabor((5, 7), theta=0, psi=pi / 2, wavelength=7, sigma=2)
    assert (kernel[:, :3] > 0).all() and (kernel[:, 4:] < 0).all()


@pytest.mark.parametrize("count", [1, 5, 16])
def test_a_bank_turns_by_equal_steps_through_half_a_turn_and_repeats_nothing(count):
    bank = samples.gabor_bank((7, 9), count, **REST)
    assert bank.shape == (count, 7, 9)
    for i, kernel in enumerate(bank):
        assert np.array_equal(kernel, samples.gabor((7, 9), theta=i * pi / count, **REST))
    for i in range(count):
        for other in range(i):
            assert abs(bank[i] - bank[other]).max() > 0.1


@pytest.mark.parametrize(
    "kind, what, words",
    [(ShapeError, {"kernel_size": 0}, "kernel_size must be 1 or more in both directions; got 0"),
     (ShapeError, {"kernel_size": 2.5}, "kernel_size must be a whole number or a pair"),
     (ShapeError, {"sigma": 0}, "sigma must be a positive number; got 0"),
     (ShapeError, {"wavelength": -3}, "wavelength must be a positive number; got -3"),
     (ShapeError, {"gamma": float("inf")}, "gamma must be a positive number; got inf"),
     (ShapeError, {"theta": float("nan")}, "theta must be a finite number; got nan"),
     (ArgumentError, {"theta": "45°"}, "theta must be a number; got '45°'"),
     (ArgumentError, {"psi": True}, "psi must be a number; got True")],
)  # fmt: skip
def test_a_wrong_number_is_refused_in_one_sentence(kind, what, words):
    settings = {"kernel_size": 7, "wavelength": 4, "theta": 0, "sigma": 2, **what}
    with pytest.raises(kind) as refused:
        samples.gabor(settings.pop("kernel_size"), **settings)
    assert words in str(refused.value) and ": write " in str(refused.value)


@pytest.mark.parametrize(
    "kind, orientations, rest, words",
    [(ShapeError, 0, {}, "orientations must be from 1 to 1000; got 0"),
     (ShapeError, 2.5, {}, "orientations must be a whole number"),
     (ArgumentError, 4, {"theta": 0.1}, "leave theta out")],
)  # fmt: skip
def test_a_bank_refuses_what_it_cannot_turn(kind, orientations, rest, words):
    with pytest.raises(kind, match=words):
        samples.gabor_bank(7, orientations, wavelength=4, sigma=2, **rest)
