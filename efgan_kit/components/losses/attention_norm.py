"""The attention loss, Eq. 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn


class AttentionNorm(nn.Module):
    """Keeps the attention maps sparse: the sum over the regions of each map's L2 norm.

    Source: supplement, section 1, Eq. 4.

    Args:
        reduction: `norm` is the unsquared L2 norm as written, which grows with the map's size (a flat 0.5 map of
            128x128 costs 64); `mean` is the map's mean, the same at every size (0.5).
    """

    def __init__(self, *, reduction: Literal["norm", "mean"] = "norm") -> None:
        super().__init__()
        self.reduction = reduction

    def generator(self, attention: Mapping[str, Tensor]) -> Tensor:
        """`E[sum over regions of ||A||_2]`."""
        maps = [map_.flatten(1) for map_ in attention.values()]
        sizes = [m.mean(dim=1) if self.reduction == "mean" else torch.linalg.vector_norm(m, dim=1) for m in maps]
        return torch.stack(sizes).sum(dim=0).mean()
