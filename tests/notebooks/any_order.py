"""Runs the code cells of a notebook in an order of chance, in this process, and tells how each ended.

    python tests/notebooks/any_order.py NOTEBOOK ORDERS

A cell ends well; or it names, in one sentence, what it lacks: a name that another cell of the notebook makes (Python's
own words for it), or a refusal of ours. Each order is run in a child of a process that has imported torch.
"""

import ast
import builtins
import contextlib
import io
import json
import os
import random
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.notebooks.normalise import read, tags_of


def made(source):
    """The names that a cell binds."""
    tree = ast.parse(source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(it.asname or it.name).split(".")[0] for it in node.names}
    return names


def run(source, names):
    """Runs a cell as a kernel does: what stands on its last line is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
        if shown is not None:
            repr(shown)


def unkind(error, makers):
    """What is wrong with how a cell ended, or None.

    Args:
        error: what it raised.
        makers: name -> the cells that make it.
    """
    from convlab.refusals import Refusal

    if isinstance(error, NameError):
        return None if error.name in makers else f"no cell makes {error.name}"
    if isinstance(error, Refusal):
        return None if "\n" not in str(error) else "a refusal of several lines"
    if "builtin_function_or_method" in str(error) and set(makers) & set(dir(builtins)):
        return None  # until the cell that makes it is run, ``input`` is Python's own function
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"


def one_order(cells, seed):
    """The complaints about one order: (cell, what)."""
    makers = {name for cell in cells for name in made(cell.source)}
    order, names, found = random.Random(seed).sample(cells, len(cells)), {"__name__": "__main__"}, []
    if seed % 2:  # as most do: the setup first, then about
        order.sort(key=lambda cell: "setup" not in tags_of(cell))
    for cell in order:
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                run(cell.source, names)
        except Exception as error:
            if said := unkind(error, makers):
                found.append((cell.id, said))
    return found


def main(file, orders):
    import torch  # the children share it

    torch.set_num_threads(1)
    cells = [cell for cell in read(file).cells if cell.cell_type == "code" and cell.source.strip()]
    for seed in range(orders):
        reading, writing = os.pipe()
        if os.fork() == 0:
            with os.fdopen(writing, "w") as out:
                json.dump(one_order(cells, seed), out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as said:
            print(json.dumps([seed, json.loads(said.read() or '[["-", "the process died"]]')]), flush=True)
        os.wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
