"""Lesson 11 as a learner walks it: trace, set, light, be wrong three times, mend a patient, reload, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "11-debugging-clinic.ipynb"
CARDS = {
    "predict-message": ("wrong-argument", 1),
    "predict-features": ("read-mat1", 1),
    "predict-batch-of-grey": ("grey-shape", 1),
    "predict-pairs": ("pair-mend", 1),
}
KEPT_FIVE = """
class DigitNet(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.conv, (H, W) = nn.Conv2d(1, 6, (3, 5)), size
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(6 * 3 * 5, 10)

    def forward(self, pictures):
        return self.fc(self.pool(self.conv(pictures).relu()).flatten(1))
"""
ONE_CHANNEL = KEPT_FIVE.replace("6 * 3 * 5", "((H - 2) // 2) * ((W - 4) // 2)")
MENDED = KEPT_FIVE.replace("6 * 3 * 5", "6 * ((H - 2) // 2) * ((W - 4) // 2)")


def widget(notebook, cell, kind):
    root = notebook.cell(cell).locator(f".convlab-{kind}")
    root.scroll_into_view_if_needed()
    return root


def number(notebook, field, value):
    """Types a number into a field and waits until it stands there."""
    field.focus()
    for key in (*str(value), "Enter"):
        notebook.page.keyboard.press(key)
    expect(field).to_have_text(str(value))


def done(root, count):
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(count)


def three_messages(notebook):
    """The layer with 16 maps, then an earlier one that stops, then the size that the network was written for."""
    root = widget(notebook, "explore-ward", "shape-tracer")
    rows, columns = (root.locator(f'[data-role="length"][data-index="{axis}"]') for axis in (2, 3))
    root.locator('tr[data-at="4"]').click()
    done(root, 1)
    number(notebook, rows, 7)
    expect(root).to_contain_text("Kernel size can't be greater than actual input size")
    done(root, 2)
    number(notebook, rows, 14)
    number(notebook, columns, 24)
    done(root, 3)


def two_ways(notebook):
    """An odd height, where the ways differ; then twice the height: four answers for two pictures."""
    root = widget(notebook, "explore-block", "shape-tracer")
    rows = root.locator('[data-role="length"][data-index="2"]')
    number(notebook, rows, 13)
    expect(root).to_contain_text("The size of tensor a (7) must match the size of tensor b (6)")
    done(root, 1)
    number(notebook, rows, 24)
    done(root, 2)
    root.locator('tr[data-at="4"]').click()
    done(root, 3)


def pairs(notebook):
    """The padding, the right way round; then the kernel, number by number: square, that would hide it, and wrong."""
    root = widget(notebook, "explore-pairs", "layer-anatomy")
    for role, axis, value, ticked in (
        ("padding", 0, 1, 0),
        ("padding", 1, 2, 1),
        ("kernel_size", 0, 5, 2),
        ("kernel_size", 1, 3, 3),
    ):
        number(notebook, root.locator(f'.la-code [data-role="{role}"][data-index="{axis}"]'), value)
        done(root, ticked)


def impulse(notebook):
    """The last weight stands first in the output; two weights make the kernel what it is after half a turn."""
    root = widget(notebook, "explore-impulse", "layer-anatomy")
    root.locator('.la-stage [data-role="weight"][data-index="0,0,1,2"]').click()
    done(root, 1)
    root.locator('.la-stage [data-role="output"][data-index="0,2,3"]').click()
    done(root, 2)
    for index, value in (("0,0,1,2", 1), ("0,0,1,1", 2)):
        weight = root.locator(f'.la-stage [data-role="weight"][data-index="{index}"]')
        weight.focus()
        for key in (str(value), "Enter"):
            notebook.page.keyboard.press(key)
        expect(weight).to_have_attribute("data-value", str(value))
    done(root, 3)


def unseen_layers(notebook):
    """A convolution without parameters, and the one layer with some."""
    root = widget(notebook, "explore-listed", "shape-tracer")
    for at, ticked in ((1, 1), (6, 2)):
        root.locator(f'tr[data-at="{at}"]').click()
        done(root, ticked)
    number(notebook, root.locator('[data-role="length"][data-index="2"]'), 30)
    done(root, 3)


def explore(notebook):
    for step in (three_messages, two_ways, pairs, impulse, unseen_layers):
        step(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    tries = {KEPT_FIVE: "wrong (M25", ONE_CHANNEL: "wrong: You counted one map", MENDED: "right"}
    walk(open_notebook(FILE), explore, CARDS, "features", tries)
