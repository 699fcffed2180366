"""Receptive fields of walk: what units really see, found by trying, in models of every build."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from convlab import layers
from convlab.shapes import receptive_field
from tests.receptive import in_the_middle, largest, outputs, seen

SIZE = (37, 41)
SHAPE = (1, 2, *SIZE)


class Model(nn.Module):
    """A forward function over named layers."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.parts = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, input):
        return self.parts(self, input)


def agrees(model, size=SIZE):
    """The walk's rows, after a look that each says what its units see."""
    rows = layers.walk(model.double(), (1, 2, *size)).rows
    for row, call in zip(rows, seen(model, size), strict=True):
        assert row.receptive_field is not None, row
        for axis in (0, 1):
            units, field = call[axis], row.receptive_field[axis]
            if row.jump:
                assert all(lines[-1] - lines[0] < field for lines in units.values()), (row, axis)
                length, jump = in_the_middle(units)
                if field + 2 * row.jump[axis] < size[axis] / 2:  # else the edges may cut off what it sees
                    assert (length, jump) == (field, row.jump[axis]), (row, axis)
            else:
                assert row.whole and all(lines == list(range(size[axis])) for lines in units.values()), (row, axis)
    return rows


def conv(kernel_size=3, stride=1, padding=0, dilation=1, channels=2, **more):
    return nn.Conv2d(channels, 2, kernel_size, stride, padding, dilation, **more)


kernels = st.tuples(st.integers(1, 4), st.integers(1, 4))
steps = st.sampled_from([(1, 1), (1, 2), (2, 1)])
a_conv = st.builds(conv, kernels, steps, st.tuples(st.integers(0, 2), st.integers(0, 2)), steps)
a_pool = st.builds(nn.MaxPool2d, st.tuples(st.integers(2, 3), st.integers(2, 3)), steps, st.just(1))
an_average = st.builds(nn.AvgPool2d, st.tuples(st.integers(1, 3), st.integers(1, 3)), steps)
chains = st.lists(st.one_of(a_conv, a_conv, a_pool, an_average, st.just(nn.ReLU())), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None)
@given(chains)
def test_a_chain_sees_what_it_is_said_to_see(chain):
    agrees(nn.Sequential(*chain), (33, 35))


@settings(max_examples=8, deadline=None)
@given(chains, kernels, st.integers(0, 3))
def test_where_branches_meet_a_unit_sees_what_both_saw(chain, kernel, shift):
    same = conv(kernel, padding="same")  # even kernels lean to one side: the union is wider than either
    moved = conv((1, 4), padding=(0, 3))

    def forward(model, x):
        x = model.chain(x)
        narrow, wide = model.same(x), model.moved(x)
        start = min(shift, wide.shape[-1] - x.shape[-1])
        return model.last(torch.cat([narrow, wide[..., start : start + x.shape[-1]]], 1) + 1)

    agrees(Model(forward, chain=nn.Sequential(*chain), same=same, moved=moved, last=conv(2, channels=4)), (33, 35))


def test_a_plain_chain_has_the_field_that_shapes_computes():
    stack = [conv((3, 2), (2, 1), 1), conv((1, 5), 1, (0, 2), (1, 2)), conv(4, (1, 3))]
    rows = agrees(nn.Sequential(*stack))
    for count, row in enumerate(rows, 1):
        assert (row.receptive_field, row.jump) == receptive_field([layers.spec(layer) for layer in stack[:count]])


def test_the_judge_finds_what_autograd_reaches():
    model = nn.Sequential(conv((3, 2), (2, 1)), conv((2, 3), dilation=2)).double()
    input = torch.rand(SHAPE, dtype=torch.float64, requires_grad=True)
    output = model(input)
    unit = [length // 2 for length in output.shape[-2:]]
    output[..., unit[0], unit[1]].sum().backward()
    found = seen(model, SIZE)[-1]
    for axis in (0, 1):
        reached = (input.grad != 0).any(5 - 2 - axis).flatten(0, 1).any(0).nonzero().flatten()
        lines = found[axis][unit[axis]]
        assert (lines[0], lines[-1]) == (reached.min(), reached.max())


def residual(model, x):
    x = F.relu(model.norm(model.first(x)))
    return model.last(F.relu(x + model.second(x)))


def residual_in_place(model, x):
    x = model.first(x)
    x += model.second(x)
    return model.last(x.relu_())


def inception(model, x):
    return model.last(torch.cat([model.first(x), model.second(x), F.max_pool2d(x, 3, 1, 1)], dim=1))


def squeezed_and_excited(model, x):
    x = model.first(x)
    gate = torch.sigmoid(model.second(x.mean((2, 3), keepdim=True)))
    return model.last(x * gate)


def functional(model, x):
    x = F.pad(x, (2, 1, 0, 3))
    x = F.max_pool2d(torch.relu(model.first(x)), 2)
    x = x.permute(0, 2, 3, 1).contiguous() @ torch.ones(2, 2, dtype=x.dtype)
    return model.last(x.permute(0, 3, 1, 2)[:, :, ::2, 3:].flip(3))


def in_a_loop(model, x):
    for _ in range(3):
        x = model.first(x)
    return model.last(x)


def channels_split(model, x):
    left, right = model.first(x).chunk(2, dim=1)
    return model.last(torch.stack([model.second(left), right], 2).flatten(1, 2))


@pytest.mark.parametrize(
    ("forward", "parts"),
    [
        (residual, {"norm": nn.BatchNorm2d(2), "second": conv(3, padding=1), "last": conv(2)}),
        (residual_in_place, {"second": conv(5, padding=2), "last": conv(2)}),
        (inception, {"second": conv(5, padding=2), "last": conv(channels=6)}),
        (functional, {"last": conv(2)}),
        (in_a_loop, {"last": conv(2)}),
        (channels_split, {"second": nn.Conv2d(1, 1, 3, padding=1), "last": conv(2)}),
    ],
)
def test_branches_functions_views_and_loops_are_followed(forward, parts):
    rows = agrees(Model(forward, first=conv(3, padding=1, dilation=1), **parts))
    assert rows[-1].name == "last" and rows[-1].jump


def test_a_gate_that_saw_everything_lets_everything_through():
    rows = agrees(Model(squeezed_and_excited, first=conv(3), second=conv(1), last=conv(2)))
    assert [row.whole for row in rows] == [False, True, True]


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_padding_of_every_mode_moves_the_windows(mode):
    framed, other = conv(3, padding=(1, 2), padding_mode=mode), conv((3, 1), padding=(1, 0))
    model = Model(lambda model, x: model.last(model.framed(x)[..., 1:-1] + model.other(x)), framed=framed, other=other)
    model.last = conv(2)
    assert layers.walk(model, SHAPE).rows[-1].receptive_field == (4, 4)


def after_linear(*after):
    return nn.Sequential(conv(3, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 3), *after)


@pytest.mark.parametrize(
    "model",
    [
        after_linear(nn.ReLU(), nn.Linear(3, 2)),
        nn.Sequential(conv(3, 2), nn.GroupNorm(1, 2), conv(2)),
        nn.Sequential(conv(3, 2), nn.InstanceNorm2d(2), conv(2)),
        nn.Sequential(conv((37, 41)), nn.Conv2d(2, 3, 1)),
    ],
)
def test_what_mixes_all_units_sees_the_whole_input(model):
    rows = layers.walk(model.double(), SHAPE).rows
    last = seen(model, SIZE)[-1]
    assert [largest(last[axis]) for axis in (0, 1)] == list(rows[-1].receptive_field) == [37, 41]


@pytest.mark.parametrize(
    "up",
    [
        nn.ConvTranspose2d(2, 2, 2, 2),
        nn.ConvTranspose2d(2, 2, 4, 2, 1),
        nn.ConvTranspose2d(2, 2, (3, 5), (2, 3), dilation=(1, 2)),
        nn.Upsample(scale_factor=2),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.Upsample(scale_factor=(3, 2), mode="bicubic"),
        nn.Sequential(nn.Conv2d(2, 8, 1), nn.PixelShuffle(2)),
    ],
)
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_after_upsampling_it_is_the_largest_window(up, after):
    model = nn.Sequential(conv(3, 2), up, conv(after), nn.ReLU())
    row, last = layers.walk(model.double(), (1, 2, 25, 27)).rows[-1], seen(model, (25, 27))[-1]
    assert row.receptive_field == tuple(largest(last[axis]) for axis in (0, 1))
    assert all(jump < 2 for jump in row.jump)


def test_a_u_net_sees_what_its_deepest_path_saw():
    def forward(model, x):
        deep = model.up(model.deep(F.max_pool2d(model.first(x), 2)))
        return model.last(torch.cat([model.first(x), deep], 1))

    parts = {"first": conv(3, padding=1), "deep": conv(3, padding=1), "up": nn.ConvTranspose2d(2, 2, 2, 2)}
    model = Model(forward, **parts, last=conv(3, channels=4))
    row, last = layers.walk(model.double(), (1, 2, 28, 32)).rows[-1], seen(model, (28, 32))[-1]
    assert row.receptive_field == tuple(largest(last[axis]) for axis in (0, 1))
    assert row.jump == (1, 1)


def test_columns_see_their_windows_and_a_product_with_them_is_a_convolution():
    def forward(model, x):
        columns = model.unfold(x)
        return model.last((model.weight @ columns).view(1, 2, 17, 40))

    model = Model(forward, unfold=nn.Unfold((4, 2), stride=(2, 1)), last=conv((3, 1)))
    model.weight = nn.Parameter(torch.ones(2, 16))
    rows = layers.walk(model, SHAPE).rows
    assert [(row.receptive_field, row.jump) for row in rows] == [((1, 1), None), ((8, 2), (2, 1))]
    assert outputs(model, torch.ones(SHAPE))[-1].shape == rows[-1].output_shape


@pytest.mark.parametrize(
    "forward",
    [
        lambda model, x: model.last(model.first(x).roll(1, 3)),
        lambda model, x: model.last(model.first(x).sort(3).values),
        lambda model, x: model.last(torch.cat([model.first(x), model.first(x)], 3)),
        lambda model, x: model.last(model.first(x) + model.first(x)[:, :, :, ::2].repeat_interleave(2, 3)),
    ],
)
def test_what_is_not_followed_is_not_guessed(forward):
    rows = layers.walk(Model(forward, first=conv(3, padding=(1, 2)), last=conv(2)), SHAPE).rows
    assert rows[0].receptive_field == (3, 3)
    assert (rows[-1].receptive_field, rows[-1].jump, rows[-1].whole) == (None, None, False)


def test_a_tensor_filled_in_part_by_part_is_not_guessed():
    def forward(model, x):
        framed = torch.zeros(1, 2, 39, 43)
        framed[:, :, 1:-1, 1:-1] = model.first(x)
        return model.both(model.last(framed) + x)  # taken for a constant, it would leave x alone to be seen

    rows = layers.walk(Model(forward, first=conv(1), last=conv(3), both=nn.Identity()), SHAPE).rows
    assert [row.receptive_field for row in rows] == [(1, 1), None, None]


def test_what_does_not_depend_on_the_input_has_no_field():
    model = Model(lambda model, x: x * model.other(torch.ones(1, 2, 1, 1)), other=conv(1))
    assert [row.receptive_field for row in layers.walk(model, SHAPE).rows] == [None]


def test_attention_sees_everything():
    def forward(model, x):
        patches = model.patches(x).flatten(2).transpose(1, 2)
        return model.norm(patches + model.attention(patches, patches, patches)[0])

    parts = {"patches": nn.Conv2d(2, 8, 4, 4), "attention": nn.MultiheadAttention(8, 2, batch_first=True)}
    rows = layers.walk(Model(forward, **parts, norm=nn.LayerNorm(8)), SHAPE).rows
    assert [(row.receptive_field, row.whole) for row in rows[:1]] == [((4, 4), False)]
    # 9 x 10 patches of 4 x 4 leave the last row and the last column unread
    assert [row.receptive_field for row in rows[1:]] == [(36, 40), (36, 40)]


def test_one_axis_and_three_axes_are_followed_too():
    sound = nn.Sequential(nn.Conv1d(2, 4, 5, 2), nn.MaxPool1d(2))
    assert [row.receptive_field for row in layers.walk(sound, (3, 2, 40)).rows] == [(5,), (7,)]
    film = nn.Sequential(nn.Conv3d(1, 2, (1, 2, 3)), nn.AvgPool3d(2), nn.Conv3d(2, 2, 2))
    row = layers.walk(film, (1, 1, 8, 9, 10)).rows[-1]
    assert (row.receptive_field, row.jump) == ((4, 5, 6), (2, 2, 2))


def test_an_unbatched_picture_is_followed():
    rows = layers.walk(nn.Sequential(conv((3, 2)), nn.MaxPool2d(2)), SHAPE[1:]).rows
    assert [(row.output_shape, row.receptive_field) for row in rows] == [((2, 35, 40), (3, 2)), ((2, 17, 20), (4, 3))]
