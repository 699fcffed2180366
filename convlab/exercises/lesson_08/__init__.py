"""The exercises of lesson 08, a file each: the three gradients, a check of gradients, a kernel that is learned."""

from .by_differences import GradCheck
from .learned_kernel import LearnKernel
from .three_gradients import Conv2dBackward

EXERCISES = (Conv2dBackward(), GradCheck(), LearnKernel())
