"""Training: the loop that it saves, number for number; what it leaves as it was; what it refuses."""

import numpy as np
import pytest
import torch
from torch import nn

from convlab import samples
from convlab.layers.threads import half_the_threads
from convlab.layers.training import Training, small_cnn
from convlab.shapes import ArgumentError, ShapeError


@pytest.fixture(scope="module")
def digits():
    (images, labels), (test_images, test_labels) = samples.digits(), samples.digits("test")
    return {"images": images[:120], "labels": labels[:120], "test_images": test_images[:70],
            "test_labels": test_labels[:70]}  # fmt: skip


def plain(images):
    """Bytes as a float batch with a channel axis."""
    return torch.from_numpy(images)[:, None].float() / 255


def test_a_step_is_the_loop_that_everyone_writes_number_for_number(digits):
    model = small_cnn(seed=3)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(5))
    losses = []
    with half_the_threads():
        for start in (0, 50):
            batch = order[start : start + 50]
            optimiser.zero_grad()
            labels = torch.from_numpy(digits["labels"]).long()[batch]
            loss = nn.functional.cross_entropy(model(plain(digits["images"])[batch]), labels)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    training = Training(small_cnn(seed=3), **digits, lr=2e-3, seed=5)
    assert [training.step(), training.step()] == losses == training.losses
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, training.model.state_dict()[name]), name


def test_it_is_the_same_for_a_seed_with_dropout_too_and_leaves_torchs_random_state_alone(digits):
    def run(seed, outside=1):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Flatten(), nn.Linear(784, 12), nn.ReLU(), nn.Dropout(0.5), nn.Linear(12, 10))
        torch.manual_seed(outside)
        state = torch.get_rng_state()
        training = Training(model, **digits, seed=seed)
        for _ in range(5):
            training.step()
        training.accuracy()
        assert torch.equal(torch.get_rng_state(), state)
        return training.losses

    assert run(0) == run(0, outside=2) != run(1)


def test_each_epoch_has_an_order_of_its_own_and_takes_no_picture_twice(digits):
    seen = []

    class Watch(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(784, 10)

        def forward(self, x):
            if self.fc.weight.requires_grad and torch.is_grad_enabled():
                seen.append([tuple(image.flatten().nonzero().flatten().tolist()) for image in x])
            return self.fc(x.flatten(1))

    training = Training(Watch(), **digits, batch_size=50, epochs=3)
    assert (training.steps_per_epoch, training.steps) == (2, 6)
    for _ in range(4):
        training.step()
    first, second = [*seen[0], *seen[1]], [*seen[2], *seen[3]]
    assert len(set(first)) == len(set(second)) == 100 and first != second
    assert training.steps_done == 4


def test_a_short_training_on_the_digits_names_nine_in_ten():
    images, labels = samples.digits()
    test_images, test_labels = samples.digits("test")
    training = Training(small_cnn(), images, labels, test_images=test_images, test_labels=test_labels, epochs=1)
    before = training.accuracy()
    while training.steps_done < training.steps:
        training.step()
    assert before < 0.3 and training.accuracy() > 0.88
    assert training.losses[-1] < 0.5 < 2 < training.losses[0]


def test_accuracy_and_confusion_are_of_eval_mode_and_leave_every_parts_mode_as_it_was(digits):
    model = small_cnn()
    model.bn1.eval()
    training = Training(model, **digits)
    training.step()
    modes = [part.training for part in model.modules()]
    table, accuracy = training.confusion(), training.accuracy()
    assert [part.training for part in model.modules()] == modes and not all(modes)
    model.eval()
    with torch.no_grad():
        said = model(plain(digits["test_images"])).argmax(1).numpy()
    wanted = np.zeros((10, 10), int)
    for is_, called in zip(digits["test_labels"], said, strict=True):
        wanted[is_, called] += 1
    assert np.array_equal(table, wanted) and table.sum() == 70
    assert accuracy == np.trace(wanted) / 70


def test_what_is_frozen_stays_and_a_batchnorm_in_eval_keeps_its_statistics(digits):
    model = small_cnn()
    for parameter in (*model.conv1.parameters(), *model.bn1.parameters()):
        parameter.requires_grad = False
    model.bn1.eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    training = Training(model, **digits)
    training.step()
    moved = {name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])}
    assert not {name for name in moved if name.startswith(("conv1", "bn1"))}
    assert {"conv2.weight", "bn2.running_mean", "fc.bias"} <= moved


def test_bytes_are_scaled_and_floats_are_taken_as_they_are_in_grey_and_colour(digits):
    grey = Training(small_cnn(), **digits)
    as_floats = {**digits, "images": plain(digits["images"]), "test_images": plain(digits["test_images"])}
    assert grey.step() == Training(small_cnn(), **as_floats).step()
    coloured = np.repeat(digits["images"][:, None, :, 2:], 3, axis=1)
    training = Training(small_cnn((3, 28, 26), 10), coloured, digits["labels"], batch_size=500)
    assert training.batch_size == 120 and training.steps == 2 and np.isfinite(training.step())


def test_the_number_of_threads_is_as_before(digits):
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        training = Training(small_cnn(), **digits)
        training.step()
        training.accuracy()
        assert torch.get_num_threads() == 4
        with half_the_threads():
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def flat(classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, classes))


REFUSED = [
    (lambda d: Training("model", **d), ArgumentError, "model must be an nn.Module; got str"),
    (lambda d: Training(flat(10), [1, 2], d["labels"]), ArgumentError, "images must be an array or a tensor; got list"),
    (lambda d: Training(flat(10), d["images"].astype(int), d["labels"]), ArgumentError, "bytes (uint8) or floats"),
    (lambda d: Training(flat(10), d["images"][0], d["labels"]), ShapeError, "(N, H, W) or (N, C, H, W)"),
    (lambda d: Training(flat(10), d["images"], d["labels"][:9]), ShapeError, "shape (120,); got (9,)"),
    (lambda d: Training(flat(10), d["images"], d["labels"] / 2), ArgumentError, "labels must be whole numbers"),
    (lambda d: Training(flat(5), **d), ShapeError, "labels must be below 5, the number of logits; got 9"),
    (lambda d: Training(nn.Conv2d(1, 10, 3), **d), ShapeError, "makes (2, 10, 26, 26): end it with nn.Flatten()"),
    (lambda d: Training(nn.Conv2d(3, 10, 3), **d), ShapeError, "does not run on pictures of shape (1, 28, 28)"),
    (lambda d: Training(nn.Sequential(nn.Flatten(), nn.Linear(700, 10)), **d), ShapeError, "it breaks at '1'"),
    (lambda d: Training(flat(10), **d, batch_size=0), ArgumentError, "batch_size must be a whole number from 1; got 0"),
    (lambda d: Training(flat(10), **d, epochs=1.5), ArgumentError, "epochs must be a whole number from 1; got 1.5"),
    (lambda d: Training(flat(10), **d, lr=-1), ArgumentError, "lr must be a positive number"),
    (lambda d: Training(flat(10).requires_grad_(False), **d), ArgumentError, "Every parameter of the model is frozen"),
    (lambda d: Training(flat(10), d["images"], d["labels"], test_images=d["images"]), ArgumentError, "belong together"),
    (lambda d: Training(flat(10), d["images"], d["labels"]).accuracy(), ArgumentError, "no test pictures"),
    (lambda d: small_cnn((1, 3, 9)), ShapeError, "4 x 4 or more"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_bad_input_gets_one_sentence(digits, number):
    make, kind, words = REFUSED[number]
    with pytest.raises(kind) as caught:
        make(digits)
    assert words in str(caught.value)
