"""The pictures, digits and kernels are what their names and sentences say."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from convlab import samples
from convlab.engines import conv2d_windows
from convlab.shapes import ArgumentError


def applied(name, image):
    return conv2d_windows(np.asarray(image, np.float64)[None], samples.kernel(name).weight[None, None].astype(float))[0]


def with_bright(side):
    """A 6 x 8 picture whose half on `side` is 1, the rest 0."""
    image = np.zeros((6, 8))
    image[{"left": np.s_[:, :4], "right": np.s_[:, 4:], "above": np.s_[:3], "below": np.s_[3:]}[side]] = 1
    return image


@pytest.mark.parametrize("name", samples.PICTURES)
def test_a_picture_is_channels_first_bytes_of_256_by_256(name):
    picture = samples.picture(name)
    assert picture.dtype == np.uint8 and picture.shape in {(1, 256, 256), (3, 256, 256)}
    assert picture.shape[0] == (1 if name in ("camera", "bricks") else 3)


def test_the_provenance_travels_with_the_pictures():
    told = (samples.DATA / "PROVENANCE.md").read_text()
    assert all(path.name in told for path in samples.DATA.glob("*.[pn][np][gz]"))


def test_in_the_painted_picture_every_flip_and_transposition_shows():
    image = samples.painted()[0]
    others = [image[::-1], image[:, ::-1], image[::-1, ::-1]]
    assert image.shape == (12, 16) and not any(np.array_equal(image, other) for other in others)
    letter = image[:10, :10]
    assert not np.array_equal(letter, letter.T)


def test_the_lone_painted_pixel_shows_the_kernel_turned_half_round():
    kernel = samples.kernel("emboss").weight
    response = applied("emboss", samples.painted()[0])[2:5, 11:14]
    assert np.array_equal(response, kernel[::-1, ::-1])


def test_there_are_twelve_kernels_each_with_one_sentence():
    assert len(samples.KERNELS) == 12
    for name, named in samples.KERNELS.items():
        assert named.name == name and named.meaning.endswith(".") and named.meaning.count(". ") == 0


@pytest.mark.parametrize(
    "name, total",
    [("identity", 1), ("shift", 1), ("box blur", 1), ("Gaussian blur", 1), ("sharpen", 1), ("emboss", 1),
     ("vertical edges", 0), ("horizontal edges", 0), ("Sobel x", 0), ("Sobel y", 0), ("Laplacian", 0), ("outline", 0)],
)  # fmt: skip
def test_flat_areas_keep_their_value_or_vanish_as_the_sentence_says(name, total):
    assert applied(name, np.full((7, 9), 3.0)) == pytest.approx(3.0 * total, abs=1e-6)


@pytest.mark.parametrize(
    "name, bright, sign",
    [("vertical edges", "left", 1), ("vertical edges", "right", -1), ("horizontal edges", "above", 1),
     ("horizontal edges", "below", -1), ("Sobel x", "right", 1), ("Sobel y", "below", 1), ("emboss", "right", 1),
     ("emboss", "below", 1)],
)  # fmt: skip
def test_the_sign_of_an_edge_is_what_the_sentence_says(name, bright, sign):
    output = applied(name, with_bright(bright)) - (with_bright(bright)[1:-1, 1:-1] if name == "emboss" else 0)
    assert (output * sign >= 0).all() and (output * sign).max() > 0


@pytest.mark.parametrize("name, sign", [("Laplacian", -1), ("outline", 1)])
def test_a_bright_dot_has_the_sign_that_the_sentence_says(name, sign):
    dot = np.zeros((5, 6))
    dot[2, 3] = 1
    assert applied(name, dot)[1, 2] * sign > 0


def test_shift_moves_the_picture_two_pixels_to_the_right():
    image = samples.painted()[0]
    middles = image[:, 2:-2]
    assert np.array_equal(applied("shift", image)[:, 2:], middles[:, :-2])


def test_digits_come_in_two_splits():
    images, labels = samples.digits("train")
    assert images.shape == (4000, 28, 28) and set(labels.tolist()) == set(range(10))
    with pytest.raises(ArgumentError, match="'train' or 'test'; got 'validation'"):
        samples.digits("validation")


def test_a_coloured_digit_is_the_grey_one_between_two_colours():
    grey, labels = samples.digits("test")
    images, same_labels = samples.coloured_digits("test")
    assert images.shape == (1000, 3, 28, 28) and images.dtype == np.uint8 and np.array_equal(labels, same_labels)
    part = grey / 255
    for number in np.flatnonzero(grey.max((1, 2)) == 255)[:50]:
        paper, ink = (images[number][:, grey[number] == end].astype(float) for end in (0, 255))
        assert (paper == paper[:, :1]).all() and (ink == ink[:, :1]).all()
        wanted = paper[:, :1, None] + (ink - paper[:, :1])[:, :1, None] * part[number]
        assert abs(images[number] - wanted).max() <= 0.51


def test_its_ink_is_brighter_and_its_colours_say_nothing_about_the_digit():
    (grey, labels), (images, _) = samples.digits("train"), samples.coloured_digits("train")
    order = grey.reshape(4000, -1).argsort(1)
    flat = images.reshape(4000, 3, -1).astype(float)
    paper, ink = (np.take_along_axis(flat, order[:, None, end, None], 2)[:, :, 0] for end in (0, -1))
    assert ((ink - paper) @ [0.30, 0.59, 0.11] > 80).all()
    assert ((ink - paper) < 0).any(0).all()  # in every channel there is a digit darker than its paper
    means = np.array([[colour[labels == digit].mean(0) for digit in range(10)] for colour in (paper, ink)])
    assert np.ptp(means, axis=1).max() < 25


def test_a_seed_fixes_the_colours_and_the_splits_have_their_own():
    first = samples.coloured_digits("test")[0]
    assert np.array_equal(first, samples.coloured_digits("test", seed=0)[0])
    assert not np.array_equal(first, samples.coloured_digits("test", seed=1)[0])
    assert not np.array_equal(first[:, :, 0, 0], samples.coloured_digits("train")[0][:1000, :, 0, 0])


@pytest.mark.parametrize(
    "arguments, words",
    [({"split": "validation"}, "'train' or 'test'; got 'validation'"), ({"seed": -1}, "number from 0; got -1: write"),
     ({"seed": 1.5}, "number from 0; got 1.5: write"), ({"seed": True}, "number from 0; got True")],
)  # fmt: skip
def test_what_cannot_be_painted_gets_one_sentence(arguments, words):
    with pytest.raises(ArgumentError, match=words):
        samples.coloured_digits(**arguments)


def encoded(mode, size, form="PNG"):
    stream = BytesIO()
    Image.new(mode, size, 255 if mode in "LI;16" else None).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize(
    "mode, size, shape",
    [("L", (40, 30), (1, 30, 40)), ("RGB", (40, 30), (3, 30, 40)), ("RGBA", (8, 5), (3, 5, 8)),
     ("LA", (8, 5), (1, 5, 8)), ("I;16", (8, 5), (1, 5, 8)), ("P", (8, 5), (3, 5, 8)),
     ("RGB", (1000, 500), (3, 128, 256))],
)  # fmt: skip
def test_an_own_file_of_any_mode_becomes_bytes_of_at_most_256(mode, size, shape):
    picture = samples.own_picture(encoded(mode, size))
    assert picture.shape == shape and picture.dtype == np.uint8


def test_what_is_transparent_is_put_on_white():
    assert samples.own_picture(encoded("RGBA", (4, 3))).min() == 255


def test_what_is_no_image_gets_one_sentence(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("not a picture")
    for source in (text, str(text), b"", b"GIF89a", encoded("RGB", (50, 60))[:60]):
        with pytest.raises(ArgumentError, match=r"^Cannot show .* it is not an image; give a PNG"):
            samples.own_picture(source)
    with pytest.raises(ArgumentError, match=r"There is no picture file .*missing\.png': check the path"):
        samples.own_picture(tmp_path / "missing.png")
    with pytest.raises(ArgumentError, match="got int"):
        samples.own_picture(3)


@pytest.mark.parametrize("ask", [samples.kernel, samples.picture])
def test_an_unknown_name_is_answered_with_the_known_ones(ask):
    with pytest.raises(ArgumentError, match=r"no (kernel|picture) 'dog'; choose one of (identity|astronaut),"):
        ask("dog")
