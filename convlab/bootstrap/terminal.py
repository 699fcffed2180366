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
    line, lines, started = Line(what), [], time.monotonic()
    try:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, env=env, cwd=cwd, text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except OSError as error:
        return NOT_FOUND, [str(error)], line
    said = queue.Queue()
    threading.Thread(target=_read, args=(process, said), daemon=True).start()
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a", encoding="utf-8") as file:
        try:
            while (text := _next(said)) is not None:
                if text:
                    file.write(text)
                    lines.append(text.rstrip())
                elif process.poll() is not None:
                    break  # it ended, but a child it left behind still holds its output open
                line.show(f"{duration(time.monotonic() - started)}  {lines[-1].strip() if lines else ''}")
        except BaseException:
            process.terminate()
            raise
    return process.wait(), lines, line


def _read(process, said):
    for text in process.stdout:
        said.put(text)
    said.put(None)


def _next(said):
    """The next line, an empty text when a second passes without one, None at the end."""
    try:
        return said.get(timeout=1)
    except queue.Empty:
        return ""


def last(lines, count=SHOWN_ON_FAILURE):
    """The last lines that say something, indented.

    Example:
        >>> print(last(["one", "", "two"], 1))
            two
    """
    return "\n".join(f"    {text}" for text in [text for text in lines if text.strip()][-count:])
