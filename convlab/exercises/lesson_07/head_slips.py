"""The slips of 07.transfer, and the errors that Python and PyTorch print on the way."""

from dataclasses import dataclass
from importlib import import_module

from ..task import Slip

LOWEST, CLASSES = 5, 5  # the digits 5 to 9
RATE = 0.01


def made(*settings):
    """The network of these settings, a new one each time; torch comes with it."""
    return import_module(f"{__package__}.networks").for_low_digits(*settings)


@dataclass(frozen=True)
class Transfer:
    """A program for the task, right but for what its settings say.

    Args:
        frozen: the old parameters require no gradient.
        kept: the filters are in eval mode while the head is trained.
        outputs: of the new head; None keeps the old one.
        shifted: the labels begin with 0.
        trained: "head" or "all": what the optimizer is given; "old head" where it was made too early.
        steps: steps are made at all.
        last: what the model ends in, besides the head: "", "Softmax", or "Sigmoid".
        drawn_anew: the filters are replaced by new ones.
        at_the_end: what is called on the model before it is handed back.
    """

    frozen: bool = True
    kept: bool = True
    outputs: int | None = CLASSES
    shifted: bool = True
    trained: str = "head"
    steps: bool = True
    last: str = ""
    drawn_anew: bool = False
    at_the_end: str = "eval"

    def __call__(self, model, images, labels, steps):
        torch = import_module("torch")
        model = made(*model.made_by)
        with torch.random.fork_rng(devices=[]), torch.enable_grad():  # what is drawn is not taken from the learner's
            return self._on(torch, model, torch.as_tensor(images), torch.as_tensor(labels), steps)

    def _on(self, torch, model, images, labels, steps):
        torch.manual_seed(0)
        if self.drawn_anew:
            model.features[0].reset_parameters()
        if self.frozen:
            model.features.requires_grad_(False)
        old = list(model.head.parameters())
        if self.outputs:
            model.head = torch.nn.Linear(model.head.in_features, self.outputs)
        if self.last:
            model.head = torch.nn.Sequential(model.head, getattr(torch.nn, self.last)(dim=1))
        given = {"head": model.head.parameters(), "all": model.parameters(), "old head": old}[self.trained]
        optimizer = torch.optim.Adam(given, lr=RATE)
        model.train()
        if self.kept:
            model.features.eval()
        for _ in range(steps if self.steps else 0):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels - LOWEST if self.shifted else labels).backward()
            optimizer.step()
        return getattr(model, self.at_the_end)()


SLIPS = (
    Slip(
        ("M96",),
        "BatchNorm goes on moving",
        Transfer(kept=False),
        "The filters do not change, and the BatchNorm behind them does: running mean and variance are no parameters, "
        "and move in training mode. Put model.features in eval mode while you train, after any model.train().",
        (Transfer(frozen=False, kept=False),),
    ),
    Slip(
        (),
        "all is trained",
        Transfer(frozen=False, trained="all"),
        "You train the old filters together with the head: an optimizer changes every parameter that it is given and "
        "that gets a gradient. Freeze the filters, and give it model.head.parameters().",
    ),
    Slip(
        (),
        "all is trained, BatchNorm too",
        Transfer(frozen=False, trained="all", kept=False),
        "You train the whole network, and it forgets the digits 0 to 4: freeze the filters and their BatchNorm, and "
        "give the optimizer model.head.parameters().",
    ),
    Slip(
        (),
        "the optimizer made too early",
        Transfer(trained="old head"),
        "Your optimizer was made before the new head came in, so it knows the old one: it keeps the parameters that it "
        "was given, and does not follow the model. Make the new head first.",
        (Transfer(steps=False),),
    ),
    Slip(
        (),
        "ten outputs",
        Transfer(outputs=10, shifted=False),
        "Your head has ten outputs, and there are five classes, 5 to 9: output k stands for digit 5 + k. labels - 5 "
        "counts them from 0, as cross-entropy wants it.",
        (Transfer(outputs=10),),
    ),
    Slip(
        (),
        "the old head trained on",
        Transfer(outputs=None),
        "You trained the old head on, and it no longer tells 0 to 4 apart. It stays as it was: put a new nn.Linear in "
        "its place.",
    ),
    Slip(
        ("M74",),
        "a softmax in the head",
        Transfer(last="Softmax"),
        "Your head ends in a softmax. Cross-entropy takes it inside, and with two of them the head learns slowly: "
        "return logits, what nn.Linear gives.",
        (Transfer(last="LogSoftmax"),),
    ),
    Slip(
        (),
        "new filters",
        Transfer(drawn_anew=True),
        "Your filters are new ones, drawn by chance: what was learned from 0 to 4 is gone. Keep model.features.",
    ),
    Slip(
        (),
        "handed back in training mode",
        Transfer(at_the_end="train"),
        "You hand the model back in training mode: the next batch moves its running mean, and a picture's output "
        "depends on the others beside it. End with model.eval().",
    ),
)

ERRORS = (
    (
        "IndexError: Target 9 is out of bounds.",
        "Cross-entropy wants labels from 0 to the number of outputs less 1; yours go from 5 to 9.",
        "Give it labels - 5.",
    ),
    (
        "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
        "Nothing that the loss was made of requires a gradient: the new head is frozen too.",
        "Freeze model.features, and put the new head in after that.",
    ),
    (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (20x240 and 512x5)",
        "The new head expects another count of numbers than the filters give.",
        "Its in_features is that of the old one: model.head.in_features.",
    ),
    (
        "ValueError: optimizer got an empty parameter list",
        "The optimizer was given nothing: perhaps an iterator that had been used up, or a list of those that require a "
        "gradient, made while all were frozen.",
        "Give it model.head.parameters(), after the new head is in.",
    ),
    (
        "AttributeError: 'DigitNetwork' object has no attribute 'fc'",
        "The last layer of this network goes by another name.",
        "It is model.head.",
    ),
    (
        "AttributeError: 'DigitNetwork' object has no attribute 'classifier'",
        "The last layer of this network goes by another name.",
        "It is model.head.",
    ),
    (
        "TypeError: params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
        "torch.FloatTensor",
        "The optimizer was given one tensor, where it wants several.",
        "Give it model.head.parameters().",
    ),
    (
        "TypeError: 'method' object is not iterable",
        "parameters was named and not called.",
        "Put brackets behind it: model.head.parameters().",
    ),
    (
        "TypeError: 'int' object is not iterable",
        "steps is a number, and a loop wants something to go through.",
        "for step in range(steps).",
    ),
    (
        "RuntimeError: grad can be implicitly created only for scalar outputs",
        "backward begins at one number; yours are many.",
        "Take the loss: F.cross_entropy(model(images), labels - 5).backward().",
    ),
    (
        "RuntimeError: Expected floating point type for target with class probabilities, got Long",
        "The target has the shape of the logits, so it was taken for probabilities.",
        "The first argument is the logits (N, 5), the second the labels (N,).",
    ),
    (
        "TypeError: cannot assign 'torch.FloatTensor' as child module 'head' (torch.nn.Module or None expected)",
        "A tensor was assigned to model.head.",
        "Make a layer: nn.Linear(model.head.in_features, 5).",
    ),
)
