"""The errors that Python, NumPy and PyTorch really give to a conv2d by hand: message, what it means, what to change."""


def border_errors(loops, window):
    """The errors of loops that run too far and of windows that are cut off.

    Args:
        loops: what to change where a loop runs too far.
        window: what to change where a window has the wrong shape.

    Example:
        >>> [message.split(":")[0] for message, _, _ in border_errors("Stop earlier.", "Cut it rightly.")]
        ['IndexError', 'IndexError', 'RuntimeError', 'ValueError']
    """
    return (
        (
            "IndexError: index 3 is out of bounds for dimension 0 with size 3",
            "A loop runs past the last row or column: an axis of size 3 has the places 0, 1 and 2. Or your function "
            "makes no output of its own, and writes into one that another cell has left.",
            loops,
        ),
        (
            "IndexError: index 4 is out of bounds for axis 0 with size 4",
            "NumPy's words for the same: a loop runs past the last row or column.",
            loops,
        ),
        (
            "RuntimeError: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 1",
            "The window and the weight have different shapes: the window was cut off at the border, or kH and kW are "
            "exchanged.",
            window,
        ),
        (
            "ValueError: operands could not be broadcast together with shapes (3,4) (2,3)",
            "NumPy's words for a window and a weight of different shapes.",
            window,
        ),
    )


SUM_ERRORS = (
    (
        "RuntimeError: expand(torch.DoubleTensor{[2, 3]}, size=[]): the number of sizes provided (0) must be "
        "greater or equal to the number of dimensions in the tensor (2)",
        "A whole grid of products is put into one output cell.",
        "Add the products up first: (window * weight).sum(). Python's own sum() adds only the rows.",
    ),
    (
        "ValueError: setting an array element with a sequence.",
        "NumPy's words for putting a whole grid of products into one output cell.",
        "Add the products up first: (window * weight).sum(). Python's own sum() adds only the rows.",
    ),
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
        "@ is the matrix product; here each cell is multiplied by the weight that lies on it.",
        "Write window * weight, and then .sum().",
    ),
    (
        "TypeError: 'torch.Size' object cannot be interpreted as an integer",
        "input.shape holds two sizes, and range needs one.",
        "Take them apart first, H, W = input.shape, and loop over a number.",
    ),
    (
        "TypeError: 'builtin_function_or_method' object cannot be interpreted as an integer",
        "input.size is a method in PyTorch, not a number.",
        "Use H, W = input.shape.",
    ),
    (
        "TypeError: 'float' object cannot be interpreted as an integer",
        "range needs a whole number, and / always gives a fraction.",
        "No division is needed here: H_out = H - kH + 1. Where one is, // gives a whole number.",
    ),
    (
        "TypeError: only integer scalar arrays can be converted to a scalar index",
        "A whole array stands where one whole number is needed, in range(...) or as the index of a list.",
        "Loop over the numbers: for i in range(H_out).",
    ),
    (
        "TypeError: only integer tensors of a single element can be converted to an index",
        "A whole tensor stands where one whole number is needed, in range(...) or as the index of a list.",
        "Loop over the numbers: for i in range(H_out).",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
        "Something to be added is None: a bias whose default is None, or a function that returns nothing.",
        "Give the bias the default 0.0.",
    ),
    (
        "TypeError: list indices must be integers or slices, not tuple",
        "output is a list of lists, which output[i, j] cannot index.",
        "Make it a tensor, torch.zeros(H_out, W_out).",
    ),
    (
        "ValueError: not enough values to unpack (expected 4, got 2)",
        "The input of this exercise has two axes, (H, W): no batch, no channels.",
        "Write H, W = input.shape.",
    ),
    (
        "RuntimeError: zeros: Dimension size must be non-negative.",
        "An output size came out negative: a kernel size was subtracted from the wrong axis, or twice.",
        "H goes with kH and W with kW: H - kH + 1 and W - kW + 1.",
    ),
    (
        "RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.",
        "The output was created with requires_grad=True, and its cells cannot be filled one by one.",
        "Create it with torch.zeros(H_out, W_out); nothing here needs a gradient.",
    ),
    (
        "IndexError: too many indices for tensor of dimension 2",
        "The tensor has two axes, and three or four indices were given.",
        "Write input[i + u, j + v]: one row, one column.",
    ),
    (
        "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [4, 6]",
        "F.conv2d wants axes for batch and channels. Here it is not to be called at all.",
        "Write the sums yourself, with two loops.",
    ),
)
