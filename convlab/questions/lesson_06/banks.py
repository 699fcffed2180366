"""Lesson 06, filter banks: how many orientations there are, what makes a Gabor kernel, what a bank is not."""

from convlab.questions.cases import gathered, shuffled
from convlab.questions.lesson_03.drawing import chosen
from convlab.questions.lesson_06.choosing import to_tick
from convlab.questions.question import Slip

_ORIENTATIONS = {  # what is the same for every seed
    "kind": "number",
    "level": "easy",
    "objective": "count the different filters of a bank",
    "formula": "stripes at theta and at theta + pi are the same kernel (phase 0)",
    "hint": "Turn a sheet with stripes by half a turn. Which of the angles come round to one that was there before?",
    "otherwise": "Count the angles from 0 up to, and without, pi; the others repeat these.",
}


def orientations(rng):
    """How many different kernels a row of angles gives."""
    n = rng.choice((4, 5, 6, 8, 9))
    count = rng.choice([it for it in range(n + 1, 2 * n + 1) if it != n])
    wave, kernel = rng.choice((4, 5)), rng.choice(("(9, 7)", "(7, 9)", "(11, 9)"))
    code = (
        f"angles = [i * math.pi / {n} for i in range({count})]\n"
        f"bank = [gabor({kernel}, wavelength={wave}, theta=angle, sigma=2) for angle in angles]"
    )
    slip = Slip(
        count,
        ("M164",),
        f"Angle number {n} is pi, half a turn: its stripes lie on those of angle 0. From there on the kernels repeat.",
    )
    return {
        **_ORIENTATIONS,
        "prompt": f"`gabor` makes a Gabor kernel with its stripes turned by `theta`, phase 0. The list `bank` has "
        f"{count} entries. How many different kernels are among them?",
        "answer": n,
        "because": f"{n} angles lie below pi, and half a turn lays stripes onto themselves.",
        "steps": [
            f"The angles lie pi / {n} apart, so angles 0 to {n - 1} are below pi, and angle {n} is pi itself.",
            f"Kernel {n} is kernel 0 turned by half a turn: the same. So there are {n} different ones.",
        ],
        "proof": (
            f"import math\nfrom convlab.samples import gabor\n{code}\n"
            "different = []\nfor kernel in bank:\n    if all(abs(kernel - it).max() > 1e-6 for it in different):\n"
            "        different.append(kernel)\nprint(len(different))"
        ),
        "slips": gathered("number", n, [slip]),
        "figure": [{"code": code}],
    }


_EXPRESSION = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say what makes a Gabor kernel",
    "formula": "a Gabor kernel = Gaussian envelope * cosine wave",
    "hint": "Two factors: one fades out from the middle to the rim, one goes up and down in one direction.",
}


_COORDINATES = (
    "y, x = torch.meshgrid(torch.arange(-4.0, 5.0), torch.arange(-5.0, 6.0), indexing='ij')\n"
    "along = x * math.cos(theta) + y * math.sin(theta)\n"
    "across = y * math.cos(theta) - x * math.sin(theta)\n"
    "envelope = torch.exp(-(across**2 + along**2) / (2 * 2.5**2))"
)


def _not_gabor(first, second, wave):
    """Line -> (the mistake it is, why)."""
    return {
        f"torch.cos(2 * pi * {first} / {wave})": (
            "M163",
            "A wave that fills the whole kernel ends at its rim as if cut off. The envelope makes it fade out: only "
            "then is it a Gabor kernel.",
        ),
        f"envelope * torch.cos(2 * pi * {second} / {wave})": (
            "M63",
            f"That goes up and down in the direction of `{second}`: its stripes lie the other way.",
        ),
        f"envelope * torch.cos(2 * pi * {first} / {wave}).abs()": (
            "M105",
            "Without its minus signs the kernel compares nothing: it adds up, as a blur does. Light against dark takes "
            "both signs.",
        ),
    }


def gabor_expression(rng):
    """Which line makes a Gabor kernel."""
    first, second = rng.choice((("across", "along"), ("along", "across")))
    wave = rng.choice((4, 5, 6, 8))
    answer = f"envelope * torch.cos(2 * pi * {first} / {wave})"
    wrong = _not_gabor(first, second, wave)
    return {
        **_EXPRESSION,
        "prompt": f"After these lines, which one makes a Gabor kernel that goes up and down in the direction of "
        f"`{first}`, a wave of {wave} pixels?",
        "answer": answer,
        "because": f"A wave along `{first}`, light and dark, that the envelope fades out.",
        "steps": [
            f"The wave: a cosine with {wave} pixels from crest to crest, measured in the direction of `{first}`.",
            f"It fades out from the middle: times the Gaussian envelope, `{answer}`.",
        ],
        "proof": (
            f"import math\nimport torch\npi, theta = math.pi, 0.0\n{_COORDINATES}\n"
            f"for line in {[answer, *wrong]}:\n    kernel = eval(line)\n"
            f"    wave = torch.cos(2 * pi * {first} / {wave})\n"
            "    if torch.allclose(kernel / envelope, wave, atol=1e-4):\n        print(line)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [{"code": _COORDINATES}],
    }


_CLAIMS = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "say what a filter bank is, and what it is not",
    "formula": "a bank: made by a formula, with both signs, n orientations in half a turn, not trained by itself",
    "hint": "Three things are asked: what the numbers are, what a turn does to them, and who may change them.",
    "otherwise": "Look at the signs, at half a turn, and at what makes a tensor a Parameter.",
    "because": "Stripes of both signs that fade out, the same after half a turn; trained only as a Parameter.",
}


def _claims(n):
    """For each matter its versions: (claim, is it so, the mistake behind being wrong about it, why)."""
    turn = "A cosine is the same forwards and backwards, and so is the envelope: half a turn changes nothing."
    signs = "A cosine goes below 0: light stripes are compared with dark ones. Positive weights alone make a blur."
    fades = "The Gaussian envelope fades the wave out towards the rim."
    plain = "A tensor made by a formula is no Parameter: no optimizer gets it."
    start = "In a layer they are a start like any other: the optimizer changes them."
    return (
        [("turned by 180 degrees, each kernel is what it was", True, "M164", turn),
         ("turned by 180 degrees, each kernel is another one", False, "M164", turn)],
        [("all weights are positive", False, "M163", signs), ("some weights are negative", True, "M163", signs)],
        [("the corners are as strong as the middle", False, "M163", fades),
         ("the corners are weaker than the middle", True, "M163", fades)],
        [(f"as the weight of F.conv2d, an optimizer trains the {n} kernels", False, "M92", plain),
         (f"as the weight of F.conv2d, the {n} kernels stay as they are", True, "M92", plain)],
        [("copied into a layer, they are changed by training", True, "M67", start),
         ("copied into a layer, they stay as they are in training", False, "M67", start)],
    )  # fmt: skip


def bank_claims(rng):
    """What is true of a bank of Gabor kernels."""
    n, kernel = rng.choice((4, 5, 6, 8)), rng.choice(((9, 7), (7, 9), (11, 9)))
    wave, fields = rng.choice((4, 5)), to_tick(rng, _claims(n))
    code = f"bank = torch.tensor(gabor_bank({kernel}, {n}, wavelength={wave}, sigma=2))[:, None].float()"
    return {
        **_CLAIMS,
        **fields,
        "prompt": f"`gabor_bank` makes {n} Gabor kernels, phase 0, turned by i * pi / {n}. What is true of them? Tick "
        "all.",
        "steps": [
            "Cosine and envelope have the same values on both sides of the middle: half a turn changes nothing.",
            "The wave has both signs, and the envelope makes the rim small.",
            "As a plain tensor it is not trained; inside a layer it is, whoever chose the numbers.",
        ],
        "proof": _claims_proof(code, n, fields["options"]),
        "figure": [{"code": code}],
    }


def _claims_proof(code, n, options):
    return (
        "import torch\nfrom torch import nn\nfrom convlab.samples import gabor_bank\n"
        f"{code}\nkH, kW = bank.shape[2:]\nlayer = nn.Conv2d(1, {n}, (kH, kW))\n"
        "with torch.no_grad():\n    layer.weight.copy_(bank)\n"
        "layer(torch.rand(1, 1, 20, 24)).square().sum().backward()\n"
        "torch.optim.SGD(layer.parameters(), lr=0.1).step()\n"
        "same, kept = torch.allclose(bank.rot90(2, (2, 3)), bank, atol=1e-6), layer.weight.equal(bank)\n"
        "weak = bank[:, :, ::kH - 1, ::kW - 1].abs().max() < bank[:, :, kH // 2, kW // 2].abs().min()\n"
        "holds = {'is what it was': same, 'is another': not same, 'all weights': (bank > 0).all(),\n"
        "         'some weights': (bank < 0).any(), 'are as strong': not weak, 'are weaker': weak,\n"
        "         'an optimizer trains': bank.requires_grad, 'kernels stay': not bank.requires_grad,\n"
        "         'they are changed': not kept, 'they stay': kept}\n"
        f"for claim in {options}:\n    if any(words in claim and true for words, true in holds.items()):\n"
        "        print(claim)"
    )


QUESTIONS = {"gabor-expression": gabor_expression, "orientations": orientations, "bank-claims": bank_claims}
