"""The judge's sentences on a tuple of whole numbers: a list or one number in its place, too many, a fraction.

Like those of `sentences` each takes a trial, and returns None where there is nothing to say.
"""

from .sentences import no_result, number, subject

TUPLES = ("tuple", "Size")  # torch.Size is a tuple too


def not_tuple(trial):
    """For a result that is no tuple."""
    came, expected = trial.run["result"]["type"], trial.expected
    wanted = f"expected a tuple of {len(expected)} whole numbers"
    if came in TUPLES:
        return None
    if sentence := no_result(came, wanted, trial.exercise.returns):
        return sentence
    how = f"Write return {trial.exercise.returns}: the comma makes the tuple."
    if came in ("int", "float") and trial.result is not None:
        return f"Your function returned one number, {number(float(trial.result))}; {wanted}. {how}"
    right = subject(trial, trial.equals(expected))
    change = "Square brackets make a list, round ones (or the comma alone) a tuple." if came == "list" else how
    return f"{right} function returned a{'n' * (came[0] in 'aeiou')} {came}; {wanted}. {change}"


def wrong_length(trial):
    """For a tuple with more or fewer entries, or with entries that are no numbers."""
    came, wanted = trial.run["result"]["shape"], len(trial.expected)
    if came is None:
        return f"Your tuple holds something else than numbers; expected {wanted} whole numbers."
    if len(came) != 1:
        return f"Your tuple holds lists or tuples; expected {wanted} whole numbers, as in (3, 4)."
    if came[0] != wanted:
        return f"Your tuple has {came[0]} number{'s' * (came[0] != 1)}; expected {wanted}, ({trial.exercise.returns})."
    return None


def not_counted(trial):
    """For a tuple in which a fraction stands."""
    odd = next((value for value in trial.result if value != int(value)), None)
    if odd is None:
        return None
    return f"Your tuple holds {number(odd)}; expected whole numbers: places are counted. / gives fractions."
