"""The quizzes that a notebook opens: of a lesson, on a layer of the learner's own, of what is due today.

With them what they and ``lesson`` share: the learner's store, whose notices are said once, and a new card.
"""

from dataclasses import replace
from functools import cached_property

from . import questions, review, store
from .course_map import what_is_due
from .refusals import came
from .said import Said
from .shapes import ArgumentError

_said = set()  # notices are said once a kernel


def learners_store():
    """The learner's store; what it has to say is printed once."""
    kept = store.current()
    announce(kept)
    return kept


def announce(kept):
    """Prints what the store, and the way to the class, have to say and have not said yet."""
    for notice in (kept.notice, kept.outbox and kept.outbox.notice):
        if notice and notice not in _said:
            _said.add(notice)
            print(notice)


class OwnLayer:
    """Four questions on a layer of the learner's own: both shapes, the parameters, the multiply-adds.

    Args:
        spec: its ``Conv2dSpec``.
        input_shape: (N, C_in, H, W) or (C_in, H, W).

    Raises:
        ShapeError: PyTorch refuses the layer or the input.

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> OwnLayer(Conv2dSpec(3, 8, kernel_size=(3, 5)), (1, 3, 32, 48))
        QuizCard(layer, 3 to 8 channels, kernel 3 x 5, input (1, 3, 32, 48))
    """

    def __init__(self, spec, input_shape):
        self._deck = review.own_layer(spec, input_shape, learners_store().attempts())

    @cached_property
    def card(self):
        """The card, with what was answered about this layer and input before."""
        return new_card(self._deck, learners_store())

    def answer(self, what, response, sure=None):
        """The verdict on an answer given by code, recorded like one on a card.

        Args:
            what: "output_shape", "weight_shape", "parameter_count" or "macs".
            response: in any form the question takes; a shape as a tuple, a list or text.
            sure: 1 a guess, 2 fairly, 3 certain, or None.

        Raises:
            ArgumentError: another `what` or `sure`; a response that cannot be read gets a verdict.
        """
        review.check_sure(sure)
        if not isinstance(what, str) or what not in review.OWN:
            raise ArgumentError(f"what must be one of {', '.join(review.OWN)}; got {came(what)}: choose one.")
        entry, kept = review.Entry(self._deck.trail[review.OWN.index(what)].question), learners_store()
        verdict = replace(self._deck, trail=[entry]).give(entry, response, kept, sure=sure)
        announce(kept)
        return verdict

    def __repr__(self):
        return f"QuizCard(layer, {self._deck.words})"

    def _repr_mimebundle_(self, **options):
        return self.card._repr_mimebundle_(**options)


class Review:
    """What is due today, over all lessons; a sentence when nothing is.

    ``quiz()`` makes it.
    """

    def __init__(self):
        kept = learners_store()
        attempts = kept.attempts()
        deck = review.Review.begin(attempts)
        self.card = new_card(deck, kept) if deck.trail else None
        nothing = ["Nothing is due yet: what you answer in the lessons is asked again here, days later."]
        self._said = Said("\n\n".join(what_is_due(attempts) or nothing))

    def __repr__(self):
        return repr(self.card or self._said)

    def _repr_mimebundle_(self, **options):
        if self.card:
            return self.card._repr_mimebundle_(**options)
        return {"text/plain": repr(self._said), "text/html": self._said._repr_html_()}


class Quiz:
    """The questions of one lesson: the card, a single answer by code, the warm-up, the test, the final quiz.

    Args:
        lesson: its two digits.

    Example:
        >>> Quiz("02")
        QuizCard(quiz, lesson 02)
        >>> Quiz("02").test(seed=3)
        QuizCard(test 3, lesson 02)
    """

    def __init__(self, lesson):
        self.lesson = lesson
        self._card = None

    @property
    def card(self):
        """The endless quiz, where it was left."""
        if self._card is None:
            kept = learners_store()
            self._card = new_card(review.Quiz.begin(self.lesson, kept.attempts()), kept)
        return self._card

    def answer(self, id, response, seed=1, sure=None):
        """The verdict on an answer given by code, recorded like one on a card.

        Args:
            id: one of the lesson's questions, ``convlab.questions.ids(lesson)``.
            response: in any form the question takes; a shape as a tuple, a list or text.
            seed: a whole number; it fixes the question's numbers.
            sure: 1 a guess, 2 fairly, 3 certain, or None.

        Raises:
            ArgumentError: no such id, or another `seed` or `sure`; a response that cannot be read gets a verdict.
        """
        question = questions.make(id, seed)
        if not -(2**63) <= seed < 2**63:
            raise ArgumentError("seed must have at most 18 digits: choose a smaller one.")
        review.check_sure(sure)
        entry, kept = review.Entry(question), learners_store()
        verdict = review.Deck("quiz", "quiz", [entry]).give(entry, response, kept, sure=sure)
        announce(kept)
        return verdict

    def warm_up(self):
        """A card with two questions from earlier lessons, those first whose mistakes you have made.

        Raises:
            ArgumentError: no earlier lesson has questions.
        """
        kept = learners_store()
        deck = review.WarmUp.begin(self.lesson, kept.attempts())
        if not deck.trail:
            raise ArgumentError(f"no lesson before {self.lesson} has questions to warm up with: go on to the quiz.")
        return new_card(deck, kept)

    def test(self, seed=None):
        """A card with the lesson's test: ten questions, the verdicts at the end, a result by objective.

        Args:
            seed: a whole number; None continues the test begun last.

        Raises:
            ArgumentError: another seed.
        """
        kept = learners_store()
        return new_card(review.Test.begin(self.lesson, kept.attempts(), seed), kept)

    def final(self, seed=None):
        """A card with the final quiz: twenty questions on all lessons before this one, what is weak likelier than else.

        Args:
            seed: a whole number from 0; None continues the final begun last.

        Raises:
            ArgumentError: another seed.
        """
        kept = learners_store()
        return new_card(review.Final.begin(self.lesson, kept.attempts(), seed), kept)

    def __repr__(self):
        return f"QuizCard(quiz, lesson {self.lesson})"

    def _repr_mimebundle_(self, **options):
        return self.card._repr_mimebundle_(**options)


def new_card(deck, kept):
    """The card of a deck, which writes to this store."""
    from .widgets.quiz_card import QuizCard

    return QuizCard(deck, keep=kept)
