"""A refiner that corrects instead of redrawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import Region
from efgan_kit.components.bounds import at_least
from efgan_kit.components.few_maps import convolved_doubled


class ResidualRefiner(nn.Module):
    """Adds a small correction, nothing at the start of training, to the face with the local outputs pasted in.

    Redrawing the whole picture costs a bottleneck's worth of detail everywhere; this one can only spend what it earns.
    Own design.

    Args:
        width: Channels at half the resolution.
        blocks: 3x3 convolutions at half the resolution.
    """

    compiles = True
    example: ClassVar[Mapping[str, Any]] = {"width": 4}

    def __init__(self, region: Region, *, width: int = 32, blocks: int = 3) -> None:
        super().__init__()
        if region.height % 2 or region.width % 2:
            raise ValueError(f"the {region.name} is {region.height}x{region.width}: both must be even")
        at_least(1, width=width)
        at_least(0, blocks=blocks)
        layers: list[nn.Module] = [nn.Conv2d(6, width, 4, stride=2, padding=1), nn.SiLU()]
        for _ in range(blocks):
            layers += [nn.Conv2d(width, width, 3, padding=1), nn.SiLU()]
        self.trunk = nn.Sequential(*layers)
        self.output = nn.Conv2d(width + 6, 3, 3, padding=1)
        nn.init.zeros_(self.output.weight)
        nn.init.zeros_(self.output.bias)  # type: ignore[arg-type]

    def forward(self, face: Tensor, pasted: Tensor) -> Tensor:
        """The final picture `(B, 3, H, W)` in [-1, 1] from two of the same shape."""
        seen = torch.cat([face, pasted], dim=1)
        features = self.trunk(seen)
        coarse, fine = self.output.weight.split([features.shape[1], seen.shape[1]], dim=1)
        near = F.conv2d(seen.to(features.dtype), fine, self.output.bias, padding=1)
        return (pasted + convolved_doubled(features, coarse).float() + near.float()).clamp(-1, 1)
