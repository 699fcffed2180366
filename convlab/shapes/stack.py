"""A stack of layers: how much input one unit sees, where, and how far its neighbour's view is."""

from ..refusals import one_sentence, pair


@one_sentence
def receptive_field(specs):
    """(size, jump) of a stack of layers, first layer first, each a pair (height, width) in input pixels.

    ``size`` is how much input one unit of the last layer sees, ``jump`` the distance in input pixels
    between two neighbouring units.

    Args:
        specs: ``Conv2dSpec`` after ``Conv2dSpec``, first layer first.

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> receptive_field([Conv2dSpec(1, 1, 3, stride=2), Conv2dSpec(1, 1, (3, 5))])
        ((7, 11), (2, 2))

    Source: A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019)
    """
    size, jump, _ = _followed(specs)
    return size, jump


@one_sentence
def receptive_window(specs, place=(0, 0)):
    """The input rows and the input columns that one unit of the last layer sees, as two ranges.

    Padding lies outside the input: rows below 0, or from H on.

    Args:
        specs: as for ``receptive_field``.
        place: row and column of the unit in the last layer's output.

    Raises:
        ShapeError: ``place`` is no pair of whole numbers.

    Example:
        >>> from convlab.shapes import Conv2dSpec
        >>> stack = [Conv2dSpec(1, 1, 3, padding=1), Conv2dSpec(1, 1, (3, 5), stride=2, padding=1)]
        >>> receptive_window(stack), receptive_window(stack, place=(1, 0))
        ((range(-2, 3), range(-2, 5)), (range(0, 5), range(-2, 5)))
    """
    starts = []
    size, jump, first = _followed(specs)
    for axis, at in enumerate(pair(place, "place")):
        starts.append(first[axis] + at * jump[axis])
    return tuple(range(start, start + length) for start, length in zip(starts, size, strict=True))


def _followed(specs):
    """(size, jump, first input pixel of the first unit), layer by layer."""
    size, jump, first = [1, 1], [1, 1], [0, 0]
    for spec in specs:
        for axis in (0, 1):
            size[axis] += (spec.extent[axis] - 1) * jump[axis]
            first[axis] -= spec.pads[axis][0] * jump[axis]
            jump[axis] *= spec.stride[axis]
    return tuple(size), tuple(jump), tuple(first)
