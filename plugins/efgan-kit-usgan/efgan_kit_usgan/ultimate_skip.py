"""US-GAN's generator, told what is asked by FiLM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Literal

import torch
from torch import Tensor, nn

from efgan_kit.api import Edit, Region

CODE: Final = 64
"""Size of the embedding of the AUs that FiLM is computed from."""
DRIVE: Final = 4.0
"""A gain on the AUs before they are embedded: expressions differ by a few tenths, and larger numbers learn sooner."""


class UltimateSkip(nn.Module):
    """An encoder, residual blocks and a decoder that draw the change alone; the input skips them all and is added.

    Source: US-GAN (Akram and Khan, Multimedia Tools and Applications 2023, arXiv:2112.13002), by its authors' code.

    A 7x7 convolution, two halvings, a residual block, two doublings, a 7x7 convolution and tanh, with instance norm in
    between. US-GAN is told an expression's label, as planes beside the picture. Here AUs take the label's place, and
    scale and shift what every instance norm gives: FiLM (Perez et al., AAAI 2018). The last convolution starts at 0, so
    that training begins with a copy; US-GAN's starts as torch draws it.

    US-GAN has no attention map. The colour map is its output, clamped to [-1, 1], and the attention 1 everywhere.

    Args:
        width: Channels after the first convolution; 64 as published.
        blocks: Residual blocks at a quarter of the resolution; 1 as published.
        skip: Whether the input is added to what is drawn. Without it the picture itself is drawn: what US-GAN is
            compared with.
        reach: The largest change of a pixel, in a range that is 2 wide; 1 as published.
        conditioning: By `film`; or by `planes` of the AUs beside the picture, as published.
        conditioned_on: The AUs' `change`, which is the target's and the difference from the source's; or the
            `target` alone, as published.
        upsampling: `transposed` convolutions as published, or `nearest` neighbours and a 3x3 convolution.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4}

    def __init__(
        self,
        region: Region,
        aus: int,
        *,
        width: int = 64,
        blocks: int = 1,
        skip: bool = True,
        reach: float = 1.0,
        conditioning: Literal["film", "planes"] = "film",
        conditioned_on: Literal["change", "target"] = "change",
        upsampling: Literal["transposed", "nearest"] = "transposed",
    ) -> None:
        super().__init__()
        sides = (region.height, region.width)
        if any(side % 4 or side < 8 for side in sides):
            size = f"{region.height}x{region.width}"
            raise ValueError(f"region {region.name} is {size}: both must be multiples of 4, and 8 or more")
        if width < 1 or blocks < 0:
            raise ValueError(f"width is {width}, blocks is {blocks}: at least 1 and 0 are wanted")
        if not 0 < reach <= 2:
            raise ValueError(f"reach is {reach:g}: more than 0 and at most 2 is wanted, for pixels are in [-1, 1]")
        self.skip = skip
        self.reach = reach
        self.conditioned_on = conditioned_on
        told = aus if conditioned_on == "target" else 2 * aus
        film = conditioning == "film"
        planes, code = (0, CODE) if film else (told, 0)
        self.embed = nn.Sequential(nn.Linear(told, CODE), nn.SiLU()) if film else None
        self.encoder = nn.ModuleList(
            [
                _Layer(nn.Conv2d(3 + planes, width, 7, padding=3, bias=False), width, code),
                _Layer(_halving(width, 2 * width), 2 * width, code),
                _Layer(_halving(2 * width, 4 * width), 4 * width, code),
            ]
        )
        self.blocks = nn.ModuleList(_ResidualBlock(4 * width, code) for _ in range(blocks))
        doublings = ((4 * width, 2 * width), (2 * width, width))
        self.decoder = nn.ModuleList(
            _Layer(_doubling(*channels, upsampling), channels[1], code) for channels in doublings
        )
        self.draw = nn.Conv2d(width, 3, 7, padding=3, bias=False)
        nn.init.zeros_(self.draw.weight)

    def forward(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit:
        """Edit `image` `(B, 3, h, w)` from `source_aus` to `target_aus`, both `(B, A)`."""
        told = target_aus
        if self.conditioned_on == "change":
            told = torch.cat([target_aus, target_aus - source_aus], dim=1)
        code, x = None, image
        if self.embed is None:
            planes = told[:, :, None, None].expand(-1, -1, *image.shape[-2:])
            x = torch.cat([image, planes.to(image.dtype)], dim=1)
        else:
            code = self.embed(DRIVE * told)
        for layer in (*self.encoder, *self.blocks, *self.decoder):
            x = layer(x, code)
        drawn = self.draw(x).float().tanh()
        colour = (image + self.reach * drawn).clamp(-1, 1) if self.skip else drawn
        return Edit(colour, torch.ones_like(colour[:, :1]), colour)


class _Layer(nn.Module):
    """A layer, instance norm, FiLM by a code if it has one, and ReLU."""

    def __init__(self, layer: nn.Module, channels: int, code: int, *, rectified: bool = True) -> None:
        super().__init__()
        self.layer = layer
        self.norm = nn.InstanceNorm2d(channels, affine=not code)
        self.film = nn.Linear(code, 2 * channels) if code else None
        self.relu = nn.ReLU() if rectified else nn.Identity()

    def forward(self, x: Tensor, code: Tensor | None) -> Tensor:
        x = self.norm(self.layer(x))
        if self.film is not None:
            scale, shift = self.film(code)[:, :, None, None].chunk(2, dim=1)
            x = x * (1 + scale) + shift
        return self.relu(x)


class _ResidualBlock(nn.Module):
    """Two 3x3 convolutions; their sum with the input is not rectified."""

    def __init__(self, channels: int, code: int) -> None:
        super().__init__()

        def convolution() -> nn.Module:
            return nn.Conv2d(channels, channels, 3, padding=1, bias=False)

        self.first = _Layer(convolution(), channels, code)
        self.second = _Layer(convolution(), channels, code, rectified=False)

    def forward(self, x: Tensor, code: Tensor | None) -> Tensor:
        return x + self.second(self.first(x, code), code)


def _halving(channels_in: int, channels: int) -> nn.Module:
    return nn.Conv2d(channels_in, channels, 4, stride=2, padding=1, bias=False)


def _doubling(channels_in: int, channels: int, upsampling: str) -> nn.Module:
    if upsampling == "transposed":
        return nn.ConvTranspose2d(channels_in, channels, 4, stride=2, padding=1, bias=False)
    convolution = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), convolution)
