"""The exercises of lesson 10, a file each: groups by hand, groups for a budget, a separable layer, a shuffle."""

from .fewest_groups import GroupsForBudget
from .group_by_group import GroupedConv
from .own_separable import Separable
from .shuffled import ChannelShuffle

EXERCISES = (GroupedConv(), GroupsForBudget(), Separable(), ChannelShuffle())
