"""The paper's discriminator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from torch import Tensor, nn

from efgan_kit.api import Region, Verdict
from efgan_kit.components.autocasting import own_format
from efgan_kit.components.bounds import at_least
from efgan_kit.components.layers import Initialisation, output, regularised
from efgan_kit.components.matrix_convolution import MatrixConv2d


class PatchCritic(nn.Module):
    """Strided convolutions with LeakyReLU(0.01), a patch score and, if asked, an AU head.

    Source: supplement, sections 2 and 3: 5 bottleneck layers for the face and 3 for local regions; orthogonal
    initialisation and spectral normalisation on all convolutions but the output layers. The text leaves the shape to
    Fig. 1c; this one (an input layer before them, 4x4 kernels, stride 2, channels doubled by every layer) is StarGAN's
    (Choi et al., CVPR 2018).

    Args:
        width: Channels of the input layer; each bottleneck layer doubles them. 64 as in StarGAN.
        layers: Bottleneck layers; 5 for the face and 3 for local regions as published.
        most: Channels are doubled no further than this.
        predicts_aus: Whether the AU head is built; published for the final output alone.
        slope: Of the LeakyReLU.
        spectral_norm: Whether convolutions but the output layers are spectrally normalised: as published; not in
            GANimation and StarGAN.
        initialisation: How convolutions begin: `orthogonal` but for the output layers as published, `normal` (deviation
            0.02) as in GANimation, or `uniform` as torch draws them, in StarGAN.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "layers": 3, "predicts_aus": True}

    def __init__(
        self,
        region: Region,
        aus: int,
        *,
        width: int = 64,
        layers: int = 5,
        most: int = 2048,
        predicts_aus: bool = False,
        slope: float = 0.01,
        spectral_norm: bool = True,
        initialisation: Initialisation = "orthogonal",
    ) -> None:
        super().__init__()
        at_least(1, width=width, most=most)
        at_least(0, layers=layers, slope=slope)
        height, breadth = region.height >> (layers + 1), region.width >> (layers + 1)
        if min(height, breadth) < 1:
            raise ValueError(
                f"layers is {layers}: {layers + 1} halvings leave nothing of region {region.name}, "
                f"{region.height}x{region.width} pixels"
            )
        body: list[nn.Module] = []
        channels_in, channels = 3, width
        finish = partial(regularised, spectral_norm=spectral_norm, initialisation=initialisation)
        for _ in range(layers + 1):
            body += [finish(MatrixConv2d(channels_in, channels, 4, 2, 1)), nn.LeakyReLU(slope, inplace=True)]
            channels_in, channels = channels, min(2 * channels, most)
        self.body = nn.Sequential(*body)
        self.score = output(nn.Conv2d(channels_in, 1, 3, padding=1, bias=False), initialisation)
        self.aus = None
        if predicts_aus:
            self.aus = output(nn.Conv2d(channels_in, aus, (height, breadth), bias=False), initialisation)

    def forward(self, image: Tensor) -> Verdict:
        """Scores `(B, 1, h', w')` and, with the AU head, AUs `(B, A)` of pictures `(B, 3, h, w)`."""
        features = self.body(image)
        with own_format(features):  # verdicts rounded to 8 bits would move losses by as much as all layers before them
            features = features.to(self.score.weight.dtype)
            aus = self.aus(features).flatten(1) if self.aus is not None else None
            return Verdict(self.score(features), aus)
