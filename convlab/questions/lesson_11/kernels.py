"""Lesson 11, silence about weights: kernels from elsewhere, numbers that two names share, a size that repr hides."""

from convlab.mistakes.values import mirrored, rotated, transposed, upside_down
from convlab.questions.cases import apart, block, drawn, gathered, grid, kernel, output_of, rows_text, shuffled
from convlab.questions.lesson_03.drawing import KERNELS, chosen, judged, size, ticked
from convlab.questions.lesson_11.drawing import conv_text
from convlab.questions.question import Slip
from convlab.questions.varying import some_of

_IMPULSE = {  # what is the same for every seed
    "kind": "cells",
    "level": "medium",
    "objective": "use one lit pixel as a test",
    "formula": "Conv2d on one lit pixel: the kernel turned by 180 degrees; convolve2d: the kernel as it is",
    "hint": "Which place reads the lit pixel with the first tap of the kernel? Which with the last?",
    "otherwise": "Go place by place: lay the kernel on the input at (i, j), and look which tap lies on the lit pixel.",
}


def _lit(output):
    return [[i, j] for i, row in enumerate(output) for j, value in enumerate(row) if value]


def _impulse_slips(input, weight):
    def lit(change):
        return _lit(output_of(input, change(weight)))

    return lit(list), [
        Slip(lit(rotated), ("M61",), "So it is in SciPy, which turns the kernel: one lit pixel shows it as it is. "
             "Conv2d does not turn it, and shows it turned by 180 degrees."),
        Slip(lit(mirrored), ("M62",), "That is turned on one axis. From above to below it runs the wrong way too."),
        Slip(lit(upside_down), ("M62",), "That is turned on one axis. From left to right it runs the wrong way too."),
    ]  # fmt: skip


def _impulse_case(rng):
    """An input with one lit pixel, a kernel of 0 and 1, and the pixel's place."""

    def draw():
        (kH, kW), (up, left) = rng.choice(((3, 2), (2, 3))), (rng.choice((0, 1)), rng.choice((0, 1)))
        weight = grid(rng, kH, kW, 0, 1)
        H, W = 2 * kH - 1 + up, 2 * kW - 1 + left
        r, c = rng.randint(kH - 1, H - kH), rng.randint(kW - 1, W - kW)
        return [[int((i, j) == (r, c)) for j in range(W)] for i in range(H)], weight, (r, c)

    def fair(case):
        input, weight, _ = case
        H_out, W_out = len(input) - len(weight) + 1, len(input[0]) - len(weight[0]) + 1
        ones = sum(map(sum, weight))
        return (
            2 < ones < 5
            and H_out != W_out
            and len(input) != len(input[0])
            and apart("cells", *_impulse_slips(input, weight))
        )

    return drawn(draw, fair)


def impulse_test(rng):
    """Where Conv2d lights up on one lit pixel, with a kernel meant for a true convolution."""

    input, weight, (r, c) = _impulse_case(rng)
    (answer, slips), (kH, kW) = _impulse_slips(input, weight), (len(weight), len(weight[0]))
    H_out, W_out = len(input) - kH + 1, len(input[0]) - kW + 1
    taps = [(u, v) for u in range(kH) for v in range(kW) if weight[u][v]]
    first, last = taps[0], taps[-1]
    cells = ", ".join(str(tuple(cell)) for cell in answer)
    return {
        **_IMPULSE,
        "prompt": "This kernel was made for SciPy's `convolve2d`, and is copied into "
        f"`nn.Conv2d(1, 1, kernel_size=({kH}, {kW}), bias=False)` as it is. The test: an input with one lit pixel, at "
        f"({r}, {c}). Click the cells of the layer's output that are not 0.",
        "answer": answer,
        "because": "One lit pixel shows the kernel turned by 180 degrees: so you see that Conv2d has not turned it.",
        "steps": [
            f"Tap {first} lies on the lit pixel at place ({r} - {first[0]}, {c} - {first[1]}) = "
            f"({r - first[0]}, {c - first[1]}).",
            f"Tap {last} lies on it at ({r} - {last[0]}, {c} - {last[1]}) = ({r - last[0]}, {c - last[1]}): the later "
            "the tap, the earlier the place.",
            f"All of them: {cells}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = nn.Conv2d(1, 1, ({kH}, {kW}), bias=False)\n"
            f"with torch.no_grad():\n    layer.weight.copy_(torch.tensor({weight}))\n"
            f"print(layer(torch.tensor([[{input}]]).float())[0, 0].nonzero().tolist())"
        ),
        "slips": gathered("cells", answer, slips),
        "options": {"shape": [H_out, W_out], "role": "output"},
        "figure": [block("input", input), block("weight", weight)],
    }


_FLIP = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "take a kernel over from SciPy",
    "formula": "Conv2d with kernel.flip(0, 1) = convolve2d with kernel",
    "hint": "A true convolution turns the kernel by 180 degrees, Conv2d does not. So who has to do it?",
}


def mend_flip(rng):
    """Which numbers Conv2d needs to do what convolve2d did."""
    kH, kW = rng.choice(((2, 3), (3, 2)))
    weight = drawn(lambda: kernel(rng, kH, kW, 9), lambda it: len({tap for row in it for tap in row}) > 4)
    one = mirrored if rng.random() < 0.5 else upside_down
    answer = rows_text(rotated(weight))
    wrong = {
        rows_text(weight): ("M61", "Conv2d lays the kernel on the input as it is and does not turn it, so it gives "
            "other numbers than SciPy, without a message."),
        rows_text(one(weight)): ("M62", "That is turned on one axis only. To turn by 180 degrees is to reverse rows "
            "and columns."),
        rows_text(transposed(weight)): ("M63", f"That is transposed: {kW} x {kH}. Nothing is transposed in a "
            "convolution; rows and columns are reversed."),
    }  # fmt: skip
    last = weight[-1][-1]
    return {
        **_FLIP,
        "prompt": "SciPy's `convolve2d` with this kernel finds what it should. Which numbers have to be copied into "
        "the weight of an `nn.Conv2d`, so that it gives the same?",
        "answer": answer,
        "because": "Turned by 180 degrees beforehand, `kernel.flip(0, 1)`: what SciPy does itself.",
        "steps": [
            "SciPy turns the kernel by 180 degrees before it slides it; Conv2d does not.",
            f"So turn it first: rows and columns in reverse order, beginning with the last number, {last}.",
        ],
        "proof": (
            "import torch\nfrom torch.nn import functional as F\n"
            f"kernel, input = torch.tensor({weight}).double(), torch.randn(1, 1, 9, 11).double()\n"
            f"wanted = F.conv_transpose2d(input, kernel[None, None])[..., {kH - 1}:-{kH - 1}, {kW - 1}:-{kW - 1}]\n"
            f"for numbers in {[answer, *wrong]}:\n    given = F.conv2d(input, torch.tensor(eval(numbers)).double()"
            "[None, None])\n    if given.shape == wanted.shape and given.allclose(wanted):\n        print(numbers)"
        ),
        "slips": chosen(answer, wrong),
        "options": shuffled(rng, [answer, *wrong]),
        "figure": [block("weight", weight, f"kernel {kH} x {kW}")],
    }


_SHARED = {  # what is the same for every seed
    "kind": "choices",
    "level": "medium",
    "objective": "find the tensors that share their numbers",
    "formula": "shared: `.data =`, `= a.weight`, detach(), .data; copied: copy_, clone()",
    "because": "`=` and `detach()` give the same numbers another name. `copy_` and `clone()` make copies, which stay "
    "as they were.",
    "hint": "For each line: does it copy numbers, or give the same numbers a second name?",
    "otherwise": "Only `copy_` and `clone()` copy. All else is another name for the same numbers.",
}
_TIES = (  # code for layer b -> (does b's weight change with a's, the mistake behind being wrong, why)
    ("b.weight.data = a.weight.data", True, "M95", "`b.weight.data = a.weight.data` copies nothing: both weights are "
     "the same numbers now."),
    ("b.weight = a.weight", True, "M160", "`b.weight = a.weight` copies nothing: both layers hold one Parameter."),
    ("with torch.no_grad(): b.weight.copy_(a.weight)", False, "M95", "`copy_` copied the numbers: `b` keeps them."),
)  # fmt: skip
_KEPT = (  # what was kept of the weight -> (does it change, why)
    ("a.weight.detach()", True, "`detach()` leaves the gradient behind, not the numbers: they are the same ones."),
    ("a.weight.data", True, "`.data` is another name for the same numbers."),
    ("a.weight.detach().clone()", False, "`clone()` made a copy, and that stays."),
)

_CHANGES = ("a.weight.add_(1)", "a.weight.zero_()", "a.weight.mul_(3)")


def shared_numbers(rng):
    """Which tensors change together with a layer's weight."""
    (kernel_size, C_in, C_out), (first, second) = _layer(rng), rng.sample(_KEPT, 2)
    (tie, other), (old, kept) = rng.sample(_TIES, 2), rng.choice((("old", "kept"), ("before", "saved")))
    change, call = rng.choice(_CHANGES), conv_text(C_in, C_out, kernel_size)
    start = (
        f"a, b, c = ({call} for _ in range(3))\n{tie[0]}\n{other[0].replace('b.weight', 'c.weight')}\n"
        f"{old} = {first[0]}\n{kept} = {second[0]}"
    )
    meant = {
        "b.weight": tie[1:],
        "c.weight": (other[1], other[2], other[3].replace("b.weight", "c.weight").replace("`b`", "`c`")),
        old: (first[1], "M226", first[2]),
        kept: (second[1], "M226", second[2]),
        "a.bias": (False, "M160", "Only the weight is changed: a bias is a Parameter of its own."),
    }
    options = some_of(rng, list(meant), lambda name: meant[name][0])
    answer = [name for name in options if meant[name][0]]
    slips, per_option = ticked(options, answer, {name: it[1:] for name, it in meant.items()})
    copies = [name for name in meant if not meant[name][0] and name != "a.bias"]
    return {
        **_SHARED,
        "prompt": "Which of these hold other numbers after the last line than before it? Tick all.",
        "answer": answer,
        "steps": [
            "Look how each came about: with `=` or `detach()` it is the weight of `a` under another name.",
            f"Copied, so unchanged: {', '.join(f'`{it}`' for it in copies) if copies else 'none of them'}.",
            f"Of those to tick, these change: {', '.join(f'`{it}`' for it in answer)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{start}\nnames = {options}\n"
            "then = [eval(name).detach().clone() for name in names]\n"
            f"with torch.no_grad(): {change}\n"
            "print([name for name, was in zip(names, then) if not eval(name).equal(was)])"
        ),
        "slips": slips,
        "per_option": per_option,
        "options": options,
        "figure": [{"code": f"{start}\nwith torch.no_grad(): {change}"}],
    }


def _layer(rng):
    kernel_size = rng.choice(KERNELS)
    C_in, C_out = rng.sample([it for it in (2, 3, 4, 6, 8) if it not in kernel_size], 2)
    return kernel_size, C_in, C_out


_HIDDEN = {  # what is the same for every seed
    "kind": "shape",
    "level": "easy",
    "objective": "trust the weight, not what is printed",
    "formula": "the size follows from weight.shape: H - weight.shape[2] + 1; repr shows what the layer was made with",
    "hint": "What does the layer slide over the input: what it prints, or its weight?",
    "otherwise": "Take the sizes from the weight that is in the layer now.",
    "axes": ("the output", "(N, C, H, W)"),
}


def _hidden_slips(N, C_out, H, W, made, put):
    (kH, kW), (a, b) = made, put
    return [
        Slip((N, C_out, H - kH + 1, W - kW + 1), ("M95",), f"So it would be with {kH} x {kW}, as `print` says. But "
             f"`.data =` put in {a} x {b}, and nothing compared the sizes."),
        Slip((N, C_out, H - a, W - b), ("M02",), f"The weight is right. A kernel of {a} rows takes {a} - 1 = {a - 1} "
             "away."),
        Slip((N, C_out, a, b), ("M25",), f"{a} x {b} is the kernel. What comes out are its places on {H} x {W}."),
        Slip((N, C_out, H, W), ("M01",), "There is no padding: the window has to fit inside."),
    ]  # fmt: skip


def hidden_kernel(rng):
    """What comes out where .data brought in a weight of another size."""

    def draw():
        made, C_in, C_out = _layer(rng)
        put = rng.choice([it for it in KERNELS if it[0] != made[0] and it[1] != made[1]])
        return C_in, C_out, *size(rng, 14, 30), made, put, rng.choice((2, 5, 7))

    def fair(case):
        _, C_out, H, W, made, put, N = case
        right = (N, C_out, H - put[0] + 1, W - put[1] + 1)
        slips = _hidden_slips(N, C_out, H, W, made, put)
        return all(it[2] != it[3] for it in (right, *(it.answer for it in slips))) and apart("shape", right, slips)

    C_in, C_out, H, W, made, put, N = drawn(draw, fair)
    (a, b), answer = put, (N, C_out, H - put[0] + 1, W - put[1] + 1)
    code = (
        f"conv = {conv_text(C_in, C_out, made)}\nconv.weight.data = torch.randn({C_out}, {C_in}, {a}, {b})\n"
        f"print(conv)\n# Conv2d({C_in}, {C_out}, kernel_size={made}, stride=(1, 1))"
    )
    return {
        **_HIDDEN,
        "prompt": f"`x` has the shape ({N}, {C_in}, {H}, {W}). Which shape has `conv(x)` after these lines? There is "
        "no error.",
        "answer": answer,
        "because": f"The weight is {a} x {b}, whatever is printed: `.data =` compares no sizes, `copy_` would.",
        "steps": [
            f"`.data =` has put a weight of {a} x {b} into the layer; `print` still shows what it was made with.",
            f"The weight slides: {H} - {a} + 1 = {answer[2]} rows, {W} - {b} + 1 = {answer[3]} columns.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\n{code.replace('print(conv)', 'pass')}\n"
            f"print(tuple(conv(torch.rand({N}, {C_in}, {H}, {W})).shape))"
        ),
        "slips": gathered("shape", answer, _hidden_slips(N, C_out, H, W, made, put)),
        "figure": [{"code": code}],
    }


_WAYS = (("conv.weight.detach()", True), ("conv.weight.data", True), ("conv.weight.detach().clone()", False),
         ("conv.weight.data.clone()", False))  # fmt: skip


def myth_before(rng):
    """Whether what was kept before a step still has the old numbers after it."""
    (kept, shared), (kernel_size, C_in, C_out), (H, W) = rng.choice(_WAYS), _layer(rng), size(rng, 9, 20)
    says, kind, name = rng.random() < 0.5, rng.choice(("SGD", "Adam")), rng.choice(("before", "old"))
    code = (
        f"conv = {conv_text(C_in, C_out, kernel_size)}\noptimizer = torch.optim.{kind}(conv.parameters(), lr=0.1)\n"
        f"{name} = {kept}\nconv(torch.rand({rng.choice((2, 5))}, {C_in}, {H}, {W})).square().mean().backward()\n"
        f"optimizer.step()\nprint(torch.equal({name}, conv.weight))"
    )
    line = (
        f"`{name}` shares its numbers with the weight, so they change together and are always equal: this test sees "
        "no step. `.clone()` would have kept the old ones."
        if shared
        else f"`.clone()` made a copy, which keeps the old numbers: `{name}` and the weight differ after the step."
    )
    return judged(
        shared == says,
        f"the last line prints {says}.",
        "M226",
        line,
        objective="compare before and after",
        formula="before = weight.detach().clone(); without clone() it is the weight itself",
        because=line,
        hint=f"Does the step change the numbers of `{name}` as well?",
        steps=[
            f"The step changes the weight; `{name}` is {'the same numbers' if shared else 'a copy of the old ones'}.",
            f"So `torch.equal` gives {shared}.",
        ],
        proof=f"import torch\nfrom torch import nn\n{code.replace('print(', f'print({says} == ')}",
        figure=[{"code": code}],
    )


QUESTIONS = {
    "impulse-test": impulse_test,
    "mend-flip": mend_flip,
    "shared-numbers": shared_numbers,
    "hidden-kernel": hidden_kernel,
    "myth-before": myth_before,
}
