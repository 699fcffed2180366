"""The errors that Python, NumPy and PyTorch really give around groups: message, what it means, what to change."""

from ..lesson_09.column_errors import NOT_IN_ORDER, VIEW

ERRORS = (
    (
        "RuntimeError: Given groups=1, weight of size [2, 2, 1, 2], expected input[1, 4, 2, 3] to have 2 channels, but "
        "got 4 channels instead",
        "F.conv2d was given all channels, and a weight that is for those of one group.",
        "Cut the input first: input.chunk(groups, dim=1)[g] with weight.chunk(groups, dim=0)[g].",
    ),
    (
        "RuntimeError: Given weight of size [2, 2, 1, 2], expected bias to be 1-dimensional with 2 elements, but got "
        "bias of size [4] instead",
        "A group was given all biases.",
        "Cut the bias as the filters are cut: bias.chunk(groups)[g].",
    ),
    (
        "RuntimeError: Given groups=1, expected weight to be at least 1 at dimension 0, but got weight of size "
        "[0, 1, 1, 2] instead",
        "A group was given no filter. The filters are counted by the weight's first number, C_out.",
        "Write outs = weight.shape[0] // groups.",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'chunk'",
        "The bias is None in some cases.",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: 'NoneType' object is not subscriptable",
        "The bias is None in some cases, and None has no [...].",
        "Ask first: if bias is not None.",
    ),
    (
        "TypeError: cat(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor",
        "torch.cat wants a list of tensors, and one tensor came.",
        "Keep the results in a list, outputs.append(...), and join them once, behind the loop.",
    ),
    (
        "ValueError: torch.cat(): expected a non-empty list of Tensors",
        "The list is empty: nothing was appended in the loop.",
        "outputs.append(F.conv2d(...)), for each group.",
    ),
    (
        "TypeError: slice indices must be integers or None or have an __index__ method",
        "A slice has a fraction in it: / always gives one.",
        "Write C_in // groups.",
    ),
    (
        "TypeError: 'float' object cannot be interpreted as an integer",
        "A count of channels is a fraction: / always gives one.",
        "Write C_out // groups.",
    ),
)

SHUFFLE_ERRORS = (
    NOT_IN_ORDER,
    VIEW,
    (
        "TypeError: view(): argument 'size' failed to unpack the object at pos 3 with error \"type must be tuple of "
        'ints,but got float"',
        "A size is a fraction: / always gives one.",
        "Write C // groups.",
    ),
    (
        "ValueError: too many values to unpack (expected 3)",
        "x has four axes, and three names are to take their sizes: the pictures are missing.",
        "Write N, C, H, W = x.shape.",
    ),
    (
        "IndexError: Dimension out of range (expected to be in range of [-4, 3], but got 4)",
        "An axis is named that x does not have: it has four, 0 to 3.",
        "Make two axes of the channels first: x.view(N, groups, C // groups, H, W).",
    ),
    (
        "ValueError: axes don't match array",
        "NumPy's transpose wants all axes.",
        "Write .swapaxes(1, 2).",
    ),
    (
        "RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
        "desired ordering of dimensions i.e. input.dim() = 4 is not equal to len(dims) = 3",
        "permute wants every axis.",
        "With five axes write permute(0, 2, 1, 3, 4), or transpose(1, 2).",
    ),
)

SEPARABLE_ERRORS = (
    (
        "ValueError: in_channels must be divisible by groups",
        "groups is not the number of channels that are read.",
        "A depthwise convolution has groups=in_channels.",
    ),
    (
        "ValueError: out_channels must be divisible by groups",
        "The depthwise convolution makes another number of channels than it reads.",
        "Its out_channels are in_channels; the 1 x 1 convolution makes out_channels of them.",
    ),
    (
        "RuntimeError: Given groups=1, weight of size [3, 2, 1, 1], expected input[2, 4, 5, 7] to have 2 channels, but "
        "got 4 channels instead",
        "The two convolutions do not fit: the second one reads another number of channels than the first one makes.",
        "Depthwise goes from in_channels to in_channels, pointwise from in_channels to out_channels.",
    ),
    (
        "TypeError: Conv2d.__init__() missing 1 required positional argument: 'kernel_size'",
        "nn.Conv2d wants three things: what comes in, what goes out, how large the window is.",
        "The pointwise one is nn.Conv2d(in_channels, out_channels, kernel_size=1).",
    ),
    (
        "TypeError: Conv2d.__init__() got an unexpected keyword argument 'group'",
        "nn.Conv2d has no argument of this name.",
        "Write groups=in_channels.",
    ),
    (
        "TypeError: list is not a Module subclass",
        "nn.Sequential takes layers, not a list of them.",
        "Leave the square brackets away: nn.Sequential(depthwise, pointwise).",
    ),
    (
        "TypeError: ellipsis is not a Module subclass",
        "The three dots of the stub are still there in place of a layer.",
        "Make both layers before nn.Sequential(depthwise, pointwise).",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'Conv2d' and 'Conv2d'",
        "Layers cannot be added.",
        "nn.Sequential(depthwise, pointwise) puts one behind the other.",
    ),
    (
        "TypeError: unsupported operand type(s) for //: 'tuple' and 'int'",
        "kernel_size is a pair, and a pair cannot be divided.",
        "padding=(kH // 2, kW // 2).",
    ),
)

BUDGET_ERRORS = (
    (
        "TypeError: '<=' not supported between instances of 'tuple' and 'int'",
        "A number times a pair repeats the pair: 4 * (2, 3) is no number.",
        "Multiply by kH * kW.",
    ),
    (
        "TypeError: unsupported operand type(s) for +: 'int' and 'tuple'",
        "kernel_size is a pair, and a pair cannot be added to a number.",
        "Multiply by kH * kW.",
    ),
    (
        "ZeroDivisionError: integer modulo by zero",
        "0 groups were tried: range begins with 0 unless it is told otherwise.",
        "range(1, in_channels + 1)",
    ),
    (
        "TypeError: 'int' object is not iterable",
        "A number stands where a loop wants a range.",
        "Write range(1, in_channels + 1).",
    ),
    (
        "TypeError: 'float' object cannot be interpreted as an integer",
        "range was given a fraction: / always gives one.",
        "Divide with //.",
    ),
    (
        "ValueError: in_channels must be divisible by groups",
        "A layer with these groups cannot be made.",
        "Go on to the next groups: if in_channels % groups or out_channels % groups: continue. No layer is needed.",
    ),
    (
        "ValueError: out_channels must be divisible by groups",
        "A layer with these groups cannot be made.",
        "Go on to the next groups: if in_channels % groups or out_channels % groups: continue. No layer is needed.",
    ),
)
