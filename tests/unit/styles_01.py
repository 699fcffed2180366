"""Lesson 01: right solutions that are written unlike the reference: exercise -> styles."""

import numpy as np
import torch

from convlab.exercises import get

TO_NCHW = get("01.to_nchw")


def by_movedim(picture):
    picture = picture if picture.dim() == 3 else picture.unsqueeze(-1)
    return picture.movedim(-1, 0)[None].to(torch.float32).div(255)


def by_two_transposes(picture):
    batch = torch.atleast_3d(picture).unsqueeze(0)
    return batch.transpose(1, 3).transpose(2, 3) / 255


def by_stacked_channels(picture):
    channels = [picture] if picture.ndim == 2 else [picture[..., c] for c in range(picture.shape[-1])]
    return torch.stack([channel.float() for channel in channels]).unsqueeze(0) / 255


def by_einsum(picture):
    picture = picture.reshape(*picture.shape[:2], -1).float() / 255
    return torch.einsum("hwc->chw", picture)[None]


def by_numpy(picture):
    array = np.asarray(picture, dtype=np.float32) / 255
    array = array[None] if array.ndim == 2 else array.transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(array)[None])


def by_loops(picture):
    H, W, *C = picture.shape
    batch = torch.zeros(1, *(C or [1]), H, W)
    for c, i, j in np.ndindex(batch.shape[1:]):
        batch[0, c, i, j] = picture[i, j, c] / 255 if C else picture[i, j] / 255
    return batch


def by_an_honest_reshape(picture):
    """A permute for all, then a reshape that moves no pixel."""
    picture = picture if picture.ndim == 3 else picture[..., None]
    return picture.permute(2, 0, 1).float().mul(1 / 255).reshape(1, -1, *picture.shape[:2])


def in_channels_last_memory(picture):
    return TO_NCHW.reference(picture).to(memory_format=torch.channels_last)


def with_a_gradient(picture):
    return TO_NCHW.reference(picture).requires_grad_()


STYLES = {
    TO_NCHW: (
        by_movedim,
        by_two_transposes,
        by_stacked_channels,
        by_einsum,
        by_numpy,
        by_loops,
        by_an_honest_reshape,
        in_channels_last_memory,
        with_a_gradient,
    )
}
