"""What is looked at in training: what moves in a step, and what does not; for 11.frozen and 11.not_learning."""

import copy
from importlib import import_module

from ..task import Misfit
from .patient import Look, alike, answer, equal, network_of

MARK, HEAD = "_of_the_backbone", "_is_the_head"  # attributes by which layers are known again
SIZE, BATCH = (7, 6), 6  # of a picture of 11.frozen; pictures in a batch
FILTERS = 8 * 15, 12 * 8 * 15  # the weights of the two convolutions of 11.not_learning, biases apart


def backbone_and_head(seed, channels):
    """Two parts with BatchNorm in each, in training mode; the same numbers for the same seed."""
    torch = import_module("torch")
    nn, (C_in, C_out) = torch.nn, channels
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        block = nn.Sequential(nn.Conv2d(C_in, C_out, (3, 2)), nn.BatchNorm2d(C_out))
        backbone = nn.Sequential(block, nn.ReLU(), nn.Conv2d(C_out, 2, (2, 3)), nn.BatchNorm2d(2))
        head = nn.Sequential(nn.Flatten(), nn.Linear(2 * 4 * 3, 3), nn.BatchNorm1d(3))
        with torch.no_grad():
            for norm in (block[1], backbone[3], head[2]):
                norm.running_mean.uniform_(-1, 1)
                norm.running_var.uniform_(0.5, 2)
    for layer in backbone.modules():
        setattr(layer, MARK, True)
    setattr(head, HEAD, True)
    backbone.made_by = (seed, channels)
    return backbone, head


def frozen_look(seed, channels):
    """A look at what moves in two training steps, and at what the network gives afterwards."""
    said = (
        "parameters of the backbone change in training",
        "running statistics of the backbone change in a new network",
        "running statistics of the backbone change after train()",
        "the output is not what a backbone in eval mode makes of it",
        "parameters of the head stay where they are in training",
        "running statistics of the head stay where they are in training",
    )

    def look(torch, network):
        network = network_of(torch, network)
        torch.default_generator.manual_seed(seed)
        new, later = (_moved(torch, network, channels, modes) for modes in ([()], [(True,), (False, True)]))
        right = _by_hand(torch, network, seed, channels)
        learns, follows = (new["head", kind] or later["head", kind] for kind in (True, False))
        changes = new["backbone", True] or later["backbone", True]
        return [changes, new["backbone", False], later["backbone", False], not right, not learns, not follows]

    def says(came):
        wrong = [sentence for sentence, it in zip(said, came, strict=True) if it]
        return f"{'; '.join(wrong)}. Expected a backbone that stays, and a head that trains."

    return Look(look, (0,) * len(said), says)


def _moved(torch, network, channels, ways):
    """(part, is it a parameter) -> whether anything of it moves in training steps, each after modes were set."""
    parts = {True: "backbone", False: "head"}
    before = []
    for layer in network.modules():
        part = parts[hasattr(layer, MARK)]
        tensors = ((it, True) for it in layer.parameters(recurse=False))
        before += [(part, kind, it, it.detach().clone()) for it, kind in tensors]
        before += [(part, False, it, it.clone()) for it in layer.buffers(recurse=False) if it.dim()]
    for modes in ways:
        for mode in modes:
            network.train(mode)
        _step(torch, network, torch.rand(BATCH, channels[0], *SIZE))
    moved = dict.fromkeys(((part, kind) for part in parts.values() for kind in (True, False)), False)
    for part, kind, now, was in before:
        moved[part, kind] |= not equal(now, was)
    return moved


def _step(torch, network, batch):
    """A step of gradient descent on all that asks for a gradient, by hand: an optimizer does the same."""
    with torch.enable_grad():
        output = network(batch)
        if not isinstance(output, torch.Tensor) or output.shape != (BATCH, 3):
            came = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
            raise Misfit(f"the output for {BATCH} pictures is {came}; expected what the head gives, ({BATCH}, 3).")
        if output.requires_grad:
            torch.nn.functional.cross_entropy(output, torch.arange(BATCH) % 3).backward()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.grad is not None:
                parameter -= 0.5 * parameter.grad
                parameter.grad = None


def _by_hand(torch, network, seed, channels):
    """Whether, in training mode, the output is what a backbone as it was given, in eval mode, makes of it."""
    backbone, _ = backbone_and_head(seed, channels)
    head = next((it for it in network.modules() if hasattr(it, HEAD)), None)
    if head is None:
        raise Misfit("the head that was given is not in your network: keep self.head.")
    batch = torch.rand(BATCH, channels[0], *SIZE)
    network.train()
    with torch.no_grad():
        wanted = copy.deepcopy(head).train()(backbone.eval()(batch))
        return alike(network(batch), wanted)


def learning_look(classes):
    """A look at a network that learns: its output, what is learned, and what a step does; all that is wrong is told."""
    weights = sum(FILTERS) + 12 * classes

    def look(torch, network):
        network_of(torch, network)
        with torch.enable_grad():
            handed = sum(it.numel() for it in network.parameters() if it.dim() > 1 and it.requires_grad)
            return [*_output(torch, network, classes), weights - handed, *_steps(torch, network, classes)]

    def says(came):
        twice, logits, missing, known, alone, falls = came
        said = (
            (twice, "the same pictures give other numbers the second time: something is drawn anew in forward"),
            (logits, "the rows of the output are probabilities or their logarithms, where cross_entropy wants logits"),
            (not missing, f"parameters() hands out {weights - int(missing)} weights, biases apart; expected {weights}"),
            (known, "a step leaves parameters where they are that have a gradient: the optimizer does not know them"),
            (alone, "a step depends on the batches before it: their gradients were still there"),
            (falls, "5 steps on one batch do not lower its loss"),
        )
        return "; ".join(sentence for fine, sentence in said if not fine) + "."

    return Look(look, (1, 1, 0, 1, 1, 1), says)


def _output(torch, network, classes):
    """Whether the same pictures give the same twice, and whether what they give is logits."""
    pictures, _ = _batch(torch, classes)
    one, other = (answer(torch, network, pictures) for _ in range(2))
    if one.dim() != 2:
        raise Misfit(f"your output has the shape {tuple(one.shape)}; expected a row of logits for each picture.")
    sums = one.sum(1), one.exp().sum(1)
    return alike(one, other), not any(alike(it, torch.ones_like(it)) for it in sums)


def _batch(torch, classes):
    """Twelve pictures, which have a bright column in every first, second, third ... place, and their labels."""
    labels = torch.arange(12) % classes
    bright = torch.arange(13) % (labels[:, None] + 1) == 0
    return torch.rand(12, 1, 9, 13) / 5 + 2 * bright[:, None, None, :], labels


def _steps(torch, network, classes):
    """Of steps on one batch: whether all moves, whether other gradients stay out, and whether the loss falls."""
    pictures, labels = _batch(torch, classes)
    before = {name: it.detach().clone() for name, it in network.named_parameters()}
    gradients, loss = _gradients(torch, network, pictures, labels)
    _learn(torch, network, pictures, labels)
    still = [name for name, it in network.named_parameters() if equal(it, before[name])]
    known = len(still) < len(before) and not any(bool(gradients[name].any()) for name in still)
    alone = _one_step_alone(torch, network, pictures, labels)
    for _ in range(4):
        _learn(torch, network, pictures, labels)
    return known, alone, _gradients(torch, network, pictures, labels)[1] < loss


def _learn(torch, network, pictures, labels):
    """One step of the learner's; what forward may draw is the same each time, as that is looked at elsewhere."""
    if not callable(getattr(network, "learn", None)):
        raise Misfit("your class has no method `learn`. Leave it there: def learn(self, pictures, labels).")
    torch.default_generator.manual_seed(2)
    network.learn(pictures, labels)


def _gradients(torch, network, pictures, labels):
    """(name -> gradient of the loss for this batch, the loss); nothing is left in .grad."""
    torch.default_generator.manual_seed(2)
    loss = torch.nn.functional.cross_entropy(network(pictures), labels)
    named = [(name, it) for name, it in network.named_parameters() if it.requires_grad]
    if not named or not loss.requires_grad:
        raise Misfit("the loss depends on nothing that learns: parameters() hands out nothing that forward uses.")
    gradients = torch.autograd.grad(loss, [it for _, it in named], allow_unused=True)
    found = {name: torch.zeros(1) for name, _ in network.named_parameters()}
    found.update((name, it) for (name, _), it in zip(named, gradients, strict=True) if it is not None)
    return found, loss.item()


def _one_step_alone(torch, network, pictures, labels):
    """Whether a step is the same for two twins, where the gradients of one were wiped out before it."""
    twins = []
    for wiped in (False, True):
        twin = copy.deepcopy(network)
        for parameter, original in zip(twin.parameters(), network.parameters(), strict=True):
            parameter.grad = None if wiped or original.grad is None else original.grad.clone()
        _learn(torch, twin, pictures, labels)
        twins.append(list(twin.parameters()))
    return all(alike(one, other) for one, other in zip(*twins, strict=True))
