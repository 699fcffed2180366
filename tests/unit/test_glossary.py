"""The glossary: the course's words in the course's sense, each linked from the lesson that teaches it, no link dead."""

import json
import re

import pytest

from convlab.course_map import TITLES, notebooks
from convlab.glossary import PAGE, TERMS, find, glossary, page, slug
from convlab.shapes import ArgumentError

# The course's names, and what they are called elsewhere.
NAMES = {
    "weight": "W", "filter": "neuron", "kernel": "mask", "input": "x", "output": "y", "feature map": "activation map",
    "sizes": "n_H", "in_channels": "input depth", "out_channels": "output depth", "kernel_size": "filter size",
    "stride": "step", "padding": "border", "dilation": "atrous rate", "group": "grouped convolution", "bias": "offset",
    "padding mode": "border mode", "indices": "indices", "pair": "pair", "place": "position", "tap": "kernel element",
    "window": "patch", "extent": "effective kernel", "cross-correlation": "correlation", "convolution": "convolve2d",
    "same padding": "SAME",
}  # fmt: skip
LINK = re.compile(r"\]\(glossary\.md#([^)]*)\)")
WORDS = {slug(term.word) for term in TERMS}
BOOKS = notebooks(PAGE.parent)


def cells(book):
    """(id, source) of a notebook's Markdown cells."""
    found = json.loads(book.read_text(encoding="utf8"))["cells"]
    return [(cell["id"], "".join(cell["source"])) for cell in found if cell["cell_type"] == "markdown"]


def faults(texts):
    """Links of a lesson's cells that lead nowhere, and sentences with more than one."""
    for cell, text in texts:
        yield from (f"{cell}: no word {word!r}" for word in LINK.findall(text) if word not in WORDS)
        sentences = re.split(r"[.?!:]\**\s|\n", text)
        yield from (f"{cell}: two links in one sentence" for it in sentences if len(LINK.findall(it)) > 1)


def test_the_courses_names_are_there_and_are_found_by_their_names_elsewhere():
    assert {name: find(other).word for name, other in NAMES.items()} == {name: name for name in NAMES}
    assert 45 <= len(TERMS) <= 60


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.word)
def test_a_term_is_short_complete_and_has_a_lesson(term):
    assert term.lesson in TITLES
    assert term.word == term.word.lower() and re.fullmatch(r"[\w -]+", term.word)
    assert term.meaning.endswith((".", ".)")) and len(re.findall(r"[.?!](?:\s|\)|$)", term.meaning)) <= 3
    assert len(term.meaning.split()) <= 40 and repr(glossary(term.word)).startswith(f"{term.word}: ")


def test_no_word_is_there_twice():
    assert len({term.word for term in TERMS}) == len(WORDS) == len(TERMS)


def test_the_page_is_what_the_module_says():
    assert PAGE.read_text(encoding="utf8") == page(), "run: python -m convlab.glossary"
    headings = {slug(heading) for heading in re.findall(r"^### (.+)$", page(), re.M)}
    assert headings == WORDS == set(re.findall(r"\]\(#(.+?)\)", page()))
    assert all((PAGE.parent / name).exists() for name in re.findall(r"\]\(([^#)]+)\)", page()))


@pytest.mark.parametrize("lesson", BOOKS)
def test_a_lesson_links_its_own_words_and_no_link_is_dead(lesson):
    texts = cells(BOOKS[lesson])
    linked = {word for _, text in texts for word in LINK.findall(text)}
    own = {slug(term.word) for term in TERMS if term.lesson == lesson}
    assert own - linked == set()
    assert list(faults(texts)) == []


def test_a_dead_link_and_a_crowded_sentence_are_noticed():
    text = "A [tap](glossary.md#tap) here, an [extend](glossary.md#extend). [Place](glossary.md#place)."
    assert list(faults([("bad", text)])) == ["bad: no word 'extend'", "bad: two links in one sentence"]


@pytest.mark.parametrize(("word", "near"), [("strid", "stride"), ("receptve fields", "receptive field"), ("xyz", "")])
def test_an_unknown_word_gets_one_sentence_with_the_nearest(word, near):
    with pytest.raises(ArgumentError, match=rf"no word '{word}'; the nearest: .*{near}") as refused:
        glossary(word)
    assert str(refused.value).count(". ") == 0 and len(str(refused.value)) < 120


@pytest.mark.parametrize("word", [3, None, "", ["extent"], "e" * 10_000])
def test_junk_gets_a_sentence_or_the_list(word):
    if word is None:
        assert repr(glossary()).split(", ") == sorted(term.word for term in TERMS)
    else:
        with pytest.raises(ArgumentError) as refused:
            glossary(word)
        assert len(str(refused.value)) < 200


def test_an_entry_is_set_for_a_notebook_too():
    assert "<strong>extent</strong>" in glossary("extent")._repr_html_()
    assert "<code>d * (k - 1) + 1</code>" in glossary("extent")._repr_html_()
