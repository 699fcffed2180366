"""Lesson 00, start: what Conv2d is for, what it is not, and why its weights do not depend on the picture."""

from convlab.questions.lesson_00 import asking, costs, learning, places, purpose

QUESTIONS = {
    **purpose.QUESTIONS,
    **places.QUESTIONS,
    **costs.QUESTIONS,
    **learning.QUESTIONS,
    **asking.QUESTIONS,
}
