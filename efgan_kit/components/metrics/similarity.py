"""How alike two pictures are.

Pictures are `(B, C, H, W)` in [-1, 1]; every function gives one number a picture, `(B,)`.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

PEAK: Final = 2.0
"""The range of picture values, from -1 to 1."""
CEILING: Final = 100.0
"""The PSNR of equal pictures in dB, in place of infinity, which no mean survives."""
WINDOW: Final = 11
SIGMA: Final = 1.5
K1, K2 = 0.01, 0.03


def l1(first: Tensor, second: Tensor) -> Tensor:
    """The mean absolute difference, in [0, 2]."""
    return (first - second).abs().flatten(1).mean(dim=1)


def psnr(first: Tensor, second: Tensor) -> Tensor:
    """The peak signal-to-noise ratio in dB, at most `CEILING`."""
    squared = (first - second).square().flatten(1).mean(dim=1)
    return (10 * torch.log10(PEAK**2 / squared.clamp_min(1e-20))).clamp_max(CEILING)


def ssim(first: Tensor, second: Tensor) -> Tensor:
    """The structural similarity, in [-1, 1], the mean over colours and over the windows inside the picture.

    Source: Wang et al., *Image Quality Assessment: From Error Visibility to Structural Similarity* (2004),
    with its Gaussian window of 11x11 and sigma 1.5. Pictures with a side below 11 get a window of that side.
    """
    # Variances are differences of nearly equal numbers: single precision is too coarse, and not every device
    # has another. Luminance is compared as a ratio, which needs a scale that begins at 0.
    x, y = (first.cpu().double() + 1) / 2, (second.cpu().double() + 1) / 2
    height, width = x.shape[-2:]
    window = _gaussian(min(WINDOW, height, width), x)
    down, across = _sliding(window, height), _sliding(window, width).T

    def local_mean(picture: Tensor) -> Tensor:
        # The window is the product of a column and a row: two products of matrices, many times faster than a
        # convolution in double precision.
        return down @ picture @ across

    mean_x, mean_y = local_mean(x), local_mean(y)
    variance_x = local_mean(x * x) - mean_x.square()
    variance_y = local_mean(y * y) - mean_y.square()
    covariance = local_mean(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + K1**2) / (mean_x.square() + mean_y.square() + K1**2)
    structure = (2 * covariance + K2**2) / (variance_x + variance_y + K2**2)
    return (luminance * structure).flatten(1).mean(dim=1).float()


def _sliding(window: Tensor, length: int) -> Tensor:
    """The matrix `(length - len(window) + 1, length)` whose rows are the window, one step further in each."""
    return F.conv1d(torch.eye(length).to(window)[:, None], window[None, None])[:, 0].T


def _gaussian(length: int, like: Tensor) -> Tensor:
    position = torch.arange(length, dtype=like.dtype, device=like.device) - (length - 1) / 2
    weights = torch.exp(-position.square() / (2 * SIGMA**2))
    return weights / weights.sum()
