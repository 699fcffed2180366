"""Mistakes about how pictures lie in a tensor. Models get `pictures`, an array of shape (N, H, W, C)."""

from convlab.mistakes.mistake import Mistake


def _reshaped(pictures):
    N, H, W, C = pictures.shape
    return [pictures.reshape(N, C, H, W)]


def _three_channels(pictures):
    return [pictures.repeat(3, axis=3).transpose(0, 3, 1, 2)] if pictures.shape[3] == 1 else []


def _no_channel_axis(pictures):
    return [pictures[..., 0]] if pictures.shape[3] == 1 else []


def _channels_last(pictures):
    return [pictures]


def _runs_channels_last(spec, input_shape, dtype="float32"):
    """An input whose channels stand last goes in as it is."""
    last = len(input_shape) in (3, 4) and input_shape[-1] == spec.in_channels != input_shape[-3]
    return ["runs"] if last else []


def _runs_without_channels(spec, input_shape, dtype="float32"):
    return ["runs"] if spec.in_channels == 1 and len(input_shape) == 3 and input_shape[0] != 1 else []


def _channels_as_batch(count):
    """The output-shape model of a learner to whom `count` channels of an unbatched input are as many pictures."""

    def output_shape(spec, input_shape):
        if len(input_shape) == 4 or input_shape[0] != count:
            return []
        return [(count, *spec.output_shape(input_shape))]

    return output_shape


def _error_unbatched(spec, input_shape, dtype="float32"):
    return ["RuntimeError"] if len(input_shape) == 3 else []


def _with_batch_of_one(spec, input_shape):
    return [(1, *spec.output_shape(input_shape))] if len(input_shape) == 3 else []


def _runs_on_bytes(spec, input_shape, dtype="float32"):
    return ["runs"] if dtype == "uint8" else []


def _channels_moved_last(spec, input_shape):
    *batch, C_out, H_out, W_out = spec.output_shape(input_shape)
    return [(*batch, H_out, W_out, C_out)]


LAYOUTS = (
    Mistake(
        "M51",
        "A picture of shape (H, W, C) fits Conv2d.",
        "PIL, NumPy and matplotlib keep the channels last; Conv2d wants them first: (C, H, W), in a batch (N, "
        "C, H, W).",
        "01",
        facts=("S001-12", "S001-13", "S003-3"),
        statement="A picture of shape (28, 28, 3) can be given to nn.Conv2d(3, 8, 3) as it is.",
        truth="A picture of shape (3, 28, 28) can be given to nn.Conv2d(3, 8, 3) as it is.",
        models={"layout": _channels_last, "error": _runs_channels_last},
    ),
    Mistake(
        "M52",
        "reshape turns (H, W, C) into (C, H, W).",
        "reshape keeps the numbers in their old order and only cuts them differently, so the pixels are "
        "scrambled; permute(2, 0, 1) moves the axis.",
        "01",
        facts=("S001-13",),
        models={"layout": _reshaped},
    ),
    Mistake(
        "M53",
        "A grey picture has 3 channels.",
        "A grey picture has 1 channel, the brightness; 3 channels are red, green and blue.",
        "01",
        facts=("S002-13",),
        statement="A grey picture has three channels.",
        truth="A grey picture has one channel.",
        models={"layout": _three_channels},
    ),
    Mistake(
        "M54",
        "A grey batch of shape (N, H, W) is fine.",
        "The channel axis is missing: add it with unsqueeze(1). Without it the 3-D tensor is read as one "
        "picture of N channels.",
        "01",
        facts=("S002-16",),
        models={"layout": _no_channel_axis, "error": _runs_without_channels},
    ),
    Mistake(
        "M55",
        "Three grey pictures in a tensor (3, H, W) are a batch of 3.",
        "A 3-D tensor is one picture (C, H, W): a layer for colour reads the three pictures as red, green and "
        "blue, without a word.",
        "01",
        facts=("S002-16",),
        statement="A tensor of shape (3, 28, 28) that holds three grey pictures is a batch of three to nn.Conv2d.",
        truth="A tensor of shape (3, 28, 28) is one picture of three channels to nn.Conv2d.",
        models={"output_shape": _channels_as_batch(3)},
    ),
    Mistake(
        "M56",
        "[1, 28, 28] is [batch, H, W].",
        "Of three axes the first is the channels: [1, 28, 28] is one grey picture, (C, H, W).",
        "01",
        facts=("S002-16",),
        statement="In a tensor of shape (1, 28, 28) nn.Conv2d takes the 1 for the size of the batch.",
        truth="In a tensor of shape (1, 28, 28) nn.Conv2d takes the 1 for the number of channels.",
        models={"output_shape": _channels_as_batch(1)},
    ),
    Mistake(
        "M57",
        "Conv2d always needs four axes.",
        "It also takes one picture without a batch, (C, H, W), and then gives (C_out, H_out, W_out).",
        "01",
        facts=("S004-21", "S002-16"),
        statement="nn.Conv2d refuses an input of shape (3, 28, 28), because the batch axis is missing.",
        truth="nn.Conv2d(3, 8, 3) takes an input of shape (3, 28, 28).",
        models={"error": _error_unbatched, "output_shape": _with_batch_of_one},
    ),
    Mistake(
        "M58",
        "A uint8 picture can be fed as it is.",
        "The weights are float32, and so must the input be: picture.float() / 255.",
        "01",
        facts=("S000-8",),
        statement="A picture of dtype uint8 can be given to nn.Conv2d as it is.",
        truth="A picture of dtype uint8 has to become float before nn.Conv2d takes it.",
        models={"error": _runs_on_bytes},
    ),
    Mistake(
        "M59",
        "x.to(device) moves x, and x.float() changes it.",
        "A tensor's .to and .float give a new tensor: write x = x.to(device). A module's .to does work in place.",
        "01",
        facts=("S003-60",),
        statement="After `x.to(device)` on a line of its own the tensor x lies on the device.",
        truth="After `model.to(device)` on a line of its own the model's weights lie on the device.",
    ),
    Mistake(
        "M60",
        "channels_last changes the shape.",
        "The memory format changes the strides; the shape stays (N, C, H, W).",
        "01",
        facts=("S002-16",),
        statement="x.to(memory_format=torch.channels_last) has the shape (N, H, W, C).",
        truth="x.to(memory_format=torch.channels_last) has the same shape as x.",
        models={"output_shape": _channels_moved_last},
    ),
    Mistake(
        "M112",
        "permute lists where each axis goes.",
        "permute lists the old axes in their new order: permute(2, 0, 1) puts old axis 2 first, then 0, then 1.",
        "01",
        facts=("S001-13",),
        models={"layout": lambda pictures: [pictures.transpose(0, 2, 3, 1)]},
    ),
    Mistake(
        "M128",
        "Conv2d takes float64 as it takes float32.",
        "The weights are float32, and Conv2d converts nothing: NumPy's float64 has to become float32, with .float().",
        "01",
        facts=("S001-14",),
        statement="A picture of dtype float64 can be given to nn.Conv2d as it is.",
        truth="A picture of dtype float64 has to become float32 before nn.Conv2d takes it.",
    ),
    Mistake(
        "M129",
        "The strides follow from the shape.",
        "Shape and strides are two things: permute and channels_last leave another stride with an axis than a new "
        "tensor of that shape would have.",
        "01",
        facts=("S002-16",),
        statement="Two tensors of the same shape have the same strides.",
        truth="Two tensors of the same shape may have different strides.",
    ),
    Mistake(
        "M130",
        "float() brings bytes to the range from 0 to 1.",
        "float() changes the dtype and keeps the numbers, 255 becomes 255.0: divide by 255.",
        "01",
        facts=("S001-14",),
        statement="After photo.float() the numbers of a photograph of bytes lie between 0 and 1.",
        truth="After photo.float() the numbers of a photograph of bytes still go up to 255.",
    ),
    Mistake(
        "M131",
        "numpy() works on every tensor.",
        "A tensor that requires a gradient is refused, with a RuntimeError: tensor.detach().numpy().",
        "01",
        facts=("S003-27",),
        statement="conv.weight.numpy() gives the weight as a NumPy array.",
        truth="conv.weight.detach().numpy() gives the weight as a NumPy array.",
    ),
    Mistake(
        "M132",
        "A picture whose channels come first can be drawn with imshow.",
        "For imshow the channels come last, (H, W, C), or are left out, (H, W): tensor.permute(1, 2, 0).",
        "01",
        facts=("S001-12",),
        statement="plt.imshow draws a tensor of shape (3, 28, 36) as a picture in colour.",
        truth="plt.imshow draws a tensor of shape (28, 36, 3) as a picture in colour.",
    ),
    Mistake(
        "M175",
        "The strides stay what they were.",
        "permute takes each axis to its new place with its stride, and channels_last lays the numbers in another "
        "order: after either of them the strides are others.",
        "01",
        facts=("S002-16", "S001-13"),
        statement="After y = x.permute(2, 0, 1) the strides of y are those of x in the same order.",
        truth="After y = x.permute(2, 0, 1) the strides of y are those of x in another order.",
    ),
    Mistake(
        "M176",
        "A stride counts pixels.",
        "A stride counts single numbers: where the channels of a pixel lie side by side, the next pixel is as many "
        "numbers further as there are channels.",
        "01",
        facts=("S002-16",),
        statement="In a new tensor of shape (24, 20, 3) the next row lies 20 numbers further.",
        truth="In a new tensor of shape (24, 20, 3) the next row lies 60 numbers further.",
    ),
)
