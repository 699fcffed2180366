"""Mistakes about what networks do with convolutions: training, depth, frozen layers, flattening."""

from convlab.mistakes.mistake import Mistake


def _tensors_counted(spec, input_shape=None):
    return [1 + spec.bias]


NETWORKS = (
    Mistake(
        "M65",
        "A convolution is translation invariant.",
        "It is equivariant: when the picture moves, the output moves along with it, apart from borders and strides.",
        "07",
        facts=("S001-17",),
        statement="When the picture moves by one pixel, the output of a convolution stays the same.",
        truth="When the picture moves by one pixel, the output of a convolution moves by one pixel, borders apart.",
    ),
    Mistake(
        "M67",
        "Filters are designed by hand, and are all different by design.",
        "They begin at random and are changed by gradients; nothing forces them apart, so some are alike.",
        "06",
        facts=("S001-29", "S001-31", "S000-6"),
        statement="Training makes sure that all filters of a layer are different.",
        truth="Two filters of a trained layer may be nearly alike.",
    ),
    Mistake(
        "M68",
        "A filter of the first layer looks for objects, not for edges, spots and colours.",
        "It sees only a few pixels: edges and colours. Deeper layers combine these into parts and objects.",
        "07",
        facts=("S001-50", "S000-10"),
        statement="A filter of the first layer can recognise a cat.",
        truth="Filters of the first layer respond to edges and colours.",
    ),
    Mistake(
        "M69",
        "More filters are always better.",
        "They cost time and memory, and a small data set is then learned by heart.",
        "07",
        facts=("S001-51", "S001-28"),
        statement="More filters always make a network better.",
        truth="More filters cost more, and may make a network overfit.",
    ),
    Mistake(
        "M74",
        "The last Linear layer gives probabilities.",
        "It gives logits, any numbers at all; softmax turns them into probabilities, and CrossEntropyLoss does that "
        "inside.",
        "07",
        facts=("S003-21",),
        statement="The outputs of the last nn.Linear of a classifier sum to 1.",
        truth="The outputs of the last nn.Linear of a classifier may be negative.",
    ),
    Mistake(
        "M96",
        "requires_grad=False freezes BatchNorm.",
        "Its running mean and variance are no parameters and still move in train(): call eval() on it as well.",
        "07",
        facts=("S003-45",),
        statement="With requires_grad=False nothing in a BatchNorm2d layer changes any more.",
        truth="A BatchNorm2d layer in train() changes its running mean even with requires_grad=False.",
    ),
    Mistake(
        "M97",
        "A bias before BatchNorm is useful.",
        "BatchNorm takes the mean away, and the bias with it: write bias=False, unless a ReLU lies between.",
        "07",
        facts=("S003-31",),
        statement="The bias of a convolution that is followed by BatchNorm2d changes the output in training.",
        truth="BatchNorm2d right after a convolution cancels the convolution's bias.",
    ),
    Mistake(
        "M98",
        "view(-1, F) is harmless.",
        "With a wrong F it moves data into the batch axis without a word; flatten(1) keeps the batch.",
        "07",
        facts=("S003-22",),
        statement="x.view(-1, F) keeps the batch size, or raises an error.",
        truth="x.flatten(1) always keeps the batch size.",
    ),
    Mistake(
        "M99",
        "len(list(parameters())) is the number of parameters.",
        "That counts tensors: a layer has a weight and a bias. Sum numel() over them.",
        "07",
        facts=("S003-47",),
        statement="len(list(conv.parameters())) is the number of learnable numbers.",
        truth="len(list(conv.parameters())) is 2 for a layer with a bias.",
        models={"count": _tensors_counted},
    ),
)
