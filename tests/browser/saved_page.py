"""A page saved with its widget, served from this machine without a kernel."""

from contextlib import contextmanager
from pathlib import Path

from tests.browser.drawn import read
from tests.browser.visit import Files, served

ROOT = Path(__file__).resolve().parents[2]
NPM = ROOT / "node_modules"

# Run in the kernel: what a learner would write, with the scripts taken from this server instead of a public one.
SAVE = """
from ipywidgets.embed import embed_snippet as _snippet
print(_snippet(
    [widget], drop_defaults=False, requirejs=False, embed_url="/npm/@jupyter-widgets/html-manager/dist/embed-amd.js"
))
"""
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A saved page</title>
<script src="/npm/requirejs/require.js"></script>
<script>require.config({{ paths: {{ anywidget: "/npm/anywidget/dist/index" }} }});</script>
</head><body>
{snippet}
</body></html>
"""


class Handler(Files):
    """Files of the page's folder; what begins with /npm/ comes from node_modules."""

    def translate_path(self, path):
        path = path.split("?")[0]
        if path.startswith("/npm/"):
            return str(NPM / path.removeprefix("/npm/"))
        return super().translate_path(path)


def _save(notebook, folder):
    """Writes folder/page.html with the `widget` of the notebook's kernel."""
    snippet = notebook.python(SAVE)
    (Path(folder) / "page.html").write_text(PAGE.format(snippet=snippet), encoding="utf8")


@contextmanager
def saved_page(notebook, chromium, folder, kind):
    """The root of the kernel's `widget` in a saved page; at the end nothing went wrong and no stranger was asked.

    It shows the numbers that the live one shows.
    """
    live = read(notebook.widget(kind))
    _save(notebook, folder)
    with served(folder, Handler) as address:
        page = chromium.new_page()
        problems, strangers = [], []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: strangers.append(request.url))
        page.goto(f"{address}/page.html")
        root = page.locator(f".convlab-{kind}")
        root.locator("[data-value]").first.wait_for()
        assert read(root)["numbers"] == live["numbers"]
        yield root
        page.close()
    assert problems == []
    assert [url for url in strangers if not url.startswith((address, "blob:", "data:"))] == []
