"""What `python3 -m convlab test --quick` leaves out: of a test with many cases most."""

from collections import defaultdict

FEW = 4  # cases of a test are all run
KEPT = 24  # of more, every 24th is


def left_out(ids):
    """The ids that a quick run leaves out.

    Args:
        ids: pytest's node ids, in their order.

    Example:
        >>> left_out(["a.py::test_one", *(f"a.py::test_many[{n}]" for n in range(9))]) >= {"a.py::test_many[1]"}
        True
    """
    cases = defaultdict(list)
    for id in ids:
        cases[id.partition("[")[0]].append(id)
    return {id for found in cases.values() if len(found) > FEW for at, id in enumerate(found) if at % KEPT}
