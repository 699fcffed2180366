"""Lesson 06: what raises the errors that the exercises quote: exercise -> lines, or functions of nothing."""

LAYER = "nn.Conv2d(2, 4, (3, 2))"
PROVOKED = {
    "06.conv2d": (
        "torch.ones(2, 3, 1, 2)[3]",
        "np.ones((2, 3))[3]",
        "torch.zeros(2, 3, 1, 2) * torch.zeros(4, 3, 1, 2)",
        "np.zeros((1, 2, 2, 3)) + np.ones(2)",
        "torch.zeros(1, 2, 2, 3).double()[:, 0, 0, 0].__setitem__(slice(None), torch.ones(2, 3).double())",
        "torch.ones(3, 1, 2).sum((1, 2, 3))",
        "(lambda shape: [H for H, W in [shape]])(torch.ones(1, 2, 3, 4).shape)",
        "(lambda bias: bias[0])(None)",
        "torch.ones(2) + None",
        "[sH for sH, sW in [1]]",
        "5 // (2, 1)",
        "np.zeros(1, 2, 3, 4)",
    ),
    "06.grey": (
        "setattr(nn.Conv2d(3, 1, 1), 'weight', torch.ones(1, 3, 1, 1))",
        "nn.Conv2d(3, 1, 1).weight.copy_(torch.ones(1, 3, 1, 1))",
        "nn.Conv2d(3, 1, 1).weight[0].zero_()",
        "nn.Conv2d(3, 1, 1).weight.detach().copy_(torch.ones(3))",
        "nn.Conv2d(3, 1, 1).weight.data.copy_([1, 2, 3])",
        "nn.Conv2d(3, 1, 1, bias=False).bias.zero_()",
        "nn.Conv2d(3, 1)",
    ),
    "06.set_kernel": (
        f"{LAYER}.weight[0].zero_()",
        f"{LAYER}.weight.zero_()",
        f"setattr({LAYER}, 'weight', torch.ones(3, 2))",
        f"setattr({LAYER}, 'weight', torch.ones(3, 2).double())",
        f"{LAYER}.weight[:, 4]",
        "nn.Conv2d(3, 1, 1).weight.detach().__setitem__(0, torch.ones(3))",
        f"{LAYER}[0]",
    ),
    "06.gabor_bank": (
        "math.exp(torch.zeros(3, 5))",
        "torch.arange(3.0).reshape(3, 1).index_select(0, torch.tensor(0)) + [1][torch.zeros(2).long()]",
        "torch.arange(5) + torch.arange(3)",
        "torch.exp(0.5)",
        "torch.cos(0.5)",
        "torch.arange((3, 5))",
        "torch.zeros(2, 3)[2]",
    ),
}
