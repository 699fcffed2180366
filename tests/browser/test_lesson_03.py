"""Lesson 03 as a learner walks it: set, tick a task, answer, be wrong, write a class, restart, reload, find it all."""

from playwright.sync_api import expect

from tests.browser.learner import answer_cards, come_back, come_back_later, solve

FILE = "03-the-conv2d-layer.ipynb"
RUN_MS = 240_000
CARDS = {
    "predict-call": ("which-call", 2),
    "predict-weight": ("weight-shape", 5),
    "predict-next": ("next-in-channels", 2),
    "predict-message": ("message-channels", 3),
}
PLAIN = """
class MyConv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, bias=True):
        super().__init__()
        kH, kW = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
        self.weight = torch.randn(out_channels, in_channels, kH, kW)
        self.bias = torch.zeros(out_channels) if bias else None

    def forward(self, input):
        return F.conv2d(input, self.weight, self.bias)
"""
TRAINED = PLAIN.replace("torch.randn(out_channels, in_channels, kH, kW)",
                        "nn.Parameter(torch.randn(out_channels, in_channels, kH, kW))").replace(
                        "torch.zeros(out_channels)", "nn.Parameter(torch.zeros(out_channels))")  # fmt: skip


def seven_filters(notebook):
    """out_channels by keys until the task with 7 feature maps is ticked."""
    root = notebook.cell("explore-call").locator(".convlab-layer-anatomy")
    root.scroll_into_view_if_needed()
    root.locator('[role="spinbutton"][data-role="out_channels"]').focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowUp")
    expect(root.locator(".cl-tasks .cl-done")).to_have_count(1)


def test_a_learner_walks_it_and_finds_the_answers_again(open_notebook):
    notebook = open_notebook(FILE)
    notebook.run_all(RUN_MS)
    seven_filters(notebook)
    said_on = answer_cards(notebook, CARDS)
    solve(notebook, "exercise-own-layer", "check-own-layer", {PLAIN: "wrong (M92", TRAINED: "right"})
    come_back(notebook, said_on, "check-own-layer", RUN_MS)
    come_back_later(notebook, said_on, RUN_MS)
