"""Random states of a widget, sent to it as Python code."""

import os

import numpy as np

from tests.random_layers import draw, judged

PRELUDE = "import convlab, numpy as np, torch\n"
COUNT = 200 if os.environ.get("CONVLAB_FULL") == "1" else 10  # random layers for each widget
SEED = int(os.environ.get("CONVLAB_SEED", 0))


def array(values):
    """An array as Python source."""
    return f"np.array({values.tolist()}, dtype='float64').reshape({values.shape})"


def arguments(case):
    """What a widget's constructor and ``set_layer`` take for a case, as Python source."""
    spec = {name: value for name, value in case.spec.items() if name != "bias"}
    bias = "False" if case.bias is None else array(case.bias)
    return f"**{spec!r}, input={array(case.input)}, weight={array(case.weight)}, bias={bias}"


def show(notebook, root, case, settings=None):
    """Sets the layer and other traits of `widget` from Python, and waits for the picture."""
    moves = "".join(f"\n    widget.{name} = {value!r}" for name, value in (settings or {}).items())
    with notebook.redrawn(root):
        notebook.python(f"with widget.hold_sync():\n    widget.set_layer({arguments(case)}){moves}")


def weight_by_key(notebook, root, case, rng):
    """Makes one weight on the screen larger by a key; the case as it is then."""
    cells = root.locator('[data-role="weight"][tabindex]')
    cell = cells.nth(int(rng.integers(cells.count())))
    index = tuple(int(part) for part in cell.get_attribute("data-index").split(","))
    cell.focus()
    with notebook.redrawn(root):
        cell.press("+")
    grown = float(cell.get_attribute("data-value")) - case.weight[index]
    assert grown > 0
    return changed(case, "weight", index, grown)


def somewhere(rng, shape):
    """A random index into an array of this shape."""
    return tuple(int(rng.integers(length)) for length in shape)


def changed(case, role, index, delta):
    """The case after one number of input or weight grew by `delta`, with torch's new output."""
    input, weight = case.input.copy(), case.weight.copy()
    (input if role == "input" else weight)[index] += delta
    return judged(case.spec, input, weight, case.bias)


def stepper_states(rng, count):
    """Pairs (case, position) for ConvStepper: position is {sample, filter, place}."""
    for _ in range(count):
        case = draw(rng, legal=True, batch=(0, 1, 2), largest=7)
        N = case.output.shape[0] if case.output.ndim == 4 else 1
        n, o = somewhere(rng, (N, case.spec["out_channels"]))
        yield case, {"sample": n, "filter": o, "place": somewhere(rng, case.output.shape[-2:])}


def generator(seed):
    return np.random.default_rng(seed)
