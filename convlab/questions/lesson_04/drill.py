"""Lesson 04, the endless drill: the shape that comes out, for any kernel, stride and padding."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import drawn
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec

ONCE = ("M03", "M04")  # who adds the padding once, and who takes it for the total, get the same sizes
SHOWN = {f"M{number:02d}" for number in (2, 3, 4, 5, 6, 8, 9, 10, 20, 21, 22, 25, 168, 169)}
MET = [
    mistake
    for mistake in sorted(MISTAKES.values(), key=lambda mistake: mistake.id in ("M01", "M16", "M19", "M24"))
    if mistake.lesson <= "04" and ("size" in mistake.models or "output_shape" in mistake.models)
]  # of a class the one that tells most comes first


def worked(length, k, s=1, p=0):
    """The formula of one axis with its numbers, up to the result.

    Example:
        >>> worked(15, k=4, s=2, p=1), worked(15, k=4)
        ('(15 + 2*1 - 4) // 2 + 1 = 13 // 2 + 1 = 7', '15 - 4 + 1 = 12')
    """
    room, text = length + 2 * p - k, f"{length} + 2*{p} - {k}" if p else f"{length} - {k}"
    return f"({text}) // {s} + 1 = {room} // {s} + 1 = {room // s + 1}" if s > 1 else f"{text} + 1 = {room + 1}"


def worked_axes(spec, input_shape):
    """The formula with its numbers for the height and for the width."""
    axes = zip(input_shape[-2:], spec.kernel_size, spec.stride, spec.padding, strict=True)
    return [worked(*axis) for axis in axes]


def by_shape(spec, input_shape, predicts=("size", "output_shape")):
    """Wrong output shape -> the ids of the mistakes met so far that predict it; one of a class."""
    right, found = tuple(spec.output_shape(input_shape)), {}
    for mistake in MET:
        for name in predicts:
            for it in mistake.models.get(name, _nothing)(spec, input_shape):
                ids = found.setdefault((*right[:2], *it) if name == "size" else tuple(it), [])
                if not mistake.family.intersection(ids):
                    ids.append(mistake.id)
    found.pop(right, None)
    return {shape: tuple(ids) for shape, ids in found.items()}


def _nothing(spec, input_shape):
    return []


def _layer(rng):
    kernel_size, padding = tuple(rng.sample((2, 3, 4, 5), 2)), tuple(rng.sample((1, 2, 3), 2))
    stride = rng.choice((2, (1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)))
    channels = rng.choice((1, 3)), rng.choice((4, 6, 8, 16))
    height = rng.randint(12, 40)
    input_shape = (rng.randint(1, 4), channels[0], height, height + rng.choice((-5, -3, -2, 2, 3, 4, 7)))
    return Conv2dSpec(*channels, kernel_size, stride, padding), input_shape


def _uneven(case):
    """True when the stride divides neither the input nor the room to move: rounding up and down differ in both."""
    spec, (_, _, *size) = case
    axes = list(zip(size, spec.kernel_size, spec.stride, spec.padding, strict=True))
    return any(n % s for n, _, s, _ in axes) and any((n + 2 * p - k) % s for n, k, s, p in axes)


def _apart(found):
    """True when no two mistakes meet in one shape, but those that always do."""
    return all(len(ids) == 1 or ids == ONCE for ids in found.values())


def _shown(case):
    spec, input_shape = case
    *_, height, width = spec.output_shape(input_shape)
    if height == width or not _uneven(case):
        return False
    found = by_shape(spec, input_shape, predicts=("size",))
    return _apart(found) and {id for ids in found.values() for id in ids} >= SHOWN


def _case(rng):
    spec, input_shape = drawn(lambda: _layer(rng), _shown)
    return spec, input_shape, by_shape(spec, input_shape)


def _named(ids, spec):
    """The ids of a wrong shape; where the padding is large, who leaves the stride out may think of the padding."""
    much = any(p > k // 2 for p, k in zip(spec.padding, spec.kernel_size, strict=True))
    return (*ids, "M19") if ids == ("M169",) and much else ids


def output_size(rng):
    """The shape of the output of any layer."""
    spec, input_shape, found = drawn(lambda: _case(rng), lambda case: _apart(case[2]))
    answer = tuple(spec.output_shape(input_shape))
    N, C_out = answer[:2]
    height, width = worked_axes(spec, input_shape)
    lines = size_lines(spec, input_shape)
    code = f"conv = {spec.source()}\noutput = conv(input)"
    return {
        "prompt": f"`input` has the shape {input_shape}. What is the shape of `output`?",
        "kind": "shape",
        "level": "medium",
        "objective": "predict the shape for any stride and padding",
        "formula": "(N, C_out, (H + 2 pH - kH) // sH + 1, (W + 2 pW - kW) // sW + 1)",
        "answer": answer,
        "because": f"{answer[2]} rows and {answer[3]} columns of places fit: {height}, and {width}.",
        "hint": "One axis at a time. How long is it with the padding of both sides? How far can the window move in "
        "it, in whole steps? Which place is not counted yet?",
        "steps": [
            f"Height: {height}.",
            f"Width: {width}.",
            f"The batch stays {N}; the second number of `nn.Conv2d({spec.in_channels}, {C_out}, ...)` is the output "
            f"channels, {C_out}: {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\ninput = torch.zeros{input_shape}\n{code}\nprint(tuple(output.shape))"
        ),
        "slips": tuple(
            Slip(shape, _named(ids, spec), _line(shape, ids[0], answer, lines)) for shape, ids in found.items()
        ),
        "figure": [{"code": code}],
        "axes": ("a batched output", "(N, C_out, H_out, W_out)"),
        "spec": spec,
        "input_shape": input_shape,
        "otherwise": "Do one axis at a time, and write down each step: padded, less the kernel, divided, plus 1.",
    }


def _line(shape, id, right, lines):
    """What to say of a wrong shape: with this case's numbers where the mistake is one of size or channels."""
    if len(shape) == 4 and shape[:2] == right[:2] and id in lines:
        return f"{shape[2]} x {shape[3]} {lines[id]}"
    others = {
        "M23": f"{shape} says nothing about the input. The layer alone has no output size: height and width follow "
        "from those of the input.",
        "M28": f"{shape} keeps the channels of the input. `out_channels`, the second number of the call, decides: "
        f"{right[1]}.",
        "M174": f"{shape} leaves the batch out. {right[0]} pictures go in, and as many come out: the first number is "
        f"{right[0]}."
        if right[0] > 1
        else f"{shape} leaves the batch out. One picture goes in with a batch axis of 1, and that comes out, too.",
        "M60": f"{shape} has the channels last. PyTorch has them second: (N, C_out, H_out, W_out).",
    }
    return others.get(id, f"{shape} is not it. {MISTAKES[id].diagnosis}")


def size_lines(spec, input_shape):
    """Mistake id -> what is wrong with the size that it predicts, to be put after that size."""
    (H, W), (kH, kW), (sH, sW), (pH, pW) = input_shape[-2:], spec.kernel_size, spec.stride, spec.padding
    axes = [("height", H, kH, sH, pH), ("width", W, kW, sW, pW)]
    axis, n, k, s, p = next(axis for axis in axes if axis[3] > 1)
    room, padded = f"{n} + 2*{p} - {k} = {n + 2 * p - k}", f"`padding=({pH}, {pW})`"
    return {
        "M02": "is the input less the kernel. The padding, the stride and the first place are not in it.",
        "M03": f"adds the padding once to each axis. {padded} is for each side, and an axis has two: the height "
        f"grows by {2 * pH}, the width by {2 * pW}.",
        "M04": f"doubles the padding once too often. {padded} is for each side, and an axis has two: the height "
        f"grows by {2 * pH}, the width by {2 * pW}, not by {4 * pH} and {4 * pW}.",
        "M05": "counts the steps from window to window. The first window needs no step: there is one window more "
        "than there are steps, on each axis.",
        "M06": f"rounds up. {_left_over(axes)} PyTorch rounds down.",
        "M08": "divides by the stride first and takes the kernel off afterwards. The kernel has to fit first: along "
        f"the {axis} {n + 2 * p} - {k} = {n + 2 * p - k} cells are left to move in, and these are divided by {s}.",
        "M09": f"is the input divided by the stride. What the stride divides is the room to move: along the {axis} "
        f"{room}, not {n}; and then comes the first place, + 1.",
        "M10": f"is the input divided by the stride and rounded up, as TensorFlow's 'same' has it. In PyTorch the "
        f"padding is the number you give, and what is divided is the room to move: along the {axis} {room}.",
        "M20": "is the size of the input. Padding can make up for what the kernel takes away, but the stride then "
        f"takes only {_taken(sH, sW)}.",
        "M21": f"reads a pair as (width, height). `kernel_size=({kH}, {kW})` is {kH} high and {kW} wide, and all pairs "
        "name the height first.",
        "M168": f"leaves the padding out. {padded} goes around the input first: it makes the input "
        f"{H + 2 * pH} high and {W + 2 * pW} wide.",
        "M169": f"leaves the stride out. However large the padding is, the stride takes only {_taken(sH, sW)}.",
        "M22": f"reads {padded} as `F.pad` would: {pH} left, {pW} right, nothing above and below. In Conv2d it is "
        f"(height, width): {pH} above and {pH} below, {pW} left and {pW} right.",
        "M25": "is the size of the kernel. The output has one cell for each place of the window, and the places depend "
        "on the size of the input.",
    }


def _left_over(axes):
    axis, n, k, s, p = next(it for it in axes if (it[1] + 2 * it[4] - it[2]) % it[3])
    room = n + 2 * p - k
    return f"Along the {axis} {room} cells are left to move in, and {room} / {s} is not whole: {room // s} steps fit."


def _taken(sH, sW):
    rows, columns = f"one row of places in {sH}" * (sH > 1), f"one column of places in {sW}" * (sW > 1)
    return " and ".join(filter(None, (rows, columns)))


QUESTIONS = {"output-size": output_size}
