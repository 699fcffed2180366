"""The help with errors quotes what is really printed, and every quoted error is printed by something."""

import pytest

from convlab.exercises import get
from convlab.exercises.sentences import known_error
from tests.unit.by_lesson import modules
from tests.unit.exercise_help import NAMES, told

PROVOKED = {id: (lines, module) for module in modules("errors") for id, lines in module.PROVOKED.items()}


@pytest.mark.parametrize("id", PROVOKED)
def test_the_help_with_errors_quotes_what_is_really_printed(id):
    lines, module = PROVOKED[id]
    met = set()
    for provoke in lines.values() if isinstance(lines, dict) else lines:
        message = told(provoke, NAMES | getattr(module, "NAMES", {}))
        found = known_error(get(id).errors, message)
        assert found, f"not in the list: {message}"
        met.add(found)
    assert met == set(get(id).errors), set(get(id).errors) - met


def test_an_error_that_nothing_raises_would_be_noticed():
    with pytest.raises(AssertionError, match="raises nothing: 1 \\+ 1"):
        told("1 + 1")
