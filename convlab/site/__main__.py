"""``python -m convlab.site FOLDER``: makes the saved site, or with ``--slides`` before it the slides.

``python3 -m convlab site`` and ``python3 -m convlab slides`` start it.
"""

import sys
from functools import partial
from pathlib import Path

from .publish import Unfit, publish
from .runs import ROOT
from .slides import publish_slides

SITE = """To look at it:  python3 -m http.server --directory {folder}  and open http://localhost:8000
To publish it, copy the folder to any server of files."""
SLIDES = "To show them, open {folder}/index.html in a browser; no network is needed."


def main(arguments):
    """The exit status: 0 when the site, or the slides, were made."""
    make, name, look = publish, "site", SITE
    if arguments[:1] == ["--slides"]:
        make, name, look, arguments = publish_slides, "slides", SLIDES, arguments[1:]
    folder = Path(arguments[0]) if arguments else ROOT / "build" / name
    try:
        make(folder, say=partial(print, flush=True))
    except Unfit as reason:
        print(reason)
        return 1
    print(look.format(folder=folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
