"""KernelLearner's Python half: its problem, its five stages and its rate against torch, what it takes and refuses."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
import traitlets
from torch.nn import functional as F

from convlab import samples
from convlab.shapes import ArgumentError, ShapeError
from convlab.widgets import kernel_learner_given as given
from convlab.widgets.kernel_learner import KernelLearner
from convlab.widgets.layer_widget import packed, unpacked
from tests.js.node import ROOT, run_node


@pytest.fixture(autouse=True)
def own_database(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVLAB_DB", str(tmp_path / "progress.sqlite"))


def layer(*arguments, **settings):
    torch.manual_seed(3)
    return torch.nn.Conv2d(*arguments, **settings)


def trained(learner, steps, free=None):
    """The parameters and losses that torch's own SGD gives from the learner's start."""
    size = learner.layer.weight.shape[2:]
    conv = torch.nn.Conv2d(1, 1, size, bias=learner.layer.bias is not None, dtype=torch.float64)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor(learner._parameters[: size.numel()].reshape(1, 1, *size)))
        if conv.bias is not None:
            conv.bias.fill_(learner._parameters[-1])
    x, target = (torch.tensor(one)[None, None] for one in (learner._problem.input, learner._problem.target))
    descent, losses = torch.optim.SGD(conv.parameters(), lr=learner.lr), []
    for _ in range(steps + 1):
        descent.zero_grad()
        loss = F.mse_loss(conv(x), target)
        loss.backward()
        losses.append(loss.item())
        if len(losses) <= steps:
            if free is not None:
                conv.weight.grad *= torch.tensor(free)
            descent.step()
    return torch.cat([one.detach().flatten() for one in conv.parameters()]).numpy(), losses


MADE = [
    lambda: KernelLearner(),
    lambda: KernelLearner("Sobel y", "painted", seed=4, lr=0.05),
    lambda: KernelLearner(layer(1, 1, (3, 2)), "digit", bias=True),
    lambda: KernelLearner([[1.0, -2.0], [0.5, 3.0], [1.0, 0.0]], np.random.default_rng(1).normal(size=(8, 11))),
    lambda: KernelLearner(np.random.default_rng(2).normal(size=(8, 9)), kernel_size=(2, 4), bias=0.5),
    lambda: KernelLearner("shift", "camera", kernel_size=(3, 5)),
]
STATES = [*MADE, lambda: KernelLearner("emboss", frozen=[(1, 1)], bias=True, start=np.full((3, 3), 0.5))]


@pytest.mark.parametrize("made", MADE)
def test_twelve_steps_are_those_of_torchs_own_sgd(made):
    learner = made()
    parameters, losses = trained(learner, 12)
    learner.step = 12
    assert np.allclose(learner._parameters, parameters, rtol=1e-9, atol=1e-12)
    assert np.allclose(learner.losses, losses, rtol=1e-9, atol=1e-12)
    assert learner.stage == 4 and np.isclose(learner.loss, losses[-1])


@pytest.mark.slow
@pytest.mark.parametrize("made", MADE)
def test_the_largest_rate_is_where_torchs_loss_begins_to_grow(made):
    learner = made()
    limit = learner.largest_lr
    learner.lr = 0.97 * limit
    below = trained(learner, 300)[1]
    learner.lr = 1.03 * limit
    above = trained(learner, 300)[1]
    assert below[-1] < below[0] and above[-1] > above[150] > below[-1] and above[-1] > 10 * above[200]


def test_its_text_is_one_line_of_what_was_set():
    assert repr(KernelLearner()) == "KernelLearner('vertical edges', 'patches', kernel_size=3, lr=0.1)"
    own = KernelLearner(layer(1, 1, (3, 2)), np.ones((5, 7), "float32"), bias=True, lr=0.25)
    assert repr(own) == "KernelLearner(<own kernel>, input=(5, 7), kernel_size=(3, 2), bias=True, lr=0.25)"
    assert repr(KernelLearner(np.ones((7, 10)))).startswith("KernelLearner(<target picture>, 'patches'")


@pytest.mark.parametrize("name", given.PICTURES)
def test_every_picture_is_grey_and_not_square_and_a_rate_that_learns_is_chosen(name):
    learner = KernelLearner("outline", name)
    picture = given.picture(name)
    assert picture.ndim == 2 and picture.shape[0] != picture.shape[1] and learner.input.shape == (1, 1, *picture.shape)
    assert 0.1 * learner.largest_lr < learner.lr <= 0.6 * learner.largest_lr
    first = learner.loss
    learner.step = 30
    assert learner.loss < 0.9 * first


def test_five_stages_make_a_step_and_only_the_fifth_moves_the_weight():
    learner = KernelLearner()
    start = learner.weight
    for stage in range(1, 5):
        learner.stage = stage
        assert torch.equal(learner.weight, start) and learner.step == 0
        assert len(learner.losses) == (stage >= 3)
    learner.stage = 5
    x = learner.input.double()
    weight = start.double().requires_grad_()
    F.mse_loss(F.conv2d(x, weight), learner.target_output.double()).backward()
    assert learner.step == 1 and torch.allclose(learner.weight.double(), start - 0.1 * weight.grad, atol=1e-6)
    learner.stage = 1
    assert learner.step == 1 and len(learner.losses) == 1


def test_a_frozen_cell_stays_and_the_others_learn_around_it():
    learner = KernelLearner(frozen=[(0, 1), (2, 2)], start=0.25)
    free = np.ones((3, 3))
    free[0, 1] = free[2, 2] = 0
    parameters, losses = trained(learner, 40, free)
    learner.step = 40
    assert np.allclose(learner._parameters, parameters) and np.allclose(learner.losses, losses)
    assert learner.weight[0, 0, 0, 1] == learner.weight[0, 0, 2, 2] == 0.25
    assert learner.largest_lr > KernelLearner().largest_lr


def test_the_same_seed_draws_the_same_start_here_and_in_the_browser():
    script = f"""
import {{ drawnStart }} from {(ROOT / "convlab" / "widgets" / "kernel_learner_math.js").as_uri()!r};
console.log(JSON.stringify([0, 1, 7, 123456].map((seed) => [...drawnStart(25, seed)])));
"""
    run = run_node("--input-type=module", "-e", script)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == [given.drawn_start(25, seed) for seed in (0, 1, 7, 123456)]
    assert torch.equal(KernelLearner(seed=5).weight, KernelLearner(seed=5).weight)
    assert not torch.equal(KernelLearner(seed=5).weight, KernelLearner(seed=6).weight)


IN_NODE = """
import {{ readFileSync }} from "node:fs";
import * as math from {math!r};
const told = JSON.parse(readFileSync(process.argv[1]));
const results = told.map(({{ input, H, W, output, size, hasBias, start, lr, frozen, steps }}) => {{
  const problem = math.makeProblem({{ input: {{ H, W, values: Float64Array.from(input) }}, size, hasBias,
    output: Float64Array.from(output) }});
  const held = new Set(frozen), bowl = math.curvature(problem);
  let run = math.firstRun(Float64Array.from(start));
  for (let step = 0; step < steps; step++) run = math.updated(run, math.look(problem, run.parameters), lr, held);
  run = math.atStage(run, 4, math.look(problem, run.parameters));
  return {{ parameters: [...run.parameters], losses: run.losses, limit: math.largestRate(bowl, problem.count, held),
    lowest: math.lowestLoss(problem, bowl, run.parameters, held) }};
}});
console.log(JSON.stringify(results));
"""


def test_the_browser_takes_torchs_steps_and_knows_the_rate_and_the_lowest_loss(tmp_path):
    learners = [made() for made in STATES]
    told = [{"input": one._problem.input.ravel().tolist(), "H": one._problem.input.shape[0], "lr": one.lr,
             "W": one._problem.input.shape[1], "output": one._problem.target.ravel().tolist(), "size": one._size,
             "hasBias": one._own.has_bias, "start": one._parameters.tolist(), "steps": 12,
             "frozen": np.flatnonzero(one._problem.free(one.frozen) == 0).tolist()} for one in learners]  # fmt: skip
    script = IN_NODE.format(math=(ROOT / "convlab" / "widgets" / "kernel_learner_math.js").as_uri())
    (tmp_path / "told.json").write_text(json.dumps(told))
    run = run_node("--input-type=module", "-e", script, str(tmp_path / "told.json"))
    assert run.returncode == 0, run.stderr
    for learner, found in zip(learners, json.loads(run.stdout), strict=True):
        problem, free = learner._problem, learner._problem.free(learner.frozen) == 1
        parameters, losses = trained(learner, 12, free[: np.prod(learner._size)].reshape(1, 1, *learner._size) * 1.0)
        assert np.allclose(found["parameters"], parameters, rtol=1e-9, atol=1e-12)
        assert np.allclose(found["losses"], losses, rtol=1e-9, atol=1e-12)
        assert np.isclose(found["limit"], learner.largest_lr, rtol=1e-9)
        rest = problem.target.ravel() - problem.columns[:, ~free] @ learner._parameters[~free]
        best = np.linalg.lstsq(problem.columns[:, free], rest, rcond=None)[0]
        lowest = np.mean((problem.columns[:, free] @ best - rest) ** 2)
        assert np.isclose(found["lowest"], lowest, rtol=1e-6, atol=1e-9 * losses[0])


def test_a_rate_that_is_too_high_diverges_to_inf_and_a_reset_goes_on():
    learner = KernelLearner(lr=0.3)
    assert not learner.diverged
    learner.step = 12
    assert learner.diverged and np.isfinite(learner.loss)
    learner.step = 3000
    assert learner.diverged and not np.isfinite(learner.loss)
    again = KernelLearner(**learner.state)
    assert again.diverged and repr(again) == repr(learner)
    learner.step = 0
    learner.lr = 0.1
    learner.step = 100
    assert not learner.diverged and learner.loss < 1e-3


def test_a_larger_kernel_learns_the_smaller_one_with_zeros_around_it():
    learner = KernelLearner("Sobel x", np.random.default_rng(5).normal(size=(16, 21)), kernel_size=(3, 5), lr=0.3)
    learner.step = 200
    wanted = np.zeros((3, 5))
    wanted[:, 1:4] = samples.kernel("Sobel x").weight
    assert np.allclose(learner.weight[0, 0], wanted, atol=1e-4)


def test_a_layer_as_the_target_brings_its_bias_and_a_bias_can_learn_it():
    target = layer(1, 1, (3, 2))
    learner = KernelLearner(target, bias=True)
    assert torch.allclose(target(learner.input), learner.target_output, atol=1e-6)
    learner.step = 3000
    assert torch.allclose(learner.layer.weight, target.weight, atol=1e-4)
    assert torch.allclose(learner.layer.bias, target.bias, atol=1e-4)
    alone = KernelLearner(target)
    alone.step = 3000
    assert alone.loss > 1e-4 > learner.loss


@pytest.mark.parametrize("made", STATES)
@pytest.mark.parametrize("stage", [0, 3, 5])
def test_its_state_is_plain_and_makes_the_same_widget_again(made, stage):
    learner = made()
    learner.step = 4
    learner.stage = stage
    state = json.loads(json.dumps(learner.state))
    again = KernelLearner(**state)
    assert again.state == learner.state and repr(again) == repr(learner)
    for one in (learner, again):
        one.step += 3
    assert np.array_equal(again._parameters, learner._parameters) and again.losses == learner.losses


def sent(weight, **changed):
    """What a page sends when the hand rests."""
    state = {
        "page": "p", "rest": 3, "target": "Sobel x", "picture": "painted", "seed": 2, "lr": 0.05, "frozen": [[1, 1]],
        "step": 7, "stage": 4, "playing": False, "parameters": packed(weight), "before": packed(np.zeros(0)),
        "losses": packed(np.arange(8.0)),
    }  # fmt: skip
    return state | changed


def test_what_the_hand_sends_is_taken_whole_and_answered_with_torchs_step():
    learner = KernelLearner()
    weight = np.arange(9.0)
    learner._hand = sent(weight)
    assert (learner.target, learner.picture, learner.step, learner.frozen) == ("Sobel x", "painted", 7, [[1, 1]])
    told = learner._told
    assert told["page"] == "p" and told["rest"] == 3 and told["check"]["by"].startswith("PyTorch")
    loss, gradient, after = learner._problem.by_torch(weight, 0.05, [[1, 1]])
    assert np.array_equal(unpacked(told["check"]["numbers"]), np.concatenate([[loss], gradient, after]))
    assert after[4] == 4 and after[0] == -0.05 * gradient[0]


def test_a_hand_that_comes_in_its_own_thread_while_python_tells_leaves_one_state(monkeypatch):
    learner, one_step = KernelLearner(), KernelLearner._one_step
    telling, through = threading.Event(), threading.Event()

    def slow(learner):
        telling.set()
        through.wait(0.1)  # a hand that does not wait its turn comes through
        return one_step(learner)

    monkeypatch.setattr(KernelLearner, "_one_step", slow)
    python = threading.Thread(target=lambda: learner.set_trait("step", 9))
    python.start()
    telling.wait(5)
    monkeypatch.setattr(KernelLearner, "_one_step", one_step)
    learner._hand = sent(np.arange(9.0))
    through.set()
    python.join()
    told = learner._told
    assert (told["step"], told["frozen"], told["page"]) == (learner.step, learner.frozen, "p") == (7, [[1, 1]], "p")
    assert np.array_equal(unpacked(told["parameters"]), learner._parameters)


def test_tasks_tick_as_the_kernel_learns():
    tasks = {
        "a loss below 0.001": lambda now: now.loss < 1e-3,
        "freeze the middle": lambda now: (1, 1) in now.frozen,
        "diverge": lambda now: now.diverged,
        "find it": lambda now: abs(now.weight - now.target_weight).max() < 0.01,
        "a step more": lambda now: now.step > now.start.step and now.stage == 4,
    }
    learner = KernelLearner(tasks=tasks)
    done = []
    for change in ({"frozen": [(1, 1)]}, {"step": 1}, {"lr": 0.4, "step": 20}, {"lr": 0.1, "frozen": [], "step": 0},
                   {"step": 150}):  # fmt: skip
        for name, value in change.items():
            setattr(learner, name, value)
        done.append([entry["done"] for entry in learner._tasks])
    assert done[0] == [False, True, False, False, False] and done[1][4] and not done[1][2]
    assert done[2][2] and not done[3][0] and done[4] == [True] * 5


REFUSED = [
    (ArgumentError, lambda: KernelLearner("Sobel z"), "There is no kernel 'Sobel z'; choose one of identity"),
    (ArgumentError, lambda: KernelLearner(input="moon"), "There is no picture 'moon'; choose one of patches"),
    (ArgumentError, lambda: KernelLearner(rate=3), "KernelLearner has no argument 'rate'; it knows lr"),
    (ArgumentError, lambda: KernelLearner(lr="fast"), "lr must be a number; got 'fast'"),
    (ShapeError, lambda: KernelLearner(lr=-0.1), "lr must be a positive number; got -0.1"),
    (ShapeError, lambda: KernelLearner(lr=float("nan")), "lr must be a positive number"),
    (ShapeError, lambda: KernelLearner(kernel_size=9), "kernel_size must be 1 to 7; got 9"),
    (ShapeError, lambda: KernelLearner("Gaussian blur", kernel_size=3), "A kernel (3, 3) cannot hold the target's"),
    (ShapeError, lambda: KernelLearner(np.ones((4, 9))), "target must be a weight (kH, kW) of at most 7 rows"),
    (ArgumentError, lambda: KernelLearner(np.ones((3, 2), int)), "target must be floats"),
    (ArgumentError, lambda: KernelLearner(layer(1, 1, 3, padding=1)), "KernelLearner learns one kernel, stride 1"),
    (ArgumentError, lambda: KernelLearner(layer(2, 1, 3)), "give one slice, layer.weight[0, 0], say"),
    (ShapeError, lambda: KernelLearner(input=np.ones((2, 5, 7), "float32")), "input must be one grey picture (H, W)"),
    (ShapeError, lambda: KernelLearner(input=np.ones((9, 200), "float32")), "input may have 128 rows and columns"),
    (ArgumentError, lambda: KernelLearner(input=np.ones((9, 12), "uint8")), "divide by 255"),
    (ShapeError, lambda: KernelLearner(input=np.ones((2, 7), "float32")), "does not fit on the input (2, 7)"),
    (ShapeError, lambda: KernelLearner(start=np.ones((2, 2))), "start must be a weight (3, 3)"),
    (ArgumentError, lambda: KernelLearner(bias="yes"), "bias must be True, False or a number"),
    (ArgumentError, lambda: KernelLearner(frozen=[(3, 0)]), "frozen must name cells of the 3 x 3 kernel"),
    (ArgumentError, lambda: KernelLearner(frozen="bias"), "frozen must name cells"),
    (ArgumentError, lambda: KernelLearner(stage=6), "stage must be 0 to 5; got 6"),
    (ArgumentError, lambda: KernelLearner(tasks=["a"]), "tasks must be a dict"),
    (ShapeError, lambda: KernelLearner(seed=-1), "seed must be"),
]


@pytest.mark.parametrize("kind, made, words", REFUSED)
def test_bad_input_gets_one_sentence(kind, made, words):
    with pytest.raises(kind) as refused:
        made()
    assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "name, value, words",
    [("target", "Sobel z", "There is no kernel"), ("target", "own", "There is no kernel 'own'"),
     ("picture", "own", "There is no picture"), ("lr", 0.0, "lr must be a positive"), ("stage", 7, "stage must be"),
     ("step", -1, "step must be 0 to"), ("frozen", [(0, 5)], "frozen must name cells"), ("seed", -3, "seed must be")],
)  # fmt: skip
def test_a_trait_refuses_what_it_cannot_show_and_keeps_what_was_there(name, value, words):
    learner = KernelLearner()
    before = learner.state
    with pytest.raises(traitlets.TraitError, match=words):
        setattr(learner, name, value)
    assert learner.state == before


def test_a_target_picture_belongs_to_its_input():
    learner = KernelLearner(np.random.default_rng(1).normal(size=(7, 10)))
    with pytest.raises(traitlets.TraitError, match="set target to a kernel first"):
        learner.picture = "painted"
    learner.target = "outline"
    learner.picture = "painted"
    learner.target = "own"
    assert learner.picture == "patches" and learner._now()["target_weight"] is None


def test_the_weight_can_be_written_and_what_is_shown_is_computed_anew():
    learner = KernelLearner(stage=5, step=1, losses=[2.0], before=[0.0] * 9)
    learner.weight = samples.kernel("vertical edges").weight
    assert learner.loss == 0 and learner.stage == 4 and learner.losses == [2.0, 0.0]
    with pytest.raises(ShapeError, match="weight must have shape"):
        learner.weight = np.ones((2, 3))


WITHOUT_TORCH = """
import sys
from convlab import KernelLearner
learner = KernelLearner("Sobel x", "painted")
learner.step = 5
assert "torch" not in sys.modules
assert learner._told["check"]["by"] == "NumPy"
import torch
learner.step = 6
print(learner._told["check"]["by"].split()[0])
"""


@pytest.mark.slow
def test_before_torch_is_loaded_numpy_computes_the_same():
    run = subprocess.run([sys.executable, "-c", WITHOUT_TORCH], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == ["PyTorch"], run.stderr
