"""A small CNN trained batch by batch on pictures with labels: plain, in the caller's thread, the same for a seed."""

from contextlib import contextmanager
from operator import index

import numpy as np

from ..refusals import came, one_sentence
from ..shapes import ArgumentError, ShapeError
from .conv2d import is_module
from .threads import half_the_threads
from .walking import walk

AT_ONCE = 100  # pictures in one forward pass when nothing is learned


@one_sentence
def small_cnn(input_shape=(1, 28, 28), classes=10, seed=0):
    """A small untrained CNN: two rounds of convolution, BatchNorm, ReLU and pooling, then one Linear.

    It is the same for a seed; torch's random state is left alone.

    Args:
        input_shape: of one picture, (C, H, W); H and W from 4.
        classes: how many logits it gives.
        seed: of its first weights.

    Example:
        >>> walk(small_cnn(), (1, 1, 28, 28)).parameters
        9250
    """
    import torch
    from torch import nn

    C, H, W = input_shape
    if min(H, W) < 4:
        raise ShapeError(f"Pictures must be 4 x 4 or more for two poolings by 2; got {H} x {W}: pass a model of yours.")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = {
            "conv1": nn.Conv2d(C, 8, 5, padding=2, bias=False),
            "bn1": nn.BatchNorm2d(8),
            "relu1": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(8, 16, 3, padding=1, bias=False),
            "bn2": nn.BatchNorm2d(16),
            "relu2": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "fc": nn.Linear(16 * (H // 4) * (W // 4), classes),
        }
        model = nn.Sequential()
        for name, part in parts.items():
            model.add_module(name, part)
    return model


class Training:
    """A model, its pictures and an optimiser; each ``step()`` learns from one batch.

    Adam lowers the cross-entropy of the model's logits. The model itself is trained, not a copy, each part in the mode
    it is in: a frozen BatchNorm that was set to ``eval()`` stays so, and calling ``train()`` is left to you. What
    ``requires_grad=False`` freezes is left alone. Each epoch has its own order of the pictures, drawn from the seed;
    torch's own random state is left as it was. Where there is a GPU the arithmetic is done there, and the model is back
    in its place after every step.

    Args:
        model: any ``nn.Module`` that gives logits (N, classes).
        images: bytes (N, H, W) or (N, C, H, W), which are divided by 255, or floats, which are taken as they are.
        labels: what is on each picture, whole numbers from 0.
        test_images, test_labels: the same, of pictures that are not learned from.
        batch_size: pictures a step.
        lr: the learning rate of Adam.
        epochs: how often each picture is to be seen; ``steps`` follows from it.
        seed: of the order of the pictures and of dropout.

    Raises:
        ArgumentError: something that is no model, no picture or no label.
        ShapeError: lengths or shapes that do not fit each other.

    Example:
        >>> from convlab import samples
        >>> training = Training(small_cnn(), *samples.digits(), batch_size=40, epochs=1)
        >>> training.steps, len(training.losses)
        (100, 0)
        >>> loss = training.step()
        >>> training.steps_done, round(loss, 1)
        (1, 2.3)
    """

    def __init__(self, model, images, labels, *, test_images=None, test_labels=None, batch_size=50, lr=1e-3,
                 epochs=2, seed=0):  # fmt: skip
        import torch

        if not is_module(model):
            raise ArgumentError(f"model must be an nn.Module; got {type(model).__name__}: pass nn.Sequential(...).")
        if (test_images is None) != (test_labels is None):
            missing = "test_images" if test_images is None else "test_labels"
            raise ArgumentError(f"test_images and test_labels belong together; {missing} is missing: pass both.")
        self.model, self.seed = model, seed
        self.images, self.labels = pictures(images, "images"), numbered(labels, len(images), "labels")
        self.test_images = None if test_images is None else pictures(test_images, "test_images")
        self.test_labels = None if test_images is None else numbered(test_labels, len(test_images), "test_labels")
        self.batch_size = min(_from_one(batch_size, "batch_size", 50), len(self.images))
        self.epochs, self.lr = _from_one(epochs, "epochs", 2), _rate(lr)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.classes = self._count_classes()
        free = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not free:
            raise ArgumentError("Every parameter of the model is frozen; nothing can be learned: leave one free.")
        self._optimiser = torch.optim.Adam(free, lr=self.lr)
        self._order = torch.Generator().manual_seed(seed)
        self._waiting = []  # the batches that are left of this epoch
        self._random = None  # the state of torch's random numbers for dropout; False: the model draws none
        self.losses = []

    def _count_classes(self):
        """How many logits the model gives; runs it once on two pictures, without learning."""
        few = self.images[:2]
        try:
            shape = tuple(self._logits(few).shape)
        except Exception as error:  # whatever a model of the learner's raises; the walk says where
            where = walk(self.model, self.scaled(few))
            at = f" at {where.rows[-1].name!r}" if where.problem and where.rows else ""
            raise ShapeError(
                f"The model does not run on pictures of shape {tuple(few.shape[1:])}: it breaks{at}; "
                f"follow it with trace(model, {tuple(few.shape)}).",
                str(error),
            ) from None
        if len(shape) != 2 or shape[0] != len(few):
            raise ShapeError(
                f"The model must give logits (N, classes); of {len(few)} pictures it makes {shape}: "
                "end it with nn.Flatten() and an nn.Linear to the classes."
            )
        for name, labels in (("labels", self.labels), ("test_labels", self.test_labels)):
            if labels is not None and int(labels.max()) >= shape[1]:
                raise ShapeError(
                    f"{name} must be below {shape[1]}, the number of logits; got {int(labels.max())}: number the "
                    f"classes from 0 (digits 5 to 9 become labels - 5), or give the model more outputs."
                )
        return shape[1]

    @property
    def steps_done(self):
        """How many batches have been learned from."""
        return len(self.losses)

    @property
    def steps_per_epoch(self):
        """How many whole batches the pictures make; those left over wait for another epoch's order."""
        return len(self.images) // self.batch_size

    @property
    def steps(self):
        """How many steps make the epochs that were asked for; ``step()`` may go on after them."""
        return self.epochs * self.steps_per_epoch

    def step(self):
        """The loss of the next batch, before the step that learns from it."""
        import torch

        batch = self._next_batch()
        home = self._home()
        with self._own_randomness(), half_the_threads():
            try:
                self.model.to(self.device)
                logits = self.model(self.scaled(self.images[batch]).to(self.device))
                loss = torch.nn.functional.cross_entropy(logits, self.labels[batch].to(self.device))
                self._optimiser.zero_grad(set_to_none=True)
                loss.backward()
                self._optimiser.step()
            finally:
                self.model.to(home)
        self.losses.append(loss.item())
        return self.losses[-1]

    def _next_batch(self):
        """Which pictures the next batch has; an epoch begins with an order of its own."""
        import torch

        if not self._waiting:
            order = torch.randperm(len(self.images), generator=self._order)
            self._waiting = list(order[: self.steps_per_epoch * self.batch_size].split(self.batch_size))
        return self._waiting.pop(0)

    def _home(self):
        """Where the model lies between the steps."""
        return next((parameter.device for parameter in self.model.parameters()), self.device)

    @contextmanager
    def _own_randomness(self):
        """While it is open torch draws this training's numbers; a model that drew none in its first step is let be."""
        import torch

        if self._random is False:
            yield
            return
        with torch.random.fork_rng():
            if self._random is None:
                torch.manual_seed(self.seed)
            else:
                _set_random(self._random)
            before = _random_state()
            yield
            after = _random_state()
            drew = any(not torch.equal(one, other) for one, other in zip(before, after, strict=True))
            self._random = after if drew or self._random is not None else False

    def accuracy(self):
        """The share of the test pictures that it names rightly, 0 to 1; the model's mode is as it was.

        Raises:
            ArgumentError: it was made without test pictures.
        """
        said = self.said()
        return float((said == self.test_labels.numpy()).mean())

    def confusion(self):
        """How often which picture was called what: (classes, classes): row what it is, column what was said.

        Raises:
            ArgumentError: it was made without test pictures.
        """
        table = np.zeros((self.classes, self.classes), np.int64)
        np.add.at(table, (self.test_labels.numpy(), self.said()), 1)
        return table

    def said(self):
        """What the model says each test picture is, (N,): the class of its largest logit, in eval mode."""
        if self.test_images is None:
            raise ArgumentError("This training has no test pictures: make it with test_images=..., test_labels=....")
        return self._logits(self.test_images).argmax(1).numpy()

    def _logits(self, images):
        """The logits (N, classes) in eval mode, without learning; every part's mode is as it was."""
        import torch

        modes = [(part, part.training) for part in self.model.modules()]
        home = self._home()
        device = self.device
        try:
            self.model.to(device).eval()
            with torch.no_grad(), half_the_threads():
                batches = (self.scaled(batch).to(device) for batch in images.split(AT_ONCE))
                return torch.cat([self.model(batch).cpu() for batch in batches])
        finally:
            self.model.to(home)
            for part, training in modes:
                part.training = training

    @staticmethod
    def scaled(images):
        """A batch as the model takes it: bytes become 0 to 1."""
        import torch

        return images.float() / 255 if images.dtype == torch.uint8 else images


def pictures(images, name):
    """A batch of pictures as a tensor (N, C, H, W), bytes or float32.

    Raises:
        ArgumentError: no array, or neither bytes nor floats.
        ShapeError: another number of axes, or an empty one.
    """
    import torch

    example = f"pass {name}=digits, bytes (N, H, W), or floats (N, C, H, W)"
    if not torch.is_tensor(images) and not isinstance(images, np.ndarray):
        raise ArgumentError(f"{name} must be an array or a tensor; got {type(images).__name__}: {example}.")
    images = torch.as_tensor(images).detach().cpu()
    if images.dtype != torch.uint8 and not images.is_floating_point():
        raise ArgumentError(f"{name} must be bytes (uint8) or floats; got {images.dtype}: {example}.")
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise ShapeError(f"{name} must be (N, H, W) or (N, C, H, W), none 0; got {tuple(images.shape)}: {example}.")
    images = images[:, None] if images.ndim == 3 else images
    return images if images.dtype == torch.uint8 else images.float()


def numbered(labels, count, name):
    """Labels as a tensor of whole numbers, one a picture.

    Raises:
        ArgumentError: something else than whole numbers from 0.
        ShapeError: another number of them.
    """
    import torch

    try:
        labels = torch.as_tensor(labels).detach().cpu()
    except (TypeError, ValueError, RuntimeError):
        raise ArgumentError(f"{name} must be whole numbers, one a picture; got {type(labels).__name__}.") from None
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise ArgumentError(f"{name} must be whole numbers; got {labels.dtype}: write {name}.long() for a tensor.")
    if labels.shape != (count,):
        raise ShapeError(f"{name} must be one number a picture, shape ({count},); got {tuple(labels.shape)}.")
    if int(labels.min()) < 0:
        raise ArgumentError(f"{name} must be 0 or more; got {int(labels.min())}: number the classes from 0.")
    return labels.long()


def _from_one(value, name, example):
    try:
        if isinstance(value, bool) or index(value) < 1:
            raise TypeError
    except TypeError:
        raise ArgumentError(
            f"{name} must be a whole number from 1; got {came(value)}: write {name}={example}."
        ) from None
    return index(value)


def _rate(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
        raise ArgumentError(f"lr must be a positive number; got {came(value)}: write lr=1e-3.")
    return float(value)


def _random_state():
    """The states of torch's generators: the CPU's, then each GPU's."""
    import torch

    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]


def _set_random(states):
    import torch

    torch.set_rng_state(states[0])
    if len(states) > 1:
        torch.cuda.set_rng_state_all(states[1:])
