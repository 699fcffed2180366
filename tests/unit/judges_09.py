"""Lesson 09 judged by torch: columns, products, fold, memory and work, from each page alone, by real layers."""

import ast
import re
from itertools import permutations

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from tests.unit.judges_07 import NAMES, codes, shape_of
from tests.unit.pages import grid


def called(page, name=r"F\.unfold"):
    """The code in backticks that begins with this name, as Python."""
    return re.findall(rf"`(?:columns = )?({name}[^`]*)`", page.prompt)[0]


def numbered(*shape):
    """A tensor of this shape whose numbers are all different: 1, 2, 3 and so on."""
    return torch.arange(1.0, 1 + torch.Size(shape).numel(), dtype=torch.float64).reshape(shape)


def unfolded(page, x):
    return eval(called(page), {**NAMES, "x": x})


def columns_shape(page):
    return tuple(unfolded(page, torch.zeros(shape_of(page, "x"))).shape)


def column_row(page):
    """The row in which the numbers of the tap stand, for a picture whose numbers are all different."""
    x = numbered(*shape_of(page, "x"))
    c, u, v = page.numbers(r"channel (\d+) that lie under kernel row (\d+), kernel column (\d+)\?")
    (row,) = (unfolded(page, x)[0, :, 0] == x[0, c, u, v]).nonzero().flatten().tolist()
    return row


def column_place(page):
    x = numbered(*shape_of(page, "x"))
    i, j = page.numbers(r"place \((\d+), (\d+)\)")
    columns = unfolded(page, x)[0]
    kernel = ast.literal_eval(re.search(r"F\.unfold\(x, (\(\d, \d\))\)", page.prompt)[1])
    window = x[0, :, i : i + kernel[0], j : j + kernel[1]].flatten()
    (column,) = (columns == window[:, None]).all(0).nonzero().flatten().tolist()
    return column


def shown_input(page):
    """The figure's channels as a batch of one."""
    return torch.stack([grid(block["values"]) for block in page.blocks if block["role"] == "input"])[None]


def column_entry(page):
    return unfolded(page, shown_input(page))[0][page.numbers(r"`columns\[0, (\d+), (\d+)\]`")].item()


def copies_cells(page):
    x = numbered(*shape_of(page, "x"))
    columns = unfolded(page, x)[0]
    assert list(columns.shape) == page.options["shape"] == list(page.numbers(r"has (\d+) rows and (\d+) columns"))
    return (columns == x[page.numbers(r"`x\[(\d), (\d), (\d), (\d)\]`")]).nonzero().tolist()


def which_columns(page):
    call = re.search(r"`(F\.unfold\(x, \(\d, \d\)\))\[0\]`", page.prompt)[1]
    wanted = eval(call, {**NAMES, "x": shown_input(page)})[0]
    (option,) = (it for it in page.options if torch.equal(grid(ast.literal_eval(it)), wanted))
    return option


def myth_places(page):
    shape, (pixels, claimed) = shape_of(page, "x"), page.numbers(r"has (\d+) pixels\. .* gives (\d+) columns\.")
    assert shape[2] * shape[3] == pixels
    return unfolded(page, torch.zeros(shape)).shape[2] == claimed


def weight_rows(page):
    x, weight = torch.randn(shape_of(page, "x")).double(), torch.randn(shape_of(page, "weight")).double()
    right = []
    for option in page.options:
        names = {**NAMES, "x": x, "rows": eval(option, {"weight": weight})}
        exec(page.code, names)
        right += [option] if torch.allclose(names["product"], F.conv2d(x, weight).flatten(2)) else []
    (option,) = right
    return option


def im2col_order(page):
    """The one order of the lines that ends in what the layer gives."""
    (conv,) = (eval(code, NAMES).double() for code in re.findall(r"`conv = (nn[^`]*)`", page.prompt))
    (name,), rows = re.findall(r"`(\w+)` holds pictures", page.prompt), re.search(r"`rows = ([^`]*)`", page.prompt)[1]
    pictures = torch.randn(page.numbers(r"of shape \((\d+), (\d+), (\d+), (\d+)\)")).double()
    right = []
    for order in permutations(page.options):
        names = {**NAMES, "rows": eval(rows, {"conv": conv}), "bias": conv.bias, name: pictures}
        try:
            for line in order:
                exec(line, names)
        except RuntimeError:
            continue
        right += [order] if same(names[name], conv(pictures)) else []
    (order,) = right
    return list(order)


def same(result, wanted):
    return result.shape == wanted.shape and torch.allclose(result, wanted)


def after_product(page):
    x, weight = torch.randn(shape_of(page, "x")).double(), torch.randn(shape_of(page, "weight")).double()
    product = eval(re.search(r"`product = ([^`]*)`", page.prompt)[1], {**NAMES, "x": x, "weight": weight})
    right = []
    for line in page.options:
        try:
            result = eval(line, {**NAMES, "product": product})
        except RuntimeError:
            continue
        right += [line] if same(result, F.conv2d(x, weight)) else []
    return right


def fold_count(page):
    (value,) = page.numbers(r"is (\d+) everywhere")
    x = torch.full(shape_of(page, "x"), float(value)).double()
    return eval(called(page, r"F\.fold"), {**NAMES, "x": x}).item()


def fold_cell(page):
    call = re.search(r"`(F\.fold\([^`]*)`", page.prompt)[1]
    folded = eval(call, {**NAMES, "columns": page.grid("output")[None]})
    return folded[0, 0][page.numbers(r"row (\d+), column (\d+)\?")].item()


def myth_fold(page):
    x = torch.randn(shape_of(page, "x")).double()
    return torch.allclose(eval(called(page, r"F\.fold"), {**NAMES, "x": x}), x)


def macs(layer, *shape):
    """The multiply-adds that torch counts when the layer runs."""
    with FlopCounterMode(display=False) as counter:
        layer.to("meta")(torch.zeros(shape, device="meta"))
    return counter.get_total_flops() // 2


def product_macs(page):
    kernel = page.numbers(r"kernel of (\d) x (\d)")
    a, b, c, d = page.numbers(r"shape \((\d+), (\d+)\), and .* shape \((\d+), (\d+)\)\.")
    assert b % (kernel[0] * kernel[1]) == 0
    with FlopCounterMode(display=False) as counter:
        torch.zeros(a, b) @ torch.zeros(c, d)
    return counter.get_total_flops() // 2


def layer_macs(page):
    (layer,) = codes(page)
    return macs(layer, *page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)"))


def by_im2col(layer, *shape):
    """The multiply-adds of the layer's rows times the columns of each picture."""
    columns = F.unfold(torch.zeros(shape), layer.kernel_size)
    with FlopCounterMode(display=False) as counter:
        for picture in columns:
            layer.weight.flatten(1) @ picture
    return counter.get_total_flops() // 2


def myth_macs(page):
    (layer,), shape = codes(page), page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    loops, claimed = page.numbers(r"makes (\d+) multiply-adds .* im2col makes (\d+)\.")
    made = by_im2col(layer, *shape)
    assert macs(layer, *shape) == loops
    return made == claimed


def work_grows(page):
    pairs = re.findall(r"[AB]: `(nn[^`]*)` gets (\([\d, ]+\))\.", page.prompt)
    first, second = (macs(eval(code, NAMES), *ast.literal_eval(shape)) for code, shape in pairs)
    return second / first


def four_times(page):
    (layer,) = codes(page)
    usual, right = macs(layer, *page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")), []
    for option in page.options:
        call, _, shape = option.partition(" gets ")
        if shape:
            right += [option] if macs(eval(call, NAMES), *ast.literal_eval(shape)) == 4 * usual else []
    return right


def columns_memory(page):
    (layer,) = codes(page)
    return F.unfold(torch.zeros(page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")), layer.kernel_size).numel()


def columns_bytes(page):
    dtype = eval(re.search(r"`(torch\.float\d+)`", page.prompt)[1], NAMES)
    x = torch.zeros(shape_of(page, "x"), dtype=dtype)
    columns = unfolded(page, x)
    return columns.untyped_storage().nbytes() - x.untyped_storage().nbytes()


def columns_order(page):
    shape = page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    code = re.search(r"`(nn\.Conv2d\([^`]*)`", page.prompt)[1]

    def stored(option):
        layer = eval(code.replace("...", option), NAMES)
        return F.unfold(torch.zeros(shape), layer.kernel_size, 1, layer.padding, layer.stride).numel()

    return sorted(page.options, key=stored)


def myth_memory(page):
    x = torch.zeros(shape_of(page, "x"))
    more = re.search(r"holds (more|fewer) numbers", page.prompt)[1] == "more"
    assert unfolded(page, x).numel() != x.numel()
    return (unfolded(page, x).numel() > x.numel()) == more


def tile_memory(page):
    (layer,), shape = codes(page), page.numbers(r"shape \((\d+), (\d+), (\d+), (\d+)\)")
    (tile,) = page.numbers(r"the columns of (\d+) places")
    columns = F.unfold(torch.zeros(shape, dtype=torch.float32)[:1], layer.kernel_size)[0, :, :tile]
    return columns.contiguous().untyped_storage().nbytes()


class Largest(TorchDispatchMode):
    """Notes how many numbers the largest tensor holds that an operation makes."""

    numbers = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        for it in tree_leaves(made):
            self.numbers = max(self.numbers, it.untyped_storage().nbytes() // it.element_size())
        return made


def needs_columns(page):
    x, weight = torch.randn(shape_of(page, "x")).double(), torch.randn(shape_of(page, "weight")).double()
    names = {**NAMES, "x": x, "weight": weight}
    names["rows"] = eval(re.search(r"`rows = ([^`]*)`", page.prompt)[1], names)
    columns, wanted, right = F.unfold(x, tuple(weight.shape[2:])).numel(), F.conv2d(x, weight).flatten(2), []
    for line in page.options:
        with Largest() as largest:
            made = eval(line, names)
        made = made.flatten(2)
        assert same(made, wanted) or same(made.transpose(1, 2), wanted), line  # every line computes the layer
        right += [line] if largest.numbers >= columns else []
    return right


def winograd_row(page):
    """The pairs are computed by Winograd's way and compared with the layer; each product of two numbers is counted."""
    (layer,) = (it.double() for it in codes(page))
    H, W = page.numbers(r"a picture of (\d+) x (\d+)")
    x, (a, b, c), count = torch.randn(1, 1, H, W).double(), layer.weight.flatten(), 0
    pairs = []
    for j in range(0, W - 2, 2):
        d = x[..., j : j + 4].unbind(3)
        sums = (d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3])
        taps = (a, (a + b + c) / 2, (a - b + c) / 2, c)
        products = [numbers * tap for numbers, tap in zip(sums, taps, strict=True)]
        count += sum(it.numel() for it in products)
        pairs += [products[0] + products[1] + products[2], products[1] - products[2] - products[3]]
    assert torch.allclose(torch.stack(pairs, 3) + layer.bias, layer(x)) and isinstance(layer, nn.Conv2d)
    return count
