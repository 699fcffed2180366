"""Lesson 04: what raises the errors that the exercises quote: exercise -> lines, or functions of nothing."""

PROVOKED = {
    "04.out_size": (
        "5 // (2, 1)",
        "(lambda size: size(3))(2)",
        "floor(2.5)",
        "range(2.0)",
        "5 // 0",
    ),
    "04.pad2d": (
        "torch.zeros(3, 6).__setitem__((slice(0, -0), slice(1, -1)), torch.ones(3, 4))",
        "np.zeros((3, 6)).__setitem__((slice(0, -0), slice(1, -1)), np.ones((3, 4)))",
        "3 + (1, 2)",
        "[pH for pH, pW in [1]]",
        "(lambda padding: padding[0])(1)",
        "torch.zeros(3, 5)[0, 5]",
        "np.zeros((3, 5))[0, 5]",
        "F.pad(torch.zeros(3, 4), 1)",
        "F.pad(torch.zeros(3, 4), (1, 1, 1))",
        "np.zeros(3, 4)",
        "torch.cat([torch.zeros(1, 4), torch.zeros(3, 6)])",
        "torch.zeros(3, 4).copy()",
    ),
}
