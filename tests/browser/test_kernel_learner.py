"""KernelLearner in JupyterLab: every number and picture that is drawn is torch's, in random states of learning."""

import os

import numpy as np
from playwright.sync_api import expect

from convlab.widgets import kernel_learner_given as given
from tests.browser.drawn import assert_noticed, read
from tests.browser.kernel_truth import Twin, faults
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, array, generator

KIND = "kernel-learner"
MADE = "widget = convlab.KernelLearner()"
START = f"{PRELUDE}{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1300)


def checked(root):
    root.get_by_text("computed the same").wait_for()


def show(notebook, root, code):
    """Makes a change from Python and waits for its picture."""
    with notebook.redrawn(root):
        notebook.python(code)


def press(root, name):
    root.get_by_role("button", name=name).click()


def by_choice(rng, root):
    """A named target on a bundled picture, both chosen by hand: the twin."""
    target = str(rng.choice(["Sobel x", "shift", "outline", "Gaussian blur", "horizontal edges"]))
    name = str(rng.choice(["patches", "painted", "digit"]))
    for label, wanted, other in (("Target", target, "emboss"), ("Picture", name, "camera")):
        for value in (other, wanted):
            root.get_by_label(label, exact=True).select_option(value)
    seed = int(root.locator('[data-role="seed"]').get_attribute("data-value"))
    return Twin(target, name, float(root.locator(".kn-typed").input_value()), seed=seed)


def by_rate(rng, root, twin):
    """A learning rate, typed, or by keys of the slider."""
    if rng.random() < 0.5:
        twin.lr = float(rng.choice([0.013, 0.07, 0.31]))
        root.locator(".kn-typed").fill(str(twin.lr))
        root.locator(".kn-typed").press("Enter")
    else:
        root.get_by_label("learning rate", exact=True).press(str(rng.choice(["ArrowLeft", "ArrowRight"])))
        twin.lr = float(root.locator(".kn-typed").input_value())
    twin.settle()


def by_freezing(rng, root, twin):
    """Freezes a random cell, by click or key."""
    at = int(rng.integers(len(twin.parameters)))
    taps = twin.size[0] * twin.size[1]
    index = f"0,0,{at // twin.size[1]},{at % twin.size[1]}" if at < taps else "0"
    kind = "weight" if at < taps else "bias"
    if rng.random() < 0.5:
        root.locator(f'[data-role="grad-{kind}"][data-index="{index}"]').click()
    else:
        role = str(rng.choice([kind, f"grad-{kind}"]))
        root.locator(f'[data-role="{role}"][data-index="{index}"]').press("s")
    twin.free[at] = not twin.free[at]
    twin.settle()


def by_weight(rng, root, twin):
    """Types a weight, or moves it by a key."""
    u, v = (int(rng.integers(length)) for length in twin.size)
    cell = root.locator(f'[data-role="weight"][data-index="0,0,{u},{v}"]')
    if rng.random() < 0.5:
        cell.press("Enter")
        root.page.keyboard.type("-1.25")
        root.page.keyboard.press("Enter")
        twin.parameters[twin.at((0, 0, u, v))] = -1.25
    else:
        before = float(cell.get_attribute("data-value"))
        cell.press("+")
        twin.parameters[twin.at((0, 0, u, v))] = round(before + 0.1, 6)
    twin.settle()


def by_steps(rng, root, twin):
    """Whole steps and single stages, by buttons and keys."""
    for _ in range(int(rng.integers(0, 3))):
        press(root, "Whole step")
        twin.whole_step()
    for _ in range(int(rng.integers(0, 6))):
        if rng.random() < 0.5:
            press(root, "Next")
        else:
            root.get_by_role("button", name="Reset").press("]")
        twin.next()


def from_python(rng, notebook, bias):
    """A target picture on an input, both drawn, that no kernel gives: the twin."""
    H, W, kH, kW = 6 + int(rng.integers(4)), 11 + int(rng.integers(4)), int(rng.integers(1, 5)), int(rng.integers(1, 4))
    input, target = rng.normal(size=(H, W)).round(2), rng.normal(size=(H - kH + 1, W - kW + 1)).round(2)
    settings = {"kernel_size": (kH, kW), "bias": bias, "seed": int(rng.integers(9)), "lr": 0.125}
    fresh(notebook, f"{PRELUDE}widget = convlab.KernelLearner({array(target)}, {array(input)}, **{settings})\nwidget")
    return Twin(target, input, 0.125, size=(kH, kW), bias=bias, seed=settings["seed"])


def fresh(notebook, code):
    """Another widget in the one cell."""
    notebook.set_source("one", code)
    notebook.run_widget("one", KIND)


FROZEN = "(cells) => cells.map((cell) => cell.getAttribute('aria-pressed') === 'true')"


def test_every_number_and_picture_is_torchs_in_random_states(notebook, root):
    rng = generator(SEED)
    for number in range(COUNT):
        if number % 3 == 2:
            twin = from_python(rng, notebook, bias=bool(number % 2))
        else:
            if number % 3 == 0:
                fresh(notebook, START)
            twin = by_choice(rng, root)
            twin.free = ~np.array(root.locator(".cl-grad-weight .cl-cell").evaluate_all(FROZEN))
        for act in rng.permutation([by_steps, by_rate, by_freezing, by_weight, by_steps]):
            if not (act is by_freezing and twin.free.sum() < 2):
                act(rng, root, twin)
        notebook.page.mouse.move(2, 2)
        told = f"state {number}: {twin.size} on {twin.input.shape}, step {twin.step}, stage {twin.stage}, lr {twin.lr}"
        expect(root).to_have_attribute("data-stage", str(twin.stage))
        assert faults(read(root), twin) == [], told
        checked(root)
        out = notebook.python("print(widget.step, widget.stage, widget._parameters.tolist(), widget.loss)")
        assert out.startswith(f"{twin.step} {twin.stage} "), told
        if twin.stage < 5:
            assert abs(float(out.rsplit(" ", 1)[1]) - twin.loss) <= 1e-9 * max(1, twin.loss), told
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_a_hidden_one_and_a_wrong_picture(notebook, root):
    twin = Twin("vertical edges", "patches", 0.1)
    for _ in range(3):
        press(root, "Whole step")
        twin.whole_step()
    notebook.page.mouse.move(2, 2)
    roles = ("weight", "grad-weight", "loss", "difference", "limit", "lowest")
    numbers = {role: root.locator(f'[data-role="{role}"][data-index]').first for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, twin))
    found = read(root)
    for at, canvas in enumerate(found["canvases"]):
        spoiled = [dict(one) for one in found["canvases"]]
        spoiled[at]["values"] = [value + (place == 7) for place, value in enumerate(canvas["values"])]
        assert faults({**found, "canvases": spoiled}, twin), canvas["role"]
    twin.stage = 3
    assert any("too early" in fault for fault in faults(found, twin))


def test_the_start_is_the_seeds_and_another_seed_has_another(notebook, root):
    press(root, "Other start")
    weights = [number["value"] for number in read(root)["numbers"] if number["role"] == "weight"]
    assert weights == given.drawn_start(9, seed=1)
    press(root, "Undo")
    expect(root.locator('[data-role="seed"]')).to_have_attribute("data-value", "0")
    checked(root)
    assert np.isclose(sum(given.drawn_start(9, seed=0)), float(notebook.python("print(widget.weight.sum().item())")))
