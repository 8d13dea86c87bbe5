"""The paper's Expression Transformer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, Literal

from torch import Tensor, nn

from efgan_kit.api import Edit, Region
from efgan_kit.components.au_planes import Conditioned
from efgan_kit.components.bounds import at_least
from efgan_kit.components.few_maps import drawn_together
from efgan_kit.components.layers import Initialisation, initialised, regularised, trunk


class AttentionResNet(nn.Module):
    """A residual network that draws a colour map and an attention map from a picture and its target AUs.

    Source: supplement, section 2, whose text leaves the layout to Fig. 1a; this one (7x7 convolution, two halvings,
    residual blocks, two doublings, two 7x7 heads) is GANimation's (Pumarola et al., ECCV 2018), which the paper builds
    on. The output is `attention * colour + (1 - attention) * input`.

    Args:
        width: Channels after the first convolution; 64 as in GANimation.
        blocks: Residual blocks at a quarter of the resolution; 6 as in GANimation.
        upsampling: `transposed` convolutions as in GANimation, or `bilinear` and a convolution.
        attention_bias: Where the attention map starts, before the sigmoid; 0 starts half open.
        spectral_norm: Whether convolutions but the heads are spectrally normalised: as published; not in GANimation.
        initialisation: How convolutions but the heads begin: `orthogonal` as published, `normal` (deviation 0.02) as in
            GANimation, or `uniform` as torch draws them. The heads begin normal.
        rectified_skips: Whether each residual block's sum is rectified: as published; not in GANimation.
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
        attention_bias: float = 0.0,
        spectral_norm: bool = True,
        initialisation: Initialisation = "orthogonal",
        rectified_skips: bool = True,
    ) -> None:
        super().__init__()
        if region.height % 4 or region.width % 4:
            raise ValueError(f"region {region.name} is {region.height}x{region.width}: both must be multiples of 4")
        at_least(1, width=width)
        at_least(0, blocks=blocks)
        finish = partial(regularised, spectral_norm=spectral_norm, initialisation=initialisation)
        self.trunk = trunk(3, width, blocks, upsampling, finish, aus=aus, rectified=rectified_skips)
        self.colour = nn.Conv2d(width, 3, 7, padding=3)
        self.attention = nn.Conv2d(width, 1, 7, padding=3)
        for head in (self.colour, self.attention):
            initialised(head, "normal")
        nn.init.constant_(self.attention.bias, attention_bias)  # type: ignore[arg-type]

    def forward(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit:
        """Edit `image` `(B, 3, h, w)` to `target_aus` `(B, A)`; the source's AUs are not looked at."""
        features = self.trunk(Conditioned(image, target_aus))
        colour, attention = drawn_together(features, self.colour, self.attention)
        colour, attention = colour.float().tanh(), attention.float().sigmoid()
        return Edit(attention * colour + (1 - attention) * image, attention, colour)
