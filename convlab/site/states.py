"""The widgets of a run notebook as a page needs them: what all share is a file of the site, once.

A widget's script and its style sheet are among its traits, and so are its pictures. They become files named after
their content, in the folder `assets`; what is left of the state is short.
"""

import base64
import hashlib
import re
from pathlib import Path

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SHORT = 2_000  # characters of base64 that stay in the page
NOT_NEEDED = re.compile(r"_(esm|css|anywidget_id|dom_classes|view_.*|model_.*)|layout|tabbable|tooltip")


class Assets:
    """The files that pages share.

    Args:
        folder: the site's folder; they go into its folder `assets`.
    """

    def __init__(self, folder):
        self.folder = Path(folder)

    def add(self, name, content):
        """The address of a file with this content, from the site's folder.

        Args:
            name: what it begins and ends with: "conv_stepper.js".
            content: text or bytes.
        """
        content = content.encode() if isinstance(content, str) else content
        stem, ending = name.rsplit(".", 1)
        address = f"assets/{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
        file = self.folder / address
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return address


def shown_models(book):
    """The ids of the widgets that a notebook shows, in order."""
    outputs = (output for cell in book.cells for output in cell.get("outputs", ()))
    views = (output.get("data", {}).get(VIEW) for output in outputs)
    return list(dict.fromkeys(view["model_id"] for view in views if view))


def models(book, assets):
    """Id -> what the page needs to make a widget of a run notebook, for those that are shown and can live there.

    Args:
        book: a notebook run with the state of its widgets.
        assets: the `Assets`.
    """
    states = book.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    wanted = [(id, states[id]) for id in shown_models(book) if id in states]
    return {id: model(entry, assets) for id, entry in wanted if "_esm" in entry["state"]}


def model(entry, assets):
    """One widget: its kind, the addresses of its script and its style sheet, its state and its bytes.

    Args:
        entry: as a notebook's metadata has it.
        assets: the `Assets`.
    """
    state = entry["state"]
    kind = state["_anywidget_id"].split(".")[-2]
    return {
        "kind": kind,
        "script": assets.add(f"{kind}.js", state["_esm"]),
        "style": assets.add(f"{kind}.css", state["_css"]),
        "state": {name: value for name, value in state.items() if not NOT_NEEDED.fullmatch(name)},
        "bytes": [_bytes(buffer, assets) for buffer in entry.get("buffers", ())],
    }


def _bytes(buffer, assets):
    """Where in the state bytes belong, and the bytes: as text where they are few, else the address of a file."""
    if len(buffer["data"]) <= SHORT:
        return {"path": buffer["path"], "text": buffer["data"]}
    return {"path": buffer["path"], "file": assets.add("numbers.bin", base64.b64decode(buffer["data"]))}
