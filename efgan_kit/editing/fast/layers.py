"""Layers that return what torch's own do, sooner: for pictures channels last, on a CPU, without gradients."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import Edit
from efgan_kit.components.au_planes import AUPlanesConv2d, Conditioned
from efgan_kit.components.generators.attention_resnet import AttentionResNet
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

    Args:
        layer: With stride 1, and zeros around that keep the size.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, layer: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        weight = layer.weight.detach()
        outputs, channels, height, width = weight.shape
        self.padding = (height // 2, width // 2)
        self.block = block = 4 if 16 * outputs <= VECTOR else 2
        large = weight.new_zeros(outputs, block, block, channels, height + block - 1, width + block - 1)
        for a in range(block):
            for b in range(block):
                large[:, a, b, :, a : a + height, b : b + width] = weight
        self.register_buffer("weight", large.flatten(0, 2).to(dtype, memory_format=LAST), persistent=False)
        bias = None if layer.bias is None else layer.bias.detach().repeat_interleave(block**2).to(dtype)
        self.register_buffer("bias", bias, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        more = (0, -width % self.block, 0, -height % self.block)
        x = F.pad(x, more) if any(more) else x
        blocks = F.conv2d(x.to(self.weight.dtype), self.weight, self.bias, self.block, self.padding)
        return F.pixel_shuffle(blocks, self.block)[:, :, :height, :width]


class BesidePlanes(nn.Module):
    """`AUPlanesConv2d`: all its planes are one plane of ones, times a number each.

    So one plane of ones does, with the planes' weights times those numbers, added up.
    """

    def __init__(self, layer: AUPlanesConv2d, dtype: torch.dtype) -> None:
        super().__init__()
        self.channels, self.padding, self.dtype = layer.channels, layer.padding, dtype
        self.weight, self.bias = layer.weight, layer.bias

    def forward(self, given: Conditioned) -> Tensor:
        seen = F.pad(given.image, (0, 0, 0, 0, 0, 1), value=1.0)
        of_picture, of_aus = self.weight.split([self.channels, self.weight.shape[1] - self.channels], dim=1)
        with torch.autocast(given.image.device.type, enabled=False):
            planes = (given.aus.float() @ of_aus.transpose(0, 1).flatten(1)).unflatten(1, (-1, 1, *of_aus.shape[2:]))
        return _one_by_one(
            [
                F.conv2d(
                    one.to(self.dtype, memory_format=LAST),
                    torch.cat([of_picture, plane], dim=1).to(self.dtype),
                    None if self.bias is None else self.bias.to(self.dtype),
                    padding=self.padding,
                )
                for one, plane in zip(seen.split(1), planes, strict=True)
            ]
        )


class HeadsTogether(nn.Module):
    """`AttentionResNet`, its two heads drawn as one of few outputs."""

    def __init__(self, generator: AttentionResNet, dtype: torch.dtype) -> None:
        super().__init__()
        self.trunk = generator.trunk
        heads = (generator.colour, generator.attention)
        both = nn.Conv2d(heads[0].in_channels, 4, heads[0].kernel_size, padding=heads[0].padding)  # type: ignore[arg-type]
        both.weight.data = torch.cat([head.weight.detach() for head in heads])
        both.bias.data = torch.cat([head.bias.detach() for head in heads])  # type: ignore[union-attr]
        self.heads = FewOutputs(both, dtype)

    def forward(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit:
        colour, attention = self.heads(self.trunk(Conditioned(image, target_aus))).float().split([3, 1], dim=1)
        colour, attention = colour.tanh(), attention.sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)


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
