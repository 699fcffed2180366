"""What raises the errors that the patients of lesson 11 quote: exercise -> name -> lines that raise it."""

import torch
import torch.nn.functional as F
from torch import nn

NAMES = {"torch": torch, "F": F, "nn": nn}
CONV = "nn.Conv2d(3, 4, (3, 5))"
CHANNELS = {"channels": f"{CONV}(torch.ones(1, 1, 20, 28))"}
FIVE_AXES = {"five axes": f"{CONV}(torch.ones(1, 3, 1, 20, 28))"}
TOO_EARLY = {"no super": "class Net(nn.Module):\n    def __init__(self): self.a = nn.Conv2d(1, 1, 1)\nNet()"}
MATRICES = {"another in_features": "nn.Linear(936, 10)(torch.ones(2, 702))"}
FRACTION = {"a fraction": "nn.Linear(6 * (20 / 2), 10)"}
HALVED = {"a pair halved": "(20, 28) // 2"}
TOO_LARGE = {"a kernel too large": "nn.Conv2d(8, 12, (5, 3))(torch.ones(2, 8, 4, 5))"}
PADDED_POOL = {"a pool padded": "F.max_pool2d(torch.ones(1, 1, 6, 7), 2, padding=2)"}
SAME = {"same with a stride": "nn.Conv2d(1, 1, 3, stride=2, padding='same')"}
PAD_OF_FOUR = {"four for a pair": "F.conv2d(torch.ones(1, 1, 9, 9), torch.ones(1, 1, 5, 3), padding=(2, 2, 1, 1))"}
SIZES = "nn.Conv2d(1, 2, (5, 3)), nn.Conv2d(1, 2, (3, 5))"
NOTHING = {"nothing learns": "(torch.ones(2, 3) * 2).sum().backward()"}
FROZEN = """
class Frozen(nn.Module):
    def train({}): {}
net = Frozen()
"""
PROVOKED = {
    "11.channels": CHANNELS | FIVE_AXES | TOO_EARLY,
    "11.features": MATRICES | FRACTION | HALVED | TOO_LARGE | {"a pair less 2": "(20, 30) - 2"},
    "11.dtype": CHANNELS
    | {
        "bytes": f"{CONV}(torch.zeros(1, 3, 20, 28, dtype=torch.uint8))",
        "doubles": f"{CONV}(torch.zeros(1, 3, 20, 28).double())",
        "a layer of bytes": f"{CONV}.to(torch.uint8)",
        "four for three axes": "torch.ones(20, 28, 3).permute(0, 3, 1, 2)",
        "NumPy's word": "torch.ones(20, 28, 3).astype('float32')",
    },
    "11.too_small": TOO_LARGE
    | PADDED_POOL
    | MATRICES
    | {"pooled to nothing": "F.max_pool2d(torch.ones(2, 8, 4, 1), 2)"},
    "11.batch_of_grey": CHANNELS | FIVE_AXES | {"four for three": "N, C, H, W = torch.ones(3, 20, 28).shape"},
    "11.view": MATRICES
    | HALVED
    | FRACTION
    | {
        "not divisible": "torch.ones(2, 6, 10, 14).view(-1, 936)",
        "axes exchanged": "torch.ones(2, 6, 10, 14).transpose(0, 1).view(2, -1)",
    },
    "11.pairs": PAD_OF_FOUR | HALVED | SAME | {"a fraction": "(5, 3) / 2"},
    "11.downsample": SAME
    | PADDED_POOL
    | {"sizes": "torch.ones(1, 4, 14, 11) + torch.ones(1, 4, 13, 11)", "ceil": "nn.Conv2d(1, 1, 1, ceil_mode=True)"},
    "11.kernel_from_scipy": PAD_OF_FOUR
    | {
        "backwards": "torch.ones(3, 5)[::-1, ::-1]",
        "flip alone": "torch.ones(3, 5).flip()",
        "float32": "nn.Conv2d(1, 1, (3, 5), bias=False)(torch.ones(1, 1, 6, 7).double())",
    },
    "11.shared": {
        "a leaf in place": f"a, b = {SIZES}; b.weight.copy_(b.weight.detach())",
        "no Parameter": f"a, b = {SIZES}; b.weight = a.weight.data",
        "state_dict": f"a, b = {SIZES}; b.load_state_dict(a.state_dict())",
        "sizes": f"a, b = {SIZES}; b.weight.data.copy_(a.weight)",
    },
    "11.frozen": NOTHING
    | TOO_EARLY
    | {
        "no mode": FROZEN.format("self", "return self") + "net.eval()",
        "nothing returned": FROZEN.format("self, mode=True", "pass") + "net.train().parameters()",
        "statistics of a Sequential": "nn.Sequential(nn.BatchNorm2d(2)).running_mean",
    },
    "11.not_learning": NOTHING
    | TOO_EARLY
    | {
        "an empty list": "torch.optim.SGD([], lr=0.1)",
        "a list called": f"convs = [{CONV}]; convs(torch.ones(1, 3, 20, 28))",
        "a ModuleList called": f"nn.ModuleList([{CONV}])(torch.ones(1, 3, 20, 28))",
        "twice": "loss = torch.ones(2, requires_grad=True).square().sum(); loss.backward(); loss.backward()",
    },
}
