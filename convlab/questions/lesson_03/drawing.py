"""What lesson 03 draws its layers with: no two numbers alike where a swapped axis could hide."""

from convlab.questions.cases import drawn
from convlab.questions.question import Slip
from convlab.questions.varying import flipped

KERNELS = ((3, 2), (2, 3), (3, 5), (5, 3), (2, 4), (4, 2), (5, 2), (4, 3))


def layer(rng, channels=(2, 3, 5, 6, 7, 8)):
    """C_in, C_out and (kH, kW), four different numbers."""
    kH, kW = rng.choice(KERNELS)
    C_in, C_out = rng.sample([count for count in channels if count not in (kH, kW)], 2)
    return C_in, C_out, (kH, kW)


def size(rng, low=12, high=40, unlike=(), kernel=(0, 0)):
    """H and W, different, none of the numbers in `unlike`; the places of the kernel's window differ too."""
    lengths = [length for length in range(low, high) if length not in unlike]
    return drawn(lambda: rng.sample(lengths, 2), lambda sides: sides[0] - kernel[0] != sides[1] - kernel[1])


def made(C_in, C_out, kernel):
    """The call that makes this layer."""
    return f"nn.Conv2d({C_in}, {C_out}, kernel_size={kernel})"


def chosen(answer, wrong):
    """The slips of a choice: {text: (mistake, line)} without the answer."""
    return tuple(Slip(text, (id,), line) for text, (id, line) in wrong.items() if text != answer)


def ticked(options, answer, meant):
    """(slips, per_option) of a question with many choices; `meant` is option -> (mistake, line), of more than these."""
    per_option = {option: Slip(option, *_named(meant[option])) for option in meant if option in options}
    flips = {option: flipped(options, answer, option) for option in per_option}
    slips = tuple(Slip(flips[option], *_named(meant[option])) for option in per_option if flips[option])
    return slips, per_option


def _named(meant):
    id, line = meant
    return (id,), line


def judged(holds, prompt, mistake, line, **fields):
    """A sentence to judge true or false; `mistake` is what leads to the wrong verdict."""
    return {
        "prompt": f"True or false: {prompt}",
        "kind": "truefalse",
        "level": "easy",
        "answer": holds,
        "slips": (Slip(not holds, (mistake,), line),),
        "options": ["true", "false"],
        **fields,
    }
