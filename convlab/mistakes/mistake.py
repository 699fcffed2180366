"""What a mistake is: a wrong model of Conv2d that predicts a definite wrong answer."""

from collections.abc import Callable
from dataclasses import dataclass, field

PREDICTS = {
    "size": "(spec, input_shape) -> pairs (H_out, W_out)",
    "stack": "(specs, input_shape) -> pairs (H_out, W_out) after layers that follow each other",
    "field": "(specs) -> pairs: the receptive field (height, width) of a stack",
    "output_shape": "(spec, input_shape) -> whole output shapes",
    "weight_shape": "(spec) -> shapes of the weight",
    "count": "(spec, input_shape) -> numbers of parameters",
    "macs": "(spec, input_shape) -> numbers of multiply-adds",
    "memory": "(spec, input_shape) -> how many numbers im2col stores",
    "channels": "(spec, output_channel) -> lists of the input channels that it reads",
    "value": "(input, weight, bias, place) -> values of one output cell of one filter, stride 1",
    "kernel": "(weight) -> 2-D kernels taken in place of this one",
    "gradient": "(grad_output, input, weight, **settings) -> dicts: input, weight or bias -> its wrong gradient",
    "columns": "(input, spec) -> arrays taken for im2col's columns",
    "layout": "(pictures) -> arrays given to the layer for pictures of shape (N, H, W, C)",
    "error": '(spec, input_shape, dtype="float32") -> names of the errors expected, or "runs"',
    "code": "(spec) -> expressions that the learner writes for this layer",
}


@dataclass(frozen=True)
class Mistake:
    """One wrong model of Conv2d, with the words that help and the functions that predict.

    Args:
        id: ``"M61"``; 1 to 100 are the course's table, from 101 on slips of hand and eye.
        title: what the learner thinks, as a sentence he could say.
        diagnosis: one or two sentences: what is wrong, and what to think instead.
        lesson: the home lesson, ``"02"``.
        facts: ids of the facts it contradicts.
        equals: ids of the mistakes that predict the same wherever both say something; they are one class.
        statement: the belief as a statement to judge true or false; it is false.
        truth: the same matter put rightly, to judge beside it.
        models: what it predicts, a key of ``PREDICTS`` -> a function that returns the *list* of answers such a
            learner may give: most often one, several where the slip comes in variants (the commonest first), none
            where it does not apply. A model may predict the right answer: there it does not show.

    Raises:
        ValueError: a model's name is no key of ``PREDICTS``.

    Example:
        >>> from convlab.mistakes import MISTAKES
        >>> MISTAKES["M61"].title
        'Conv2d flips the kernel before it slides it.'
        >>> MISTAKES["M61"].models["kernel"]([[1, 2, 3], [4, 5, 6]])
        [[[6, 5, 4], [3, 2, 1]]]
    """

    id: str
    title: str
    diagnosis: str
    lesson: str
    facts: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    statement: str = ""
    truth: str = ""
    models: dict[str, Callable] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self):
        unknown = [name for name in self.models if name not in PREDICTS]
        if unknown:
            raise ValueError(f"a model predicts one of {', '.join(PREDICTS)}; got {unknown[0]!r} in {self.id}")

    @property
    def family(self):
        """The ids of its class: itself and its equals."""
        return frozenset((self.id, *self.equals))
