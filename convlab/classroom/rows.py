"""An attempt as a row of the class's table."""


def row_of(judged, user):
    """The row of this attempt.

    Args:
        judged: a `Judged`.
        user: whose it is: the name that JupyterHub says, never one that came with the attempt.

    Example:
        >>> from convlab.attempt import Attempt
        >>> from convlab.classroom.grading import Judged
        >>> row_of(Judged(Attempt("02.window", "right"), False, "right"), "ada")["user"]
        'ada'
    """
    mistakes = ",".join(judged.attempt.mistakes)
    return {
        **vars(judged.attempt),
        "mistakes": mistakes,
        "checked": judged.checked,
        "claimed": judged.claimed,
        "user": user,
    }
