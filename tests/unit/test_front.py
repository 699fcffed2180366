"""The style sheets: a page with many kinds of widgets shows each as it is alone."""

import re

import pytest

from convlab.widgets.front import HERE, front

WIDGETS = sorted(path.stem for path in (HERE / "built").glob("*.js"))


def selectors(sheet):
    """Every selector of a sheet, those in an at-rule too, without the steps of keyframes."""
    plain = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    plain = re.sub(r"@keyframes\s+\S+\s*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", plain)
    heads = [head.strip() for head in re.findall(r"([^{}]+)\{", plain) if not head.strip().startswith("@")]
    return [one.strip() for head in heads for one in without_brackets(head).split(",")]


def without_brackets(text):
    inner = re.sub(r"\([^()]*\)", "", text)
    return inner if inner == text else without_brackets(inner)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_sheet_speaks_of_its_own_widget_only(name):
    module, sheet = front(name)
    found = selectors(sheet)
    assert module.is_file() and len(found) > 50
    own = re.compile(rf"(^|body\S* )(\.convlab)?\.convlab-{name.replace('_', '-')}(?![-\w])")
    assert [one for one in found if not own.match(one)] == []
