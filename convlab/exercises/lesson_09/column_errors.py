"""The errors that Python, NumPy and PyTorch really give around columns: message, what it means, what to change."""

SLICE = (
    "RuntimeError: The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 2.  "
    "Target sizes: [1, 2, 3, 4].  Tensor sizes: [1, 2, 2, 4]",
    "The slice on the left has not the size of what is put there: a window was cut off at the border, or H_out or "
    "W_out is one off.",
    "H_out = (H + 2 * pH - dH * (kH - 1) - 1) // sH + 1; and for one tap take the slice u * dH : u * dH + (H_out - 1) "
    "* sH + 1 : sH.",
)
NUMPY_SLICE = (
    "ValueError: could not broadcast input array from shape (1,2,2,4) into shape (1,2,3,4)",
    "NumPy's words for a slice that has not the size of what is put there.",
    SLICE[2],
)
VIEW = (
    "RuntimeError: shape '[1, 4, 7]' is invalid for input of size 24",
    "A tensor is to get a shape with another number of entries.",
    "Print its shape first, and count: N, C * kH * kW and H_out * W_out have to multiply to the same number.",
)
NUMPY_VIEW = (
    "ValueError: cannot reshape array of size 24 into shape (1,4,7)",
    "NumPy's words for a shape with another number of entries.",
    VIEW[2],
)
NOT_IN_ORDER = (
    "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans "
    "across two contiguous subspaces). Use .reshape(...) instead.",
    "After permute, transpose or Tensor.unfold the numbers do not lie in memory in the order of the axes, and view "
    "moves none.",
    "Write .reshape in place of .view.",
)
INDEX = (
    "IndexError: index 4 is out of bounds for dimension 0 with size 4",
    "A loop runs past the last row or column, or past the last column of the matrix.",
    "i runs over H_out and j over W_out; the column is i * W_out + j, the row (c * kH + u) * kW + v.",
)
NUMPY_INDEX = ("IndexError: index 4 is out of bounds for axis 0 with size 4", "NumPy's words for the same.", INDEX[2])
UNPACK = (
    "TypeError: cannot unpack non-iterable int object",
    "stride, padding or dilation is one number here, and there is nothing to take apart.",
    "Make a pair of it first: (stride, stride) if isinstance(stride, int) else stride.",
)
PAIR = (
    "TypeError: unsupported operand type(s) for //: 'int' and 'tuple'",
    "stride is a pair here, and a number cannot be divided by a pair.",
    "Use sH for the rows and sW for the columns.",
)
FRACTION = (
    "TypeError: 'float' object cannot be interpreted as an integer",
    "A size is a fraction: / always gives one.",
    "Write //, which rounds down: H_out = (...) // sH + 1.",
)
NO_SIZES = (
    "NameError: name 'H_out' is not defined",
    "The number of places is not computed yet.",
    "H_out = (H + 2 * pH - dH * (kH - 1) - 1) // sH + 1, and W_out likewise.",
)
THREE_AXES = (
    "ValueError: not enough values to unpack (expected 4, got 3)",
    "The columns have three axes, (N, C * kH * kW, L), and four names were to be filled.",
    "Take apart what has four axes, the input; of the columns write N = columns.shape[0].",
)
PADS = (
    "RuntimeError: Padding length should be less than or equal to two times the input dimension but got padding length "
    "6 and input of dimension 2",
    "F.pad was given more numbers than the tensor has sides.",
    "For the last two axes write F.pad(input, (pW, pW, pH, pH)).",
)
DOTS = (
    "TypeError: unsupported operand type(s) for @: 'Tensor' and 'ellipsis'",
    "The three dots of the stub are still there where the columns belong.",
    "columns = F.unfold(input, (kH, kW), stride=stride, padding=padding)",
)
STEP = (
    "RuntimeError: maximum size for tensor at dimension 2 is 3 but size is 4",
    "Tensor.unfold(axis, size, step) is asked for windows that are longer than the axis.",
    "Put the padding on first; axis 2 takes kH and sH, axis 3 kW and sW.",
)

COLUMN_ERRORS = (
    SLICE,
    NUMPY_SLICE,
    VIEW,
    NUMPY_VIEW,
    NOT_IN_ORDER,
    INDEX,
    NUMPY_INDEX,
    UNPACK,
    PAIR,
    FRACTION,
    NO_SIZES,
    PADS,
    STEP,
)

PRODUCT_ERRORS = (
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (3x4 and 2x6)",
        "Rows and columns do not fit: each row of the weight needs as many numbers as a column has.",
        "weight.reshape(C_out, -1) is (C_out, C_in * kH * kW); the columns have C_in * kH * kW rows.",
    ),
    (
        "RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [1, 6] but got: [1, 4].",
        "Of two stacks of matrices, columns and rows do not fit: they were multiplied the wrong way round.",
        "Write weight.reshape(C_out, -1) @ columns, with the weight on the left.",
    ),
    (
        "RuntimeError: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 3",
        "Two shapes do not fit: a bias of shape (C_out,) meets the last axis, or the weight is multiplied as it is, "
        "with four axes.",
        "bias.reshape(-1, 1) fits (N, C_out, L); weight.reshape(C_out, -1) @ columns is the product.",
    ),
    (
        "RuntimeError: Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got "
        "input.size(1)=3 and kernel_size=(1, 2).",
        "F.fold takes columns, C * kH * kW numbers each. The product has C_out.",
        "Leave fold out: product.reshape(N, C_out, H_out, W_out).",
    ),
    (
        "RuntimeError: Given output_size=(2, 4), kernel_size=(1, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1), "
        "expected size of input's dimension 2 to match the calculated number of sliding blocks 2 * 3 = 6, but got "
        "input.size(2)=2.",
        "F.fold counts the places itself, and found another number of columns.",
        "Leave fold out: product.reshape(N, C_out, H_out, W_out).",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'reshape'",
        "The bias is None in some cases.",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: 'NoneType' object is not subscriptable",
        "The bias is None in some cases, and has no [:, None].",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'Tensor' and 'NoneType'",
        "The bias is None in some cases, and None cannot be added.",
        "Ask first: if bias is not None.",
    ),
    (
        "RuntimeError: expected scalar type Double but found Float",
        "One of the two matrices is float32, the other float64.",
        "Create your own tensors with dtype=torch.float64, or input.dtype.",
    ),
    VIEW,
    NUMPY_VIEW,
    NOT_IN_ORDER,
    PAIR,
    FRACTION,
    (
        "NameError: name 'H_out' is not defined",
        "The number of places is not computed yet.",
        "H_out = (H + 2 * pH - kH) // sH + 1, and W_out likewise.",
    ),
    DOTS,
)

CELL_ERRORS = (
    (
        "RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 3",
        "The slice of the picture has not the size of what is added: it was cut off at the border, because the padding "
        "is not there yet.",
        "Begin with zeros of the padded size, H + 2 * pH and W + 2 * pW, and cut at the very end.",
    ),
    (
        "ValueError: operands could not be broadcast together with shapes (1,2,2,3) (1,2,2,2) (1,2,2,3) ",
        "NumPy's words for a slice that has not the size of what is added to it.",
        "Begin with zeros of the padded size, H + 2 * pH and W + 2 * pW, and cut at the very end.",
    ),
    (
        "RuntimeError: The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension "
        "2.  Target sizes: [1, 2, 2].  Tensor sizes: [1, 2, 3]",
        "The slice on the left has not the size of what is put there.",
        "For one tap take the slice u : u + (H_out - 1) * sH + 1 : sH of the padded picture, and add with +=.",
    ),
    VIEW,
    NUMPY_VIEW,
    NOT_IN_ORDER,
    INDEX,
    NUMPY_INDEX,
    UNPACK,
    PAIR,
    FRACTION,
    (
        "NameError: name 'H_out' is not defined",
        "The number of places is not computed yet.",
        "H_out = (H + 2 * pH - kH) // sH + 1, with H of output_size, and W_out likewise.",
    ),
    THREE_AXES,
)
