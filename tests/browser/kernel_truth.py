"""A twin of a KernelLearner's kernel that torch trains, and what it says of every number that is drawn."""

import numpy as np
import torch
from torch.nn import functional as F

from convlab import samples
from convlab.widgets import kernel_learner_given as given
from tests.browser.drawn import text_fault

STAGE_OF = {"output": 1, "difference": 2, "loss": 3, "grad-weight": 4, "grad-bias": 4}


class Twin:
    """The same kernel, learned by torch.

    Args:
        target: a kernel's name, or the target picture.
        input: a picture's name or numbers (H, W).
        lr: the learning rate.
        size: (kH, kW); without it, the target's.
        bias: whether a bias is learned.
        seed: of the drawn start.
    """

    def __init__(self, target, input, lr, *, size=None, bias=False, seed=0):
        self.lr, self.bias, self.seed, self.step, self.stage = lr, bias, seed, 0, 0
        self.input = given.picture(input) if isinstance(input, str) else np.asarray(input)
        self.kernel = samples.kernel(target).weight.astype(float) if isinstance(target, str) else None
        self.size = size or self.kernel.shape
        pixels = torch.tensor(self.input)[None, None]
        self.target = torch.tensor(target) if self.kernel is None else F.conv2d(pixels, self._four(self.kernel))[0, 0]
        self.parameters = np.array(given.drawn_start(self.size[0] * self.size[1], seed) + [0.0] * bias)
        self.before, self.free = None, np.ones(len(self.parameters), bool)
        self.look()

    @staticmethod
    def _four(kernel):
        return torch.tensor(np.ascontiguousarray(kernel))[None, None]

    def look(self):
        """Computes what belongs to the parameters as they are."""
        taps = self.size[0] * self.size[1]
        weight = self._four(self.parameters[:taps].reshape(self.size)).requires_grad_()
        bias = torch.tensor(self.parameters[taps:]).requires_grad_() if self.bias else None
        output = F.conv2d(torch.tensor(self.input)[None, None], weight, bias)[0, 0]
        loss = F.mse_loss(output, self.target)
        loss.backward()
        self.output, self.loss = output.detach().numpy(), loss.item()
        learned = [weight, bias] if self.bias else [weight]
        self.gradient = np.concatenate([one.grad.numpy().ravel() for one in learned])

    def next(self):
        """The next stage."""
        if self.stage == 5:
            self.before, self.stage = None, 0
            self.look()
        self.stage += 1
        if self.stage == 5:
            self.before = self.parameters
            self.parameters = self.before - self.lr * self.gradient * self.free
            self.step += 1

    def whole_step(self):
        """Until the number of steps has grown and all that belongs to the new weight is computed."""
        step = self.step + 1
        while self.step < step or self.stage != 4:
            self.next()

    def settle(self):
        """After a change of weight, rate or frozen cells."""
        self.stage, self.before = min(self.stage, 4), None
        self.look()

    def _columns(self):
        windows = np.lib.stride_tricks.sliding_window_view(self.input, self.size).reshape(self.target.numel(), -1)
        return np.hstack([windows, np.ones((len(windows), 1))]) if self.bias else windows

    def limit(self):
        """2 / the largest eigenvalue of what autograd says the loss's second derivatives are."""
        taps = self.size[0] * self.size[1]
        pixels = torch.tensor(self.input)[None, None]

        def loss(flat):
            output = F.conv2d(pixels, flat[:taps].reshape(1, 1, *self.size), flat[taps:] if self.bias else None)
            return F.mse_loss(output[0, 0], self.target)

        bowl = torch.autograd.functional.hessian(loss, torch.tensor(self.parameters)).numpy()
        return 2 / np.linalg.eigvalsh(bowl[self.free][:, self.free]).max()

    def lowest(self):
        columns = self._columns()
        rest = self.target.numpy().ravel() - columns[:, ~self.free] @ self.parameters[~self.free]
        best = np.linalg.lstsq(columns[:, self.free], rest, rcond=None)[0]
        return np.mean((columns[:, self.free] @ best - rest) ** 2)

    def at(self, index):
        """The number of a parameter whose index is drawn."""
        return -1 if len(index) < 4 else index[2] * self.size[1] + index[3]

    def value(self, role, index):
        """The true number."""
        reach = float(self.target.abs().max()) or 1.0
        maps = {"output": self.output, "target": self.target.numpy(), "difference": self.output - self.target.numpy()}
        if role in maps:
            return maps[role][index[1:]]
        at, before = self.at(index), self.parameters if self.before is None else self.before
        return {
            "weight": lambda: self.parameters[at],
            "bias": lambda: self.parameters[-1],
            "grad-weight": lambda: self.gradient[at],
            "grad-bias": lambda: self.gradient[-1],
            "target-weight": lambda: self.kernel[index[2:]],
            "before": lambda: before[at],
            "lr": lambda: self.lr,
            "slope": lambda: self.gradient[at],
            "after": lambda: before[at] - self.lr * self.gradient[at],
            "loss": lambda: self.loss if index == (self.step - (self.stage == 5),) else np.nan,
            "lowest": self.lowest,
            "limit": self.limit,
            "range": lambda: (-reach, reach)[index[0]],
            "seed": lambda: self.seed,
            "step": lambda: self.step,
        }[role]()


def faults(found, twin):
    """Everything drawn that torch says otherwise, what is missing, and what comes too early; a sentence each."""
    wrong, roles = [], {}
    for number in found["numbers"]:
        if not number["shown"]:
            continue
        role, index, value = number["role"], number["index"], number["value"]
        roles.setdefault(role, set()).add(index)
        if fault := text_fault(number["text"], value):
            wrong.append(f"{role}{list(index)}: {fault}")
        if role == "axis":
            continue
        true = twin.value(role, index)
        if not abs(true - value) <= 1e-9 * max(1, abs(true)):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
    for role, stage in STAGE_OF.items():
        expected = twin.stage >= stage and (role != "grad-bias" or twin.bias)
        if expected != (role in roles):
            wrong.append(f"{role} is {'missing' if expected else 'there too early'} in stage {twin.stage}")
    count = twin.size[0] * twin.size[1]
    for role in ("weight", *(["grad-weight"] if twin.stage >= 4 else [])):
        if len(roles.get(role, ())) != count:
            wrong.append(f"{len(roles.get(role, ()))} of {count} numbers of {role} are written")
    for role in ("target", "step", "seed", "lowest", "limit", "range", "axis"):
        if role not in roles:
            wrong.append(f"{role} is missing")
    return wrong + _map_faults(found, twin)


def _map_faults(found, twin):
    maps = {canvas["role"]: np.array(canvas["values"]).reshape(canvas["shape"]) for canvas in found["canvases"]}
    wanted = {"input": twin.input, "target": twin.target.numpy()}
    if twin.stage >= 1:
        wanted["output"] = twin.output
    if twin.stage >= 2:
        wanted["difference"] = twin.output - twin.target.numpy()
    wrong = [f"pictures of {sorted(maps)} are drawn in stage {twin.stage}"] if set(maps) != set(wanted) else []
    for role in set(maps) & set(wanted):
        if maps[role].shape != wanted[role].shape or not np.allclose(maps[role], wanted[role], rtol=1e-9, atol=1e-9):
            wrong.append(f"the picture of {role} holds other numbers than torch's")
    return wrong
