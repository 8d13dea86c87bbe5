"""Convolutions with small kernels in fewer products: Winograd's minimal filtering, written as matrix products.

Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016, arXiv:1509.09308). A tile of
`m x m` outputs of an `r x r` kernel takes `(m + r - 1)^2` products a pair of channels in place of `(m r)^2`.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

POINTS: Final = (0.0, 1.0, -1.0, 0.5, -2.0)
"""Where the polynomials are evaluated, besides at infinity; unlike 2 and -2, these keep bf16 tiles of 4 near."""


class MinimalFiltering(nn.Module):
    """A convolution with stride 1 of pictures that lie channels last.

    Args:
        weight: `(K, C, r, r)`.
        tile: m, the side of the tiles of outputs.
        dtype: What the products are computed in.
    """

    transformed: Tensor
    into: Tensor
    out_of: Tensor

    def __init__(self, weight: Tensor, tile: int, dtype: torch.dtype) -> None:
        super().__init__()
        outputs, channels, kernel, _ = weight.shape
        self.tile, self.side = tile, tile + kernel - 1
        out_of, weighed, into = (torch.kron(each, each) for each in _transforms(tile, kernel))
        # Powers of two move between the factors without a rounding, so that none of them is far larger than others.
        gain, size = _power(into.norm(dim=1)), _power(weighed.norm(dim=1))
        into, weighed, out_of = into / gain[:, None], weighed / size[:, None], (out_of * (gain * size)[:, None]).T
        laid = weight.detach().permute(2, 3, 1, 0).reshape(kernel**2, -1)
        with torch.autocast(weight.device.type, enabled=False):
            transformed = (weighed.to(laid.dtype) @ laid).view(-1, channels, outputs)
        self.register_buffer("transformed", transformed.to(dtype), persistent=False)
        self.register_buffer("into", into.to(dtype), persistent=False)
        self.register_buffer("out_of", out_of.to(dtype).contiguous(), persistent=False)

    def forward(self, x: Tensor, before: int, height: int, width: int) -> Tensor:
        """Outputs `(B, height, width, K)` of `x` `(B, H, W, C)`.

        Args:
            before: Rows and columns of zeros above and to the left of `x`; as many follow it as are needed.
        """
        m, n = self.tile, self.side
        down, across = -(-height // m), -(-width // m)
        below, right = down * m + n - m - before - x.shape[1], across * m + n - m - before - x.shape[2]
        x = F.pad(x.to(self.into.dtype), (0, 0, before, right, before, below)).contiguous()
        batch, channels = x.shape[0], x.shape[3]
        picture, row, column, _ = x.stride()
        tiles = x.as_strided(
            (n, n, batch, down, across, channels), (row, column, picture, m * row, m * column, 1)
        ).reshape(n * n, -1)
        seen = (self.into @ tiles).view(n * n, -1, channels)
        made = self.out_of @ torch.bmm(seen, self.transformed).view(n * n, -1)
        y = made.view(m, m, batch, down, across, -1).permute(2, 3, 0, 4, 1, 5)
        return y.reshape(batch, down * m, across * m, -1)[:, :height, :width]


def _transforms(tile: int, kernel: int) -> tuple[Tensor, Tensor, Tensor]:
    """Matrices E, G, T of the filtering `y = E^T ((G g) * (T d))`.

    Polynomials of degrees m - 1 and r - 1 are multiplied by their values at m + r - 1 points (Toom-Cook); a filtering
    is that product transposed.
    """
    side = tile + kernel - 1
    weighed, interpolated = _values(kernel, side), torch.linalg.inv(_values(side, side)).T
    # Each row of T by its leading coefficient: what is left has a few bits, and is exact in bf16.
    leading = torch.cat([interpolated[:-1, -2], interpolated[-1:, -1]])[:, None]
    return _values(tile, side), weighed * leading, (interpolated / leading * 2**8).round() / 2**8


def _values(coefficients: int, points: int) -> Tensor:
    """`(points, coefficients)`: a polynomial's values at `POINTS` and, last, at infinity."""
    finite = torch.tensor(POINTS[: points - 1], dtype=torch.float64)
    at_infinity = torch.zeros(1, coefficients, dtype=torch.float64)
    at_infinity[0, -1] = 1
    return torch.cat([finite[:, None] ** torch.arange(coefficients), at_infinity])


def _power(sizes: Tensor) -> Tensor:
    """The powers of two nearest to `sizes`."""
    return torch.exp2(sizes.log2().round())
