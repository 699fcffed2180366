"""Lesson 10 as a learner walks it: cut, mute, shuffle, measure, be wrong, write groups by hand, reload, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "10-grouped-convolution.ipynb"
CARDS = {
    "predict-reads": ("group-reads", 1),
    "predict-weight": ("grouped-weight", 1),
    "predict-depthwise": ("depthwise-call", 1),
    "predict-share": ("separable-share", 2),
    "predict-shuffle": ("shuffle-place", 1),
}
MEASURED = ("five-times", "growth")
PATIENCE_MS = 60_000
GROUPED = """
def grouped_conv(input, weight, bias=None, groups=1):
    outputs = []
    for g in range(groups):
        ins, outs = input.shape[1] // groups, len(weight) // groups
        part, filters = input[:, g * ins : (g + 1) * ins], weight[g * outs : (g + 1) * outs]
        outputs.append(F.conv2d(part, filters, None if bias is None else bias[g * outs : (g + 1) * outs]))
    return torch.cat(outputs, 1)
"""
IN_TURNS = GROUPED.replace("input[:, g * ins : (g + 1) * ins]", "input[:, g::groups]")
ADDED = GROUPED.replace("torch.cat(outputs, 1)", "sum(outputs)")


def widget(notebook, cell):
    root = notebook.cell(cell).locator(".convlab-groups-wiring")
    root.scroll_into_view_if_needed()
    return root


def chip(root, name):
    return root.get_by_role("button", name=name, exact=True)


def channel(root, column, number):
    return root.locator(f'.gw-channel[data-column="{column}"][data-channel="{number}"]')


def done(root, count):
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(count)


def cut_and_mute(notebook):
    """Three groups; one output, whose run of inputs is muted, then one more: all three tasks."""
    root = widget(notebook, "explore-wires")
    chip(root, "3").click()
    channel(root, 1, 5).click()
    done(root, 1)
    for number, ticked in ((2, 1), (3, 2), (4, 3)):
        channel(root, 0, number).click()
        done(root, ticked)
    expect(root).to_have_attribute("data-muted", "2,3,4")


def be_refused(notebook):
    """Five groups for 8 channels: PyTorch's own words, and the picture is not taken for true."""
    root = widget(notebook, "explore-count")
    groups = root.locator('[role="spinbutton"][data-role="groups"]')
    groups.focus()
    for key in ("5", "Enter"):
        notebook.page.keyboard.press(key)
    expect(root.locator(".cl-problem")).to_contain_text("in_channels must be divisible by groups")
    done(root, 1)
    groups.focus()
    for key in ("4", "Enter"):
        notebook.page.keyboard.press(key)
    done(root, 2)


def shuffle(notebook):
    """The shuffle lets all nine outputs hear of the muted group; a 1 x 1 layer without groups does as well."""
    root = widget(notebook, "explore-shuffle")
    chip(root, "channel shuffle").click()
    done(root, 1)
    chip(root, "channel shuffle").click()
    chip(root, "in 3 groups").click()
    done(root, 2)


def time_it(notebook):
    """One click measures both layers on this machine."""
    root = widget(notebook, "explore-clock")
    chip(root, "Measure on this machine").click()
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1, timeout=PATIENCE_MS)


def explore(notebook):
    for cell in MEASURED:
        expect(notebook.cell(cell).locator("img")).to_have_count(1)
    cut_and_mute(notebook)
    be_refused(notebook)
    shuffle(notebook)
    time_it(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    tries = {IN_TURNS: "wrong (M210", ADDED: "wrong (M219", GROUPED: "right"}
    walk(open_notebook(FILE), explore, CARDS, "grouped", tries)
