"""Lesson 04, keeping the size and halving it: what padding can make up for, and what it cannot."""

from convlab.questions.cases import counted, drawn, gathered, shuffled
from convlab.questions.lesson_04.drill import worked
from convlab.questions.question import Slip
from convlab.questions.varying import some_of
from convlab.shapes import Conv2dSpec, output_length

ODD = ((3, 5), (5, 3), (3, 7), (7, 3), (5, 7), (7, 5))
EVEN = ((2, 4), (4, 2), (2, 6), (6, 2), (4, 6), (6, 4))


def _size(rng, even=False):
    """Height and width of a picture, never equal; both even where halves are wanted."""
    height = rng.choice((24, 28, 32, 36))
    width = height + rng.choice((-8, -4, 4, 6, 10, 12))
    return height, width + (0 if even else rng.choice((0, 1)))


def _out(size, kernel, stride=1, padding=(0, 0)):
    axes = zip(size, kernel, padding, strict=True)
    return tuple(output_length(length, k, stride, (p, p)) for length, k, p in axes)


def _by(size):
    return f"{size[0]} x {size[1]}"


def _keeps_wrong(kernel, size):
    """Mistake id -> (the padding it leads to, what is wrong with that)."""
    (kH, kW), (H, W), (pH, pW) = kernel, size, (k // 2 for k in kernel)
    return {
        "M03": (
            (kH - 1, kW - 1),
            f"The kernel takes {kH - 1} rows and {kW - 1} columns away, and these are all to be added; but `padding` "
            f"is for each side, so ({kH - 1}, {kW - 1}) adds twice as much: "
            f"{_by(_out((H, W), (kH, kW), 1, (kH - 1, kW - 1)))}.",
        ),
        "M21": (
            (pW, pH),
            f"{pW} would go above and below, {pH} left and right. Both pairs are (height, width): the first number of "
            f"the padding has to make up for the kernel's height, {kH}.",
        ),
        "M01": (
            (0, 0),
            f"Without padding the window must fit inside the input: {_by(_out((H, W), (kH, kW)))} comes out.",
        ),
    }


def keeps_size(rng):
    """The padding that keeps the size."""
    (kH, kW), (H, W) = rng.choice(ODD), _size(rng)
    pH, pW = kH // 2, kW // 2
    wrong = _keeps_wrong((kH, kW), (H, W))
    names = {id: f"padding={pair}" for id, (pair, _) in wrong.items()} | {"right": f"padding=({pH}, {pW})"}
    return {
        "prompt": (
            f"`nn.Conv2d(3, 8, kernel_size=({kH}, {kW}), padding=...)` with stride 1 is to keep an input of {H} x {W} "
            "(height x width) at this size. Which padding does that?"
        ),
        "kind": "choice",
        "level": "easy",
        "objective": "choose the padding that keeps the size",
        "formula": "p = (k - 1) / 2 for odd k, stride 1",
        "answer": names["right"],
        "because": f"A kernel of {kH} takes {kH - 1} rows, and {pH} above and {pH} below give them back; of {kW - 1} "
        f"columns {pW} come back on each side.",
        "hint": "How many rows are lost without padding? Each side gives back half of them.",
        "steps": [
            f"Height: {kH} - 1 = {kH - 1} rows are lost; half of them on each side: {pH}.",
            f"Width: {kW} - 1 = {kW - 1} columns are lost; half of them on each side: {pW}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros(1, 3, {H}, {W})\n"
            f"for padding in {[(pH, pW), *(pair for pair, _ in wrong.values())]}:\n"
            f"    output = nn.Conv2d(3, 8, kernel_size=({kH}, {kW}), padding=padding)(input)\n"
            '    if output.shape[2:] == input.shape[2:]:\n        print(f"padding={padding}")'
        ),
        "slips": gathered("choice", names["right"], [Slip(names[id], (id,), line) for id, (_, line) in wrong.items()]),
        "options": shuffled(rng, list(names.values())),
    }


def _even_slips(kernel, size, once):
    (kH, kW), (H, W), (pH, pW) = kernel, size, (k // 2 for k in kernel)
    return [
        Slip(
            f"the output is {H} x {W}",
            ("M16",),
            f"Half of the kernel as padding keeps the size for odd kernels, where it is rounded down. A kernel of {kH} "
            f"takes {counted(kH - 1, 'row')}, and {pH} above and {pH} below bring {2 * pH}: one too many.",
        ),
        Slip(
            "there is an error: the sides of a kernel must be odd",
            ("M17",),
            f"Any side from 1 on is allowed; {kH} x {kW} runs. With even sides the same padding on both sides cannot "
            "keep the size, and that is all.",
        ),
        Slip(
            f"the output is {_by(once)}",
            ("M03",),
            f"{_by(once)} adds the padding once to each axis. It is for each side, and brings {2 * pH} rows and "
            f"{2 * pW} columns.",
        ),
    ]


def even_kernel(rng):
    """What comes out when the kernel has even sides and half of it is the padding."""
    (kH, kW), (H, W) = rng.choice(EVEN), _size(rng)
    pH, pW = kH // 2, kW // 2
    layer = Conv2dSpec(1, 4, (kH, kW), padding=(pH, pW))
    size = layer.output_shape((1, 1, H, W))[2:]
    once = tuple(output_length(n, k, 1, (p, 0)) for n, k, p in ((H, kH, pH), (W, kW, pW)))
    answer = f"the output is {_by(size)}"
    slips = _even_slips((kH, kW), (H, W), once)
    return {
        "prompt": f"`{layer.source()}` gets an input of {H} x {W} (height x width). What happens?",
        "kind": "choice",
        "level": "easy",
        "objective": "know what even kernels do to the size",
        "formula": "H + 2 (k / 2) - k + 1 = H + 1 for even k",
        "answer": answer,
        "because": f"{worked(H, kH, 1, pH)} rows and {worked(W, kW, 1, pW)} columns: one more than the input on each "
        "axis.",
        "hint": "Write down the formula with these numbers, for the height first.",
        "steps": [f"Height: {worked(H, kH, 1, pH)}.", f"Width: {worked(W, kW, 1, pW)}."],
        "proof": (
            f"import torch\nfrom torch import nn\noutput = {layer.source()}(torch.zeros(1, 1, {H}, {W}))\n"
            'print(f"the output is {output.shape[2]} x {output.shape[3]}")'
        ),
        "slips": gathered("choice", answer, slips),
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


def _keepers(rng, H, W):
    """Settings -> (does it keep H x W, the mistake behind being wrong about it, why)."""
    kernel, odd, even = drawn(lambda: [rng.choice(ODD), rng.choice(ODD), rng.choice(EVEN)], lambda ks: ks[0] != ks[1])
    mixed, half = (even[0], kernel[0]), tuple(k // 2 for k in kernel)
    double, strided = tuple(2 * p for p in half), tuple(k // 2 for k in odd)
    rows, cells = kernel[0] - 1, H + 2 * strided[0] - odd[0]
    return {
        f"kernel_size={kernel}, padding={half}": (
            True,
            "M03",
            f"A kernel {kernel[0]} high takes {rows} rows, and `padding={half}` brings {half[0]} above and {half[0]} "
            "below: as many.",
        ),
        f"kernel_size={kernel}, padding={double}": (
            False,
            "M03",
            f"`padding={double}` is for each side: it brings {2 * double[0]} rows, twice as many as a kernel "
            f"{kernel[0]} high takes.",
        ),
        f"kernel_size={even}, padding={tuple(k // 2 for k in even)}": (
            False,
            "M16",
            f"A kernel {even[0]} high takes {counted(even[0] - 1, 'row')}, and {even[0] // 2} on each side bring "
            f"{even[0]}: the output has one row more, and one column more.",
        ),
        f"kernel_size={mixed}, padding='same'": (
            True,
            "M17",
            f"`'same'` keeps the size for any kernel at stride 1. For the {mixed[0]} rows of this one it adds "
            f"{mixed[0] // 2 - 1} above and {mixed[0] // 2} below.",
        ),
        f"kernel_size={odd}, stride=2, padding={strided}": (
            False,
            "M20",
            f"`padding={strided}` makes up for the kernel, and then the stride divides: {H} rows become "
            f"{cells} // 2 + 1 = {cells // 2 + 1}.",
        ),
    }


def _keep_slips(kept, options, answer):
    """What is ticked by who makes one mistake wherever it shows."""
    slips = []
    for id in ("M03", "M16", "M17", "M20"):
        wrong = [option for option in kept if kept[option][1] == id]
        ticked = [option for option in options if (option in answer) != (option in wrong)]
        if wrong and ticked:
            slips.append(Slip(ticked, (id,), " ".join(kept[option][2] for option in wrong)))
    return slips


def which_keep(rng):
    """Which of these settings keep the size."""
    H, W = _size(rng)
    kept = _keepers(rng, H, W)
    options = some_of(rng, list(kept), lambda option: kept[option][0])
    kept = {option: kept[option] for option in options}
    answer = [option for option in options if kept[option][0]]
    per_option = {option: Slip(option, (id,), line) for option, (_, id, line) in kept.items()}
    slips = _keep_slips(kept, options, answer)
    return {
        "prompt": (
            f"`nn.Conv2d(3, 8, ...)` gets an input of {H} x {W} (height x width). Tick all settings with which the "
            f"output is {H} x {W} too. Where no stride is given it is 1."
        ),
        "kind": "choices",
        "level": "medium",
        "objective": "tell which settings keep the size",
        "formula": "2 p = k - 1 and s = 1, or 'same'",
        "answer": answer,
        "because": "At stride 1 both sides together have to bring k - 1; `'same'` does that for any kernel.",
        "hint": "How many rows does each kernel take away, and how many do both sides bring? And what does a stride of "
        "2 do after that?",
        "steps": [
            "A kernel of k takes k - 1 cells off its axis; padding of p brings 2 p. With whole numbers these are equal "
            "for odd k alone.",
            "`'same'` may add one more below than above, so it keeps the size for even k too.",
            f"A stride of 2 halves what is left. So these keep {H} x {W}: {'; '.join(answer)}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros(1, 3, {H}, {W})\nfor settings in {options}:\n"
            "    conv = eval(f'nn.Conv2d(3, 8, {settings})')\n"
            "    if conv(input).shape[2:] == input.shape[2:]:\n        print(settings)"
        ),
        "slips": gathered("choices", answer, slips),
        "per_option": per_option,
        "options": options,
    }


def _halvers(kernel, size):
    """Mistake id, or "right" -> (settings, what is wrong with them)."""
    (kH, kW), half, lost = kernel, tuple(k // 2 for k in kernel), tuple(k - 1 for k in kernel)
    return {
        "right": (f"stride=2, padding={half}", ""),
        "M09": (
            "stride=2",
            f"Stride 2 alone gives {_by(_out(size, kernel, 2))}: the kernel of {kH} x {kW} takes its share first. It "
            "halves exactly only with the padding that makes up for the kernel.",
        ),
        "M03": (
            f"stride=2, padding={lost}",
            f"That padding makes up for the kernel twice, for it is given for each side: "
            f"{_by(_out(size, kernel, 2, lost))} comes out.",
        ),
        "M10": (
            "stride=2, padding='same'",
            "PyTorch refuses `'same'` with a stride of 2: a ValueError when the layer is made. TensorFlow allows it "
            "and rounds up.",
        ),
    }


def halve(rng):
    """The settings that halve the size exactly."""
    kernel, size = rng.choice(ODD), _size(rng, even=True)
    (kH, kW), (H, W), half = kernel, size, tuple(k // 2 for k in kernel)
    made = _halvers(kernel, size)
    settings = [text for text, _ in made.values()]
    answer = settings[0]
    wanted = _out(size, kernel, 2, half)
    return {
        "prompt": (
            f"`nn.Conv2d(3, 8, kernel_size=({kH}, {kW}), ...)` is to turn {H} x {W} into exactly {_by(wanted)}, half "
            "of it on each axis. Which settings do that?"
        ),
        "kind": "choice",
        "level": "medium",
        "objective": "halve a picture exactly",
        "formula": "s = 2, p = (k - 1) / 2: H / 2 for even H",
        "answer": answer,
        "because": f"The padding makes up for the kernel, the stride halves: {worked(H, kH, 2, half[0])} and "
        f"{worked(W, kW, 2, half[1])}.",
        "hint": f"Work out the height for each: it has to be {wanted[0]}. PyTorch refuses to make one of them.",
        "steps": [
            f"Without padding the kernel takes its share: {worked(H, kH, 2)} rows.",
            f"With {counted(half[0], 'row')} on each side: {worked(H, kH, 2, half[0])}.",
            f"With {counted(half[1], 'column')} on each side: {worked(W, kW, 2, half[1])}. So {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros(1, 3, {H}, {W})\nfor settings in {settings}:\n"
            "    try:\n"
            f"        conv = eval(f'nn.Conv2d(3, 8, kernel_size=({kH}, {kW}), {{settings}})')\n"
            f"        if conv(input).shape[2:] == ({wanted[0]}, {wanted[1]}):\n            print(settings)\n"
            "    except ValueError:\n        pass  # PyTorch refuses to make this layer"
        ),
        "slips": gathered(
            "choice", answer, [Slip(text, (id,), line) for id, (text, line) in made.items() if id != "right"]
        ),
        "options": shuffled(rng, settings),
    }


def _true_or_false(claim_right, mistake, line, **fields):
    return {
        "kind": "truefalse",
        "level": "easy",
        "options": ["true", "false"],
        "answer": claim_right,
        "slips": (Slip(not claim_right, (mistake,), line),),
        **fields,
    }


def same_stride(rng):
    """Does 'same' go together with a stride?"""
    kernel, (H, W), stride = rng.choice(ODD), _size(rng), rng.choice((2, 3))
    rounded = _by((-(-H // stride), -(-W // stride)))
    layer = f"nn.Conv2d(3, 8, kernel_size={kernel}, stride={stride}, padding='same')"
    claim_right = rng.random() < 0.5
    claim = (
        "PyTorch refuses to make this layer."
        if claim_right
        else f"The output is {rounded}, the size divided by {stride} and rounded up."
    )
    return _true_or_false(
        claim_right,
        "M10",
        f"{rounded} would be TensorFlow's rule for `'same'`. PyTorch's `'same'` means the size of the input, which a "
        f"stride of {stride} cannot keep: a ValueError comes when the layer is made.",
        prompt=f"True or false? An input of {H} x {W} (height x width) is to go through `{layer}`. {claim}",
        objective="know when 'same' is allowed",
        formula="padding='same' needs stride 1",
        because="`'same'` promises the size of the input, and no padding keeps that promise with a stride: it is "
        "refused.",
        hint="What does the word 'same' promise? Can a stride larger than 1 keep it?",
        steps=[
            "`'same'` stands for an output as large as the input.",
            f"A stride of {stride} takes one place in {stride}; so PyTorch raises a ValueError when the layer is made.",
        ],
        proof=(
            f"from torch import nn\ntry:\n    {layer}\n    refused = False\nexcept ValueError as error:\n"
            f"    print(error)\n    refused = True\nprint(refused == {claim_right})"
        ),
    )


def padding_or_stride(rng):
    """Which of the two makes the output half as large, and which makes up for what?"""
    kernel, size = rng.choice(ODD), _size(rng, even=True)
    half = tuple(k // 2 for k in kernel)
    layer = Conv2dSpec(3, 8, kernel, 2, half).source()
    without, padded = _by(_out(size, kernel, 2)), _by(_out(size, kernel, 2, half))
    claim_right = rng.random() < 0.5
    claim = (
        f"gives {padded}: the padding makes up for the kernel, and the stride halves."
        if claim_right
        else f"gives {_by(size)}: the padding makes up for what the stride takes away."
    )
    return _true_or_false(
        claim_right,
        "M20",
        f"The padding changes {without} into {padded}, no more: it makes up for the kernel. The halving is the "
        "stride's, and no padding of this size takes it back.",
        prompt=f"True or false? From an input of {_by(size)} (height x width), `{layer}` {claim}",
        objective="tell what padding does from what stride does",
        formula="padding makes up for the kernel, the stride divides",
        because=f"The kernel costs {kernel[0] - 1} rows and the padding gives them back; then the stride halves: "
        f"{padded}.",
        hint="Work out the height of the output. Which of the numbers in the formula divides?",
        steps=[
            f"Height: {worked(size[0], kernel[0], 2, half[0])}.",
            f"Width: {worked(size[1], kernel[1], 2, half[1])}. So {padded}; without padding it would be {without}.",
        ],
        proof=(
            f"import torch\nfrom torch import nn\noutput = {layer}(torch.zeros(1, 3, {size[0]}, {size[1]}))\n"
            f"print(tuple(output.shape[2:]) == {_out(size, kernel, 2, half) if claim_right else size})"
        ),
    )


QUESTIONS = {
    "keeps-size": keeps_size,
    "padding-or-stride": padding_or_stride,
    "even-kernel": even_kernel,
    "same-stride": same_stride,
    "which-keep": which_keep,
    "halve": halve,
}
