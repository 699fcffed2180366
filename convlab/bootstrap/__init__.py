"""What ``python3 -m convlab`` is made of: it finds or makes the environment, and starts things in it.

Standard library only, and nothing else of convlab: it runs before anything is installed.
"""


class Stop(Exception):
    """What keeps a command from going on, as the sentence that tells the reader what to do about it."""
