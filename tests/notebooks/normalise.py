"""Runs, cleans and checks the notebooks, so that what git keeps of them is the same after every clean run.

    python tests/notebooks/normalise.py [FILE ...]            runs each from a fresh kernel and writes it
    python tests/notebooks/normalise.py --check [FILE ...]    writes nothing; fails when a run would change a file

Without FILE: every notebook in notebooks/. What is kept: sources, hand-written cell ids, the allowed tags, what a
cell teaches, and the outputs of cells that state facts. Predict, exercise and check cells are stored unrun, and of
a widget only its one line of text stays.
"""

import argparse
import copy
import difflib
import io
import re
import sys
from base64 import b64decode
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

from convlab.site.runs import run

ROOT = Path(__file__).resolve().parents[2]
TAGS = {"setup", "predict", "explore", "explain", "torch", "exercise", "check", "myth", "quiz"}
TAGS |= {"raises-exception", "nbval-ignore-output"}
UNRUN = {"predict", "exercise", "check"}
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
MADE_BY_A_TOOL = re.compile(r"[0-9a-f]{8}(-.*)?")
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def tags_of(cell):
    """The tags of a cell, as a set."""
    return set(cell.metadata.get("tags", ()))


def clean(book, stored=None):
    """The notebook as git keeps it: no trace of when, where or by whom it was run.

    Args:
        book: a notebook, run or not.
        stored: the same notebook as git has it; its pictures stay where the new ones show the same.
    """
    book = copy.deepcopy(book)
    before = {cell.id: cell for cell in stored.cells} if stored else {}
    book.metadata = nbformat.from_dict(METADATA)
    count = 0
    for cell in book.cells:
        tags = cell.metadata.get("tags", [])
        kept = {"tags": list(tags), "teaches": cell.metadata.get("teaches")}
        cell.metadata = nbformat.from_dict({name: value for name, value in kept.items() if value})
        if cell.cell_type != "code":
            cell.pop("attachments", None)
            continue
        count += 1
        unrun = bool(UNRUN & set(tags))
        cell.execution_count = None if unrun else count
        cell.outputs = [] if unrun else [_cleaned(output, count) for output in _merged(cell.outputs)]
        if cell.id in before:
            _keep_pictures(cell, before[cell.id])
    return book


def _merged(outputs):
    """The outputs with what went to one stream in several pieces in one."""
    merged = []
    for output in outputs:
        last = merged[-1] if merged else None
        if output.output_type == "stream" and last is not None and last.get("name") == output.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged


def _cleaned(output, count):
    if output.output_type == "error":
        # The trace names folders of this machine; the last line is what the lesson is about.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        output.metadata = nbformat.from_dict({})
        if WIDGET in output.data:
            output.data = nbformat.from_dict({"text/plain": output.data.get("text/plain", "")})
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def _keep_pictures(cell, stored):
    """Keeps a stored PNG where the new one looks the same: its bytes differ with Matplotlib's version and fonts."""
    for output, old in zip(cell.outputs, stored.get("outputs", ()), strict=False):
        new_png, old_png = (part.get("data", {}).get("image/png") for part in (output, old))
        if new_png and old_png and alike(new_png, old_png):
            output.data["image/png"] = old_png


def alike(one, other):
    """Whether two PNGs (base64) look the same: sizes within 2 %, shades within 4 of 255 on the mean."""
    first, second = (Image.open(io.BytesIO(b64decode(png))).convert("RGB") for png in (one, other))
    if any(abs(a - b) > 2 + 0.02 * a for a, b in zip(first.size, second.size, strict=True)):
        return False
    shades = [np.asarray(image.resize((200, 150)), float) for image in (first, second)]
    return bool(np.abs(shades[0] - shades[1]).mean() < 4)


def faults(book, name="notebook"):
    """What must not be in a notebook of the course, a sentence each."""
    found, seen = [], set()
    for cell in book.cells:
        where = f"{name}, cell {cell.id}"
        if not SLUG.fullmatch(cell.id) or MADE_BY_A_TOOL.fullmatch(cell.id):
            found.append(f"{where}: the id must be words by hand, such as predict-stride-2.")
        if cell.id in seen:
            found.append(f"{where}: another cell has this id.")
        seen.add(cell.id)
        if unknown := tags_of(cell) - TAGS:
            found.append(f"{where}: {', '.join(sorted(unknown))} is no tag of the course: {', '.join(sorted(TAGS))}.")
        if cell.cell_type == "code":
            if cell.source.rstrip().endswith(";"):
                found.append(f"{where}: nbval does not heed a closing semicolon: end in the figure, or assign it to _.")
            found += [f"{where}: {fault}" for output in cell.outputs for fault in _output_faults(output, tags_of(cell))]
    return found


def _output_faults(output, tags):
    text = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])]))
    if output.output_type == "error" and "raises-exception" not in tags:
        yield f"it raised {output.ename}: {output.evalue}"
    if output.get("name") == "stderr":
        yield f"it wrote to stderr: {output.text.strip()[:200]}"
    if found := ADDRESS.search(text):
        yield f"its output holds an address ({found[0].strip()}), which is another one on every run."
    for place in {str(ROOT), sys.prefix, str(Path.home())} - {"/"}:
        if f"{place}/" in text:
            yield f"its output names a folder of this machine ({place})."


def read(file):
    """The notebook in a file, in the newest format."""
    return nbformat.read(file, as_version=4)


def normalise(file):
    """(text in the file, text after a clean run, faults) of one notebook."""
    stored = read(file)
    fresh = clean(run(stored, Path(file).parent), stored)
    return Path(file).read_text(encoding="utf8"), nbformat.writes(fresh) + "\n", faults(fresh, Path(file).name)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Runs, cleans and checks notebooks.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a run would change a file")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    failed = False
    for file in options.files or sorted((ROOT / "notebooks").glob("*.ipynb")):
        before, after, found = normalise(file)
        for fault in found:
            print(fault)
        changed = before != after
        if changed and options.check:
            pieces = (before.splitlines(), after.splitlines(), "stored", "after a clean run")
            lines = [line[:200] for line in difflib.unified_diff(*pieces, lineterm="", n=1)]
            print(f"{file.name}: a clean run changes it.", *lines[:60], sep="\n")
        elif changed:
            file.write_text(after, encoding="utf8", newline="\n")
        print(f"{file.name}: {'changed' if changed else 'as it was'}")
        failed = failed or bool(found) or (changed and options.check)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
