"""09.conv2d_im2col: a convolution as one matrix product: unfold, multiply, view."""

from ..lesson_06.over_channels import Conv2dOverChannels
from .column_errors import PRODUCT_ERRORS
from .wrong_products import SLIPS


def conv2d_im2col(input, weight, bias=None, stride=1, padding=0):
    """What F.conv2d computes, by one matrix product.

    Shape:
        input (N, C_in, H, W), weight (C_out, C_in, kH, kW), bias (C_out,) -> (N, C_out, H_out, W_out)

    Example:
        >>> import torch
        >>> conv2d_im2col(torch.ones(1, 3, 2, 4), torch.ones(2, 3, 1, 2), torch.tensor([0.0, 5.0])).shape
        torch.Size([1, 2, 2, 3])
    """
    import torch.nn.functional as F

    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    N, _, H, W = input.shape
    C_out, _, kH, kW = weight.shape
    columns = F.unfold(input, (kH, kW), stride=(sH, sW), padding=(pH, pW))
    product = weight.reshape(C_out, -1) @ columns
    if bias is not None:
        product = product + bias.reshape(-1, 1)
    H_out, W_out = (H + 2 * pH - kH) // sH + 1, (W + 2 * pW - kW) // sW + 1
    return product.reshape(N, C_out, H_out, W_out)


class Conv2dByProduct(Conv2dOverChannels):
    """conv2d with the columns of F.unfold."""

    id, lesson, title = "09.conv2d_im2col", "09", "A convolution by one matrix product"
    level, minutes, revision = "medium", 10, 1
    prompt = """\
Write `conv2d_im2col(input, weight, bias=None, stride=1, padding=0)`: what F.conv2d computes, by one matrix product.

`input` is a tensor of shape (N, C_in, H, W), `weight` one of shape (C_out, C_in, kH, kW), both float64; `bias` is \
None or a tensor of shape (C_out,). `stride` and `padding` are whole numbers, or pairs (rows, columns).

- F.unfold, or an im2col of your own, makes the columns: (N, C_in * kH * kW, L).
- The filters are the rows of a matrix, (C_out, C_in * kH * kW); rows @ columns is (N, C_out, L).
- Add the bias, and return it all in the shape (N, C_out, H_out, W_out), with L = H_out * W_out.

A ready-made convolution (F.conv2d and its relatives) may not be called. For example, one picture, two channels, three \
filters:

""" + Conv2dOverChannels.prompt.partition("three filters:\n\n")[2]
    stub = """\
import torch.nn.functional as F


def conv2d_im2col(input, weight, bias=None, stride=1, padding=0):
    sH, sW = (stride, stride) if isinstance(stride, int) else stride
    pH, pW = (padding, padding) if isinstance(padding, int) else padding
    N, C_in, H, W = input.shape
    C_out, _, kH, kW = weight.shape
    columns = ...
    product = ...
    return ...
"""
    reference = staticmethod(conv2d_im2col)
    slips, errors = SLIPS, PRODUCT_ERRORS
    instead = "here the product is to be your own: F.unfold makes the columns, and @ multiplies."
    faster = "One @ does all places of all pictures: weight.reshape(C_out, -1) @ columns."
    hints = (
        "F.unfold(input, (kH, kW), stride=..., padding=...) has a window in each column. Which shape must the weight "
        "have, so that weight @ columns multiplies each filter with each window?",
        "weight.reshape(C_out, -1) has a filter in each row, channel by channel, tap by tap, as a column has its "
        "window. The product is (N, C_out, L): a bias of shape (C_out, 1) fits it.",
        "columns = F.unfold(input, (kH, kW), stride=stride, padding=padding); product = weight.reshape(C_out, -1) @ "
        "columns; with a bias, product = product + bias.reshape(-1, 1); return product.reshape(N, C_out, H_out, "
        "W_out), where H_out = (H + 2 * pH - kH) // sH + 1.",
    )
