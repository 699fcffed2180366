"""What is done by hand to each of the other widgets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Hand:
    """What is done to one widget.

    Args:
        name: the widget, in kebab case.
        what: the widget and what it shows, in words.
        call: what makes it.
        target: what the keys are pressed on.
        keys: what they do follows at once.
        layouts: what Python sets, in turn; each changes the whole picture.
        kind: the widget's class in the page, where two hands move the same widget.
        bound_ms: what 95 % of the keys keep within.
    """

    name: str
    what: str
    call: str
    target: str
    keys: tuple[str, ...]
    layouts: tuple[str, ...]
    kind: str = ""
    bound_ms: float = 8

    @property
    def cell(self):
        """A cell that ends in the widget."""
        return f"import convlab, torch\nwidget = convlab.{self.call}\nwidget"


AROUND = (*["ArrowRight"] * 6, "ArrowDown", *["ArrowLeft"] * 6, "ArrowUp")
HANDS = (
    Hand(
        "size-ruler",
        "SizeRuler, 20x19",
        "SizeRuler(3, 8, kernel_size=3, stride=(2, 1), padding=1, input=(1, 3, 20, 19))",
        ".sr-map.cl-output",
        AROUND,
        tuple(f"widget.set_layer(3, 8, kernel_size=3, stride=(2, {stride}), padding=1)" for stride in (2, 1)),
    ),
    Hand(
        "tensor-inspector",
        "TensorInspector, 16x15x3",
        "TensorInspector((16, 15, 3))",
        ".ti-picture .ti-stage",
        AROUND,
        (
            "widget.layout = 'CHW'",
            "widget.moved_by = 'reshape'",
            "widget.layout = 'HWC'",
            "widget.moved_by = 'permute'",
        ),
    ),
    Hand(
        "layer-anatomy",
        "LayerAnatomy, 4x16x16 to 8x16x16",
        "LayerAnatomy(4, 8, kernel_size=3, padding=1, input=(1, 4, 16, 16))",
        '.la-stage [data-role="weight"][tabindex="0"]',
        AROUND,
        tuple(
            f"widget.set_layer(4, {out}, kernel_size=(3, {width}), padding=1, input=(1, 4, 16, 16))"
            for out, width in ((6, 2), (8, 3), (5, 4))
        ),
    ),
    Hand(
        "receptive-field",
        "ReceptiveField, 6 layers on 20x19",
        'ReceptiveField([{"kernel_size": 3, "padding": 1}] * 6, (20, 19))',
        ".rf-map[tabindex='0']",
        AROUND,
        tuple(f"widget.set_layers([{{'kernel_size': (3, {width}), 'padding': 1}}] * 6)" for width in (2, 3)),
    ),
    Hand(
        "filter-bank",
        "FilterBank, 3 filters on 256x256 colour",
        "FilterBank(['identity', 'vertical edges', 'outline'], 'cat')",
        '[data-id="filter 1"]',
        AROUND,
        ("widget.set_filters(['outline', 'box blur'])", "widget.set_filters(['identity', 'Sobel x', 'emboss'])"),
    ),
    Hand(
        "gabor-bank",
        "FilterBank's Gabor sliders, 8 filters on 256x256 grey",
        "FilterBank('gabor', 'bricks')",
        'input[type=range][aria-label^="wavelength"]',
        (*["ArrowRight"] * 4, *["ArrowLeft"] * 4),
        tuple(f"widget.gabor = {{**widget.gabor, 'orientations': {count}}}" for count in (6, 8)),
        kind="filter-bank",
        bound_ms=50,  # as a whole new layout: every weight of every filter is another one
    ),
    Hand(
        "shape-tracer",
        "ShapeTracer, 12 layers",
        "ShapeTracer(torch.nn.Sequential(*[torch.nn.Conv2d(3, 3, 3, padding=1)] * 12), (1, 3, 40, 41))",
        ".st-strip",
        (*["ArrowRight"] * 6, *["ArrowLeft"] * 6),
        tuple(f"widget.shape = [1, 3, 40, {width}]" for width in (37, 41)),
    ),
    Hand(
        "feature-maps",
        "FeatureMaps, 8 and 16 filters on a digit",
        "FeatureMaps(epochs=1000, pace=0)",
        '.fb-map[tabindex="0"]',
        AROUND,
        ("widget.layer = 'conv2'", "widget.layer = 'conv1'"),
    ),
    Hand(
        "gradient-router",
        "GradientRouter, 4x16x16 to 8x16x16",
        "GradientRouter(4, 8, kernel_size=3, padding=1, input=(1, 4, 16, 16), view='input')",
        '[data-role="grad-input"][tabindex="0"]',
        AROUND,
        tuple(
            f"widget.set_layer(4, {out}, kernel_size=(3, {width}), padding=1, input=(1, 4, 16, {columns}))"
            for out, width, columns in ((6, 2, 15), (8, 3, 16), (5, 4, 14))
        ),
    ),
    Hand(
        "im2col-loom",
        "Im2colLoom, 4x16x16 to 8x16x16",
        "Im2colLoom(4, 8, kernel_size=3, padding=1, input=(1, 4, 16, 16))",
        '[data-role="column"][tabindex="0"]',
        AROUND,
        tuple(
            f"widget.set_layer(4, {out}, kernel_size=(3, {width}), padding=1, input=(1, 4, 16, {columns}))"
            for out, width, columns in ((6, 2, 15), (8, 3, 16), (5, 4, 14))
        ),
    ),
    Hand(
        "kernel-learner",
        "KernelLearner, 3x3 on 96x128 grey",
        "KernelLearner('Sobel x', 'camera', stage=4, losses=[1.0])",
        '[data-role="weight"][tabindex="0"]',
        ("+", "-", "]", "+", "-"),
        ("widget.target = 'Gaussian blur'", "widget.target = 'Sobel x'"),
    ),
    Hand(
        "groups-wiring",
        "GroupsWiring, 16 to 24 channels, shuffle, 1x1",
        "GroupsWiring(16, 24, groups=4, shuffle=True, pointwise=20)",
        ".gw-wires",
        ("ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "Enter", "ArrowUp", "Enter"),
        tuple(f"widget.groups = {groups}" for groups in (2, 8, 1, 4)),
    ),
)
