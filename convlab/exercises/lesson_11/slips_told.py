"""The slips of those who mend the patients that break with a message."""

from functools import partial

from ..task import Slip
from .patient import wrong

mend = partial(wrong, "wrong_told")

CHANNELS = (
    Slip(
        ("M43",),
        "3 everywhere",
        mend("three_everywhere"),
        "You gave both layers three input channels. The three colours reach the first layer alone; the second reads "
        "the maps that the first makes: as many as its out_channels.",
    ),
    Slip(
        (),
        "the first alone",
        mend("first_alone"),
        "The first layer is mended, and the message now speaks of the second: its in_channels is still 1, and the 8 "
        "maps of the first layer reach it.",
    ),
    Slip(
        (),
        "the second alone",
        mend("second_alone"),
        "The second layer is mended, and the first still expects one channel: three colours reach it.",
    ),
    Slip(
        ("M91",),
        "out_channels first",
        mend("exchanged"),
        "You wrote out_channels before in_channels. What comes in stands first: nn.Conv2d(in_channels, out_channels, "
        "kernel_size).",
        (mend("first_exchanged"), mend("second_exchanged")),
    ),
    Slip(
        ("M227",),
        "turned grey",
        mend("grey"),
        "The message is gone, because the colours are: you hand the layer a grey picture. Let the first layer read all "
        "three channels, each with a weight of its own.",
        (mend("weighed_grey"), mend("one_colour"), mend("mean_of_three")),
    ),
)

FEATURES = (
    Slip(
        ("M25",),
        "the kernel's size",
        mend("as_large_as_the_kernel"),
        "You took the size of the kernel for what is left of the picture. 16 * 5 * 5 in old code is 5 x 5 pixels that "
        "are left there: count them for this picture.",
    ),
    Slip(
        ("M26",),
        "shrinkages added",
        mend("shrinkages_added"),
        "You took what each layer takes off the picture itself. The pooling halves what the convolution left: first "
        "H - 2, then half of that.",
    ),
    Slip(
        ("M21",),
        "H and W exchanged",
        mend("axes_exchanged"),
        "You exchanged height and width: size is (H, W), rows first, and the kernel of 3 x 5 takes 2 off the rows and "
        "4 off the columns.",
    ),
    Slip(
        (),
        "channels forgotten",
        mend("without_channels"),
        "You counted one map. There are 6, and flatten(1) lays all of them in one row.",
    ),
    Slip(
        ("M172",),
        "channels alone",
        mend("channels_alone"),
        "Your Linear layer takes one number for each map. Each map has rows and columns, and flatten(1) lays all their "
        "numbers in the row.",
    ),
    Slip(
        ("M171",),
        "the pooling forgotten",
        mend("pooling_forgotten"),
        "You left the pooling out of the count: it halves the rows and the columns that the convolution leaves.",
    ),
    Slip(
        ("M01",),
        "the convolution keeps the size",
        mend("convolution_forgotten"),
        "You counted as if the convolution kept the size. Without padding it takes kH - 1 rows and kW - 1 columns off.",
    ),
    Slip(
        ("M227",),
        "the picture made to fit",
        mend("resized"),
        "The message is gone, because the picture was made to fit the number. Leave picture and layers as they are, "
        "and count what is left: 6 * ((H - 2) // 2) * ((W - 4) // 2).",
        (mend("pooled_to_fit"),),
    ),
    Slip(
        (),
        "another fixed number",
        mend("for_the_example"),
        "Your number fits pictures of 20 x 30, and no others. Take it from size.",
        (mend("for_28"),),
    ),
)

DTYPE = (
    Slip(
        ("M130",),
        "not divided",
        mend("no_division"),
        "The message is gone, and the numbers still go from 0 to 255: float() changes the type and leaves the numbers. "
        "Divide by 255.",
    ),
    Slip(
        ("M52",),
        "reshaped",
        mend("reshaped"),
        "The shape is right, and the pixels are scattered: reshape cuts R G B R G B anew, and moves no axis. permute "
        "does: picture.permute(2, 0, 1).",
    ),
    Slip(
        ("M130", "M52"),
        "reshaped and not divided",
        mend("reshaped_and_no_division"),
        "The message is gone, and two faults are left that raise none. float() leaves the numbers from 0 to 255: "
        "divide by 255. And reshape moves no axis, it scatters the pixels: permute does.",
    ),
    Slip(
        (),
        "lying on its side",
        mend("transposed"),
        "Rows and columns are exchanged: permute(2, 1, 0) is (C, W, H). The rows come first: permute(2, 0, 1).",
    ),
    Slip(
        (),
        "divided without rest",
        mend("divided_without_rest"),
        "// divides and rounds down: nearly every byte becomes 0. Divide with /.",
    ),
    Slip(
        (),
        "the layer converted",
        mend("layer_in_half"),
        "You converted the layer, or the picture to something else than the layer's float32. The layer stays as it is: "
        "float32 is what picture.float() gives.",
        (mend("layer_in_double"),),
    ),
)

TOO_SMALL = (
    Slip(
        ("M220",),
        "the layer taken out",
        mend("without_the_layer"),
        "The layer that the message names was taken out. It was not at fault: those before it left too little. Keep "
        "it, and shrink the picture less.",
        (mend("without_two_layers"),),
    ),
    Slip(
        (),
        "a smaller kernel",
        mend("kernel_1"),
        "The kernel was made smaller: it fits now, and the layer no longer looks at its neighbourhood. Keep 5 x 3, and "
        "shrink the picture less.",
        (mend("smaller_kernel"), mend("kernel_1_pooled")),
    ),
    Slip(
        (),
        "padding as large as the kernel",
        mend("padded_by_the_kernel"),
        "Your padding is so large that windows lie on zeros alone: there the output is the bias, whatever the picture "
        "shows. For a kernel of 5 x 3, padding=(2, 1) gives back what the layer takes.",
        (mend("last_padded_by_the_kernel"),),
    ),
    Slip(
        ("M227",),
        "for 28 x 28 alone",
        mend("one_on_each_side"),
        "28 x 28 works now, and for 20 x 14 the maps still become too small: that one message is gone does not mend "
        "all sizes. Go through rows and columns layer by layer for both.",
        (mend("padding_on_its_side"), mend("one_pooling_fewer")),
    ),
)
