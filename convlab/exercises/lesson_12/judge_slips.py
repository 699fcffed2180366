"""The slips of 12.judge: each program hands in a trained network with one thing wrong about it."""

from importlib import import_module

from ..task import Slip
from .letters import packed

FLAGS = (
    "runs", "rows", "columns", "parameters", "macs", "kept", "mode", "alone", "logits", "scale", "enough", "unseen",
)  # fmt: skip


def wrong(name, *failing):
    """The network of this name in `wrong_hand_ins`, as a function that makes it and knows which flags it fails."""

    def hand_in():
        return import_module(f"{__package__}.wrong_hand_ins").make(name)

    hand_in.__name__ = hand_in.__qualname__ = name
    hand_in.outcome = lambda case: packed({flag: flag not in failing for flag in FLAGS}, {})
    return hand_in


SLIPS = (
    Slip(
        ("M179",),
        "left in training mode",
        wrong("training_mode", "mode"),
        "Your network is still in training mode: BatchNorm goes by the other pictures of the batch, and dropout drops. "
        "Call net.eval() before you hand it in.",
        (wrong("dropping", "mode"),),
    ),
    Slip(
        ("M98",),
        "pictures mixed",
        wrong("mixed", "alone", "enough"),
        "The pictures of a batch are mixed: a reshape or a transpose puts numbers of one picture into the row of "
        "another. flatten(1) keeps each picture's numbers together.",
    ),
    Slip(
        ("M98",),
        "view with a wrong length",
        wrong("viewed", "rows"),
        "view(-1, F) with a wrong F makes other rows than there are pictures, without a word: use flatten(1).",
    ),
    Slip(
        (),
        "not trained",
        wrong("untrained", "enough"),
        "It does not reach 96 % yet. Is it the network that was trained, and did the loss fall? More epochs, or other "
        "widths, may bring it there.",
        (wrong("hardly_trained", "enough"),),
    ),
    Slip(
        ("M58",),
        "learned from bytes",
        wrong("learned_from_bytes", "scale", "enough"),
        "It learned from pictures from 0 to 255, and is asked with pictures from 0 to 1: divide by 255 where you train "
        "it, too.",
    ),
    Slip(
        (),
        "learned from the test digits",
        wrong("by_heart", "unseen"),
        "It knows the test digits better than the digits to learn from, so it has learned from them. What it says of "
        "them tells nothing about new digits: train it again, without them.",
    ),
    Slip(
        ("M183",),
        "over the parameters",
        wrong("too_many_parameters", "parameters"),
        "It has more parameters than the budget has.",
    ),
    Slip(
        ("M201",),
        "over the multiply-adds",
        wrong("too_many_macs", "macs"),
        "It makes more multiply-adds a picture than the budget has.",
    ),
    Slip(
        ("M74",),
        "probabilities",
        wrong("softmaxed", "logits"),
        "Your network gives probabilities, and the task asks for logits: leave the softmax out, cross_entropy takes it "
        "itself.",
        (wrong("log_softmaxed", "logits"),),
    ),
    Slip(
        (),
        "a table of answers",
        wrong("with_a_table", "kept"),
        "It holds a table beside its parameters. A network is to work out what a digit is, within its budget.",
    ),
)

ERRORS = (
    (
        "NameError: name 'net' is not defined",
        "The network was not trained in this kernel, or has another name.",
        "Run the cell that trains it, and return it by its name there.",
    ),
    (
        "IndexError: tuple index out of range",
        "The history has fewer epochs than that.",
        "history.weights[history.best] has the weights of the best one.",
    ),
    (
        "AttributeError: 'NoneType' object has no attribute 'eval'",
        "Something returned nothing: load_state_dict and training steps change the network and do not hand it back.",
        "Keep the network in a name of its own: net.load_state_dict(...), then net.eval().",
    ),
    (
        "TypeError: 'History' object is not callable",
        "A history is no function.",
        "Return it without brackets: return net, history.",
    ),
)
