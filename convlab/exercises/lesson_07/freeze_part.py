"""07.freeze: a part of a network that learns nothing any more, its BatchNorm included, whatever mode is called."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ..task import Case, Exercise, Misfit, random_numbers
from .freeze_slips import ERRORS, SLIPS, made

SIZE, BATCHES = (7, 6), 2  # of a picture; how many batches go through the network
AFTER = {
    (): "",
    (True,): " after model.train()",
    (False, True): " after model.eval() and model.train()",
    (True, False): " after model.train() and model.eval()",
}
WAYS = tuple(AFTER)[:3]  # to be in training mode


@dataclass(frozen=True, eq=False)
class Asked:
    """A question to the network that came back; a case holds it as `then`.

    Args:
        name: of the part that is to be frozen.
        pictures: (batches, N, C, H, W).
        modes: what model.train(mode) is called with before, one after another.
    """

    name: str
    pictures: np.ndarray
    modes: tuple = ()

    def __call__(self, result):
        torch = import_module("torch")
        with torch.no_grad():
            return self.answer(torch, whole(checked(torch, result), self.name))

    def run(self, torch, model, modes):
        """The outputs of the batches, one after another, after model.train(mode) for each of the modes."""
        for mode in modes:
            model.train(mode)
        return [model(torch.from_numpy(batch)) for batch in self.pictures]


def checked(torch, model):
    """The network, if it is one.

    Raises:
        Misfit: something else came back.
    """
    if isinstance(model, torch.nn.Module):
        return model
    raise Misfit(f"what came back is of type {type(model).__name__}; the last line is to be `return model`.")


def layers_of(model, name):
    """(the layers of the part that the network began with, the layers of its other parts), where still there."""
    marked = [(getattr(it, "convlab_part", None), it) for it in model.modules()]
    ours = [layer for part, layer in marked if part == name]
    return ours, [layer for part, layer in marked if part not in (None, name)]


def whole(model, name):
    """The model, if it is more than the part.

    Raises:
        Misfit: only the part came back.
    """
    ours, others = layers_of(model, name)
    if ours and not others:
        raise Misfit("only the part came back; return the whole model: the last line is to be `return model`.")
    return model


class Changing(Asked):
    """What could change, of the part and of all else: numbers that require a gradient, then BatchNorm layers that move.

    The layers are counted three times: at once, after model.train(), and after model.eval() and model.train().
    """

    def answer(self, torch, model):
        ours = {id(it) for layer in layers_of(model, self.name)[0] for it in layer.parameters(recurse=False)}
        learning = [0, 0]
        for parameter in model.parameters():
            learning[id(parameter) not in ours] += parameter.numel() * parameter.requires_grad
        return np.array([learning, *(self.moved(torch, model, modes) for modes in WAYS)], float)

    def moved(self, torch, model, modes):
        """How many BatchNorm layers, in the part and elsewhere, have other running statistics after the batches."""
        parts = [[it for it in part if hasattr(it, "running_mean")] for part in layers_of(model, self.name)]
        before = [[_statistics(torch, it) for it in part] for part in parts]
        self.run(torch, model, modes)
        return [
            sum(not torch.equal(_statistics(torch, it), was) for it, was in zip(part, old, strict=True))
            for part, old in zip(parts, before, strict=True)
        ]


class Outputs(Asked):
    """What the network gives for the last batch."""

    def answer(self, torch, model):
        return self.run(torch, model, self.modes)[-1]


def _statistics(torch, layer):
    kept = [it for it in (layer.running_mean, layer.running_var) if it is not None]
    return torch.cat(kept) if kept else torch.zeros(0)


class FreezePart(Exercise):
    """A part frozen for good."""

    id, lesson, title = "07.freeze", "07", "Frozen for good"
    level, minutes, revision = "medium", 10, 1
    prompt = """\
Write `freeze(model, name)`: the part of the model that is called `name`, such as "stem", learns nothing any more. \
Return the model.

`model` is an `nn.Module` whose parts hold convolutions and BatchNorm, some of them in an `nn.Sequential` inside \
another. Afterwards

- no parameter of the part requires a gradient;
- the running mean and variance of its BatchNorm layers stay as they are, and are what these layers go by (eval mode), \
also after the training loop has called `model.train()`;
- all other parts train on as before, and the numbers of all parts are those they had.

For example, for a model with parts stem, body and head:

    model = freeze(model, "stem")
    model.train()
    model(pictures)         # the head's running mean moves, the stem's does not"""
    stub = """\
def freeze(model, name):
    part = getattr(model, name)
    ...
"""
    arguments = ("model", "name")
    slips, errors = SLIPS, ERRORS
    returns, compared = "model", "output"
    right = "Right: the part stays as it is in every mode, and all else trains on."
    hints = (
        "Three things could change: parameters, running statistics, and the mode. Which of them does "
        "part.requires_grad_(False) stop? Print a running_mean before and after a batch.",
        "part.eval() is right, until model.train() comes: that calls train() of every part in turn. What if the "
        "part's own train() did nothing?",
        "part.requires_grad_(False); part.eval(); part.train = lambda mode=True: part; and then return model.",
    )

    @property
    def reference(self):
        """The reference; torch comes with it."""
        return import_module(f"{__package__}.solutions").freeze

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Three networks, each asked what it could train, which statistics move, and what it gives."""
        rng = random_numbers(seed, self.id)
        widths = [(3, 2, 4, 5), (2, 4, 3, 5), (4, 3, 2, 3)]
        drawn = [widths[it] for it in rng.permutation(3)]
        networks = ((1, (2, 3, 2, 3), "stem"), (2, drawn[0], "body"), (3, drawn[1], str(rng.choice(["stem", "body"]))))
        return [case for number, it in enumerate(networks) for case in _asking(rng, *it, example=number == 0)]

    def expected(self, case):
        asked, model = case.then, made(*case.arguments["model"].made_by)
        torch = import_module("torch")
        if isinstance(asked, Changing):
            _, others = layers_of(model, asked.name)
            learning = sum(it.numel() for layer in others for it in layer.parameters(recurse=False))
            return np.array([[0, learning], *[[0, sum(hasattr(it, "running_mean") for it in others)]] * 3], float)
        for mode in asked.modes:
            for name, part in model.named_children():
                part.train(mode and name != asked.name)
        with torch.no_grad():
            return model(torch.from_numpy(asked.pictures[-1])).numpy()

    def result_shape(self, case):
        outputs = isinstance(case.then, Outputs)
        return (case.then.pictures.shape[1], case.arguments["model"].made_by[2][-1]) if outputs else (4, 2)

    def own_words(self, trial):
        if trial.run["result"]["type"] == "NoneType":
            return "Your function returned None; expected the model. Its last line must be `return model`."
        return WORDS[type(trial.case.then)](trial) if trial.result is not None else ""


def _asking(rng, C_in, widths, name, example):
    pictures = rng.uniform(-1, 1, (BATCHES, 4, C_in, *SIZE))
    while not _shows((settings := (int(rng.integers(10_000)), C_in, widths)), name, pictures[-1]):
        pass  # a part that gives nothing but zeros is the same in both modes
    sentence = f'freeze(model, "{name}") of a model with {C_in} input channel{"s" * (C_in > 1)}'
    asked = Changing(name, pictures), Outputs(name, pictures, (True,)), Outputs(name, pictures, (True, False))
    for then in asked:
        arguments = {"model": made(*settings), "name": name}
        yield Case(arguments, {}, sentence, example, then, counted=not isinstance(then, Outputs))


def _shows(settings, name, pictures):
    """Whether the output in training mode is another one where the part is in eval mode."""
    torch = import_module("torch")
    outputs = []
    for mode in (True, False):
        model = made(*settings).train()
        getattr(model, name).train(mode)
        with torch.no_grad():
            outputs.append(model(torch.from_numpy(pictures)))
    return not torch.allclose(*outputs, atol=0.01)


def _changing(trial):
    case, name = trial.case, trial.case.then.name
    place = int(np.argwhere((trial.result != trial.expected).any(1))[0, 0])
    (ours, others), (_, all_others) = (map(int, numbers[place]) for numbers in (trial.result, trial.expected))
    if not place and ours:
        return f'For {case.label}: {ours} numbers of "{name}" still require a gradient; expected 0.'
    if not place:
        return f"For {case.label}: {others} numbers of the other parts require a gradient; expected {all_others}."
    batches = f"{BATCHES} batches{AFTER[WAYS[place - 1]]} move the running statistics of"
    if ours:
        layers = f"{ours} BatchNorm layer{'s' * (ours > 1)}"
        return f'For {case.label}: {batches} {layers} of "{name}"; expected 0.'
    return f"For {case.label}: {batches} {others} BatchNorm layers of the other parts; expected {all_others}."


def _outputs(trial):
    told, expected = trial.run["result"], trial.expected
    where = f"For {trial.case.label}, a batch{AFTER[trial.case.then.modes]}"
    if trial.yours is None:
        return f"{where}: the output has the shape {told['shape']}; expected {list(expected.shape)}."
    n, k = (int(it) for it in np.argwhere(~(abs(trial.yours - expected) <= trial.tolerance))[0])
    return (
        f"{where}: output[{n}, {k}] is {trial.yours[n, k]:.6g}; expected {expected[n, k]:.6g}, which is what the part "
        "gives in eval mode with the numbers that it came with, and the other parts in the mode that was called."
    )


WORDS = {Changing: _changing, Outputs: _outputs}
