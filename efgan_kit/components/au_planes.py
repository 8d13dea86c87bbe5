"""AU vectors as constant planes beside a picture, and the convolution that need not draw them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Conditioned(NamedTuple):
    """A picture and the AUs that it is to be seen with, as the first layer of a generator takes them.

    Attributes:
        image: `(B, C, H, W)`.
        aus: `(B, A)`.
    """

    image: Tensor
    aus: Tensor


class AUPlanesConv2d(nn.Conv2d):
    """A convolution of a picture with one constant plane for each AU beside it, by GANimation's conditioning.

    Source: Pumarola et al., ECCV 2018. What a kernel makes of a constant plane is the sum of those of its weights that
    lie within the picture: the same number everywhere but near the edges. So the planes, 17 of a face's 20 channels at
    full resolution, are neither drawn nor convolved. The result is that of `conv2d` on `au_planes`, up to rounding.

    Args:
        channels: Of the picture.
        aus: How many AUs.
        width: Channels that come out.
        kernel_size: Odd; the map keeps the picture's size.
    """

    def __init__(self, channels: int, aus: int, width: int, kernel_size: int, *, bias: bool = True) -> None:
        super().__init__(channels + aus, width, kernel_size, padding=kernel_size // 2, bias=bias)
        self.channels = channels

    def forward(self, given: Conditioned) -> Tensor:  # type: ignore[override]
        """`(B, C, H, W)` and `(B, A)` -> `(B, width, H, W)`."""
        weight = self.weight
        seen = functional.conv2d(given.image, weight[:, : self.channels], self.bias, padding=self.padding)
        kernels = torch.einsum("ba,nahw->bnhw", given.aus.to(weight.dtype), weight[:, self.channels :])
        rows, columns = (_within(size, self.kernel_size[0], weight) for size in seen.shape[-2:])
        return seen + torch.matmul(torch.matmul(rows, kernels), columns.mT)


def _within(size: int, kernel: int, like: Tensor) -> Tensor:
    """`(size, kernel)`: 1 where a kernel centred on this row has this row of its own inside the picture, else 0."""
    reached = torch.arange(size, device=like.device)[:, None] + torch.arange(kernel, device=like.device) - kernel // 2
    return ((reached >= 0) & (reached < size)).to(like.dtype)


def au_planes(aus: Tensor, image: Tensor) -> Tensor:
    """AU vectors `(B, A)` as constant planes beside a picture: `(B, 3, H, W)` -> `(B, 3 + A, H, W)`."""
    planes = aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
    return torch.cat([image, planes.to(image.dtype)], dim=1)
