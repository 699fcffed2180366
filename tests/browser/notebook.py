"""One notebook open in JupyterLab in a real browser: run cells, read outputs, find widgets."""

import re
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import Error

from tests.browser.as_json import as_json

IN_PAGE = (Path(__file__).parent / "in_page.js").read_text(encoding="utf8")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# The page asks the server for things that do not exist yet on a fresh disk; JupyterLab itself causes and expects this.
NOT_OURS = ("/api/contents/", "/lab/api/settings", "/lab/api/workspaces", "favicon", "/api/me", "lsp/status")
NOT_OURS_WORDS = (
    "Could not restore the debugger state",  # JupyterLab's own, at some restarts of a kernel
    # Notebook 7.6's own, on a blank installation too; the second while a slow one is still starting
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered",
)
# What widgets send goes to a subshell, which JupyterLab ends with the last widget; of a message that still waits there
# ipykernel's event loop says so. In a lesson the cards keep the subshell; the tests empty a notebook and go on with it.
IPYKERNELS = re.compile(r"(Task was destroyed but it is pending!\n.*ipykernel/utils\.py[^\n]*\n?)+$")
WAIT_MS = 60_000


def pairs(cells):
    """Each cell as (id, source)."""
    return [cell if isinstance(cell, tuple) else (f"cell-{at}", cell) for at, cell in enumerate(cells)]


def write_notebook(file, cells):
    """Writes a notebook of code cells: pairs (id, source), or sources alone."""
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source, id=name) for name, source in pairs(cells)],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.write(book, file)


class Notebook:
    """A notebook in JupyterLab, as a learner has it on the screen.

    Args:
        page: a Playwright page that nothing has been opened in.
        url: where JupyterLab is.
        name: the notebook's file name.
        theme: "light" or "dark".
        front: what shows it, by its address: "lab/tree" is JupyterLab, "notebooks" is Notebook 7.
    """

    def __init__(self, page, url, name, theme="light", front="lab/tree"):
        self.page, self.url, self.name = page, f"{url}/{front}", name
        self.sockets = []  # to kernels: one more whenever the page connects again
        self.problems = []  # what a learner's console would show as errors
        page.set_default_timeout(WAIT_MS)
        page.add_init_script(IN_PAGE)
        page.on("console", self._heard)
        page.on("websocket", self._connected)
        page.on("pageerror", self._raised)
        self.load()
        self.set_theme(theme)

    def load(self):
        """Opens the page, or opens it anew: the kernel lives on."""
        self.page.goto(f"{self.url}/{self.name}?reset")
        self.page.wait_for_function("window.convlabTest?.ready()")
        self._ask("restored")
        self.page.evaluate("jupyterapp.shell.collapseLeft()")

    def open_beside(self, name):
        """Opens another notebook in the same page, with a kernel of its own; from then on this is that one."""
        self.page.evaluate("name => { jupyterapp.commands.execute('docmanager:open', { path: name }); }", name)
        self.page.wait_for_function("name => convlabTest.shown() === name && convlabTest.ready()", arg=name)
        self._ask("restored")
        self.name = name

    def _heard(self, message):
        url = message.location.get("url", "")
        theirs = any(part in url for part in NOT_OURS) or any(words in message.text for words in NOT_OURS_WORDS)
        if message.type == "error" and not theirs:
            self.problems.append(f"{message.text} ({url})")

    def _raised(self, error):
        if not any(words in str(error) for words in NOT_OURS_WORDS):
            self.problems.append(f"page error: {error}")

    def _connected(self, socket):
        if "/channels" in socket.url:
            self.sockets.append(socket)

    @contextmanager
    def sent(self):
        """Waits, at the end of the block, until the page has sent something to the kernel."""
        with self.sockets[-1].expect_event("framesent"):
            yield

    def _ask(self, call, *arguments, timeout=WAIT_MS):
        work = "([patience, call, ...rest]) => convlabTest.within(patience, convlabTest[call](...rest))"
        try:
            return self.page.evaluate(work, [timeout, call, *arguments])
        except Error as error:
            raise RuntimeError(f"{call} failed: {error.message}") from error

    # Cells

    def cells(self):
        """What each cell is: {id, type, count, tags, source}."""
        return as_json(self.page, "() => convlabTest.cells()")

    def ids(self, kind="code"):
        """The ids of the cells of a kind, from top to bottom."""
        return [cell["id"] for cell in self.cells() if cell["type"] == kind]

    def run_cell(self, name, timeout=WAIT_MS):
        """Runs the cell with this id, waits for its end, and returns its outputs."""
        self._ask("runCell", name, timeout=timeout)
        return self.outputs(name)

    def run_all(self, timeout=4 * WAIT_MS):
        """Runs the notebook from top to bottom."""
        self._ask("runAll", timeout=timeout)

    def press_run(self, name, timeout=WAIT_MS):
        """Runs a cell as a learner does: clicks into it and presses Shift+Enter."""
        self.page.evaluate("id => convlabTest.forgetCount(id)", name)
        self.show(name)
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")
        ran = "id => convlabTest.count(id) !== null"
        self.page.wait_for_function(ran, arg=name, timeout=timeout)
        self.wait_idle(timeout)
        return self.outputs(name)

    def wait_idle(self, timeout=WAIT_MS):
        """Waits until the kernel has nothing to do."""
        self._ask("atRest", timeout=timeout)

    def outputs(self, name):
        """The outputs of a cell, as nbformat has them."""
        return as_json(self.page, "id => convlabTest.outputs(id)", name)

    def text(self, name):
        """All that a cell printed or showed, as plain text."""
        return "\n".join(plain(output) for output in self.outputs(name))

    def set_source(self, name, source):
        """Replaces what stands in a cell."""
        self.page.evaluate("([id, source]) => convlabTest.setSource(id, source)", [name, source])

    def show(self, name):
        """Scrolls to a cell."""
        self.page.evaluate("id => convlabTest.show(id)", name)

    def cell(self, name):
        """The cell as a Playwright element handle's locator."""
        number = self.page.evaluate("id => convlabTest.place(id)", name)
        shown = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # of those that are open beside each other
        return self.page.locator(f'{shown} .jp-Notebook .jp-Cell[data-windowed-list-index="{number}"]')

    # The kernel

    def python(self, code, timeout=WAIT_MS):
        """Runs code in the notebook's kernel, outside every cell; returns what it printed."""
        return self._ask("execute", code, timeout=timeout)

    def restart_kernel(self):
        """Restarts the kernel, as the menu does after its question."""
        self._ask("restart")

    def save(self):
        """Saves the notebook."""
        self._ask("save")

    # Widgets

    def widget(self, kind, nth=0):
        """The root element of a widget, "conv-stepper" say, anywhere in the notebook."""
        return self.page.locator(f".jp-Notebook .convlab-{kind}").nth(nth)

    def run_widget(self, name, kind):
        """Runs a cell that ends in a widget; returns its root once it has been drawn."""
        self.run_cell(name)
        self.assert_quiet()
        root = self.cell(name).locator(f".convlab-{kind}").first
        root.wait_for()
        root.scroll_into_view_if_needed()
        return root

    @contextmanager
    def redrawn(self, root):
        """Waits, at the end of the block, until the widget has drawn anew."""
        before = root.evaluate("node => node.convlabDraws ?? 0")
        yield
        handle = root.element_handle()
        self.page.wait_for_function("([node, before]) => (node.convlabDraws ?? 0) > before", arg=[handle, before])

    # What a learner sees

    def set_theme(self, theme):
        """Switches JupyterLab to its light or dark theme."""
        flag = "true" if theme == "light" else "false"
        if self.page.evaluate("document.body.dataset.jpThemeLight") != flag:
            self._ask("theme", THEMES[theme])
            self.page.wait_for_selector(f'body[data-jp-theme-light="{flag}"]', state="attached")

    def look_at_all(self):
        """Scrolls through the notebook, to each cell once: JupyterLab draws a cell when it comes into view."""
        self._ask("lookAtAll", timeout=4 * WAIT_MS)

    def screenshot_cells(self, folder):
        """Takes a picture of every cell with its outputs; returns the files."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for number, cell in enumerate(self.cells()):
            self.show(cell["id"])
            file = folder / f"{number:02d}-{cell['id']}.png"
            self.cell(cell["id"]).screenshot(path=file)
            files.append(file)
        return files

    def complaints(self):
        """Every error or warning a learner would see: in outputs, and in the browser's console."""
        bad = [(name, plain(output)) for name, output in as_json(self.page, "() => convlabTest.badOutputs()")]
        return [f"{name}: {text[:400]}" for name, text in bad if not IPYKERNELS.match(text)] + self.problems

    def assert_quiet(self):
        """Fails with every error or warning that a learner would see."""
        if complaints := self.complaints():
            raise AssertionError("\n".join(complaints))


def plain(output):
    """The plain text of one output."""
    if output["output_type"] == "stream":
        return joined(output["text"])
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    return joined(output["data"].get("text/plain", ""))


def joined(text):
    return text if isinstance(text, str) else "".join(text)
