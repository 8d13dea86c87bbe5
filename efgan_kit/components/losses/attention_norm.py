"""The attention loss, Eq. 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn


class AttentionNorm(nn.Module):
    """Keeps the attention maps sparse: the sum over the regions of each map's L2 norm.

    Source: supplement, section 1, Eq. 4. GANimation (Pumarola et al., ECCV 2018, arXiv:1807.09251) has the same term
    against maps that copy, for its code mixes `A * input + (1 - A) * colour`: what it calls A is 1 - A here.

    Args:
        reduction: `norm` is the unsquared L2 norm as written, which grows with the map's size (a flat 0.5 map of
            128x128 costs 64); `mean` is the map's mean, the same at every size (0.5).
        of: What is kept small: what is `edited`, A itself; or what is `copied`, 1 - A, as in GANimation.
    """

    def __init__(
        self, *, reduction: Literal["norm", "mean"] = "norm", of: Literal["edited", "copied"] = "edited"
    ) -> None:
        super().__init__()
        self.reduction = reduction
        self.of = of

    def generator(self, attention: Mapping[str, Tensor]) -> Tensor:
        """`E[sum over regions of ||A||_2]`."""
        maps = [(map_ if self.of == "edited" else 1 - map_).flatten(1) for map_ in attention.values()]
        sizes = [m.mean(dim=1) if self.reduction == "mean" else torch.linalg.vector_norm(m, dim=1) for m in maps]
        return torch.stack(sizes).sum(dim=0).mean()
