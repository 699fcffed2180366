"""What a layer says of itself: its text, the settings that its sizes follow from, its parameters by name."""

import inspect

import torch
from torch import nn

FORMS = (
    (nn.Conv2d, "conv"),
    ((nn.MaxPool2d, nn.AvgPool2d), "pool"),
    (nn.Linear, "linear"),
    ((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), "norm"),
    (nn.Flatten, "flatten"),
    (nn.AdaptiveAvgPool2d, "adaptive"),
)
SETTINGS = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode",
    "ceil_mode", "in_features", "out_features", "num_features", "start_dim", "end_dim", "output_size",
)  # fmt: skip
FIRST = ("in_channels", "out_channels", "in_features", "out_features", "num_features")  # written without their names
MOST_LETTERS = 120


def text_of(module):
    """The layer as it can be written, in one line: its arguments without those left at their defaults."""
    try:
        text = _written(module) or (repr(module) if not any(module.children()) else f"{type(module).__name__}(...)")
    except Exception:  # a learner's own repr may fail: no reason to trace nothing
        text = f"{type(module).__name__}(...)"
    line = text.split("\n")[0]
    return line if len(line) <= MOST_LETTERS else line[: MOST_LETTERS - 1] + "…"


def _written(module):
    """Conv2d(3, 16, kernel_size=3, padding=1); "" for a class of which it is not known how it is made."""
    if not type(module).__module__.startswith("torch.nn.modules.") or any(module.children()):
        return ""
    words = []
    for name, argument in list(inspect.signature(type(module).__init__).parameters.items())[1:]:
        if argument.kind in (argument.VAR_POSITIONAL, argument.VAR_KEYWORD):
            return ""
        if name in ("device", "dtype"):
            continue
        if not hasattr(module, name):
            if argument.default is argument.empty:
                return ""
            continue
        value = _plain(name, getattr(module, name))
        if value == argument.default or (name == "stride" and value == _plain("", getattr(module, "kernel_size", None))
                                         and argument.default is None):  # fmt: skip
            continue
        words.append(repr(value) if name in FIRST else f"{name}={value!r}")
    return f"{type(module).__name__}({', '.join(words)})"


def _plain(name, value):
    """A pair of equals as one number, a bias as whether there is one."""
    if name == "bias" and not isinstance(value, bool):
        return value is not None
    if isinstance(value, tuple) and len(value) > 1 and len(set(value)) == 1:
        return value[0]
    return value


def settings_of(module):
    """{"form": ..., and the layer's arguments by name}; {} for a layer whose sizes follow no rule written here."""
    form = next((form for kinds, form in FORMS if isinstance(module, kinds)), None)
    if form is None:
        return {}
    found = {name: getattr(module, name) for name in SETTINGS if hasattr(module, name)}
    return {"form": form, **found, "bias": torch.is_tensor(getattr(module, "bias", None))}


def storage_of(tensor):
    """Something that two tensors have in common when they share memory; None where there is no such thing."""
    try:
        return tensor.untyped_storage()._cdata
    except (AttributeError, NotImplementedError, RuntimeError):
        return None
