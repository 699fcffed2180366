"""What lesson 10 draws: grouped layers whose channels per group differ, lists of channels in words."""

from convlab.questions.cases import drawn
from convlab.questions.lesson_03.drawing import KERNELS


def grouped(rng, groups=(2, 3, 4), shares=(1, 2, 3, 4, 5)):
    """C_in, C_out and groups: the channels of a group differ in number on both sides."""
    g = rng.choice(groups)
    a, b = rng.sample(shares, 2)
    return a * g, b * g, g


def kernel(rng, unlike=()):
    """(kH, kW), none of the numbers in `unlike` where it can be helped."""
    free = [each for each in KERNELS if not set(each) & set(unlike)]
    return rng.choice(free or KERNELS)


def size(rng, low=12, high=30, unlike=()):
    """H and W, different."""
    return drawn(lambda: rng.sample(range(low, high), 2), lambda sides: not set(sides) & set(unlike))


def layer_text(C_in, C_out, kernel_size, groups, more=""):
    """The call that makes this layer.

    Example:
        >>> layer_text(6, 4, (3, 2), 2)
        'nn.Conv2d(6, 4, kernel_size=(3, 2), groups=2)'
    """
    return f"nn.Conv2d({C_in}, {C_out}, kernel_size={tuple(kernel_size)}{more}, groups={groups})"


def channels_text(channels):
    """Channels in words.

    Example:
        >>> channels_text([4]), channels_text([0, 1, 2]), channels_text([0, 2])
        ('4', '0 to 2', '0 and 2')
    """
    first, last = channels[0], channels[-1]
    if len(channels) > 2 and channels == list(range(first, last + 1)):
        return f"{first} to {last}"
    if len(channels) == 1:
        return f"{first}"
    return f"{', '.join(map(str, channels[:-1]))} and {last}"


def named_channels(channels, noun="channel"):
    """Channels with their noun.

    Example:
        >>> named_channels([4]), named_channels([0, 1, 2])
        ('channel 4', 'channels 0 to 2')
    """
    return f"{noun}{'s' * (len(channels) > 1)} {channels_text(channels)}"


def in_a_row(channels):
    """Channels as cells of a grid of one row."""
    return [[0, channel] for channel in channels]
