"""A notebook opened without a kernel comes without the views of its widgets, and with everything else."""

import nbformat
import pytest

from convlab.server import VIEW, drop_views


def opened(output):
    """What is left of a notebook's one output."""
    cell = nbformat.v4.new_code_cell("1 + 1", outputs=[nbformat.from_dict(output)])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A"), cell])
    drop_views(notebook)
    nbformat.validate(notebook)
    return notebook.cells[1].outputs


def shown(**data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def test_a_widget_keeps_its_line_of_text_alone():
    (output,) = opened(shown(**{VIEW: {"model_id": "a1", "version_major": 2}, "text/plain": "SizeRuler()"}))
    assert output.data == {"text/plain": "SizeRuler()"}


@pytest.mark.parametrize(
    "output",
    [
        shown(**{"text/plain": "3", "text/html": "<b>3</b>"}),
        shown(**{VIEW: {"model_id": "a1"}}),
        {"output_type": "stream", "name": "stdout", "text": "3"},
        {"output_type": "error", "ename": "E", "evalue": "e", "traceback": []},
    ],
)
def test_all_other_outputs_stay_as_they_are(output):
    assert opened(output) == [output]
