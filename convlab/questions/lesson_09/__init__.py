"""Lesson 09, im2col and speed: the columns, the product, fold, memory and work, spectra, and how time is measured."""

from convlab.questions.lesson_09 import (
    columns,
    entries,
    fairness,
    folding,
    memory,
    products,
    spectra,
    tiles,
    timing,
    work,
)

QUESTIONS = {
    **columns.QUESTIONS,
    **entries.QUESTIONS,
    **products.QUESTIONS,
    **folding.QUESTIONS,
    **work.QUESTIONS,
    **memory.QUESTIONS,
    **tiles.QUESTIONS,
    **spectra.QUESTIONS,
    **timing.QUESTIONS,
    **fairness.QUESTIONS,
}
