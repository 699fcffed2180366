"""The rules of the house, held by programs; each check is shown a file that breaks it."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES, MOST_CODE_LINES, MOST_ARGUMENTS = 400, 40, 9
WRITTEN_BY_HAND = {".css", ".js", ".md", ".mjs", ".py", ".toml", ".txt", ".json", ".ipynb", ""}
BARE_PYTHON = [ROOT / "convlab" / "__main__.py", *sorted((ROOT / "convlab" / "bootstrap").glob("*.py"))]
HEAVY = ("torch", "matplotlib", "PIL", "IPython", "jupyterlab")
INDEX = "pypi|registry|mirror|artifact|nexus"
PUBLIC_INDEXES = {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}


def repository_files():
    """Every file that git keeps or would keep, but for what programs write."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this folder is no git clone, so it is not known which files belong to it")
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in files if path.is_file() and path.suffix in WRITTEN_BY_HAND]


def texts(*suffixes, without=("built", "node_modules")):
    """(path, text) of the repository's files with these endings."""
    for path in repository_files():
        if path.suffix in suffixes and not set(without) & set(path.parts):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")


def too_long(text):
    """The count of lines where it is over the bound."""
    return len(text.splitlines()) if len(text.splitlines()) > MOST_LINES else None


def long_functions(text):
    """(name, code lines, arguments) of functions over a bound; docstrings, comments and blank lines are free."""
    lines, found = text.splitlines(), []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = range(first.lineno, first.end_lineno + 1) if ast.get_docstring(node, clean=False) else ()
            code = [
                number
                for number in range(node.lineno, node.end_lineno + 1)
                if number not in docstring and not re.match(r"\s*(#.*)?$", lines[number - 1])
            ]
            names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            arguments = len([name for name in names if name not in ("self", "cls")])
            if len(code) > MOST_CODE_LINES or arguments > MOST_ARGUMENTS:
                found.append((node.name, len(code), arguments))
    return found


def unfit_for_bare_python(text):
    """Imports that are neither standard library nor a neighbour."""
    found = []
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        found += [
            name
            for name in names
            if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("convlab.bootstrap")
        ]
    return found


def unwelcome(path, text):
    """What no file may hold: a machine's path, an index that is not public, a silenced linter, a thing put off."""
    patterns = [
        r"(?<![\w./:}>-])/(?:work|root|opt/wheels|opt/pypi|home/(?!me\b)[a-z]+)(?=[/\s\"'`),:]|$)",
        r"\b[A-Z]:\\+Users\\",
        r"#\s*no" + r"qa|//\s*eslint-disable",
        r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
    ]
    if path.parts[0] == "tests" and path.suffix == ".py":
        patterns.append(r"\btime\.sle" + r"ep\(")
    found = [match[0] for pattern in patterns for match in re.finditer(pattern, text, re.MULTILINE)]
    hosts = re.findall(r"https?://(?:[^@/\s\"']*@)?([^/\s\"'`)]+)", text)
    return found + [host for host in hosts if re.search(INDEX, host) and host not in PUBLIC_INDEXES]


def slow_words(text):
    """Words that make a learner feel slow, unless a page quotes them."""
    return re.findall(r"(?<![\"`'\w-])\b(?:simply|obviously|just)\b(?![\"`'])", text, re.IGNORECASE)


def brought_in_by(code):
    """The heavy packages that are loaded once this code ran in a fresh Python."""
    question = f"{code}\nimport sys\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def lint_imports(folder):
    """The exit status and the report of import-linter on a folder."""
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def ruff(folder):
    """The exit status and the report of ruff on a folder."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_no_file_is_longer_than_400_lines():
    written_by_hand = texts(".py", ".js", ".mjs", ".css", ".md", without=("built", "node_modules", "COVERAGE.md"))
    found = {str(path): too_long(text) for path, text in written_by_hand if too_long(text)}
    assert found == {}
    assert too_long("\n" * 401) == 401


def test_no_function_is_longer_than_40_code_lines_or_takes_more_than_9_arguments():
    found = {str(path): long_functions(text) for path, text in texts(".py") if long_functions(text)}
    assert found == {}


def test_a_long_function_and_a_long_argument_list_are_noticed():
    body = "".join(f"    x = {number}\n" for number in range(40))
    free = '    """Two\n    lines."""\n\n    # why\n'
    assert long_functions(f"def short():\n{free}{body[:-11]}") == []
    assert long_functions(f"def long():\n{free}{body}") == [("long", 41, 0)]
    assert long_functions("def wide(a, b, c, d, e, f, g, h, i, *, j): ...") == [("wide", 1, 10)]


def test_importing_convlab_loads_nothing_heavy():
    assert brought_in_by("import convlab") == []
    assert brought_in_by("import PIL") == ["PIL"]


def test_what_runs_before_the_installation_needs_the_standard_library_only():
    assert {path.name: found for path in BARE_PYTHON if (found := unfit_for_bare_python(path.read_text()))} == {}
    bad = "import os.path, numpy\nfrom convlab.shapes import pair"
    assert unfit_for_bare_python(bad) == ["numpy", "convlab.shapes"]


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_a_python_that_is_too_old_can_read_far_enough_to_be_told_so(name):
    ast.parse((ROOT / "convlab" / name).read_text(), feature_version=(3, 8))


def test_the_check_for_old_pythons_can_fail():
    with pytest.raises(SyntaxError):
        ast.parse("match 1:\n    case 1: pass", feature_version=(3, 8))


def test_no_file_names_a_machine_or_silences_a_linter_or_puts_something_off():
    found = {str(path): unwelcome(path, text) for path, text in texts(*WRITTEN_BY_HAND) if unwelcome(path, text)}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["see /ro" + "ot/x", '"/wo' + 'rk/main"', "C:\\Us" + "ers\\me", "x = 1  # no" + "qa: E501", "# TO" + "DO: later",
     "https://my-regi" + "stry.example.com/x", "time.sle" + "ep(1)"],
)  # fmt: skip
def test_each_unwelcome_thing_is_noticed(text):
    assert len(unwelcome(Path("tests/test_x.py"), text)) == 1


def test_welcome_things_are_left_alone():
    text = "https://pypi.org/simple /opt/google/chrome ${HOME}/work/x https://x.org/home/me"
    assert unwelcome(Path("tests/test_x.py"), text) == []


def test_no_page_and_no_docstring_makes_a_learner_feel_slow():
    read = [(path, text) for path, text in texts(".md", ".py", ".js") if path.parts[0] != "tests"]
    found = {str(path): slow_words(text) for path, text in read if slow_words(text)}
    assert found == {}
    assert slow_words('It is just so. We do not say "just" or "simply".') == ["just"]


def test_imports_go_one_way():
    status, report = lint_imports(ROOT)
    assert status == 0, report


def test_an_import_that_goes_the_other_way_is_noticed(tmp_path):
    ignored = shutil.ignore_patterns("data", "built", "__pycache__")
    shutil.copytree(ROOT / "convlab", tmp_path / "convlab", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    verdict = tmp_path / "convlab" / "verdict.py"
    verdict.write_text(f"{verdict.read_text()}\nimport convlab.engines\n")
    status, report = lint_imports(tmp_path)
    assert status == 1
    assert "convlab.verdict is not allowed to import convlab.engines" in report


def test_ruff_finds_nothing():
    status, report = ruff(ROOT)
    assert status == 0, report


def test_ruff_would_find_something(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "bad.py").write_text("import os\n")
    status, report = ruff(tmp_path)
    assert status == 1 and "F401" in report
