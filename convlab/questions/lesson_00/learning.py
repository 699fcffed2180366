"""Lesson 00, what training finds and what it does not, what a Linear layer sees, and what fewer parameters can do."""

from convlab.questions.cases import block, drawn, gathered, grid, shuffled
from convlab.questions.lesson_00.places import KERNELS, size_of_photograph
from convlab.questions.question import Slip
from convlab.questions.varying import some_of
from convlab.shapes import Conv2dSpec

STEP = (
    "output = layer(photo)  # it answers",
    "loss = ((output - wanted) ** 2).mean()  # how far is that from what is wanted?",
    "loss.backward()  # which way would each weight lower it?",
    "optimizer.step()  # every weight moves a little that way",
)


def reads_all(rng):
    """Does a Linear layer look at each pixel by itself?"""
    (H, W), outputs = rng.sample(range(6, 29), 2), rng.choice((5, 8, 10, 20))
    holds = rng.random() < 0.5
    claim = f"all {H * W} pixels" if holds else "one pixel alone"
    line = (
        f"An output of `nn.Linear({H * W}, {outputs})` has {H * W} weights, one for each pixel, and adds up all "
        f"products. It sees the whole picture; it does not know which pixels are neighbours."
    )
    return {
        "prompt": (
            f"True or false? A grey picture of {H} x {W} pixels is laid out as {H * W} numbers and goes through "
            f"`nn.Linear({H * W}, {outputs})`. Each of its {outputs} outputs depends on {claim}."
        ),
        "kind": "truefalse",
        "level": "easy",
        "objective": "say what a Linear layer sees",
        "formula": "Linear: every output from every input",
        "answer": holds,
        "because": f"Each output has {H * W} weights, one for each pixel.",
        "hint": f"How many weights does `nn.Linear({H * W}, {outputs})` have, and how many of them belong to one "
        "output?",
        "steps": [
            f"The layer has {H * W} * {outputs} = {H * W * outputs} weights: {H * W} for each output.",
            "An output is the sum of all its products, so every pixel counts.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\npixels = torch.rand({H * W}, requires_grad=True)\n"
            f"nn.Linear({H * W}, {outputs})(pixels)[0].backward()\n"
            f"print(int((pixels.grad != 0).sum()) == {H * W if holds else 1})"
        ),
        "slips": (Slip(not holds, ("M121",), line),),
        "options": ["true", "false"],
    }


def _two_filters(rng):
    """A filter of 2 x 3 or 3 x 2 that makes what is wanted, and the size of one that is a line shorter."""
    kH, kW = rng.choice(((2, 3), (3, 2)))
    fewer = (kH, kW - 1) if kW == 3 else (kH - 1, kW)

    def keep(weight):
        ends = (weight[0], weight[-1]) if kH == 3 else ([row[0] for row in weight], [row[-1] for row in weight])
        return all(any(end) for end in ends)

    return drawn(lambda: grid(rng, kH, kW, -3, 3), keep), fewer


_FEWER_BETTER = {  # what is the same for every seed
    "kind": "truefalse",
    "level": "medium",
    "objective": "say what fewer parameters can do",
    "formula": "enough weights for the task",
    "hint": "Is there a setting of A's weights that gives what is wanted? And of B's?",
}


def _fewer_better_proof(weight, kH, kW, holds):
    return (
        f"import torch\nfrom torch.nn import functional as F\nweight = torch.tensor({weight}).double()\n"
        "pictures = torch.rand(20, 1, 9, 12).double()\nerrors = []\n"
        f"for size in (({kH}, {kW}), ({len(weight)}, {len(weight[0])})):\n"
        "    wanted = F.conv2d(pictures, weight[None, None]).flatten()\n"
        "    windows = F.unfold(pictures, weight.shape).reshape(20, *weight.shape, -1)[:, : size[0], : size[1]]\n"
        "    windows = windows.flatten(1, 2).transpose(1, 2).flatten(0, 1)\n"
        "    best = torch.linalg.lstsq(windows, wanted[:, None]).solution  # as good as training can get\n"
        "    errors.append((windows @ best - wanted[:, None]).abs().mean())\n"
        f"print(bool(errors[1] < errors[0]) is {holds})"
    )


def fewer_better(rng):
    """Does the layer with fewer parameters fit better?"""
    weight, (kH, kW) = _two_filters(rng)
    large, small = len(weight) * len(weight[0]), kH * kW
    holds = rng.random() < 0.5
    claim = (
        f"B comes closer, although it has {large} weights and A only {small}."
        if holds
        else f"A comes closer, because it has {small} weights and B has {large}."
    )
    size = f"{len(weight)} x {len(weight[0])}"
    line = (
        "A has no weight for a whole line of the window that counts here, so it can never be right. B can become the "
        "filter itself. Fewer weights are cheaper, and need fewer examples, but they have to be enough for the task."
    )
    return {
        **_FEWER_BETTER,
        "prompt": (
            f"True or false? The wanted output is what the filter below gives, {size}. Layer A is `nn.Conv2d(1, 1, "
            f"kernel_size=({kH}, {kW}), bias=False)`, layer B has `kernel_size=({len(weight)}, {len(weight[0])})`. "
            f"Both are trained on many pictures until they get no better. {claim}"
        ),
        "answer": holds,
        "because": f"B has room for all {large} numbers of the filter, A for {small}.",
        "steps": [
            f"B has {large} weights: set to the filter below, it is right everywhere.",
            f"A has {small}: a line of the filter that is not all zeros finds no place in it.",
            "So the layer with more weights comes closer, here.",
        ],
        "proof": (_fewer_better_proof(weight, kH, kW, holds)),
        "figure": [block("weight", weight, f"the filter, {size}")],
        "slips": (Slip(not holds, ("M123",), line),),
        "options": ["true", "false"],
    }


_WHAT_LEARNED = {  # what is the same for every seed
    "kind": "choices",
    "level": "easy",
    "objective": "say what training finds",
    "formula": "training changes weight and bias",
    "hint": "Which of these are numbers that the layer multiplies or adds?",
}


def _what_learned_lines(found, settled, weights, C_out, spec):
    return {
        f"weight: {weights} numbers in the filters": ("M122", found),
        f"bias: {C_out} numbers, one for each filter": ("M122", found),
        f"out_channels: that there are {C_out} filters": ("M122", settled),
        f"kernel_size: that a window is {spec.kernel_size[0]} x {spec.kernel_size[1]}": ("M122", settled),
        "labels: what each photograph is said to show": ("M122", settled),
        "more weights: some are added where photographs are larger": (
            "M39",
            "No weight is added for a larger photograph: the same filters stand at all its places.",
        ),
    }


def what_learned(rng):
    """What does training change, and what do people decide?"""
    spec = Conv2dSpec(3, rng.choice((4, 6, 8, 12, 16)), rng.choice(KERNELS))
    (H, W), C_out = size_of_photograph(rng), spec.out_channels
    weights = spec.parameter_count - C_out
    settled = "The layer's sizes and the labels are settled by people before training begins; training keeps them."
    found = "Training moves the numbers in the filters, weights and biases: that is all it does."
    lines = _what_learned_lines(found, settled, weights, C_out, spec)
    right, more = list(lines)[:2], list(lines)[-1]
    options = some_of(rng, list(lines), lambda option: option in right)
    answer = [option for option in options if option in right]
    by_itself = [option for option in options if option != more]
    ticked = {("M122",): (by_itself, f"You ticked what people decide as well. {settled}")}
    if more in options:
        ticked["M39",] = ([*answer, more], lines[more][1])
    return {
        **_WHAT_LEARNED,
        "prompt": (
            f"`{spec.source()}` is trained on photographs of {H} x {W} pixels and larger ones. Tick everything that "
            "training changes."
        ),
        "answer": answer,
        "because": f"{weights} weights and {C_out} biases are what is learned; the rest is decided by people.",
        "steps": [
            "The layer's sizes are written in its call; the labels come with the photographs.",
            f"What is left are the {weights} weights and {C_out} biases.",
        ],
        "proof": (
            f"from torch import nn\nlearned = dict({spec.source()}.named_parameters())\n"
            f"print([text for text in {options} if text.split(':')[0] in learned])"
        ),
        "slips": gathered(
            "choices",
            answer,
            [Slip(options, ids, line) for ids, (options, line) in ticked.items()],
        ),
        "per_option": {option: Slip(option, (lines[option][0],), lines[option][1]) for option in options},
        "options": options,
    }


_LEARNING_STEP = {  # what is the same for every seed
    "kind": "order",
    "level": "hard",
    "objective": "say how a filter is learned",
    "formula": "answer, compare, trace back, change",
    "because": "Each line needs what the line before it made.",
    "hint": "Which line needs nothing but the photographs? Which lines need `output`, which need `loss`?",
    "otherwise": "Go through it line by line: does every name exist when its line is reached?",
}


def learning_step(rng):
    """One step of learning, in order."""
    photos, (H, W) = rng.choice((8, 16, 32, 64)), size_of_photograph(rng)
    rate = rng.choice((0.1, 0.05, 0.02, 0.01))
    output, loss, backward, step = STEP
    blind = "Here the weights change before anyone has said what is wanted. Training finds nothing by itself: "
    slips = [
        Slip([step, output, loss, backward], ("M122",), f"{blind}first an answer, then how wrong it is."),
        Slip([output, step, loss, backward], ("M122",), f"{blind}the loss has to come before the change."),
    ]
    return {
        **_LEARNING_STEP,
        "prompt": (
            f"A layer learns: `photo` holds {photos} photographs of {H} x {W}, `wanted` the answers that people want, "
            f"`optimizer` is `torch.optim.SGD(layer.parameters(), lr={rate})`. Put the lines of one step in order."
        ),
        "answer": list(STEP),
        "steps": [
            "The layer answers: `output`.",
            "The answer is compared with what is wanted: `loss`, one number.",
            "`loss.backward()` works out for each weight which way lowers the loss.",
            "Only then can `optimizer.step()` move the weights that way.",
        ],
        "proof": (
            "import torch\nfrom itertools import permutations\nfrom torch import nn\n"
            f"for lines in permutations({sorted(STEP)}):\n    torch.manual_seed(0)\n"
            "    layer, photo = nn.Conv2d(1, 1, kernel_size=(2, 3)), torch.rand(4, 1, 6, 9)\n"
            "    wanted, optimizer = torch.ones(4, 1, 5, 7), torch.optim.SGD(layer.parameters(), lr=0.01)\n"
            "    names = {'layer': layer, 'photo': photo, 'wanted': wanted, 'optimizer': optimizer}\n"
            "    before = layer.weight.clone()\n    try:\n        exec('\\n'.join(lines), names)\n"
            "        if not layer.weight.equal(before):\n            print('\\n'.join(lines))\n"
            "    except NameError:  # a name that is not there yet\n        pass"
        ),
        "slips": gathered("order", list(STEP), slips),
        "options": drawn(lambda: shuffled(rng, list(STEP)), lambda order: order != list(STEP)),
    }


_STATEMENTS = {  # mistake -> (the truth, the belief, what to say)
    "M121": (
        "Every output of an `nn.Linear` on the whole photograph depends on every pixel.",
        "Every output of an `nn.Linear` on the whole photograph depends on one pixel.",
        "A Linear layer joins every pixel to every output; what it lacks is neighbours.",
    ),
    "M122": (
        "Trained on other examples, the layer ends up with other filters.",
        "Whatever the examples are, training ends up with the same filters, the best ones.",
        "Training fits the filters to the examples and the loss that people chose: other examples, other filters.",
    ),
    "M123": (
        "A layer with fewer weights can be the less accurate one.",
        "A layer with fewer weights is always the more accurate one.",
        "Fewer weights are cheaper and lower the risk of learning by heart, and they can be too few for the task.",
    ),
    "M125": (
        "Unlike nerve cells in an eye, all places of the layer share their weights.",
        "Like nerve cells in an eye, each place of the layer has weights of its own.",
        "The idea came from nerve cells that watch a small area each; sharing the weights did not.",
    ),
}
_EXPERIMENTS = """\
import torch
from torch import nn
from torch.nn import functional as F
layer, photo = {layer}.double(), torch.rand(1, 3, 20, 25).double()
pixels = torch.rand(40, requires_grad=True)
nn.Linear(40, 5)(pixels)[0].backward()
windows, wanted = torch.rand(60, 6).double(), torch.rand(60, 2).double()
fitted = torch.linalg.lstsq(windows, wanted).solution  # the best weights for either of two sets of examples
fewer = torch.linalg.lstsq(windows[:, :3], wanted).solution
errors = [(data @ best - wanted).square().mean() for data, best in ((windows[:, :3], fewer), (windows, fitted))]
true = {{
    "M121": bool((pixels.grad != 0).all()),
    "M122": not torch.allclose(fitted[:, 0], fitted[:, 1]),
    "M123": bool(errors[0] > errors[1]),
    "M125": torch.allclose(layer(photo.roll(1, 3))[..., 1:], layer(photo)[..., :-1]),
}}
print([text for id, told, text in {shown} if true[id] == told])"""


def which_true(rng):
    """Which of four statements about convolutions are true?"""
    spec, (H, W) = Conv2dSpec(3, rng.choice((4, 6, 8, 12, 16)), rng.choice(KERNELS)), size_of_photograph(rng)
    holding = rng.sample(list(_STATEMENTS), rng.choice((2, 3)))
    shown = {id: truth if id in holding else belief for id, (truth, belief, _) in _STATEMENTS.items()}
    options = shuffled(rng, list(shown.values()))
    answer = [text for text in options if text in [shown[id] for id in holding]]
    lines = {id: line for id, (_, _, line) in _STATEMENTS.items()}
    slips = [
        Slip([text for other, text in shown.items() if (other in holding) != (other == id)], (id,), lines[id])
        for id in shown
    ]
    return {
        "prompt": f"Photographs of {H} x {W} pixels go through `{spec.source()}`. Tick every sentence that is true.",
        "kind": "choices",
        "level": "medium",
        "objective": "tell beliefs about convolutions from facts",
        "formula": "local, shared, fitted to examples",
        "answer": answer,
        "because": "Local windows, shared weights, filters fitted to examples: no more, and no less.",
        "hint": "Judge each sentence by an experiment: what would you change, and what would you expect to see?",
        "steps": [
            f"Linear or not: {lines['M121']}",
            f"What training does: {lines['M122']}",
            f"What few weights do: {lines['M123']} And eyes: {lines['M125']}",
        ],
        "proof": _EXPERIMENTS.format(
            layer=spec.source(),
            shown=sorted(
                ((id, id in holding, text) for id, text in shown.items()), key=lambda it: options.index(it[2])
            ),
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": {text: Slip(text, (id,), lines[id]) for id, text in shown.items()},
        "options": options,
    }


QUESTIONS = {
    "reads-all": reads_all,
    "what-learned": what_learned,
    "which-true": which_true,
    "fewer-better": fewer_better,
    "learning-step": learning_step,
}
