"""Lesson 03 as a learner walks it: set, be wrong twice, be right, reload, restart, find it all again."""

from playwright.sync_api import expect

from tests.browser.learner import walk

FILE = "03-the-conv2d-layer.ipynb"
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
    walk(open_notebook(FILE), seven_filters, CARDS, "own-layer", {PLAIN: "wrong (M92", TRAINED: "right"})
