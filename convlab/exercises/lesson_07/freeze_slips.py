"""The slips of 07.freeze, and the errors that Python and PyTorch print on the way."""

from importlib import import_module

from ..task import Slip


def made(seed, C_in, widths):
    """The network of these settings, a new one each time; torch comes with it."""
    return import_module(f"{__package__}.networks").with_batchnorm(seed, C_in, widths)


def on_fresh(*changes):
    """A program that begins with a network of its own, made like the one that it is given; `change(model, part)`."""

    def program(model, name):
        model = made(*model.made_by)
        for change in changes:
            change(model, getattr(model, name))
        return model

    return program


def _norms(part):
    return [it for it in part.modules() if hasattr(it, "running_mean")]


def _no_gradient(model, part):
    part.requires_grad_(False)


def _no_gradient_anywhere(model, part):
    model.requires_grad_(False)


def _no_gradient_of_convolutions(model, part):
    for layer in part.modules():
        if not hasattr(layer, "running_mean"):
            for parameter in layer.parameters(recurse=False):
                parameter.requires_grad = False


def _no_gradient_of_norms(model, part):
    for layer in _norms(part):
        layer.requires_grad_(False)


def _no_gradient_of_weights(model, part):
    for name, parameter in part.named_parameters():
        parameter.requires_grad = "weight" not in name


def _eval_once(model, part):
    part.eval()


def _all_in_eval_once(model, part):
    model.eval()


def _in_eval(model, part):
    part.eval()
    part.train = lambda mode=True: part


def _all_in_eval(model, part):
    model.eval()
    model.train = lambda mode=True: model


def _others_in_eval(model, part):
    for other in model.children():
        if other is not part:
            _in_eval(model, other)


def _direct_norms_in_eval(model, part):
    for layer in part.children():
        if hasattr(layer, "running_mean"):
            _in_eval(model, layer)


def _stands_still(model, part):
    for layer in _norms(part):
        layer.momentum = 0.0


def _tracks_nothing(model, part):
    for layer in _norms(part):
        layer.track_running_stats = False


def _begins_anew(model, part):
    for layer in _norms(part):
        layer.reset_running_stats()


def _without_norms(model, part):
    for layer in part.modules():
        for name, child in layer.named_children():
            if hasattr(child, "running_mean"):
                setattr(layer, name, import_module("torch").nn.Identity())


def _nothing(model, part):
    pass


SLIPS = (
    Slip(
        ("M96",),
        "the parameters alone",
        on_fresh(_no_gradient),
        "The parameters of the part are frozen, and its BatchNorm is not: running mean and variance are no parameters, "
        "and go on moving in training mode. Set the part to eval mode, and let it stay there.",
    ),
    Slip(
        (),
        "eval() once",
        on_fresh(_no_gradient, _eval_once),
        "Your part is frozen until somebody calls model.train(): that sets every layer to training mode again, those "
        "of your part too. Give the part a train() of its own that leaves it in eval mode.",
        (on_fresh(_no_gradient, lambda model, part: [it.eval() for it in _norms(part)]),),
    ),
    Slip(
        ("M180",),
        "eval mode alone",
        on_fresh(_in_eval),
        "The part stays in eval mode, and its parameters still get gradients: eval() changes what BatchNorm computes, "
        "and stops no training. requires_grad_(False) does. (part.requires_grad = False on a layer does nothing: it "
        "makes a new attribute.)",
        (on_fresh(_eval_once),),
    ),
    Slip(
        (),
        "statistics that stand still",
        on_fresh(_no_gradient, _stands_still),
        "Your BatchNorm keeps its running mean and does not use it: in training mode it goes by the mean and variance "
        "of the batch, so a picture's output depends on the others beside it. Only eval mode uses what it has kept.",
        (on_fresh(_no_gradient, _tracks_nothing),),
    ),
    Slip(
        (),
        "the direct layers alone",
        on_fresh(_no_gradient, _direct_norms_in_eval),
        "You reach the BatchNorm layers that lie directly in the part, and not those inside a Sequential of it: "
        "children() gives the direct layers, modules() gives all, at every depth.",
    ),
    Slip(
        (),
        "all parameters",
        on_fresh(_no_gradient_anywhere, _in_eval),
        "You froze the parameters of the whole model: nothing is left to train. Take the part: getattr(model, name).",
        (on_fresh(_no_gradient_anywhere), on_fresh(_no_gradient_anywhere, _all_in_eval)),
    ),
    Slip(
        (),
        "the whole model in eval mode",
        on_fresh(_no_gradient, _all_in_eval),
        "Your whole model stays in eval mode: BatchNorm in the other parts no longer follows its data. Let only the "
        "part refuse the training mode.",
        (on_fresh(_no_gradient, _all_in_eval_once),),
    ),
    Slip(
        (),
        "BatchNorm's own parameters forgotten",
        on_fresh(_no_gradient_of_convolutions, _in_eval),
        "You froze the convolutions, and BatchNorm has a weight and a bias of its own which are still trained. Take "
        "all parameters of the part.",
        (on_fresh(_no_gradient_of_weights, _in_eval),),
    ),
    Slip(
        (),
        "BatchNorm alone",
        on_fresh(_no_gradient_of_norms, _in_eval),
        "You froze the BatchNorm layers, and the convolutions of the part are still trained. Take all parameters of "
        "the part.",
    ),
    Slip(
        (),
        "the other parts",
        on_fresh(lambda model, part: [it.requires_grad_(False) for it in model.children() if it is not part],
                 _others_in_eval),
        "You froze all parts but the one that is named. It is the named part that keeps what it has.",
    ),
    Slip(
        (),
        "statistics begun anew",
        on_fresh(_no_gradient, _begins_anew, _in_eval),
        "You set the running statistics back to 0 and 1: what was learned is lost. Leave them as they are.",
    ),
    Slip(
        (),
        "BatchNorm taken out",
        on_fresh(_no_gradient, _without_norms, _in_eval),
        "You took BatchNorm out of the part: its filters learned with it, and give other numbers without. Leave it in, "
        "in eval mode.",
    ),
    Slip(
        (),
        "nothing frozen",
        on_fresh(_nothing),
        "The model is as it was: nothing is frozen. torch.no_grad() lasts as long as its block, and "
        "`part.requires_grad = False` on a layer makes a new attribute and freezes nothing: write "
        "part.requires_grad_(False).",
    ),
)  # fmt: skip

ERRORS = (
    (
        "AttributeError: 'Network' object has no attribute 'name'",
        "model.name looks for a part that is called name.",
        "getattr(model, name) takes the part whose name stands in `name`.",
    ),
    (
        "TypeError: 'str' object cannot be interpreted as an integer",
        "A Sequential takes a place in square brackets, such as model[0], and no name.",
        "Take the part with getattr(model, name).",
    ),
    (
        "AttributeError: 'str' object has no attribute 'parameters'",
        "`name` is a text, not the part itself.",
        "Take the part first: part = getattr(model, name).",
    ),
    (
        "AttributeError: 'str' object has no attribute 'eval'",
        "`name` is a text, not the part itself.",
        "Take the part first: part = getattr(model, name).",
    ),
    (
        "AttributeError: 'str' object has no attribute 'requires_grad_'",
        "`name` is a text, not the part itself.",
        "Take the part first: part = getattr(model, name).",
    ),
    (
        "AttributeError: 'generator' object has no attribute 'requires_grad_'",
        "parameters() gives the tensors one by one.",
        "Call it on the part, part.requires_grad_(False), or on each: for parameter in part.parameters().",
    ),
    (
        "TypeError: freeze.<locals>.<lambda>() takes 0 positional arguments but 1 was given",
        "model.train() hands the mode to each part's train(), so that has to take one.",
        "Write part.train = lambda mode=True: part.",
    ),
    (
        "ValueError: training mode is expected to be boolean",
        "train() takes True or False.",
        "part.train(False) is part.eval().",
    ),
    (
        "TypeError: 'bool' object is not callable",
        "A method was replaced by True or False, such as by part.train = False.",
        "Put a function in its place: part.train = lambda mode=True: part.",
    ),
)
