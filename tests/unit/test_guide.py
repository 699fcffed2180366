"""The instructor's guide names what exists: questions that a poll takes, mistakes by their titles, cells, commands."""

import json
import re
from pathlib import Path

import pytest

import convlab
from convlab import __main__ as command_line
from convlab import exercises, questions
from convlab.classroom.polls import KINDS
from convlab.course_map import TITLES
from convlab.mistakes import MISTAKES
from convlab.syllabus import minutes, notebooks

ROOT = Path(__file__).resolve().parents[2]
WORKSHOP = ROOT / "workshop"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(WORKSHOP.glob("*.md"))}
SECTION = re.compile(r"^## (\d\d) · (.+)\n((?:(?!^## ).*\n?)*)", re.MULTILINE)
SECTIONS = {number: (title, text) for page in PAGES.values() for number, title, text in SECTION.findall(page)}
ROW = re.compile(r"^\| `(M\d+)` (.+?) \| (.+) \|$", re.MULTILINE)
FEWEST_MISTAKES, FEWEST_POLLS = 3, 2
# What stands as code and is no name of the course: PyTorch's, the hub's, a shell's, and what the reader fills in.
OTHERS = re.compile(
    r"nn\.\w+|\w+=\S+|instructor|test1|ida|Done!|http\S+|/services/\S+|/hub/admin|/opt/\S+|/srv/\S+|~/convlab-workshop"
    r"|progress\.json|convlab-(students|instructors)|INSTRUCTORS|LEARNERS|ADDRESS|manage_groups|load_groups"
    r"|build/slides/index\.html|\?view=print|\.venv|classroom|extraPorts|userPlaceholder\.replicas|networkPolicy\.ingress|proxy\.chp\.networkPolicy\.egress"
    r"|(kubectl|curl|sudo|import) .+|\{.+\}"
)
CELLS = {
    path.name[:2]: {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}
    for path in (ROOT / "notebooks").glob("[0-9][0-9]-*.ipynb")
}
# A lesson may be written after its page here: what is said of it is looked at from then on.
READY = {number for number in TITLES if number in CELLS and questions.ids(number)}


def read_variables():
    """The environment variables that the course reads anywhere."""
    sources = [*(ROOT / "convlab").rglob("*.py"), *WORKSHOP.glob("*.py")]
    return {name for path in sources for name in re.findall(r"\bCONVLAB_[A-Z_]+", path.read_text(encoding="utf-8"))}


def codes(text):
    """What stands in backticks, outside of blocks of code."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))


def is_known(name, variables):
    """Whether a name in backticks is something that exists."""
    call = re.fullmatch(r"(?:(\w+)\(.*\)(?:\..+)?|progress\(\)\..+)", name)
    if name.startswith("python3 -m convlab"):
        return name.split()[3:4] == [] or name.split()[3] in command_line.WORDS
    if variable := re.match(r"CONVLAB_[A-Z_]+", name):
        return variable[0] in variables
    if re.fullmatch(r"M\d+", name):
        return name in MISTAKES
    if re.fullmatch(r"\d\d\.\w+", name):
        return name in exercises.ids()
    if call and call[1]:
        return hasattr(convlab, call[1]) or call[1] == "cheat_sheet"
    cells = set().union(*CELLS.values())
    return name in cells or name in questions.ids() or name == "convlab" or OTHERS.fullmatch(name) is not None


def problems(number, title, text):
    """What is wrong with a lesson's section, a sentence each."""
    if TITLES.get(number) != title:
        yield f"lesson {number} is not called {title}"
    rows = ROW.findall(text)
    if len(rows) < FEWEST_MISTAKES:
        yield f"{len(rows)} mistakes"
    for id, named, said in rows:
        if number in READY and (id not in MISTAKES or MISTAKES[id].title != named):
            yield f"{id} is not: {named}"
        if not re.fullmatch(r'"[^"]{20,}"', said):
            yield f"nothing to say to {id}"
    if number not in READY:
        return
    for name in codes(text):
        if re.fullmatch(r"[a-z]+(-[a-z\d]+)+", name) and name not in CELLS[number] | set(questions.ids()):
            yield f"no cell {name}"
    poll = re.search(r"\*\*Poll\*\*(.*?)\n\n", text, re.DOTALL)
    asked = [name for name in codes(poll[1]) if name not in CELLS[number]] if poll else []
    for id in asked:
        if id not in questions.ids(number) or questions.make(id, 1).kind not in KINDS:
            yield f"a poll in lesson {number} cannot ask {id}"
    if len(set(asked)) < FEWEST_POLLS:
        yield f"{len(asked)} polls"


@pytest.mark.parametrize("number", TITLES)
def test_each_lesson_has_its_polls_and_its_mistakes_with_something_to_say(number):
    assert number in SECTIONS
    assert list(problems(number, *SECTIONS[number])) == []


def test_a_wrong_section_is_noticed():
    text = (
        "**Poll** `loop-order` before `header`; `gone`.\n\nNot `explore-nothing`.\n"
        '| `M61` Another title. | "A sentence that one can say aloud." |\n| `M9999` Nobody. | "short" |\n'
    )
    assert list(problems("02", "Another", text)) == [
        "lesson 02 is not called Another",
        "2 mistakes",
        "M61 is not: Another title.",
        "M9999 is not: Nobody.",
        "nothing to say to M9999",
        "no cell explore-nothing",
        "a poll in lesson 02 cannot ask loop-order",
        "a poll in lesson 02 cannot ask gone",
    ]


@pytest.mark.parametrize("page", PAGES)
def test_every_name_in_the_guide_exists(page):
    late = "".join(text for number, (_, text) in SECTIONS.items() if number not in READY)
    variables = read_variables()
    unknown = [name for name in codes(PAGES[page]) if not is_known(name, variables) and f"`{name}`" not in late]
    assert unknown == []


def test_an_unknown_name_is_noticed():
    wrong = ["python3 -m convlab slide", "CONVLAB_TEACHER", "M9999", "02.nothing", "gone()", "explore-nothing"]
    assert [name for name in wrong if is_known(name, read_variables())] == []
    right = ["python3 -m convlab workshop", "CONVLAB_CLASS_URL", "M61", "02.window", "progress()", "window-value"]
    assert [name for name in right if not is_known(name, read_variables())] == []


def test_each_file_of_the_workshop_that_the_guide_names_is_there():
    named = {file for page in PAGES.values() for file in re.findall(r"\bworkshop/([\w.-]+\.\w+)", page)}
    assert "tljh_convlab.py" in named
    assert [file for file in named if not (WORKSHOP / file).is_file()] == []


def test_each_cell_in_a_plan_is_in_its_lesson():
    plans = PAGES["guide.md"]
    for number, cells in re.findall(r"\b(\d\d): ((?:(?:up to )?`[\w.-]+`(?:, )?)+)", plans):
        assert set(codes(cells)) <= CELLS[number], number
    table = re.findall(r"^\| (\d\d) \| (\d+) min \| (.+) \|$", plans, re.MULTILINE)
    assert [number for number, _, _ in table] == list(TITLES)
    for number, expected, short in table:
        assert f"**Time** {expected} min" in SECTIONS[number][1], number
        assert number not in READY or set(codes(short)) <= CELLS[number], number


def test_each_poll_in_a_plan_can_be_asked():
    plans = PAGES["guide.md"].split("## Three plans")[1].split("## The day before")[0]
    asked = [id for found in re.findall(r"polls? ((?:`[\w.-]+`(?:, then |, | and )?)+)", plans) for id in codes(found)]
    assert len(asked) > 20
    assert [id for id in asked if questions.make(id, 1).kind not in KINDS] == []


def test_the_links_of_the_guide_lead_somewhere_and_the_readme_leads_to_it():
    for name, page in PAGES.items():
        for link, anchor in re.findall(r"\]\((?!https?://)([^)#\s]*)#?([^)\s]*)\)", page):
            target = PAGES[name] if not link else (WORKSHOP / link).read_text(encoding="utf-8")
            heads = [head.lower().replace(" ", "-") for head in re.findall(r"^#+ (.+)$", target, re.MULTILINE)]
            assert not anchor or anchor in heads, f"{name}: {link}#{anchor}"
    assert "](workshop/guide.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_times_are_those_at_the_head_of_the_lessons():
    told = dict(re.findall(r"^\| (\d\d) \| (\d+) min \|", PAGES["guide.md"], re.MULTILINE))
    assert told == {name: minutes(book) for name, book in notebooks(ROOT / "notebooks").items()}
