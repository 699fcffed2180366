"""Runs a model once and writes down every layer's call; leaves the model as it was.

PyTorch tells three things while the model runs: which layer is called (hooks), which of the core's operations are made
(a dispatch mode), and where ``F.pad`` is called (a function mode, because circular padding is otherwise a series of
copies). torch is imported at the top here: this module is loaded by the first walk.
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
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakIdKeyDictionary

from . import rules
from .field import Field, Undefined
from .rows import Row

NOT_THE_LEARNERS = (str(Path(torch.__file__).parent), str(Path(__file__).parent))


def is_made(parameter):
    """False for a parameter of a lazy layer that has not seen an input yet."""
    return not isinstance(parameter, UninitializedTensorMixin)


def zeros_for(model, shape):
    """Zeros of the dtype and on the device of the model's first floating parameter."""
    for tensor in model.parameters():
        if tensor.is_floating_point() and is_made(tensor):
            return torch.zeros(shape, dtype=tensor.dtype, device=tensor.device)
    return torch.zeros(shape)


def follow(model, input):
    """(rows, parameters, multiply-adds) of one run."""
    if not all(map(is_made, (*model.parameters(), *model.buffers()))):
        model = deepcopy(model)  # a lazy layer is made by its first input, and that should be the learner's
    input = input.detach().clone()  # the first layer may work in place
    windows = Windows(input, _axes(model, input))
    calls = Calls(model, windows)
    with undisturbed(model), torch.no_grad():
        try:
            with calls.hooked(), Pads(windows), windows:
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


class Pads(TorchFunctionMode):
    """Sees ``F.pad`` go round: the core knows circular padding as a series of copies."""

    def __init__(self, windows):
        super().__init__()
        self.windows = windows

    def __torch_function__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        if func is torch.nn.functional.pad and "circular" in (*args, *(kwargs or {}).values()):
            field = self.windows.fields.get(args[0]) if args else None
            if field:
                pads = args[1] if len(args) > 1 else kwargs["pad"]
                self.windows.fields[made] = rules.pad(field, pads, tuple(made.shape))
        return made


class Calls:
    """Writes a row for every call that calls no other layer."""

    def __init__(self, model, windows):
        self.model, self.windows = model, windows
        self.rows, self.open, self.counted = [], [], set()
        self.names = {id(module): name or "(model)" for name, module in model.named_modules()}
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
        tensor = _first_tensor([args, kwargs])
        shape = None if tensor is None else tuple(tensor.shape)
        self.open.append((module, shape, len(self.rows), self.windows.macs, sys.exception()))

    def _leaves(self, module, args, output):
        while self.open[-1][0] is not module:
            self.open.pop()
        _, shape, rows_before, macs_before, ambient = self.open.pop()
        if sys.exception() is not ambient:  # PyTorch calls this hook after a failure too, inside its except clause
            if self.failed is None or self.failed[0] is not sys.exception():
                self.failed = (sys.exception(), module, shape)
            return
        if len(self.rows) == rows_before:
            self.rows.append(self._row(module, shape, output, self.windows.macs - macs_before))

    def _row(self, module, input_shape, output, macs):
        tensor = _first_tensor(output)
        return Row(
            name=self.names[id(module)],
            kind=type(module).__name__,
            input_shape=input_shape,
            output_shape=None if tensor is None else tuple(tensor.shape),
            macs=macs,
            bytes=0 if tensor is None else prod(tensor.shape) * tensor.element_size(),
            **self._parameters(module),
            **self.windows.seen(tensor),
        )

    def _parameters(self, module):
        """The columns of a row that count them."""
        found = {id(parameter): parameter.numel() for parameter in module.parameters() if is_made(parameter)}
        shared = sum(count for key, count in found.items() if key in self.counted)
        self.counted |= set(found)
        return {"parameters": sum(found.values()), "shared": shared}

    def broken(self, error):
        """Writes the last row: which layer was running, PyTorch's words, the learner's line."""
        _, module, shape = self.failed or (error, self.model, None)
        words = str(error) if isinstance(error, RuntimeError) else f"{type(error).__name__}: {error}"
        counts = {} if any(module.children()) else self._parameters(module)
        name, kind = self.names[id(module)], type(module).__name__
        self.rows.append(Row(name, kind, shape, **counts, problem=words, line=_learners_line(error)))


def _by_name(schema, args, kwargs):
    """An operation's arguments by name, defaults included."""
    values = {argument.name: argument.default_value for argument in schema.arguments}
    values.update(zip(values, args, strict=False))
    return values | kwargs


def _first_tensor(value):
    """The first tensor in what a layer was given or gave, however nested."""
    if torch.is_tensor(value):
        return value
    values = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return next((found for one in values if (found := _first_tensor(one)) is not None), None)


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
