"""Breaks the engines on purpose, one small change of their source at a time, and asks whether the tests notice.

python -m tests.property.mutations

Each mutant is a copy of the package in a folder of its own; the working tree is not touched. It is held against torch
by what the tests hold the engines against torch with (``against_torch``), so a mutant that survives is a hole in them.
"""

import ast
import importlib
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.property.against_torch import FUNCTIONS, some_cases
from tests.property.mutators import KINDS, changed_sources

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "convlab"
COPIED = ("refusals.py", "shapes", "engines")
ENGINES = ("arguments", "windows", "loops", "im2col", "tiled", "fft", "col2im", "backward")
MUTATED = ("shapes/axis.py", *(f"engines/{name}.py" for name in ENGINES))
NOT_OF_THE_ENGINES = {"input_lengths", "read_counts", "pixel_under"}  # in shapes/axis.py, which has tests of its own
CASES = 30


@dataclass(frozen=True)
class Mutant:
    """One changed source, and what noticed it."""

    file: str
    line: int
    function: str
    kind: str  # one of KINDS
    change: str  # before -> after
    killed_by: tuple[str, ...] = ()


def all_mutants():
    """Each mutant that can be made, with its source."""
    for file in MUTATED:
        source = (PACKAGE / file).read_text(encoding="utf-8")
        for kind, line, function, change, text in changed_sources(source):
            if function not in NOT_OF_THE_ENGINES:
                yield Mutant(file, line, function, kind, change), text


@contextmanager
def engines_of(folder, number, file=None, text=None):
    """The engines of a copy of the package, one of its files replaced."""
    name = f"mutant_{number}"
    target = Path(folder) / name
    target.mkdir()
    (target / "__init__.py").touch()
    for part in COPIED:
        if (PACKAGE / part).is_dir():
            shutil.copytree(PACKAGE / part, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(PACKAGE / part, target / part)
    if file:
        (target / file).write_text(text, encoding="utf-8")
    importlib.invalidate_caches()
    try:
        yield importlib.import_module(f"{name}.engines")
    finally:
        for module in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[module]
        shutil.rmtree(target)


@cache
def needs(module):
    """The modules of the engines that one of them imports, itself and theirs included."""
    tree = ast.parse((PACKAGE / "engines" / f"{module}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 1}
    return {module}.union(*map(needs, imported))


def noticed_by(engines, cases, file=None):
    """The functions that differ from torch, or raise, on one of the cases; only those that need the file are tried."""
    found, changed = [], file and Path(file).stem
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in FUNCTIONS:
            module = getattr(engines, name).__module__.split(".")[-1]
            if changed in ENGINES and changed not in needs(module):
                continue
            try:
                for case in cases:
                    case.compare(engines, name)
            except Exception:  # a mutant may raise anything
                found.append(name)
    return tuple(found)


def judged_mutants():
    """The unchanged package's differences from torch, and every mutant with those that noticed it."""
    cases, mutants = some_cases(CASES), []
    with tempfile.TemporaryDirectory(prefix="convlab-mutants-") as folder:
        sys.path.insert(0, folder)
        try:
            with engines_of(folder, 0) as engines:
                unchanged = noticed_by(engines, cases)
            for number, (mutant, text) in enumerate(all_mutants(), start=1):
                with engines_of(folder, number, mutant.file, text) as engines:
                    noticed = noticed_by(engines, cases, mutant.file)
                mutants.append(Mutant(**vars(mutant) | {"killed_by": noticed}))
        finally:
            sys.path.remove(folder)
    return unchanged, mutants


def coverage(mutants):
    """(function, kind) -> how many mutants of this kind that function was seen to notice."""
    return Counter((name, mutant.kind) for mutant in mutants for name in mutant.killed_by)


def table(mutants):
    """A line for each mutant: where, what, and who noticed."""
    lines = []
    for mutant in mutants:
        verdict = ", ".join(mutant.killed_by) if mutant.killed_by else "SURVIVED"
        where = f"{mutant.file}:{mutant.line}"
        lines.append(f"{where:<26} {mutant.function:<24} {mutant.kind}: {mutant.change}\n{'':<27}{verdict}")
    return "\n".join(lines)


def main():
    """Prints the table; 0 when every mutant was noticed."""
    unchanged, mutants = judged_mutants()
    survivors = [mutant for mutant in mutants if not mutant.killed_by]
    print(table(mutants))
    counts = coverage(mutants)
    print(f"\n{'noticed':<23}" + "".join(f"{kind:>14}" for kind in KINDS))
    for name in FUNCTIONS:
        print(f"{name:<23}" + "".join(f"{counts[name, kind]:>14}" for kind in KINDS))
    print(f"\n{len(mutants)} mutants, {len(mutants) - len(survivors)} noticed, {len(survivors)} survived")
    if unchanged:
        print(f"The unchanged package differs from torch: {', '.join(unchanged)}")
    return 1 if survivors or unchanged else 0


if __name__ == "__main__":
    raise SystemExit(main())
