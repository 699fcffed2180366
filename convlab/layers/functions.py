"""What a model does between its layers: every call of a torch function, with what it read and what it made.

PyTorch shows these calls to a function mode as the learner wrote them: ``F.max_pool2d(x, 2)``, ``x.view(-1, 64)``,
``x + y``. What a layer of ``torch.nn`` does inside itself is the layer's own affair and no call of the learner's.
"""

import inspect
from types import MethodDescriptorType, WrapperDescriptorType

import torch
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from . import rules

OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "true_divide": "/", "matmul": "@", "pow": "**",
    "add_": "+=", "sub_": "-=", "mul_": "*=", "div_": "/=",
}  # fmt: skip
POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
# Functions written in C++ tell no names of their arguments.
ARGUMENTS = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "max_pool2d": POOL,
    "avg_pool2d": (*POOL[:4], "ceil_mode"),
    "flatten": ("input", "start_dim", "end_dim"),
}
FORMS = {"conv2d": "conv", "max_pool2d": "pool", "avg_pool2d": "pool", "linear": "linear", "flatten": "flatten"}
MOST_LETTERS = 100


class Pads(TorchFunctionMode):
    """Sees ``F.pad`` go round: the core knows circular padding as a series of copies."""

    def __init__(self, windows):
        super().__init__()
        self.windows = windows

    def __torch_function__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func is F.pad and "circular" in (*args, *(kwargs or {}).values()):
            field = self.windows.fields.get(args[0]) if args else None
            if field:
                pads = args[1] if len(args) > 1 else kwargs["pad"]
                self.windows.fields[made] = rules.pad(field, pads, tuple(made.shape))
        return made


class Functions(Pads):
    """Tells ``calls`` of every function that the model itself calls on a tensor."""

    def __init__(self, windows, calls):
        super().__init__(windows)
        self.calls = calls

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if not self.calls.between or not tensors_in([args, kwargs]):
            return super().__torch_function__(func, types, args, kwargs)
        kwargs = kwargs or {}
        before = self.calls.windows.macs
        given = self.calls.given([args, kwargs])
        try:
            made = super().__torch_function__(func, types, args, kwargs)
        except Exception as error:
            self.calls.function_failed(error, func, args, kwargs, given)
            raise
        if tensors_in(made):
            self.calls.function_called(func, args, kwargs, given, made, self.calls.windows.macs - before)
        return made


def tensors_in(value):
    """All tensors in what a layer was given or gave, however nested."""
    if torch.is_tensor(value):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return [tensor for one in values for tensor in tensors_in(one)]


def name_of(func):
    """The function as it is called: ``F.relu``, ``.view``, ``torch.cat``, ``+``."""
    name = getattr(func, "__name__", type(func).__name__)
    if name == "__get__":
        return f".{func.__self__.__name__}"
    if name == "__getitem__":
        return "[...]"
    name = name.strip("_") if name.startswith("__") else name
    if isinstance(func, (MethodDescriptorType, WrapperDescriptorType)):
        return OPERATORS.get(name, f".{name}")
    return f"F.{name}" if hasattr(F, name) and not _is_of_torch_itself(func) else f"torch.{name}"


def _is_of_torch_itself(func):
    """torch.relu and torch.flatten, say; torch.conv2d is met as F.conv2d by everybody."""
    return getattr(torch, func.__name__, None) is func and getattr(F, func.__name__, None) is not func


def text_of(func, args, kwargs, names):
    """The call as source: ``F.max_pool2d(x, 2)``; ``names``: of tensors that have one, by id."""
    letters = _letters([args, kwargs], names)
    short = name_of(func)
    words = [_word(value, letters) for value in args]
    words += [f"{name}={_word(value, letters)}" for name, value in _unusual(func, kwargs).items()]
    if short == "[...]":
        text = f"{words[0]}[{_index(args[1], letters)}]"
    elif short in OPERATORS.values():
        text = f" {short} ".join(words[:2])
    elif short.startswith(".") and func.__name__ == "__get__":
        text = f"{words[0]}{short}"
    elif short.startswith("."):
        text = f"{words[0]}{short}({', '.join(words[1:])})"
    else:
        text = f"{short}({', '.join(words)})"
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def _letters(values, names):
    """x, y, z ... for tensors without a name, by id."""
    found, free = dict(names), iter("xyzabcdefgh")
    for tensor in tensors_in(values):
        if id(tensor) not in found:
            found[id(tensor)] = next(free, "x")
    return found


def _word(value, letters):
    if torch.is_tensor(value):
        return letters[id(value)]
    if isinstance(value, (list, tuple)):
        inside = ", ".join(_word(one, letters) for one in value)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _index(value, letters):
    if isinstance(value, tuple):
        return ", ".join(_index(one, letters) for one in value)
    if isinstance(value, slice):
        start, stop = ("" if end is None else repr(end) for end in (value.start, value.stop))
        return f"{start}:{stop}" + (f":{value.step!r}" if value.step is not None else "")
    return "..." if value is Ellipsis else _word(value, letters)


def _unusual(func, kwargs):
    """The keywords that differ from the function's defaults: ``F.max_pool2d`` hands on all of them."""
    signature = _signature(func)
    usual = {name: it.default for name, it in signature.parameters.items()} if signature else {}
    given = {name: value for name, value in kwargs.items() if not name.startswith("_")}
    given.pop("training", None)  # a walk is in eval mode: the mode is not what the learner wrote
    if not usual:
        return given
    return {name: value for name, value in given.items() if torch.is_tensor(value) or usual.get(name) != value}


def _signature(func):
    """The signature of a function written in Python; None for those of C++."""
    name = getattr(func, "__name__", "")
    for candidate in (getattr(F, f"_{name}", None), func):
        try:
            return inspect.signature(candidate)
        except (TypeError, ValueError):
            continue
    return None


def settings_of(func, args, kwargs):
    """What a function has been told, by the names that its layer has for it; {} where there is no such layer."""
    name = getattr(func, "__name__", "")
    if name not in FORMS:
        return {}
    told = {**dict(zip(ARGUMENTS[name], args, strict=False)), **kwargs}
    found = {key: value for key, value in told.items() if not torch.is_tensor(value) and key != "input"}
    weight = told.get("weight")
    if weight is not None and name == "conv2d":
        channels = weight.shape[1] * found.get("groups", 1)
        found |= {"in_channels": channels, "out_channels": weight.shape[0], "kernel_size": tuple(weight.shape[2:])}
    if weight is not None and name == "linear":
        found |= {"in_features": weight.shape[-1], "out_features": weight.shape[0]}
    return {"form": FORMS[name], **found, "bias": torch.is_tensor(told.get("bias"))}
