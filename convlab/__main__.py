"""``python3 -m convlab``: opens the course, and installs it first where it is missing.

This module and ``convlab.bootstrap`` use the standard library only, because they run on a bare Python, before
anything is installed. This file can even be read by a Python that is too old, so that such a Python gets a sentence
and not a syntax error; what it imports is therefore imported inside ``main``.
"""

import sys

USAGE = """\
python3 -m convlab            open the course in JupyterLab; the first start installs it into .venv
                              (what follows goes on to JupyterLab: --no-browser, --port=9000, ...)
python3 -m convlab test       run all tests: unit, property, JavaScript, notebooks, browser
                 --quick      a sample, in under three minutes
                 --full       everything, as long as it takes
                 ...          anything else goes to pytest, which then runs alone: test -k padding
python3 -m convlab bench      measure every speed and size that is promised, beside a rival, in under ten minutes
                 --quick      from a smaller sample, in under a minute
                 --save       and write the README's figures and their picture
                 ...          one benchmark alone: bench widgets
python3 -m convlab cheatsheet [FILE.pdf]
                              write the rules of all lessons on one A4 page, to print
python3 -m convlab progress   print what you have answered so far
python3 -m convlab site       make the course as pages that need no Python (site FOLDER; build/site without it)
python3 -m convlab slides     make slides of the lessons, to show without a network (slides FOLDER; build/slides)
python3 -m convlab workshop   start a JupyterHub for a class on this machine: see workshop/guide.md

--cuda                        with any of these: install PyTorch's default build (on Linux with CUDA, several GB)
                              in place of the small CPU build
"""
OLDEST = (3, 11)
WORDS = ("bench", "cheatsheet", "progress", "site", "slides", "test", "workshop")


def main(arguments):
    """The exit status: 0 when all went well."""
    if sys.version_info[:2] < OLDEST:
        here = f"{sys.version_info[0]}.{sys.version_info[1]} ({sys.executable})"
        print(f"convlab needs Python 3.11 or later, and this is {here}: start it so: python3.12 -m convlab")
        return 1
    from convlab.bootstrap import Stop, commands

    try:
        return commands.run(arguments, USAGE, WORDS)
    except Stop as stop:
        print(stop)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Nothing is lost: start again whenever you like.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
