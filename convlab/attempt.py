"""What one answer is, in memory, in the database and in the file that carries progress to another machine."""

import json
import os
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from convlab import __version__
from convlab.refusals import ArgumentError, ChoiceError, FileRefused, came
from convlab.verdict import OUTCOMES

SOURCES = ("widget", "code", "import")
ANSWER_BYTES = 4096
FORMAT = 2  # of the export; 1 knew nothing of the learner's own layers, and is still read


def raw(response):
    """The response as JSON text of at most 4 KB, a set as a list; what JSON cannot hold is kept as its `repr`.

    Args:
        response: what was answered, of any kind.

    Example:
        >>> raw((1, 8, 15, 15)), raw(True), raw({(2, 1), (0, 1)}), raw(1j)
        ('[1, 8, 15, 15]', 'true', '[[0, 1], [2, 1]]', '"1j"')
    """
    try:
        text = json.dumps(response, default=_plain)
    except Exception:  # too deep, circular, or an object whose repr raises: the kind of thing is all we keep
        text = json.dumps(f"<{type(response).__name__}>")
    if len(text) <= ANSWER_BYTES:
        return text
    return json.dumps({"cut": text[: ANSWER_BYTES // 2 - 100]})  # each quote in it doubles


def _plain(value):
    """What JSON can hold in the place of this."""
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return value.tolist() if hasattr(value, "tolist") else repr(value)


@dataclass(frozen=True)
class Attempt:
    """One answer, as it was given and judged.

    Args:
        item: the id of the question or exercise.
        outcome: what the grader said, one of the six of `Verdict`.
        kind: of the question, or ``"code"`` for an exercise.
        revision: of the question or exercise, as it was then.
        seed: what fixed its numbers, or None.
        mistakes: ids that the grader recognised, likeliest first.
        hints: how many were read before it.
        solution_seen: whether the solution was shown before it.
        answer: the response as JSON text (`raw` makes it), at most 4 KB. Never a learner's code.
        lesson: the lesson the item belongs to, such as ``"02"``.
        context: where it was asked: ``"quiz"``, ``"predict"``, ``"warm-up 02"``, ``"test 7"``, ``"exercise"``.
        sure: how sure the learner was: 1 a guess, 2 fairly, 3 certain, or None where nobody asked.
        seconds: from seeing to answering, or None.
        source: ``widget``, ``code`` or ``import``.
        about: for a question on the learner's own layer, the layer and the input's shape as JSON; else "".
        version: of convlab.
        at: an ISO time with its time zone, kept in UTC.
        id: a uuid; sending the same attempt twice stores it once.

    Raises:
        ValueError: a field holds what the database must not.

    Example:
        >>> Attempt("02.value", "right", raw(7), seed=3, lesson="02").response
        7
    """

    item: str
    outcome: str
    answer: str = "null"
    revision: int = 1
    seed: int | None = None
    kind: str = ""
    mistakes: tuple[str, ...] = ()
    hints: int = 0
    solution_seen: bool = False
    seconds: float | None = None
    sure: int | None = None
    source: str = "code"
    lesson: str = ""
    context: str = ""
    about: str = ""
    version: str = __version__
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="microseconds"))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self):
        def need(ok, what, value):
            if not ok:
                raise ValueError(f"an attempt needs {what}; got {repr(value)[:80]}")

        for name in ("item", "kind", "lesson", "context", "version", "at", "answer", "about"):
            need(_fits(getattr(self, name)), f"{name} as text of at most 4 KB", getattr(self, name))
        need(self.item, "the id of its question or exercise", self.item)
        need(self.outcome in OUTCOMES, f"an outcome of {', '.join(OUTCOMES)}", self.outcome)
        need(self.source in SOURCES, f"a source of {', '.join(SOURCES)}", self.source)
        need(self.sure in (None, 1, 2, 3), "sure as 1, 2, 3 or None", self.sure)
        for name in ("revision", "hints"):
            need(_whole(getattr(self, name)), f"{name} as a whole number", getattr(self, name))
        need(self.seed is None or _whole(self.seed), "a seed of at most 63 bits", self.seed)
        need(self.seconds is None or 0 <= self.seconds < 1e7, "seconds from 0, or None", self.seconds)
        ids = all(_fits(mistake) and mistake and "," not in mistake for mistake in self.mistakes)
        need(ids and _fits(",".join(self.mistakes)), "ids of mistakes", self.mistakes)
        object.__setattr__(self, "mistakes", tuple(self.mistakes))
        object.__setattr__(self, "solution_seen", bool(self.solution_seen))
        try:
            object.__setattr__(self, "id", str(uuid.UUID(self.id)))
            object.__setattr__(self, "at", utc(self.at))
            json.loads(self.answer)
            json.loads(self.about or "{}")
        except (ValueError, AttributeError, TypeError, RecursionError):
            raise ValueError("an attempt needs a uuid, an ISO time and a JSON answer") from None

    @property
    def settled(self):
        """True for an answer that was judged; False for one that could not be read, and for none."""
        return self.outcome in ("right", "wrong", "partial")

    @property
    def response(self):
        """The answer as it was given, or None when it was too long to keep."""
        answer = json.loads(self.answer)
        return None if isinstance(answer, dict) and "cut" in answer else answer


def _fits(value):
    """True for text that a database and a file can hold, of at most 4 KB."""
    try:
        return isinstance(value, str) and len(value.encode()) <= ANSWER_BYTES
    except UnicodeEncodeError:  # half a character, as JSON can spell one
        return False


def utc(at):
    """An ISO time as this program writes it, so that the order of the texts is the order in time.

    Raises:
        ValueError: no ISO time, or one without a time zone, or of another century.

    Example:
        >>> utc("2026-05-01T11:30:00+02:00")
        '2026-05-01T09:30:00.000000+00:00'
    """
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None or not 2000 < moment.year < 2100:
        raise ValueError(at)
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63


def attempt_at(question, response, verdict, **more):
    """The attempt at a question with this response and this verdict; `more` are further fields of `Attempt`."""
    about = {"item": question.id, "revision": question.revision, "seed": question.seed, "kind": question.kind}
    said = {"outcome": verdict.outcome, "mistakes": verdict.mistakes, "answer": raw(response)}
    return Attempt(**about, **said, lesson=question.lesson, **more)


def write_export(attempts, path):
    """The number of attempts written to the JSON file `path`, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    path = _path(path)
    rows = [asdict(attempt) for attempt in attempts]
    text = json.dumps({"format": "convlab-progress", "format_version": FORMAT, "attempts": rows}, indent=1)
    half = path.parent / f"{path.name}.{os.getpid()}.part"
    try:
        half.write_text(text, encoding="utf-8")
        os.replace(half, path)
    except OSError as error:
        with suppress(OSError):
            half.unlink()
        why = error.strerror or error
        raise FileRefused(f"Your progress could not be written to {path} ({why}): give another path.") from None
    return len(rows)


def _path(path):
    """The file that is meant.

    Raises:
        ArgumentError: no name of a file.
    """
    try:
        name = os.fspath(path)
    except Exception:
        name = None
    if not isinstance(name, str) or "\0" in name or not _encodes(name):
        raise ArgumentError(f'path must be the name of a file, such as "my-progress.json"; got {came(path)}.')
    with suppress(RuntimeError):  # a home that is not known stays a tilde
        return Path(name).expanduser()
    return Path(name)


def _encodes(name):
    try:
        os.fsencode(name)
        return True
    except UnicodeEncodeError:  # half a character
        return False


def read_export(path):
    """The attempts in a file that `write_export` wrote.

    Raises:
        ValueError: the file is missing, or it is not such a file.
    """
    path = _path(path)
    wanted = "expected a file written by progress().export(path)"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChoiceError(f"{wanted}; {path} cannot be read ({error.strerror}): give another path.") from None
    except (ValueError, RecursionError):
        raise ChoiceError(f"{wanted}; {path.name} is not JSON: export it again.") from None
    if not isinstance(data, dict) or data.get("format") != "convlab-progress":
        raise ChoiceError(f"{wanted}; {path.name} is other JSON: give another path.")
    if data.get("format_version") not in range(1, FORMAT + 1):
        raise ChoiceError(f"{wanted}; {path.name} comes from a newer convlab: update this one.")
    try:
        return [Attempt(**{**it, "mistakes": tuple(it["mistakes"])}) for it in data["attempts"]]
    except (ValueError, TypeError, KeyError) as error:
        raise ChoiceError(f"{wanted}; an entry of {path.name} is damaged ({error}): export it again.") from None
