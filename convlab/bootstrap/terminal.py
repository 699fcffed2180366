"""One moving line for a process that says much: what it says goes to a log, and is shown where it fails."""

import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

SHOWN_ON_FAILURE = 15
NOT_FOUND = 127  # the status a shell gives a program that is not there


class Line:
    """A line of the terminal that is written over; where the output is no terminal, its first and last state only.

    Args:
        what: the words it begins with.

    Example:
        >>> line = Line("Installing")
        Installing ...
        >>> line.end("done")
        Installing: done
    """

    def __init__(self, what):
        self.what = what
        self.moving = sys.stdout.isatty()
        self.length = 0
        if not self.moving:
            print(f"{what} ...", flush=True)

    def show(self, news):
        if self.moving:
            width = shutil.get_terminal_size().columns - 1
            text = f"{self.what} ... {news}"[:width]
            # Spaces wipe the rest of the old text: an escape code would show as rubbish in an old Windows console.
            print(f"\r{text:<{self.length}}", end="", flush=True)
            self.length = len(text)

    def end(self, news):
        text = f"{self.what}: {news}"
        print(f"\r{text:<{self.length}}" if self.moving else text, flush=True)


def duration(seconds):
    """A time as people say it.

    Example:
        >>> duration(41.3), duration(83), duration(0.04)
        ('41 s', '1 min 23 s', '0.0 s')
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def run(command, what, log, env=None, cwd=None):
    """The exit status and the lines of a process, shown as one moving line and kept whole in a log.

    Args:
        command: the program and its arguments.
        what: the words the moving line begins with.
        log: the file that its output is added to.
        env: its environment variables, this process's own when None.
        cwd: the folder it runs in.

    Returns:
        ``(status, lines, line)``: the caller ends the ``Line``, because it knows how to name the result.
    """
    running = Run(command, log, env, cwd)
    try:
        return running.followed(what)
    finally:
        running.end()


class Run:
    """A process that runs from now on; arguments as for ``run``.

    Example:
        >>> import os
        >>> running = Run([sys.executable, "-c", "print(6 * 7)"], os.devnull)
        >>> status, lines, line = running.followed("Counting")
        Counting ...
        >>> status, lines
        (0, ['42'])
    """

    def __init__(self, command, log, env=None, cwd=None):
        self.started, self.ended = time.monotonic(), None
        self.log, self._said = Path(log), queue.Queue()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._process = subprocess.Popen(
                [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, env=env, cwd=cwd, text=True, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except OSError as error:
            self._process, self._why = None, str(error)
            return
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def seconds(self):
        """How long it has run, or ran."""
        return (self.ended or time.monotonic()) - self.started

    def followed(self, what):
        """Waits for the end; what ``run`` returns."""
        line, lines = Line(what), []
        if self._process is None:
            return NOT_FOUND, [self._why], line
        while (text := self._next()) is not None:
            if text:
                lines.append(text.rstrip())
            elif self._process.poll() is not None:
                break  # it ended, but a child it left behind still holds its output open
            line.show(f"{duration(self.seconds)}  {lines[-1].strip() if lines else ''}")
        return self._process.wait(), lines, line

    def end(self):
        """Ends it where it still runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def _read(self):
        with open(self.log, "a", encoding="utf-8") as file:
            for text in self._process.stdout:
                file.write(text)
                self._said.put(text)
        self.ended = time.monotonic()
        self._said.put(None)

    def _next(self):
        """The next line, an empty text when a second passes without one, None at the end."""
        try:
            return self._said.get(timeout=1)
        except queue.Empty:
            return ""


def last(lines, count=SHOWN_ON_FAILURE):
    """The last lines that say something, indented.

    Example:
        >>> print(last(["one", "", "two"], 1))
            two
    """
    return "\n".join(f"    {text}" for text in [text for text in lines if text.strip()][-count:])
