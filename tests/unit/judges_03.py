"""Lesson 03 judged by torch: the answer to each question from its page alone, by real layers and real messages."""

import inspect
import re

import torch
from torch import nn
from torch.nn import functional as F

from convlab import samples
from tests.unit.pages import layers_in

NAMES = {"torch": torch, "nn": nn, "F": F}
REFUSALS = (TypeError, AttributeError, RuntimeError, ValueError)


def made_in(page):
    """The one layer of the prompt."""
    (code,) = set(layers_in(page.prompt)) or {re.search(r"`(?:layer = )(nn\.Conv2d\([^`]*\))`", page.prompt)[1]}
    return eval(code, NAMES)


def shapes_in(page):
    """The shapes that the prompt writes out, in order."""
    text = re.sub(r"kernel_size=\(.*?\)", "", page.prompt)
    return [eval(shape) for shape in re.findall(r"\(\d+(?:, \d+)+\)|\(\d+,\)", text)]


def runs(line, **names):
    """What a line gives, or nothing where PyTorch refuses it."""
    try:
        return eval(line, {**NAMES, **names})
    except REFUSALS:
        return None


def only(found):
    (one,) = found
    return one


def which_call(page):
    C_in, C_out, kH, kW = page.numbers(r"has (\d+) channels, .* have (\d+), .* is (\d+) rows high and (\d+) columns")
    return only(it for it in page.options if (made := runs(it)) and made.weight.shape == (C_out, C_in, kH, kW))


def functional_call(page):
    input, weight, bias = map(torch.rand, shapes_in(page))
    name = re.search(r"own `(\w+)`", page.prompt)[1]
    given = {"input": input, name: weight, "bias": bias}
    return only(it for it in page.options if torch.is_tensor(runs(it, **given)))


def lines_that_run(page):
    input, weight = map(torch.rand, shapes_in(page))
    return [it for it in page.options if runs(it, input=input, weight=weight) is not None]


def trained(page):
    names = dict(NAMES)
    exec(page.code, names)
    handed_out = [f"self.{name}" for name, _ in names["Block"]().named_parameters()]
    return [option for option in page.options if option in handed_out]


def weight_shape(page):
    return tuple(made_in(page).weight.shape)


def bias_shape(page):
    layer = made_in(page)
    layer(torch.rand(shapes_in(page)[0]))
    return tuple(layer.bias.shape)


def weight_axes(page):
    lengths = list(made_in(page).weight.shape)
    assert len(set(lengths)) == 4
    by_length = {int(re.search(r"(\d+)$", option)[1]): option for option in page.options}
    return [by_length[length] for length in lengths]


def arguments_from_weight(page):
    (shape,) = shapes_in(page)
    return only(it for it in page.options if eval(it, NAMES).weight.shape == shape)


def weight_arguments(page):
    shape, call = made_in(page).weight.shape, layers_in(page.prompt)[0]
    settings = {it: {**eval(call.replace("nn.Conv2d", "settings"), {"settings": _settings}), **eval(f"dict({it})")}
                for it in page.options}  # fmt: skip
    return [it for it, given in settings.items() if nn.Conv2d(**given).weight.shape != shape]


def _settings(in_channels, out_channels, **others):
    return {"in_channels": in_channels, "out_channels": out_channels, **others}


def one_weight(page):
    o, c, u, v = page.numbers(r"weight\[(\d), (\d), (\d), (\d)\]")
    map, channel = page.numbers(r"feature map (\d) can change, .* input channel (\d) alone")
    layer, changed = made_in(page), made_in(page)
    changed.load_state_dict(layer.state_dict())
    with torch.no_grad():
        changed.weight[o, c, u, v] += 1
    input = torch.rand(layer.in_channels, 9, 11, requires_grad=True)
    gain = changed(input) - layer(input)
    gain.sum().backward()
    maps = [k for k, it in enumerate(gain) if it.abs().max() > 1e-3]
    channels = [k for k, it in enumerate(input.grad) if it.abs().max() > 1e-3]
    return maps == [map] and channels == [channel]


def kernels_of_a_map(page):
    (o,) = page.numbers(r"output\[:, (\d)\]")
    layer = made_in(page)
    layer(torch.rand(1, layer.in_channels, 9, 11))[:, o].sum().backward()
    return layer.weight.grad.abs().sum((2, 3)).nonzero().tolist()


def weight_meets(page):
    o, c, u, v = page.numbers(r"weight\[(\d), (\d), (\d), (\d)\]")
    layer, input = made_in(page), torch.zeros(shapes_in(page)[0], requires_grad=True)
    assert (c,) == page.numbers(r"input channel (\d)")
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[o, c, u, v] = 1
    layer(input).sum().backward()
    return input.grad[c].nonzero().tolist()


def other_input(page):
    layer, (small, given, large) = made_in(page), shapes_in(page)
    assert layer(torch.rand(small)).shape == given  # what the prompt says of the first input is true
    return tuple(layer(torch.rand(large)).shape)


def input_of_the_layer(page):
    (weight,) = shapes_in(page)
    C_out, H_out, W_out = page.numbers(r"output is (\d+) feature maps of (\d+) x (\d+)")
    layer = nn.Conv2d(weight[1], weight[0], weight[2:])
    grown = nn.ConvTranspose2d(weight[0], weight[1], weight[2:])(torch.rand(C_out, H_out, W_out))
    assert layer(torch.rand(grown.shape)).shape == (C_out, H_out, W_out)
    return tuple(grown.shape)


def summed_axes(page):
    """Over which axes of the weight the layer sums: those that no axis of the output follows."""
    lengths = list(made_in(page).weight.shape)
    left = made_in(page)(torch.rand(lengths[1:]))  # one window: what is left has one place
    kept = {size for size in left.shape if size > 1}
    return [option for option in page.options if int(re.search(r"\((\d+)\)$", option)[1]) not in kept]


def layer_knows(page):
    layer = made_in(page)
    inputs = [torch.rand(N, layer.in_channels, H, W) for N, H, W in ((2, 9, 11), (7, 20, 30))]
    outputs = [layer(input) for input in inputs]
    refused = runs("layer(torch.rand(1, layer.in_channels + 1, 9, 11))", layer=layer) is None
    settled = {
        "how many channels its output will have": outputs[0].shape[1] == outputs[1].shape[1],
        "how many channels its input must have": refused,
        "the shape of its weight": layer.weight.shape == layer.weight.shape,
        "how many rows its output will have": outputs[0].shape[2] == outputs[1].shape[2],
        "how many pictures a batch must have": len(outputs[0]) == len(outputs[1]),
    }
    return [option for option in page.options if settled[option]]


def why_smaller(page):
    """The reason that holds for other heights, other kernels and other strides too."""
    layer = made_in(page)
    (H, W), (rows,) = page.numbers(r"input of (\d+) x (\d+)"), page.numbers(r"Why (\d+) rows")
    kH = layer.weight.shape[2]

    def height(layer, H=H):
        return layer(torch.rand(layer.in_channels, H, W)).shape[1]

    assert height(layer) == rows
    apart = nn.Conv2d(layer.in_channels, 1, layer.kernel_size, stride=layer.kernel_size)
    false = {
        "overlap": height(apart) < rows,  # no overlap, and fewer rows
        "fixed by the layer": height(layer, H + 3) != rows,
        "stride 1 takes": height(nn.Conv2d(layer.in_channels, 1, 1, stride=1)) == H,
    }
    assert all(false.values()) and all(height(layer, n) == n - kH + 1 for n in range(kH, H + 9))
    return only(it for it in page.options if not any(reason in it for reason in false))


def next_in_channels(page):
    for number in range(1, 60):
        try:
            exec(page.code.replace("?", str(number)) + "\nnetwork(torch.rand(1, 3, 40, 50))", dict(NAMES))
        except RuntimeError:
            continue
        return number


def next_weight(page):
    names = {**NAMES, "pictures": torch.rand(2, 3, 20, 30)}
    exec(page.code, names)
    return tuple(names["conv2"].weight.shape)


def linear_after(page):
    names = dict(NAMES)
    exec(page.code, names)
    output = names["features"](torch.rand(shapes_in(page)[0]))
    nn.Linear(output.shape[1], 10)(output)
    return output.shape[1]


def conv_names(page):
    name, claim = re.match(r"True or false: `([\w.]+)` is a (class|function):", page.prompt).groups()
    it = runs(name)
    return it is not None and inspect.isclass(it) == (claim == "class")


def grey_layer(page):
    """Whether a real picture of that kind goes through the layer."""
    kind = re.search(r"for (grey|colour) pictures", page.prompt)[1]
    picture = torch.tensor(samples.picture({"grey": "camera", "colour": "cat"}[kind])).float()
    assert made_in(page)(torch.rand(shapes_in(page)[0])) is not None
    return runs("layer(picture)", layer=made_in(page), picture=picture) is not None


def free_channels(page):
    layer, (H, W) = made_in(page), page.numbers(r"pictures of (\d+) x (\d+)")
    layer(torch.rand(1, 3, H, W))
    return "may begin" in page.prompt


def myth_output_size(page):
    layer, (small, given, large, claimed) = made_in(page), shapes_in(page)
    assert layer(torch.rand(small)).shape == given
    return layer(torch.rand(large)).shape == claimed


def myth_batch(page):
    layer, shapes = made_in(page), shapes_in(page)
    if "has to be told" in page.prompt:
        return layer(torch.rand(shapes[0])).dim() != 4  # it takes the batch without having been told
    return all(layer(torch.rand(given)).shape == out for out, given in zip(shapes[:2], shapes[2:], strict=True))


def myth_overlap(page):
    layer = made_in(page)
    H, W = page.numbers(r"input of (\d+) x (\d+)")
    assert tuple(layer(torch.rand(layer.in_channels, H, W)).shape[1:]) == page.numbers(r"output of (\d+) x (\d+)")
    apart = nn.Conv2d(layer.in_channels, 1, layer.kernel_size, stride=layer.kernel_size)
    keeps = apart(torch.rand(layer.in_channels, H, W)).shape[1] == H
    return keeps if "overlap" in page.prompt else not keeps


def _message(page):
    """The code of a page and the message under it, which has to be the one that PyTorch gives."""
    code, message = page.code.split("\n\n")
    return code, " ".join(message.split())


def message_channels(page):
    code, message = _message(page)
    names = dict(NAMES)
    assert message == f"RuntimeError: {_said(code, names)}"
    wanted = page.numbers(r"makes (\d+) feature maps")[0]
    layers = {it: re.search(r"`(nn\.Conv2d.*)`", it) for it in page.options}
    works = [it for it, call in layers.items() if call and eval(call[1], names)(names["pictures"]).shape[1] == wanted]
    pictures = names["pictures"]
    last = pictures.permute(0, 2, 3, 1)
    assert str(tuple(last.shape)) in "".join(page.options) and _said(code.split("\n")[1], {**names, "pictures": last})
    assert _said(code.split("\n")[1], {**names, "pictures": pictures[..., :9, :9]})  # another size does not help
    return only(works)


def _said(code, names):
    """The message of the error that the code ends in, on one line."""
    try:
        exec(code, names)
    except REFUSALS as error:
        return " ".join(str(error).split())


def message_rank(page):
    code, message = _message(page)
    names = dict(NAMES)
    assert message == f"RuntimeError: {_said(code, names)}"
    name, line = code.split(" ")[0], code.split("\n")[1]
    return only(it for it in page.options if _said(line.replace(f"({name})", f"({it})"), names) is None)


def message_mode(page):
    code, message = _message(page)
    (C_in,), weight_shape = page.numbers(r"`input` has (\d+) channels"), shapes_in(page)[0]
    name = re.search(r"channels, `(\w+)`", page.prompt)[1]
    names = {**NAMES, "input": torch.rand(C_in, 9, 11), name: torch.rand(weight_shape)}
    said = f"TypeError: {_said(code, names)}"
    assert set(re.findall(r"[\w=]+", message.split("got (")[1].split(")")[0])) == set(
        re.findall(r"[\w=]+", said.split("got (")[1].split(")")[0])
    ), said
    assert said.startswith("TypeError: conv2d() received an invalid combination of arguments - got (Tensor, Tensor")
    settings = eval(re.search(r"padding=(\(\d, \d\))", code)[1]), re.search(r"padding_mode='(\w+)'", code)[1]
    layer = nn.Conv2d(
        C_in, weight_shape[0], weight_shape[2:], padding=settings[0], padding_mode=settings[1], bias=False
    )
    with torch.no_grad():
        layer.weight.copy_(names[name])
    wanted = layer(names["input"])
    found = {it: runs(it, **names) for it in page.options}
    return only(it for it, output in found.items() if output is not None and torch.allclose(output, wanted))
