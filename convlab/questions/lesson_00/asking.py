"""Lesson 00, how the course asks: what a seed fixes, what is kept, and what "how sure" is for."""

from convlab.questions.cases import shuffled
from convlab.questions.question import Slip

ABOUT = ("hand-places", "conv-count", "what-for", "map-shape", "reads-all", "first-layer", "larger-picture")
SURE = ("a guess", "fairly sure", "certain")


_SAME_CELL = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say what a seed and a kept answer are",
    "formula": "a question is a function of its seed",
    "hint": "What does the number after `seed=` do? And where do answers go when you press Check?",
}


def _same_cell_slips(seed):
    return (
        Slip(
            "a question of the same kind with other numbers, and no answer",
            ("M127",),
            f"`seed={seed}` fixes the numbers: they are the same on every run, on every machine. And the answer was "
            "written down before you saw what was said about it. For other numbers change the seed.",
        ),
        Slip(
            "a mark for the answer that I gave, and the question is gone",
            ("M126",),
            "Nobody marks you. The question stays there to be read again, with its hint and its steps.",
        ),
    )


def same_cell(rng):
    """What does a card show whose cell is run again?"""
    id, seed, right = rng.choice(ABOUT), rng.randint(2, 99), rng.random() < 0.5
    given = "question.answer" if right else "question.slips[0].answer"
    answer = "the same question, and the answer that I gave"
    slips = _same_cell_slips(seed)
    return {
        **_SAME_CELL,
        "prompt": (
            f'Yesterday you answered the card of `predict("{id}", seed={seed})`, {"rightly" if right else "wrongly"}. '
            "Since then the computer was switched off. You run the cell again: what do you see?"
        ),
        "answer": answer,
        "because": f"The seed {seed} makes the same question again, and your answer was kept.",
        "steps": [
            f"`seed={seed}` always gives this question these numbers.",
            "Each answer is written to a file on your own machine first, and read from there again.",
        ],
        "proof": (
            "from convlab import questions, review\nfrom convlab.attempt import attempt_at\n"
            f"question, again = (questions.make({id!r}, {seed}) for _ in range(2))\n"
            f"verdict = question.grade({given})\n"
            f"given = attempt_at(question, {given}, verdict, context='predict', sure=2)\n"
            "entry = review.predict(again, [given]).trail[0]\n"
            "numbers = 'the same question' if again == question else 'other numbers'\n"
            "kept = 'the answer that I gave' if entry.attempt == given else 'no answer'\n"
            "print(f'{numbers}, and {kept}')"
        ),
        "slips": slips,
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


_HOW_SURE = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say what how sure is for",
    "formula": "right and certain: later; a guess: sooner",
    "because": "A right guess may be luck, so it comes back sooner; what you are certain of can wait.",
    "hint": "Who gains anything from knowing how sure you were?",
}


def _how_sure_slips(sooner):
    return (
        Slip(
            f"it counts {'fewer points than for' if sooner else 'more points than'} "
            f"{'a certain answer' if sooner else 'for a guess'}",
            ("M126",),
            "There are no points. How sure you were tells the course when to ask again: a guess soon, what you are "
            "certain of later. So say what is true.",
        ),
        Slip(
            "nothing: next time the numbers are others, and what I said is lost",
            ("M127",),
            "What you said is kept with your answer, and it decides on which day the question comes back.",
        ),
    )


def how_sure(rng):
    """What is "how sure are you?" for?"""
    id, seed, sure = rng.choice(ABOUT), rng.randint(2, 99), rng.choice((1, 3))
    sooner = sure == 1
    answer = f"it asks me again {'sooner than after a certain answer' if sooner else 'later than after a guess'}"
    slips = _how_sure_slips(sooner)
    call = f'quiz("00").answer("{id}", ..., seed={seed}, sure={sure})'
    return {
        **_HOW_SURE,
        "prompt": (
            f"You answer rightly, and say that it was {'a guess' if sooner else 'certain'}: on a card, or by code with "
            f"`{call}`. What does the course do with `sure={sure}`?"
        ),
        "answer": answer,
        "steps": [
            f"`sure={sure}` means {SURE[sure - 1]}: 1 is a guess, 2 fairly sure, 3 certain.",
            f"So the question comes back {'sooner' if sooner else 'later'}, with other numbers; nothing is counted.",
        ],
        "proof": (
            "from convlab.attempt import Attempt\nfrom convlab.review import memories\n"
            "def due(sure):\n"
            f"    given = Attempt({id!r}, 'right', seed={seed}, sure=sure, at='2026-05-01T10:00:00+00:00')\n"
            f"    return memories([given])[{id!r}].due\n"
            f"print('it asks me again', 'sooner than after a certain answer' if due({sure}) < due(3)\n"
            f"      else 'later than after a guess' if due({sure}) > due(1) else 'as always')"
        ),
        "slips": slips,
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


QUESTIONS = {"same-cell": same_cell, "how-sure": how_sure}
