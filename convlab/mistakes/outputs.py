"""Mistakes about the shape of the output and of the weight, and about the calls that make them.

The right shapes: output (N, C_out, H_out, W_out), weight (C_out, C_in / groups, kH, kW).
"""

from convlab.mistakes.mistake import Mistake
from convlab.mistakes.purpose import enlarged


def _with_channels(channels):
    """The output-shape model of a learner who writes `channels(spec)` for the output channels."""

    def output_shape(spec, input_shape):
        *batch, _, H_out, W_out = spec.output_shape(input_shape)
        return [(*batch, channels(spec), H_out, W_out)]

    return output_shape


def _kernel_as_size(spec, input_shape):
    return [(*input_shape[:-3], spec.out_channels, *spec.kernel_size)]


def _of_the_layer_alone(spec, input_shape):
    """(C_out, kH, kH) or (C_out, kH, kW), without looking at the input; and the same with the batch before it."""
    C_out, (kH, kW) = spec.out_channels, spec.kernel_size
    shapes = [(C_out, kH, kH), (C_out, kH, kW)]
    if len(input_shape) == 4:
        shapes.append((input_shape[0], C_out, kH, kH))
    return list(dict.fromkeys(shapes))


def _flat_filters(spec):
    return [(spec.out_channels, *spec.kernel_size)]


def _in_first(spec):
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    return list(dict.fromkeys([(C_in_per_group, C_out, kH, kW), (spec.in_channels, C_out, kH, kW)]))


def _channels_last_weight(spec):
    C_out, C_in_per_group, kH, kW = spec.weight_shape
    return list(dict.fromkeys([(kH, kW, C_in_per_group, C_out), (kH, kW, spec.in_channels, C_out)]))


def _settings(spec, first, second, size="kernel_size"):
    """The call with these two channel counts and this keyword for the kernel size."""
    kernel = spec.kernel_size if spec.kernel_size[0] != spec.kernel_size[1] else spec.kernel_size[0]
    return f"({first}, {second}, {size}={kernel})"


def _misnamed(spec):
    C_in, C_out = spec.in_channels, spec.out_channels
    return ["nn.Conv2d" + _settings(spec, C_in, C_out, "kernel"), "nn.conv2d" + _settings(spec, C_in, C_out)]


def _swapped_channels(spec):
    return ["nn.Conv2d" + _settings(spec, spec.out_channels, spec.in_channels)]


def _tensor_as_weight(spec):
    return [f'setattr(conv, "weight", torch.zeros({spec.weight_shape}))']


def _mode_for_the_function(spec):
    return ['F.conv2d(input, weight, padding=1, padding_mode="reflect")']


def _plain_words(spec):
    kernel = _settings(spec, "", "").partition("=")[2]
    return [f"nn.Conv2d(input={spec.in_channels}, output={spec.out_channels}, size={kernel}"]


def _function_like_the_layer(spec):
    return ["F.conv2d" + _settings(spec, f"input, {spec.in_channels}", spec.out_channels)]


def _layer_of_a_picture(spec):
    return [f"nn.Conv2d(input, kernel_size={spec.kernel_size})"]


def _in_channels_set(spec):
    return ['setattr(conv, "in_channels", 1)']


OUTPUTS = (
    Mistake(
        "M23",
        "The output size belongs to the layer.",
        "The same layer gives another size for another input: H_out and W_out follow from the input's H and W.",
        "03",
        facts=("S004-11", "S004-17", "S004-22", "S004-23"),
        statement="nn.Conv2d(3, 4, kernel_size=(3, 2)) has the output shape (4, 3, 3).",
        truth="The output shape of nn.Conv2d(3, 4, kernel_size=(3, 2)) depends on the input.",
        models={"output_shape": _of_the_layer_alone},
    ),
    Mistake(
        "M24",
        "The kernel's axes appear in the output.",
        "They are summed over: what remains is one number for each filter and place, (N, C_out, H_out, W_out).",
        "03",
        facts=("S004-13", "S004-14", "S004-15"),
        equals=("M25",),
        models={"output_shape": _kernel_as_size},
    ),
    Mistake(
        "M27",
        "The output has C_in * C_out channels.",
        "Each filter spans all input channels and sums over them: one output channel for each filter.",
        "06",
        facts=("S001-30", "S001-47", "S004-12"),
        statement="A layer with 3 input channels and 8 filters gives 24 output channels.",
        truth="A layer with 3 input channels and 8 filters gives 8 output channels.",
        models={"output_shape": _with_channels(lambda spec: spec.in_channels * spec.out_channels)},
    ),
    Mistake(
        "M28",
        "The channels stay as they are.",
        "out_channels decides: the output has one channel for each filter.",
        "03",
        facts=("S001-18", "S001-30", "S003-17"),
        statement="nn.Conv2d changes the height and the width, never the number of channels.",
        truth="nn.Conv2d can change the number of channels.",
        models={"output_shape": _with_channels(lambda spec: spec.in_channels)},
    ),
    Mistake(
        "M29",
        "A filter is 2-D, so the weight is (C_out, kH, kW).",
        "A filter has one kH x kW kernel for each input channel: the weight has four axes, "
        "(C_out, C_in / groups, kH, kW).",
        "03",
        facts=("S004-9", "S004-20", "S003-39"),
        statement="The weight of nn.Conv2d has three axes: filters, rows, columns.",
        truth="The weight of nn.Conv2d has four axes.",
        models={"weight_shape": _flat_filters},
    ),
    Mistake(
        "M30",
        "The weight is (C_in, C_out, kH, kW).",
        "The output channels come first: weight[o] is the filter of output channel o; ConvTranspose2d has them the "
        "other way round.",
        "03",
        facts=("S004-6", "S004-16"),
        models={"weight_shape": _in_first},
    ),
    Mistake(
        "M31",
        "The weight is (kH, kW, C_in, C_out), as in TensorFlow.",
        "PyTorch writes (C_out, C_in / groups, kH, kW): channels first, the kernel's axes last.",
        "03",
        facts=("S004-6", "S004-7"),
        models={"weight_shape": _channels_last_weight},
    ),
    Mistake(
        "M143",
        "What the kernel costs is added where it is taken off, and taken off where it is added.",
        "From the input to the output k - 1 rows are lost; whoever goes back from the output to the input adds them "
        "again.",
        "03",
        facts=("S000-14", "S004-14"),
        equals=("M118",),
        statement="Without padding, 10 rows of output under a kernel of 3 rows come from 8 rows of input.",
        truth="Without padding, 10 rows of output under a kernel of 3 rows come from 12 rows of input.",
        models={"output_shape": enlarged},
    ),
)


CALLS = (
    Mistake(
        "M90",
        "The layer is called nn.conv2d, or the keyword is kernel.",
        "The module is nn.Conv2d and the keyword kernel_size; F.conv2d is the function, and it wants the weight.",
        "03",
        facts=("S000-15", "S002-2"),
        models={"code": _misnamed},
    ),
    Mistake(
        "M91",
        "out_channels comes first.",
        "The order is (in_channels, out_channels, kernel_size): first what comes in, then what goes out.",
        "03",
        facts=("S000-16",),
        models={"code": _swapped_channels},
    ),
    Mistake(
        "M92",
        "F.conv2d with a random weight learns.",
        "That weight is no Parameter: no optimizer knows it and nothing saves it, unless you register it.",
        "06",
        facts=("S002-24",),
        statement="The weight in F.conv2d(x, torch.randn(8, 3, 3, 3)) is trained by the model's optimizer.",
        truth="A weight that is made with torch.randn is trained only when it is registered as a Parameter.",
    ),
    Mistake(
        "M93",
        "conv.in_channels = 1 changes the layer.",
        "The attribute only remembers a number, and the weight keeps its shape: make a new layer, or sum the weight "
        "over its channels.",
        "06",
        facts=("S001-20", "S004-6"),
        statement="After `conv.in_channels = 1` the layer takes pictures of one channel.",
        truth="After `conv.in_channels = 1` the weight has the shape it had before.",
        models={"code": _in_channels_set},
    ),
    Mistake(
        "M94",
        "A tensor can be assigned to conv.weight.",
        "conv.weight takes a Parameter, else TypeError; copy the numbers inside torch.no_grad() with "
        "conv.weight.copy_(tensor).",
        "06",
        facts=("S003-24",),
        statement="`conv.weight = torch.ones(8, 3, 3, 3)` sets the weight.",
        truth="`conv.weight = torch.ones(8, 3, 3, 3)` raises a TypeError.",
        models={"code": _tensor_as_weight},
    ),
    Mistake(
        "M95",
        "conv.weight.data = tensor is safe.",
        "Nothing checks the shape, and both names then share one storage; conv.weight.copy_(tensor) inside "
        "torch.no_grad() checks and copies.",
        "06",
        facts=("S003-24", "S003-25"),
        statement="`conv.weight.data = tensor` refuses a tensor of another shape.",
        truth="`conv.weight.data = tensor` takes a tensor of another shape without a word.",
    ),
    Mistake(
        "M100",
        "F.conv2d takes padding_mode.",
        "Only the module nn.Conv2d has it; before F.conv2d pad with F.pad and its mode.",
        "03",
        facts=("S001-55",),
        statement="F.conv2d takes the argument padding_mode.",
        truth="nn.Conv2d takes the argument padding_mode, and F.conv2d does not.",
        models={"code": _mode_for_the_function},
    ),
    Mistake(
        "M138",
        "The keywords are input, output and size.",
        "The keywords are in_channels, out_channels and kernel_size; any other raises a TypeError.",
        "03",
        facts=("S000-15", "S000-16"),
        models={"code": _plain_words},
    ),
    Mistake(
        "M139",
        "F.conv2d takes the channel counts and the kernel size, as the layer does.",
        "The function keeps nothing: it wants the weight itself, and reads the counts and the size off its shape.",
        "03",
        facts=("S002-21", "S002-22", "S002-23"),
        models={"code": _function_like_the_layer},
    ),
    Mistake(
        "M140",
        "nn.Conv2d(...) is given the picture.",
        "There are two calls: nn.Conv2d(in_channels, out_channels, kernel_size) makes the layer, and layer(input) "
        "applies it.",
        "03",
        facts=("S000-8", "S002-27"),
        models={"code": _layer_of_a_picture},
    ),
    Mistake(
        "M141",
        "The batch size is a setting of the layer.",
        "No argument sets it: what comes in with a batch axis goes out with one, what comes without goes out without.",
        "03",
        facts=("S004-21",),
        statement="A layer has to be told how many pictures a batch has.",
        truth="The same layer takes one picture, and a batch of any number.",
    ),
    Mistake(
        "M142",
        "The output is smaller because the windows overlap.",
        "The whole window has to fit: H - kH + 1 places. Windows that do not overlap have fewer places still.",
        "03",
        facts=("S004-14", "S004-13"),
        statement="Windows that do not overlap would leave the size of the picture as it is.",
        truth="The output is smaller because the whole window has to fit into the input.",
    ),
)
