"""The errors that Python, NumPy and PyTorch really give to a conv2d over channels: message, meaning, what to change."""

ERRORS = (
    (
        "IndexError: index 3 is out of bounds for dimension 0 with size 2",
        "A loop runs past the last row or column, or o and c are exchanged in weight[o, c].",
        "The first axis of the weight is the filter, 0 to C_out - 1, the second the input channel, 0 to C_in - 1.",
    ),
    (
        "IndexError: index 3 is out of bounds for axis 0 with size 2",
        "NumPy's words for the same: a loop runs too far, or o and c are exchanged in weight[o, c].",
        "The first axis of the weight is the filter, 0 to C_out - 1, the second the input channel, 0 to C_in - 1.",
    ),
    (
        "RuntimeError: The size of tensor a (2) must match the size of tensor b (4) at non-singleton dimension 0",
        "Two shapes do not fit: a window of N pictures was multiplied with all C_out filters at once, a window was cut "
        "off at the border, or a bias of shape (C_out,) met the columns.",
        "Take one filter, window * weight[o]; and add bias[o] to output[:, o], or bias.reshape(-1, 1, 1) to all.",
    ),
    (
        "ValueError: operands could not be broadcast together with shapes (1,2,2,3) (2,) ",
        "NumPy's words for two shapes that do not fit, such as a bias of shape (C_out,) along the columns.",
        "Take one filter, window * weight[o]; and add bias[o] to output[:, o], or bias.reshape(-1, 1, 1) to all.",
    ),
    (
        "RuntimeError: expand(torch.DoubleTensor{[2, 3]}, size=[1]): the number of sizes provided (1) must be greater "
        "or equal to the number of dimensions in the tensor (2)",
        "The sum left more axes than one number for each picture: channels, rows or columns are still there.",
        "Sum over all three, (window * weight[o]).sum((1, 2, 3)): one number for each picture is left.",
    ),
    (
        "IndexError: Dimension out of range (expected to be in range of [-3, 2], but got 3)",
        "The product has three axes and no batch axis, so there is no axis 3.",
        "Keep the batch in the window, padded[:, :, rows, columns], or use .sum() for one picture.",
    ),
    (
        "ValueError: too many values to unpack (expected 2)",
        "input.shape has four sizes here.",
        "Write N, C_in, H, W = input.shape.",
    ),
    (
        "TypeError: 'NoneType' object is not subscriptable",
        "The bias is None in some cases, and None has no [o].",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
        "The bias is None in some cases, and None cannot be added.",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: cannot unpack non-iterable int object",
        "stride or padding is one number here, and there is nothing to take apart.",
        "Make a pair of it first: (stride, stride) if isinstance(stride, int) else stride.",
    ),
    (
        "TypeError: unsupported operand type(s) for //: 'int' and 'tuple'",
        "stride is a pair here, and a number cannot be divided by a pair.",
        "Take it apart first, sH, sW = stride, and use sH for the rows and sW for the columns.",
    ),
    (
        "TypeError: zeros() takes from 1 to 3 positional arguments but 4 were given",
        "np.zeros takes the shape as one argument.",
        "Write np.zeros((N, C_out, H_out, W_out)), with two pairs of brackets; torch.zeros needs one.",
    ),
)
