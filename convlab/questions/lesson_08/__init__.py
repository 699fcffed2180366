"""Lesson 08, backprop: the three gradients, what a transposed convolution is, steps of training, and checks."""

from convlab.questions.lesson_08 import checks, correlating, frames, graph, inputs, learning, pixels, rates, weights

QUESTIONS = {
    **graph.QUESTIONS,
    **weights.QUESTIONS,
    **pixels.QUESTIONS,
    **inputs.QUESTIONS,
    **correlating.QUESTIONS,
    **frames.QUESTIONS,
    **learning.QUESTIONS,
    **rates.QUESTIONS,
    **checks.QUESTIONS,
}
