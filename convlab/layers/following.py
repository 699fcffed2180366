"""Runs a model once and writes down every layer's call; leaves the model as it was.

PyTorch tells three things while the model runs: which layer is called (hooks), which of the core's operations are made
(a dispatch mode), and which functions are called as the learner wrote them (a function mode). torch is imported at the
top here: this module is loaded by the first walk.
"""

import linecache
import sys
from contextlib import contextmanager
from copy import deepcopy
from fractions import Fraction
from math import ceil, prod
from pathlib import Path

import torch
from torch.nn.parameter import UninitializedTensorMixin
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

from ..refusals import came
from ..shapes import ShapeError
from . import facts, functions, rules
from .field import Field, Undefined
from .functions import tensors_in
from .rows import Row

NOT_THE_LEARNERS = (str(Path(torch.__file__).parent), str(Path(__file__).parent))


def is_made(parameter):
    """False for a parameter of a lazy layer that has not seen an input yet."""
    return not isinstance(parameter, UninitializedTensorMixin)


def zeros_for(model, shape):
    """Zeros of the dtype and on the device of the model's first floating parameter."""
    made = (it for it in model.parameters() if it.is_floating_point() and is_made(it))
    like = next(({"dtype": it.dtype, "device": it.device} for it in made), {})
    try:
        return torch.zeros(shape, **like)
    except (RuntimeError, MemoryError):
        raise ShapeError(f"input {came(shape)} is more than fits into this memory: choose a smaller one.") from None


def follow(model, input, with_functions=False):
    """(rows, parameters, multiply-adds) of one run; ``with_functions``: a row for those between the layers too."""
    if not all(map(is_made, (*model.parameters(), *model.buffers()))):
        model = deepcopy(model)  # a lazy layer is made by its first input, and that should be the learner's
    input = input.detach().clone()  # the first layer may work in place
    windows = Windows(input, _axes(model, input))
    calls = Calls(model, windows, input)
    sees = functions.Functions(windows, calls) if with_functions else functions.Pads(windows)
    with undisturbed(model), torch.no_grad():
        try:
            with calls.hooked(), sees, windows:
                model(input)
        except Exception as error:
            calls.broken(error)
    parameters = sum(parameter.numel() for parameter in model.parameters() if is_made(parameter))
    return calls.rows, parameters, windows.macs


def _axes(model, input):
    """Which dimensions of the input are followed: height and width, or what takes their place."""
    if input.ndim == 3 and not any(isinstance(module, torch.nn.Conv1d) for module in model.modules()):
        return (1, 2)  # an unbatched picture (C, H, W)
    return tuple(range(2, input.ndim))


@contextmanager
def undisturbed(model):
    """The model in eval mode; afterwards its mode, parameters and buffers and torch's random state are as they were."""
    modules = list(model.modules())
    modes = [module.training for module in modules]
    stores = [store for module in modules for store in (module._parameters, module._buffers)]
    before = [(store, dict(store)) for store in stores]
    values = {
        id(t): (t, t.detach().clone()) for _, kept in before for t in kept.values() if t is not None and is_made(t)
    }
    devices = {t.device.index for t, _ in values.values() if t.device.type == "cuda"}
    try:
        with torch.random.fork_rng(devices=sorted(devices)):
            for module in modules:
                module.training = False
            yield
    finally:
        for module, mode in zip(modules, modes, strict=True):
            module.training = mode
        for store, kept in before:
            store.clear()
            store.update(kept)
        for tensor, value in values.values():
            tensor.data.copy_(value)  # by .data, or a backward of the learner's that waits would call it a change


class Windows(TorchDispatchMode):
    """Follows the fields of all tensors that depend on the input, operation by operation, and counts multiply-adds."""

    def __init__(self, input, axes):
        super().__init__()
        self.fields = WeakIdKeyDictionary()
        self.lengths, self.macs = [input.shape[axis] for axis in axes], 0
        if axes:
            self.fields[input] = Field.of_input(input.shape, axes)

    @classmethod
    def _should_skip_dynamo(cls):
        """No: to hide this mode from torch.compile PyTorch would bring in its compiler, 70 MiB of the kernel."""
        return False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        arguments = _by_name(func._schema, args, kwargs or {})
        name = func._schema.name.partition("::")[2]
        tensors = [t for t in (made if isinstance(made, (tuple, list)) else [made]) if torch.is_tensor(t)]
        if tensors:
            self.macs += rules.multiply_adds(name, arguments, tensors[0])
        fields = self._of(arguments)
        if fields and name not in rules.CONSTANT:
            self._keep(tensors, self._result(func, name, arguments, fields, tensors), func._schema.is_mutable)
        return made

    def _of(self, arguments):
        """The fields of the arguments that depend on the input, by name; None stands for an undefined one."""
        fields = {}
        for name, value in arguments.items():
            tensors = [t for t in (value if isinstance(value, (tuple, list)) else [value]) if torch.is_tensor(t)]
            found = [self.fields[tensor] for tensor in tensors if tensor in self.fields]
            if found:
                fields[name] = found
        return fields

    def _result(self, func, name, arguments, fields, tensors):
        """A field for each tensor made."""
        if any(None in some for some in fields.values()) or not tensors:
            return [None] * len(tensors)
        if name == "copy_":
            fields = {"src": fields["src"]} if "src" in fields else {}
            if not fields:
                return [None]
        try:
            pointwise = torch.Tag.pointwise in func.tags or name == "copy_"
            found = rules.followed(name, pointwise, arguments, fields, tuple(tensors[0].shape))
        except (Undefined, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return [None] * len(tensors)  # no rule for this, or not for these arguments
        return found if isinstance(found, list) else [found] * len(tensors)

    def _keep(self, tensors, found, is_mutable):
        for tensor, field in zip(tensors, found, strict=True):
            field = field if field and field.shape == tuple(tensor.shape) else None
            if is_mutable and tensor._base is not None and self.fields.get(tensor) != field:
                self.fields[tensor._base] = None  # a part was changed: what the others see is no longer known
            self.fields[tensor] = field

    def seen(self, tensor):
        """The columns of a row that tell what the units of this tensor see."""
        field = self.fields.get(tensor) if tensor is not None else None
        if not field or not self.lengths:
            return {}
        jumps = [field.jumps(axis) for axis in range(len(self.lengths))]
        ends = [first + size for first, size in zip(field.first, field.largest, strict=True)]
        if not any(jumps):  # all units see the same; what lies outside the input is nothing to see
            limits = zip(field.first, ends, self.lengths, strict=True)
            sizes = tuple(min(ceil(end), length) - max(int(first // 1), 0) for first, end, length in limits)
            return {"receptive_field": sizes, "whole": sizes == tuple(self.lengths)}
        jump = tuple(_plain(abs(some[0])) if len(some) == 1 else None for some in jumps)
        return {"receptive_field": tuple(map(ceil, field.largest)), "jump": None if None in jump else jump}


class Calls:
    """Writes a row for every call that calls no other layer, and for the functions that it is told of."""

    def __init__(self, model, windows, input):
        self.model, self.windows = model, windows
        self.rows, self.open, self.counted = [], [], set()
        self.names = {id(module): name or "(model)" for name, module in model.named_modules()}
        self.weights = {id(weight): name for name, weight in model.named_parameters()}
        self.makers = WeakIdKeyDictionary()  # the number of the row that made a tensor
        self.makers[input] = 0
        self.failed = None

    @contextmanager
    def hooked(self):
        """Hooks on every module but those that compute a weight."""
        handles = []
        try:
            for name, module in self.model.named_modules():
                if "parametrizations" not in name.split("."):
                    handles.append(module.register_forward_pre_hook(self._enters, prepend=True, with_kwargs=True))
                    handles.append(module.register_forward_hook(self._leaves, always_call=True))
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enters(self, module, args, kwargs):
        given = self.given([args, kwargs])
        self.open.append((module, given, len(self.rows), self.windows.macs, sys.exception()))

    def _leaves(self, module, args, output):
        while self.open[-1][0] is not module:
            self.open.pop()
        _, given, rows_before, macs_before, ambient = self.open.pop()
        if sys.exception() is not ambient:  # PyTorch calls this hook after a failure too, inside its except clause
            if self.failed is None or self.failed[0] is not sys.exception():
                self.failed = (sys.exception(), self._facts(module, given))
            return
        if len(self.rows) == rows_before:
            columns = self._facts(module, given) | self._parameters(module.named_parameters())
            self._write(columns, given, output, self.windows.macs - macs_before)

    @property
    def between(self):
        """Whether the model's own code is running, not the inside of a layer."""
        if not self.open:
            return False
        module = self.open[-1][0]
        own = not type(module).__module__.startswith("torch.")
        return own and (module is self.model or any(module.children()))

    def given(self, values):
        """What a call was given: {shape, reads, storages}, and the tensors, which live as long as the call."""
        tensors = tensors_in(values)
        reads = sorted({self.makers[tensor] for tensor in tensors if tensor in self.makers})
        return {
            "input_shape": tuple(tensors[0].shape) if tensors else None,
            "reads": tuple(reads),
            "storages": {facts.storage_of(tensor) for tensor in tensors} - {None},
            "tensors": tensors,
        }

    def function_called(self, func, args, kwargs, given, made, macs):
        """Writes the row of a function between the layers."""
        weights = [(self.weights[id(tensor)], tensor) for tensor in given["tensors"] if id(tensor) in self.weights]
        self._write(self._function(func, args, kwargs, given) | self._parameters(weights), given, made, macs)

    def function_failed(self, error, func, args, kwargs, given):
        """Remembers where it was, should the model not handle it."""
        self.failed = (error, self._function(func, args, kwargs, given))

    def _function(self, func, args, kwargs, given):
        return {
            "name": functions.name_of(func),
            "kind": "function",
            "call": functions.text_of(func, args, kwargs, self.weights),
            "inside": self.names[id(self.open[-1][0])],
            "settings": functions.settings_of(func, args, kwargs),
            **{name: given[name] for name in ("input_shape", "reads")},
        }

    def _facts(self, module, given):
        """The columns of a row that the layer itself tells."""
        return {
            "name": self.names[id(module)],
            "kind": type(module).__name__,
            "call": facts.text_of(module),
            "settings": facts.settings_of(module),
            **{name: given[name] for name in ("input_shape", "reads")},
        }

    def _write(self, columns, given, output, macs):
        made = tensors_in(output)
        first = made[0] if made else None
        self.rows.append(
            Row(
                **columns,
                output_shape=None if first is None else tuple(first.shape),
                macs=macs,
                bytes=0 if first is None else prod(first.shape) * first.element_size(),
                shares=first is not None and facts.storage_of(first) in given["storages"],
                **self.windows.seen(first),
            )
        )
        for tensor in made:
            self.makers[tensor] = len(self.rows)

    def _parameters(self, named):
        """The columns of a row that count them."""
        made = [(name, parameter) for name, parameter in named if is_made(parameter)]
        parts = tuple((name, tuple(weight.shape), id(weight) in self.counted) for name, weight in made)
        self.counted |= {id(weight) for _, weight in made}
        shared = sum(prod(shape) for _, shape, before in parts if before)
        return {"parameters": sum(prod(shape) for _, shape, _ in parts), "shared": shared, "parts": parts}

    def broken(self, error):
        """Writes the last row: which layer was running, PyTorch's words, the learner's line."""
        words = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
        columns = self.failed[1] if self.failed else self._facts(self.model, {"input_shape": None, "reads": ()})
        module = next((it for it in self.model.modules() if self.names[id(it)] == columns["name"]), None)
        if module is not None and not any(module.children()):
            columns |= self._parameters(module.named_parameters())
        self.rows.append(Row(**columns, problem=words, line=_learners_line(error)))


def _by_name(schema, args, kwargs):
    """An operation's arguments by name, defaults included."""
    values = {argument.name: argument.default_value for argument in schema.arguments}
    values.update(zip(values, args, strict=False))
    return values | kwargs


def _learners_line(error):
    """The innermost line of the model's own code that was running, or ""."""
    line, trace = "", error.__traceback__
    while trace:
        filename = trace.tb_frame.f_code.co_filename
        if not filename.startswith(NOT_THE_LEARNERS):
            line = linecache.getline(filename, trace.tb_lineno).strip() or line
        trace = trace.tb_next
    return line


def _plain(number):
    """An int where it is one."""
    number = Fraction(number)
    return int(number) if number.denominator == 1 else float(number)
