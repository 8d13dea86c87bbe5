"""A frozen timm network that turns pictures into feature maps, or into one row of features each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit_timm.networks import Look, Shape, look_at, make_network
from efgan_kit_timm.weights import caveat_of, find_weights, load_network, tell_random


class Backbone(nn.Module):
    """A timm network, frozen and in eval mode for good, on pictures `(B, 3, h, w)` in [-1, 1].

    Its weights are in the state; layers that nothing asks for are not. Pictures are normalised as timm says that the
    network's were.

    Attributes:
        shapes: Of the maps that `forward` returns.
        caveat: What to know of its features where its weights are random; else empty.

    Args:
        model: timm's name for it, or `local-dir:FOLDER`.
        weights: `random`, `pretrained` from the local cache, or a file.
        height: Of the pictures, in pixels.
        width: Of the pictures, in pixels.
        layers: Which of its feature maps, counted from 0, or from the end from -1; None chooses: see `Look`.
        size: What the longer side of pictures is scaled to; None leaves them, or takes a fixed network's own size.

    Raises:
        EfganError: timm has no such network, it can't see pictures of this size, or its weights can't be found or read.
    """

    def __init__(
        self,
        model: str,
        weights: str,
        height: int,
        width: int,
        *,
        layers: Sequence[int] | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__()
        look = look_at(model, height, width, size, None if layers is None else tuple(layers))
        self.layers = look.layers
        self.shapes: list[Shape] = look.shapes
        self.network, self.caveat = make_frozen(look, weights)
        self.network.prune_intermediate_layers(self.layers, prune_norm=True, prune_head=True)
        self.see = Seeing(look)
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Backbone:
        """Stays in eval mode: running statistics and dropout are part of what it learned."""
        return super().train(False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """The chosen maps `(B, C, h', w')` of pictures `(B, 3, h, w)`."""
        maps: list[Tensor] = self.network.forward_intermediates(
            self.see(pictures), indices=self.layers, stop_early=True, output_fmt="NCHW", intermediates_only=True
        )
        return maps


class Seeing(nn.Module):
    """Pictures `(B, 3, h, w)` in [-1, 1], scaled and normalised as a network saw them when it learned."""

    scale: Tensor
    shift: Tensor

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.size = look.size
        mean, std = (torch.tensor(look.data[name]).view(3, 1, 1) for name in ("mean", "std"))
        self.register_buffer("scale", 0.5 / std)
        self.register_buffer("shift", (0.5 - mean) / std)

    def forward(self, pictures: Tensor) -> Tensor:
        if pictures.shape[-2:] != self.size:
            smaller = self.size[0] < pictures.shape[-2]
            pictures = F.interpolate(pictures, self.size, mode="bilinear", align_corners=False, antialias=smaller)
        return pictures * self.scale + self.shift


def make_frozen(look: Look, weights: str, *, head: bool = False) -> tuple[Any, str]:
    """The network that was looked at, frozen, and what to know of its weights: see `Backbone`.

    On the meta device, where recipes are checked, a file need only be there.

    Args:
        head: Whether it keeps its last layer.
    """
    path = find_weights(look.model, weights, look.config)
    meta = torch.empty(0).is_meta
    if path is None or meta:
        network = make_network(look.model, **({} if head else {"num_classes": 0}), **look.settings)
    else:
        network = load_network(look.model, path, look.config, head=head, **look.settings)
    if path is None and not meta:
        tell_random(look.model)
    return network.requires_grad_(False).eval(), caveat_of(look.model) if path is None else ""
