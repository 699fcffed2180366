"""Ten models that ShapeTracer has not seen, on pictures of two channels; and what hooks of their own say of them."""

import torch
from torch import nn
from torch.nn import functional as F


class Forward(nn.Module):
    """A module of one function, over layers that it owns."""

    def __init__(self, function, **parts):
        super().__init__()
        self.function = function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def plain():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 6, (3, 2), stride=(2, 1)), nn.ReLU(),
        nn.AvgPool2d((2, 3)), nn.Flatten(), nn.Linear(6 * 4 * 6, 5),
    )  # fmt: skip


def nested():
    def block(C_in, C_out, **more):
        return nn.Sequential(nn.Conv2d(C_in, C_out, 3, bias=False, **more), nn.BatchNorm2d(C_out), nn.ReLU())

    return nn.Sequential(nn.Sequential(block(2, 4), nn.Sequential(block(4, 4, stride=2))), block(4, 3, dilation=2))


def depthwise():
    return nn.Sequential(
        nn.Conv2d(2, 8, 3, groups=2, padding="same"), nn.Conv2d(8, 8, 5, stride=2, groups=8, bias=False),
        nn.ReLU6(), nn.Conv2d(8, 4, 1), nn.Conv2d(4, 4, (1, 3), padding=(0, 1), groups=4),
    )  # fmt: skip


def normalised():
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Dropout2d(0.5),
        nn.Conv2d(4, 4, 3), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3),
    ).train()  # fmt: skip


def _residual(model, x):
    x = F.relu(model.norm(model.first(x)))
    y = model.third(F.relu(model.second(x)))
    return model.last(F.relu(y + model.short(x)))


def residual():
    return Forward(
        _residual, first=nn.Conv2d(2, 4, 3), norm=nn.BatchNorm2d(4), second=nn.Conv2d(4, 4, 3, stride=2, padding=1),
        third=nn.Conv2d(4, 4, 3, padding=1), short=nn.Conv2d(4, 4, 1, stride=2), last=nn.Conv2d(4, 2, 3),
    )  # fmt: skip


def _inception(model, x):
    x = model.stem(x)
    wide = model.five(F.relu(model.before(x)))
    return model.last(torch.cat([model.one(x), wide, model.pool(x)], dim=1))


def inception():
    return Forward(
        _inception, stem=nn.Conv2d(2, 4, 3, stride=2), one=nn.Conv2d(4, 2, 1), before=nn.Conv2d(4, 3, 1),
        five=nn.Conv2d(3, 3, 5, padding=2), pool=nn.MaxPool2d(3, 1, 1), last=nn.Conv2d(9, 2, 3),
    )  # fmt: skip


def _loop(model, x):
    for layer in model.layers:
        x = F.relu(layer(x))
    for _ in range(2):
        x = model.again(x)
    return model.last(x)


def loop():
    layers = nn.ModuleList([nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, (1, 3))])
    return Forward(_loop, layers=layers, again=nn.Conv2d(2, 2, 3), last=nn.Conv2d(2, 3, 2, stride=2))


def shared():
    """The same layer under two names, and the weight of one in another."""
    layer = nn.Conv2d(2, 2, 3, padding=1)
    other = nn.Conv2d(2, 2, 3, padding=1)
    other.weight = layer.weight
    return nn.Sequential(layer, nn.ReLU(), layer, other, nn.MaxPool2d(2))


def _functional(model, x):
    x = F.max_pool2d(torch.relu(F.conv2d(x, model.weight, model.bias, padding=1)), 2)
    x = F.avg_pool2d(F.conv2d(x, model.deep, stride=(2, 1)), 2)
    return F.linear(x.mean((2, 3)), model.head)


def functional():
    model = Forward(_functional)
    model.weight, model.bias = nn.Parameter(torch.ones(4, 2, 3, 3)), nn.Parameter(torch.ones(4))
    model.deep, model.head = nn.Parameter(torch.ones(3, 4, 3, 3)), nn.Parameter(torch.ones(5, 3))
    return model


def _gated(model, x):
    x = model.first(x)
    gate = torch.sigmoid(model.second(x.mean((2, 3), keepdim=True)))
    return model.last(x * gate)


def gated():
    return Forward(_gated, first=nn.Conv2d(2, 4, 3), second=nn.Conv2d(4, 4, 1), last=nn.Conv2d(4, 2, 3))


def upsampled():
    return nn.Sequential(nn.Conv2d(2, 4, 3, 2), nn.ConvTranspose2d(4, 3, 2, 2), nn.Upsample(scale_factor=2),
                         nn.Conv2d(3, 2, 3))  # fmt: skip


MODELS = {make.__name__: make for make in (plain, nested, depthwise, normalised, residual, inception, loop, shared,
                                           functional, gated, upsampled)}  # fmt: skip
SIZE = (37, 41)


def hooked(model, input):
    """What hooks see of every layer without children: (names, output shape, multiply-adds by definition, bytes)."""
    found, handles, names = [], [], {}
    for name, module in model.named_modules(remove_duplicate=False):
        names.setdefault(module, name)

    def keep(module, args, output):
        macs = 0
        if isinstance(module, nn.ConvTranspose2d):
            macs = args[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Conv2d):
            macs = output.numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            macs = output.numel() * module.in_features
        found.append((names[module], tuple(output.shape), macs, output.nbytes))

    handles = [it.register_forward_hook(keep) for it in names if not list(it.children())]
    with torch.no_grad():
        model.eval()(input)
    for handle in handles:
        handle.remove()
    return found
