"""What lesson 08 computes with: one input channel and one filter as lists of whole numbers, a share for each place."""

from convlab.questions.cases import counted


def taken(grad_output, input, tap, stride, padding=(0, 0)):
    """The input cells that lie under a tap, a row of places a row; 0 for padding."""
    (u, v), (sH, sW), (pH, pW) = tap, stride, padding
    H, W = len(input), len(input[0])

    def cell(r, c):
        return input[r][c] if 0 <= r < H and 0 <= c < W else 0

    places = range(len(grad_output)), range(len(grad_output[0]))
    return [[cell(i * sH + u - pH, j * sW + v - pW) for j in places[1]] for i in places[0]]


def summed(cells, numbers):
    """The sum of the products of two grids.

    Example:
        >>> summed([[1, 2]], [[3, 4]])
        11
    """
    return sum(a * b for row, other in zip(cells, numbers, strict=True) for a, b in zip(row, other, strict=True))


def weight_share(grad_output, input, tap, stride, padding=(0, 0)):
    """The gradient of one weight: the cells under its tap, each times the grad_output of that place."""
    return summed(taken(grad_output, input, tap, stride, padding), grad_output)


def readers(cell, places, kernel_size, stride, padding=(0, 0)):
    """The places that read an input cell, each with the tap under which it lies: pairs ((i, j), (u, v)).

    Example:
        >>> readers((0, 2), (1, 3), (1, 3), (1, 2))
        [((0, 0), (0, 2)), ((0, 1), (0, 0))]
    """
    r, c = cell[0] + padding[0], cell[1] + padding[1]
    every = [((i, j), (r - i * stride[0], c - j * stride[1])) for i in range(places[0]) for j in range(places[1])]
    return [(place, (u, v)) for place, (u, v) in every if 0 <= u < kernel_size[0] and 0 <= v < kernel_size[1]]


def shares(grad_output, weight, cell, stride, padding=(0, 0)):
    """What the places that read a cell send back to it, in the order of the places."""
    places, kernel_size = (len(grad_output), len(grad_output[0])), (len(weight), len(weight[0]))
    found = readers(cell, places, kernel_size, stride, padding)
    return [grad_output[i][j] * weight[u][v] for (i, j), (u, v) in found]


def input_size(places, kernel_size, stride, padding=(0, 0)):
    """Height and width of the input that the places cover exactly."""
    axes = zip(places, kernel_size, stride, padding, strict=True)
    return tuple((n - 1) * s + k - 2 * p for n, k, s, p in axes)


def total(numbers):
    """Numbers added up, as it is written.

    Example:
        >>> total([3, -2, 0])
        '3 - 2 + 0'
    """
    text = " ".join(f"{'-' if number < 0 else '+'} {abs(number)}" for number in numbers)
    return text[2:] if text.startswith("+") else "-" + text[2:]


def layer_text(kernel_size, stride=(1, 1), padding=(0, 0), bias=True):
    """The layer from 1 to 1 channel with these pairs, as it is called."""
    more = [f"kernel_size={kernel_size}"]
    more += [f"stride={stride}"] * (stride != (1, 1)) + [f"padding={padding}"] * (padding != (0, 0))
    return f"nn.Conv2d(1, 1, {', '.join(more)}{'' if bias else ', bias=False'})"


def listed(pairs):
    """Cells as they are said.

    Example:
        >>> listed([(0, 1), (1, 1)])
        '(0, 1), (1, 1)'
    """
    return ", ".join(f"({i}, {j})" for i, j in pairs)


def bracketed(number):
    """A number as it is written behind a sign.

    Example:
        >>> bracketed(3), bracketed(-3)
        ('3', '(-3)')
    """
    return f"({number})" if number < 0 else f"{number}"


def tidy(number):
    """A number with two decimals at most, whole where it is whole.

    Example:
        >>> tidy(0.1 + 0.2), tidy(-3.0)
        (0.3, -3)
    """
    number = round(number, 2)
    return int(number) if number == int(number) else number


def moves(pair):
    """A pair in words.

    Example:
        >>> moves((1, 2))
        '1 row and 2 columns'
    """
    return f"{counted(pair[0], 'row')} and {counted(pair[1], 'column')}"
