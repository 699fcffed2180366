"""GradientRouter in JupyterLab: every number that is drawn is the one torch gives, in random layers and views."""

import os

import numpy as np
from playwright.sync_api import expect

from convlab.widgets.gradient_router_truth import read_counts
from tests.browser.drawn import assert_noticed, read
from tests.browser.gradient_truth import At, RouterTruth, faults
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, arguments, array, changed, generator, somewhere
from tests.random_layers import draw

KIND = "gradient-router"
MADE = "widget = convlab.GradientRouter(1, 2, kernel_size=(3, 2), input=(1, 1, 5, 7))"
START = f"{PRELUDE}{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1500)
NAMES = {"forward": "forward", "input": "dL/dinput", "weight": "dL/dweight", "bias": "dL/dbias"}
TARGETS = {"forward": "input", "input": "grad-input", "weight": "grad-weight", "bias": "grad-bias"}
# What is sure to be drawn in each view.
ROLES = {
    "forward": {"input", "weight", "output", "count", "fed", "loss"},
    "input": {"grad-input", "grad-output", "count", "total", "loss"},
    "weight": {"input", "grad-weight", "grad-output", "product", "total", "loss"},
    "bias": {"grad-bias", "grad-output", "product", "total", "loss"},
}


def absent(case, at):
    """What need not be drawn: a stride that steps over every pixel leaves no grad_output under the turned kernel."""
    stepped_over = not read_counts(case.spec, case.input.shape).any()
    return {"grad-output"} if (at.view, at.how) == ("input", "gather") and stepped_over else set()


def checked(root):
    root.get_by_text("computed the same").wait_for()


def set_case(notebook, root, case, upstream):
    """Sets layer, input and upstream gradient from Python."""
    with notebook.redrawn(root):
        notebook.python(
            f"with widget.hold_sync():\n    widget.set_layer({arguments(case)})\n"
            f"    widget.grad_output = {array(upstream)}\n    widget.nudge, widget.terms = 0, None"
        )
    root.locator(".gr-same").wait_for(state="hidden")
    checked(root)


def choose(root, name):
    """Clicks one of several where it is not chosen yet."""
    button = root.get_by_role("radio", name=name, exact=True)
    if button.get_attribute("aria-checked") != "true":
        button.click()


def step_to(root, label, number):
    """Presses the buttons beside a number until it is there."""
    group = root.get_by_role("group", name=label, exact=True)
    if not group.is_visible():
        return
    for _ in range(40):
        at = int(group.locator(".gr-where").text_content().split()[0])
        if at == number:
            return
        name = f"next {label}" if at < number else f"{label} before"
        group.get_by_role("button", name=name, exact=True).click()
    raise AssertionError(f"{label} {number} is out of reach")


def pin(rng, root, view, cell):
    """Pins a cell of the view's tensor, by click or by keys."""
    if view == "bias":
        index = f"{cell[0]}"
    else:
        step_to(root, "filter", cell[0]) if view == "weight" else None
        step_to(root, "channel", cell[1])
        index = ",".join(map(str, cell if view == "weight" else cell[1:]))
    target = root.locator(f'[data-role="{TARGETS[view]}"][data-index="{index}"]')
    if rng.random() < 0.5:
        target.click()
    else:
        root.locator(f'[data-role="{TARGETS[view]}"][tabindex="0"]').focus()
        root.page.keyboard.press("Home")
        for key, steps in zip(("ArrowDown", "ArrowRight"), cell[-2:], strict=False):
            for _ in range(steps):
                root.page.keyboard.press(key)
    root.page.mouse.move(2, 2)
    expect(root).to_have_attribute("data-cell", ",".join(map(str, cell)))


def go(rng, root, case):
    """Goes by mouse and keys to a random view, cell, part and nudge; where that is."""
    N = case.input.shape[0] if case.input.ndim == 4 else 1
    view = str(rng.choice([name for name in NAMES if name != "bias" or case.bias is not None]))
    choose(root, NAMES[view])
    shapes = {"weight": case.weight.shape, "bias": case.weight.shape[:1]}
    cell = somewhere(rng, shapes.get(view, (1, *case.input.shape[-3:])))
    at = At(view, cell, how=str(rng.choice(["scatter", "gather"])))
    if view in ("input", "weight"):
        choose(root, at.how)
    pin(rng, root, view, cell)
    if root.get_attribute("data-terms") != "all":  # the cell was pinned already, and keeps what is added of its sum
        slider = root.get_by_label("products added")
        slider.fill(slider.get_attribute("max"))
    if view in ("weight", "bias"):
        at.sample = int(rng.integers(N))
        step_to(root, "sample", at.sample)
    at.nudge = float(rng.choice([0, 1, 0.5, 0.1]))
    root.get_by_label("nudge h").select_option(f"{at.nudge:g}")
    return at


def add_some(rng, root, truth):
    """Goes by keys or by the slider to a random number of products; how many."""
    at, count = truth.at, len(truth.terms)
    at.terms = int(rng.integers(count + 1))
    if rng.random() < 0.5:
        root.get_by_label("products added").fill(str(at.terms))
    else:
        steps = min(6, count - at.terms)
        at.terms = count - steps
        root.get_by_label("products added").focus()
        for _ in range(steps):
            root.page.keyboard.press("[")
    if root.get_attribute("data-terms") == "all":
        at.terms = None
    return at


def edit(rng, root, case, upstream, at):
    """Makes one number larger or smaller by a key; the case and the upstream gradient as they are then."""
    cells = root.locator('[role="spinbutton"]')
    if not cells.count():  # no window reads a pixel: gathered, no number is seen that a hand may move
        choose(root, "scatter")
        at.how = "scatter"
    cell = cells.nth(int(rng.integers(cells.count())))
    role, index = cell.get_attribute("data-role"), tuple(map(int, cell.get_attribute("data-index").split(",")))
    before = float(cell.get_attribute("data-value"))
    cell.focus()
    cell.press(str(rng.choice(["+", "-", "PageUp"])))
    delta = float(cell.get_attribute("data-value")) - before
    assert delta
    if role == "input" and at.view == "forward":
        at.cell, at.terms = (0, *index), None if (0, *index) != at.cell else at.terms
    if role == "weight":
        return changed(case, "weight", index, delta), upstream
    ndim = case.input.ndim
    where = (at.sample, *index)[-ndim:]
    if role == "input":
        return changed(case, "input", where, delta), upstream
    upstream = upstream.copy()
    upstream[where] += delta
    return case, upstream


def test_every_number_is_torchs_in_random_layers_and_views(notebook, root):
    rng = generator(SEED)
    for _ in range(COUNT):
        case = draw(rng, legal=True, batch=(0, 1, 2), largest=7)
        upstream = rng.integers(-3, 4, case.output.shape).astype(np.float64)
        set_case(notebook, root, case, upstream)
        for _ in range(2):
            at = go(rng, root, case)
            told = f"{case.spec} on {case.input.shape} at {at}"
            truth = RouterTruth(case, upstream, at)
            found = read(root)
            drawn = {number["role"] for number in found["numbers"]}
            assert ROLES[at.view] - drawn <= absent(case, at), told
            assert faults(found, truth) == [], told
            assert truth.value("total", ()) == truth.gradient() or at.view == "forward"
            at = add_some(rng, root, truth)
            assert faults(read(root), RouterTruth(case, upstream, at)) == [], f"some added: {told}"
            case, upstream = edit(rng, root, case, upstream, at)
            truth = RouterTruth(case, upstream, at)
            root.page.mouse.move(2, 2)
            assert faults(read(root), truth) == [], f"after a key: {told}"
            checked(root)
        printed = notebook.python("print([g.flatten().tolist() for g in widget.gradients if g is not None])")
        own = [grad.ravel().tolist() for grad in truth.grads.values() if grad is not None]
        assert eval(printed) == own, told
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_a_wrong_text_and_a_hidden_one(notebook, root):
    case = draw(generator(SEED + 9), legal=True, batch=(1,), largest=6)
    upstream = np.ones(case.output.shape)
    set_case(notebook, root, case, upstream)
    with notebook.redrawn(root):
        notebook.python("widget.view, widget.nudge = 'input', 0.5")
    expect(root.locator(".gr-same")).to_have_text(" ✓ the same")
    at = At("input", tuple(int(at) for at in root.get_attribute("data-cell").split(",")), nudge=0.5)
    roles = ("grad-input", "weight", "grad-output", "count", "total", "loss", "loss-more", "difference", "gradient")
    numbers = {role: root.locator(f'[data-role="{role}"][data-value]').first for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, RouterTruth(case, upstream, at)))


def test_what_pytorch_refuses_is_shown_in_its_own_words(notebook, root):
    rng = generator(SEED + 3)
    for _ in range(COUNT):
        case = draw(rng, legal=False, largest=7)
        if 0 in case.spec["kernel_size"]:
            continue  # torch's words for it differ from case to case
        with notebook.redrawn(root):
            notebook.python(f"widget.set_layer({arguments(case)})")
        message = root.locator(".cl-problem code").first.text_content()
        assert message and case.refusal.endswith(message), f"{case.spec} on {case.input.shape}: {case.refusal}"
        expect(root.locator(".gr-stage")).to_have_attribute("inert", "")
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(1, 2, kernel_size=(3, 2), input=(1, 1, 5, 7))")
    expect(root.locator(".cl-problem")).to_have_count(0)
    checked(root)


def test_the_last_of_eight_pixels_gets_no_gradient(notebook, root):
    with notebook.redrawn(root):
        notebook.python("widget.set_layer(1, 1, (1, 3), stride=2, input=(1, 1, 2, 8))\n"
                        "widget.grad_output = np.ones((1, 1, 1, 3), 'float32')\n"
                        "widget.view, widget.cell = 'input', [0, 0, 0, 7]")  # fmt: skip
    expect(root).to_have_attribute("data-cell", "0,0,0,7")
    reads = root.locator('[data-role="count"][data-index^="1,"]')
    assert reads.all_text_contents() == list("11212110")
    expect(root.locator('[data-role="total"]')).to_have_text("0")
    expect(root.locator(".cl-live")).to_contain_text("is read by no window: it moves no output, so its gradient is 0.")
    expect(root.locator('[data-role="grad-input"].gr-unread')).to_have_count(9)
