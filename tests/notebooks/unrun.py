"""The cells that a notebook stores unrun: what they print once every exercise is solved.

    python tests/notebooks/unrun.py [FILE ...]    writes tests/expected/<notebook>/<cell-id>.txt

A stored output would spoil the answer, and nbval does not look at such a cell; so its text is kept apart.
"""

import copy
import re
import sys
from pathlib import Path

from convlab import exercises

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.notebooks.normalise import ROOT, UNRUN, read, run, tags_of

EXPECTED = ROOT / "tests" / "expected"


def lesson_of(file):
    """The number of a lesson's notebook: "02" of 02-convolution-by-hand.ipynb."""
    return Path(file).stem[:2]


def solved(book, lesson):
    """The notebook with the reference in the place of every stub, and the ids of the exercises solved."""
    book = copy.deepcopy(book)
    found = []
    for cell in book.cells:
        if "exercise" not in tags_of(cell):
            continue
        for name in exercises.ids(lesson):
            function = exercises.get(name).reference.__name__
            if re.search(rf"^(def|class) {function}\(", cell.source, re.M):
                cell.source = f"from convlab.exercises import get\n\n{function} = get({name!r}).reference"
                found.append(name)
    return book, found


def printed(cell):
    """What a cell shows, as text; the seed of a check, which is drawn anew each time, as 0."""
    pieces = []
    for output in cell.outputs:
        if output.output_type == "stream":
            pieces.append(output.text)
        elif output.output_type == "error":
            pieces.append(f"{output.ename}: {output.evalue}")
        else:
            pieces.append(output.data.get("text/plain", ""))
    text = "".join(piece.rstrip("\n") + "\n" for piece in pieces)
    return re.sub(r"\(seed \d+\)", "(seed 0)", text)


def unrun_cells(book):
    """The code cells that are stored without their outputs."""
    return [cell for cell in book.cells if cell.cell_type == "code" and UNRUN & tags_of(cell)]


def expected_file(file, cell):
    """Where the text of an unrun cell is kept."""
    return EXPECTED / Path(file).stem / f"{cell.id}.txt"


def main(files):
    for file in map(Path, files) if files else sorted((ROOT / "notebooks").glob("*.ipynb")):
        book, _ = solved(read(file), lesson_of(file))
        for cell in unrun_cells(run(book, file.parent)):
            kept = expected_file(file, cell)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(printed(cell), encoding="utf8", newline="\n")
            print(kept.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
