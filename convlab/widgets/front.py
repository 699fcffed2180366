"""What a widget's page is made of: its module and its style sheet."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def front(name):
    """The module and the style sheet of a widget.

    convlab.css is common to all widgets. In each it becomes a sheet of that widget alone: a page has one sheet for each
    kind of widget on it, and the common rules of the last would else win over the own rules of all others.

    Args:
        name: the widget's file, without what follows the dot.

    Returns:
        `(path of the built JavaScript, text of the style sheet)`, for anywidget's `_esm` and `_css`.

    Example:
        >>> module, sheet = front("size_ruler")
        >>> module.name, ".convlab " in sheet
        ('size_ruler.js', False)
    """
    common, own = ((HERE / f"{sheet}.css").read_text("utf-8") for sheet in ("convlab", name))
    root = f".convlab-{name.replace('_', '-')}"
    return HERE / "built" / f"{name}.js", re.sub(r"\.convlab\b(?!-)", root, common) + own
