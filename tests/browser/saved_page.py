"""A page saved with its widgets, served from this machine without a kernel."""

import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NPM = ROOT / "node_modules"

# Run in the kernel: what a learner would write, with the scripts taken from this server instead of a public one.
SAVE = """
from ipywidgets.embed import embed_snippet as _snippet
print(_snippet(
    [{name}], drop_defaults=False, requirejs=False, embed_url="/npm/@jupyter-widgets/html-manager/dist/embed-amd.js"
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


class Handler(SimpleHTTPRequestHandler):
    """Files of the page's folder; what begins with /npm/ comes from node_modules."""

    def translate_path(self, path):
        path = path.split("?")[0]
        if path.startswith("/npm/"):
            return str(NPM / path.removeprefix("/npm/"))
        return super().translate_path(path)

    def log_message(self, *words):
        """Says nothing: the tests listen to the browser."""


@contextmanager
def served(folder):
    """Serves a folder; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *request: Handler(*request, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def save(notebook, name, folder):
    """Writes folder/page.html with the widget of this name in the notebook's kernel."""
    snippet = notebook.python(SAVE.format(name=name))
    (Path(folder) / "page.html").write_text(PAGE.format(snippet=snippet), encoding="utf8")
