"""What a public name says of itself: each argument by its name, what it raises, an example that runs as a test."""

import inspect
import re

import pytest

import convlab
from convlab import engines, exercises, layers, mistakes, pictures, questions, quizzes, samples, shapes, store
from convlab.course_map import Progress, Sheet

ROOMS = (convlab, engines, exercises, layers, mistakes, pictures, questions, shapes, store)
IN_HAND = (quizzes.OwnLayer, quizzes.Quiz, Progress, Sheet)  # what their calls give back
NAMED = r"^ +(?:\w+, )*{0}(?:, \w+)*:|\b{0} \(|`{0}`"  # an entry under Args, a shape, or in backticks in a sentence
MOST_NAMES = 25


def own(module):
    """The functions and classes that a module without `__all__` shows."""
    kinds = [it for it in vars(module).values() if inspect.isfunction(it) or inspect.isclass(it)]
    return [it for it in kinds if it.__module__ == module.__name__ and not it.__name__.startswith("_")]


def public():
    """name -> the function or class; a widget is there once, though it is a name of two rooms."""
    found = [getattr(room, name) for room in ROOMS for name in room.__all__]
    found = [it for it in (*found, *own(samples)) if inspect.isfunction(it) or inspect.isclass(it)]
    return {f"{it.__module__}.{it.__qualname__}": it for it in found}


def methods_of(kind):
    """The public functions in a class's own body."""
    values = [getattr(kind, name) for name in vars(kind) if not name.startswith("_")]
    return [value for value in values if inspect.isfunction(value) or inspect.ismethod(value)]


def parts(it):
    """The names that must stand in its docstring: its parameters, or the fields that a class is made with."""
    if inspect.isclass(it) and issubclass(it, BaseException) and "__init__" not in vars(it):
        return []
    given = inspect.signature(it).parameters.values()
    more = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [one.name for one in given if one.name != "self" and one.name[0] != "_" and one.kind not in more]


def lacking(it, kind=None):
    """What its docstring lacks; that of a method may leave the example, and what the constructor takes, to its class.

    Another function of the room may stand for the arguments: "as ``conv2d_loops``".
    """
    doc = it.__doc__ or ""
    if not doc or doc.startswith(f"{it.__name__}("):  # what Python makes of a dataclass without one
        return ["a docstring"]
    takes_the_same = [kind] if kind and "what the constructor takes" in doc else []
    others = takes_the_same + [getattr(engines, name, None) for name in re.findall(r"as ``(\w+)``", doc)]
    referred = "".join(other.__doc__ for other in others if other)
    found = [name for name in parts(it) if not re.search(NAMED.format(name), doc + referred, re.MULTILINE)]
    raises = re.search(r"^\s+raise \w+\(", inspect.getsource(it), re.MULTILINE)
    if raises and not inspect.isclass(it) and "Raises:" not in doc and "Raises:" not in referred:
        found.append("Raises:")
    if not kind and ">>> " not in doc and not (inspect.isclass(it) and issubclass(it, BaseException)):
        found.append("an example")
    return found


PUBLIC = public()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_a_room_shows_few_names_and_all_are_there(room):
    assert len(set(room.__all__)) == len(room.__all__) <= MOST_NAMES
    assert [name for name in room.__all__ if not hasattr(room, name)] == []


def test_every_public_name_says_its_arguments_its_errors_and_an_example():
    assert {name: found for name, it in PUBLIC.items() if (found := lacking(it))} == {}


def test_every_method_of_a_public_class_says_its_arguments_and_its_errors():
    classes = [it for it in (*PUBLIC.values(), *IN_HAND) if inspect.isclass(it)]
    methods = [(method, it) for it in classes for method in methods_of(it)]
    assert len(methods) > 50
    assert {method.__qualname__: found for method, it in methods if (found := lacking(method, it))} == {}


def test_what_is_missing_is_noticed():
    def bare(size):
        return size

    def without_size(length, size):
        """Half of the `length`."""
        if size < 0:
            raise ValueError(size)
        return length / 2

    def whole(size):
        """Half of the `size`: >>> whole(size)"""
        return size / 2

    assert lacking(bare) == ["a docstring"]
    assert lacking(without_size) == ["size", "Raises:", "an example"]
    assert lacking(without_size, kind=type(own)) == ["size", "Raises:"]
    assert lacking(whole) == []
