"""The class in the forms in which others take it: CSV, JSON lines, and statements of xAPI."""

import csv
import io
import json

from convlab import exercises
from convlab.mistakes import MISTAKES

COLUMNS = (
    "user", "at", "lesson", "item", "seed", "kind", "outcome", "checked", "mistakes", "answer", "hints",
    "solution_seen", "seconds", "sure", "context", "received", "version", "id",
)  # fmt: skip
VERB = {"right": "passed", "wrong": "failed", "partial": "failed"}
ADL = "http://adlnet.gov/expapi"


def csv_lines(rows):
    """The attempts as lines of CSV with a header.

    A value that a spreadsheet would take for a formula gets an apostrophe before it.

    Args:
        rows: dicts that `Records` gave.

    Example:
        >>> list(csv_lines([{"user": "ada", "answer": "=1+1"}]))[1].split(",")[9]
        "'=1+1"
    """
    yield _line(COLUMNS)
    for row in rows:
        yield _line([_harmless(row.get(name)) for name in COLUMNS])


def _line(values):
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()


def _harmless(value):
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def json_lines(rows):
    """The attempts as lines of JSON."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def statements(rows, home):
    """The attempts as xAPI statements, a line of JSON each.

    Args:
        rows: dicts that `Records` gave.
        home: the URL of the hub, which is what a learner's name is a name at.

    Example:
        >>> row = {"id": "1", "user": "ada", "item": "window-value", "outcome": "wrong", "mistakes": "M61"}
        >>> row |= {"answer": "12", "at": "2026-05-01T09:30:00+00:00", "seconds": 3.5, "seed": 7, "checked": True}
        >>> json.loads(next(statements([row], "https://hub.example.org/")))["verb"]["id"]
        'http://adlnet.gov/expapi/verbs/failed'
    """
    for row in rows:
        yield json.dumps(_statement(row, home), ensure_ascii=False) + "\n"


def _statement(row, home):
    verb = VERB.get(row["outcome"], "attempted")
    result = {"response": row["answer"], "extensions": {f"{home}outcome": row["outcome"]}}
    if verb != "attempted":
        result["success"] = row["outcome"] == "right"
    if row["seconds"] is not None:
        result["duration"] = f"PT{row['seconds']:.2f}S"
    named = {id: MISTAKES[id].title for id in row["mistakes"].split(",") if id in MISTAKES}
    context = {f"{home}mistakes": named, f"{home}seed": row["seed"], f"{home}checked": row["checked"]}
    kind = "performance" if row["item"] in exercises.ids() else "interaction"
    activity = {"objectType": "Activity", "id": f"{home}items/{row['item']}"}
    activity["definition"] = {"type": f"{ADL}/activities/{kind}", "name": {"en": row["item"]}}
    return {
        "id": row["id"],
        "actor": {"objectType": "Agent", "account": {"homePage": home, "name": row["user"]}},
        "verb": {"id": f"{ADL}/verbs/{verb}", "display": {"en": verb}},
        "object": activity,
        "result": result,
        "context": {"extensions": context},
        "timestamp": row["at"],
    }
