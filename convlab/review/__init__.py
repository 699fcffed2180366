"""What to ask next, and how far the learner has come: all of it derived from the attempts.

`history` reads the attempts, `memory` says what is due, `decks`, `rounds` and `final` are the questions of one card,
and `standing` is the map of the course. Nothing here is stored, so all of it can be rebuilt at any time.
"""

from convlab.review.decks import OWN, Deck, Entry, check_sure, own_layer, predict
from convlab.review.final import Final
from convlab.review.history import counted, weakest
from convlab.review.memory import day_in_words, due, memories, next_due
from convlab.review.rounds import Quiz, Review, Test, WarmUp
from convlab.review.standing import STATES, Objective, Standing, standing

__all__ = [
    "OWN",
    "STATES",
    "Deck",
    "Entry",
    "Final",
    "Objective",
    "Quiz",
    "Review",
    "Standing",
    "Test",
    "WarmUp",
    "check_sure",
    "counted",
    "day_in_words",
    "due",
    "memories",
    "next_due",
    "own_layer",
    "predict",
    "standing",
    "weakest",
]
