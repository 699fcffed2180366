"""What is on which slide: a lesson's explanations and pictures, cut so that each slide holds what fits on it.

A browser is not asked: heights are reckoned from the number of characters, in the sizes that slides.css sets, and
tests/browser looks whether they were right.
"""

import base64
import re
import struct
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

WIDTH, HEIGHT = 1280, 720
ROOM = 520  # of a slide's height, for what stands under its heading
PICTURE_WIDTH, PICTURE_HEIGHT, LARGEST = 1160, 540, 1.7  # a picture's size, and how far it is enlarged at most
LINE, LINE_CHARACTERS, ITEM_CHARACTERS = 43, 76, 73
GAP, FORMULA, TALL_FORMULA, ROW, CODE_LINE, CODE_FRAME = 18, 60, 110, 46, 32, 34
LONG_HEADING = 44  # characters; a longer one is set smaller, so that it stays on one line
WIDE_FORMULA = 105  # characters of TeX on one line; a longer one is cut where the author left a wide space
HEADING = re.compile(r"^##? (.+)$", re.MULTILINE)
ONLY_HERE = ("*About ", "Run each cell", "Click into", "**Next:**")  # what a reader of the notebook is told


@dataclass(frozen=True)
class Block:
    """A part of a slide that is not cut.

    Args:
        height: in pixels, as far as it can be told.
        text: Markdown; empty for an output.
        output: of a cell, as nbformat has it.
    """

    height: float
    text: str = ""
    output: dict | None = None

    @property
    def is_item(self):
        return self.text.startswith("- ")


def deck(book):
    """The notebook of a lesson's slides, each cell with the kind of slide that it begins.

    Args:
        book: the lesson's notebook, run and made `readable`.
    """
    cells = []
    for heading, blocks in sections(book):
        look = "title" if not cells else "first"
        for number, slide in enumerate(cut(blocks, ROOM)):
            kind = "subslide" if number else "slide"
            cells += slide_cells(heading, slide, kind, "again" if number and look == "first" else look)
    return new_notebook(cells=cells)


def sections(book):
    """(heading, `Block`s) of all that belongs on slides, from top to bottom.

    Each is headed by the last heading above it, also by one in a cell that is not on the slides itself.
    """
    found, heading = [], ""
    for cell in book.cells:
        text = cell.source if cell.cell_type == "markdown" else ""
        if heads := HEADING.findall(text):
            heading = heads[-1]
        blocks = shown(cell)
        if not blocks:
            continue
        if not found or found[-1][0] != heading:
            found.append((heading, []))
        found[-1][1].extend(blocks)
    return found


def shown(cell):
    """The `Block`s of a cell; none where it belongs to the notebook alone."""
    explains = "explain" in cell.metadata.get("tags", ())
    if cell.cell_type == "markdown":
        return text_blocks(cell.source) if explains or cell.id in ("header", "key-points") else []
    is_figure = explains and cell.id.endswith("-figure")
    pictures = [it for it in cell.get("outputs", ()) if "image/png" in it.get("data", {})]
    return [output_block(it) for it in (cell.outputs if is_figure else pictures)]


def text_blocks(source):
    """A Markdown text as `Block`s, without its headings and without what only a reader of the notebook is told.

    Example:
        >>> [block.text for block in text_blocks("## A\\n\\nOne.\\n\\n- two\\n- three\\n\\n$$x$$")]
        ['One.', '- two', '- three', '$$x$$']
    """
    pieces = []
    for piece in re.split(r"\n\n(?=(?:[^`]|`(?!``)|```(?:[^`]|`(?!``))*```)*$)", source.strip()):
        piece = HEADING.sub("", piece).strip()
        if piece.startswith("- "):
            pieces += re.split(r"\n(?=- )", piece)
        elif piece.startswith("$$") and len(piece) > WIDE_FORMULA:
            pieces += [f"$${part.strip()}$$" for part in re.split(r"(?:\\qquad\s*)+", piece.strip("$"))]
        elif piece and not piece.startswith(ONLY_HERE):
            pieces.append(piece)
    return [Block(text_height(piece), piece) for piece in pieces]


def text_height(text):
    """How high a piece of Markdown stands on a slide, in pixels."""
    if text.startswith("```"):
        return CODE_LINE * (text.count("\n") - 1) + CODE_FRAME + GAP
    if text.startswith("$$"):
        return (TALL_FORMULA if re.search(r"\\frac|\\sum", text) else FORMULA) + GAP
    if text.startswith("|"):
        return sum(ROW * ceil(len(line) / LINE_CHARACTERS) for line in text.splitlines()) + GAP
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    plain = re.sub(r"\\[a-z]+|[*`${}\\]", "", plain)
    across = ITEM_CHARACTERS if text.startswith("- ") else LINE_CHARACTERS
    return LINE * ceil(len(plain) / across) + GAP


def output_block(output):
    """A cell's output as a `Block`; a picture is told its width."""
    data = output.get("data", {})
    if "image/png" in data:
        wide, high = struct.unpack(">II", base64.b64decode(data["image/png"])[16:24])
        scale = min(LARGEST, PICTURE_WIDTH / wide, PICTURE_HEIGHT / high)
        output.metadata["width"] = round(scale * wide)
        return Block(scale * high + GAP, output=output)
    if "text/html" in data:
        rows = max(table.count("<tr") for table in data["text/html"].split("<table"))
        return Block(ROW * (rows + 1) + GAP if rows else ROOM, output=output)  # what is no table stands alone
    text = output.get("text") or data.get("text/plain", "")
    return Block(CODE_LINE * len(text.splitlines()) + GAP, output=output)


def cut(blocks, room):
    """The blocks on as few slides as hold them, none of them fuller than need be.

    What a sentence leads up to stays with it: a formula after "is", a list after a colon.

    Args:
        blocks: the `Block`s of a section.
        room: the height of a slide.

    Example:
        >>> [[it.text for it in slide] for slide in cut([Block(40, "a."), Block(40, "b."), Block(40, "c.")], 90)]
        [['a.', 'b.'], ['c.']]
    """
    atoms = together(blocks, room)
    heights = [sum(block.height for block in atom) for atom in atoms]
    best = [(0, 0.0, [])]  # for the first so many atoms: slides, the squares of what they hold, and where they begin
    for end in range(1, len(atoms) + 1):
        ways = []
        for begin in reversed(range(end)):
            full = sum(heights[begin:end])
            if full <= room or begin == end - 1:
                count, squares, begins = best[begin]
                ways.append((count + 1, squares + full**2, [*begins, begin]))
        best.append(min(ways, key=lambda way: way[:2]))
    begins = [*best[-1][2], len(atoms)]
    return [[it for atom in atoms[a:b] for it in atom] for a, b in pairwise(begins)]


def together(blocks, room):
    """Lists of blocks that belong on one slide, as long as it holds them."""
    atoms = []
    for block in blocks:
        if atoms and leads(atoms[-1][-1], block) and sum(it.height for it in [*atoms[-1], block]) <= room:
            atoms[-1].append(block)
        else:
            atoms.append([block])
    return atoms


def leads(one, other):
    """Whether a block is not at its end before the next one."""
    if one.text.endswith(":") or (one.text.startswith("$$") and other.text.startswith("$$")):
        return True
    ended = one.output or one.is_item or one.text.startswith(("$$", "```", "|"))
    return not (ended or re.search(r"[.!?][*)_]*$", one.text)) or re.match(r"\(?[a-z]", other.text) is not None


def slide_cells(heading, blocks, kind, look):
    """The cells of one slide.

    Args:
        heading: what stands on top.
        blocks: its `Block`s.
        kind: "slide" or "subslide", as nbconvert calls them.
        look: a class for the style sheet.
    """
    look += " long" * (len(heading) > LONG_HEADING)
    cells, text = [], f"{'#' if look.startswith('title') else '##'} {heading}"
    for at, block in enumerate(blocks):
        if block.output is None:
            text += ("\n" if block.is_item and at and blocks[at - 1].is_item else "\n\n") + block.text
            continue
        cells += [new_markdown_cell(text)] * bool(text) + [new_code_cell("", outputs=[block.output])]
        text = ""
    cells += [new_markdown_cell(text)] * bool(text)
    for number, cell in enumerate(cells):
        cell.metadata["slideshow"] = {"slide_type": "-" if number else kind}
        cell.metadata["look"] = look
        cell.metadata["site"] = {"unrun": ""}
    return cells
