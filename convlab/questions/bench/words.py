"""The bench's questions in words: sentences to judge, and calls to choose from."""

from convlab.mistakes import MISTAKES
from convlab.questions.bench.layers import of_lesson, plain
from convlab.questions.cases import shuffled
from convlab.questions.question import Slip


def statement(lesson):
    """A sentence to judge: a belief of the lesson, or the same matter put rightly. It has no proof to run."""
    ids = sorted(id for id in of_lesson(lesson) if MISTAKES[id].truth)

    def question(rng):
        mistake, holds = MISTAKES[rng.choice(ids)], rng.random() < 0.5
        return {
            "prompt": f"True or false: {mistake.truth if holds else mistake.statement}",
            "kind": "truefalse",
            "level": "easy",
            "objective": "tell a belief from a fact",
            "formula": mistake.id,
            "answer": holds,
            "because": mistake.truth,
            "hint": "Think of the smallest case that would show it.",
            "steps": [mistake.diagnosis],
            "proof": "",
            "slips": (Slip(not holds, (mistake.id,), mistake.diagnosis),),
            "options": ["true", "false"],
        }

    return question


def making(rng):
    """Which call makes this layer."""
    spec, _ = plain(rng)
    wrong = {text: id for id in ("M90", "M91") for text in MISTAKES[id].models["code"](spec)}
    C_in, C_out, (kH, kW) = spec.in_channels, spec.out_channels, spec.kernel_size
    return _choice(
        rng,
        f"Which call makes a layer from {C_in} to {C_out} channels with a window of {kH} rows and {kW} columns?",
        spec.source(),
        wrong,
        "nn.Conv2d(in_channels, out_channels, kernel_size)",
        f"layer = {spec.source()}\nprint({spec.source()!r} if layer.weight.shape == {spec.weight_shape} else None)",
    )


def reflecting(rng):
    """Which line pads by reflection and convolves."""
    p = rng.choice((1, 2))
    spec, _ = plain(rng, padding=p)
    answer = f'F.conv2d(F.pad(input, ({p},) * 4, mode="reflect"), weight)'
    wrong = {text.replace("padding=1", f"padding={p}"): "M100" for text in MISTAKES["M100"].models["code"](spec)}
    return _choice(
        rng,
        f"Which line convolves `input` with `weight` after padding {p} on each side by reflection?",
        answer,
        wrong,
        "F.pad, then F.conv2d",
        f"from torch.nn import functional as F\ninput, weight = torch.ones(1, 2, 9, 9), torch.ones(3, 2, 3, 3)\n"
        f"for line in {shuffled(rng, [answer, *wrong])}:\n    try:\n        eval(line)\n        print(line)\n"
        "    except TypeError:\n        pass",
    )


def setting_the_weight(rng):
    """Which line puts other numbers into a layer."""
    spec, _ = plain(rng)
    return _line_that_works(
        rng,
        spec,
        f"`conv` is `{spec.source()}`, `numbers` a tensor of its weight's shape. Which line sets the weight?",
        "with torch.no_grad(): conv.weight.copy_(numbers)",
        {"conv.weight = numbers": "M94"},
        "assert conv.weight.equal(numbers)",
        "copy_ inside no_grad",
    )


def fewer_channels(rng):
    """Which line makes a layer take pictures of one channel."""
    spec, _ = plain(rng)
    return _line_that_works(
        rng,
        spec,
        f"`conv` is `{spec.source()}`. After which line does it take an input of one channel?",
        f"conv = nn.Conv2d(1, {spec.out_channels}, kernel_size={spec.kernel_size})",
        {"conv.in_channels = 1": "M93"},
        "conv(torch.ones(1, 1, 9, 9))",
        "a new layer",
    )


def _line_that_works(rng, spec, prompt, answer, wrong, test, formula):
    """A choice among lines on `conv`; the proof tries each and prints the one after which `test` passes."""
    return _choice(
        rng,
        prompt,
        answer,
        wrong,
        formula,
        f"for line in {shuffled(rng, [answer, *wrong])}:\n    conv, numbers = {spec.source()}, "
        f"torch.zeros({spec.weight_shape})\n    try:\n        exec(line)\n        {test}\n        print(line)\n"
        "    except (TypeError, RuntimeError):\n        pass",
    )


def _choice(rng, prompt, answer, wrong, formula, proof):
    """A choice between the answer and the calls of `wrong`: text -> the id of its mistake."""
    return {
        "prompt": prompt,
        "kind": "choice",
        "level": "easy",
        "objective": "write the call",
        "formula": formula,
        "answer": answer,
        "because": f"`{answer}` does it.",
        "hint": "Say each call aloud: which name, which arguments, in which order?",
        "steps": [f"The pattern is {formula}.", f"So `{answer}`."],
        "proof": f"import torch\nfrom torch import nn\n{proof}",
        "slips": tuple(Slip(text, (id,), MISTAKES[id].diagnosis) for text, id in wrong.items()),
        "options": shuffled(rng, [answer, *wrong]),
    }
