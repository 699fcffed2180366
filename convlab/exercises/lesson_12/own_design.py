"""12.design: a network of the learner's own for the digits, within a budget, judged without training."""

from dataclasses import dataclass
from importlib import import_module

import numpy as np

from ...layers.capstone import MACS, PARAMETERS, PICTURE
from ..task import Case, Exercise, random_numbers
from .design_errors import ERRORS
from .design_slips import FLAGS, SLIPS
from .letters import figures_in, flags_in, packed
from .words import budget_words, layer_table


@dataclass(frozen=True)
class Looked:
    """What there is to see of the network that came back; a case holds it as `then`.

    Args:
        seed: of the pictures and of the numbers that are put in.
        N: how many pictures.
    """

    seed: int
    N: int

    def __call__(self, came):
        looking = import_module(f"{__package__}.looking")
        torch, network = looking.torch, looking.module(came)
        flags = dict.fromkeys(FLAGS, True) | {"made": not looking.is_lazy(network)}
        rows, broken, parameters, macs = looking.table(network.eval())
        figures = {"parameters": parameters, "macs": macs, "broken": broken, "N": self.N}
        figures["rows"] = rows[: looking.ROWS]
        if broken or not flags["made"]:
            return packed(flags | {"runs": not broken}, figures)
        flags |= looking.budgets(figures)
        generator = torch.Generator().manual_seed(self.seed)
        pictures = torch.rand(self.N, *PICTURE, generator=generator)
        try:
            hidden, unused = looking.registered(network, pictures)
        except (RuntimeError, ValueError, TypeError) as error:
            figures["broken"] = {"layer": "", "given": list(pictures.shape), "message": str(error)[:300]}
            return packed(flags | {"runs": False}, figures)
        figures |= {"hidden": hidden[:4], "unused": [name[:80] for name in unused[:4]]}
        flags |= {"registered": not hidden, "used": not unused}
        with torch.no_grad():
            output = network(pictures)
        figures["output"] = list(output.shape) if torch.is_tensor(output) else []
        flags |= looking.form(output, self.N)
        if flags["rows"] and flags["columns"]:
            flags["alone"] = looking.alone(network, pictures)
            # What is not among parameters() cannot be filled, and its logits may stay small.
            flags["free"] = not flags["registered"] or looking.free(network, pictures, generator)
            flags["bends"] = not flags["free"] or looking.bends(network, generator)  # what is squeezed may be flat
        return packed(flags, figures)


class OwnDesign(Exercise):
    """A design within a budget."""

    id, lesson, title = "12.design", "12", "Your own design"
    level, minutes, revision = "hard", 20, 1
    prompt = f"""\
Write `network()`: it returns an untrained nn.Module for the digits of the course, pictures of {PICTURE}.

- For N pictures it gives N rows of 10 logits, for any N, and each picture gets its logits whoever else is in the batch.
- At most {PARAMETERS:,} parameters.
- At most {MACS:,} multiply-adds a picture.
- Every parameter is registered, so that an optimizer gets it, and used. No lazy layers, and at least one nonlinearity.

Any layers will do. It is judged as it is, without training; that comes next. For example:

    sum(it.numel() for it in network().parameters())  ->  at most {PARAMETERS}
    network()(torch.rand(5, 1, 28, 28)).shape         ->  torch.Size([5, 10])"""
    stub = """\
def network():
    layers = [
        ...
    ]
    return ...
"""
    arguments = ()
    slips, errors = SLIPS, ERRORS
    returns, compared = "network", "flag"
    right = "Right: it keeps to both bounds."
    faster = "Make the layers in network(), and train nothing there."
    hints = (
        "Begin with one convolution, and let ShapeTracer draw the bars. Which layer spends most multiply-adds? It "
        "works "
        "on the largest maps: make those smaller early, by a stride or by pooling, or make it cheaper.",
        "A convolution costs C_out * H_out * W_out * (C_in / groups * kH * kW) multiply-adds. Twelve filters of 5 x 3 "
        "with stride 2 on (1, 28, 28) cost 35,280; two more such layers, a Flatten and one Linear are a network.",
        "nn.Sequential(nn.Conv2d(1, 12, (5, 3), stride=2, padding=(2, 1), bias=False), nn.BatchNorm2d(12), nn.ReLU(), "
        "and so on with 18 and 32 filters, nn.Flatten(), nn.Linear(32 * 4 * 4, 10)). Then change it until it is yours.",
    )

    @property
    def reference(self):
        """The reference; torch comes with it."""
        return import_module(f"{__package__}.solutions").network

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """One picture, two, and five."""
        rng = random_numbers(seed, self.id)
        words = ("one picture", "2 pictures", "5 pictures")
        return [
            Case({}, {}, label, then=Looked(int(rng.integers(10_000)), N), counted=True)
            for N, label in zip((1, 2, 5), words, strict=True)
        ]

    def result_shape(self, case):
        return packed(dict.fromkeys(FLAGS, True), {}).shape

    def expected(self, case):
        return np.ones(len(FLAGS))

    def value(self, case, result):
        return flags_in(result, len(FLAGS))

    def own_words(self, trial):
        if trial.yours is None:
            return ""
        figures = figures_in(trial.result, len(FLAGS))
        flags = dict(zip(FLAGS, trial.yours, strict=True))
        said = [WORDS[name](figures) for name in FLAGS if not flags[name] and name in WORDS]
        return " ".join([*said, *budget_words(figures, flags)])

    def drawn(self, trial):
        return layer_table(figures_in(trial.result, len(FLAGS))) if trial.yours is not None else None

    def praise(self, trials):
        figures = figures_in(trials[-1].result, len(FLAGS))
        return (
            f"{self.right} {figures['parameters']:,} parameters of {PARAMETERS:,}, and {figures['macs']:,} "
            f"multiply-adds a picture of {MACS:,}."
        )

    def facts(self, trials):
        """Parameters and multiply-adds of the last design that was looked at."""
        if not trials or trials[-1].yours is None:
            return None
        figures = figures_in(trials[-1].result, len(FLAGS))
        return {name: figures[name] for name in ("parameters", "macs")}


def _runs(figures):
    broken = figures["broken"]
    where = f" at `{broken['layer']}`, which was given {tuple(broken['given'])}" if broken["layer"] else ""
    pictures = "one picture" if not broken["layer"] else "a picture of (1, 1, 28, 28)"
    pictures = pictures if broken["layer"] or figures["N"] == 1 else f"{figures['N']} pictures"
    return f"For {pictures} it breaks{where}: {broken['message']}."


def _rows(figures):
    shape, N = tuple(figures["output"]), figures["N"]
    return f"Of {N} picture{'s' * (N != 1)} it makes an output of shape {shape}; expected ({N}, 10), a row a picture."


def _columns(figures):
    return f"Its output has the shape {tuple(figures['output'])}; expected ({figures['N']}, 10), a number a digit."


def _hidden(figures):
    return (
        f"Tensors of shape {', '.join(str(tuple(it)) for it in figures['hidden'])} learn and are not among its "
        "parameters(): an optimizer never gets them."
    )


WORDS = {
    "made": lambda figures: "It has a lazy layer, whose parameters cannot be counted before a picture came.",
    "runs": _runs,
    "rows": _rows,
    "columns": _columns,
    "alone": lambda figures: "A picture alone gives other logits than the same picture among others.",
    "free": lambda figures: "Its output is squeezed, whatever its numbers are: expected logits, of any size and sign.",
    "bends": lambda figures: "The mean of two pictures gives the mean of their logits: it is one linear map.",
    "registered": _hidden,
    "used": lambda figures: f"Not used in forward: {', '.join(figures['unused'])}.",
}
