"""What FeatureMaps sends to its page: the layers and labels once, a picture of the filters and maps again and again."""

import numpy as np

from .. import layers
from ..refusals import came
from ..shapes import ArgumentError, ShapeError, call
from .layer_widget import SETTINGS, packed

MOST_FILTERS = 16  # on the screen at once
MOST_SLICES = 8  # of each
ALL_LAYERS = 60_000  # numbers: maps of every layer are sent while they are no more than this


def facts(training, names, own_test):
    """What stays as it is: the layers, the labels, what it learns from and is tested on, and where."""
    parts = dict(training.model.named_modules())
    shown = []
    for name in names:
        spec = layers.spec(parts[name])
        written = call({setting: getattr(spec, setting) for setting in SETTINGS})
        shown.append({"name": name, "shape": list(parts[name].weight.shape), "call": written})
    tested = "pictures it learns from" if own_test else "test pictures"
    return {"layers": shown, "labels": training.test_labels.tolist(), "classes": training.classes, "tested": tested,
            "model": type(training.model).__name__, "device": training.device.type, "learning": len(training.images),
            "batch": training.batch_size}  # fmt: skip


def drawn(seen, chosen):
    """Names of the layers whose maps are sent: all of a small network, so that the page can turn to each at once."""
    size = sum(output[:MOST_FILTERS].numel() for _, output in seen.values() if output is not None)
    return list(seen) if size <= ALL_LAYERS else [chosen]


def layer(weight, output, start, first):
    """A layer's filters and maps from filter `first` on; `moved`: how far each filter is from its first weights."""
    first = first if first < len(weight) else 0
    filters, slices = slice(first, first + MOST_FILTERS), slice(0, MOST_SLICES)
    moved = (weight - start).double().flatten(1).norm(dim=1)
    return {
        "first": first,
        "weight": packed(weight[filters, slices].numpy()),
        "start": packed(start[filters, slices].numpy()),
        "moved": packed(moved[filters].numpy()),
        "output": None if output is None else packed(output[filters].numpy()),
    }


def table(said, labels, classes):
    """Accuracy, and how often which picture was called what."""
    counts = np.zeros((classes, classes), int)
    np.add.at(counts, (labels, said), 1)
    return {"accuracy": float((said == labels).mean()), "table": counts.tolist(), "said": said.tolist()}


def checked(name, value, names, count):
    """The value of a trait, if there is such a layer, picture, step or place.

    Raises:
        ArgumentError, ShapeError: what was expected, what came, what to change.
    """
    if name == "layer" and value not in names:
        raise ArgumentError(f"layer must be one of {', '.join(names)}; got {came(value)}: choose one of these.")
    if name in ("picture", "shown_step", "first", "filter", "pace") and type(value) is not int:
        raise ArgumentError(f"{name} must be a whole number; got {came(value)}: write {name}=3.")
    if name == "picture" and not 0 <= value < count:
        raise ShapeError(f"picture must be from 0 to {count - 1}; got {value}: choose one of the test pictures.")
    if name in ("first", "filter", "pace") and value < 0:
        raise ShapeError(f"{name} must be 0 or more; got {value}: write {name}=0.")
    if name == "change" and not isinstance(value, bool):
        raise ArgumentError(f"change must be True or False; got {came(value)}: write change=True.")
    if name == "place":
        value = list(value) if isinstance(value, (list, tuple)) else [value]
        if len(value) not in (0, 2) or any(type(at) is not int or at < 0 for at in value):
            raise ShapeError(f"place must be a pair (row, column) of the map; got {came(value)}: write place=[3, 4].")
    return value
