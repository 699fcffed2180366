"""The errors that Python, NumPy and PyTorch really give to a conv2d_backward: message, meaning, what to change."""

START = "Begin with zeros in the shape of what it belongs to: torch.zeros_like(weight), and add to that."
FILTERS = (
    "For grad_input the filters are added up, each with a weight of its own: "
    "(grad_output[:, :, None] * weight[None, :, :, u, v, None, None]).sum(1)."
)
ONE_SHORT = (
    "A slice of a tap takes as many cells as there are places, and stops behind the last: "
    "u : u + stride * (H_out - 1) + 1 : stride."
)

ERRORS = (
    (
        "TypeError: unsupported operand type(s) for +=: 'ellipsis' and 'Tensor'",
        "The three dots of the stub are still there, and something is added to them.",
        START,
    ),
    (
        "TypeError: 'ellipsis' object does not support item assignment",
        "The three dots of the stub are still there, and one place of them is to be filled.",
        START,
    ),
    (
        "TypeError: 'ellipsis' object is not subscriptable",
        "The three dots of the stub are still there, and one place of them is read.",
        START,
    ),
    (
        "NameError: name 'H' is not defined",
        "The sizes of the input are not taken out of it yet.",
        "Write N, C_in, H, W = input.shape.",
    ),
    (
        "IndexError: Dimension out of range (expected to be in range of [-2, 1], but got 2)",
        "An axis is named that the tensor does not have: it was summed over before.",
        "Sum over all axes in one go, grad_output.sum((0, 2, 3)).",
    ),
    (
        "IndexError: index 3 is out of bounds for dimension 1 with size 3",
        "A loop runs too far, or o and c are exchanged in weight[o, c].",
        "i and j run over H_out and W_out, u and v over kH and kW; weight has the filter first, then the channel.",
    ),
    (
        "IndexError: index 3 is out of bounds for axis 1 with size 3",
        "NumPy's words for a loop that runs too far, or for o and c exchanged in weight[o, c].",
        "i and j run over H_out and W_out, u and v over kH and kW; weight has the filter first, then the channel.",
    ),
    (
        "RuntimeError: The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 3",
        "Two shapes do not fit. Along each axis, from the right, the sizes must be alike, or one of them 1.",
        "Put the zeros around the input first, so that no window is cut off at the border, and cut the padding off at "
        f"the very end. {FILTERS} {ONE_SHORT}",
    ),
    (
        "ValueError: operands could not be broadcast together with shapes (1,2,4,5) (1,2,3,5) ",
        "NumPy's words for two shapes that do not fit, such as a window that is cut off at the border.",
        "Put the zeros around the input first, and cut the padding off at the very end.",
    ),
    (
        "RuntimeError: output with shape [3, 2, 2, 3] doesn't match the broadcast shape [4, 3, 2, 2, 3]",
        "What is added is larger than what it is added to: compare the two shapes.",
        f"{FILTERS} For grad_weight the pictures are added up: einsum 'no,ncuv->ocuv' leaves n out behind the arrow. "
        f"{ONE_SHORT}",
    ),
    (
        "RuntimeError: einsum(): subscript i has size 2 for operand 1 which does not broadcast with previously seen "
        "size 3",
        "The letter i stands for rows of different number: grad_output has H_out, and what it meets has not.",
        "Take as many cells as there are places: padded[:, :, u : u + (H_out - 1) * stride + 1 : stride, ...].",
    ),
    (
        "RuntimeError: einsum(): subscript j has size 2 for operand 1 which does not broadcast with previously seen "
        "size 3",
        "The letter j stands for columns of different number: grad_output has W_out, and what it meets has not.",
        "Take as many cells as there are places: padded[:, :, ..., v : v + (W_out - 1) * stride + 1 : stride].",
    ),
    (
        "RuntimeError: einsum(): subscript n has size 3 for operand 1 which does not broadcast with previously seen "
        "size 2",
        "The letter n stands for two different sizes: for the pictures here, for the filters or channels there.",
        "The axes of grad_output are n, o, i, j, those of the input n, c, and those of the weight o, c, u, v.",
    ),
    (
        "RuntimeError: einsum(): subscript o has size 3 for operand 1 which does not broadcast with previously seen "
        "size 2",
        "The letter o stands for two different sizes: for the filters here, for the channels or pictures there.",
        "The axes of grad_output are n, o, i, j, those of the input n, c, and those of the weight o, c, u, v.",
    ),
    (
        "RuntimeError: The expanded size of the tensor (0) must match the existing size (4) at non-singleton dimension "
        "2.  Target sizes: [1, 2, 0, 5].  Tensor sizes: [2, 4, 5]",
        "The slice on the left has not the size of what is put there. With padding 0 the slice p : -p is empty, "
        "because -0 is 0.",
        "Count from the front: padded[:, :, padding : padding + H, padding : padding + W].",
    ),
    (
        "RuntimeError: expand(torch.DoubleTensor{[2]}, size=[]): the number of sizes provided (0) must be greater or "
        "equal to the number of dimensions in the tensor (1)",
        "A whole row is put where one number belongs.",
        "Sum it first, such as grad_bias[o] = grad_output[:, o].sum().",
    ),
    (
        "RuntimeError: Given output_size=(3, 4), kernel_size=(2, 3), dilation=(1, 1), padding=(0, 0), stride=(2, 2), "
        "expected size of input's dimension 2 to match the calculated number of sliding blocks 1 * 1 = 1, but got "
        "input.size(2)=2.",
        "F.fold was given another stride or padding than the convolution has, or the size of the output for that of "
        "the input.",
        "Write F.fold(columns, (H, W), (kH, kW), stride=stride, padding=padding).",
    ),
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
        "A matrix is to be transposed first.",
        "For grad_input multiply the weight's transpose, weight.flatten(1).T, with grad_output.flatten(2).",
    ),
    (
        "RuntimeError: Expected size for first two dimensions of batch2 tensor to be: [2, 4] but got: [2, 3].",
        "Of two stacks of matrices, columns and rows do not fit.",
        "For grad_weight transpose the columns, grad_output.flatten(2) @ columns.transpose(1, 2), and sum over n.",
    ),
    (
        "ValueError: step must be greater than zero",
        "PyTorch's tensors take no step of -1.",
        "Turn the kernels with weight.flip(2, 3).",
    ),
)
