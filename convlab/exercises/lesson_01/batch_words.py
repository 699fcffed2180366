"""The judge's sentences for a batch: what nn.Conv2d takes is asked for, a float32 tensor of four axes."""

from ..sentences import changed_input, subject, wrong_type

LETTERS = "(N, C, H, W)"


def wrong_kind(trial):
    """For a result that is no tensor; nn.Conv2d takes nothing else."""
    if trial.run["result"]["type"] != "ndarray":
        return wrong_type(trial)
    right = subject(trial, _right(trial))
    return (
        f"{right} function returned a NumPy array; expected a tensor, because nn.Conv2d takes nothing else. Wrap it, "
        "torch.from_numpy(batch), or stay with tensors from the start: permute, float and unsqueeze are theirs."
    )


def wrong_float(trial):
    """For every dtype but float32, that of a layer's weights."""
    came = trial.run["result"]["dtype"]
    if came == "float32":
        return None
    if came == "uint8":
        change = "Bytes are refused by nn.Conv2d: write .float() before you divide by 255."
    else:
        change = "nn.Conv2d multiplies with float32 weights, and converts nothing: end with .float()."
    right = subject(trial, _right(trial))
    return f"{right} result is {came}; expected float32, the dtype of a layer's weights. {change}"


def wrong_axes(trial):
    """For more or fewer than four axes."""
    came, expected = tuple(trial.run["result"]["shape"]), trial.exercise.result_shape(trial.case)
    if len(came) == len(expected):
        return None
    axes = f"{len(came)} {'axis' if len(came) == 1 else 'axes'}"
    change = (
        "unsqueeze(0) puts an axis of size 1 in front." if len(came) == 3 else "One picture is one batch of size 1."
    )
    return f"For {trial.case.label} your result has {axes}, shape {came}; expected 4, {LETTERS} = {expected}. {change}"


def wrong_sizes(trial):
    """For four axes of other sizes."""
    came, expected = tuple(trial.run["result"]["shape"]), trial.exercise.result_shape(trial.case)
    if came == expected:
        return None
    return f"For {trial.case.label} your result has the shape {came}; expected {LETTERS} = {expected}."


def _right(trial):
    return trial.yours is not None and trial.equals(trial.expected)


STAGES = (
    ("type", wrong_kind),
    ("dtype", wrong_float),
    ("rank", wrong_axes),
    ("shape", wrong_sizes),
    ("changed", changed_input),
)
