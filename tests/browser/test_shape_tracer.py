"""ShapeTracer in JupyterLab: every number it draws is the one torch gives; what breaks is told in PyTorch's words."""

import os

from playwright.sync_api import expect

from tests.browser.drawn import assert_noticed, read
from tests.browser.one_widget import one_widget
from tests.browser.states import generator
from tests.browser.tracer_truth import KIND, START, Truth, faults, traced
from tests.unit.traced_models import MODELS

COUNT = 100 if os.environ.get("CONVLAB_FULL") == "1" else 11
SEED = int(os.environ.get("CONVLAB_SEED", 0))


notebook, root = one_widget(KIND, START)


def show(notebook, root, name):
    """Another model, drawn; a different one before it, so that there is always something new to draw."""
    for code in ("torch.nn.Identity(), (1, 2)", f"MODELS[{name!r}](), (2, 2, 37, 41)"):
        with notebook.redrawn(root):
            notebook.python(f"widget.set_model({code})")
    traced(root, (2, 2, 37, 41))


def typed(notebook, root, axis, value):
    """One length of the input, by the keyboard."""
    field = root.locator(f'[data-role="length"][data-index="{axis}"]')
    field.focus()
    notebook.page.keyboard.type(str(value))
    notebook.page.keyboard.press("Enter")


def test_every_number_is_torchs_for_models_and_sizes_at_random(notebook, root):
    rng, names = generator(SEED), list(MODELS)
    for state in range(COUNT):
        name, rows, columns = names[state % len(names)], int(rng.integers(28, 60)), int(rng.integers(28, 60))
        shape = (int(rng.integers(1, 4)), 2, rows, columns) if name != "plain" else (int(rng.integers(1, 4)), 2, 37, 41)
        show(notebook, root, name)
        for axis in (0, 2, 3):
            typed(notebook, root, axis, shape[axis])
        traced(root, shape)
        truth = Truth(name, shape)
        at = int(rng.integers(len(truth.rows) + 1))
        if state % 2:
            root.locator(f'tr[data-at="{at}"] button').click()
        else:
            root.locator(f'.st-box[data-at="{at}"]').click()
        expect(root).to_have_attribute("data-at", str(at))
        found = read(root)
        told = f"{name} on {shape}, row {at}"
        assert faults(found, truth) == [], told
        roles = [number["role"] for number in found["numbers"]]
        assert roles.count("parameters") == roles.count("macs") == len(truth.rows), told
        assert roles.count("output-size") == sum(len(row.output_shape) for row in truth.rows), told
        expect(root.locator(".st-pinned-row .st-quiet").first).to_have_text(f"{at} ")
    assert notebook.problems == []


def test_the_reader_finds_a_wrong_number_and_a_hidden_one(notebook, root):
    truth = Truth("plain", (2, 2, 37, 41))
    show(notebook, root, "plain")
    roles = ("output-size", "parameters", "macs", "memory", "field", "box-size", "total-macs", "sum-parameters")
    numbers = {role: root.locator(f'[data-role="{role}"]').last for role in roles}
    assert_noticed(root, numbers, lambda found: faults(found, truth))


def test_where_it_breaks_the_rows_before_stay_and_both_messages_are_there(notebook, root):
    typed(notebook, root, 2, 40)
    traced(root, (2, 2, 40, 41))
    expect(root.locator(".cl-problem")).to_have_count(0)  # 40 rows give the same features as 37
    typed(notebook, root, 2, 64)
    traced(root, (2, 2, 64, 41))
    says = notebook.python(
        "try:\n    widget.output\nexcept RuntimeError as error:\n    print(error)\nprint(len(widget.walk.rows))"
    ).split("\n")
    expect(root.locator(".cl-problem .st-message")).to_have_text(says[0])
    expect(root.locator(".cl-problem")).to_contain_text("write nn.Linear(252, 5)")
    expect(root.locator("tr.st-breaks")).to_contain_text("breaks here was given (2, 252)")
    assert root.locator("tbody tr").count() == int(says[1]) + 1 == 9
    assert root.locator('tr[data-at="4"] [data-role="output-size"]').all_text_contents() == ["2", "6", "15", "19"]
    root.get_by_role("button", name="Show row 8").click()
    expect(root).to_have_attribute("data-at", "8")
    expect(root.locator(".st-box.st-breaks")).to_have_attribute("data-at", "8")
    typed(notebook, root, 2, 37)
    traced(root, (2, 2, 37, 41))
    expect(root.locator(".cl-problem")).to_have_count(0)


SILENT = """
class Silent(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.Linear(4 * 8 * 6, 3)

    def forward(self, x):
        return self.fc(self.conv(x).view(-1, 4 * 8 * 6))

widget.set_model(Silent(), (2, 2, 8, 6))
"""


def test_numbers_that_move_into_the_batch_axis_are_flagged(notebook, root):
    with notebook.redrawn(root):
        notebook.python(SILENT)
    expect(root.locator(".cl-problem")).to_have_count(0)
    typed(notebook, root, 2, 16)
    typed(notebook, root, 3, 12)
    traced(root, (2, 2, 16, 12))
    panel = root.locator(".st-batch")
    expect(panel).to_contain_text("It runs, but the batch axis went from 2 to 8.")
    expect(panel).to_contain_text("Each sample has 4 · 16 · 12 = 768 numbers, not 192: write x.flatten(1)")
    expect(root.locator("tr.st-moved")).to_have_attribute("data-at", "2")
    expect(root.locator('.st-box[data-at="2"] .st-size')).to_have_text("8×192")


def test_a_budget_shows_who_spends_it(notebook, root):
    for budget, words, over in (
        ("{'parameters': 500, 'macs': 10**9}", "over the limit of 500", 1),
        ("{'parameters': 10**6, 'memory': 10}", "over the limit of 10 bytes", 1),
        ("{}", "most in", 0),
    ):
        with notebook.redrawn(root):
            notebook.python(f"widget.budget = {budget}")
        expect(root.locator(".st-budget")).to_contain_text(words)
        expect(root.locator(".st-over")).to_have_count(over)
        expect(root.locator(".st-limit")).to_have_count(budget.count(":"))
    part = root.locator(".st-amounts").first.locator(".st-part").first
    with notebook.redrawn(root):
        part.click()
    expect(root).to_have_attribute("data-at", "8")
    total = root.locator('[data-role="sum-parameters"]').get_attribute("data-value")
    assert total == notebook.python("print(sum(p.numel() for p in widget.model.parameters()))").strip()


LOUD = """
class Loud(torch.nn.Module):
    def forward(self, x):
        print("seen:", tuple(x.shape))
        return x

widget.set_model(Loud(), (1, 2, 3, 4))
"""


def test_what_the_model_prints_is_shown_in_the_widget(notebook, root):
    out = notebook.python(LOUD)
    expect(root.locator(".st-printed")).to_have_text("seen: (1, 2, 3, 4)")
    assert out.strip() == ""
