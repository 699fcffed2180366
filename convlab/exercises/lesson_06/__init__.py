"""The exercises of lesson 06, a file each: conv2d over channels, grey by 1 x 1, a weight set safely, a Gabor bank."""

from .grey import GreyLayer
from .kernel_in import SetKernel
from .over_channels import Conv2dOverChannels
from .turned_waves import GaborBank

EXERCISES = (Conv2dOverChannels(), GreyLayer(), SetKernel(), GaborBank())
