"""Keeps displacements smooth."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class FlowSmoothness(nn.Module):
    """Mean squared difference between the displacements of neighbouring pixels, averaged over the regions.

    The first-order smoothness of Horn and Schunck (1981), for generators that move pixels.
    """

    def generator(self, flow: Mapping[str, Tensor], source: Tensor) -> Tensor:
        """`E[|grad flow|^2]` in squared pixels; 0 where no generator has a flow."""
        if not flow:
            return source.new_zeros(())
        costs = [f.diff(dim=-1).square().mean() + f.diff(dim=-2).square().mean() for f in flow.values()]
        return torch.stack(costs).mean()
