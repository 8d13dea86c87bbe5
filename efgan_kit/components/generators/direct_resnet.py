"""StarGAN's generator, conditioned on AUs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from efgan_kit.api import Edit, Region
from efgan_kit.components.au_planes import Conditioned
from efgan_kit.components.bounds import at_least
from efgan_kit.components.few_maps import drawn_together
from efgan_kit.components.layers import Initialisation, output, regularised, trunk


class DirectResNet(nn.Module):
    """A residual network that redraws its whole region: the colour map is the output, its attention 1 everywhere.

    Source: StarGAN (Choi et al., CVPR 2018, arXiv:1711.09020), by its authors' code; the target AUs take the place of
    its domain labels, as planes beside the picture. The layers are `attention-resnet`'s with one head instead of two.

    Args:
        width: Channels after the first convolution; 64 as published.
        blocks: Residual blocks at a quarter of the resolution; 6 as published.
        upsampling: `transposed` convolutions as published, or `bilinear` and a convolution.
        spectral_norm: Whether convolutions but the last are spectrally normalised; not so in StarGAN.
        initialisation: How convolutions begin: `uniform` as torch draws them, as in StarGAN; `normal` (deviation 0.02);
            or `orthogonal` but for the last.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "blocks": 1}

    def __init__(
        self,
        region: Region,
        aus: int,
        *,
        width: int = 64,
        blocks: int = 6,
        upsampling: Literal["transposed", "bilinear"] = "transposed",
        spectral_norm: bool = False,
        initialisation: Initialisation = "uniform",
    ) -> None:
        super().__init__()
        if region.height % 4 or region.width % 4:
            raise ValueError(f"region {region.name} is {region.height}x{region.width}: both must be multiples of 4")
        at_least(1, width=width)
        at_least(0, blocks=blocks)
        finish = partial(regularised, spectral_norm=spectral_norm, initialisation=initialisation)
        self.trunk = trunk(3, width, blocks, upsampling, finish, aus=aus, rectified=False)
        self.output = output(nn.Conv2d(width, 3, 7, padding=3, bias=False), initialisation)

    def forward(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit:
        """Edit `image` `(B, 3, h, w)` to `target_aus` `(B, A)`; the source's AUs are not looked at."""
        (colour,) = drawn_together(self.trunk(Conditioned(image, target_aus)), self.output)
        colour = colour.float().tanh()
        return Edit(colour, torch.ones_like(colour[:, :1]), colour)
