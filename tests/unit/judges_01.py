"""Lesson 01 judged by torch: the answer to each question from its page alone, by real tensors and layers."""

import contextlib
import re

import torch
from matplotlib.figure import Figure
from torch import nn

ANOTHER_DEVICE = "meta"  # every PyTorch has it


def names_after(page, **given):
    """What the names of the page's code hold after it ran."""
    names = {"torch": torch, "nn": nn, **given}
    exec(page.code, names)
    return names


def shape_in(page):
    """The first shape of the prompt."""
    return tuple(map(int, re.search(r"shape \((\d+(?:, \d+)+)\)", page.prompt)[1].split(", ")))


def numbered(*shape):
    """A tensor whose numbers all differ, so that each is known again."""
    return torch.arange(torch.Size(shape).numel()).reshape(shape)


def only(found):
    (one,) = found
    return one


def runs(conv, input):
    with contextlib.suppress(RuntimeError):
        conv(input)
        return True
    return False


def moved_index(page):
    photo = numbered(*shape_in(page))
    planes = eval(re.search(r"`planes = (.*?)`", page.prompt)[1], {"photo": photo})
    number = planes[page.numbers(r"planes\[(\d), (\d), (\d)\]")]
    return tuple((photo == number).nonzero()[0].tolist())


def stack_shape(page):
    (N,) = page.numbers(r"list of (\d+) tensors")
    return tuple(names_after(page, photos=[torch.zeros(shape_in(page))] * N)["batch"].shape)


def reshape_red(page):
    H, W, C = shape_in(page)
    code, plane = re.search(r"`wrong = (.*?)` and takes `wrong\[(\d)\]`", page.prompt).groups()
    colour = ("red", "green", "blue").index(re.search(r"that do hold a (\w+) number", page.prompt)[1])
    photo = torch.arange(C).repeat(H * W).reshape(H, W, C)
    return (eval(code, {"photo": photo})[int(plane)] == colour).nonzero().tolist()


def grey_from_rgb(page):
    N, _, H, W = shape_in(page)
    batch, conv = torch.rand(N, 3, H, W), nn.Conv2d(1, 8, kernel_size=3)
    made = {option: eval(option, {"batch": batch}) for option in page.options}
    return only(option for option, grey in made.items() if grey.shape == (N, 1, H, W) and runs(conv, grey))


def read_axes(page):
    x = torch.zeros(shape_in(page))
    assert nn.Conv2d(1, 8, kernel_size=3)(x).shape[0] == 8  # the first axis that comes out are the channels
    C, H, W = x.shape
    return only(option for option in page.options if option == f"{C} channel, {H} rows, {W} columns")


def in_channels(page):
    x = torch.zeros(shape_in(page))
    return only(c for c in range(1, 70) if runs(nn.Conv2d(c, 8, kernel_size=3), x))


def three_grey(page):
    conv = eval(re.search(r"`(nn\.Conv2d.*?)`", page.prompt)[1])
    return tuple(conv(torch.zeros(shape_in(page))).shape)


def fits_conv(page):
    conv = eval(re.search(r"`(nn\.Conv2d.*?)`", page.prompt)[1])
    return [option for option in page.options if runs(conv, eval(option))]


def which_message(page):
    said = "no error: it runs"
    try:
        names_after(page)
    except RuntimeError as error:
        said = f"RuntimeError: {error}"
    return only(option for option in page.options if option == said)


def myth_first_axis(page):
    conv = eval(re.search(r"`(nn\.Conv2d.*?)`", page.prompt)[1])
    read_as = {3: "channels", 4: "pictures in the batch"}[conv(torch.zeros(shape_in(page))).dim()]
    return page.prompt.endswith(f"for the number of {read_as}.")


def memory_order(page):
    picture = eval(re.search(r"`picture = (.*?)`", page.prompt)[1])
    return sorted(page.options, key=lambda option: eval(option, {"picture": picture}).data_ptr())


def memory_offset(page):
    picture, index = re.search(r"`picture = (.*?)`.*`picture(\[.*?\])`", page.prompt).groups()
    picture = eval(picture)
    return (eval(f"picture{index}").data_ptr() - picture.data_ptr()) // picture.element_size()


def permuted_strides(page):
    return names_after(page)["planes"].stride()


def format_shape(page):
    return tuple(names_after(page)["y"].shape)


def format_strides(page):
    return names_after(page)["y"].stride()


def to_unit(page):
    photo = (numbered(*shape_in(page)) % 256).to(torch.uint8)
    conv = nn.Conv2d(3, 8, kernel_size=3)
    made = {option: eval(option, {"photo": photo}) for option in page.options}
    in_range = {option: x for option, x in made.items() if 0 <= x.min() and x.max() <= 1 and x.unique().numel() == 256}
    return only(option for option, x in in_range.items() if runs(conv, x))


def scaled_value(page):
    x = names_after(page)["x"]
    return f"{x[page.numbers(r'x.(.), (.), (.).`')].item():.1f}"


def where_things_lie(page):
    names = names_after(page, device=ANOTHER_DEVICE)
    return [option for option in page.options if eval(option, names).device.type == ANOTHER_DEVICE]


def myth_device(page):
    names = {"x": torch.zeros(shape_in(page), dtype=torch.uint8), "model": nn.Conv2d(3, 8, kernel_size=3)}
    exec(re.search(r"After the line `(.*?)`", page.prompt)[1], {"device": ANOTHER_DEVICE}, names)
    if page.prompt.endswith("is float32."):
        return names["x"].dtype == torch.float32
    moved = names["model"].weight if "weights of the module" in page.prompt else names["x"]
    return moved.device.type == ANOTHER_DEVICE


def plot_call(page):
    (grad,) = re.findall(r"`x\.requires_grad` is (True|False)", page.prompt)
    x = torch.rand(shape_in(page), requires_grad=grad == "True")
    right, wanted = [], x.detach().permute(1, 2, 0).numpy()
    for option in page.options:
        with contextlib.suppress(RuntimeError, TypeError):
            drawn = Figure().subplots().imshow(eval(option, {"x": x})).get_array()
            right += [option] * bool(drawn.shape == wanted.shape and (drawn == wanted).all())
    return only(right)


def plot_runs(page):
    C, H, W = shape_in(page)
    names = {"planes": torch.rand(C, H, W), "grey": torch.rand(H, W), "weight": nn.Conv2d(3, 8, 3).weight}
    right = []
    for option in page.options:
        with contextlib.suppress(RuntimeError, TypeError):
            eval(option, {"plt": Figure().subplots(), **names})
            right.append(option)
    return right
