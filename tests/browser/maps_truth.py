"""What torch says of FeatureMaps: a twin of the training, made here, at the step, layer and picture that are shown."""

import numpy as np
import torch

from convlab import samples
from convlab.layers.threads import half_the_threads
from convlab.layers.training import Training, small_cnn
from tests.browser.drawn import text_fault, whole

COUNT, TESTED, BATCH = 600, 200, 30
SETTINGS = f"batch_size={BATCH}, epochs=1, lr=2e-3, seed=1"


def training():
    """The training of the widget under test, made and run in this process."""
    (images, labels), (test_images, test_labels) = samples.digits(), samples.digits("test")
    tested = {"test_images": test_images[:TESTED], "test_labels": test_labels[:TESTED]}
    settings = {"batch_size": BATCH, "epochs": 1, "lr": 2e-3, "seed": 1}
    return Training(small_cnn(seed=1), images[:COUNT], labels[:COUNT], **tested, **settings)


class Twin:
    """The same training, step by step: what the model was after each step."""

    def __init__(self):
        self.training = training()
        self.states = [self._kept()]

    def _kept(self):
        return {name: tensor.clone() for name, tensor in self.training.model.state_dict().items()}

    def after(self, step):
        """The model after so many steps, in eval mode: a copy with those weights."""
        while len(self.states) <= step:
            self.training.step()
            self.states.append(self._kept())
        model = small_cnn(seed=1).eval()
        model.load_state_dict(self.states[step])
        return model


class MapsTruth:
    """The true numbers by role and index.

    Args:
        twin: a ``Twin``.
        step, measured: the step that is shown, and the one at which the table was made.
        steps: how many have been made, of the 20 that are planned.
        layer, picture, o, place, change: what is chosen.
    """

    def __init__(self, twin, step, measured, *, steps=None, layer="conv1", picture=0, o=0, place=None, change=False):
        goal = 20
        steps = step if steps is None else steps
        model, first, then = twin.after(step), twin.after(0), twin.after(measured)
        twin.after(steps)
        training = twin.training
        self.step, self.measured, self.steps, self.goal, self.picture = step, measured, steps, goal, picture
        self.o, self.change, self.labels = o, change, training.test_labels.numpy()
        self.losses = training.losses[:steps]
        self.weight = getattr(model, layer).weight.detach().numpy()
        self.start = getattr(first, layer).weight.detach().numpy()
        seen = []
        getattr(model, layer).register_forward_hook(lambda _, __, output: seen.append(output[0].numpy()))
        pictures = training.test_images.float() / 255
        with torch.no_grad(), half_the_threads():
            self.logits = model(pictures[[picture]])[0]
            said = then(pictures).argmax(1).numpy()
        self.input, self.output = pictures[picture].numpy(), seen[0]
        H, W = self.output.shape[1:]
        self.place = (int(0.4 * H), int(0.5 * W)) if place is None else place
        self.table = np.zeros((10, 10), int)
        np.add.at(self.table, (self.labels, said), 1)

    def value(self, role, index):
        """The true number; None where torch has no say."""
        return {
            "weight": lambda: self.weight[index],
            "change": lambda: self.weight[index] - self.start[index],
            "moved": lambda: np.linalg.norm(self.weight[index[0]] - self.start[index[0]]),
            "minimum": lambda: self.output[index[0]].min(),
            "maximum": lambda: self.output[index[0]].max(),
            "range": lambda: (-1, 1)[index[0]] * abs(self.output).max(),
            "range-weight": lambda: (-1, 1)[index[0]] * (abs(self._patches()).max() or 1),
            "result": lambda: self.output[index],
            "logit": lambda: self.logits[index[0]].item(),
            "share": lambda: self.logits.softmax(0)[index[0]].item(),
            "label": lambda: self.labels[self.picture],
            "confusion": lambda: self.table[index],
            "accuracy": lambda: 100 * np.trace(self.table) / self.table.sum(),
            "measured-step": lambda: self.measured,
            "loss": lambda: self.losses[index[0] - 1],
            "axis": lambda: self.goal if index[0] else None,
            "picture": lambda: self.picture,
            "shown-step": lambda: self.step,
            "steps-done": lambda: self.steps,
            "steps": lambda: self.goal,
            "seconds-left": lambda: None,
        }[role]()

    def _patches(self):
        return self.weight - self.start if self.change else self.weight

    def wanted(self):
        """What must be written, by role."""
        filters, classes = {(o,) for o in range(len(self.weight))}, {(k,) for k in range(10)}
        cells = {(self.o, *at) for at in np.ndindex(self.weight.shape[1:])}
        return {
            "moved": filters, "minimum": filters, "maximum": filters, "logit": classes, "share": classes,
            "change" if self.change else "weight": cells, "weight" if self.change else "change": set(),
            "confusion": set(np.ndindex(10, 10)), "result": {(self.o, *self.place)}, "accuracy": {()},
            "loss": {(self.step,)} if self.step else set(), "steps-done": {()}, "shown-step": {()},
        }  # fmt: skip


def faults(found, truth):
    """Everything drawn that torch says otherwise, every number or map that is missing; a sentence each."""
    wrong, roles, maps = [], {}, {}
    for number in found["numbers"]:
        if not number["shown"]:
            continue
        role, index, value = number["role"], number["index"], number["value"]
        roles.setdefault(role, set()).add(index)
        if fault := text_fault(number["text"], value):
            wrong.append(f"{role}{list(index)}: {fault}")
        true = truth.value(role, index)
        if true is not None and not abs(true - value) <= 1e-5 * max(1, abs(true)):
            wrong.append(f"{role}{list(index)} is drawn as {value}; torch says {true}")
    for role, indices in truth.wanted().items():
        if roles.get(role, set()) != indices:
            wrong.append(f"{role} of {sorted(roles.get(role, set()))} are written; {sorted(indices)} were to be")
    for canvas in found["canvases"]:
        index, values = whole(canvas["index"]), np.array(canvas["values"], float).reshape(canvas["shape"])
        maps.setdefault(canvas["role"], set()).add(index)
        true = {"output": truth.output, "input": truth.input, "weight": truth.weight,
                "change": truth.weight - truth.start}[canvas["role"]][index]  # fmt: skip
        if values.shape != true.shape or not abs(values - true).max() <= 1e-5 * max(1, abs(true).max()):
            wrong.append(f"canvas of {canvas['role']}{list(index)} holds other numbers than torch's")
    slices = set(np.ndindex(truth.weight.shape[:2]))
    drawn = {"output": {(o,) for o in range(len(truth.output))}, "input": {()},
             "change" if truth.change else "weight": slices}  # fmt: skip
    if maps != drawn:
        wrong.append(f"canvases of {maps} are drawn; {drawn} were to be")
    return wrong
