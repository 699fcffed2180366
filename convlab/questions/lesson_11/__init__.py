"""Lesson 11, the debugging clinic: what a message says, a wrong shape, and silence; and where to look first."""

from convlab.questions.lesson_11 import frozen, kernels, learning, looking, messages, pairs, pictures, rows, stacks

QUESTIONS = {
    **messages.QUESTIONS,
    **stacks.QUESTIONS,
    **pictures.QUESTIONS,
    **rows.QUESTIONS,
    **pairs.QUESTIONS,
    **kernels.QUESTIONS,
    **learning.QUESTIONS,
    **frozen.QUESTIONS,
    **looking.QUESTIONS,
}
