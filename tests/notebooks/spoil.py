"""A plugin for nbval: what a cell gave is compared again, each time with one piece of what is stored corrupted.

nbval itself compares; a cell at which it does not notice a corrupted piece fails. So one run of a notebook proves both
that it gives what is stored, and that nothing else would have passed.
"""

import copy

import pytest
from nbval.plugin import IPyNbCell, coalesce_streams

from tests.notebooks.normalise import UNRUN, tags_of

NOT_COMPARED = {"image/png", "application/vnd.jupyter.widget-view+json"}  # nbval skips them
SPOILED = "corrupted pieces noticed"


def pieces(cell):
    """Every piece of a cell's stored outputs that nbval compares: (number of the output, key)."""
    if tags_of(cell) & (UNRUN | {"nbval-ignore-output"}):
        return []
    found = []
    for number, output in enumerate(cell.outputs):
        if output.output_type == "stream":
            found.append((number, "text"))
        elif output.output_type == "error":
            found.append((number, "evalue"))
        else:
            found += [(number, mime) for mime in output.data if mime not in NOT_COMPARED]
    return found


def spoiled(outputs, number, key):
    """A copy of a cell's outputs with one character of one piece changed."""
    outputs = copy.deepcopy(outputs)
    holder = outputs[number] if key in ("text", "evalue") else outputs[number].data
    text = holder[key]
    middle = len(text) // 2
    holder[key] = text[:middle] + ("x" if text[middle : middle + 1] != "x" else "y") + text[middle + 1 :]
    return outputs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if isinstance(item, IPyNbCell):
        found = pieces(item.cell)
        for piece in found:
            stored = coalesce_streams(spoiled(item.cell.outputs, *piece))
            if item.compare_outputs(item.test_outputs, stored):
                pytest.fail(f"cell {item.cell_num}: nbval did not notice that {piece} of what is stored was corrupted")
        item.user_properties.append((SPOILED, len(found)))
    return result
