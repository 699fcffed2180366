"""SizeRuler in JupyterLab: every number on its rulers is the one torch gives, by mouse, keys, touch and Python."""

import json
import os

import pytest
from playwright.sync_api import expect

from tests.browser.drawn import assert_noticed, read
from tests.browser.one_widget import one_widget
from tests.browser.size_truth import KIND, START, Truth, checked, faults, show
from tests.browser.states import generator
from tests.random_layers import draw
from tests.unit.test_size_ruler import sliders

COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))


notebook, root = one_widget(KIND, START)


def drawn_of(case):
    return case.spec, case.input.shape, Truth(case.spec, case.input.shape)


def test_every_number_is_torchs_in_random_settings(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        spec, shape, truth = drawn_of(draw(rng, legal=True, largest=9))
        place = [int(rng.integers(length)) for length in truth.places]
        show(notebook, root, spec, shape, place)
        found = read(root)
        told = f"{spec} on {shape}"
        assert faults(found, truth) == [], told
        roles = [number["role"] for number in found["numbers"]]
        H, W = truth.lengths
        assert (roles.count("reads"), roles.count("pixel-reads")) == (H + W, H * W), told
        assert roles.count("place") == sum(truth.places), told
        checked(root)


def test_a_sample_of_the_sliders_settings_is_drawn_right(notebook, root):
    settings = list(sliders())
    for at in generator(SEED + 1).choice(len(settings), COUNT, replace=False):
        size, kernel, padding, stride = settings[at]
        pairs = {name: [value, value] for name, value in
                 {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": 1}.items()}  # fmt: skip
        spec = {"in_channels": 1, "out_channels": 1, "groups": 1, "bias": True, "padding_mode": "zeros", **pairs}
        show(notebook, root, spec, (1, 1, size, size + 1))
        assert faults(read(root), Truth(spec, (1, 1, size, size + 1))) == [], spec
        checked(root)


def test_the_reader_finds_a_wrong_number_and_a_hidden_one(notebook, root):
    spec = json.loads(notebook.python("import json\nprint(json.dumps(widget.spec))"))
    truth = Truth(spec, (1, 3, 8, 9))
    show(notebook, root, {**spec, "stride": [1, 1]}, (1, 3, 8, 9))
    show(notebook, root, spec, (1, 3, 8, 9))
    roles = ("reads", "pixel-reads", "span", "output-size", "place")
    within = {role: f'.sr-axis [data-role="{role}"], .sr-plane [data-role="{role}"]' for role in roles}
    numbers = {role: root.locator(selector).first for role, selector in within.items()}
    assert_noticed(root, numbers, lambda found: faults(found, truth))


REFUSED = [
    ({"kernel_size": (9, 3)}, "the window covers 9 rows, 8 are there: it sticks out by 1"),
    ({"padding": "same"}, "'same' wants 8 places along the rows; steps of 2 reach 4"),
    ({"padding": (0, 9), "padding_mode": "reflect"}, "'reflect' can copy 8 columns to a side, padding wants 9"),
    ({"padding": (9, 0), "padding_mode": "circular"}, "'circular' can copy 8 rows to a side, padding wants 9"),
    ({"stride": (0, 1)}, "stride 0: every window would lie where the first lies"),
    ({"dilation": (1, 0)}, "dilation 0: all 3 taps would lie on one pixel"),
    ({"padding": (-1, 0)}, "padding -1 would take rows away"),
]


@pytest.mark.parametrize(("wrong", "why"), REFUSED)
def test_what_pytorch_refuses_is_drawn_in_its_own_words_over_the_last_picture(notebook, root, wrong, why):
    before = [number for number in read(root)["numbers"] if number["role"] in ("reads", "pixel-reads", "place")]
    spec = {"in_channels": 3, "out_channels": 8, "kernel_size": 3, "stride": 2, **wrong}
    with notebook.redrawn(root):
        notebook.python(f"widget.set_layer(**{spec!r})")
    says = notebook.python(
        f"try:\n    torch.nn.Conv2d(**{spec!r})(torch.ones(1, 3, 8, 9))\n"
        "except (RuntimeError, ValueError) as error:\n    print(error)"
    ).strip()
    message = root.locator(".cl-problem code").first.text_content()
    assert message and says.endswith(message)
    expect(root.locator(".sr-why figcaption").first).to_contain_text(why)
    assert [number for number in read(root)["numbers"] if number["role"] in ("reads", "pixel-reads", "place")] == before
    assert root.locator(".sr-stage").evaluate("node => node.inert && getComputedStyle(node).filter") == "grayscale(1)"
    expect(root.locator(".cl-note").filter(has_text="refuses it too")).to_be_visible()
    expect(root.locator(".sr-out").first).to_have_text("–")


def test_channels_that_do_not_fit_are_drawn_too(notebook, root):
    for code in ("widget.set_layer(4, 8, 3)", "widget.set_layer(4, 8, 3, groups=3)"):
        with notebook.redrawn(root):
            notebook.python(code)
        expect(root.locator(".cl-problem svg")).to_be_visible()
