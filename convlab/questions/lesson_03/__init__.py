"""Lesson 03, the Conv2d layer: the call, the weight, the output, layer or function, and the messages."""

from convlab.questions.lesson_03 import calls, messages, myths, networks, sizes, taps, weights

QUESTIONS = {
    **calls.QUESTIONS,
    **weights.QUESTIONS,
    **taps.QUESTIONS,
    **sizes.QUESTIONS,
    **networks.QUESTIONS,
    **myths.QUESTIONS,
    **messages.QUESTIONS,
}
