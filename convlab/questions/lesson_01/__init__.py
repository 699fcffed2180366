"""Lesson 01, images as tensors: which axis is which, what moves pixels, how they lie in memory, what a layer takes."""

from convlab.questions.lesson_01 import axes, memory, moving, pixels, using

QUESTIONS = {
    **pixels.QUESTIONS,
    **moving.QUESTIONS,
    **axes.QUESTIONS,
    **memory.QUESTIONS,
    **using.QUESTIONS,
}
