"""The bench's questions on drawn layers: what `about` asks, does it run, what two layers give, the receptive field."""

from types import SimpleNamespace

from convlab.mistakes import MISTAKES
from convlab.questions.cases import drawn
from convlab.questions.on_a_layer import layer_question, level_of, named, predictions
from convlab.questions.question import Slip
from convlab.refusals import Refusal
from convlab.shapes import Conv2dSpec, call, receptive_field

_TRIES = 4  # layers drawn for a question; the one that tells most mistakes apart is kept


def of_lesson(lesson):
    """The ids of the mistakes at home in a lesson."""
    return {id for id, mistake in MISTAKES.items() if mistake.lesson == lesson}


def apart(slips, ids):
    """How many of these mistakes are named first by an answer of their own."""
    return len({slip.mistakes[0] for slip in slips} & ids) + sum(len(slip.mistakes) == 1 for slip in slips) / 100


def asking(what, lesson, layer):
    """A question `what` (as for ``about``) on the best of several layers (spec, input_shape) from `layer(rng)`."""
    ids = of_lesson(lesson)

    def question(rng):
        cases = [_legal(rng, layer) for _ in range(_TRIES)]
        return layer_question(*max(cases, key=lambda case: apart(named(None, predictions(*case, what)), ids)), what)

    return question


def _legal(rng, layer):
    return drawn(lambda: layer(rng), lambda case: not refused(*case))


def refused(spec, input_shape):
    """True when PyTorch refuses the input."""
    try:
        spec.output_shape(input_shape)
    except Refusal:
        return True
    return False


def sides(rng, low=12, high=40):
    """Height and width, different."""
    return rng.sample(range(low, high), 2)


def plain(rng, **settings):
    """A layer of stride 1 and an input with a batch; `settings` change it."""
    C_in, C_out = rng.sample((2, 3, 4, 5, 6, 8), 2)
    kernel = tuple(rng.sample((2, 3, 4, 5), 2))
    spec = Conv2dSpec(**{"in_channels": C_in, "out_channels": C_out, "kernel_size": kernel, **settings})
    return spec, (rng.randint(2, 9), spec.in_channels, *sides(rng))


def strided(rng):
    """Stride above 1, padding, everything in pairs."""
    stride = tuple(rng.sample((2, 3), 2)) if rng.random() < 0.5 else rng.choice((2, 3))
    return plain(rng, stride=stride, padding=tuple(rng.sample((1, 2, 3), 2)))


def half_padded(rng):
    """One even number for the kernel's sides, half of it as padding: what M16 believes in."""
    k = rng.choice((2, 4, 6))
    return plain(rng, kernel_size=k, padding=k // 2, stride=rng.choice((1, 2)))


def dilated(rng):
    """Dilation above 1 on an axis, and sometimes padding."""
    return plain(rng, **_spread(rng), padding=rng.choice((0, 0, (1, 0), (2, 1))))


def nearly_same(rng):
    """Dilation with "same", or with the padding that would keep the size without it: what M15 believes in."""
    settings = _spread(rng)
    halves = tuple((k - 1) // 2 for k in settings["kernel_size"])
    return plain(rng, **settings, padding=rng.choice((halves, "same")))


def _spread(rng):
    kernel = rng.choice(((3, 5), (5, 3), (3, 3)))
    return {"kernel_size": kernel, "dilation": rng.choice(((2, 1), (2, 3), (3, 2), 2))}


def single(channels):
    """One picture of so many channels, without a batch axis."""

    def layer(rng):
        spec, shape = plain(rng, in_channels=channels, out_channels=rng.choice((4, 6, 8)))
        return spec, shape[1:]

    return layer


def grouped(rng):
    """Groups above 1: a few, or depthwise."""
    g = rng.choice((2, 3, 4))
    C_in = g * rng.choice((1, 2, 3))
    return plain(rng, in_channels=C_in, out_channels=g * rng.choice((2, 3, 5)), groups=rng.choice((g, C_in)))


def grouped_evenly(rng):
    """Groups that divide both channel counts, whatever was drawn."""
    return drawn_or_none(rng, grouped)


def drawn_or_none(rng, layer):
    """A case of `layer` that can be made at all."""
    while True:
        try:
            return layer(rng)
        except Refusal:
            continue


def unbiased(layer):
    """The same layers without a bias."""

    def case(rng):
        spec, shape = layer(rng)
        return Conv2dSpec(**{**vars(spec), "bias": False}), shape

    return case


def running(lesson, layer):
    """Does it run? `layer(rng)` gives (settings, input_shape, dtype), legal or not."""
    ids = of_lesson(lesson)

    def question(rng):
        def meant():
            settings, shape, dtype = layer(rng)
            return settings, shape, dtype, *_runs(settings, shape, dtype)

        wanted = rng.random() < 0.5  # as often an error as not, where the lesson's mistakes allow both
        cases = [case for case in (meant() for _ in range(20)) if ids.intersection(case[4])]
        cases = [case for case in cases if case[3] == wanted] or cases or [meant()]
        return _running_words(*rng.choice(cases))

    return question


def _runs(settings, input_shape, dtype):
    """(whether PyTorch runs it, the ids of the mistakes that say otherwise)."""
    try:
        spec = Conv2dSpec(**settings)
        spec.output_shape(input_shape)
        runs = dtype == "float32"
    except Refusal:
        spec, runs = loose(settings), False
    expected = {id: it.models["error"](spec, input_shape, dtype) for id, it in MISTAKES.items() if "error" in it.models}
    return runs, tuple(id for id, said in expected.items() if said and ("runs" in said) != runs)


def loose(settings):
    """Settings that PyTorch refuses, with the names that a ``Conv2dSpec`` has."""
    defaults = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1, "bias": True}
    pairs = ("kernel_size", "stride", "padding", "dilation")
    given = {**defaults, **settings}
    both = {name: (given[name],) * 2 if isinstance(given[name], int) else given[name] for name in pairs}
    return SimpleNamespace(**{**given, **both, "pads": ((0, 0), (0, 0))})


def _running_words(settings, input_shape, dtype, runs, mistakes):
    try:
        shape = Conv2dSpec(**settings).output_shape(input_shape)
        why = f"The settings fit: the output has the shape {shape}."
        if not runs:
            why = "The weights are float32, and the input is uint8: PyTorch refuses to multiply them."
    except Refusal as refusal:
        why = str(refusal)
    source = call(settings)
    lines = " ".join(MISTAKES[id].diagnosis for id in mistakes[:2])
    made = f", dtype=torch.{dtype}" if dtype != "float32" else ""
    return {
        "prompt": f"The layer is `{source}`, the input has the shape {input_shape} and the dtype {dtype}. "
        "True or false: this runs without an error.",
        "kind": "truefalse",
        "level": "medium",
        "objective": "say whether it runs",
        "formula": "the channels agree, the window fits, groups divide both channel counts, one dtype",
        "answer": runs,
        "because": why,
        "hint": "Check in this order: can the layer be made, do the channels agree, does the window fit, is the dtype "
        "the weights' dtype?",
        "steps": [f"The layer: `{source}`.", f"The input: {input_shape}, {dtype}.", why],
        "proof": (
            f"import torch\nfrom torch import nn\ntry:\n    {source}(torch.ones({input_shape}{made}))\n"
            "    print(True)\nexcept (RuntimeError, ValueError):\n    print(False)"
        ),
        "slips": (Slip(not runs, mistakes, f"{why} {lines}".strip()),),
        "options": ["true", "false"],
    }


def stacked(lesson, count):
    """The size after `count` layers that follow each other."""

    def case(rng):
        specs = [plain(rng, in_channels=1, out_channels=1, stride=rng.choice((1, 2, 2))) for _ in range(count)]
        return [spec for spec, _ in specs], (1, 1, *sides(rng, 24, 48))

    def question(rng):
        specs, shape = drawn(lambda: case(rng), lambda it: _after(*it) and _stack_slips(*it))
        sizes = _after(specs, shape)
        return {
            **_stack_words(specs, shape, sizes),
            "slips": _stack_slips(specs, shape),
        }

    return question


def _after(specs, input_shape):
    """The size after each layer; nothing where one refuses."""
    sizes = []
    for spec in specs:
        if refused(spec, input_shape):
            return []
        input_shape = spec.output_shape(input_shape)
        sizes.append(tuple(input_shape[-2:]))
    return sizes


def _stack_slips(specs, input_shape):
    predicted = [(it, "M26") for it in MISTAKES["M26"].models["stack"](specs, input_shape)]
    return named(_after(specs, input_shape)[-1], predicted)


def _stack_words(specs, shape, sizes):
    calls = "\n".join(spec.source() for spec in specs)
    steps = [f"After `{spec.source()}`: {H} x {W}." for spec, (H, W) in zip(specs, sizes, strict=True)]
    H, W = shape[-2:]
    return {
        "prompt": f"An input of {H} x {W} goes through these layers in turn. Which size (height, width) comes out?",
        "kind": "shape",
        "level": level_of([*steps, ""]),
        "objective": "follow a size through layers",
        "formula": "each output is the next input",
        "answer": sizes[-1],
        "because": f"Layer by layer: {', '.join(f'{h} x {w}' for h, w in sizes)}.",
        "hint": "From left to right: work out the first output, and take it for the next input.",
        "steps": [*steps, f"So {sizes[-1]}."],
        "proof": f"import torch\nfrom torch import nn\nlayers = nn.Sequential({', '.join(s.source() for s in specs)})\n"
        f"print(tuple(layers(torch.zeros({shape})).shape[2:]))",
        "axes": ("a size", "(height, width)"),
        "figure": [{"code": calls}],
        "otherwise": "Work out one layer after the other; a stride divides what it gets.",
    }


def seeing(count):
    """The receptive field of `count` layers."""

    def case(rng):
        def layer():
            kernel, stride = tuple(rng.sample((2, 3, 4, 5), 2)), rng.choice((1, 2, (2, 1), (1, 2)))
            return Conv2dSpec(1, 1, kernel, stride, dilation=rng.choice((1, 1, 2)))

        return [layer() for _ in range(count)]

    def slips(specs):
        predicted = [(it, id) for id in ("M70", "M71", "M72", "M116") for it in MISTAKES[id].models["field"](specs)]
        return named(receptive_field(specs)[0], predicted)

    def question(rng):
        specs = max((case(rng) for _ in range(_TRIES)), key=lambda specs: apart(slips(specs), of_lesson("05")))
        return {**_field_words(specs), "slips": slips(specs)}

    return question


def _field_words(specs):
    steps, calls = [], "\n".join(spec.source() for spec in specs)
    for number, spec in enumerate(specs, 1):
        (size_H, size_W), (jump_H, jump_W) = receptive_field(specs[:number])
        (eH, eW) = spec.extent
        steps.append(
            f"Layer {number} reaches over {eH} x {eW}: the field is now {size_H} x {size_W}, and one step of its "
            f"output is {jump_H} rows or {jump_W} columns of the picture."
        )
    size = receptive_field(specs)[0]
    return {
        "prompt": "Which receptive field (height, width), in pixels of the picture, has one unit after these layers?",
        "kind": "shape",
        "asks": "height and width",
        "level": level_of([*steps, ""]),
        "objective": "work out a receptive field",
        "formula": "r = 1 + sum((extent - 1) * product of the strides before)",
        "answer": size,
        "because": f"Layer by layer the field grows to {size[0]} x {size[1]}.",
        "hint": "Begin with 1. Each layer adds its extent less 1, times the strides of the layers before it.",
        "steps": [*steps, f"So {size}."],
        "proof": (
            "import torch\nfrom torch import nn\n"
            f"layers = nn.Sequential({', '.join(spec.source() for spec in specs)}).double()\n"
            "for parameter in layers.parameters():\n    nn.init.ones_(parameter)\n"
            "picture = torch.zeros(1, 1, 150, 160, dtype=torch.float64, requires_grad=True)\n"
            "layers(picture)[0, 0, 3, 3].backward()\nrows, columns = picture.grad[0, 0].nonzero().T\n"
            "print((int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1))"
        ),
        "axes": ("a receptive field", "(height, width)"),
        "figure": [{"code": calls}],
        "otherwise": "Write one line for each layer: its extent, the field so far, the product of the strides so far.",
    }
