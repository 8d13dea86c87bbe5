"""Layers that return what torch's own do, sooner: for pictures channels last, on a CPU, without gradients."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.editing.fast.winograd import MinimalFiltering

LAST: Final = torch.channels_last
VECTOR: Final = 16
"""Output channels that are computed at once."""
LARGE_MAP, LARGE_TILE, SMALL_TILE = 16, 4, 2
"""From which size on large tiles earn the reading of their weights."""


class SameConvolution(nn.Module):
    """A 3x3 convolution with stride 1 that keeps the size, by minimal filtering."""

    def __init__(self, layer: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        self.weight, self.bias, self.dtype = layer.weight, layer.bias, dtype
        self.by_tile = nn.ModuleDict()

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        filtering = self._filtering(LARGE_TILE if min(height, width) >= LARGE_MAP else SMALL_TILE)
        y = filtering(x.permute(0, 2, 3, 1), 1, height, width).permute(0, 3, 1, 2)
        return y if self.bias is None else y + self.bias.to(y.dtype)[:, None, None]

    def _filtering(self, tile: int) -> nn.Module:
        """Made when the first picture comes: which tiles pay depends on its size."""
        if str(tile) not in self.by_tile:
            self.by_tile[str(tile)] = MinimalFiltering(self.weight, tile, self.dtype)
        return self.by_tile[str(tile)]


class FewOutputs(nn.Module):
    """A convolution to a few channels, which leave most of a vector idle: those of a block of pixels at once.

    The kernel grows by the block, less one, and moves by blocks.
    """

    def __init__(self, layer: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        weight = layer.weight.detach()
        outputs, channels, height, width = weight.shape
        self.block = block = 4 if 16 * outputs <= VECTOR else 2
        large = weight.new_zeros(outputs, block, block, channels, height + block - 1, width + block - 1)
        for a in range(block):
            for b in range(block):
                large[:, a, b, :, a : a + height, b : b + width] = weight
        kernel = (height + block - 1, width + block - 1)
        self.large = nn.Conv2d(
            channels, outputs * block**2, kernel, block, layer.padding, bias=layer.bias is not None  # type: ignore[arg-type]
        )
        self.large.weight.data = large.view(-1, channels, *kernel)
        if layer.bias is not None:
            self.large.bias.data = layer.bias.detach().repeat_interleave(block**2)  # type: ignore[union-attr]
        self.large.to(dtype=dtype, memory_format=LAST)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        more = (0, -width % self.block, 0, -height % self.block)
        x = F.pad(x, more) if any(more) else x
        return F.pixel_shuffle(self.large(x.to(self.large.weight.dtype)), self.block)[:, :, :height, :width]


class BesidePlanes(nn.Module):
    """A convolution of a picture beside constant planes, which all are one plane of ones times a number each.

    So one plane of ones does, with the planes' weights times those numbers, added up.

    Args:
        picture: How many channels are no planes.
    """

    def __init__(self, layer: nn.Conv2d, picture: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.picture, self.padding, self.dtype = picture, layer.padding, dtype
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, x: Tensor) -> Tensor:
        seen = F.pad(x[:, : self.picture], (0, 0, 0, 0, 0, 1), value=1.0)
        with torch.autocast(x.device.type, enabled=False):
            summed = torch.einsum("ba,oahw->bohw", x[:, self.picture :, 0, 0].float(), self.weight[:, self.picture :])
        return _one_by_one(
            [
                F.conv2d(
                    one.to(dtype=self.dtype, memory_format=LAST),
                    torch.cat([self.weight[:, : self.picture], plane[:, None]], dim=1).to(self.dtype),
                    None if self.bias is None else self.bias.to(self.dtype),
                    padding=self.padding,
                )
                for one, plane in zip(seen.split(1), summed, strict=True)
            ]
        )


class PictureNorm(nn.Module):
    """Instance norm that leaves pictures channels last: each is a batch of its own."""

    def __init__(self, layer: nn.InstanceNorm2d) -> None:
        super().__init__()
        self.weight, self.bias, self.eps = layer.weight, layer.bias, layer.eps

    def forward(self, x: Tensor) -> Tensor:
        return _one_by_one(
            [F.batch_norm(one, None, None, self.weight, self.bias, training=True, eps=self.eps) for one in x.split(1)]
        )


def _one_by_one(pictures: list[Tensor]) -> Tensor:
    return pictures[0] if len(pictures) == 1 else torch.cat(pictures)
