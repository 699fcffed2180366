"""How many threads torch uses."""

from contextlib import contextmanager


@contextmanager
def threads(count):
    """While it is open torch computes with so many threads; afterwards with as many as before.

    With small arrays on busy cores two threads took twelve times as long as one: each waits, spinning, for the other's
    share.

    Example:
        >>> import torch
        >>> before = torch.get_num_threads()
        >>> with threads(1):
        ...     torch.get_num_threads()
        1
        >>> torch.get_num_threads() == before
        True
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def half_the_threads():
    """``threads`` for work that goes on beside a hand: the other half answers it."""
    import torch

    return threads(max(1, torch.get_num_threads() // 2))
