"""Fixed random mixing of feature maps, across channels and across scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit_timm.networks import Shape

Mixing = Literal["none", "channels", "scales"]


class RandomMixing(nn.Module):
    """Mixes feature maps by convolutions that are drawn once and never learn.

    Source: Sauer et al., *Projected GANs Converge Faster* (NeurIPS 2021), section 3.2: a 1x1 convolution mixes each
    map's channels; then, from the coarsest map to the finest, a 3x3 convolution and bilinear upsampling carry each to
    the next, where it is added. All begin as He et al. 2015 have it, and no activation follows: a critic can't do away
    with what lies in deep layers.

    Args:
        shapes: Of the maps, from the finest to the coarsest.
        width: Channels of the finest map after mixing; doubled by each that is coarser.
        mixing: `none` leaves the maps as they are, `channels` mixes each by itself, `scales` carries on to the finer.
    """

    def __init__(self, shapes: Sequence[Shape], *, width: int, mixing: Mixing) -> None:
        super().__init__()
        self.mixing = mixing
        before = [channels for channels, _, _ in shapes]
        self.channels = before if mixing == "none" else [width << scale for scale in range(len(shapes))]
        pairs = zip(before, self.channels, strict=True)
        self.across_channels = nn.ModuleList(_random(here, there, 1) for here, there in pairs if mixing != "none")
        deeper = zip(self.channels[1:], self.channels[:-1], strict=True)
        self.across_scales = nn.ModuleList(_random(here, there, 3) for here, there in deeper if mixing == "scales")
        self.requires_grad_(False)

    def forward(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Maps `(B, C, h, w)` to as many, each of its own height and width."""
        if self.mixing == "none":
            return list(maps)
        mixed = [mix(one) for mix, one in zip(self.across_channels, maps, strict=True)]
        for scale in reversed(range(len(self.across_scales))):
            finer = mixed[scale]
            carried = self.across_scales[scale](mixed[scale + 1])
            carried = F.interpolate(carried, finer.shape[-2:], mode="bilinear", align_corners=False)
            mixed[scale] = finer + carried
        return mixed


def _random(channels_in: int, channels_out: int, kernel: int) -> nn.Conv2d:
    layer = nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(layer.weight, nonlinearity="linear")
    return layer
