"""Lesson 05, dilation and receptive field: how far a kernel reaches, how far a unit sees, and what it really reads."""

from convlab.questions.lesson_05 import costs, extents, fields, keeping, views

QUESTIONS = {
    **extents.QUESTIONS,
    **keeping.QUESTIONS,
    **fields.QUESTIONS,
    **views.QUESTIONS,
    **costs.QUESTIONS,
}
