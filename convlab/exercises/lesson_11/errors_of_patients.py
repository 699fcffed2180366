"""The errors that PyTorch prints at the patients of lesson 11 and on the way to their mends."""

CHANNELS = (
    "RuntimeError: Given groups=1, weight of size [8, 1, 3, 5], expected input[1, 3, 20, 28] to have 1 channels, but "
    "got 3 channels instead",
    "A layer was made for another number of channels than reach it. The size of the weight says which layer speaks: "
    "its second number is in_channels.",
    "Count the channels that reach this layer: those of the pictures, or the out_channels of the layer before. For "
    "grey pictures of shape (N, H, W) the axis of channels is missing: pictures[:, None].",
)
ATTRIBUTE_TOO_EARLY = (
    "AttributeError: cannot assign module before Module.__init__() call",
    "The module is not set up yet, so it has no place to keep layers.",
    "Let `super().__init__()` be the first line of __init__.",
)
MATRICES = (
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x702 and 936x10)",
    "The Linear layer was made for another count of numbers than reach it: the second number came, the third was "
    "expected.",
    "Print maps.shape. What is left of a picture is channels * rows * columns: that is the layer's in_features.",
)
FRACTION = (
    "TypeError: empty(): argument 'size' failed to unpack the object at pos 2 with error \"type must be tuple of "
    'ints,but got float"',
    "/ always gives a fraction, and in_features is counted.",
    "// divides and rounds down.",
)
PAIR_MINUS = (
    "TypeError: unsupported operand type(s) for -: 'tuple' and 'int'",
    "A pair of numbers was taken for a number.",
    "Take it apart first: H, W = size.",
)
PAIR_HALVED = (
    "TypeError: unsupported operand type(s) for //: 'tuple' and 'int'",
    "A pair of numbers was taken for a number.",
    "Take it apart first: H, W = size, or kH, kW = kernel_size.",
)
BYTES = (
    "RuntimeError: Input type (unsigned char) and bias type (float) should be the same",
    "The picture is bytes, and the layer's weight and bias are float32.",
    "Convert the picture, not the layer: picture.float(). And then look at its numbers.",
)
DOUBLES = (
    "RuntimeError: Input type (double) and bias type (float) should be the same",
    "The picture is float64, NumPy's own choice, and the layer float32.",
    "picture.float() makes float32.",
)
BYTE_LAYER = (
    "TypeError: nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.uint8",
    "A layer cannot compute in bytes.",
    "Convert the picture: picture.float() / 255.",
)
PERMUTE = (
    "RuntimeError: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
    "desired ordering of dimensions i.e. input.dim() = 3 is not equal to len(dims) = 4",
    "permute wants one number for each axis, and the picture has three.",
    "picture.permute(2, 0, 1), and [None] for the axis of the batch behind it.",
)
NO_ASTYPE = (
    "AttributeError: 'Tensor' object has no attribute 'astype'",
    "astype is NumPy's word.",
    "picture.float(), or picture.to(torch.float32).",
)
KERNEL_TOO_LARGE = (
    "RuntimeError: Calculated padded input size per channel: (4 x 5). Kernel size: (5 x 3). Kernel size can't be "
    "greater than actual input size",
    "What reaches this layer is smaller than its kernel, padding included. The layer is the last of a chain.",
    "Go through rows and columns from the picture on, and let the layers before take less: padding, fewer poolings.",
)
POOLED_TO_NOTHING = (
    "RuntimeError: Given input size: (8x4x1). Calculated output size: (8x2x0). Output size is too small",
    "A pooling of 2 x 2 met a map with a single row or column: nothing would be left.",
    "Let the layers before leave more.",
)
PADDING_OF_POOL = (
    "RuntimeError: pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1",
    "A pooling takes padding of at most half its kernel. Conv2d has no such rule.",
    "Give the padding to the convolutions.",
)
FIVE_AXES = (
    "RuntimeError: Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [1, 3, 1, 20, 28]",
    "Too many axes of size 1 were put in, or too few.",
    "Conv2d wants (N, C, H, W): of (N, H, W) that is pictures[:, None].",
)
THREE_VALUES = (
    "ValueError: not enough values to unpack (expected 4, got 3)",
    "Grey pictures of shape (N, H, W) have three axes, and four names were given.",
    "N, H, W = pictures.shape.",
)
VIEW_NOT_DIVISIBLE = (
    "RuntimeError: shape '[-1, 936]' is invalid for input of size 1680",
    "view cannot cut so many numbers into rows of this length without a rest: the length is wrong.",
    "flatten(1), and count what is left of a picture for the Linear layer.",
)
VIEW_STRIDES = (
    "RuntimeError: view size is not compatible with input tensor's size and stride (at least one dimension spans "
    "across two contiguous subspaces). Use .reshape(...) instead.",
    "Axes were exchanged before: the numbers no longer lie in the order that view reads.",
    "Ask first why axes were exchanged: reshape would run, and mix the pictures.",
)
SAME_AND_STRIDE = (
    "ValueError: padding='same' is not supported for strided convolutions",
    "With a stride there is no size that stays the same.",
    "Give the padding in numbers: half of the kernel on each side.",
)
PADDING_OF_FOUR = (
    "RuntimeError: expected padding to be a single integer value or a list of 2 values to match the convolution "
    "dimensions, but got padding=[2, 2, 1, 1]",
    "Conv2d's padding is (pH, pW), the same on both sides; four numbers are what F.pad takes.",
    "padding=(kH // 2, kW // 2).",
)
FRACTION_OF_PADDING = (
    "TypeError: unsupported operand type(s) for /: 'tuple' and 'int'",
    "A pair of numbers was taken for a number; and / would give fractions, where rows are counted.",
    "Take it apart first: kH, kW = kernel_size. Then kH // 2 divides and rounds down.",
)
SIZES_DIFFER = (
    "RuntimeError: The size of tensor a (14) must match the size of tensor b (13) at non-singleton dimension 2",
    "Two tensors of different size are added, or copied into each other; dimension 2 is that of the rows, 3 of the "
    "columns.",
    "Print both shapes, and find the layer that makes a row too many or too few.",
)
UNEXPECTED_CEIL = (
    "TypeError: Conv2d.__init__() got an unexpected keyword argument 'ceil_mode'",
    "ceil_mode belongs to poolings. A convolution decides at the border by its padding.",
    "F.max_pool2d(maps, 2, ceil_mode=True).",
)
NEGATIVE_STEP = (
    "ValueError: step must be greater than zero",
    "A tensor cannot be sliced backwards, as a NumPy array can.",
    "kernel.flip(0, 1).",
)
FLIP_NEEDS_AXES = (
    'TypeError: flip() missing 1 required positional arguments: "dims"',
    "flip wants to know which axes it reverses.",
    "kernel.flip(0, 1) reverses both.",
)
FLOAT_AND_DOUBLE = (
    "RuntimeError: expected scalar type Double but found Float",
    "The picture is float64, and the kernel was made float32.",
    "Leave both as they come: kernel.flip(0, 1) keeps the dtype.",
)
LEAF_IN_PLACE = (
    "RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.",
    "A weight that learns is written into while autograd looks on.",
    "Put it inside `with torch.no_grad():`.",
)
NOT_A_PARAMETER = (
    "TypeError: cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
    "layer.weight can only be another Parameter, and here it need not be another one at all.",
    "Write into it: target.weight.copy_(source.weight), inside torch.no_grad().",
)
STATE_DIFFERS = (
    "RuntimeError: Error(s) in loading state_dict for Conv2d:\n\tsize mismatch for weight: copying a param with shape "
    "torch.Size([2, 1, 5, 3]) from checkpoint, the shape in current model is torch.Size([2, 1, 3, 5]).",
    "The weights have different shapes: that they are refused is what the task asks for.",
    "load_state_dict copies the bias too. For the weight alone use copy_.",
)
TRAIN_TAKES_MODE = (
    "TypeError: Frozen.train() takes 1 positional argument but 2 were given",
    "network.eval() and network.train(False) hand the mode to train(), so that has to take one.",
    "def train(self, mode=True).",
)
TRAIN_RETURNS_NOTHING = (
    "AttributeError: 'NoneType' object has no attribute 'parameters'",
    "train() and eval() hand the network back, and yours gives nothing.",
    "Let your train() end in `return self`.",
)
NOTHING_TO_TRAIN = (
    "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
    "Nothing that the loss was made of requires a gradient.",
    "Freeze the parameters of the backbone alone; and keep layers where parameters() finds them.",
)
NO_STATISTICS = (
    "AttributeError: 'Sequential' object has no attribute 'running_mean'",
    "The running mean belongs to a BatchNorm layer inside, not to the backbone.",
    "self.backbone.eval() reaches every layer in it.",
)
EMPTY_LIST = (
    "ValueError: optimizer got an empty parameter list",
    "The optimizer was made before there was any layer, or the layers hide in a Python list.",
    "Make the layers attributes first, and the optimizer in the last line of __init__.",
)
LIST_CALLED = (
    "TypeError: 'list' object is not callable",
    "A list holds layers, and does not run them one after the other.",
    "nn.Sequential(*layers) does; or call each in turn.",
)
MODULE_LIST_CALLED = (
    'NotImplementedError: Module [ModuleList] is missing the required "forward" function',
    "An nn.ModuleList holds layers, and does not run them.",
    "Call each in turn, or use nn.Sequential.",
)
TWO_BACKWARDS = (
    "RuntimeError: Trying to backward through the graph a second time (or directly access saved tensors after they "
    "have already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
    "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need "
    "to access saved tensors after calling backward.",
    "backward() was called twice for one loss.",
    "One forward, one backward, one step: compute the loss anew in each call of learn.",
)

ERRORS = {
    "11.channels": (CHANNELS, ATTRIBUTE_TOO_EARLY, FIVE_AXES),
    "11.features": (MATRICES, FRACTION, PAIR_MINUS, PAIR_HALVED, KERNEL_TOO_LARGE),
    "11.dtype": (BYTES, CHANNELS, DOUBLES, BYTE_LAYER, PERMUTE, NO_ASTYPE),
    "11.too_small": (KERNEL_TOO_LARGE, POOLED_TO_NOTHING, PADDING_OF_POOL, MATRICES),
    "11.batch_of_grey": (CHANNELS, FIVE_AXES, THREE_VALUES),
    "11.view": (MATRICES, VIEW_NOT_DIVISIBLE, VIEW_STRIDES, PAIR_HALVED, FRACTION),
    "11.pairs": (PADDING_OF_FOUR, FRACTION_OF_PADDING, PAIR_HALVED, SAME_AND_STRIDE),
    "11.downsample": (SIZES_DIFFER, UNEXPECTED_CEIL, SAME_AND_STRIDE, PADDING_OF_POOL),
    "11.kernel_from_scipy": (NEGATIVE_STEP, FLIP_NEEDS_AXES, FLOAT_AND_DOUBLE, PADDING_OF_FOUR),
    "11.shared": (LEAF_IN_PLACE, NOT_A_PARAMETER, STATE_DIFFERS, SIZES_DIFFER),
    "11.frozen": (TRAIN_TAKES_MODE, TRAIN_RETURNS_NOTHING, NOTHING_TO_TRAIN, NO_STATISTICS, ATTRIBUTE_TOO_EARLY),
    "11.not_learning": (
        *(EMPTY_LIST, LIST_CALLED, MODULE_LIST_CALLED),
        *(NOTHING_TO_TRAIN, TWO_BACKWARDS, ATTRIBUTE_TOO_EARLY),
    ),
}
