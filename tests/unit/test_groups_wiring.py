"""GroupsWiring's Python half: what it takes, what it refuses, its counts and dark outputs beside torch's, its clock."""

import gc
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from torch import nn

from convlab import GroupsWiring
from convlab.layers import timing
from convlab.shapes import ArgumentError, Conv2dSpec, ShapeError
from convlab.widgets import groups_wiring_time as clock
from convlab.widgets import groups_wiring_truth as truth

SMALL = {"kernel_size": (3, 2), "input": (2, 6, 7, 9)}
PATIENCE_S = 60


def wiring(**settings):
    return GroupsWiring(**{"in_channels": 6, "out_channels": 9, "groups": 3, **SMALL, **settings})


def torch_reach(widget):
    """Which outputs a nudge of an input channel moves, by autograd through the module itself."""
    module = widget.module.double()
    for parameter in module.parameters():
        nn.init.ones_(parameter)
    input = torch.ones((1, *widget.shape[-3:]), dtype=torch.float64, requires_grad=True)
    outputs = module(input).sum((0, 2, 3))
    rows = [torch.autograd.grad(one, input, retain_graph=True)[0].sum((0, 2, 3)) for one in outputs]
    return (torch.stack(rows) != 0).numpy()


CHAINS = [
    {},
    {"groups": 1},
    {"shuffle": True},
    {"pointwise": 4},
    {"pointwise": 6, "pointwise_groups": 3},
    {"pointwise": 6, "pointwise_groups": 3, "shuffle": True, "bias": False},
    {"groups": 6, "out_channels": 12, "stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)},
    {"padding": "same", "pointwise": True, "input": (6, 7, 9)},
    {"padding": (1, 2), "padding_mode": "circular"},
]


@pytest.mark.parametrize("settings", CHAINS)
def test_counts_shapes_and_reach_are_those_of_the_real_module_by_torch_and_by_hand(settings):
    widget = wiring(**settings)
    module, dense, input = widget.module, widget.dense, widget.input
    setting = widget._setting()
    parameters = sum(one.numel() for one in module.parameters())
    output = module(input).detach()
    assert torch.equal(output, widget.output)
    for found in (truth._by_torch(torch, setting), truth._by_hand(setting)):
        assert found[0] == parameters and tuple(found[2]) == output.shape
        assert tuple(found[3]) == module[0].weight.shape
        assert np.array_equal(found[4], torch_reach(widget))
    told, now = widget._computed, widget.now
    assert now.parameters == parameters and now.output_shape == output.shape
    assert now.dense_parameters == sum(one.numel() for one in dense.parameters())
    assert dense(input).shape == output.shape and told["by"].startswith("PyTorch")
    assert now.macs == truth._by_hand(setting)[1]


def test_the_multiply_adds_are_those_that_torch_counts():
    from torch.utils.flop_counter import FlopCounterMode

    for settings in CHAINS:
        widget = wiring(**settings)
        for module, own in ((widget.module, widget.now.macs), (widget.dense, widget.now.dense_macs)):
            with FlopCounterMode(display=False) as counter:
                module(widget.input)
            assert counter.get_total_flops() == 2 * own


@pytest.mark.parametrize("settings", CHAINS)
def test_dark_outputs_are_those_in_which_the_real_module_leaves_its_bias(settings):
    for muted in ([], [0], [0, 1], [2, 3, 5], list(range(6))):
        widget = wiring(**settings, muted=muted)
        module = widget.module.double()
        for parameter in module.parameters():
            nn.init.uniform_(parameter, 0.5, 1)  # nothing cancels
        input = torch.rand(widget.shape, dtype=torch.float64) + 1
        heard = input.clone()
        heard[..., muted, :, :] = 0
        with torch.no_grad():
            whole, left, nothing = module(input), module(heard), module(input * 0)
        # Without a batch there is one sample too.
        whole, left, nothing = (one.reshape(-1, *one.shape[-3:]) for one in (whole, left, nothing))
        changed, same = (whole != left).sum((0, 2, 3)) > 0, (left != nothing).sum((0, 2, 3)) == 0
        assert widget.dark == torch.where(changed & same)[0].tolist()
        assert widget.changed == torch.where(changed & ~same)[0].tolist()


def test_without_torch_python_finds_the_same():
    code = (
        "import sys\nfrom convlab import GroupsWiring\nwidget = GroupsWiring(8, 12, groups=4, pointwise=6, muted=[1])\n"
        "print(widget._computed['by'], 'torch' in sys.modules, widget.now.parameters)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Python", "False", str(12 * 2 * 9 + 12 + 6 * 12 + 6)]


def test_a_real_layer_comes_with_its_own_numbers():
    layer = nn.Conv2d(6, 12, (3, 2), groups=3, stride=2)
    widget = GroupsWiring(layer, input=torch.rand(1, 6, 9, 8))
    assert torch.equal(widget.layer.weight, layer.weight) and torch.equal(widget.layer.bias, layer.bias)
    assert torch.equal(widget.output, layer(widget.input))
    widget.groups = 2  # other shapes: its own numbers fit no more
    assert widget.layer.weight.shape == (12, 3, 3, 2)
    assert GroupsWiring(Conv2dSpec(4, 8, (1, 3), groups=2)).layer.weight.shape == (8, 2, 1, 3)


def test_what_pytorch_refuses_is_no_error_and_counts_nothing():
    for settings in ({"groups": 4}, {"groups": 0}, {"kernel_size": (8, 2)}, {"pointwise": 4, "pointwise_groups": 3}):
        widget = wiring(**settings)
        assert widget._computed["output_shape"] is None and widget.now.problem and widget.reach is None
        assert widget.dark == widget.changed == [] and widget.now.macs is None
        with pytest.raises(ValueError):
            widget.measure(wait=True)
    assert wiring(groups=4).now.problem == "in_channels must be divisible by groups"
    widget.set_layer(6, 9, groups=3)
    assert widget.now.problem is None


def test_another_layer_keeps_the_size_and_the_muted_channels_that_are_there():
    widget = wiring(muted=[1, 5], pinned=(1, 3))
    widget.set_layer(4, 8, groups=2)
    assert widget.shape == (2, 4, 7, 9) and widget.muted == [1] and widget.pinned == [1, 3]
    widget.set_layer(4, 8, groups=4, muted=[0], input=(4, 5, 6))
    assert widget.shape == (4, 5, 6) and widget.muted == [0] and widget.dark == [0, 1]


def test_the_line_says_the_setting_and_never_a_count():
    assert repr(wiring(shuffle=True, pointwise=5, muted=[2])) == (
        "GroupsWiring(nn.Conv2d(6, 9, kernel_size=(3, 2), groups=3), input=(2, 6, 7, 9), pointwise=5, shuffle=True, "
        "muted=[2])"
    )


@pytest.mark.parametrize("settings", [*CHAINS, {"muted": [0, 4], "pinned": (0, 5, 3)}, {"groups": 4}])
def test_the_state_makes_the_same_widget_again(settings):
    widget = wiring(**settings)
    again = GroupsWiring(**widget.state)
    assert again.state == widget.state and repr(again) == repr(widget) and again._computed == widget._computed


def test_tasks_see_counts_dark_outputs_and_times():
    tasks = {
        "depthwise": lambda now: now.groups == now.in_channels == 6 and now.weight_shape[1] == 1,
        "cheap": lambda now: now.macs * 3 < now.dense_macs,
        "three dark": lambda now: len(now.dark) == 3,
        "measured": lambda now: now.times["this"].median_ms > 0,
    }
    widget = wiring(tasks=tasks, input=(1, 6, 5, 6))

    def done():
        return [entry["done"] for entry in widget._tasks]

    assert done() == [False] * 4
    widget.muted = [0, 1]
    assert done() == [False, False, True, False]
    widget.set_layer(6, 12, groups=6)
    assert done() == [True, True, True, False]
    widget.measure(wait=True)
    assert done() == [True] * 4


# The clock


def threads():
    return [one for one in threading.enumerate() if one.name == clock.Watch.name]


def heard(widget):
    """All that the page is sent from now on."""
    sent = []
    widget.send = lambda message, buffers=None: sent.append(message)
    return sent


def until(done):
    pause = threading.Event()
    assert any(done() or pause.wait(0.02) for _ in range(50 * PATIENCE_S))


def test_times_are_measured_on_request_alone_and_are_of_one_setting():
    widget = wiring(shuffle=True, input=(6, 6, 7))  # without a batch, ChannelShuffle takes the 4 rows for channels
    assert widget.times is None and threads() == []
    times = widget.measure(wait=True)
    assert list(times) == ["this", "dense"] and isinstance(times, timing.Timing) and widget.times is times
    assert 0 < times["this"].low_ms <= times["this"].median_ms <= times["this"].high_ms
    widget.muted = [0]
    assert widget.times is times
    widget.groups = 1
    assert widget.times is None
    widget.groups = 3
    assert widget.times is times


def test_the_page_asks_hears_how_far_it_is_and_gets_the_times(monkeypatch):
    monkeypatch.setattr(clock, "TELL_S", 0)
    widget = wiring()
    sent = heard(widget)
    widget._asked(widget, {"do": "measure"}, [])
    until(lambda: sent[-1]["phase"] == "done")
    assert [message["phase"] for message in sent[:2]] == ["loading", "measuring"]
    counts = [message["done"] for message in sent[1:]]
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] == sent[-1]["of"] == clock.RUNS
    rows, times = sent[-1]["rows"], widget.times
    assert rows["dense"] == {"median": times["dense"].median_ms, "low": times["dense"].low_ms,
                             "high": times["dense"].high_ms}  # fmt: skip
    assert sent[-1]["setting"] == widget._setting() and "one thread" in sent[-1]["machine"]
    until(lambda: threads() == [])


@pytest.mark.parametrize("end", ["stop", "gone", "groups", "close", "another"])
def test_the_clock_halts_when_it_is_told_or_nobody_looks_or_the_layer_is_another(end, monkeypatch):
    monkeypatch.setattr(clock, "BREATH_S", 0.05)
    widget = wiring()
    sent = heard(widget)
    widget.measure()
    assert len(threads()) == 1
    {
        "stop": lambda: widget.stop(),
        "gone": lambda: widget._asked(widget, {"do": "gone"}, []),
        "groups": lambda: setattr(widget, "groups", 1),
        "close": lambda: widget.close(),
        "another": lambda: wiring(),
    }[end]()
    assert threads() == [] and widget.times is None
    assert sent[-1]["phase"] == ("stopped" if end != "close" else "measuring")
    widget.stop()
    assert sum(message["phase"] == "stopped" for message in sent) <= 1


def test_what_breaks_while_it_measures_is_said(monkeypatch):
    widget = wiring()
    sent = heard(widget)
    monkeypatch.setattr(timing, "laps", lambda *_: iter([1 / 0 for _ in "a"]))
    widget._asked(widget, {"do": "measure"}, [])
    until(lambda: sent[-1]["phase"] == "problem")
    assert sent[-1]["problem"] == "ZeroDivisionError: division by zero"
    refused = wiring(groups=4)
    sent = heard(refused)
    refused._asked(refused, {"do": "measure"}, [])
    assert sent[-1]["problem"].startswith("ShapeError: ") and threads() == []


@pytest.mark.slow
def test_a_widget_that_is_let_go_takes_its_thread_with_it():
    code = "import convlab\nwidget = convlab.GroupsWiring(64, 64, 3, input=(1, 64, 60, 50))\nwidget.measure()\nprint(1)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "1", "")
    gc.collect()


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"strid": 2}, ArgumentError, "GroupsWiring has no argument 'strid'"),
        ({"in_channels": 0}, ShapeError, "in_channels must be a whole number from 1; got 0"),
        ({"groups": -1}, ShapeError, "groups must be"),
        ({"pointwise_groups": "2"}, ShapeError, "pointwise_groups must be a whole number from 1; got '2'"),
        ({"pointwise": "two"}, ShapeError, "pointwise must be"),
        ({"input": (1, 5, 7, 9)}, ShapeError, "5"),
        ({"input": (7, 9)}, ShapeError, "input must have axes"),
        ({"muted": [6]}, ShapeError, "muted names input channels, 0 to 5 here; got [6]"),
        ({"muted": "all"}, ArgumentError, "muted must be a list of channel numbers; got 'all'"),
        ({"pinned": (1,)}, ShapeError, "pinned must be (column, channel) or (layer, output channel, input channel)"),
        ({"pinned": (0, -1)}, ShapeError, "pinned must be"),
        ({"tasks": ["a"]}, ArgumentError, "tasks must be a dict"),
    ],
)
def test_bad_input_gets_one_sentence(wrong, error, says):
    with pytest.raises(error) as caught:
        wiring(**wrong)
    assert says in str(caught.value) and "\n" not in str(caught.value)
