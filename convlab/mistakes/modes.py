"""Mistakes about the other layers of a network: what they do in train() and in eval(), and what is trained of them."""

from convlab.mistakes.mistake import Mistake

MODES = (
    Mistake(
        "M177",
        "Dropout does the same in train() and in eval().",
        "It drops in train() alone; in eval() it hands every number on as it is.",
        "07",
        facts=("S003-30",),
        statement="nn.Dropout sets numbers to 0 in eval() too.",
        truth="In eval() nn.Dropout hands on every number as it is.",
    ),
    Mistake(
        "M178",
        "Dropout leaves the numbers that it keeps as they are.",
        "What is kept is divided by 1 - p in train(), so that the mean stays; in eval() nothing is scaled.",
        "07",
        facts=("S003-30",),
        statement="In train(), nn.Dropout(0.5) hands on each number as it is, or as 0.",
        truth="In train(), nn.Dropout(0.5) doubles each number, or sets it to 0.",
    ),
    Mistake(
        "M179",
        "BatchNorm goes by the same mean in train() and in eval().",
        "In train() it takes the mean and variance of the batch at hand, in eval() the running ones that it stored.",
        "07",
        facts=("S003-30", "S003-45"),
        statement="In eval(), nn.BatchNorm2d normalises by the mean of the batch at hand.",
        truth="In eval(), nn.BatchNorm2d normalises by the mean that it stored in training.",
    ),
    Mistake(
        "M180",
        "eval() stops the training.",
        "It changes what dropout and BatchNorm do. Gradients are computed as before, and an optimizer goes on: "
        "requires_grad=False keeps a parameter as it is, torch.no_grad() computes no gradients.",
        "07",
        facts=("S003-45",),
        statement="After net.eval() no gradients are computed.",
        truth="After net.eval() gradients are computed as before.",
    ),
    Mistake(
        "M181",
        "Max-pooling hands on something else than the largest number of its window.",
        "It hands on the largest number of each window, and the others leave no trace.",
        "07",
        facts=("S003-20", "S003-30"),
        statement="nn.MaxPool2d(2) hands on the mean of the four cells of each window.",
        truth="nn.MaxPool2d(2) hands on the largest of the four cells of each window.",
    ),
    Mistake(
        "M182",
        "Pooling, ReLU or BatchNorm change the number of channels.",
        "They work on each channel by itself: as many come out as go in. Only the filters of a convolution decide.",
        "07",
        facts=("S003-18", "S003-20"),
        statement="nn.MaxPool2d(2) halves the number of channels.",
        truth="nn.MaxPool2d(2) leaves the number of channels as it is.",
    ),
    Mistake(
        "M183",
        "Most parameters of a CNN are in its convolutions.",
        "A convolution uses the same few weights at every place. The first Linear has a weight for each number of the "
        "flattened maps, and is often larger than all else.",
        "07",
        facts=("S003-18", "S003-29"),
        statement="A convolution always has more parameters than the Linear that follows it.",
        truth="The first Linear of a CNN may have more parameters than all its convolutions.",
    ),
    Mistake(
        "M184",
        "Everything in the network is trained, frozen or not.",
        "An optimizer leaves a parameter with requires_grad=False as it is: trained are those of the new head alone.",
        "07",
        facts=("S003-45", "S003-46", "S003-47", "S001-54"),
        statement="Training also changes the weights that have requires_grad=False.",
        truth="Training leaves weights that have requires_grad=False as they are.",
    ),
    Mistake(
        "M185",
        "Conv2d is for pictures only.",
        "It suits whatever lies on a grid where neighbours belong together: sound over time and pitch, a board, a "
        "map. The columns of a table have no neighbours: a Linear suits them.",
        "07",
        facts=("S001-57",),
        statement="nn.Conv2d can be used on pictures only.",
        truth="nn.Conv2d can be used on a spectrogram.",
    ),
    Mistake(
        "M186",
        "The momentum of BatchNorm is the share of the old that stays.",
        "In PyTorch it is the share of the new: running = (1 - momentum) * running + momentum * batch.",
        "07",
        facts=("S003-45",),
        statement="With momentum=0.1, nn.BatchNorm2d keeps a tenth of its old running mean.",
        truth="With momentum=0.1, nn.BatchNorm2d keeps nine tenths of its old running mean.",
    ),
)
