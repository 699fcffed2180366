"""What runs beside the learner's function: it calls it, listens to it, and writes down what happened.

This code lives in the forked child (elsewhere in a watched thread), where the learner's function may have changed
anything. So nothing is compared here and no object leaves: a result becomes plain numbers in a dict of JSON's own
types, and the judge compares them in the parent, out of reach.
"""

import base64
import builtins
import dis
import inspect
import io
import linecache
import os
import re
import sys
import time
import warnings
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import numpy as np

SHOWN_LINES, SHOWN_CHARACTERS, SHOWN_NAMES = 20, 4000, 6
LARGEST_RESULT = 1_000_000  # numbers; a larger result is described, not sent
PATIENCE_S, ENOUGH_CALLS = 2.0, 3  # a slow function is judged on fewer calls rather than timed out
RAISE = dis.opmap["RAISE_VARARGS"]
FATAL = (MemoryError, RecursionError, SystemExit, KeyboardInterrupt)

TORCH_CONVOLUTION = re.compile(r"(?:^|_)(?:conv\dd|convolution|conv_tbc)|(?:^|_)conv_transpose\dd")
TORCH_GRADIENT = ("backward", "grad", "_make_dual")  # the last is that of forward mode
OUR_ENGINES = ("conv2d_", "weight_gradient", "input_gradient", "check_gradients", "central_differences")
WATCHED_LIBRARIES = ("scipy.signal", "scipy.ndimage", "skimage", "astropy", "jax", "keras", "tensorflow", "cv2")
OTHER_CONVOLUTION = re.compile(r"conv|correlate|^filter2D$|^sepFilter2D$")

_asarray, _array, _clock = np.asarray, np.array, time.perf_counter  # kept: the learner may patch the modules


@dataclass(frozen=True)
class Call:
    """One call of the learner's function: positional arguments by name, in order, keywords, and what `then` to do."""

    arguments: dict = field(default_factory=dict)
    keywords: dict = field(default_factory=dict)
    then: object = None  # a function of what came back, as in `task.Case`
    within: object = None  # a function of the learner's function: a context for the call, as in `task.Case`


def run_calls(fn, calls, emit, watched=False):
    """Every call made, one after another; what happened to each goes to `emit` as soon as it is known.

    Arrays are handed over as float64 tensors. A function written for NumPy may stumble over tensors (a step of -1,
    `astype`): if its first call raises, it is tried again with arrays, and they are kept if that works.
    """
    kinds = ("tensor", "array") if "torch" in sys.modules else ("array",)
    began = _clock()
    with _quiet(emit) as printed:
        for number, call in enumerate(calls):
            with_profile = watched and (number == 0 or any(name in sys.modules for name in WATCHED_LIBRARIES))
            kind, run = kinds[0], _one_call(fn, call, kinds[0], watched, with_profile)
            if number == 0 and len(kinds) > 1 and _worth_another_kind(run):
                printed.muted = True  # what it prints was shown by the first try
                other = _one_call(fn, call, kinds[1], watched, with_profile)
                printed.muted = False
                if "result" in other:
                    other["with_tensors"] = run["error"]
                    kind, run = kinds[1], other
            kinds = (kind,)
            emit({"run": {**run, "kind": kind}})
            tired = _clock() - began > PATIENCE_S and number + 1 >= ENOUGH_CALLS
            error = run.get("error", {})
            if tired or error.get("fatal") or error.get("stub"):
                return


def _worth_another_kind(run):
    error = run.get("error")
    return error is not None and not error["fatal"] and run["called"] is None


def _one_call(fn, call, kind, watched, with_profile):
    """What one call did: its result or error, its time, the input it changed, the convolution it called."""
    given = {name: _as_kind(value, kind) for name, value in call.arguments.items()}
    keywords = {name: _as_kind(value, kind) for name, value in call.keywords.items()}
    told = {}
    watch = Watch(with_profile, ready_made if watched is True else watched) if watched else nullcontext()
    began = _clock()
    try:
        with watch, call.within(fn) if call.within else nullcontext():
            result = fn(*given.values(), **keywords)
            if call.then is not None and result is not ... and _takes(call.then, result):
                result = call.then(result)
        told["result"] = describe(result)
    except BaseException as error:
        told["error"] = failure(error, fn)
    told["seconds"] = _clock() - began
    told["called"] = watch.called if watched else None
    told["changed"] = _changed({**given, **keywords}, {**call.arguments, **call.keywords})
    return told


def _takes(then, result):
    """False for None, unless None is an answer and `then` says so by a true attribute `takes_none`."""
    return result is not None or getattr(then, "takes_none", False)


def _as_kind(value, kind):
    if not isinstance(value, np.ndarray):
        return value
    return sys.modules["torch"].from_numpy(value.copy()) if kind == "tensor" else value.copy()


def _changed(given, originals):
    """The name of an array that is not what it was before the call, or None."""
    for name, original in originals.items():
        if isinstance(original, np.ndarray):
            try:
                now = given[name]
                array = now if isinstance(now, np.ndarray) else now.detach().numpy()
                if array.shape != original.shape or array.tobytes() != original.tobytes():
                    return name
            except Exception:  # resized, freed or made sparse: no longer what it was
                return name
    return None


def describe(result):
    """A result as plain values: type, dtype, shape, and the numbers as float64 bytes where there are any.

    Example:
        >>> described = describe(np.array([[1, 2, 3]], dtype=np.int64))
        >>> described["type"], described["dtype"], described["shape"]
        ('ndarray', 'int64', [1, 3])
        >>> describe(None)["type"], describe([[1.0, 2.0]])["shape"]
        ('NoneType', [1, 2])
    """
    torch = sys.modules.get("torch")
    told = {"type": type(result).__name__, "dtype": None, "shape": None, "data": None}
    array = None
    if torch is not None and isinstance(result, torch.Tensor):
        told.update(type="Tensor", dtype=str(result.dtype).removeprefix("torch."), shape=list(result.shape))
        if result.numel() <= LARGEST_RESULT and not result.is_complex():
            array = result.detach().to("cpu", torch.float64).resolve_neg().numpy()
    elif isinstance(result, np.ndarray | np.generic):
        told.update(type="ndarray", dtype=str(result.dtype), shape=list(result.shape))
        if result.size <= LARGEST_RESULT and result.dtype.kind in "fiub":
            array = _asarray(result, dtype=np.float64)
    elif isinstance(result, list | tuple | int | float):
        array = _numbers_in(result)
        told["shape"] = None if array is None else list(array.shape)
    elif inspect.iscoroutine(result) or inspect.isgenerator(result):
        result.close()  # else Python warns about a coroutine that was never awaited
    if array is not None:
        told["data"] = base64.b64encode(array.tobytes()).decode()
    return told


def _numbers_in(result):
    try:
        if isinstance(result, list | tuple) and len(result) > 10_000:
            return None
        array = _array(result, dtype=np.float64)
        return array if array.size <= LARGEST_RESULT else None
    except Exception:  # ragged, nested without end, or no numbers
        return None


def failure(error, fn):
    """What was raised, and the last line of the learner's own code on the way there.

    Example:
        >>> def halve(x):
        ...     return x / 0
        >>> try:
        ...     halve(1)
        ... except ZeroDivisionError as error:
        ...     told = failure(error, halve)
        >>> told["type"], told["text"], told["source"]
        ('ZeroDivisionError', 'division by zero', 'return x / 0')
    """
    try:
        text = str(error)
    except BaseException:
        text = "(its message cannot be printed)"
    line, source, by_learner, frame = _raised_at(error.__traceback__, fn)
    return {
        "type": type(error).__name__,
        "text": text[:600],
        "line": line,
        "source": source,
        "there": _names_in(source, frame),
        "on_purpose": by_learner and _by_raise(frame),
        "fatal": isinstance(error, FATAL),
        "memory": isinstance(error, MemoryError) or "can't allocate memory" in text or "not enough memory" in text,
        "stub": by_learner and type(error) is NotImplementedError,  # torch and Jupyter raise it too
    }


def _raised_at(trace, fn):
    """(line number, its text, whether nothing lies deeper, the traceback's entry) of the last line in his file."""
    code = _code_of(fn)
    line, source, home, filename, last = None, "", code.co_filename if code else None, None, None
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if home is None and filename != __file__:
            home = filename  # a callable object or a partial: its first frame is the learner's
        if filename == home and filename != __file__:
            line, source = trace.tb_lineno, linecache.getline(filename, trace.tb_lineno).strip()
            last = trace
        trace = trace.tb_next
    return line, source[:200], filename == home, last


def _code_of(fn):
    """The code of a function, or of the first method of a class; None where there is none."""
    if isinstance(fn, type):
        return next((it.__code__ for it in vars(fn).values() if hasattr(it, "__code__")), None)
    return getattr(inspect.unwrap(fn) if callable(fn) else fn, "__code__", None)


def _by_raise(trace):
    """True where the line that ended the function is a raise or an assert."""
    return trace is not None and trace.tb_frame.f_code.co_code[trace.tb_lasti] == RAISE


def _names_in(source, trace):
    """What the names of a line held when it failed: [name, whole number or shape], for the first few of them."""
    if trace is None:
        return []
    there, held = [], trace.tb_frame.f_locals
    for name in dict.fromkeys(re.findall(r"(?<![.\w])[A-Za-z_]\w*", source)):
        value = held.get(name)
        try:
            if type(value) is int and abs(value) < 1_000_000:
                there.append([name, value])
            elif type(value).__name__ in ("Tensor", "ndarray") and 1 <= len(value.shape) <= 4:
                there.append([name, [int(size) for size in value.shape]])
        except Exception:  # a class of the learner's own, with a shape of its own
            continue
    return there[:SHOWN_NAMES]


def ready_made(name, module="", arguments=(), keywords=None):
    """True for a call that does what is to be written: here a convolution or a gradient.

    Args:
        name, module: those of the function, ``"unfold"`` and ``"torch.nn.functional"``.
        arguments, keywords: what it is called with, where that is known.

    Example:
        >>> ready_made("conv2d"), ready_made("unfold", "torch.nn.functional")
        (True, False)
    """
    return bool(TORCH_CONVOLUTION.search(name)) or name in TORCH_GRADIENT


class Watch:
    """Notes the first call of a ready-made convolution or gradient, by whatever name it was reached.

    torch is watched by its own function mode, which sees a call however it was imported, and through nn.Conv2d
    too; other libraries by the profiler, which sees their functions run. The learner's text is never searched.

    Example:
        >>> import torch
        >>> hidden = torch.nn.functional.conv2d
        >>> with Watch() as watch:
        ...     _ = hidden(torch.ones(1, 1, 3, 4), torch.ones(1, 1, 2, 2))
        >>> watch.called
        'conv2d'
    """

    def __init__(self, with_profile=False, forbidden=ready_made):
        self.called = None
        self._with_profile, self._forbidden = with_profile, forbidden
        self._mode = _torch_mode(self._note, forbidden) if "torch" in sys.modules else nullcontext()

    def _note(self, name):
        if self.called is None:
            self.called = name

    def _on_event(self, frame, event, function):
        if event == "call":
            name, module = frame.f_code.co_name, str(frame.f_globals.get("__name__", ""))
            ours = module.startswith("convlab.engines")
            ours = ours and (name.startswith(OUR_ENGINES) or self._forbidden(name, module))
            if ours or (module.startswith(WATCHED_LIBRARIES) and OTHER_CONVOLUTION.search(name)):
                self._note(name)
        elif event == "c_call" and getattr(function, "__name__", "") in ("filter2D", "sepFilter2D"):
            self._note(function.__name__)

    def __enter__(self):
        self._mode.__enter__()
        if self._with_profile:
            sys.setprofile(self._on_event)
        return self

    def __exit__(self, *failure):
        if self._with_profile:
            sys.setprofile(None)
        return self._mode.__exit__(*failure)


def _torch_mode(note, forbidden):
    from torch.overrides import TorchFunctionMode

    class Listening(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            name = getattr(function, "__name__", "")
            if forbidden(name, getattr(function, "__module__", None) or "", args, kwargs or {}):
                note(name)
            return function(*args, **(kwargs or {}))

    return Listening()


class Printed(io.TextIOBase):
    """A stdout that passes on the first lines and drops the rest, so that a million lines cost nothing."""

    def __init__(self, emit):
        self._emit, self._lines, self._characters, self.muted = emit, 0, 0, False

    def writable(self):
        return True

    def write(self, text):
        if self.muted:
            return len(text)
        if self._lines < SHOWN_LINES and self._characters < SHOWN_CHARACTERS:
            shown = "".join(text[:SHOWN_CHARACTERS].splitlines(keepends=True)[: SHOWN_LINES - self._lines])
            self._lines += shown.count("\n")
            self._characters += len(shown)
            self._emit({"printed": shown})
            if len(shown) < len(text):
                self._fill_up()
        elif text.strip():
            self._fill_up()
        return len(text)

    def _fill_up(self):
        """From now on print to nowhere, in C: a million calls of this method would take seconds."""
        self._lines = SHOWN_LINES
        self._emit({"printed_more": True})
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is self:
                setattr(sys, name, open(os.devnull, "w"))


@contextmanager
def _quiet(emit):
    """Prints captured, warnings silent, and no question to the learner, whose answer could not be typed."""
    kept = sys.stdout, sys.stderr, builtins.input
    sys.stdout = sys.stderr = printed = Printed(emit)
    builtins.input = _no_input
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield printed
    finally:
        sys.stdout, sys.stderr, builtins.input = kept


def _no_input(prompt=""):
    raise EOFError("input() cannot be answered while the function is checked: use the arguments instead")
