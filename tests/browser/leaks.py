"""What stays in the page's memory when the cell of a widget is run again and again."""

import os

RUNS = 100 if os.environ.get("CONVLAB_FULL") == "1" else 8


def _alive(client):
    """After a collection of garbage: (elements of convlab in memory, listeners on window, document and body)."""

    def evaluate(expression):
        return client.send("Runtime.evaluate", {"expression": expression})["result"]["objectId"]

    client.send("HeapProfiler.collectGarbage")
    every = client.send("Runtime.queryObjects", {"prototypeObjectId": evaluate("Element.prototype")})["objects"]
    # Among the objects are prototypes, on which closest() throws.
    ours = "(node) => { try { return node.closest('.convlab'); } catch { return false; } }"
    count = f"function () {{ return this.filter({ours}).length; }}"
    asked = {"objectId": every["objectId"], "functionDeclaration": count, "returnByValue": True}
    elements = client.send("Runtime.callFunctionOn", asked)["result"]["value"]
    client.send("Runtime.releaseObject", {"objectId": every["objectId"]})
    listeners = 0
    for target in ("window", "document", "document.body"):
        found = client.send("DOMDebugger.getEventListeners", {"objectId": evaluate(target)})
        listeners += len(found["listeners"])
    return elements, listeners


def leaked(notebook, kind):
    """(elements, listeners) that stay behind from RUNS runs of the one cell."""
    client = notebook.page.context.new_cdp_session(notebook.page)
    notebook.run_widget("one", kind)
    before = _alive(client)
    for _ in range(RUNS):
        notebook.run_widget("one", kind)
    after = _alive(client)
    assert notebook.page.locator(f".jp-Notebook .convlab-{kind}").count() == 1
    return [now - then for then, now in zip(before, after, strict=True)]


def assert_nothing_leaks(notebook, kind):
    """Runs the one cell again and again; fails when a run leaves elements or listeners behind."""
    elements, listeners = leaked(notebook, kind)
    # JupyterLab lets go of a cell's last outputs late: one view may still be held, not one a run.
    of_one = notebook.widget(kind).evaluate("(root) => root.querySelectorAll('*').length + 1")
    assert elements <= of_one and listeners <= 2
