"""Mistakes about what it costs: multiply-adds and bytes, what libraries do, spectra, and how a time is measured."""

from math import prod

from convlab.mistakes.mistake import Mistake


def _each_weight_once(spec, input_shape):
    return [prod(spec.weight_shape)]


COSTS = (
    Mistake(
        "M200",
        "A number is a byte.",
        "A float32 takes 4 bytes and a float64 takes 8: multiply how many numbers there are by element_size().",
        "09",
        facts=("S001-37",),
        statement="1000 numbers in torch.float32 take 1000 bytes.",
        truth="1000 numbers in torch.float32 take 4000 bytes.",
    ),
    Mistake(
        "M201",
        "Each weight is multiplied once.",
        "Each weight is used at every place of every picture: multiply the weights by H_out * W_out, and by N.",
        "09",
        facts=("S001-39",),
        statement="A layer makes one multiplication for each of its weights.",
        truth="A layer makes one multiplication for each of its weights at every place of every picture.",
        models={"macs": _each_weight_once},
    ),
    Mistake(
        "M208",
        "Twice the height and the width is twice the work.",
        "The sides are multiplied, and so are the channels going in and coming out: two factors of 2 make it four "
        "times the work.",
        "09",
        facts=("S001-39",),
        statement="Twice the height and twice the width of the output take twice the multiply-adds.",
        truth="Twice the height and twice the width of the output take four times the multiply-adds.",
    ),
    Mistake(
        "M209",
        "Conv2d always makes the columns.",
        "Libraries choose, layer by layer: a tile of columns at a time (implicit GEMM), Winograd, a Fourier transform, "
        "direct loops over blocks. All columns at once are the teaching and fallback version.",
        "09",
        facts=("S001-43", "S001-46"),
        statement="To run nn.Conv2d, a library has to hold the columns of all places in memory.",
        truth="To run nn.Conv2d, a library need not hold the columns of all places in memory.",
    ),
)
SPECTRA = (
    Mistake(
        "M202",
        "A product of spectra is a convolution with zeros outside.",
        "It goes round in a circle: what leaves at one end comes in at the other. Pad both with zeros to H + kH - 1.",
        "09",
        facts=("S001-60", "S001-61"),
        statement="A product of two spectra gives a convolution with zeros outside.",
        truth="A product of two spectra gives a convolution that goes round in a circle.",
    ),
    Mistake(
        "M203",
        "A product of spectra is a cross-correlation.",
        "It is a true convolution, which turns the kernel. For what Conv2d computes, take the conjugate of the "
        "kernel's spectrum.",
        "09",
        facts=("S001-60",),
        statement="The spectrum of the input times that of the kernel is the spectrum of a cross-correlation.",
        truth="The spectrum of the input times the conjugate of the kernel's is that of a cross-correlation.",
    ),
)
TIMES = (
    Mistake(
        "M204",
        "The time is the mean of all runs, the first included.",
        "The first run pays for what is done once, and one disturbed run pulls a mean up: warm up without the clock, "
        "then take the median.",
        "09",
        facts=("S001-39",),
        statement="The first run of a function tells as well as any other how long it takes.",
        truth="The first run of a function may take longer than all others.",
    ),
    Mistake(
        "M205",
        "The smaller median is the faster program, whatever the spread.",
        "Times spread: where the runs of both overlap, so small a difference may be chance. Take more runs, in turn.",
        "09",
        facts=("S001-39",),
        statement="Of two programs the one with the smaller median is faster, however much the runs spread.",
        truth="Where the runs of two programs overlap, the smaller median may be chance.",
    ),
    Mistake(
        "M206",
        "Two times can be compared, however they were measured.",
        "Only for the same work with the same result, on as many threads, in turn: whatever else differs is in the "
        "times as well.",
        "09",
        facts=("S001-39", "S001-70"),
        statement="Two times can be compared though one program used 1 thread and the other 4.",
        truth="Two times can be compared when both programs did the same work on as many threads.",
    ),
    Mistake(
        "M207",
        "When the line is done, the GPU is done.",
        "A call hands the work over and comes back at once; torch.cuda.synchronize() waits for it, and belongs before "
        "each look at the clock.",
        "09",
        facts=("S003-60", "S001-70"),
        statement="When output = conv(x) comes back, a GPU has computed the output.",
        truth="When output = conv(x) comes back, a GPU may still be at work on it.",
    ),
)
SPEED = (*COSTS, *SPECTRA, *TIMES)
