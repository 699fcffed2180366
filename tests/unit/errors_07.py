"""What raises the errors that the exercises of lesson 07 quote: exercise -> name -> function of nothing."""

import torch
import torch.nn.functional as F
from torch import nn

from convlab.exercises.lesson_07 import networks

PICTURES = torch.zeros(2, 1, 16, 28)


def cnn(line="", rows="self.features(input).flatten(1)", count="0", begin="super().__init__()", depth="in_channels"):
    """A network with these lines, run and counted."""
    code = f"""
class SimpleCNN(nn.Module):
    def __init__(self, in_channels, size, classes):
        {begin}
        self.features = nn.Sequential(nn.Conv2d({depth}, 16, 3, padding=1), nn.MaxPool2d(8))
        H, W = size
        {line or "self.fc = nn.Linear(16 * (H // 8) * (W // 8), classes)"}
    def forward(self, input):
        return self.fc({rows})
    def count(self):
        return {count}
"""
    names = {"nn": nn, "torch": torch}
    exec(code, names)

    def run():
        network = names["SimpleCNN"](1, (16, 28), 5)
        network(PICTURES)
        network.count()

    return run


def freeze(body):
    """A function `freeze` with this line, called, and model.train() after it."""
    names = {"nn": nn, "torch": torch}
    exec(f"def freeze(model, name):\n    part = getattr(model, name)\n    {body}\n    return model", names)

    def run():
        names["freeze"](networks.with_batchnorm(1, 1, (2, 3, 2, 3)), "stem").train()

    return run


def transfer(head="nn.Linear(model.head.in_features, 5)", given="model.head.parameters()", loss=None, loop=None):
    """A function `transfer` with these pieces, called."""
    loss = loss or "F.cross_entropy(model(images), labels - 5)"
    names = {"nn": nn, "torch": torch, "F": F}
    exec(
        f"""
def transfer(model, images, labels, steps):
    model.head = {head}
    optimizer = torch.optim.SGD({given}, lr=0.01)
    for step in {loop or "range(steps)"}:
        ({loss}).backward()
""",
        names,
    )

    def run():
        images, labels = networks.coloured(1, 5, 2)
        names["transfer"](networks.for_low_digits(1), torch.from_numpy(images), torch.from_numpy(labels), 1)

    return run


PROVOKED = {
    "07.simple_cnn": {
        "another in_features": cnn("self.fc = nn.Linear(1024, classes)"),
        "a view that does not divide": cnn(rows="self.features(input).view(-1, 1024)"),
        "the batch in one row": cnn(rows="self.features(input).flatten()"),
        "a pair divided": cnn("self.fc = nn.Linear(16 * (size // 8), classes)"),
        "pairs multiplied": cnn("self.fc = nn.Linear(16 * (size * size), classes)"),
        "a fraction": cnn("self.fc = nn.Linear(16 * (H / 8) * (W / 8), classes)"),
        "no super": cnn(begin="pass"),
        "3 channels": cnn(depth="3"),
        "a method added": cnn(count="sum(it.numel for it in self.parameters())"),
        "a shape added": cnn(count="sum(it.shape for it in self.parameters())"),
        "all asked at once": cnn(count="self.parameters().numel()"),
        "length of a generator": cnn(count="len(self.parameters())"),
    },
    "07.freeze": {
        "model.name": freeze("model.name.eval()"),
        "model[name]": freeze("model[name].eval()"),
        "parameters of a text": freeze("name.parameters()"),
        "eval of a text": freeze("name.eval()"),
        "a text frozen": freeze("name.requires_grad_(False)"),
        "all parameters at once": freeze("part.parameters().requires_grad_(False)"),
        "a train that takes nothing": freeze("part.train = lambda: part"),
        "a mode in words": freeze("part.train('eval')"),
        "False in place of a method": freeze("part.train = False"),
    },
    "07.transfer": {
        "labels from 5": transfer(loss="F.cross_entropy(model(images), labels)"),
        "all frozen": transfer(head="nn.Linear(model.head.in_features, 5).requires_grad_(False)",
                               loss="F.cross_entropy(model.requires_grad_(False)(images), labels - 5)"),
        "another in_features": transfer(head="nn.Linear(512, 5)"),
        "nothing to train": transfer(given="[]"),
        "fc": transfer(head="nn.Linear(model.fc.in_features, 5)"),
        "classifier": transfer(head="nn.Linear(model.classifier.in_features, 5)"),
        "one tensor": transfer(given="model.head.weight.data"),
        "a method": transfer(given="model.head.parameters"),
        "no range": transfer(loop="steps"),
        "many losses": transfer(loss="model(images)"),
        "a target like the logits": transfer(loss="F.cross_entropy(model(images), F.one_hot(labels - 5, 5))"),
        "a tensor for a layer": transfer(head="torch.zeros(5)"),
    },
}  # fmt: skip
