"""One axis of a convolution: how long the window is, where it fits, which pixels it reads."""

from ..refusals import ShapeError, one_sentence, pair, size, whole


@one_sentence
def extent(kernel_size, dilation=1):
    """Length of input that one kernel axis reaches over, holes included: dilation * (kernel_size - 1) + 1.

    Args:
        kernel_size: taps along the axis.
        dilation: pixels from tap to tap.

    Example:
        >>> extent(3), extent(3, dilation=2)
        (3, 5)
    """
    return size(dilation) * (size(kernel_size) - 1) + 1


@one_sentence
def output_length(length, kernel_size, stride=1, padding=(0, 0), dilation=1):
    """Number of places where the window fits along one axis; 0 or less when it fits nowhere.

    Args:
        length: input length in pixels.
        kernel_size, dilation: as for ``extent``.
        stride: pixels from place to place.
        padding: pixels added (before, after).

    Raises:
        ShapeError: the stride is no whole number of 1 or more.

    Example:
        >>> output_length(28, kernel_size=3, stride=2, padding=(3, 3))
        16
    """
    length, (before, after) = size(length), pair(padding, "padding")
    return (length + before + after - extent(kernel_size, dilation)) // _step(stride) + 1


@one_sentence
def input_lengths(output_length, kernel_size, stride=1, padding=(0, 0), dilation=1, padding_mode="zeros"):
    """Every input length that gives this output length along one axis, as a range.

    The floor makes them ``stride`` many. The range is shorter where an input would have no pixel, or would be too
    short for its padding mode.

    Args:
        output_length: places along the axis, 1 or more.
        kernel_size, stride, padding, dilation: as for ``output_length``.
        padding_mode: "reflect" and "circular" need an input that is long enough for its frame.

    Raises:
        ShapeError: the stride or the output length is no whole number of 1 or more.

    Example:
        >>> input_lengths(3, kernel_size=3, stride=2)
        range(7, 9)
        >>> input_lengths(14, kernel_size=3, stride=2, padding=(1, 1))
        range(27, 29)
    """
    if whole(output_length, "output_length") < 1:
        raise ShapeError(f"output_length must be 1 or more; got {output_length}: a window fits at one place at least.")
    stride, padding = _step(stride), pair(padding, "padding")
    first = stride * (output_length - 1) + extent(kernel_size, dilation) - sum(padding)
    # without a frame nothing is mirrored or wrapped, and no mode asks for a longer input
    shortest = {"reflect": max(padding) + 1, "circular": max(padding)}.get(padding_mode, 1) if any(padding) else 1
    return range(max(first, shortest, 1), max(first + stride, shortest, 1))


def read_counts(length, kernel_size, stride=1, padding=(0, 0), dilation=1, padding_mode="zeros"):
    """How often each pixel of one axis is read by the taps of all places.

    Args:
        length, kernel_size, stride, padding, dilation: as for ``output_length``.
        padding_mode: in PyTorch's words; a copied pixel counts for the one it came from.

    Example:
        >>> read_counts(8, kernel_size=3, stride=2)
        (1, 1, 2, 1, 2, 1, 1, 0)
        >>> read_counts(5, kernel_size=3, padding=(1, 1))
        (2, 3, 3, 3, 2)
        >>> read_counts(5, kernel_size=3, padding=(1, 1), padding_mode="reflect")
        (2, 4, 3, 4, 2)
    """
    counts = [0] * length
    for place in range(output_length(length, kernel_size, stride, padding, dilation)):
        for tap in range(kernel_size):
            pixel = pixel_under(place * stride + tap * dilation - padding[0], length, padding_mode)
            if pixel is not None:
                counts[pixel] += 1
    return tuple(counts)


def pixel_under(at, length, padding_mode="zeros"):
    """The pixel whose value stands at this coordinate of the padded axis; None for a zero of the padding.

    Args:
        at: 0 is the input's first pixel, -1 the last of the frame before it.
        length: of the axis in pixels.
        padding_mode: in PyTorch's words.

    Example:
        >>> [pixel_under(-2, 5, mode) for mode in ("zeros", "reflect", "replicate", "circular")]
        [None, 2, 0, 3]
    """
    if 0 <= at < length:
        return at
    if padding_mode == "reflect":
        return -at if at < 0 else 2 * (length - 1) - at
    if padding_mode == "replicate":
        return 0 if at < 0 else length - 1
    return at % length if padding_mode == "circular" else None


def _step(stride):
    if whole(stride, "stride") < 1:
        torch_message = "non-positive stride is not supported"
        raise ShapeError(f"stride must be 1 or more; got {stride}: write stride=1.", torch_message)
    return stride
