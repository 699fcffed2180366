"""The slip of a program that is right for whole numbers and breaks at a pair, for every exercise that takes both."""

from functools import wraps
from inspect import signature

from .task import Slip


def whole_numbers_only(program, *settings):
    """The slip of a program that adds and multiplies its settings as they come, pair or not.

    Args:
        program: the right one.
        settings: the names of its arguments that may be pairs.

    Example:
        >>> whole_numbers_only(lambda input, padding: input, "padding").says
        'Right so far, wherever padding is a whole number. A pair (pH, pW) must work too: make a pair of a single \
number with `if isinstance(padding, int): padding = (padding, padding)`, and take it apart.'
    """
    arguments, (first, *more) = signature(program), settings

    @wraps(program)
    def adding(*values, **named):
        given = arguments.bind(*values, **named)
        given.apply_defaults()
        for name in settings:
            0 + given.arguments[name]  # to a pair nothing can be added
        return program(*given.args, **given.kwargs)

    where = f"{', '.join(settings[:-1])} and {settings[-1]} are whole numbers" if more else f"{first} is a whole number"
    names = [f"({name[0]}H, {name[0]}W)" for name in settings]
    pairs = f"Pairs {', '.join(names[:-1])} and {names[-1]}" if more else f"A pair {names[0]}"
    says = (
        f"Right so far, wherever {where}. {pairs} must work too: make a pair of a single number with "
        f"`if isinstance({first}, int): {first} = ({first}, {first})`, and take it apart."
    )
    return Slip((), "whole numbers only", adding, says, outcome="partial")
