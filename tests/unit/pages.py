"""A question's page as the judges of the tests read it: what a learner sees, with its numbers as tensors."""

import json
import re

import torch
from torch import nn


class Page:
    """What a learner sees, with its numbers as tensors."""

    def __init__(self, question):
        self.page = json.loads(json.dumps(question.page()))
        self.prompt, self.options = self.page["prompt"], self.page["options"]
        self.blocks = [block for block in self.page["figure"] if "values" in block]
        self.code = "\n".join(block["code"] for block in self.page["figure"] if "code" in block)

    def grid(self, role):
        (block,) = (block for block in self.blocks if block["role"] == role)
        assert block["title"].endswith(f"{len(block['values'])} x {len(block['values'][0])}")
        return grid(block["values"])

    def windows(self):
        titled = [block for block in self.blocks if block["title"].startswith("window ")]
        return {block["title"][-1]: grid(block["values"]) for block in titled}

    def numbers(self, pattern):
        return tuple(int(number) for number in re.search(pattern, self.prompt).groups())

    def place(self):
        return self.numbers(r"cell \((\d+), (\d+)\)")

    def layer(self):
        """The layer and the input size of the prompt, with weights of 1."""
        layer = r"the layer is `nn.Conv2d\(1, 1, kernel_size=\((\d), (\d)\)"
        H, W, kH, kW = self.numbers(rf"input is (\d+) x (\d+), {layer}")
        conv = nn.Conv2d(1, 1, kernel_size=(kH, kW), bias=False).double()
        with torch.no_grad():
            conv.weight.fill_(1)
        return conv, H, W


def grid(values):
    return torch.tensor([[float("nan") if value is None else value for value in row] for row in values]).double()


def conv2d(input, weight, bias=0):
    """By a real nn.Conv2d."""
    conv = nn.Conv2d(1, 1, tuple(weight.shape)).double()
    with torch.no_grad():
        conv.weight.copy_(weight)
        conv.bias.fill_(bias)
        return conv(input[None, None])[0, 0]


def layers_in(text):
    """The layers that stand in backticks in a text, as code."""
    return re.findall(r"`(nn\.Conv2d\([^`]*\))`", text)


def layer_in(page, **names):
    """The one layer of the prompt, made by torch in float64; `names` fills letters of its call."""
    (code,) = layers_in(page.prompt)
    return eval(code, {"nn": nn}, names).double()


def with_ones(conv):
    """The layer with weights of 1 and a bias of 0."""
    with torch.no_grad():
        conv.weight.fill_(1)
        conv.bias.zero_()
    return conv
