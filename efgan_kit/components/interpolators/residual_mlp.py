"""The learned interpolator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from efgan_kit.components.interpolators.perceptron import perceptron


class ResidualMLP(nn.Module):
    """`Interp(y_x, r) = clamp(y_x + r + M(y_x, r) - M(y_x, 0), 0, 1)` with a multilayer perceptron M.

    Source: supplement, section 1 (Eq. 5); its network is not described. Written so, it returns y_x where r = 0, and
    leaves the straight line only as far as its loss lets the critic take it.

    Args:
        width: Units of each hidden layer.
        depth: Hidden layers.
    """

    compiles = True
    example: ClassVar[Mapping[str, Any]] = {"width": 8}

    def __init__(self, aus: int, *, width: int = 128, depth: int = 2) -> None:
        super().__init__()
        # A last bias would cancel in the difference.
        self.mlp = perceptron(2 * aus, aus, width=width, depth=depth, activation=nn.SiLU, last_bias=False)

    def forward(self, source_aus: Tensor, residual: Tensor) -> Tensor:
        """AUs `(B, A)` in [0, 1] from AUs and a residual of the same shape."""
        bend = self.mlp(torch.cat([source_aus, residual], 1))
        none = self.mlp(torch.cat([source_aus, torch.zeros_like(residual)], 1))
        return (source_aus + (residual + (bend - none))).clamp(0, 1)
