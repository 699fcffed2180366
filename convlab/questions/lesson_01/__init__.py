"""Lesson 01, images as tensors: which axis is which, what moves pixels and what scrambles them."""

from convlab.questions.lesson_01 import pixels

QUESTIONS = {**pixels.QUESTIONS}
