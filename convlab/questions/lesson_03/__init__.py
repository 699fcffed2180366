"""Lesson 03, the layer: its arguments, the shapes of its weight, bias and output, and its errors."""

QUESTIONS = {}
