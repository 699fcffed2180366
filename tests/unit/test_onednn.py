"""What oneDNN says of itself is read as it stands, and what others write meanwhile is not taken for it."""

import os

import pytest
import torch
import torch.nn.functional as F

from convlab.layers.onednn import NOTHING, Steps, onednn_steps, read
from convlab.shapes import ArgumentError

# Two lines of oneDNN 3.12, and one that is not about a step.
SAID = """onednn_verbose,v1,info,oneDNN v3.12.0 (commit 80afa71)
onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx512_core,forward_training,src:f32:a:blocked:aBcd16b::f0 \
wei:f32:ap:blocked:ABcd16b16a::f0 bia:undef::undef::: dst:f32:ap:blocked:aBcd16b::f0,attr-scratchpad:user,\
alg:convolution_direct,mb1_ic16oc6_ih72oh72kh3sh1dh0ph1_iw96ow96kw5sw1dw0pw2,0.35
onednn_verbose,v1,primitive,exec,cpu,reorder,jit:uni,undef,src:f32:p:blocked:aBcd16b::f0 \
dst:f32::blocked:abcd::f0,attr-scratchpad:user,,1x6x72x96,0.03
"""


def convolve():
    """Large enough: what is small PyTorch computes by itself."""
    return F.conv2d(torch.ones(1, 16, 72, 96), torch.ones(6, 16, 3, 5))


def test_a_step_is_read_with_its_code_its_way_and_its_layouts():
    assert read(SAID) == [
        ("convolution", "jit:avx512_core", "direct", "aBcd16b", "aBcd16b"),
        ("reorder", "jit:uni", "", "aBcd16b", "abcd"),
    ]


def test_the_stored_line_says_nothing_of_the_machine():
    assert repr(Steps(read(SAID))) == repr(Steps([])) == "Table of oneDNN's steps (they differ from machine to machine)"
    assert "avx512" in Steps(read(SAID))._repr_html_() and NOTHING in Steps([])._repr_html_()


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN")
def test_a_real_convolution_tells_its_steps_and_nothing_reaches_the_screen(capfd):
    rows = onednn_steps(convolve).rows
    assert "convolution" in [row[0] for row in rows], rows
    assert "onednn" not in capfd.readouterr().out


def test_without_onednn_there_are_no_steps():
    enabled = torch.backends.mkldnn.enabled
    torch.backends.mkldnn.enabled = False
    try:
        assert onednn_steps(convolve).rows == []
    finally:
        torch.backends.mkldnn.enabled = enabled


def test_standard_output_is_as_before_even_when_the_function_fails(capfd):
    def fails():
        fails.calls += 1
        if fails.calls > 1:
            raise ValueError("the second call")

    fails.calls = 0
    with pytest.raises(ValueError, match="the second call"):
        onednn_steps(fails)
    os.write(1, b"here again")
    assert "here again" in capfd.readouterr().out


def test_something_else_than_a_function_is_told_so():
    with pytest.raises(ArgumentError, match="write lambda: layer"):
        onednn_steps(convolve())
