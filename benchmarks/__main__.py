"""The figures of the course: every row of the table in one run, or some of its benchmarks.

    python3 -m convlab bench                     every row, in under ten minutes
    python3 -m convlab bench --quick             every row from a smaller sample, under a minute
    python3 -m convlab bench --save              every row; the README, its picture and its text are written anew
    python3 -m convlab bench widgets [--only=hand]

Each benchmark has a process of its own, so that none is measured with what another has loaded.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import _frame, _machine, _picture, _readme

ROOT = Path(__file__).resolve().parents[1]
WHOLE = (("questions",), ("engines",), ("widgets",), ("exercises",), ("notebooks",))  # together they give every row
# The bounds of the last two are wide enough for a busy core beside them.
QUICK = (("questions",), ("engines",), ("widgets",), ("exercises", "notebooks"))
KEPT = ROOT / "build" / "bench"


def run(groups, options, folder):
    """(rows, exit statuses, seconds by names) of groups of benchmarks, one group after the other.

    Args:
        groups: of names; those of one group run at the same time.
        options: of the command line, for each of them.
        folder: for their rows.
    """
    rows, statuses, seconds = [], [], {}
    for names in groups:
        began = time.monotonic()
        files = [Path(folder) / f"{name}.json" for name in names]
        processes = [
            subprocess.Popen([sys.executable, "-m", f"benchmarks.{name}", *options, f"--rows={file}"], cwd=ROOT)
            for name, file in zip(names, files, strict=True)
        ]
        statuses += [process.wait() for process in processes]
        rows += [row for file in files if file.exists() for row in _frame.load(file.read_text(encoding="utf-8"))]
        seconds[" and ".join(names)] = time.monotonic() - began
    return rows, statuses, seconds


def whole(quick, save):
    """The exit status of a run of every row: 0 when every bound is kept.

    Args:
        quick: whether a smaller sample is enough.
        save: whether the README and what it shows are written.
    """
    machine, load = _machine.machine(), _machine.load()
    print(f"{machine}\nProcesses that wanted a processor when this began: {load:.1f}\n\n{_frame.HEADING}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        rows, statuses, seconds = run(QUICK if quick else WHOLE, ["--quick"] if quick else [], folder)
    absent = [words for part, words in _frame.TABLE.items() if part not in {row.part for row in rows}]
    KEPT.mkdir(parents=True, exist_ok=True)
    keep(rows, machine, KEPT / "bench.txt", KEPT / "bench.png")
    each = ", ".join(f"{name} {taken:.0f}" for name, taken in seconds.items())
    print(
        f"\n{_frame.verdict(rows)}\nThe picture: build/bench/bench.png. Seconds: {sum(seconds.values()):.0f} ({each})."
    )
    if absent:
        print(f"Without a row: {'; '.join(absent)}.")
    elif save:
        publish(rows, machine, ROOT)
    return int(bool(absent) or any(statuses))


def keep(rows, machine, text, picture):
    """Writes the table and the picture."""
    text.write_text(f"{machine}\n\n{_frame.table(rows)}\n\n{_frame.verdict(rows)}\n", encoding="utf-8")
    _picture.draw(rows, picture)


def publish(rows, machine, root):
    """Writes the README's block, its picture and all rows as text.

    Args:
        rows: of a full run.
        machine: its description.
        root: the repository.
    """
    keep(rows, machine, root / _readme.TEXT, root / _readme.PICTURE)
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(_readme.written(text, _readme.block(rows, machine)), encoding="utf-8")
    print(f"README.md, {_readme.PICTURE} and {_readme.TEXT} are written.")


def main(arguments):
    """The exit status of a command line."""
    names = [text for text in arguments if not text.startswith("-")]
    options = [text for text in arguments if text.startswith("-")]
    if names:
        if "--save" in options:
            print("--save needs every row: leave the names out.")
            return 2
        return max(subprocess.call([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=ROOT) for name in names)
    unknown = set(options) - {"--quick", "--save"}
    if unknown or len(options) > 1:
        print(f"bench takes --quick or --save, and {' '.join(options)} came; other options need a benchmark's name.")
        return 2
    return whole("--quick" in options, "--save" in options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
