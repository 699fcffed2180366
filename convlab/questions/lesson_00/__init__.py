"""Lesson 00, start: what Conv2d is for, what it is not, and why its weights do not depend on the picture."""

QUESTIONS = {}
