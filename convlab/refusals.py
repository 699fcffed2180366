"""What bad input gets: one sentence, without a trace into our code; and the smallest checks."""

from functools import wraps
from inspect import signature
from itertools import islice
from operator import index

LONGEST = 600  # characters of a sentence
LARGEST = 2**63 - 1  # PyTorch's sizes have 64 bits


class Refusal(Exception):
    """An error whose message is the whole story: in a notebook it is shown without a trace into our code."""

    def __str__(self):
        text = " ".join(super().__str__().split())  # others' words in it may have lines of their own
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _render_traceback_(self):
        lines = [f"{type(self).__name__}: {self}"]
        if getattr(self, "torch_message", ""):
            lines.append(f"PyTorch says: {self.torch_message}")
        return lines


class ArgumentError(Refusal, TypeError):
    """An argument of the wrong type or name; one sentence says what was expected, what came, what to change."""


class ChoiceError(Refusal, ValueError):
    """A value of the right type that is none of those there are; one sentence, as for an ``ArgumentError``."""


class FileRefused(Refusal, OSError):
    """A file that cannot be read or written; one sentence says which, why, and what to do."""


class ShapeError(Refusal, ValueError):
    """A setting or an input that PyTorch's Conv2d refuses.

    Args:
        message: what was expected, what came, what to change; one sentence.
        torch_message: PyTorch's own words for the same refusal, or "" where it has none.
    """

    def __init__(self, message, torch_message=""):
        super().__init__(message)
        self.torch_message = torch_message


def came(value, most=60):
    """What was given, in a few words on one line, whatever it is.

    Example:
        >>> came((3, "a")), came(list(range(99)), most=12), came(10**9999)
        ("(3, 'a')", '[0, 1, 2, 3,…', 'an int')
    """
    try:
        shape, dtype = getattr(value, "shape", ()), getattr(value, "dtype", None)
        if dtype is not None and tuple(shape):
            text = f"{type(value).__name__} of shape {tuple(shape)} and dtype {dtype}"
        elif hasattr(value, "forward"):
            text = value.__name__ if isinstance(value, type) else type(value).__name__
        else:
            text = " ".join(repr(value).split())
        text = text.encode("utf-8", "backslashreplace").decode()
    except Exception:  # who knows what its repr does
        name = type(value).__name__
        text = f"a{'n' * (name[0] in 'aeiou')} {name}"
    return text if len(text) <= most else f"{text[:most]}…"


def one_sentence(function):
    """The function, which refuses in one sentence whatever it cannot use: a net below its own checks.

    The sentence says what came, why it was no use, and a call that works: the first example of the docstring. A class
    is given back with its constructor in the net.

    Example:
        >>> @one_sentence
        ... def half(number):
        ...     "Half of a number: >>> half(3)"
        ...     return number / 2
        >>> half(5), half.__name__
        (2.5, 'half')
    """
    if isinstance(function, type):
        function.__init__ = _in_the_net(function.__init__, function.__name__, function.__doc__, skip=1)
        return function
    return _in_the_net(function, function.__name__, function.__doc__, skip=0)


def _in_the_net(function, name, doc, skip):
    @wraps(function)
    def within(*arguments, **keywords):
        try:
            return function(*arguments, **keywords)
        except Refusal:
            raise
        except Exception as error:
            example = _example(name, doc)
            try:
                given = [*signature(function).bind(*arguments, **keywords).arguments.items()][skip:]
            except TypeError as missing:
                raise ArgumentError(f"{name}: {_one_line(missing)}: {example}") from None
            shown = ", ".join(f"{key}={came(value, 40)}" for key, value in given) or "no arguments"
            raise ArgumentError(f"{name} cannot use {shown} ({_one_line(error)}): {example}") from error

    return within


def _one_line(error):
    try:
        text = " ".join(str(error).split())[:120]
    except Exception:
        text = ""
    return text or type(error).__name__


def _example(name, doc):
    """What to write instead: the first line of the docstring's example that calls it."""
    lines = [line.partition(">>> ")[2].strip() for line in (doc or "").split("\n")]
    call = next((line for line in lines if f"{name}(" in line), None)
    return f"write for example {call}" if call else f"see help({name})."


def check_takes(function, name, /, *arguments, **keywords):
    """Refuses a function that cannot be called with these; what it does inside is its own affair.

    Args:
        function: what a learner gave.
        name: of the argument that it was given as.
        arguments, keywords: what it will be called with.

    Raises:
        ArgumentError: it takes others.

    Example:
        >>> check_takes(len, "forward", [1, 2])
        >>> check_takes(len, "forward")
        Traceback (most recent call last):
        convlab.refusals.ArgumentError: forward is called with 0 arguments: missing a required argument: 'obj'.
    """
    try:
        taken = signature(function)
    except (ValueError, TypeError):  # some of Python's own do not say
        return
    try:
        taken.bind(*arguments, **keywords)
    except TypeError as error:
        count = f"{len(arguments)} argument{'s' * (len(arguments) != 1)}"
        given = " and ".join(filter(None, [count, ", ".join(keywords)]))
        raise ArgumentError(f"{name} is called with {given}: {error}.") from None


def few(values):
    """The first nine at most of these, more than any shape has: a range may have more than fit into the memory.

    Example:
        >>> few(range(10**12))
        (0, 1, 2, 3, 4, 5, 6, 7, 8)
    """
    return tuple(islice(values, 9))


def pair(value, name):
    """(height, width) from a whole number or from two of them.

    Args:
        value: what was given.
        name: of the setting, for the message.

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
            return size(height), size(width)
        return (size(value),) * 2
    except Exception:
        raise ShapeError(
            f"{name} must be a whole number or a pair (height, width); got {came(value)}: write {name}=3 or "
            f"{name}=(3, 5)."
        ) from None


def whole(value, name):
    """The number as an int, if it is a whole number and not negative.

    Args:
        value: what was given.
        name: of the setting, for the message.

    Raises:
        ShapeError: anything else.

    Example:
        >>> whole(3, "groups")
        3
    """
    try:
        value = size(value)
    except Exception:
        raise ShapeError(f"{name} must be a whole number; got {came(value)}: write {name}=3.") from None
    if value < 0:
        raise ShapeError(
            f"{name} must be a whole number that is not negative; got {value}: write {name}=3.",
            "groups must be a positive integer" if name == "groups" else "",
        )
    return value


def size(value):
    """The int behind a whole number of at most 64 bits, negative or not; any error of its own means: it is none."""
    value = index(value)
    if abs(value) > LARGEST:
        raise OverflowError
    return value
