"""After each hostile program a real Jupyter kernel answers 1 + 1, and nothing is printed behind its back."""

import pytest
from jupyter_client.manager import start_new_kernel

pytestmark = pytest.mark.slow

SETUP = """
import os, sys, time, threading, signal
import numpy as np, torch
from convlab.exercises import get
exercise = get("02.conv2d")
_ = torch.ones(300, 300) @ torch.ones(300, 300)
"""

HOSTILE = {
    "endless loop": ("while True: pass", "timeout"),
    "recursion": ("return conv2d(input, weight, bias)", "error"),
    "recursion past the limit": (
        "sys.setrecursionlimit(10**9); return conv2d(input, weight, bias)",
        "error or timeout",
    ),
    "sys.exit": ("sys.exit()", "error"),
    "os._exit": ("os._exit(1)", "error"),
    "exit of IPython": ("get_ipython().ask_exit(); exit()", "wrong"),
    "crash": ("os.kill(os.getpid(), signal.SIGSEGV)", "error"),
    "kill of its group": ("os.killpg(0, signal.SIGKILL)", "error"),
    "memory": ("return np.ones(10 * 2**30 // 8)", "error"),
    "million lines": ("[print(k) for k in range(10**6)]; return exercise.reference(input, weight, bias)", "right"),
    "display": ("[display(k) for k in range(100)]; return exercise.reference(input, weight, bias)", "right"),
    "input": ("return ask('?')", "error"),
    "patched": ("torch.allclose = lambda *a: True; return input", "wrong"),
    "fork": ("os.fork(); return exercise.reference(input, weight, bias)", "right"),
    "generator": ("yield 1", "wrong"),
    "sockets": ("os.closerange(0, 5000); return input", "error"),
    "subprocess": ("os.system('echo loud; sleep 60 &'); return input", "wrong"),
}


class Kernel:
    """A kernel to which a test can send cells."""

    def __init__(self):
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code, timeout_s=60):
        """(what a cell prints, its error or None)."""
        printed, raised = [], None

        def hook(message):
            nonlocal raised
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
            elif message["msg_type"] in ("execute_result", "display_data"):
                printed.append(message["content"]["data"]["text/plain"])
            elif message["msg_type"] == "error":
                raised = message["content"]["ename"]

        self.client.execute_interactive(code, timeout=timeout_s, output_hook=hook, allow_stdin=False)
        return "".join(printed).strip(), raised

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    assert kernel.run(SETUP) == ("", None)
    yield kernel
    kernel.close()


@pytest.mark.parametrize("name", HOSTILE)
def test_the_kernel_lives_after(kernel, name):
    body, outcome = HOSTILE[name]
    patience_s = 2 if "timeout" in outcome else 60
    kernel.run(f"type(exercise).timeout_s = {patience_s}")
    cell = f"ask = input\ndef conv2d(input, weight, bias=0.0):\n    {body}\nverdict = exercise.check(conv2d)"
    printed, raised = kernel.run(f"{cell}\nverdict.outcome")
    assert raised is None and printed.strip("'") in outcome.split(" or "), kernel.run("verdict")
    assert kernel.run("1 + 1") == ("2", None)
    assert kernel.run("print('out'); print('err', file=sys.stderr)")[0].split() == ["out", "err"]


def test_the_line_of_a_cell_is_quoted(kernel):
    cell = "def conv2d(input, weight, bias=0.0):\n    H = 3\n    return nothing[H]\nexercise.check(conv2d)"
    assert "(line 3: `return nothing[H]`; H was 3)" in kernel.run(cell)[0]


def test_the_stop_button_ends_a_check(kernel):
    cell = (
        "def conv2d(input, weight, bias=0.0):\n    while True: pass\n"
        "threading.Timer(0.4, signal.raise_signal, [signal.SIGINT]).start()\n"
        "exercise.check(conv2d)"
    )
    assert kernel.run(cell)[1] == "KeyboardInterrupt"
    assert kernel.run("1 + 1") == ("2", None)


def test_torch_is_as_it_was_in_the_kernel(kernel):
    look = "print(torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(), torch.initial_seed())"
    before = kernel.run(look)
    body = "torch.set_default_dtype(torch.float64); torch.set_num_threads(1); torch.manual_seed(0); return input"
    kernel.run(f"def conv2d(input, weight, bias=0.0):\n    {body}\nexercise.check(conv2d)")
    assert kernel.run(look) == before


def test_a_check_computes_with_one_thread_and_gives_back_the_others(kernel):
    kernel.run(
        "torch.set_num_threads(2)\nseen = set()\nclass Looks(type(exercise)):\n    def expected(self, case):\n"
        "        seen.add(torch.get_num_threads())\n        return super().expected(case)"
    )
    assert kernel.run("Looks().check(exercise.reference).outcome")[0] == "'right'"
    assert kernel.run("print(seen, torch.get_num_threads())")[0] == "{1} 2"
