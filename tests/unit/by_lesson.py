"""What the lessons bring to the tests they share: modules found by their names, and questions, each made once."""

import os
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from convlab.questions import ids, make

SEEDS = range(200 if os.environ.get("CONVLAB_FULL") else 20)
LESSONS = sorted({make(id, 0).lesson for id in ids()})  # those that have questions


@lru_cache(maxsize=20_000)
def made(id, seed):
    """The question of a seed: many tests look at the same one, and none changes it."""
    return make(id, seed)


def of_kind(*kinds):
    """The ids of the questions of these kinds."""
    return [id for id in ids() if made(id, 0).kind in kinds]


def modules(kind):
    """What the lessons bring of a kind: of judges, the modules judges_00, judges_01 and so on."""
    found = sorted(Path(__file__).parent.glob(f"{kind}_[0-9]*.py"))
    return [import_module(f"tests.unit.{path.stem}") for path in found]


def words_of(question):
    """What a question says to somebody who has answered: its steps, its lines, its sentence and its hint."""
    lines = [slip.line for slip in (*question.slips, *question.per_option.values())]
    return [*question.steps, *lines, question.because, question.hint]
