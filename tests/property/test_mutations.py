"""Every small wrong change of an engine is noticed by what the tests compare with torch."""

import pytest

from tests.property.against_torch import BACKWARD, COLUMNS, FORWARD
from tests.property.mutations import MUTATED, coverage, judged_mutants, table
from tests.property.mutators import changed_sources

SWAPS = ("swap stride", "swap padding", "swap dilation", "swap kernel")
EVERYWHERE = (*SWAPS, "drop stride", "drop dilation", "drop floor")
EXPECTED = {
    **{name: (*EVERYWHERE, "drop group", "drop bias") for name in FORWARD},
    **{name: (*EVERYWHERE, "drop group") for name in BACKWARD},
    **{name: EVERYWHERE for name in COLUMNS},
}
ALSO = [
    ("conv2d_fft", "drop flip"),
    ("input_gradient_gather", "drop flip"),
    ("input_gradient_scatter", "drop sum"),
    ("col2im", "drop sum"),
    ("conv2d_backward", "drop bias"),
]


@pytest.fixture(scope="module")
def judged():
    return judged_mutants()


def test_the_unchanged_copy_equals_torch(judged):
    unchanged, _ = judged
    assert unchanged == ()


def test_no_mutant_survives(judged):
    _, mutants = judged
    survivors = [mutant for mutant in mutants if not mutant.killed_by]
    assert not survivors, "\n" + table(survivors)
    assert {mutant.file for mutant in mutants} == set(MUTATED)


@pytest.mark.parametrize("name", EXPECTED)
def test_each_kind_of_change_makes_each_function_fail(judged, name):
    _, mutants = judged
    counts = coverage(mutants)
    kinds = [*EXPECTED[name], *(kind for function, kind in ALSO if function == name)]
    assert [kind for kind in kinds if not counts[name, kind]] == []


def test_the_changes_are_changes_of_the_source():
    source = '''
def places(H, W, spec):
    """A docstring."""
    (sH, sW), output = spec.stride, spec.kernel[..., ::-1]
    output += spec.bias
    if H < sH:
        raise ValueError(spec.stride)
    return output[: H_out * sH : sH, : W // sW], H * W
'''
    found = {(kind, change) for kind, _, _, change, _ in changed_sources(source)}
    assert found == {
        ("swap stride", "sH, sW -> sW, sH"),
        ("swap stride", "spec.stride -> spec.stride[::-1]"),
        ("drop stride", "spec.stride -> (1, 1)"),
        ("drop stride", "H_out * sH -> H_out"),
        ("drop flip", "spec.kernel[..., ::-1] -> spec.kernel[..., :]"),
        ("drop bias", "output += spec.bias -> pass"),
        ("drop floor", "output[:H_out * sH:sH, :W // sW] -> output[::sH, :W // sW]"),
    }
    assert all(text != source and "A docstring" in text for *_, text in changed_sources(source))
