"""What the units of every layer really see, found by trying: the judge of receptive fields.

One row or column of the input becomes NaN; a unit that turns NaN sees it. No weight and no activation can hide a
connection (0 * NaN is NaN, relu and max of NaN too), and on float64 torch's convolutions are plain matrix products.
All rows and columns are tried at once, one in each sample of a batch.
"""

import torch


def outputs(model, input):
    """The first tensor that each call of a module without children gives, in order."""
    found, handles = [], []

    def keep(module, args, output):
        found.append((output[0] if isinstance(output, tuple) else output).clone())

    for module in model.modules():
        if not list(module.children()):
            handles.append(module.register_forward_hook(keep))
    with torch.no_grad():
        model(input)
    for handle in handles:
        handle.remove()
    return found


def seen(model, size):
    """For each call and each axis: {index of a unit along that axis: the input lines it sees}, by its last two axes.

    An output without those axes (fewer than 4 dimensions) counts as one unit.
    """
    model, (height, width) = model.double().eval(), size
    input = torch.rand(height + width, 2, height, width, dtype=torch.float64)
    for line in range(height):
        input[line, :, line] = torch.nan
    for line in range(width):
        input[height + line, :, :, line] = torch.nan
    return [_lines(output, height) for output in outputs(model, input)]


def _lines(output, height):
    missing = output.isnan()
    missing = missing.any(1) if missing.ndim == 4 else missing.flatten(1).any(1)[:, None, None]
    return tuple(_by_unit(part.any(other)) for part, other in ((missing[:height], 2), (missing[height:], 1)))


def _by_unit(touched):
    """{unit: lines} of a table (line, unit)."""
    lines = {unit: column.nonzero().flatten().tolist() for unit, column in enumerate(touched.T)}
    return {unit: found for unit, found in lines.items() if found}


def largest(lines_by_unit):
    """The longest run of input lines that a unit sees."""
    return max(lines[-1] - lines[0] + 1 for lines in lines_by_unit.values())


def in_the_middle(lines_by_unit):
    """(what the middle unit sees, how far its neighbour's view is from that), first line to last."""
    middle = sorted(lines_by_unit)[len(lines_by_unit) // 2]
    lines = lines_by_unit[middle]
    neighbour = lines_by_unit.get(middle - 1)
    return lines[-1] - lines[0] + 1, abs(lines[0] - neighbour[0]) if neighbour else None
