"""Lesson 05: what raises the errors that the exercises quote: exercise -> lines, or functions of nothing."""

PROVOKED = {
    "05.same_padding": (
        "(lambda dilation: dilation(3))(2)",
        "total // 2",
        "ceil(2.5)",
        "(3, 5) - 1",
    ),
    "05.dilate": (
        "torch.zeros(3, 4).__setitem__((slice(None, None, 2), slice(None, None, 2)), torch.ones(2, 3))",
        "np.zeros((3, 4)).__setitem__((slice(None, None, 2), slice(None, None, 2)), np.ones((2, 3)))",
        "torch.zeros(3, 5)[0, 6]",
        "np.zeros((3, 5))[0, 6]",
        "(3, 5) - 1",
    ),
    "05.receptive_field": (
        "nn.Conv2d(1, 1, (3, 5)).kernel_size * nn.Conv2d(1, 1, (3, 5)).dilation",
        "nn.Conv2d(1, 1, (3, 5)).kernel_size - 1",
        "nn.Conv2d(1, 1, (3, 5))[0]",
        "nn.Conv2d(1, 1, (3, 5)).kernel",
        "[nn.Conv2d(1, 1, (3, 5))].kernel_size",
        "exec('size = (1, 1); size[0] += 2')",
        "[1, 1] + 2",
    ),
}
