"""The course's words: what each means here, its shape or formula, where it is taught, its names elsewhere.

``glossary("extent")`` says one. The page of all of them, ``notebooks/glossary.md``, is written from this module:

    python -m convlab.glossary
"""

import difflib
from pathlib import Path
from typing import NamedTuple

from .course_map import TITLES, notebooks
from .refusals import ArgumentError, came, one_sentence
from .said import Said, prose

PAGE = Path(__file__).parents[1] / "notebooks" / "glossary.md"
NEAR = 3


class Term(NamedTuple):
    """A word in lower case (so that its link is the same on every page), its lesson, its meaning.

    Args:
        form: its shape, formula or call, as code; "" where it has none.
        elsewhere: what other books and libraries call it.
    """

    word: str
    lesson: str
    meaning: str
    form: str = ""
    elsewhere: tuple = ()


TERMS = (
    Term("weight", "00", "The numbers that a layer learns and multiplies with: one 4-D parameter for all its filters.",
         "(C_out, C_in // groups, kH, kW)", ("filters", "W", "kernel (Keras: kH, kW, C_in, C_out)")),
    Term("bias", "00", "One number for each output channel, added once at every place, after all products.",
         "(C_out,)", ("offset", "intercept")),
    Term("feature map", "00", "One channel of the output: how strongly one filter's pattern is there, at every place.",
         "output[n, o], (H_out, W_out)", ("activation map", "activation")),
    Term("parameter", "00", "A number that training changes; `nn.Parameter` is a tensor of them that a module lists "
         "in `parameters()`.", "C_out * (C_in // groups * kH * kW + 1)", ("trainable weight",)),
    Term("weight sharing", "00", "The same filter stands at every place, so the size of the picture is not in the "
         "count of its parameters.", "", ("parameter sharing", "tied weights")),
    Term("pair", "00", "Two numbers, the one for rows first and the one for columns second; a lone number stands for "
         "both.", "(row, column) = (height, width)", ("(x, y), the other way round", "tuple")),
    Term("channel", "01", "One of the planes that lie on top of each other in a picture or between two layers: a "
         "colour, or a feature map.", "input[n, c], (H, W)", ("band", "plane", "depth")),
    Term("batch", "01", "Several pictures of one size in one tensor; the layer treats each as if it were alone.",
         "(N, C, H, W)", ("mini-batch",)),
    Term("channels first", "01", "PyTorch's order of the axes: the channel stands before the rows and columns. Files, "
         "NumPy and matplotlib have it last.", "(N, C, H, W)", ("NCHW", "channels_first (Keras)", "CHW")),
    Term("dtype", "01", "The kind of number that a tensor holds: `uint8` in files, `float32` in a layer.",
         "photo.float() / 255", ("data type", "precision")),
    Term("kernel", "02", "The 2-D slice of the weight that one filter lays on one input channel.",
         "weight[o, c], (kH, kW)", ("mask", "stencil", "filter (image processing)")),
    Term("place", "02", "One stop of the window; each place gives one number in every feature map.", "output[o, i, j]",
         ("position", "location")),
    Term("window", "02", "The part of the (padded) input that lies under the kernel at one place.",
         "rows i * sH to i * sH + extent - 1", ("patch", "local region", "sliding block (F.unfold)")),
    Term("input", "02", "What goes into the layer: a batch, or one picture without the axis N.", "(N, C_in, H, W)",
         ("x", "source", "bottom (Caffe)")),
    Term("output", "02", "What comes out: a feature map for each filter, stacked.", "(N, C_out, H_out, W_out)",
         ("y", "activation", "top (Caffe)")),
    Term("cross-correlation", "02", "What Conv2d computes: the kernel is laid on as it is, multiplied, added up.",
         "output[i, j] = bias + sum of input[i + u, j + v] * weight[u, v]", ("correlation", "filter2D (OpenCV)")),
    Term("convolution", "02", "In mathematics, cross-correlation with the kernel turned by 180 degrees. The course "
         "says it for what Conv2d does, wherever the turn does not matter.", "F.conv2d(x, w.flip(-2, -1))",
         ("convolve2d (SciPy)", "conv2 (MATLAB)")),
    Term("filter", "03", "The 3-D slice of the weight that makes one output channel: a kernel for each channel that "
         "it reads.", "weight[o], (C_in // groups, kH, kW)", ("kernel (in many papers)", "neuron")),
    Term("indices", "03", "The course's letters: n picture, o output channel, c input channel, i and j row and column "
         "of the output, u and v row and column of the kernel.", "weight[o, c, u, v]"),
    Term("in_channels", "03", "How many channels the layer's input has; the input decides it.", "C_in",
         ("input depth",)),
    Term("out_channels", "03", "How many filters the layer has, and so how many feature maps it makes; you decide it.",
         "C_out", ("filters (Keras)", "output depth")),
    Term("kernel_size", "03", "The rows and columns of each kernel, without the gaps that dilation makes.", "(kH, kW)",
         ("filter size", "ksize", "k")),
    Term("sizes", "03", "N pictures, C_in and C_out channels, H and W rows and columns of the input, kH and kW of the "
         "kernel, H_out and W_out of the output.", "(N, C_in, H, W) -> (N, C_out, H_out, W_out)",
         ("n_H", "n_W", "oh", "ow")),
    Term("padding", "04", "Rows and columns put around the input before the window moves: so many on each side.",
         "H + 2 * pH", ("pads (ONNX: each side for itself)", "border", "total padding (twice ours)")),
    Term("padding mode", "04", "What the padding holds: `zeros`, `reflect`, `replicate` or `circular`.",
         'padding_mode="reflect"', ("border mode", "pad_mode", "mode (F.pad: constant for zeros)")),
    Term("stride", "04", "How far the window moves from one place to the next. (A tensor's strides in memory, of "
         "lesson 01, are something else.)", "window i starts at row i * sH - pH", ("step", "subsampling")),
    Term("size formula", "04", "As many steps as fit, rounded down, and one window more; with dilation the extent "
         "stands for kH.", "H_out = (H + 2 * pH - kH) // sH + 1", ("output shape formula",)),
    Term("left over", "04", "Rows or columns at the end that do not fill a whole step, so no window reads them; "
         "nothing says so.", "(H + 2 * pH - kH) % sH", ("output_padding, on the way back",)),
    Term("same padding", "04", "Padding that keeps the size at stride 1; PyTorch refuses it with a stride. "
         "TensorFlow's SAME takes a stride, and then gives H / s, rounded up.", 'padding="same"',
         ("SAME (TensorFlow)", "half padding", "auto_pad (ONNX)")),
    Term("tap", "05", "One weight at work, with the input cell under it.", "",
         ("sample point", "kernel element")),
    Term("dilation", "05", "The step from tap to tap; 1 means neighbours. The kernel keeps its number of weights.",
         "d - 1 cells between two taps", ("atrous rate", "rate", "hole (Caffe)")),
    Term("extent", "05", "How many cells a kernel reaches over, the gaps of its dilation included.",
         "d * (k - 1) + 1", ("effective kernel", "effective kernel size", "dilated kernel size")),
    Term("receptive field", "05", "All pixels of the picture that can change one number of a layer's output.",
         "r += (extent - 1) * j, then j *= s", ("field of view", "RF")),
    Term("jump", "05", "How far apart in the picture two neighbours of a layer's output begin: all strides so far, "
         "multiplied.", "j *= s", ("effective stride", "output stride", "total stride")),
    Term("gridding", "05", "Holes in a receptive field: pixels that no way through the dilated layers reaches.", "",
         ("checkerboard holes", "gridding artefact")),
    Term("effective receptive field", "05", "The part of the receptive field that really counts: a soft hill in its "
         "middle, smaller than the box.", "", ("ERF",)),
    Term("1 x 1 convolution", "06", "A layer whose window is one pixel: the same Linear layer at every pixel. It "
         "mixes channels, and looks at no neighbour.", "nn.Conv2d(C_in, C_out, kernel_size=1)",
         ("pointwise convolution", "network in network")),
    Term("initialisation", "06", "The random numbers that a layer's weights begin with, evenly drawn around 0; n is "
         "what one number of the output reads.", "from -1 / n ** 0.5 to 1 / n ** 0.5",
         ("init", "kaiming_uniform_ (PyTorch)")),
    Term("filter bank", "06", "A family of kernels made by one formula, turned step by step: a start or a choice, not "
         "what training must find.", "samples.gabor_bank(...)", ("Gabor bank", "steerable filters")),
    Term("rectifier", "07", "Sets negative numbers to 0. Without it, or something like it, two convolutions can do no "
         "more than one.", "nn.ReLU()", ("ReLU", "activation function", "non-linearity")),
    Term("pooling", "07", "The largest number (or the mean) of each window, channel by channel; it has no weights.",
         "nn.MaxPool2d(2)", ("subsampling", "downsampling", "max-pooling")),
    Term("logits", "07", "The scores that a network ends in, any numbers; the softmax turns them into probabilities, "
         "and `CrossEntropyLoss` does so inside.", "(N, classes)", ("scores", "raw outputs")),
    Term("overfitting", "07", "Knowing the training pictures by heart, and new ones worse.", "",
         ("memorising", "high variance")),
    Term("equivariance", "07", "A moved picture gives moved maps. That the answer stays the same is invariance, and "
         "no convolution has it.", "conv(moved) = moved(conv)", ("translation equivariance", "shift equivariance")),
    Term("batch normalisation", "07", "Brings each channel to mean 0 and variance 1, then scales and shifts it by two "
         "learned numbers; in `eval()` it goes by stored ones.", "nn.BatchNorm2d(C)", ("BatchNorm", "BN")),
    Term("transfer", "07", "Taking trained layers over to a new task: the old part frozen, a new head learned.",
         "part.requires_grad_(False); part.eval()", ("transfer learning", "fine-tuning")),
    Term("loss", "08", "One number that says how wrong the network is; training makes it smaller.",
         "F.cross_entropy(logits, labels)", ("cost", "objective", "error")),
    Term("gradient", "08", "How fast the loss grows as one number grows; it has the shape of what it belongs to.",
         "weight.grad", ("derivative", "delta", "dW")),
    Term("transposed convolution", "08", "Walks the ways of a Conv2d from its output to its input: the size comes "
         "back, the values do not.", "nn.ConvTranspose2d(C_in, C_out, kernel_size, stride)",
         ("deconvolution", "fractionally strided convolution", "Conv2DTranspose (Keras)")),
    Term("central difference", "08", "The slope of the loss between a number moved down and up by h: the judge of a "
         "gradient, in float64.", "(L(w + h) - L(w - h)) / (2 * h)", ("gradient check", "numerical gradient")),
    Term("learning rate", "08", "How long a step against the gradient is.", "weight -= lr * weight.grad",
         ("step size", "eta")),
    Term("columns", "09", "Each window written as one column, place by place, so that the convolution is one matrix "
         "product.", "F.unfold(x, (kH, kW)), (N, C_in * kH * kW, H_out * W_out)", ("im2col", "unfold", "patches")),
    Term("multiply-add", "09", "One product and its addition, the unit that the work of a layer is counted in.",
         "N * C_out * H_out * W_out * (C_in // groups) * kH * kW", ("MAC", "half a FLOP", "multiply-accumulate")),
    Term("matrix product", "09", "Rows times columns; the call that computers are tuned for most.", "A @ B",
         ("GEMM", "matmul", "BLAS")),
    Term("folding", "09", "Returns each number of the columns to its pixel; where several return, they are added. It "
         "is for the way back.", "F.fold(columns, (H, W), (kH, kW))", ("col2im", "fold")),
    Term("group", "10", "A run of neighbouring channels with filters of its own, which read nothing else. `groups` "
         "must divide C_in and C_out.", "nn.Conv2d(C_in, C_out, kernel_size, groups=g)",
         ("grouped convolution", "cardinality (ResNeXt)", "feature_group_count (JAX)")),
    Term("depthwise convolution", "10", "A group for each input channel: it looks at neighbours, and mixes no "
         "channels.", "groups=in_channels", ("DepthwiseConv2D (Keras)", "channel-wise convolution")),
    Term("separable convolution", "10", "Depthwise, then 1 x 1: two layers that stand in for a dense one, for fewer "
         "multiply-adds.", "1 / C_out + 1 / (kH * kW) of them", ("depthwise separable", "SeparableConv2D (Keras)")),
    Term("channel shuffle", "10", "Puts the channels into another order, one of each group in turn, so that the next "
         "layer's groups hear from all.", "nn.ChannelShuffle(groups)"),
    Term("validation split", "12", "Pictures that are kept back from training, to choose by; the test pictures are "
         "looked at once, at the end.", "", ("dev set", "hold-out")),
)  # fmt: skip


def slug(word):
    """The end of a link to a term: the same in JupyterLab and on GitHub, since words are in lower case."""
    return word.replace(" ", "-")


def find(word):
    """The `Term` of a word, or of a name that it has elsewhere.

    Raises:
        ArgumentError: there is none; the nearest are named.

    Example:
        >>> find("Activation map").word
        'feature map'
    """
    if not isinstance(word, str):
        raise ArgumentError(f'word must be a text such as "extent"; got {came(word)}.')
    wanted = " ".join(word.lower().replace("_", " ").split())
    names = {name.lower().replace("_", " "): term for term in reversed(TERMS) for name in _names(term)}
    names |= {term.word.replace("_", " "): term for term in TERMS}
    if wanted in names or wanted.removesuffix("s") in names:
        return names.get(wanted) or names[wanted.removesuffix("s")]
    near = difflib.get_close_matches(wanted, names, 2 * NEAR, cutoff=0.3)
    words = list(dict.fromkeys(names[name].word for name in near))[:NEAR] or ["weight", "filter", "kernel"]
    raise ArgumentError(f"The glossary has no word {came(word)}; the nearest: {', '.join(words)}.")


@one_sentence
def glossary(word=None):
    """What a word means in this course; without a word, all the words there are.

    Args:
        word: one of the course's, or another library's name for it.

    Raises:
        ArgumentError: there is no such word; the nearest are named.

    Example:
        >>> glossary("effective kernel")
        extent: How many cells a kernel reaches over, the gaps of its dilation included.
        Form: `d * (k - 1) + 1`
        Elsewhere: effective kernel, effective kernel size, dilated kernel size
        Taught in lesson 05, Dilation and receptive field.
    """
    if word is None:
        return Said(", ".join(sorted(term.word for term in TERMS)))
    term = find(word)
    lines = [f"{term.word}: {term.meaning}"]
    lines += [f"Form: `{term.form}`"] if term.form else []
    lines += [f"Elsewhere: {', '.join(term.elsewhere)}"] if term.elsewhere else []
    lines += [f"Taught in lesson {term.lesson}, {TITLES[term.lesson]}."]
    head, _, rest = "\n".join(lines).partition(": ")
    return Said("\n".join(lines), f"<p><strong>{head}</strong>: {prose(rest)}</p>")


def page():
    """The Markdown page of all terms, in the order of the alphabet."""
    terms, books = sorted(TERMS, key=lambda term: term.word), notebooks(PAGE.parent)
    index = " · ".join(f"[{term.word}](#{slug(term.word)})" for term in terms)
    about = (
        "The words of the course, as it uses them, and what they are called elsewhere. In Python: "
        '`from convlab.glossary import glossary`, then `glossary("extent")`.'
    )
    return "\n\n".join(["# Glossary", about, index, *(_entry(term, books) for term in terms)]) + "\n"


def _entry(term, books):
    title = f"{term.lesson} {TITLES[term.lesson]}"
    taught = f"[{title}]({books[term.lesson].name})" if term.lesson in books else f"{title} (coming)"
    facts = [f"`{term.form}`"] if term.form else []
    facts += [f"elsewhere: {', '.join(term.elsewhere)}"] if term.elsewhere else []
    return f"### {term.word}\n\n{term.meaning}\n\n" + " · ".join([*facts, f"lesson {taught}"])


def _names(term):
    return [name.split(" (")[0].split(",")[0] for name in term.elsewhere]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf8")
