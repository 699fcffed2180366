"""What raises the errors that the exercises of lesson 10 quote: exercise -> name -> lines that raise it."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

NAMES = {"torch": torch, "np": np, "F": F, "nn": nn}
X = "torch.ones(1, 6, 2, 3)"
REFUSED = {
    "more groups than channels": "nn.Conv2d(4, 6, 3, groups=6)",
    "groups that do not divide": "nn.Conv2d(4, 6, 3, groups=4)",
}
PROVOKED = {
    "10.grouped_conv": {
        "the input not cut": "F.conv2d(torch.ones(1, 4, 2, 3), torch.ones(2, 2, 1, 2))",
        "the bias not cut": "F.conv2d(torch.ones(1, 2, 2, 3), torch.ones(2, 2, 1, 2), torch.ones(4))",
        "no filter": "F.conv2d(torch.ones(1, 1, 1, 3), torch.ones(0, 1, 1, 2))",
        "no bias to cut": "None.chunk(2)",
        "no bias to index": "bias = None; bias[0]",
        "a tensor joined": "torch.cat(torch.ones(1, 2))",
        "nothing joined": "torch.cat([])",
        "a slice with a fraction": f"{X}[:, 0 : 6 / 2]",
        "a fraction as a count": "range(6 / 2)",
    },
    "10.channel_shuffle": {
        "a view after the transpose": f"{X}.view(1, 2, 3, 2, 3).transpose(1, 2).view(1, 6, 2, 3)",
        "a size that does not fit": f"{X}.view(1, 4, 2, 2, 3)",
        "a fraction as a size": f"{X}.view(1, 2, 6 / 2, 2, 3)",
        "three names for four sizes": f"C, H, W = {X}.shape",
        "an axis too far": f"{X}.transpose(1, 4)",
        "NumPy's transpose": "np.ones((1, 6, 2, 3)).transpose(1, 2)",
        "permute with too few axes": f"{X}.permute(0, 2, 1)",
    },
    "10.separable": REFUSED
    | {
        "two that do not fit": "nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(2, 3, 1))(torch.ones(2, 4, 5, 7))",
        "no kernel size": "nn.Conv2d(4, 6)",
        "group for groups": "nn.Conv2d(4, 4, 3, group=4)",
        "a list of layers": "nn.Sequential([nn.Conv2d(4, 6, 1)])",
        "dots among the layers": "nn.Sequential(nn.Conv2d(4, 6, 1), ...)",
        "layers added": "nn.Conv2d(4, 4, 1) + nn.Conv2d(4, 6, 1)",
        "a pair divided": "(3, 5) // 2",
    },
    "10.groups_for_budget": REFUSED
    | {
        "a pair compared": "4 * (2, 3) <= 5",
        "a pair added": "4 + (2, 3)",
        "0 groups": "4 % 0",
        "a number as a range": "for groups in 4: pass",
        "a fraction in a range": "range(1, 8 / 2)",
    },
}
