"""``python -m convlab.site FOLDER``: makes the saved site; ``python3 -m convlab site`` starts it."""

import sys
from functools import partial
from pathlib import Path

from .publish import Unfit, publish
from .runs import ROOT

DEFAULT = ROOT / "build" / "site"
LOOK = """To look at it:  python3 -m http.server --directory {folder}  and open http://localhost:8000
To publish it, copy the folder to any server of files."""


def main(arguments):
    """The exit status: 0 when the site was made."""
    folder = Path(arguments[0] if arguments else DEFAULT)
    try:
        publish(folder, say=partial(print, flush=True))
    except Unfit as reason:
        print(reason)
        return 1
    print(LOOK.format(folder=folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
