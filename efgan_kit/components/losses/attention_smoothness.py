"""The total variation term of GANimation's attention loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn


class AttentionSmoothness(nn.Module):
    """Keeps the attention maps smooth: their total variation, summed over pixels and regions.

    Source: GANimation (Pumarola et al., ECCV 2018, arXiv:1807.09251), the part of its attention loss that lambda_TV
    weighs. The paper squares the differences; the authors' code takes their absolute values, the anisotropic total
    variation. The same whichever end of a map means edited.

    Args:
        differences: `squared` as the paper writes, or `absolute` as the authors' code has it.
    """

    def __init__(self, *, differences: Literal["squared", "absolute"] = "squared") -> None:
        super().__init__()
        self.differences = differences

    def generator(self, attention: Mapping[str, Tensor]) -> Tensor:
        """`E[sum over regions and pixels of (A[i+1, j] - A[i, j])^2 + (A[i, j+1] - A[i, j])^2]`."""
        steps = [map_.diff(dim=dim).flatten(1) for map_ in attention.values() for dim in (-1, -2)]
        sizes = [s.square().sum(dim=1) if self.differences == "squared" else s.abs().sum(dim=1) for s in steps]
        return torch.stack(sizes).sum(dim=0).mean()
