"""What raises the errors that the exercises of lesson 09 quote: exercise -> name -> lines that raise it."""

import time
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F

NAMES = {"torch": torch, "np": np, "F": F, "time": time, "median": median}
COMMON = {
    "a shape of another size": "torch.ones(1, 4, 6).view(1, 4, 7)",
    "a shape of another size, NumPy": "np.ones((1, 4, 6)).reshape(1, 4, 7)",
    "a view after a transpose": "torch.ones(1, 4, 6).transpose(1, 2).view(1, -1)",
    "a pair divided": "5 // (2, 1)",
    "a fraction for a size": "range(6 / 2)",
    "no H_out": "torch.zeros(2, H_out)",
}
WALKED = {
    "beyond the end": "torch.ones(4, 6)[4]",
    "beyond the end, NumPy": "np.ones((4, 6))[4]",
    "a number taken apart": "sH, sW = 1",
}
PROVOKED = {
    "09.im2col": COMMON
    | WALKED
    | {
        "a slice of another size": "torch.zeros(1, 2, 2, 4)[:, :, :] = torch.ones(1, 2, 3, 4)",
        "a slice of another size, NumPy": "np.zeros((1, 2, 3, 4))[:] = np.ones((1, 2, 2, 4))",
        "too many pads": "F.pad(torch.ones(2, 3), (1, 1, 1, 1, 1, 1))",
        "windows longer than the axis": "torch.ones(1, 2, 3, 4).unfold(2, 4, 1)",
    },
    "09.conv2d_im2col": COMMON
    | {
        "rows that do not fit": "torch.ones(3, 4) @ torch.ones(2, 6)",
        "the wrong way round": "torch.ones(1, 4, 6) @ torch.ones(1, 4, 3)",
        "a bias along the columns": "torch.ones(1, 3, 2, 2) + torch.ones(3)",
        "folded": "F.fold(torch.ones(1, 3, 6), (2, 4), (1, 2))",
        "folded into another size": "F.fold(torch.ones(1, 4, 2), (2, 4), (1, 2))",
        "no bias": "None.reshape(-1, 1)",
        "no bias, an axis": "bias = None; bias[:, None]",
        "no bias added": "torch.ones(2) + None",
        "two dtypes": "torch.ones(3, 4).double() @ torch.ones(1, 4, 6)",
        "dots": "torch.ones(2, 3) @ ...",
    },
    "09.col2im": COMMON
    | WALKED
    | {
        "a sum at the border": "it = torch.zeros(1, 2, 2, 2); it += torch.ones(1, 2, 2, 3)",
        "a sum at the border, NumPy": "it = np.zeros((1, 2, 2, 2)); it += np.ones((1, 2, 2, 3))",
        "a slice of another size": "torch.zeros(1, 2, 3)[:] = torch.ones(1, 2, 2)",
        "three axes": "N, C, H, W = torch.ones(1, 4, 6).shape",
    },
    "09.fair_time": {
        "a name called": "[name() for name in {'loops': print}]",
        "no list yet": "seconds = {}; seconds['loops'].append(1.0)",
        "a dict looped over": "for name, function in {'loops': print}: pass",
        "the module called": "time()",
        "the clock not read": "time.perf_counter - time.perf_counter()",
        "the clock never read": "time.perf_counter - time.perf_counter",
        "a dict for a list": "{}.append(1.0)",
        "a number for a list": "seconds = {'loops': 0.0}; seconds['loops'].append(1.0)",
        "no times": "median([])",
        "torch's median of a list": "torch.median([1.0, 2.0])",
        "a list's median": "[1.0].median()",
    },
}
