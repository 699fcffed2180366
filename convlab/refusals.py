"""What bad input gets: one sentence, without a trace into our code; and the two smallest checks."""

from operator import index


class Refusal(Exception):
    """An error whose message is the whole story: in a notebook it is shown without a trace into our code."""

    def _render_traceback_(self):
        lines = [f"{type(self).__name__}: {self}"]
        if getattr(self, "torch_message", ""):
            lines.append(f"PyTorch says: {self.torch_message}")
        return lines


class ArgumentError(Refusal, TypeError):
    """An argument of the wrong type or name; one sentence says what was expected, what came, what to change."""


class ShapeError(Refusal, ValueError):
    """A setting or an input that PyTorch's Conv2d refuses.

    Args:
        message: what was expected, what came, what to change; one sentence.
        torch_message: PyTorch's own words for the same refusal, or "" where it has none.
    """

    def __init__(self, message, torch_message=""):
        super().__init__(message)
        self.torch_message = torch_message


def pair(value, name):
    """(height, width) from a whole number or from two of them.

    Raises:
        ShapeError: anything else.

    Example:
        >>> pair(3, "kernel_size"), pair((3, 5), "kernel_size")
        ((3, 3), (3, 5))
    """
    try:
        if isinstance(value, (tuple, list)):
            if len(value) == 1 and name != "kernel_size":
                value = value * 2  # PyTorch repeats a lone stride, padding or dilation, not a lone kernel size
            height, width = value
            return index(height), index(width)
        return index(value), index(value)
    except (TypeError, ValueError):
        raise ShapeError(
            f"{name} must be a whole number or a pair (height, width); got {value!r}: write {name}=3 or {name}=(3, 5)."
        ) from None


def whole(value, name):
    """The number as an int, if it is a whole number and not negative.

    Raises:
        ShapeError: anything else.
    """
    try:
        value = index(value)
    except TypeError:
        raise ShapeError(f"{name} must be a whole number; got {value!r}: write {name}=3.") from None
    if value < 0:
        raise ShapeError(
            f"{name} must be positive; got {value}: choose 1 or more.",
            "groups must be a positive integer" if name == "groups" else "",
        )
    return value
