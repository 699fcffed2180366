"""The place where a learner's function runs: it may loop, crash, print or fill the memory, and the kernel lives.

On Linux it is a forked child: whatever the function does to torch, to NumPy or to the process is gone with it, its
memory is limited, and what takes too long is killed. Elsewhere it is a watched thread, stopped by an exception
when its time is up; what it changed in torch and NumPy is put back.
"""

import ctypes
import gc
import json
import os
import select
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field

from .inside import run_calls

TIMEOUT_S = 9.5  # so that the verdict is there within the promised 10
MEMORY_ABOVE_PRESENT = 2 << 30

_exit, _write, _getpid = os._exit, os.write, os.getpid  # kept: the learner may patch os


@dataclass
class Report:
    """What came back: a dict for each call that ended, what was printed, and how it all ended.

    `ended` is "done", "timeout" or "died" (the process is gone: `status` says how).
    """

    runs: list = field(default_factory=list)
    printed: str = ""
    printed_more: bool = False
    ended: str = "died"
    status: str = ""

    def take(self, told):
        if "run" in told:
            self.runs.append(told["run"])
        self.printed += told.get("printed", "")
        self.printed_more |= told.get("printed_more", False)
        if told.get("end"):
            self.ended = "done"


def run(fn, calls, watched=False, timeout_s=TIMEOUT_S, forked=None):
    """A `Report` on every call of `fn`, within the time and the memory allowed; never an exception of its own.

    Args:
        fn: the learner's function.
        calls: a list of `Call`.
        watched: notice ready-made convolutions and gradients that it calls, or what this function says is forbidden.
        timeout_s: seconds for all calls together.
        forked: in a child process (the default on Linux) or in a thread.

    Example:
        >>> from convlab.exercises.inside import Call
        >>> report = run(lambda x: 2 * x, [Call({"x": 21})])
        >>> report.ended, report.runs[0]["result"]["type"]
        ('done', 'int')
    """
    forked = sys.platform.startswith("linux") if forked is None else forked

    def work(emit):
        run_calls(fn, calls, emit, watched)

    return _in_child(work, timeout_s) if forked else _in_thread(work, timeout_s)


def _in_child(work, timeout_s):
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of fork beside threads; see _settle
        child = os.fork()
    if child == 0:
        _live_as_child(work, writing, timeout_s)
    os.close(writing)
    report = Report()
    try:
        _listen(reading, child, report, time.monotonic() + timeout_s)
    finally:  # also when the learner presses stop
        os.close(reading)
        report.status = _reap(child, grace_s=0.5 if report.ended == "died" else 0.0)
    return report


def _live_as_child(work, writing, timeout_s):
    """Does the work and leaves by os._exit: no handler of the kernel runs, no socket of its is touched."""
    me = _getpid()

    def emit(told):
        if _getpid() != me:  # the learner's function forked: that copy ends here
            _exit(0)
        line = json.dumps(told).encode() + b"\n"
        while line:
            line = line[_write(writing, line) :]

    try:
        _settle(writing, timeout_s)
        work(emit)
        emit({"end": True})
    except BaseException:
        pass  # the parent sees that no end was told
    finally:
        _exit(0)


def _settle(writing, timeout_s):
    """Makes the copied process safe to run alone: no shared sockets, threads, signals or output."""
    os.setpgid(0, 0)
    gc.freeze()  # the kernel's objects are never collected here: their finalizers would talk to the browser
    signal.set_wakeup_fd(-1)
    for name in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    signal.alarm(int(timeout_s) + 2)  # ends an orphan whose kernel was killed
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, writing)
    os.closerange(writing + 1, os.sysconf("SC_OPEN_MAX"))
    _limit_memory()
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)  # OpenMP's threads do not survive a fork; a second one would hang
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
        if shell is not None:
            shell.display_pub.publish = lambda *data, **more: None


def _limit_memory():
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open("/proc/self/statm") as sizes:
        present = int(sizes.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = present + MEMORY_ABOVE_PRESENT
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def _listen(reading, child, report, deadline):
    """Fills the report line by line until the end is told, the child is gone, or the time is up."""
    poll, rest = select.poll(), b""
    poll.register(reading, select.POLLIN | select.POLLHUP)
    while report.ended != "done":
        left = deadline - time.monotonic()
        if left <= 0:
            report.ended = "timeout"
            return
        if not poll.poll(min(left, 0.25) * 1000):
            if _is_gone(child):  # a process it started may still hold the pipe
                return
            continue
        chunk = os.read(reading, 1 << 20)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            try:
                report.take(json.loads(line))
            except (ValueError, TypeError, AttributeError):
                return  # the learner's function wrote into the pipe


def _is_gone(child, within_s=0.0):
    """True when the child has ended, at once or within the time; a closed pipe comes a moment before that."""
    until = time.monotonic() + within_s
    while True:
        try:
            if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return True
        except ChildProcessError:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.002)


def _reap(child, grace_s):
    """How the child ended, in words; it and what it started are ended first if they still run."""
    gone = _is_gone(child, grace_s)
    for end in (os.killpg, os.kill):
        try:
            end(child, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    try:
        status = os.waitpid(child, 0)[1]
    except ChildProcessError:
        return ""
    if not gone:
        return ""
    if os.WIFSIGNALED(status):
        return f"signal {os.WTERMSIG(status)}, {signal.strsignal(os.WTERMSIG(status))}"
    return f"exit code {os.WEXITSTATUS(status)}"


def _in_thread(work, timeout_s):
    report, closed = Report(), threading.Event()

    def emit(told):
        if closed.is_set():
            raise SystemExit  # the time is up: no further call is made
        report.take(told)

    def live():
        try:
            work(emit)
            emit({"end": True})
        except BaseException:
            pass  # stopped: the report says how far it came

    restore = _remember()
    thread = threading.Thread(target=live, daemon=True)
    try:
        thread.start()
        thread.join(timeout_s)
        if thread.is_alive():
            report.ended = "timeout"
    finally:
        closed.set()
        _stop(thread)
        restore()
    return report


def _stop(thread):
    """Raises SystemExit inside the thread until it ends; a thread that catches all is left behind, a daemon."""
    for _ in range(50):
        if not thread.is_alive():
            return
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
        thread.join(0.02)


def _remember():
    """A function that puts the process back as it is now: output, and what torch and NumPy hold."""
    names = ("torch", "torch.nn.functional", "torch.nn", "torch.linalg", "numpy", "numpy.testing", "os", "builtins")
    holders = [sys.modules[name] for name in names if name in sys.modules]
    torch, numpy = sys.modules.get("torch"), sys.modules["numpy"]
    holders += [torch.Tensor] if torch else []
    held = [(holder, dict(vars(holder))) for holder in holders]
    streams, recursion, numpy_state = (sys.stdout, sys.stderr), sys.getrecursionlimit(), numpy.random.get_state()
    if torch:
        rng, dtype = torch.get_rng_state(), torch.get_default_dtype()
        threads, grad = torch.get_num_threads(), torch.is_grad_enabled()

    def restore():
        sys.stdout, sys.stderr = streams
        sys.setrecursionlimit(recursion)
        for holder, values in held:
            _put_back(holder, values)
        numpy.random.set_state(numpy_state)
        if torch:
            torch.set_rng_state(rng)
            torch.set_default_dtype(dtype)
            torch.set_num_threads(threads)
            torch.set_grad_enabled(grad)

    return restore


def _put_back(holder, values):
    now = dict(vars(holder))
    for name, value in values.items():
        if now.get(name) is not value:
            setattr(holder, name, value)
    if isinstance(holder, type):  # a method laid over an inherited one; in modules new names are left
        for name in now.keys() - values.keys():
            delattr(holder, name)
