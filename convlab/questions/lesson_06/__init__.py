"""Lesson 06, channels and filters: the sum over channels, the counts, 1 x 1, setting weights, filter banks."""

from convlab.questions.lesson_06 import banks, counts, pixels, setting, sharing, sums

QUESTIONS = {
    **sums.QUESTIONS,
    **counts.QUESTIONS,
    **pixels.QUESTIONS,
    **setting.QUESTIONS,
    **sharing.QUESTIONS,
    **banks.QUESTIONS,
}
