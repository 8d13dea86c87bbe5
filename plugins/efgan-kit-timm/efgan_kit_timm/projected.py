"""A projected discriminator: small critics on the mixed features of a frozen backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from efgan_kit.api import Region, Verdict
from efgan_kit_timm.backbone import Backbone
from efgan_kit_timm.differentiable import differentiable_twice, without_fused_attention
from efgan_kit_timm.mixing import Mixing, RandomMixing
from efgan_kit_timm.networks import Shape


class ProjectedCritic(nn.Module):
    """A small critic on each of a frozen timm backbone's feature maps, once they are randomly mixed.

    Source: Sauer et al., *Projected GANs Converge Faster* (NeurIPS 2021): features of four scales, mixed across
    channels and scales by fixed random convolutions, and a spectrally normalised critic for each, all of which end on
    one grid. There are no norms between their convolutions, for batch norm has no place under a gradient penalty, and
    no augmentation. The score holds all critics' patches, and adversarial terms average over them.

    It was published with the hinge loss and without a penalty. The gradient penalties of `wgan-gp` and `relativistic`
    are taken through the backbone, which is differentiated twice.

    Args:
        model: timm's name for the backbone, such as `tf_efficientnet_lite0`; or `local-dir:FOLDER` with a `config.json`
            and weights, as hubs have them.
        weights: `pretrained` takes timm's own from this machine's cache, nothing is downloaded; or a .safetensors or
            .pth file with a state dict; or `random`.
        layers: Which of the backbone's feature maps, counted from 0 or from the end from -1. By default those of its
            last four sizes, as published, or four spread evenly where all are of one size.
        size: What the longer side of pictures is scaled to first, in pixels. By default they stay as they are, but for
            networks of a fixed size, which get theirs.
        mixing: `scales` as published, `channels` without the way from coarse to fine, or `none`.
        width: Channels of the finest map after mixing, and of its critic; doubled by each map that is coarser.
        most: Channels of a critic are no more than this.
        predicts_aus: Whether an AU head is built, on all mixed maps.
        spectral_norm: Whether the critics' convolutions but the last are spectrally normalised.
    """

    example: ClassVar[Mapping[str, Any]] = {
        "model": "test_efficientnet",
        "weights": "random",
        "width": 4,
        "most": 16,
        "predicts_aus": True,
    }

    def __init__(
        self,
        region: Region,
        aus: int,
        *,
        model: str,
        weights: str,
        layers: Sequence[int] | None = None,
        size: int | None = None,
        mixing: Mixing = "scales",
        width: int = 64,
        most: int = 512,
        predicts_aus: bool = False,
        spectral_norm: bool = True,
    ) -> None:
        super().__init__()
        if min(width, most) < 1:
            raise ValueError(f"width is {width} and most {most}: 1 or more is wanted")
        if layers is not None and not layers:
            raise ValueError("layers is empty: a critic needs a feature map to look at")
        self.backbone = Backbone(model, weights, region.height, region.width, layers=layers, size=size)
        differentiable_twice(self.backbone)
        shapes = self.backbone.shapes
        self.mixing = RandomMixing(shapes, width=width, mixing=mixing)
        self.grid = shapes[-1][1:]
        self.critics = nn.ModuleList(
            _critic((channels, *shape[1:]), self.grid, min(width << scale, most), spectral_norm)
            for scale, (channels, shape) in enumerate(zip(self.mixing.channels, shapes, strict=True))
        )
        self.aus = _AUHead(self.mixing.channels, self.grid, aus, min(width << 2, most)) if predicts_aus else None

    def forward(self, image: Tensor) -> Verdict:
        """Scores `(B, P)` of all critics' patches and, with the AU head, AUs `(B, A)` of pictures `(B, 3, h, w)`."""
        with without_fused_attention():
            maps = self.mixing(self.backbone(image))
        scores = [critic(one).flatten(1) for critic, one in zip(self.critics, maps, strict=True)]
        aus = self.aus(maps).float() if self.aus is not None else None
        return Verdict(torch.cat(scores, dim=1).float(), aus)


def _critic(shape: Shape, grid: tuple[int, int], width: int, spectral_norm: bool) -> nn.Sequential:
    """A map `(B, C, h, w)` to scores `(B, 1, *grid)`: halved until it is no finer than the grid."""
    channels, height, breadth = shape
    layers: list[nn.Module] = []
    while height > grid[0] or breadth > grid[1]:
        layers += [_regularised(nn.Conv2d(channels, width, 3, stride=2, padding=1), spectral_norm), nn.LeakyReLU(0.2)]
        channels, height, breadth = width, (height + 1) // 2, (breadth + 1) // 2
    layers += [_regularised(nn.Conv2d(channels, width, 3, padding=1), spectral_norm), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(width, 1, 3, padding=1, bias=False))


def _regularised(layer: nn.Module, spectral_norm: bool) -> nn.Module:
    return parametrizations.spectral_norm(layer) if spectral_norm else layer


class _AUHead(nn.Module):
    """All mixed maps, averaged to the coarsest one's grid, to AUs `(B, A)`."""

    def __init__(self, channels: Sequence[int], grid: tuple[int, int], aus: int, width: int) -> None:
        super().__init__()
        self.grid = grid
        self.body = nn.Sequential(nn.Conv2d(sum(channels), width, 1), nn.LeakyReLU(0.2), nn.Flatten())
        self.read = nn.Linear(width * grid[0] * grid[1], aus)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        together = torch.cat([F.adaptive_avg_pool2d(one, self.grid) for one in maps], dim=1)
        aus: Tensor = self.read(self.body(together))
        return aus
