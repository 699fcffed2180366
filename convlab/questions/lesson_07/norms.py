"""Lesson 07, BatchNorm: by which mean it goes, what moves while it is frozen, and which biases it cancels."""

from itertools import pairwise

from convlab.questions.cases import apart, block, drawn, gathered, sequential, shuffled
from convlab.questions.lesson_03.drawing import judged, layer, made
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_BIAS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "see where a bias is cancelled",
    "formula": "norm(x + b) = norm(x) in train(); a ReLU between breaks it",
    "because": "BatchNorm takes the mean away. A bias that reaches it as one number more in every cell goes with it; "
    "a bias that went through a ReLU does not.",
    "hint": "Add 5 to every cell of a map. After which layers is there still 5 more in every cell? What does the norm "
    "do to that?",
    "otherwise": "Follow a bias of 5 through each line: does it reach the norm as 5 more everywhere?",
}
_ORDERS = (
    [("nn.Sequential(conv, norm)", False, "M97", "The norm takes the mean of each map away, and the bias with it."),
     ("nn.Sequential(conv, relu, norm)", True, "M97", "With a ReLU between, the bias decides which cells are cut off: "
      "the norm cannot take that back.")],
    [("nn.Sequential(conv, pool, norm)", False, "M97", "5 more in every cell is 5 more in every largest one: the norm "
      "takes it away."),
     ("nn.Sequential(conv, relu, pool, norm)", True, "M97", "The ReLU comes before the norm: which cells are cut off "
      "depends on the bias.")],
    [("nn.Sequential(conv, norm, relu)", False, "M97", "The norm comes first and takes the bias away; the ReLU gets "
      "the same numbers as before."),
     ("nn.Sequential(conv, relu)", True, "M97", "There is no norm here that could take the bias away.")],
    [("nn.Sequential(conv, pool)", True, "M97", "Pooling hands on what is added: there is no norm here that could take "
      "it away."),
     ("nn.Sequential(conv, norm, pool)", False, "M97", "The norm right after the convolution has taken the "
          "bias away.")],
)  # fmt: skip


def bias_counts(rng):
    """In which networks the bias of a convolution changes anything."""
    C_in, C_out, kernel = layer(rng)
    fields, more = to_tick(rng, _ORDERS), rng.choice((2, 3, 5))
    return {
        **_BIAS,
        **fields,
        "prompt": f"`conv = {made(C_in, C_out, kernel)}`, `norm = nn.BatchNorm2d({C_out})`, `relu = nn.ReLU()`, `pool "
        f"= nn.MaxPool2d(2)`. Every bias of `conv` grows by {more}. Which of these, in train(), then give another "
        "output? Tick all.",
        "steps": [
            f"The bias is {more} more in every cell of a map, so the map's mean is {more} more too.",
            "BatchNorm takes the mean away: right behind the convolution, or behind a pooling, nothing is left of it.",
            "A ReLU before the norm cuts off other cells than before; and without a norm nobody takes the bias away.",
        ],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"conv, norm = {made(C_in, C_out, kernel)}.double(), nn.BatchNorm2d({C_out}).double()\n"
            f"relu, pool, x = nn.ReLU(), nn.MaxPool2d(2), torch.randn(5, {C_in}, 16, 20).double()\n"
            f"lines = {fields['options']}\nbefore = [eval(line)(x).detach() for line in lines]\n"
            f"with torch.no_grad():\n    conv.bias += {more}\n"
            "print([line for line, old in zip(lines, before) if not torch.allclose(eval(line)(x), old)])"
        ),
    }


_SAVED = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the biases that a BatchNorm cancels",
    "formula": "a bias right before BatchNorm does nothing: C_out numbers a layer",
    "hint": "Which layer follows each convolution? One bias for each filter; which of them are taken away again?",
    "otherwise": "Add up the filters of those convolutions whose next layer is a BatchNorm.",
}


def _bias_slips(counts, late):
    every = sum(counts)
    kept = every - counts[late]
    return [
        Slip(0, ("M97",), "BatchNorm takes the mean of each map away, and the bias of the convolution right before "
             "it goes with it."),
        Slip(every, ("M97",), f"The convolution with {counts[late]} filters has a ReLU between it and its norm: "
             "its bias decides what is cut off."),
        Slip(counts[late], ("M97",), "You counted the one convolution whose bias does count: a ReLU lies between "
             "it and its norm."),
        Slip(kept + 10, ("M97",), "The Linear has no norm behind it: its biases count."),
        Slip(len(counts) - 1, ("M173",), "Those are layers. Each of their filters has a bias of its own."),
    ]  # fmt: skip


def saved_biases(rng):
    """How many biases of a network do nothing in training."""

    def fair(case):
        counts, late = case
        return apart("number", sum(counts) - counts[late], _bias_slips(*case))

    counts, late = drawn(lambda: (sorted(rng.sample((8, 12, 16, 24, 32, 48), 3)), rng.randrange(3)), fair)
    kernel, lines, C_in = rng.choice(((3, 5), (5, 3), (2, 3))), [], 3
    for at, C in enumerate(counts):
        behind = [f"nn.BatchNorm2d({C})", "nn.ReLU()"]
        behind = behind[::-1] if at == late else behind
        lines.append(f"nn.Conv2d({C_in}, {C}, kernel_size={kernel}), {behind[0]}, {behind[1]}")
        C_in = C
    lines.append(f"nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear({C_in}, 10)")
    code, right = sequential("net", lines), [C for C in counts if C != counts[late]]
    answer = sum(right)
    return {
        **_SAVED,
        "prompt": "How many biases of this network change nothing in training, so that `bias=False` would do as well?",
        "answer": answer,
        "because": f"The convolutions with {right[0]} and {right[1]} filters are followed by BatchNorm at once; the "
        f"one with {counts[late]} has a ReLU between.",
        "steps": [
            f"Followed by BatchNorm at once: the convolutions with {right[0]} and {right[1]} filters. The one with "
            f"{counts[late]} has a ReLU before its norm.",
            f"A bias for each filter: {right[0]} + {right[1]} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\nnet, x, idle = net.double(), "
            "torch.randn(3, 3, 16, 18).double(), 0\nwanted = net(x)\nfor layer in net:\n"
            "    if getattr(layer, 'bias', None) is None or isinstance(layer, nn.BatchNorm2d):\n        continue\n"
            "    with torch.no_grad():\n        layer.bias += 0.5\n        idle += layer.bias.numel() * "
            "torch.allclose(net(x), wanted)\n        layer.bias -= 0.5\nprint(idle)"
        ),
        "slips": gathered("number", answer, _bias_slips(counts, late)),
        "figure": [{"code": code}],
    }


_VALUE = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "compute what BatchNorm gives",
    "formula": "(x - mean) / sqrt(var), of the batch in train(), the stored ones in eval()",
    "hint": "Two means and two variances are at hand: those of this map, and those that were stored. Which count in "
    "this mode?",
    "otherwise": "Take the mean away, then divide by the square root of the variance; both belong to the mode.",
}
_OFFSETS = ((-4, 2, 2, 0, 0, 0), (4, -2, -2, 0, 0, 0), (3, -3, 1, 1, -2, 0), (-3, 3, -1, -1, 2, 0))  # spread: 2


def _bn_case(rng):
    shown, scale = rng.choice(_OFFSETS), rng.choice((1, 2, 3))
    mean = rng.randint(5 * scale, 9 * scale)
    values = [mean + scale * it for it in shuffled(rng, list(shown))]
    stored = rng.randint(2, 12), rng.choice((1, 2, 4, 5))
    return values, (mean, 2 * scale), stored, rng.randrange(6), rng.choice(("train", "eval"))


def _bn_slips(values, batch, stored, at, mode):
    (mean, spread), (other_mean, other) = (batch, stored) if mode == "train" else (stored, batch)
    x, theirs = values[at], "the batch at hand" if mode == "train" else "the running mean and variance"
    line = f"In {mode}() it goes by {theirs}, mean {mean} and variance {spread**2}."
    return (x - mean) / spread, [
        Slip((x - other_mean) / other, ("M179",), line),
        Slip((x - other_mean) / spread, ("M179",), f"The variance is right, the mean is not. {line}"),
        Slip((x - mean) / other, ("M179",), f"The mean is right, the variance is not. {line}"),
    ]


def bn_value(rng):
    """One number behind a BatchNorm, in train() or in eval()."""

    def fair(case):
        right, wrong = _bn_slips(*case)
        gaps = sorted([right, *(slip.answer for slip in wrong)])
        near = min(more - less for less, more in pairwise(gaps))
        return near > 0.02 and right and right == int(right)

    values, batch, stored, at, mode = case = drawn(lambda: _bn_case(rng), fair)
    right, wrong = _bn_slips(*case)
    answer = int(right)
    mean, spread = batch if mode == "train" else stored
    rows, x = [values[:3], values[3:]], values[at]
    code = (
        f"norm = nn.BatchNorm2d(1, eps=1e-12).{mode}()\nnorm.running_mean[:] = {stored[0]}\n"
        f"norm.running_var[:] = {stored[1] ** 2}"
    )
    theirs = "the batch at hand" if mode == "train" else "what it has stored"
    return {
        **_VALUE,
        "prompt": "The batch is the one map below; weight and bias of `norm` are still 1 and 0. Its mean is "
        f"{batch[0]}, its variance {batch[1] ** 2}. Which number does `norm` make of the {x} at ({at // 3}, {at % 3})?",
        "answer": answer,
        "because": f"In {mode}() BatchNorm goes by {theirs}: mean {mean}, variance {spread**2}.",
        "steps": [
            f"`norm` is in {mode}(), so it goes by {theirs}: mean {mean}, variance {spread**2}.",
            f"Take the mean away: {x} - {mean} = {x - mean}.",
            f"Divide by the square root of the variance, {spread}: {x - mean} / {spread} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code}\ninput = torch.tensor([[{rows}]]).float()\n"
            f"print(round(norm(input)[0, 0, {at // 3}, {at % 3}].item(), 4))"
        ),
        "slips": gathered("number", answer, wrong),
        "figure": [{"code": code}, block("input", rows)],
    }


def myth_batch_mates(rng):
    """Whether the output for one picture depends on the other pictures of its batch."""
    C_in, C_out, kernel = layer(rng)
    mode, depends = rng.choice(("train", "eval")), rng.random() < 0.5
    train, at, N = mode == "train", rng.randrange(4), rng.choice((8, 16, 32))
    does = "depends on" if depends else "is the same for all"
    net = f"nn.Sequential({made(C_in, C_out, kernel)}, nn.BatchNorm2d({C_out}))"
    line = (
        "In train() the mean and the variance are those of the whole batch, so every picture has a share in them."
        if train
        else "In eval() the stored mean and variance are taken: no picture of the batch has a share in them."
    )
    return judged(
        depends == train,
        f"`net = {net}` is in {mode}(). It gets a batch of {N} pictures; what it gives for picture {at} {does} "
        "other pictures that may stand beside it.",
        "M179",
        line,
        objective="say what a picture's output depends on",
        formula="train(): statistics of the batch; eval(): stored ones, each picture by itself",
        because=line,
        hint="By which mean does BatchNorm go in this mode, and who is in that mean?",
        steps=[
            f"The convolution looks at each picture by itself; BatchNorm, in {mode}(), goes by "
            f"{'the mean of the batch' if train else 'its running mean'}.",
            f"Another picture beside it {'changes this mean' if train else 'leaves that as it is'}.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nnet = {net}.{mode}()\nbatch = torch.randn({N}, {C_in}, 9, 11)\n"
            f"before = net(batch)[{at}]\nbatch[{at + 1}:] += torch.randn_like(batch[{at + 1}:])\n"
            f"print(torch.allclose(net(batch)[{at}], before, atol=1e-5) != {depends})"
        ),
    )


_RUNNING = {  # what is the same for every seed
    "kind": "number",
    "level": "medium",
    "objective": "see what moves in a frozen BatchNorm",
    "formula": "running_mean = (1 - momentum) * running_mean + momentum * mean of the batch",
    "hint": "Is the running mean a parameter? And which mode decides whether it moves?",
    "otherwise": "The new running mean lies between the old one and the batch's mean. Which of the two is it "
    "nearer to?",
}


def _running_slips(old, mean, tenths):
    share = tenths / 10
    return [
        Slip(old, ("M96",), "`requires_grad = False` is about the weight and the bias of the norm. The running "
             "mean is no parameter: in train() every batch moves it."),
        Slip((tenths * old + (10 - tenths) * mean) / 10, ("M186",), f"You let {share} of the old stay. In PyTorch "
             f"the momentum {share} is the share of the new."),
        Slip(mean, ("M179",), "That is the mean of this batch, by which it goes in train(). What it stores "
             "moves toward it by a share."),
        Slip((10 * old + tenths * mean) / 10, ("M186",), f"The old mean loses the share that the new one gets: "
             f"1 - {share} of it stays."),
    ]  # fmt: skip


def running_mean(rng):
    """The running mean of a BatchNorm whose parameters are frozen, after one batch in train()."""

    def draw():
        old = rng.randint(1, 20)
        return old, old + 10 * rng.choice((-4, -3, -2, 2, 3, 4, 5)), rng.choice((1, 1, 2, 3, 4))

    def value(old, mean, tenths):
        return old + tenths * (mean - old) // 10

    old, mean, tenths = case = drawn(draw, lambda case: apart("number", value(*case), _running_slips(*case)))
    answer, momentum, stay = value(*case), tenths / 10, (10 - tenths) / 10
    name = rng.choice(("norm", "bn"))
    code = (
        f"{name} = nn.BatchNorm2d(1, momentum={momentum}).train()\n{name}.running_mean[:] = {old}\n"
        f"for parameter in {name}.parameters():\n    parameter.requires_grad = False\n{name}(batch)"
    )
    return {
        **_RUNNING,
        "prompt": f"The mean of all numbers in `batch`, which has one channel, is {mean}. Which number is "
        f"`{name}.running_mean` after the last line?",
        "answer": answer,
        "because": "Frozen parameters do not freeze what a BatchNorm stores: eval() does.",
        "steps": [
            "`requires_grad = False` keeps weight and bias; the running mean is a buffer, no parameter.",
            f"In train() it moves by the share {momentum} toward the mean of the batch, {mean}.",
            f"{stay} * {old} + {momentum} * {f'({mean})' if mean < 0 else mean} = {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nbatch = torch.full((4, 1, 3, 5), {float(mean)})\n{code}\n"
            f"print(round({name}.running_mean.item(), 4))"
        ),
        "slips": gathered("number", answer, _running_slips(*case)),
        "figure": [{"code": code}],
    }


def myth_momentum(rng):
    """Whether the running mean stays nearer to the old than to the new."""
    tenths, near = rng.choice((1, 2, 3, 7, 8, 9)), rng.random() < 0.5
    momentum, C, old, new = tenths / 10, rng.choice((4, 8, 16)), rng.randint(1, 9), rng.randint(20, 60)
    share = f"{momentum} of the new and {(10 - tenths) / 10} of the old"
    after = ((10 - tenths) * old + tenths * new) / 10
    return judged(
        near == (tenths < 5),
        f"In train() `nn.BatchNorm2d({C}, momentum={momentum})` has a running mean of {old}, and then gets a batch "
        f"with the mean {new} in every channel. After it the running mean is nearer to {old if near else new} than to "
        f"{new if near else old}.",
        "M186",
        f"PyTorch's momentum is the share of the new batch: {share}. In an optimizer it is the other way round.",
        objective="read the momentum of BatchNorm",
        formula="momentum: the share of the new batch",
        because=f"The running mean is made of {share}: {after:g}.",
        hint="Is the momentum the share of the old that stays, or of the new that comes in? PyTorch's default is 0.1.",
        steps=[
            f"The running mean is made of {share}.",
            f"{(10 - tenths) / 10} * {old} + {momentum} * {new} = {after:g}.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\nnorm = nn.BatchNorm2d({C}, momentum={momentum})\n"
            f"norm.running_mean[:] = {old}\nnorm(torch.full((2, {C}, 3, 5), {float(new)}))\n"
            f"mean = norm.running_mean[0]\nprint(bool(abs(mean - {old if near else new}) < "
            f"abs(mean - {new if near else old})))"
        ),
    )


QUESTIONS = {
    "bias-counts": bias_counts,
    "saved-biases": saved_biases,
    "bn-value": bn_value,
    "myth-batch-mates": myth_batch_mates,
    "running-mean": running_mean,
    "myth-momentum": myth_momentum,
}
