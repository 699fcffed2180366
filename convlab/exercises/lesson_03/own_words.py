"""What 03.MyConv2d says of a wrong layer, question by question."""

import numpy as np

from .asked import Different, Handed, Output, Reached, Saved, Shape


def weight_shape(given):
    kernel = given["kernel_size"]
    return (given["out_channels"], given["in_channels"], *((kernel, kernel) if isinstance(kernel, int) else kernel))


def _shape(numbers):
    sizes = [str(int(it)) for it in numbers]
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def _handed(exercise, trial):
    C_out, C_in, kH, kW = weight_shape(trial.case.arguments)
    bias = f", and {C_out} for the bias" if trial.case.arguments.get("bias", True) else ""
    return (
        f"For {trial.case.label}: parameters() hands out {int(trial.result[0])} numbers; expected "
        f"{int(trial.expected[0])}, {C_out}*{C_in}*{kH}*{kW} for the weight{bias}."
    )


def _shaped(exercise, trial):
    name = trial.case.then.name
    came = f"has the shape {_shape(trial.result)}" if trial.result.size else "is None"
    wanted = _shape(trial.expected) if trial.expected.size else "None"
    return f"For {trial.case.label}: your {name} {came}; expected {wanted}."


def _saved(exercise, trial):
    (weight, bias, other), (right, right_bias, _) = (map(int, it) for it in (trial.result, trial.expected))
    more = f", and {other} under other names" if other else ""
    return (
        f"For {trial.case.label}: state_dict() saves {weight} numbers as weight and {bias} as bias{more}; expected "
        f"{right} and {right_bias}."
    )


def _output(exercise, trial):
    case, told = trial.case, trial.run["result"]
    where = f"For {case.label} and an input of shape {_shape(case.then.input.shape)}"
    if told["type"] != "Tensor":
        came = "nothing (None)" if told["type"] == "NoneType" else f"a {told['type']}"
        return f"{where} your forward returns {came}; expected a tensor: `return F.conv2d(...)`."
    expected = exercise.result_shape(case)
    if tuple(told["shape"]) != expected:
        return f"{where} your output has the shape {_shape(told['shape'])}; expected {_shape(expected)}."
    if trial.yours is None:
        return ""
    row, column = (int(it) for it in np.argwhere(~(abs(trial.yours - trial.expected) <= trial.tolerance))[0])
    place = (*np.unravel_index(row, expected[:-1]), column)
    came, right = trial.yours[row, column], trial.expected[row, column]
    return (
        f"{where} your output[{', '.join(str(int(it)) for it in place)}] is {came:g}; expected {right:g}, with the "
        "numbers that the check copied into your weight and bias."
    )


def _reached(exercise, trial):
    names = ("weight", "bias")[: len(trial.expected)]
    cut = [f"self.{name}" for name, came in zip(names, trial.result, strict=False) if not came]
    return f"For {trial.case.label}: no gradient of the output reaches {' and '.join(cut) or 'its Parameters'}."


def _different(exercise, trial):
    count = int(trial.result[0])
    return (
        f"For {trial.case.label}: {count} of {int(trial.expected[0])} filters differ{'s' * (count == 1)} at the start."
    )


WORDS = {
    Handed: _handed,
    Shape: _shaped,
    Saved: _saved,
    Output: _output,
    Reached: _reached,
    Different: _different,
}
