"""FilterBank in JupyterLab: every number and every map that is drawn is the one torch gives, in random banks."""

import os
from math import pi

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from convlab import samples
from convlab.widgets import filter_bank_given as given
from tests.browser.bank_truth import BankTruth, faults
from tests.browser.drawn import read
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, array, generator
from tests.random_layers import draw

KIND = "filter-bank"
MADE = "widget = convlab.FilterBank()"
START = f"{PRELUDE}{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1500)


def checked(root):
    root.get_by_text("computed the same").wait_for()


def show(notebook, root, code):
    """Makes a change from Python and waits for its picture."""
    with notebook.redrawn(root):
        notebook.python(code)


def conv(weight, bias=None, **settings):
    """A real layer with these numbers."""
    C_out, share, *size = weight.shape
    channels = share * settings.get("groups", 1)
    layer = torch.nn.Conv2d(channels, C_out, tuple(size), bias=bias is not None, **settings)
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        if bias is not None:
            layer.bias.copy_(torch.as_tensor(bias))
    return layer


def own_bank(rng, root, notebook):
    """A random layer on a random picture, by Python: (layer, picture, settings of the truth)."""
    case = draw(rng, legal=True, batch=(1,), largest=8)
    spec = {name: case.spec[name] for name in given.SETTINGS}
    bias = "None" if case.bias is None else array(case.bias)
    show(notebook, root, f"widget.set_filters({array(case.weight)}, bias={bias}, **{spec!r})\n"
                         f"widget.set_input({array(case.input)})")  # fmt: skip
    layer = conv(case.weight.astype("float32"), case.bias, **spec)
    return layer, case.input.reshape(case.input.shape[-3:]).astype("float32"), {}


def named_bank(rng, root, notebook):
    """Random names, by clicks."""
    picture = str(rng.choice(["painted", "patches", "camera"]))
    choose(root, "by name")
    with notebook.redrawn(root):
        root.get_by_label("Picture").select_option("digit")
        root.get_by_label("Picture").select_option(picture)
    names = list(rng.permutation(list(samples.KERNELS))[: rng.integers(1, 6)])
    chips = root.locator(".fb-chip")
    wanted = [name for name in samples.KERNELS if name in names]
    for chip in [*wanted, *(name for name in samples.KERNELS if name not in wanted)]:
        button = chips.get_by_text(chip, exact=True)
        if (button.get_attribute("aria-pressed") == "true") != (chip in wanted):
            button.click()
    pixels = given.picture(picture)
    mix = mix_by_keys(rng, root, len(pixels))
    return conv(given.mixed(given.named_weight(wanted), mix)), pixels, {"mix": mix}


def gabor_bank(rng, root, notebook):
    """Random parameters, by the keys of the sliders."""
    picture = str(rng.choice(["rings", "digit", "patches"]))
    choose(root, "Gabor")
    with notebook.redrawn(root):
        root.get_by_label("Picture").select_option("cat")
        root.get_by_label("Picture").select_option(picture)
    pixels = given.picture(picture)
    wanted = [int(rng.integers(1, min(12, side + 1))) for side in pixels.shape[1:]] + [int(rng.integers(1, 7))]
    wanted += [float(rng.choice([2.5, 4, 7.25])), float(rng.choice([0.5, 1.75, 3])), float(rng.choice([0.1, 1, 1.5])),
               int(rng.choice([0, 45, 90, 210]))]  # fmt: skip
    sliders = root.locator(".fb-slider input")
    for at, value in enumerate(wanted):
        sliders.nth(at).fill(str(value))
    zero_mean = bool(rng.random() < 0.5)
    root.get_by_label("minus its mean").set_checked(zero_mean)
    kH, kW, orientations, wavelength, sigma, gamma, degrees = wanted
    bank = samples.gabor_bank((kH, kW), orientations, wavelength=wavelength, sigma=sigma, gamma=gamma,
                              psi=degrees * pi / 180, zero_mean=zero_mean)  # fmt: skip
    mix = mix_by_keys(rng, root, len(pixels))
    return conv(given.mixed(bank, mix)), pixels, {"mix": mix, "gabor": wanted}


def mix_by_keys(rng, root, channels):
    """Factors of the channels, typed: those of an earlier bank may still be there."""
    mix = [float(rng.choice([1, 0, -1, 0.5])) for _ in range(channels)]
    if channels == 1:
        return [float(root.locator('[data-role="mix"]').first.get_attribute("data-value"))]
    for c, factor in enumerate(mix):
        cell = root.locator(f'[data-role="mix"][data-index="{c}"]')
        cell.focus()
        cell.press("Enter")
        root.page.keyboard.type(str(factor))
        root.page.keyboard.press("Enter")
    return mix


def choose(root, text):
    """Clicks a radio button where it is not chosen yet."""
    radio = root.get_by_role("radio", name=text, exact=True)
    if not radio.is_checked():
        radio.click()


def silence(rng, root, layer, picture, o):
    """Random mutes and solos, by button or key: what they are, and the filter that had the keys last, else `o`."""
    ids = [f"input {c}" for c in range(len(picture))] + [f"filter {o}" for o in range(layer.out_channels)]
    found = {"mute": [], "solo": []}
    for name in rng.permutation(ids)[: rng.integers(0, 4)]:
        verb = "mute" if rng.random() < 0.6 else "solo"
        if rng.random() < 0.5:
            root.get_by_role("button", name=f"{verb} {name}", exact=True).click()
        else:
            root.locator(f'[data-id="{name}"]').press(verb[0])
            o = int(name.split()[1]) if name.startswith("filter") else o
        if verb == "solo":
            kind = name.split()[0]
            found[verb] = [other for other in found[verb] if not other.startswith(kind)]
        found[verb].append(str(name))
    return {"muted": found["mute"], "solo": found["solo"]}, o


def point(rng, root, o, output):
    """Pins a random place of filter o's map, by click or by keys."""
    H_out, W_out = output.shape[-2:]
    i, j = int(rng.integers(H_out)), int(rng.integers(W_out))
    stage = root.locator(f'.fb-map[data-id="filter {o}"]')
    if rng.random() < 0.5 and W_out <= 40:  # a click has whole pixels of the screen, which must be finer than the map's
        box = stage.bounding_box()
        stage.click(position={"x": (j + 0.5) * box["width"] / W_out, "y": (i + 0.5) * box["height"] / H_out})
        return i, j
    stage.press("Home")
    for key, steps in (("ArrowDown", i), ("ArrowRight", j)):
        for _ in range(steps // 10):
            stage.press(f"Shift+{key}")
        for _ in range(steps % 10):
            stage.press(key)
    return i, j


def test_every_number_and_every_map_is_torchs_in_random_banks(notebook, root):
    rng = generator(SEED)
    for number in range(COUNT):
        root.get_by_role("button", name="hear all").click(force=True)
        make = (own_bank, named_bank, gabor_bank)[number % 3]
        layer, picture, settings = make(rng, root, notebook)
        root.get_by_role("button", name="hear all").click(force=True)
        plain = BankTruth(layer, picture)
        o = int(rng.choice(plain.shown))
        place = point(rng, root, o, plain.output)
        left, o = silence(rng, root, layer, picture, o)
        shared = bool(rng.random() < 0.7)
        choose(root, "one for all" if shared else "each its own")
        notebook.page.mouse.move(2, 2)
        truth = BankTruth(layer, picture, **left, shared=shared, o=o, place=place, **settings)
        told = f"{make.__name__} {number}: {layer} on {picture.shape}, {left}, filter {o} at {place}"
        expect(root).to_have_attribute("data-place", ",".join(map(str, place)))
        assert faults(read(root), truth) == [], told
        checked(root)
        out = notebook.python("print(tuple(widget.output.shape), float(widget.output.double().abs().sum()))")
        shape, total = out.rsplit(" ", 1)
        assert eval(shape) == (1, *truth.output.shape), told
        assert abs(float(total) - abs(truth.output).sum()) <= 1e-4 * abs(truth.output).sum() + 1e-6, told
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_a_hidden_one_and_a_wrong_map(notebook, root):
    show(notebook, root, "widget.set_filters(np.arange(12.).reshape(2, 3, 1, 2), bias=[1., 2.])\n"
                         "widget.set_input('patches')\nwidget.muted = ['input 1']\nwidget.place = [3, 4]")  # fmt: skip
    checked(root)
    layer = conv(np.arange(12.0).reshape(2, 3, 1, 2).astype("float32"), np.array([1.0, 2.0], "float32"))
    truth = BankTruth(layer, given.picture("patches"), muted=["input 1"], place=(3, 4))
    before = read(root)
    assert faults(before, truth) == []
    roles = {number["role"] for number in before["numbers"] if number["shown"]}
    assert {"weight", "input", "sum", "left-out", "bias", "result", "minimum", "cosine", "alike", "range"} <= roles
    for at, number in enumerate(before["numbers"]):
        if not number["shown"]:
            continue
        for change in ({"value": 1234.5}, {"text": "77"}):
            spoiled = [dict(one) for one in before["numbers"]]
            spoiled[at].update(change)
            assert faults({**before, "numbers": spoiled}, truth), (number["role"], change)
    for role in ("minimum", "sum", "left-out", "result", "range"):
        hidden = [{**one, "shown": one["shown"] and one["role"] != role} for one in before["numbers"]]
        assert faults({**before, "numbers": hidden}, truth), role
    for at in range(len(before["canvases"])):
        spoiled = [dict(one) for one in before["canvases"]]
        spoiled[at]["values"] = [value + (place == 7) for place, value in enumerate(spoiled[at]["values"])]
        assert faults({**before, "canvases": spoiled}, truth), before["canvases"][at]["role"]
    assert faults({**before, "canvases": before["canvases"][:-1]}, truth)


PIXELS = """
(root) => [...root.querySelectorAll(".fb-map canvas")].map((canvas) =>
  [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data])
"""


@pytest.mark.parametrize("shared", [True, False])
def test_in_one_range_the_same_number_has_the_same_colour_in_every_map(notebook, root, shared):
    show(notebook, root, f"widget.set_filters(['identity', 'outline'])\nwidget.shared_range = {shared}")
    maps = [np.array(values) for values in (canvas["values"] for canvas in read(root)["canvases"]
                                            if canvas["role"] == "output")]  # fmt: skip
    pixels = [np.array(found).reshape(-1, 4)[:, :3] for found in root.evaluate(PIXELS)]
    brightest = [int(pixels[at][np.argmax(maps[at])].sum()) for at in (0, 1)]
    one = next(at for at, value in enumerate(maps[1]) if 0.5 < value < 0.52)
    other = int(np.argmin(abs(maps[0] - maps[1][one])))
    same = abs(pixels[0][other] - pixels[1][one]).max() <= 6
    assert same == shared
    assert (brightest[0] == brightest[1]) != shared  # each map fills its own range
