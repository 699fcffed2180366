"""What oneDNN, PyTorch's library for CPUs, does inside a call: which code it chose, and how it laid out the numbers."""

import os
import re
import sys
import tempfile
from contextlib import contextmanager
from html import escape

from ..refusals import came, check_takes
from ..said import Said, table
from ..shapes import ArgumentError

HEAD = ("step", "oneDNN's code", "way", "numbers from", "to")
NOTHING = "oneDNN did nothing here: this PyTorch has none, or uses another library for it."


def onednn_steps(function):
    """A table of the steps that oneDNN takes while a function runs: layouts changed, the sums, and by which code.

    It chooses by the layer and the machine, so the line that a notebook stores has none of it.

    Args:
        function: without arguments; it is called twice, and looked at the second time.

    Raises:
        ArgumentError: no function.

    Example:
        >>> import torch
        >>> onednn_steps(lambda: torch.nn.functional.conv2d(torch.ones(1, 2, 4, 5), torch.ones(3, 2, 2, 3)))
        Table of oneDNN's steps (they differ from machine to machine)
    """
    import torch

    if not callable(function) or hasattr(function, "forward"):
        got = came(function)
        raise ArgumentError(f"function must be a function without arguments; got {got}: write lambda: layer(x).")
    check_takes(function, "function")
    function()
    if not torch.backends.mkldnn.is_available():
        return Steps([])
    with _caught() as caught, torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):
        function()
    return Steps(read(caught[0]))


class Steps(Said):
    """oneDNN's steps: ``.rows`` as they were told, a table to look at."""

    def __init__(self, rows):
        self.rows = rows
        html = table(HEAD, [[escape(cell) for cell in row] for row in rows]) if rows else f"<p>{escape(NOTHING)}</p>"
        super().__init__("Table of oneDNN's steps (they differ from machine to machine)", html)


def read(text):
    """(step, code, way, layout before, layout after) of each line in which oneDNN says that it did something.

    Example:
        >>> read("onednn_verbose,v1,primitive,exec,cpu,reorder,jit:blk,undef,src:f32::blocked:abcd::f0 "
        ...      "dst:f32::blocked:aBcd16b::f0,attr-scratchpad:user,,1x16x72x96,0.03")
        [('reorder', 'jit:blk', '', 'abcd', 'aBcd16b')]
    """
    rows = []
    for line in text.splitlines():
        fields = line.split(",")
        if fields[0] != "onednn_verbose" or "exec" not in fields:
            continue
        step, code = fields[fields.index("exec") + 2 :][:2]
        way = re.search(r"alg:(?:convolution_)?(\w+)", line)
        layouts = [re.search(rf"\b{end}:[^ ,]*?blocked:(\w+)", line) for end in ("src", "dst")]
        rows.append((step, code, *(found[1] if found else "" for found in (way, *layouts))))
    return rows


@contextmanager
def _caught():
    """What is written to the process's own standard output while it is open: oneDNN does not know Python's."""
    caught = []
    sys.stdout.flush()
    with tempfile.TemporaryFile() as file:
        before = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield caught
        finally:
            os.dup2(before, 1)
            os.close(before)
            file.seek(0)
            caught.append(file.read().decode("utf8", "replace"))
