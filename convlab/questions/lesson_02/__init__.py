"""Lesson 02, convolution by hand: one output cell, what a kernel does, cross-correlation or convolution."""

from convlab.questions.lesson_02 import backwards, counting, kernels, myths, places, values, windows

QUESTIONS = {
    **values.QUESTIONS,
    **places.QUESTIONS,
    **counting.QUESTIONS,
    **kernels.QUESTIONS,
    **windows.QUESTIONS,
    **myths.QUESTIONS,
    **backwards.QUESTIONS,
}
