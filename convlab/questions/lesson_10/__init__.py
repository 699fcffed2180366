"""Lesson 10, grouped convolution: who reads whom, what is saved, depthwise, separable, shuffle, and what is refused."""

from convlab.questions.lesson_10 import costs, legal, muting, myths, separable, shuffles, weights, wiring

QUESTIONS = {
    **wiring.QUESTIONS,
    **muting.QUESTIONS,
    **weights.QUESTIONS,
    **myths.QUESTIONS,
    **legal.QUESTIONS,
    **separable.QUESTIONS,
    **shuffles.QUESTIONS,
    **costs.QUESTIONS,
}
