"""The slips of those who mend the patients that say nothing."""

from functools import partial

from ..task import Slip
from .patient import wrong

mend = partial(wrong, "wrong_silent")

SCIPY = (
    Slip(
        ("M110",),
        "laid on as it is",
        mend("as_it_is"),
        "The kernel is still laid on as it is written, a cross-correlation. For SciPy's convolution turn it by 180 "
        "degrees first.",
    ),
    Slip(
        ("M62",),
        "one axis reversed",
        mend("rows_turned"),
        "You reversed one axis, or exchanged the two. A half turn reverses both: kernel.flip(0, 1).",
        (mend("columns_turned"), mend("transposed"), mend("transposed_and_padded_as_before")),
    ),
    Slip(
        (),
        "the sign changed",
        mend("sign_changed"),
        "You changed the sign. For a Sobel kernel that is the same as a half turn, and for other kernels it is not: "
        "turn the kernel, kernel.flip(0, 1).",
    ),
    Slip(
        (),
        "the picture turned",
        mend("picture_turned"),
        "You turned the picture, or the result, in place of the kernel: what comes out stands on its head. Turn the "
        "kernel alone.",
        (mend("output_turned"), mend("both_turned")),
    ),
)

COPIES = (
    Slip(
        ("M95",),
        "shared through .data",
        mend("data_shared"),
        ".data = gives target a second name for source's numbers, and compares no shapes: both faults are still there. "
        "Write into the tensor that target has: target.weight.copy_(source.weight), inside torch.no_grad().",
        (mend("detached_and_shared"), mend("shared_and_checked")),
    ),
    Slip(
        ("M95",),
        "a copy through .data",
        mend("data_copied"),
        "Each layer has its own numbers now, and nobody compares the shapes: .data takes a weight of 5 x 3 in a layer "
        "of 3 x 5. copy_ compares them.",
        (mend("deep_copied"),),
    ),
    Slip(
        ("M160",),
        "one Parameter for both",
        mend("one_parameter"),
        "target.weight = source.weight makes one Parameter of two: both layers learn it together. Copy its numbers: "
        "target.weight.copy_(source.weight), inside torch.no_grad().",
    ),
    Slip(
        ("M162",),
        "a new Parameter",
        mend("new_parameter"),
        "The numbers are target's own, in a new Parameter: an optimizer that is there already trains the old one, and "
        "nobody compares shapes. Write into the Parameter that is there: copy_, inside torch.no_grad().",
        (mend("new_parameter_checked"),),
    ),
    Slip(
        (),
        "the bias too",
        mend("bias_too"),
        "The weight is copied, and the bias with it: load_state_dict takes all that the layer has. Copy the weight "
        "alone.",
    ),
    Slip(
        (),
        "the other way round",
        mend("other_way"),
        "You wrote target's numbers into source. What stands before .copy_ is written into.",
    ),
)

FROZEN = (
    Slip(
        ("M96",),
        "the parameters alone",
        mend("ParametersAlone"),
        "The parameters stay, and BatchNorm's running mean and variance still move: they are buffers, which "
        "requires_grad does not speak of. The backbone has to be in eval mode, and to stay there.",
    ),
    Slip(
        ("M225",),
        "eval() once",
        mend("EvalOnce"),
        "eval() holds until somebody calls network.train(): that sets every layer to training mode, the backbone too. "
        "Give the class a train() of its own, which puts the backbone back.",
    ),
    Slip(
        (),
        "from train() on",
        mend("TrainAlone"),
        "From the first train() on all is as it should be. A new network is in training mode before anybody calls it: "
        "put the backbone in eval mode in __init__ too.",
        outcome="partial",
    ),
    Slip(
        ("M180",),
        "eval mode alone",
        mend("EvalAlone"),
        "The running statistics stay, and the parameters of the backbone learn again: eval() stops no training. Keep "
        "requires_grad = False as well.",
    ),
    Slip(
        (),
        "the head frozen too",
        mend("HeadTooFrozen"),
        "The parameters of the head are frozen as well: nothing is left that learns. Take those of self.backbone.",
        (mend("AllStands"),),
    ),
    Slip(
        (),
        "the whole network in eval mode",
        mend("AllInEval"),
        "The head is in eval mode too: its BatchNorm no longer follows its data. Let super().train(mode) reach all, "
        "and put the backbone alone back.",
    ),
    Slip(
        (),
        "statistics that stand still",
        mend("StatisticsStand"),
        "The running statistics stay, and are not used: in training mode BatchNorm goes by the batch, so a picture's "
        "answer depends on those beside it. Eval mode uses what is stored.",
        (mend("NothingTracked"),),
    ),
)

LEARNING = (
    Slip(
        ("M92",),
        "filters drawn in forward",
        mend("DrawnAnew"),
        "Your first filters are a tensor that torch.randn draws, and no Parameter: nobody trains it. Let an nn.Conv2d, "
        "made in __init__, hold them.",
        (mend("DrawnOnce"),),
    ),
    Slip(
        ("M222",),
        "layers in a Python list",
        mend("InAList"),
        "Your layers are in a Python list, where parameters() does not find them. Give each an attribute of its own, "
        "or use nn.ModuleList or nn.Sequential.",
        (mend("SecondInAList"),),
    ),
    Slip(
        ("M74",),
        "a softmax before the loss",
        mend("Softmaxed"),
        "Your network ends in a softmax. cross_entropy takes the softmax itself, and with two of them it learns "
        "slowly: return what the head gives.",
        (mend("LogSoftmaxed"),),
    ),
    Slip(
        ("M162",),
        "the optimizer made too early",
        mend("OptimizerFirst"),
        "Your optimizer was made before all layers were there: it keeps what it was given, and looks for nothing "
        "later. Make it in the last line of __init__.",
        (mend("HeadReplaced"),),
    ),
    Slip(
        ("M188",),
        "gradients added up",
        mend("Accumulating"),
        "backward() adds to the gradients that are there, so each step still follows the batches before. Call "
        "self.optimizer.zero_grad() first.",
    ),
    Slip(
        (),
        "no step",
        mend("WithoutStep"),
        "Nothing moves: a step needs zero_grad(), then backward(), then optimizer.step(), in this order.",
        (mend("WipedTooLate"),),
    ),
    Slip(
        ("M92", "M222", "M74", "M162", "M188"),
        "as it was found",
        mend("AsFound"),
        "All five faults are still there: filters drawn in forward, a list of layers, a softmax before the loss, an "
        "optimizer made too early, and no zero_grad().",
    ),
)
