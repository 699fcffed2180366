"""10.groups_for_budget: as few groups as the parameters allow, for groups cost connections."""

import numpy as np

from ..task import Case, Exercise, random_numbers
from .budget_slips import SLIPS, counted, legal
from .group_errors import BUDGET_ERRORS

NONE, ZERO = 0, -100  # among the numbers 0 stands for None, and -100 for a 0


def groups_for_budget(in_channels, out_channels, kernel_size, budget):
    """The fewest groups with which a layer has no more parameters than the budget, or None.

    Example:
        >>> groups_for_budget(4, 8, (3, 3), budget=200), groups_for_budget(4, 8, (3, 3), budget=50)
        (2, None)
    """
    kH, kW = kernel_size
    for groups in range(1, min(in_channels, out_channels) + 1):
        if in_channels % groups or out_channels % groups:
            continue
        if out_channels * (in_channels // groups) * kH * kW + out_channels <= budget:
            return groups
    return None


class Answer:
    """What came back, with a number in place of None; a case holds it as `then`."""

    takes_none = True

    def __call__(self, result):
        if result is None:
            return np.array(NONE)
        return np.array(ZERO) if type(result) in (int, bool) and result == 0 else result


class GroupsForBudget(Exercise):
    """Groups for a budget of parameters."""

    id, lesson, title = "10.groups_for_budget", "10", "Groups for a budget"
    level, minutes, revision = "medium", 10, 1
    prompt = """\
Write `groups_for_budget(in_channels, out_channels, kernel_size, budget)`: the smallest `groups` with which \
nn.Conv2d(in_channels, out_channels, kernel_size, groups=groups) can be made and has at most `budget` parameters, \
weight and bias together. Return a whole number, or None where no groups will do.

`kernel_size` is a pair (kH, kW); the others are whole numbers. No layer has to be made. For example:

""" + "\n".join(
        f"    groups_for_budget({', '.join(map(str, given))})  ->  {groups_for_budget(*given)}"
        for given in ((4, 8, (3, 5), 500), (4, 8, (3, 5), 130), (4, 8, (3, 5), 100), (6, 8, (3, 5), 300))
    )
    stub = """\
def groups_for_budget(in_channels, out_channels, kernel_size, budget):
    kH, kW = kernel_size
    for groups in range(1, in_channels + 1):
        ...
    return ...
"""
    arguments = ("in_channels", "out_channels", "kernel_size", "budget")
    reference = staticmethod(groups_for_budget)
    slips, errors = SLIPS, BUDGET_ERRORS
    form, returns, compared = "whole number", "groups", "number of groups"
    right = "Right: your groups are legal, enough, and no more than needed."
    faster = "No layer has to be made: count its parameters."
    hints = (
        "Two questions for each number of groups, beginning with 1: can such a layer be made, and how many parameters "
        "has it? The first one that passes both is the answer.",
        "groups must divide in_channels and out_channels: both % groups are 0. The weight has the shape (out_channels, "
        "in_channels // groups, kH, kW); there are out_channels biases, however many groups.",
        "for groups in range(1, in_channels + 1): go on to the next (continue) if in_channels % groups or out_channels "
        "% groups; return groups if out_channels * (in_channels // groups) * kH * kW + out_channels <= budget. Behind "
        "the loop, return None.",
    )

    def _mutant(self, function):
        return function

    def cases(self, seed):
        """Twelve layers: budgets that are met exactly, and missed by one; groups that divide one of the two alone."""
        rng = random_numbers(seed, self.id)
        k = tuple(int(it) for it in rng.permutation([2, 3, 5])[:2])
        found = [_case(4, 8, (1, 2), 80), _exact(4, 6, (1, 3), 2), _exact(4, 6, (1, 3), 2, less=1)]
        found += [_exact(8, 12, k, 4), _exact(8, 12, k, 2, less=1), _exact(9, 6, k, 3), _exact(6, 4, k, 1, less=1)]
        found += [_exact(12, 30, k, 6), _exact(30, 12, k, 3, less=1), _exact(6, 18, k, 6), _exact(10, 4, k, 2, less=1)]
        C_in, C_out = (int(rng.integers(2, 9)) * 6 for _ in range(2))
        return [*found, _case(C_in, C_out + 12 * (C_in == C_out), k, int(rng.integers(3, 12)) * 100)]

    def expected(self, case):
        right = groups_for_budget(**case.arguments)
        return np.array(float(NONE if right is None else right))

    def own_words(self, trial):
        if trial.yours is None or trial.equals(trial.expected) or trial.run["result"]["shape"]:
            return ""
        came, right = ({NONE: None, ZERO: 0}.get(int(it), f"{it:g}") for it in (trial.yours, trial.expected))
        return f"For {trial.case.label} your number of groups is {came}; expected {right}{_why(trial.case.arguments)}."


def _why(given):
    """The parameters of each legal layer, up to the first that is within the budget."""
    C_in, C_out, size, budget = given.values()
    said = []
    for groups in legal(C_in, C_out):
        said.append(f"{counted(C_in, C_out, size, groups)} with groups={groups}")
        if counted(C_in, C_out, size, groups) <= budget:
            break
    return f": {', '.join(said)}"


def _exact(in_channels, out_channels, kernel_size, groups, less=0):
    """A case whose budget is met exactly with so many groups, or missed by `less`."""
    return _case(in_channels, out_channels, kernel_size, counted(in_channels, out_channels, kernel_size, groups) - less)


def _case(in_channels, out_channels, kernel_size, budget):
    given = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": kernel_size, "budget": budget}
    label = ", ".join(f"{name}={it}" for name, it in given.items())
    legal_ones = legal(in_channels, out_channels)
    table = np.array([legal_ones, [counted(in_channels, out_channels, kernel_size, g) for g in legal_ones]], float)
    shown = {"legal groups, and their parameters (0 stands for None)": ("weight", table)}
    return Case(given, shown, label, then=Answer(), counted=True)
