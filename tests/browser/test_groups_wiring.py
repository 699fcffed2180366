"""GroupsWiring in JupyterLab: every number, wire and block is the one torch gives, in random layers moved by hand."""

import json
import os

from playwright.sync_api import expect

from tests.browser.drawn import assert_noticed, read, whole
from tests.browser.groups_truth import WiringTruth, faults, pictured, refusal
from tests.browser.one_widget import one_widget
from tests.browser.states import PRELUDE, generator
from tests.random_layers import draw

KIND = "groups-wiring"
MADE = "widget = convlab.GroupsWiring(8, 12, (3, 2), groups=4)"
START = f"{PRELUDE}{MADE}\nwidget"
COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 10
SEED = int(os.environ.get("CONVLAB_SEED", 0))
notebook, root = one_widget(KIND, START, height=1500)
# What is sure to be drawn of a layer that runs.
ROLES = {"in_channels", "out_channels", "groups", "kernel_size", "size", "legal", "multiplier", "channel", "row",
         "column", "kernels", "dense-kernels", "weight", "parameter-factor", "mac-factor", "parameters", "macs",
         "dense-parameters", "dense-macs", "ratio"}  # fmt: skip
AFTER = {"pointwise", "pointwise-groups", "all-macs", "all-parameters", "share-of"}
STATE = """import json
print(json.dumps([{**widget._setting(), "shape": widget.shape}, widget.muted, widget.pinned]))"""


def checked(root):
    """Waits until Python has found the same, or has refused it too."""
    expect(root.locator(".gw-agreement")).to_contain_text("✓")


def show(notebook, root, code):
    """Makes a change from Python and waits for its picture."""
    with notebook.redrawn(root):
        notebook.python(code)


def state(notebook, root):
    """(setting, muted, pinned) that Python holds once the hand has rested."""
    checked(root)
    return json.loads(notebook.python(STATE))


def chip(root, name):
    return root.get_by_role("button", name=name, exact=True)


def press(root, chip, by_key):
    """Presses a button by mouse or by key."""
    if by_key:
        chip.focus()
        chip.press("Enter")
    else:
        chip.click()


def move_settings(rng, root):
    """Moves some settings by mouse and keys, to legal layers and others."""
    for _ in range(int(rng.integers(1, 4))):
        kind, by_key = int(rng.integers(6)), bool(rng.random() < 0.5)
        if kind == 0:
            legal = root.locator('.gw-chip:has([data-role="legal"])')
            press(root, legal.nth(int(rng.integers(legal.count()))), by_key)
        elif kind == 1:
            press(root, root.locator('.gw-chip:has([data-role="multiplier"])').nth(int(rng.integers(2))), by_key)
        elif kind == 2:
            press(root, chip(root, "channel shuffle"), by_key)
        elif kind == 3:
            press(root, chip(root, "1 × 1 layer"), by_key)
        else:
            cells = root.locator('[role="spinbutton"]:visible')
            cells.nth(int(rng.integers(cells.count()))).press(str(rng.choice(["+", "-", "ArrowUp", "ArrowDown"])))
        group = root.locator(".gw-to .gw-chip:visible")
        if group.count() and rng.random() < 0.3:
            press(root, group, by_key)


def move_spot(rng, root):
    """Mutes some channels and lights a channel or a kernel, by mouse and keys."""
    inputs = root.locator('.gw-channel[data-column="0"]')
    for at in rng.choice(inputs.count(), min(inputs.count(), int(rng.integers(4))), replace=False):
        inputs.nth(int(at)).click()
    kind = int(rng.integers(3))
    if kind == 0:
        channels = root.locator(".gw-channel:not([data-column='0'])")
        channels.nth(int(rng.integers(channels.count()))).click()
        return
    boards = root.locator(".gw-matrix:visible") if kind == 1 else root.locator(".gw-wires")
    board = boards.nth(int(rng.integers(boards.count())))
    board.focus()
    for key in rng.choice(["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "End", "m", "Enter"], 5):
        board.press(str(key))


def test_every_number_wire_and_block_is_torchs_in_random_layers(notebook, root):
    rng, seen = generator(SEED), set()
    for _ in range(COUNT):
        case = draw(rng, legal=True, batch=(0, 1, 2), largest=9)
        after = {"pointwise": int(rng.choice([0, 4, 6])), "shuffle": bool(rng.random() < 0.4)}
        show(notebook, root, f"widget.set_layer(**{case.spec!r}, input={case.input.shape}, **{after!r})")
        move_settings(rng, root)
        setting, muted, _ = state(notebook, root)
        told = refusal(setting)
        if told is not None:
            message = root.locator(".cl-problem code").first.text_content()
            if 0 not in setting["kernel_size"]:  # torch's words for it differ from case to case
                assert message and told.endswith(message), setting
            expect(root.locator(".gw-picture")).to_have_attribute("inert", "")
            show(notebook, root, "widget.set_layer(6, 4, (3, 2), groups=2, input=(1, 6, 5, 8))")
        move_spot(rng, root)
        root.page.mouse.move(2, 2)
        setting, muted, spot = state(notebook, root)
        expect(root).to_have_attribute("data-muted", ",".join(map(str, muted)))
        truth, found = WiringTruth(setting, muted, whole(root.get_attribute("data-spot"))), read(root)
        drawn = {number["role"] for number in found["numbers"]}
        seen |= drawn
        assert drawn >= ROLES and faults(found, truth) == [], setting
        assert pictured(root) == truth.picture(), (setting, muted, spot)
    assert seen >= AFTER and notebook.problems == []


def test_the_reader_finds_a_wrong_number_a_wrong_text_a_hidden_one_and_a_wrong_wire(notebook, root):
    after = "pointwise=4, shuffle=True, muted=[0], pinned=[0, 2]"
    show(notebook, root, f"widget.set_layer(6, 9, (3, 2), groups=3, {after})")
    setting, muted, spot = state(notebook, root)
    truth = WiringTruth(setting, muted, spot)
    roles = ("legal", "kernels", "weight", "all-macs", "ratio")
    numbers = {role: root.locator(f'[data-role="{role}"][data-value]').first for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, truth))
    assert pictured(root) == truth.picture()
    for kind in (".gw-wire", ".gw-dead", ".gw-lit", ".gw-block", ".gw-silent"):
        path = root.locator(f"{kind}[d*='M']").first.element_handle()
        kept = path.get_attribute("d")
        path.evaluate("(node, d) => node.setAttribute('d', d)", kept[: kept.rindex("M")])
        assert pictured(root) != truth.picture(), kind
        path.evaluate("(node, d) => node.setAttribute('d', d)", kept)
    assert pictured(root) == truth.picture()


LEGAL = "For 8 and 12 channels groups can be 1, 2, 4."
REFUSED = {
    "groups=5": ("in_channels must be divisible by groups", LEGAL),
    "groups=8": ("out_channels must be divisible by groups", LEGAL),
    "groups=0": ("groups must be a positive integer", LEGAL),
    "pointwise=6, pointwise_groups=4": ("out_channels must be divisible by groups", "For 12 and 6 channels"),
    "kernel_size=(13, 2)": ("Kernel size can't be greater than actual input size", ""),
}


def test_what_pytorch_refuses_is_shown_in_its_own_words_over_the_last_picture(notebook, root):
    usual = "**{'in_channels': 8, 'out_channels': 12, 'kernel_size': (3, 2), 'groups': 4, 'pointwise': 0"
    for settings, (torch, ours) in REFUSED.items():
        before = pictured(root)
        show(notebook, root, f"widget.set_layer({usual}, **dict({settings})}})")
        expect(root.locator(".cl-problem code").first).to_contain_text(torch)
        expect(root.locator(".cl-problem")).to_contain_text(ours)
        expect(root.locator(".gw-shapes")).to_contain_text("refused")
        expect(root.locator(".gw-measure")).to_be_disabled()
        assert pictured(root) == before
        checked(root)
        show(notebook, root, f"widget.set_layer({usual}, 'pointwise_groups': 1}})")
        expect(root.locator(".cl-problem")).to_have_count(0)
