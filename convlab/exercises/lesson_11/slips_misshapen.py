"""The slips of those who mend the patients whose output has a wrong shape."""

from functools import partial

from ..task import Slip
from .patient import wrong

mend = partial(wrong, "wrong_misshapen")

GREY = (
    Slip(
        ("M55",),
        "one picture of three channels",
        mend("one_picture"),
        "Your pictures are still read as one picture, whose channels they are. The new axis belongs behind the first: "
        "(N, H, W) becomes (N, 1, H, W), with pictures[:, None].",
        (mend("as_found"),),
    ),
    Slip(
        ("M54",),
        "no axis of channels",
        mend("no_channel_axis"),
        "in_channels is 1 now, and the axis of that one channel is missing: Conv2d takes the first of three axes for "
        "the channels. Put it in: pictures[:, None].",
    ),
    Slip(
        ("M53",),
        "repeated to three channels",
        mend("three_channels"),
        "You made three equal channels of each grey picture, and three times as many weights. A grey picture has one "
        "channel: in_channels is 1.",
    ),
    Slip(
        ("M227",),
        "one answer for all",
        mend("averaged"),
        "You made one picture of all of them first: the shape can be made to fit, and each answer depends on the other "
        "pictures. Each goes through the layer by itself.",
        (mend("added"),),
    ),
)

VIEW = (
    Slip(
        ("M98",),
        "view stays",
        mend("viewed"),
        "The number is right for this size, and view(-1, F) is still there: pictures of another size come out as "
        "another number of rows, and nobody says so. flatten(1) keeps the batch axis.",
        (mend("viewed_as_found"),),
    ),
    Slip(
        (),
        "the wrong number stays",
        mend("flattened_for_fewer"),
        "flatten(1) is right, and now there is a message: the Linear layer was made for a quarter of the numbers. One "
        "pooling halves H and W: 6 * (H // 2) * (W // 2).",
    ),
    Slip(
        ("M52",),
        "channels before pictures",
        mend("channels_before_pictures"),
        "The shape is right, and each row holds numbers of several pictures: the axis of the batch has to come first "
        "when the rest is laid in a row. Take maps.flatten(1) as the maps come.",
        (mend("pictures_last"),),
    ),
    Slip(
        ("M227",),
        "rows averaged",
        mend("rows_averaged"),
        "There is a row for each picture now, made of the four rows that there should not have been. Let the Linear "
        "layer read all numbers of a picture at once: 6 * (H // 2) * (W // 2) of them.",
        (mend("rows_cut_off"), mend("first_rows")),
    ),
)

PAIRS = (
    Slip(
        ("M21",),
        "the kernel on its side",
        mend("lying_kernel"),
        "The size is right, and the window lies on its side: the kernel was read as (width, height). Every pair of "
        "Conv2d is (row, column): kH, kW = kernel_size.",
        (mend("lying_kernel_standing_padding"),),
    ),
    Slip(
        ("M22",),
        "padding in the order of F.pad",
        mend("padding_exchanged"),
        "The kernel is right, and the padding pair is exchanged: F.pad begins with the last axis, and Conv2d's padding "
        "is (pH, pW), the rows first: kH // 2, kW // 2.",
    ),
    Slip(
        ("M04",),
        "padding in total",
        mend("padding_in_total"),
        "You gave the padding of both sides together. Conv2d puts it on each side: half of kH - 1 and of kW - 1.",
    ),
    Slip(
        ("M168",),
        "no padding",
        mend("no_padding"),
        "Without padding the output is smaller than the input by kH - 1 rows and kW - 1 columns. Put kH // 2 and "
        "kW // 2 on each side.",
    ),
    Slip(
        (),
        "padding as large as the kernel",
        mend("padding_of_the_kernel"),
        "Your padding is as large as the kernel, and the output larger than the input. Half of the kernel on each side "
        "is enough: kH // 2 and kW // 2.",
    ),
    Slip(
        (),
        "padded on one side",
        mend("one_side"),
        "The size is right, and all padding is on one side: every place looks down and to the right, and not around "
        "it. Share it out: kH // 2 above and below, kW // 2 left and right.",
    ),
)

DOWNSAMPLE = (
    Slip(
        ("M09",),
        "cropped to half",
        mend("Cropped"),
        "You cut off the place that the other way lacks: H // 2 rows, and the last row of the picture counts less. "
        "Here half of 27 is 14: let the other way make one more, with ceil_mode=True.",
        (mend("InputCropped"),),
    ),
    Slip(
        ("M16",),
        "an even kernel, padded by its half",
        mend("EvenKernel"),
        "An even kernel with padding of its half makes one place too many: half of 27 is 14 now, and half of 28 is "
        "15. Keep 3 x 5, and round the pooling up: ceil_mode=True.",
        (mend("TwoByTwo"),),
    ),
    Slip(
        ("M227",),
        "stretched",
        mend("Interpolated"),
        "The message is gone, because one way was stretched or shifted to the size of the other: now its places lie "
        "elsewhere. Let the pooling make the last place itself: ceil_mode=True.",
        (mend("Bilinear"), mend("SkipPadded")),
    ),
    Slip(
        (),
        "one way left out",
        mend("NoSkip"),
        "There is nothing to disagree with any more: one of the two ways is gone. Add both, and let the pooling round "
        "up.",
    ),
    Slip(
        ("M169",),
        "the stride left out",
        mend("FullSize"),
        "Both ways agree, and nothing is halved: the stride is gone. Keep stride=2, and round the pooling up.",
    ),
    Slip(
        (),
        "padded, odd or not",
        mend("AlwaysPadded"),
        "You add a row and a column whether the size is odd or not, so the even sizes break now. Let the pooling round "
        "up where it has to: ceil_mode=True.",
    ),
)
