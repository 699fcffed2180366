"""Lesson 00, what a convolution does with a photograph, and what one filter can find in it."""

from convlab.mistakes import MISTAKES
from convlab.questions.cases import apart, drawn, gathered, shuffled
from convlab.questions.lesson_00.places import KERNELS, places_in, sides_swapped, size_of_photograph
from convlab.questions.question import Slip
from convlab.shapes import Conv2dSpec


def layer_on_photograph(rng):
    """A layer for colour photographs, and the height and width of one."""
    return Conv2dSpec(3, rng.choice((4, 6, 8, 12, 16)), rng.choice(KERNELS)), size_of_photograph(rng)


_WHAT_FOR = {  # what is the same for every seed
    "kind": "choice",
    "level": "easy",
    "objective": "say what Conv2d is for",
    "formula": "a filter at every place",
    "hint": "Think of the small window and its numbers: where does it go, and what does it answer?",
}


def _what_for_proof(H, W, answer, spec):
    return (
        f"import torch\nfrom torch import nn\nlayer = {spec.source()}.double()\n"
        f"photo = torch.rand(1, 3, {H}, {W}).double()\noutput = layer(photo)\n"
        "moved = layer(photo.roll(1, 3))  # the same photograph, one column further\n"
        f"larger, grey = output.shape[2] > {H}, output.shape[1] == 1\n"
        "stays = torch.allclose(moved[..., 1:], output[..., :-1])  # its answers move along\n"
        f"print({answer!r} if stays and not larger and not grey else 'something else')"
    )


def what_for(rng):
    """What does Conv2d do with a photograph?"""
    spec, (H, W) = layer_on_photograph(rng)
    (kH, kW), C_out = spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    answer = f"It lays {C_out} patterns on every place of it and says how well each of them fits."
    slips = (
        Slip(
            f"It adds pixels around it, so that a larger photograph of {H + kH - 1} x {W + kW - 1} comes out.",
            ("M118",),
            f"No pixel is added. A window of {kH} x {kW} that has to fit inside stands at {h} x {w} places, a little "
            f"fewer than {H} x {W}.",
        ),
        Slip(
            f"It mixes red, green and blue, so that one grey picture of {h} x {w} comes out.",
            ("M119",),
            f"{C_out} pictures come out, the feature maps: one for each pattern, which is called a filter. Each says "
            "how strongly its pattern is there, not how bright the photograph is.",
        ),
        Slip(
            f"It sorts its {H * W} pixels by colour and hands them on, those most alike side by side.",
            ("M120",),
            "Nothing is sorted: every answer stays where its window is. So the next layer still knows where things "
            "are.",
        ),
    )
    return {
        **_WHAT_FOR,
        "prompt": f"A colour photograph of {H} x {W} pixels goes through `{spec.source()}`. What does the layer do "
        "with it?",
        "answer": answer,
        "because": f"{C_out} filters at {h} x {w} places: {C_out} feature maps of {h} x {w} numbers.",
        "steps": [
            f"Each of the {C_out} filters is a pattern of {kH} x {kW} numbers for each colour.",
            f"It stands at each of {h} x {w} places once, and answers there with one number.",
        ],
        "proof": (_what_for_proof(H, W, answer, spec)),
        "slips": slips,
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


def _map_slips(spec, input_shape):
    (_, C, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    (larger,), (grey,) = (MISTAKES[id].models["output_shape"](spec, input_shape) for id in ("M118", "M119"))
    return [
        Slip(
            larger,
            ("M118",),
            f"{larger[2]} x {larger[3]} is larger than the photograph. The window has to fit inside, so there are "
            f"fewer places than pixels: {H} - {kH} + 1 = {h} rows, {W} - {kW} + 1 = {w} columns.",
        ),
        Slip(grey, ("M119",), f"One grey picture it is not: {C_out} filters give {C_out} feature maps."),
        Slip(
            (1, C, H, W),
            ("M120",),
            "That is the photograph again, as if its pixels were only put into another order. New numbers come out: "
            f"{C_out} maps, one number for each place of the window.",
        ),
        Slip(
            (1, C_out, H, W),
            ("M01",),
            f"{H} x {W} would be one answer for each pixel. The window may not stick out: {H} - {kH} + 1 = {h} rows, "
            f"{W} - {kW} + 1 = {w} columns.",
        ),
        Slip(
            (1, C_out, H - kH, W - kW),
            ("M02",),
            f"One row and one column of places are missing: the window also stands at the very start, so {H} - {kH} + "
            f"1 = {h}.",
        ),
    ]


def _map_more_slips(spec, input_shape):
    """What is named besides: the window's sides swapped, the photographs left out, a map for each colour."""
    (_, C, H, W), (kH, kW), C_out = input_shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    (alone,) = MISTAKES["M174"].models["output_shape"](spec, input_shape)
    (each,) = MISTAKES["M27"].models["output_shape"](spec, input_shape)
    (same,) = MISTAKES["M28"].models["output_shape"](spec, input_shape)
    swapped = sides_swapped((H, W), (kH, kW))
    return [
        Slip(
            (1, C_out, *swapped),
            ("M21",),
            f"{swapped[0]} x {swapped[1]} is right for a window of {kW} rows and {kH} columns. `kernel_size=({kH}, "
            f"{kW})` is (height, width): {H} - {kH} + 1 = {h} rows, {W} - {kW} + 1 = {w} columns.",
        ),
        Slip(
            tuple(alone),
            ("M174",),
            f"The first number is missing: how many photographs. There is one, and it is counted, too: (1, {C_out}, "
            f"{h}, {w}).",
        ),
        Slip(
            each,
            ("M27",),
            f"You counted a map for each filter and each colour. A filter looks at all {C} colours together and gives "
            f"one map: {C_out}.",
        ),
        Slip(
            same,
            ("M28",),
            f"The {C} colours go in. As many maps come out as there are filters: {C_out}.",
        ),
    ]


def map_shape(rng):
    """The shape of the feature maps of one photograph."""

    def case():
        spec, size = layer_on_photograph(rng)
        return spec, (1, 3, *size)

    spec, shape = drawn(case, lambda it: apart("shape", it[0].output_shape(it[1]), _map_slips(*it)))
    (_, _, H, W), (kH, kW), C_out = shape, spec.kernel_size, spec.out_channels
    h, w = places_in((H, W), (kH, kW))
    answer = spec.output_shape(shape)
    return {
        "prompt": (
            f"One colour photograph, a tensor of shape {shape}, goes through `{spec.source()}`. Which shape do the "
            "feature maps have: (photographs, maps, rows, columns)?"
        ),
        "kind": "shape",
        "level": "medium",
        "objective": "say what comes out of a layer",
        "formula": "(N, filters, H - kH + 1, W - kW + 1)",
        "answer": answer,
        "because": f"One photograph, {C_out} filters, {h} x {w} places.",
        "hint": "How many filters are there? And how often does a window fit into the rows, into the columns?",
        "steps": [
            f"One photograph stays one; {C_out} filters give {C_out} feature maps.",
            f"Rows of places: {H} - {kH} + 1 = {h}.",
            f"Columns of places: {W} - {kW} + 1 = {w}. So {answer}.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {spec.source()}\n"
            f"print(tuple(layer(torch.zeros({shape})).shape))"
        ),
        "slips": gathered("shape", answer, [*_map_slips(spec, shape), *_map_more_slips(spec, shape)]),
        "axes": ("what comes out", "(photographs, maps, rows, columns)"),
        "spec": spec,
        "input_shape": shape,
        "otherwise": "Four numbers: photographs, filters, rows of places, columns of places.",
    }


_FIRST_LAYER = {  # what is the same for every seed
    "kind": "choice",
    "level": "medium",
    "objective": "say what a first layer finds",
    "formula": "one answer sees kH x kW pixels",
    "hint": "How many pixels does a filter of the first layer see at once?",
}


def _first_layer_slips(kH, kW, H, W, eye):
    return (
        Slip(
            f"a whole eye, {eye[0]} x {eye[1]} pixels",
            ("M68",),
            f"One answer of this layer comes from {kH} x {kW} pixels, and the eye is {eye[0]} x {eye[1]}: the filter "
            "never sees it whole. Layers further on put edges together to corners, and corners to eyes.",
        ),
        Slip(
            "one single pixel, apart from all others",
            ("M121",),
            f"A filter looks at {kH} x {kW} pixels at once and answers to how they differ. That is what it is for.",
        ),
        Slip(
            f"what catches a human eye first, anywhere among the {H} x {W} pixels",
            ("M125",),
            f"Where we look first is decided by more than one layer. A filter answers to {kH} x {kW} pixels, at every "
            "place alike, whether we would look there or not.",
        ),
    )


def first_layer(rng):
    """What can one filter of the first layer answer to?"""
    spec = Conv2dSpec(3, rng.choice((8, 16, 32)), rng.choice(KERNELS))
    (kH, kW), (H, W) = spec.kernel_size, size_of_photograph(rng, 200, 480)
    eye = (rng.randint(16, 24), rng.randint(30, 48))
    answer = f"an edge or a colour, within {kH} x {kW} pixels"
    slips = _first_layer_slips(kH, kW, H, W, eye)
    return {
        **_FIRST_LAYER,
        "prompt": (
            f"A network is to find faces in photographs of {H} x {W} pixels; an eye in them is about {eye[0]} x "
            f"{eye[1]}. Its *first* layer is `{spec.source()}`. What can one filter of this layer answer to?"
        ),
        "answer": answer,
        "because": f"{kH} x {kW} pixels are enough for an edge or a colour, and too few for an eye.",
        "steps": [
            f"One answer of the first layer comes from one window, {kH} x {kW} pixels.",
            f"An eye needs {eye[0]} x {eye[1]} pixels, many times as many.",
            "So the first layer finds edges and colours; later layers put them together.",
        ],
        "proof": (
            f"import torch\nfrom torch import nn\nlayer = {spec.source()}.double()\n"
            "photo = torch.rand(1, 3, 40, 60, dtype=torch.float64, requires_grad=True)\n"
            "layer(photo)[0, 0, 20, 30].backward()\n"
            "rows, columns = photo.grad[0].abs().sum(0).nonzero().T  # the pixels that one answer depends on\n"
            "rows, columns = rows.unique().numel(), columns.unique().numel()\n"
            "print(f'an edge or a colour, within {rows} x {columns} pixels')"
        ),
        "slips": slips,
        "options": shuffled(rng, [answer, *(slip.answer for slip in slips)]),
    }


QUESTIONS = {"what-for": what_for, "map-shape": map_shape, "first-layer": first_layer}
