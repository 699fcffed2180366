"""The Python half of the quiz card: what it tells the page, what it takes from it, and when it writes."""

import json
import uuid
from dataclasses import replace

import pytest

from convlab import questions
from convlab.questions import Question
from convlab.review import Deck, Entry, Quiz, Test
from convlab.shapes import ArgumentError
from convlab.store import Store
from convlab.widgets.quiz_card import HONEST, QuizCard


@pytest.fixture
def keep(tmp_path):
    return Store(tmp_path / "progress.sqlite")


def tell(card, **content):
    card._told(card, {"number": str(uuid.uuid4()), **content}, [])
    return card.shown


def check(card, response, **more):
    return tell(card, do="check", key=card.shown["key"], response=response, id=str(uuid.uuid4()), **more)


def made_up(**more):
    about = {"id": "made-up", "lesson": "02", "seed": 1, "prompt": "How many?", "kind": "number", "level": "easy"}
    words = {
        "objective": "count",
        "formula": "n",
        "because": "It is.",
        "hint": "Count.",
        "steps": ["One."],
        "proof": "1",
    }
    return Question(**{**about, **words, "answer": 4711, "slips": (), **more})


@pytest.mark.parametrize("id", questions.ids())
def test_before_the_answer_the_page_knows_the_question_and_nothing_more(id, keep):
    for seed in range(8):
        question = questions.make(id, seed)
        card = QuizCard(question, keep=keep)
        shown = card.get_state()["shown"]
        assert set(shown["page"]) == {"id", "seed", "lesson", "kind", "level", "prompt", "figure", "options", "asks"}
        assert shown["feedback"] is None and shown["given"] is None and shown["hint"] == "" and not shown["summary"]
        text = json.dumps(shown, allow_nan=False)
        for secret in (question.hint, question.because, question.proof, *question.steps):
            assert secret not in text and json.dumps(secret)[1:-1] not in text


def secretive(question):
    """The same question to the eye, with another answer and other words about it."""
    words = {"because": "other words", "hint": "other words", "proof": "other words", "otherwise": "other words"}
    other = {"formula": "other words", "objective": "other words", "steps": ["other words"], "axes": ("other", "words")}
    nothing = {"slips": (), "per_option": {}, "spec": None, "input_shape": None, "revision": 99}
    return replace(question, answer=object(), **words, **other, **nothing)


def all_that_travels(card, sent):
    """Every synced trait, every message, and what a notebook keeps of the card, as text."""
    state = {name: value for name, value in card.get_state().items() if name not in ("layout", "_anywidget_id")}
    bundle = card._repr_mimebundle_()[0]
    bundle.pop("application/vnd.jupyter.widget-view+json", None)
    return json.dumps([state, sent, bundle, repr(card)], default=repr)


@pytest.mark.parametrize("id", questions.ids())
def test_nothing_that_travels_to_the_page_depends_on_the_answer_before_it_is_given(id, keep, monkeypatch):
    sent = []
    monkeypatch.setattr(QuizCard, "send", lambda self, content, buffers=None: sent.append(content))
    for seed in range(5):
        question = questions.make(id, seed)
        texts = []
        for it in (question, secretive(question)):
            card = QuizCard(it, keep=keep)
            texts.append(all_that_travels(card, sent))
            tell(card, number="n", do="next")
            tell(card, number="n", do="like")
            texts.append(all_that_travels(card, sent))
        assert texts[:2] == texts[2:]


@pytest.mark.parametrize("id", [id for id in questions.ids() if questions.make(id, 0).kind in ("choice", "order")])
def test_the_place_of_an_option_says_nothing_about_the_answer(id):
    answers = [questions.make(id, seed) for seed in range(60)]
    places = {
        str([it.options.index(text) for text in ([it.answer] if it.kind == "choice" else it.answer)]) for it in answers
    }
    assert len(places) > 1


def test_a_typed_answer_is_nowhere_in_the_state_before_it_is_given(keep):
    card = QuizCard(made_up(), keep=keep)
    assert "4711" not in json.dumps(card.get_state()["shown"])
    tell(card, do="hint")
    assert card.shown["hint"] == "Count." and "4711" not in json.dumps(card.shown)
    check(card, "not a number")
    assert card.shown["unread"] and "4711" not in json.dumps(card.shown)
    check(card, "12")
    assert card.shown["feedback"]["right"] == "4711"


def test_the_verdict_is_in_the_database_before_the_page_hears_of_it(tmp_path):
    question = questions.make("window-value", 7)
    card = QuizCard(question, keep=Store(tmp_path / "progress.sqlite"))
    seen = []

    def told(change):
        if change["new"]["feedback"]:
            seen.append([it.outcome for it in Store(tmp_path / "progress.sqlite").attempts()])

    card.observe(told, "shown")
    check(card, question.slips[0].answer, sure=3, seconds=4.5)
    assert seen == [["wrong"]]


def test_an_attempt_from_the_page_is_kept_with_what_the_page_knows(keep):
    question = questions.make("window-value", 7)
    card = QuizCard(question, keep=keep)
    tell(card, do="hint")
    id = str(uuid.uuid4())
    content = {"do": "check", "key": card.shown["key"], "response": str(question.answer), "id": id}
    tell(card, **content, sure=2, seconds=9.25)
    (kept,) = keep.attempts()
    assert (kept.id, kept.sure, kept.seconds, kept.hints, kept.source) == (id, 2, 9.25, 1, "widget")
    assert card.shown["given"] == {"response": str(question.answer), "sure": 2}


def test_an_answer_sent_twice_is_kept_once_and_an_answered_question_stays_answered(keep):
    question = questions.make("window-value", 7)
    card = QuizCard(question, keep=keep)
    content = {"do": "check", "key": card.shown["key"], "response": 10**6, "id": str(uuid.uuid4())}
    feedback = tell(card, **content)["feedback"]
    assert tell(card, **content)["feedback"] == feedback
    assert check(card, question.answer)["feedback"] == feedback and len(keep.attempts()) == 1


def test_what_cannot_be_read_is_explained_kept_and_leaves_the_question_open(keep):
    card = QuizCard(questions.make("window-value", 7), keep=keep)
    shown = check(card, "twelve")
    assert shown["unread"] and shown["given"] is None and shown["feedback"] is None
    assert [it.outcome for it in keep.attempts()] == ["error"]
    assert check(card, questions.make("window-value", 7).answer)["feedback"]["outcome"] == "right"
    assert card.shown["unread"] == ""


def test_every_message_is_heard_so_that_the_page_knows_that_the_kernel_lives(keep):
    card = QuizCard(questions.make("window-value", 7), keep=keep)
    for content in ({"do": "hint"}, {"do": "no such thing"}, {"do": "go", "to": 99}, {"do": "check"}, {}):
        assert tell(card, **content, number="n-1")["heard"] == "n-1"
        card._heard = ""


@pytest.mark.parametrize("junk", [None, 7, "check", [], {"do": []}, {"do": {}}])
def test_a_message_that_makes_no_sense_changes_nothing(junk, keep):
    card = QuizCard(questions.make("window-value", 7), keep=keep)
    before = {**card.shown, "heard": None}
    card._told(card, junk, [])
    assert {**card.shown, "heard": None} == before and keep.attempts() == []


@pytest.mark.parametrize(
    "content", [{"sure": 9}, {"sure": True}, {"seconds": -1}, {"seconds": "x"}, {"id": 3}, {"id": "x"}]
)
def test_what_the_page_says_wrongly_about_an_answer_is_left_out(content, keep):
    card = QuizCard(questions.make("window-value", 7), keep=keep)
    tell(card, do="check", key=card.shown["key"], response="5", **content)
    (kept,) = keep.attempts()
    assert kept.sure is None and kept.seconds is None


@pytest.mark.parametrize("id", questions.ids())
def test_each_wrong_option_and_typed_slip_is_named_to_the_page(id, keep):
    question = questions.make(id, 5)
    for slip in question.slips:
        answer = slip.answer
        if isinstance(answer, frozenset | tuple | set):
            answer = [list(it) if isinstance(it, tuple) else it for it in answer]
        shown = check(QuizCard(question, keep=keep), answer)
        assert shown["feedback"]["outcome"] in ("wrong", "partial") and shown["feedback"]["message"]
        assert set(slip.mistakes) <= {it["id"] for it in shown["feedback"]["mistakes"]} or len(slip.mistakes) != 1
        json.dumps(shown, allow_nan=False)


@pytest.mark.parametrize("id", questions.ids())
def test_the_right_answer_as_the_page_marks_it_is_right(id, keep):
    question = questions.make(id, 5)
    shown = check(QuizCard(question, keep=keep), "x" if question.kind in ("number", "shape") else [99])
    card = QuizCard(question, keep=keep)
    right = check(card, list(question.answer) if isinstance(question.answer, frozenset | set) else question.answer)
    right = right["feedback"]["right"]
    given = right[0] if question.kind == "choice" else right
    assert question.grade(given).outcome == "right" and shown["page"] == card.shown["page"]


def test_figures_with_unknown_cells_and_endless_numbers_travel_as_json(keep):
    block = {"role": "input", "title": "input 1 x 3", "values": [[None, float("nan"), float("inf")]]}
    card = QuizCard(made_up(figure=[block]), keep=keep)
    assert card.shown["page"]["figure"][0]["values"] == [[None, None, None]]


def test_the_honest_sentence_stands_on_the_first_quiz_only(keep):
    card = QuizCard(Quiz.begin("02", keep.attempts()), keep=keep)
    assert card.shown["note"] == HONEST
    card.answer(10**6)  # by code: whoever answers so has not seen it yet
    card = QuizCard(Quiz.begin("02", keep.attempts()), keep=keep)
    assert card.shown["note"] == HONEST == QuizCard(Test.begin("02", []), keep=keep).shown["note"]
    tell(card, do="next")
    check(card, "1")
    assert QuizCard(Quiz.begin("02", keep.attempts()), keep=keep).shown["note"] == ""
    assert QuizCard(("window-value", 7), keep=Store(keep.path.with_name("new.sqlite"))).shown["note"] == ""


def test_a_test_gives_nothing_away_in_the_state_until_its_last_answer(keep):
    card = QuizCard(Test.begin("02", [], seed=4), keep=keep)
    for number in range(10):
        wanted = card.question.steps
        verdict = card.answer(card.question.answer)
        text = json.dumps(card.shown)
        assert (verdict.outcome == "not_attempted") == (number < 9)
        assert (json.dumps(wanted[0])[1:-1] in text) == (number == 9)
        tell(card, do="next")
    assert card.shown["summary"]["words"] == "10 of 10 right"


def test_a_test_gives_no_hints_a_quiz_does(keep):
    card = QuizCard(Test.begin("02", [], seed=4), keep=keep)
    assert not card.shown["may"]["hint"] and tell(card, do="hint")["hint"] == ""
    card = QuizCard(Quiz.begin("02", []), keep=keep)
    assert card.shown["may"]["hint"] and tell(card, do="hint")["hint"] and not card.shown["may"]["hint"]


def test_one_can_go_back_to_earlier_answers_and_on_to_the_open_one(keep):
    pairs = [("window-value", 1), ("flat-area", 1), ("output-shape", 1)]
    card = QuizCard(pairs, keep=keep)
    check(card, 10**6)
    tell(card, do="next")
    assert card.question.id == "flat-area" and card.shown["trail"] == ["wrong", "open", "open"]
    assert tell(card, do="go", to=0)["feedback"]["outcome"] == "wrong"
    assert tell(card, do="next")["page"]["id"] == "flat-area"
    assert card.state == {"deck": pairs} and QuizCard(**card.state, keep=keep).state == card.state


def test_repr_is_one_stable_line_and_str_is_the_question(keep):
    assert repr(QuizCard(("window-value", 7), keep=keep)) == "QuizCard(practice, window-value, seed 7)"
    assert repr(QuizCard(Quiz.begin("02", []), keep=keep)) == "QuizCard(quiz, lesson 02)"
    assert repr(QuizCard(Test.begin("02", [], 4), keep=keep)) == "QuizCard(test 4, lesson 02)"
    deck = Deck("predict", "predict", [Entry(questions.make("window-value", 7))], "02")
    card = QuizCard(deck, keep=keep)
    assert repr(card) == "QuizCard(predict, window-value, seed 7)"
    assert questions.make("window-value", 7).prompt in str(card)
    assert card._repr_mimebundle_()[0]["text/plain"] == repr(card)


@pytest.mark.parametrize("deck", [None, [], 7, "window-value", [7], ("no-such", 1), ("window-value", "x"), {}])
def test_a_card_about_nothing_is_refused_in_one_sentence(deck, keep):
    with pytest.raises(ArgumentError, match=r"^[^\n]+$"):
        QuizCard(deck, keep=keep)


def test_how_sure_is_one_of_three(keep):
    card = QuizCard(("window-value", 7), keep=keep)
    with pytest.raises(ArgumentError, match="sure must be 1"):
        card.answer(3, sure="very")
