"""Static pages served from a folder, and a visitor who notes what goes wrong in them."""

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Files(SimpleHTTPRequestHandler):
    """Plain files, in silence."""

    def log_message(self, *words):
        """Says nothing: the tests listen to the browser."""


@contextmanager
def served(folder, files=Files):
    """Serves a folder, by a handler that may know other files too; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(files, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Visit:
    """Static pages in one browser, and all that went wrong in them.

    Args:
        page: a Playwright page that nothing has been opened in.
        address: of the folder.
    """

    def __init__(self, page, address):
        self.page, self.address, self.problems = page, address, []
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        page.on("request", self._asked)
        page.on("response", lambda answer: answer.status >= 400 and self.problems.append(f"no {answer.url}"))

    def _asked(self, request):
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.problems.append(f"a stranger was asked: {request.url}")

    def open(self, name):
        self.page.goto(f"{self.address}/{name}.html")
