"""Things to do with a widget: a list under the picture that ticks itself off, and is remembered."""

from types import SimpleNamespace

from ..attempt import Attempt, raw
from ..shapes import ArgumentError
from ..store import current


class Tasks:
    """The tasks of one widget: sentence -> a question to its present state.

    Args:
        tasks: a dict; each value is a function of ``now`` (the widget's arrays and traits by name, and
            ``now.start``, the same at the beginning) that is true when the task is done.
        name: the widget's name, under which what is done is remembered.

    Raises:
        ArgumentError: something else than a dict of functions.

    Example:
        >>> tasks = Tasks({"Reach 3": lambda now: now.place == 3}, "Doctest")
        >>> tasks.look({"place": 1}), tasks.look({"place": 3}), tasks.look({"place": 1})
        (False, True, False)
        >>> tasks.shown
        [{'text': 'Reach 3', 'done': True}]
    """

    def __init__(self, tasks, name):
        if not isinstance(tasks, dict) or not all(callable(done) for done in tasks.values()):
            raise ArgumentError(
                "tasks must be a dict {sentence: function of now}; "
                f"got {type(tasks).__name__}: write tasks={{'Make it 0': lambda now: now.output.sum() == 0}}."
            )
        self._tasks, self._name, self._start = tasks, name, None
        before = {attempt.response for attempt in current().attempts(item=f"task:{name}")} if tasks else set()
        self.shown = [{"text": text, "done": text in before} for text in tasks]

    def look(self, state):
        """True when a task has been done since the last look."""
        now = SimpleNamespace(**state)
        if self._start is None:
            self._start = now
        now.start = self._start
        news = False
        for entry in self.shown:
            if not entry["done"] and self._is_done(entry["text"], now):
                entry["done"] = news = True
                self._remember(entry["text"])
        return news

    def _is_done(self, text, now):
        try:
            return bool(self._tasks[text](now))
        except Exception:  # a state the task does not speak of (another shape, say): not done, and no trace
            return False

    def _remember(self, text):
        done = Attempt(f"task:{self._name}", "right", raw(text), kind="task", source="widget", context="task")
        current().record(done)
