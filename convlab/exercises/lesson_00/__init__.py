"""The exercises of lesson 00, a file each: at how many places a window can stand, as a first check."""

from .first_check import Places

EXERCISES = (Places(),)
