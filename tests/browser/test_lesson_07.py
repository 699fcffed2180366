"""Lesson 07 as a learner walks it: trace, train, be wrong twice, mend the network, reload, restart, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "07-a-cnn-on-real-images.ipynb"
CARDS = {
    "predict-shape": ("cnn-shape", 1),
    "predict-pool": ("pool-value", 1),
    "predict-one": ("myth-one-conv", 3),
    "predict-dropout": ("dropout-row", 1),
}
STILL_VIEWED = """
class SimpleCNN(nn.Module):
    def __init__(self, in_channels, size, classes):
        super().__init__()
        layers = []
        for C_in, C_out in ((in_channels, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(C_in, C_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        self.features, (H, W) = nn.Sequential(*layers), size
        self.numbers = 64 * (H // 8) * (W // 8)
        self.fc = nn.Linear(self.numbers, classes)

    def forward(self, input):
        return self.fc(self.features(input).view(-1, self.numbers))

    def count(self):
        return sum(parameter.numel() for parameter in self.parameters())
"""
FLATTENED = STILL_VIEWED.replace(".view(-1, self.numbers)", ".flatten(1)")


def widen_the_pictures(notebook):
    """The width by key, from 32 to 64, until the task with the batch that changes is ticked."""
    root = notebook.cell("explore-trace").locator(".convlab-shape-tracer")
    root.scroll_into_view_if_needed()
    width = root.locator('[data-role="length"][data-index="3"]')
    width.focus()
    notebook.page.keyboard.type("64")
    notebook.page.keyboard.press("Enter")
    expect(width).to_have_text("64")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def learn_from_three_batches(notebook):
    """Three single steps by their button, until the first task is ticked: the filters on the screen have changed."""
    root = notebook.cell("explore-train").locator(".convlab-feature-maps")
    root.scroll_into_view_if_needed()
    for done in (1, 2, 3):
        root.get_by_role("button", name="Step", exact=True).click()
        expect(root.locator('[data-role="steps-done"]').first).to_have_text(str(done))
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def explore(notebook):
    widen_the_pictures(notebook)
    learn_from_three_batches(notebook)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    walk(open_notebook(FILE), explore, CARDS, "simple", {STILL_VIEWED: "wrong (M98", FLATTENED: "right"})
