"""The paper's refiner."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from efgan_kit.api import Region
from efgan_kit.components.bounds import at_least
from efgan_kit.components.few_maps import drawn_together
from efgan_kit.components.layers import Initialisation, output, regularised, trunk


class PasteAndRefine(nn.Module):
    """A residual network that redraws the face from the face branch's output and the pasted local outputs.

    Source: supplement, section 2, whose text leaves the layout to Fig. 1b; here it has the Expression Transformer's
    layers, without its maps. How the four outputs enter is not stated; here they are concatenated, the face's own and
    the canvas with the three pasted.

    Args:
        width: Channels after the first convolution; 64 as in the generators.
        blocks: Residual blocks at a quarter of the resolution.
        upsampling: `transposed` convolutions, or `bilinear` and a convolution.
        spectral_norm: Whether convolutions but the last are spectrally normalised, as published.
        initialisation: How convolutions begin: `orthogonal` but for the last as published, `normal` (deviation 0.02),
            or `uniform` as torch draws them.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "blocks": 1}

    def __init__(
        self,
        region: Region,
        *,
        width: int = 64,
        blocks: int = 6,
        upsampling: Literal["transposed", "bilinear"] = "transposed",
        spectral_norm: bool = True,
        initialisation: Initialisation = "orthogonal",
    ) -> None:
        super().__init__()
        if region.height % 4 or region.width % 4:
            raise ValueError(f"the {region.name} is {region.height}x{region.width}: both must be multiples of 4")
        at_least(1, width=width)
        at_least(0, blocks=blocks)
        finish = partial(regularised, spectral_norm=spectral_norm, initialisation=initialisation)
        self.trunk = trunk(6, width, blocks, upsampling, finish)
        self.output = output(nn.Conv2d(width, 3, 7, padding=3), initialisation)

    def forward(self, face: Tensor, pasted: Tensor) -> Tensor:
        """The final picture `(B, 3, H, W)` in [-1, 1] from two of the same shape."""
        (drawn,) = drawn_together(self.trunk(torch.cat([face, pasted], dim=1)), self.output)
        return drawn.float().tanh()
