"""The straight line, to compare the learned interpolator with."""

from __future__ import annotations

from torch import Tensor, nn


class Linear(nn.Module):
    """`clamp(y_x + r, 0, 1)`: the pseudo target y_p of Eq. 5; nothing to learn."""

    def forward(self, source_aus: Tensor, residual: Tensor) -> Tensor:
        """AUs `(B, A)` in [0, 1] from AUs and a residual of the same shape."""
        return (source_aus + residual).clamp(0, 1)
