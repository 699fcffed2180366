"""Lesson 04, stride and padding: which size comes out, what the frame holds, what is read, what runs."""

from convlab.questions.lesson_04 import backwards, drill, frames, keeping, reading, running, stacks

QUESTIONS = {
    **drill.QUESTIONS,
    **backwards.QUESTIONS,
    **frames.QUESTIONS,
    **keeping.QUESTIONS,
    **running.QUESTIONS,
    **reading.QUESTIONS,
    **stacks.QUESTIONS,
}
