"""Lesson 12: what to choose by, how far a share holds, what a design costs, what an ablation shows, what comes next."""

from convlab.questions.lesson_12 import choosing, defending, designs

QUESTIONS = {**choosing.QUESTIONS, **designs.QUESTIONS, **defending.QUESTIONS}
