"""Lesson 11 judged by torch: the broken code of each page is run, and what it says or gives is read off."""

import re

import torch
from torch import nn
from torch.nn import functional as F

from tests.unit.judges_07 import NAMES, shape_of
from tests.unit.pages import layers_in


def runs(code, names=NAMES):
    """The names that the code makes, or None where it stops."""
    made = dict(names)
    try:
        exec(code, made)
    except (RuntimeError, ValueError):
        return None
    return made


def said(code, names=NAMES):
    """What PyTorch says to the code."""
    try:
        exec(code, dict(names))
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def stopped(page):
    """The code of a page that stops; what is printed under it is what PyTorch says, but for a question mark."""
    code, _, message = page.code.rpartition("\n\n")
    pattern = re.escape(" ".join(message.split())).replace(r"\?", r"\d+")
    assert re.fullmatch(pattern, said(code)), (message, said(code))
    return code


def number_that_runs(codes):
    (number,) = (number for number, code in codes.items() if runs(code))
    return number


def wrong_argument(page):
    head, middle, tail = stopped(page).split("nn.Conv2d(")
    assert tail.startswith("3, ")
    return number_that_runs({n: "nn.Conv2d(".join([head, middle, f"{n}{tail[1:]}"]) for n in range(1, 40)})


def earlier_layer(page):
    code, (now,) = stopped(page), page.numbers(r"in place of the (\d+) in the other")
    assert code.count(f"nn.Conv2d(3, {now},") == 1
    return number_that_runs({n: code.replace(f"nn.Conv2d(3, {now},", f"nn.Conv2d(3, {n},") for n in range(1, 40)})


def how_many_wrong(page):
    """One message after the other: each time the layer that stopped gets the channels that arrived."""
    made = runs(stopped(page).rpartition("\n")[0])
    net, x, mended = made["net"], made["pictures"], 0
    for _ in range(20):
        try:
            net(x)
        except RuntimeError as error:
            found = re.search(r"size \[(\d+), (\d+), (\d+), (\d+)\].*but got (\d+) channels", str(error))
            C_out, C_in, kH, kW, came = map(int, found.groups())
            at = next(n for n, it in enumerate(net) if it.weight.shape == (C_out, C_in, kH, kW))
            net[at], mended = nn.Conv2d(came, C_out, (kH, kW)), mended + 1
    net(x)
    return mended


def read_mat1(page):
    code = stopped(page)
    (answer,) = map(int, re.findall(r"\(\d+x(\d+) and", said(code)))
    assert runs(re.sub(r"nn\.Linear\([\d *]+,", f"nn.Linear({answer},", code))
    return answer


def right_picture(page):
    code = stopped(page)
    return number_that_runs({n: re.sub(r"rand\((\d+), 3, \d+,", rf"rand(\1, 3, {n},", code) for n in range(8, 50)})


def entered(net, x):
    """The shapes that arrive at the layers, until one stops."""
    arrived = []
    for layer in net:
        layer.register_forward_pre_hook(lambda _, given: arrived.append(tuple(given[0].shape)))
    try:
        net(x)
    except RuntimeError:
        return arrived
    raise AssertionError("it does not stop")


def size_arrives(page):
    code, _, call = stopped(page).rpartition("\n")
    return entered(runs(code)["net"], eval(call[4:-1], NAMES))[-1]


def least_padding(page):
    """The message says what was padded; from there on it is tried."""
    code, _, message = page.code.rpartition("\n\n")
    H, W = map(int, re.search(r"channel: \((\d+) x (\d+)\)", message).groups())
    N, C = page.numbers(r"(\d+) times (\d+) of them")
    (old,) = page.numbers(r"in place of the (\d+) in")
    maps = torch.rand(N, C, H - 2 * old, W)
    assert " ".join(message.split()) == said(code, {"nn": nn, "maps": maps})
    for p in range(30):
        if runs(code.replace(f"padding=({old}, 0)", f"padding=({p}, 0)"), {"nn": nn, "maps": maps}):
            return p
    raise AssertionError("nothing helps")


def which_breaks(page):
    (given,) = re.findall(r"`net\((.*?)\)`", page.prompt)
    return len(entered(runs(page.code)["net"], eval(given, NAMES))) - 1


def padding_runs(page):
    x = torch.ones(shape_of(page, "x"))
    return [line for line in page.options if runs(line, {**NAMES, "x": x})]


def myth_pool(page):
    (call,), shape = re.findall(r"`(nn[^`]*)`", page.prompt), page.numbers(r"of shape \((\d+), (\d+), (\d+), (\d+)\)")
    works = runs(f"{call}(x)", {**NAMES, "x": torch.ones(shape)}) is not None
    return works == ("takes a batch" in page.prompt)


def what_remains(page):
    H, W = page.numbers(r"of shape \((\d+), (\d+), 3\)")
    photo = torch.arange(H * W * 3).reshape(H, W, 3).mul(7).remainder(256).byte()
    (layer,), (line,) = re.findall(r"`layer = (nn[^`]*)`", page.prompt), re.findall(r"`x = ([^`]*)`", page.prompt)
    layer, x = eval(layer, NAMES), eval(line, {"photo": photo})
    works = said("layer(x)", {"layer": layer, "x": x}) == ""
    bright, wanted = x.max() > 1, photo.permute(2, 0, 1).float()
    red = x[0].shape == (H, W) and torch.allclose(x[0].float(), wanted[0] if bright else wanted[0] / 255)
    holds = {
        "`layer(x)` runs": works,
        "`layer(x)` stops with an error": not works,
        f"`x` has the shape (3, {H}, {W})": x.shape == (3, H, W),
        "`x[0]` is the red of all pixels": red,
        "the largest number of `x` may be 255": bool(bright),
        "nothing is left to be mended": works and torch.allclose(x, wanted / 255),
    }
    return [option for option in page.options if holds[option]]


def first_message(page):
    (shape,) = re.findall(r"of shape (\(\d+, \d+, 3\))", page.prompt)
    (call, name) = re.search(r"`(nn\..*)\((photo|picture)\)`", page.prompt).groups()
    message = said(f"{call}({name})", {"nn": nn, name: torch.zeros(eval(shape)).byte()})
    (answer,) = (option for option in page.options if message == f"RuntimeError: {option}")
    return answer


def grey_shape(page):
    H, W = map(int, re.search(r"grey, (\d+) x (\d+)", page.code).groups())
    first, second, third = torch.rand(3, H, W)
    made = runs(page.code, {**NAMES, "first": first, "second": second, "third": third})
    return tuple(made["net"](made["pictures"]).shape)


def grey_mend(page):
    pictures, right = torch.rand(shape_of(page, "pictures")), []
    for option in page.options:
        call, given = option.split(")(", 1)
        layer = eval(f"{call})", NAMES)
        try:
            out = layer(eval(given[:-1], {"pictures": pictures}))
            alone = torch.stack([layer(it[None, None])[0] for it in pictures])
        except RuntimeError:
            continue
        right += [option] * (out.shape == alone.shape and torch.allclose(out, alone, atol=1e-5))
    (answer,) = right
    return answer


def right_features(page):
    made = runs(stopped(page).partition("x = x.view")[0])
    answer = made["x"][0].numel()
    again = runs(re.sub(r"(Linear\(|view\(-1, )[\d *]+", rf"\g<1>{answer}", stopped(page)))
    assert len(again["x"]) == len(again["labels"])
    return answer


def mixed_rows(page):
    N, *rest = shape_of(page, "x")
    whose = torch.arange(N).reshape(N, 1, 1, 1).expand(N, *rest).contiguous()
    rows = whose.view(-1, *page.numbers(r"x\.view\(-1, (\d+)\)"))
    return sum(len(row.unique()) > 1 for row in rows)


def pair_mend(page):
    kH, kW = page.numbers(r"window of (\d+) rows and (\d+) columns")
    H, W, *came = page.numbers(r"of (\d+) x (\d+) it makes (\d+) x (\d+)")
    found = eval(layers_in(page.prompt)[0], NAMES)
    x, right = torch.rand(1, found.in_channels, H, W), []
    assert [*found(x).shape[2:]] == came != [H, W]
    for option in page.options:
        layer = eval(option, NAMES)
        right += [option] * (layer.kernel_size == (kH, kW) and layer(x).shape[2:] == (H, W))
    (answer,) = right
    return answer


def how_many_fit(page):
    x, came = torch.rand(shape_of(page, "x")), page.numbers(r"But (\d+) x (\d+) came out")
    (meant,) = layers_in(page.prompt.replace("(x)`", "`"))
    assert eval(meant, NAMES)(x).shape[2:] != came
    return sum(eval(line, {"nn": nn, "F": F, "x": x}).shape[2:] == came for line in page.code.splitlines())


def skip_message(page):
    return int(re.search(r"tensor b \((\d+)\)", said(stopped(page)))[1])


def skip_sizes(page):
    names = {name: eval(code, NAMES) for name, code in re.findall(r"`(main|skip) = (nn[^`]*)`", page.prompt)}
    return [option for option in page.options if runs("main(x) + skip(x)", {**names, "x": torch.rand(eval(option))})]
