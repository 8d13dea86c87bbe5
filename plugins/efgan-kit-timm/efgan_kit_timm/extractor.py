"""A timm backbone as a feature extractor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceSpec, fail
from efgan_kit_timm.backbone import Backbone, Seeing, make_frozen
from efgan_kit_timm.networks import Look, look_at


class TimmFeatures(nn.Module):
    """What a timm backbone says of a picture: its pooled features, or the means of chosen maps, `(N, F)`.

    For `frechet` and `kernel-distance` (Heusel et al. 2017 took the pooled features of Inception; figures of another
    network can't be compared with published ones), for `identity` with a network that knows faces, and differentiable,
    for loss terms. Nothing is fitted. Where weights are random, evaluations say so.

    Args:
        model: timm's name for the network, such as `tf_efficientnet_lite0`, or `local-dir:FOLDER` with a `config.json`.
        weights: `pretrained` takes timm's own from this machine's cache, nothing is downloaded; or a .safetensors or
            .pth file with a state dict; or `random`.
        layers: Feature maps whose means over the picture are the features, one after the other; counted from 0 or from
            the end from -1. By default the network's pooled features.
        size: What the longer side of pictures is scaled to first, in pixels. By default they stay as they are, but for
            networks of a fixed size, which get theirs.
        head: Whether the pooled features go through the network's last layer: of networks that were trained to embed
            faces, that is the embedding.
    """

    example: ClassVar[Mapping[str, Any]] = {"model": "test_efficientnet", "weights": "random"}

    def __init__(
        self,
        faces: FaceSpec,
        *,
        model: str,
        weights: str,
        layers: Sequence[int] | None = None,
        size: int | None = None,
        head: bool = False,
    ) -> None:
        super().__init__()
        if layers is not None and (head or not layers):
            raise ValueError("layers and head: give some layers, or none, or the head alone")
        self.network: nn.Module
        if layers is None:
            self.network = _Pooled(look_at(model, faces.size, faces.size, size), weights, head)
        else:
            self.network = _Means(Backbone(model, weights, faces.size, faces.size, layers=layers, size=size))
        self.caveat = self.network.caveat

    def forward(self, pictures: Tensor) -> Tensor:
        """Features `(N, F)` of faces `(N, 3, H, W)` in [-1, 1]."""
        features: Tensor = self.network(pictures)
        return features.float()


class _Means(nn.Module):
    """The means of a backbone's maps over the picture."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.backbone = backbone
        self.caveat = backbone.caveat

    def forward(self, pictures: Tensor) -> Tensor:
        return torch.cat([one.float().mean(dim=(2, 3)) for one in self.backbone(pictures)], dim=1)


class _Pooled(nn.Module):
    """A whole network, frozen and in eval mode for good."""

    def __init__(self, look: Look, weights: str, head: bool) -> None:
        super().__init__()
        self.network, self.caveat = make_frozen(look, weights, head=head)
        self.see = Seeing(look)
        self.requires_grad_(False)
        self.eval()
        with torch.no_grad():
            row = self.network(torch.zeros(1, 3, *look.size))
        if row.dim() != 2:
            hint = "choose `layers`: the means of their maps are rows"
            raise fail(look.model, f"its pooled features are no row of numbers but {tuple(row.shape)}", hint)

    def train(self, mode: bool = True) -> _Pooled:
        return super().train(False)

    def forward(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.network(self.see(pictures))
        return features
