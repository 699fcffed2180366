"""Lesson 07, a CNN on real images: shapes, parameters, logits, the modes, transfer, and what filters are for."""

from convlab.questions.lesson_07 import logits, maps, norms, shapes, sizes, training, transfer, uses

QUESTIONS = {
    **shapes.QUESTIONS,
    **sizes.QUESTIONS,
    **maps.QUESTIONS,
    **logits.QUESTIONS,
    **norms.QUESTIONS,
    **training.QUESTIONS,
    **transfer.QUESTIONS,
    **uses.QUESTIONS,
}
