"""Lesson 12, questions of its own: what to choose by, how far a share holds, what a design costs, what comes next.

They are few, because the lesson asks about all the others: its test mixes them, and its final does.
"""

from convlab.questions.lesson_12 import choosing, designs

QUESTIONS = {**choosing.QUESTIONS, **designs.QUESTIONS}
