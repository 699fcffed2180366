"""LayerAnatomy in JupyterLab: every number and all that is lit is torch's in random layers, by keys and by Python."""

import json
import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser.anatomy_truth import KIND, START, Truth, checked, faults, lit, show
from tests.browser.drawn import assert_noticed, read
from tests.browser.one_widget import one_widget
from tests.browser.states import generator, somewhere
from tests.random_layers import draw, judged

COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
DRIVEN = ("in_channels", "out_channels", "groups", "kernel_size", "stride", "padding", "dilation", "input")


notebook, root = one_widget(KIND, START, height=1500)


def drawn(rng):
    case = draw(rng, legal=True, largest=8)
    return case, somewhere(rng, case.weight.shape), somewhere(rng, case.output.shape[-2:])


def sentence(root, start, end):
    """What the widget says once that begins and ends like this: the words come a moment after the picture."""
    expect(root.locator(".cl-live")).to_have_text(re.compile(f"^{re.escape(start)}.*{re.escape(end)}$"))


def test_every_number_and_all_that_is_lit_is_torchs_in_random_layers(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        case, index, place = drawn(rng)
        truth, told = Truth(case, index, place), f"{case.spec} on {case.input.shape}, weight{index}, place {place}"
        show(notebook, root, case, index, place)
        assert faults(read(root), truth) == [], told
        expect(root.locator(".la-repr")).to_have_text(repr(case.module()))
        found, (maps, channels) = lit(root), truth.reached()
        o, c, u, v = index
        assert (found["maps"], found["filters"], found["channels"]) == (maps, [o], channels) and len(maps) == 1, told
        assert (found["kernels"], found["weights"], found["weight"]) == ([f"{o},{c}"], [f"{o},{c}"], [(v, u)]), told
        layer = truth.layer
        left, _, top, _ = layer._reversed_padding_repeated_twice
        pixel = (place[1] * layer.stride[1] + v * layer.dilation[1] - left,
                 place[0] * layer.stride[0] + u * layer.dilation[0] - top)  # fmt: skip
        assert found["pixel"] == [pixel], told
        weight, met, product = truth.product()
        met_text = f"({met:g})" if met < 0 else f"{met:g}"
        end = f"{weight:g} · {met_text} = {product + 0:g}."
        sentence(root, f"weight[{o}, {c}, {u}, {v}] reads input channel {channels[0]} only", end)
        checked(root)


def number(root, role, axis):
    return root.locator(f'.la-code [data-role="{role}"][data-index="{axis}"]')


def setting(notebook, root, refused):
    """What Python holds once the hand has rested: (spec, shape)."""
    root.get_by_text("refuses it too" if refused else "computed the same").wait_for()
    told = json.loads(notebook.python("import json\nprint(json.dumps([widget.spec, widget.shape]))"))
    return told[0], told[1]


def test_moved_by_keys_through_random_settings_python_and_torch_hold_the_same_layer(notebook, root):
    """Every state is reached from the last by one number of the call; the arrays come from the widget's own layer."""
    rng, page = generator(SEED + 1), notebook.page
    for turn in range(COUNT):
        role = DRIVEN[int(rng.integers(len(DRIVEN)))]
        axis = int(rng.integers(4 if role == "input" else 2 if role in DRIVEN[3:] else 1))
        cell = number(root, role, axis)
        value = int(rng.integers(1, 4 if role in ("stride", "dilation", "groups") else 7))
        cell.focus()
        if turn % 2:
            page.keyboard.type(str(value))
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("ArrowUp" if rng.random() < 0.6 else "ArrowDown")
        expect(cell).to_be_focused()
        refused = root.locator(".cl-problem").count() > 0
        spec, shape = setting(notebook, root, refused)
        assert read_setting(root) == (spec, shape), (role, axis)
        case = from_widget(notebook, spec, shape, refused)
        if refused:
            assert case.refusal.endswith(root.locator(".cl-problem code").first.text_content())
            back = root.get_by_role("button", name="Back to the layer below")
            with notebook.redrawn(root):
                back.click()
            continue
        index, place = (
            tuple(int(at) for at in root.get_attribute(f"data-{name}").split(",")) for name in ("index", "place")
        )
        assert faults(read(root), Truth(case, index, place)) == [], spec
        expect(root.locator(".la-repr")).to_have_text(repr(case.module()))


def read_setting(root):
    """(spec, shape) as the call reads on the screen."""
    text = root.locator(".la-call").evaluate(
        "(line) => [...line.querySelectorAll('.la-argument')].map((one) => { const list = one.querySelector('select');"
        " const numbers = [...one.querySelectorAll('[data-value]')].map((node) => Number(node.textContent));"
        " const name = one.textContent.split('=')[0]; return [name, numbers, list?.value, "
        " one.querySelector('button')?.textContent]; })"
    )
    spec = {}
    for name, numbers, choice, word in text:
        if word:
            spec[name] = word == "True"
        elif name == "padding_mode" or (name == "padding" and choice != "a pair"):
            spec[name] = choice
        else:
            spec[name] = numbers if name in ("kernel_size", "stride", "padding", "dilation") else numbers[0]
    cells = root.locator('.la-shape-line [data-role="input"][data-value]').all()
    return spec, [int(cell.text_content()) for cell in cells]


def from_widget(notebook, spec, shape, refused):
    """The case that the kernel's own widget.layer and widget.input are; torch's refusal where there is no layer."""
    import numpy as np

    if refused:
        weight = [spec["out_channels"], spec["in_channels"] // max(1, spec["groups"]), *spec["kernel_size"]]
        return judged(spec, np.ones(shape), np.ones([max(0, n) for n in weight]), np.ones(spec["out_channels"]))
    code = (
        "layer = widget.layer\nprint(json.dumps([t.detach().double().tolist() for t in "
        "(widget.input, layer.weight, layer.bias)]))"
    )
    return judged(spec, *(np.array(values) for values in json.loads(notebook.python(code))))


def test_the_reader_finds_a_wrong_number_and_a_hidden_one(notebook, root):
    case, index, place = drawn(generator(3))
    truth = Truth(case, index, place)
    show(notebook, root, case, index, place)
    roles = ("weight", "in_channels", "weight-shape", "parameters", "dense-parameters", "index", "span")
    numbers = {role: root.locator(f'[data-role="{role}"][data-value]').first for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, truth))


REFUSED = [
    ({"groups": 2}, "3 input channels in 2 groups of 1"),
    ({"kernel_size": (9, 2)}, "the window covers 9 rows, 5 are there: it sticks out by 4"),
    ({"in_channels": 5}, "the layer reads 5"),
    ({"padding": "same", "stride": 2}, "'same' wants 5 places along the rows; steps of 2 reach 3"),
    ({"stride": (0, 1)}, "stride 0: every window would lie where the first lies"),
    ({"padding": (-1, 0)}, "padding -1 would take rows away"),
]


@pytest.mark.parametrize(("wrong", "why"), REFUSED)
def test_what_pytorch_refuses_is_drawn_in_its_own_words_over_the_last_picture(notebook, root, wrong, why):
    kept = ("weight", "output", "bias", "weight-shape", "parameters", "index")
    before = [one for one in read(root)["numbers"] if one["role"] in kept]
    spec = {"in_channels": 3, "out_channels": 4, "kernel_size": (3, 2), **wrong}
    with notebook.redrawn(root):
        notebook.python(f"widget.set_layer(**{spec!r})")
    says = notebook.python(
        f"try:\n    torch.nn.Conv2d(**{spec!r})(torch.ones(1, 3, 5, 6))\n"
        "except (RuntimeError, ValueError) as error:\n    print(error)"
    ).strip()
    message = root.locator(".cl-problem code").first.text_content()
    assert message and says.endswith(message)
    expect(root.locator(".cl-problem")).to_contain_text(why)
    assert [one for one in read(root)["numbers"] if one["role"] in kept] == before
    for part in (".la-stage", ".la-index"):
        assert root.locator(part).evaluate("node => node.inert")
    assert root.locator(".la-main").evaluate("node => getComputedStyle(node).filter") == "grayscale(1)"
    expect(root.locator(".cl-note").filter(has_text="refuses it too")).to_be_visible()
    with notebook.redrawn(root):
        root.get_by_role("button", name="Back to the layer below").click()
    expect(root.locator(".cl-problem")).to_have_count(0)
    assert [one for one in read(root)["numbers"] if one["role"] in kept] == before


def test_an_input_of_other_channels_is_mended_by_one_button_and_hwc_is_told_apart(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(5, 4, (3, 2))")
    with notebook.redrawn(root):
        root.get_by_role("button", name="Give the input 5 channels").click()
    expect(number(root, "input", 1)).to_have_text("5")
    checked(root)
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(3, 4, (3, 2), input=torch.rand(1, 32, 48, 3))")
    expect(root.locator(".cl-problem code").first).to_have_text(
        re.compile(r"^Given groups=1, weight of size \[4, 3, 3, 2\], expected input\[1, 32, 48, 3\] to have 3 channels")
    )
    expect(root.locator(".cl-problem")).to_contain_text("x.permute(0, 3, 1, 2)")
