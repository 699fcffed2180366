"""The capstone's numbers: the budget forces a choice, three designs keep to it, shares have their width."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from convlab.layers import walk
from convlab.layers.capstone import (
    BUDGET,
    DESIGNS,
    ENOUGH,
    History,
    block,
    candidate,
    fit,
    interval,
    made,
    right_ones,
    strided,
    trained,
)
from convlab.layers.timing import Laps
from convlab.layers.training import small_cnn
from convlab.pictures.capstone import draw_candidates, draw_confusion, draw_histories
from convlab.samples import digits
from convlab.shapes import ArgumentError


def over(network):
    """The bounds that a network misses."""
    costs = walk(network, (1, 1, 28, 28))
    return [name for name in BUDGET if getattr(costs, name) > BUDGET[name]]


def test_the_three_designs_keep_to_the_budget_and_reach_what_is_asked_with_room():
    for name, design in DESIGNS.items():
        assert over(design()) == []
        row = candidate(trained(name))
        assert row["right"] >= round(1000 * ENOUGH) + 5 and row["low"] < row["right"] / 1000 < row["high"]


def test_the_networks_of_lesson_07_and_other_first_ideas_miss_it():
    lesson_07 = nn.Sequential(
        nn.Conv2d(1, 8, (5, 3), padding=(2, 1)), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, (3, 5), padding=(1, 2)), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 10),
    )  # fmt: skip
    wide = nn.Sequential(*block(1, 32, (5, 3)), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(128, 10))
    dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    assert [over(it) for it in (lesson_07, small_cnn(), wide, dense)] == [["macs"], ["macs"], ["macs"], ["parameters"]]


def test_a_training_learns_from_the_one_part_and_keeps_every_epochs_weights():
    images, labels = digits()
    torch.manual_seed(3)
    net, state = strided(), torch.get_rng_state()
    history = fit(net, (images[:1500], labels[:1500]), (images[3500:], labels[3500:]), epochs=2, seed=3)
    assert torch.equal(torch.get_rng_state(), state) and not net.training
    assert history.shares[-1] > 0.85 and history.losses[1] < history.losses[0] and len(history.weights) == 2
    assert all(torch.equal(it, history.weights[-1][name]) for name, it in net.state_dict().items())
    net.load_state_dict(history.weights[0])
    with torch.no_grad():
        said = net(torch.from_numpy(images[3500:, None]) / 255).argmax(1).numpy()
    assert (said == labels[3500:]).mean() == pytest.approx(history.shares[0])
    torch.manual_seed(3)
    again = fit(strided(), (images[:1500], labels[:1500]), (images[3500:], labels[3500:]), epochs=2, seed=3)
    assert again.losses == history.losses


def test_what_fit_cannot_train_is_refused_in_a_sentence():
    images, labels = digits()
    part = images[:60], labels[:60]
    with pytest.raises(ArgumentError, match="model must be an nn"):
        fit(strided, part, part)
    with pytest.raises(ArgumentError, match="name must be one of strided, pooled, separable"):
        trained("dense")


@pytest.mark.parametrize(("right", "of"), [(970, 1000), (9, 10), (1, 500)])
def test_the_interval_holds_the_true_share_in_95_of_100_tests(right, of):
    """Wilson's interval is where the score test does not refuse: solved here by trying shares."""
    low, high = interval(right, of)
    shares = np.linspace(1e-6, 1 - 1e-6, 200_001)
    kept = shares[abs(right / of - shares) <= 1.959964 * np.sqrt(shares * (1 - shares) / of)]
    assert (low, high) == pytest.approx((kept.min(), kept.max()), abs=1e-5)


def test_the_interval_covers_what_it_should():
    draws = np.random.default_rng(1).binomial(1000, 0.97, 4000)
    held = [low <= 0.97 <= high for low, high in (interval(int(right), 1000) for right in draws)]
    assert 0.935 < np.mean(held) < 0.97


@pytest.mark.parametrize(("right", "of"), [(-1, 10), (11, 10), (0, 0)])
def test_an_impossible_count_is_refused(right, of):
    with pytest.raises(ArgumentError, match="right must be 0 to the number of pictures"):
        interval(right, of)


def test_the_ends_of_the_interval_stay_between_0_and_1():
    assert interval(0, 10)[0] == 0 and 0.999 < interval(10, 10)[1] <= 1


def test_a_design_that_is_not_written_is_stood_in_for_and_said_so(capsys):
    network = nn.Flatten()
    assert made(lambda: network) is network and capsys.readouterr().out == ""
    assert isinstance(made(lambda: None), nn.Sequential) and "`strided` stands in" in capsys.readouterr().out


def test_counting_leaves_the_mode_of_the_network():
    net = trained("pooled").train()
    assert right_ones(net) == right_ones(net) > 960 and net.training


# ---------------------------------------------------------------- the figures

ROW = {"parameters": 3708, "macs": 294_264, "right": 973, "of": 1000, "low": 0.961, "high": 0.981}
OVER = {**ROW, "macs": 345_678}


def test_the_comparison_draws_every_number_and_hatches_what_is_over():
    laps = {"ours": Laps((1.0, 2.0, 3.0)), "yours": Laps((2.0, 2.5, 3.0))}
    drawing = draw_candidates({"ours": ROW, "yours": OVER}, BUDGET, ENOUGH, laps)
    panels = drawing.figure.axes
    assert [len(axes.patches) for axes in panels] == [2, 2, 0, 0]
    assert [bar.get_hatch() for bar in panels[1].patches] == [None, "////"]
    texts = [it.get_text() for axes in panels for it in axes.texts]
    assert {"3,708", "294,264", "345,678", "2 ms", "2.5 ms", "97.3%"} <= set(texts)
    assert len(draw_candidates({"ours": ROW}, BUDGET).figure.axes) == 3


def test_no_text_of_the_comparison_lies_on_another():
    laps = {name: Laps((1.0, 2.0, 3.0)) for name in ("ours", "yours")}
    figure = draw_candidates({"ours": ROW, "yours": OVER}, BUDGET, ENOUGH, laps).figure
    figure.draw_without_rendering()
    for axes in figure.axes:
        labels = [it.get_window_extent() for it in axes.get_xticklabels() if it.get_text()]
        assert not any(a.overlaps(b) for a, b in itertools.pairwise(labels))


def test_the_other_figures_show_what_they_are_given():
    figure = draw_histories({"a": History((1.0, 0.5), (0.9, 0.95)), "b": History((1.0,), (0.8,))}).figure
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [2, 1]
    texts = [it.get_text() for it in draw_confusion([[9, 1], [0, 8]]).figure.axes[0].texts]
    assert texts == ["9", "1", "8"]
