"""A generator that answers to the change of AUs, and moves the face before it paints on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import Edit, Region
from efgan_kit.components.bounds import at_least


class WarpAndPaint(nn.Module):
    """A small U-Net whose colour map is the input, displaced by a flow and painted over.

    What is drawn is driven by the residual r and by `E(target AUs) - E(source AUs)` through a product without bias, so
    that no change asked gives no change made (but for the rounding of the sampling), and E's non-linearity lets
    units act together (parted lips, a dropped jaw and raised corners make one kind of mouth). The output keeps the
    paper's form, `attention * colour + (1 - attention) * input`, with `colour = warp(input, flow) + paint`.

    Own design. Displacement before painting follows Siarohin et al., *First Order Motion Model* (NeurIPS 2019); the
    drive by relative AUs Ling et al., *Toward Fine-grained Facial Expression Manipulation* (ECCV 2020).

    Args:
        width: Channels at full resolution; twice that at a half, three times at a quarter.
        blocks: Residual blocks at a quarter of the resolution.
        reach: The largest displacement, in pixels; 0 leaves the flow out.
        code: Size of the AU embedding E.
        drive: A gain on the change; larger ones learn sooner.
        attention_bias: Where the attention map starts, before the sigmoid.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4}

    def __init__(
        self,
        region: Region,
        aus: int,
        *,
        width: int = 32,
        blocks: int = 3,
        reach: float = 6.0,
        code: int = 64,
        drive: float = 4.0,
        attention_bias: float = 1.0,
    ) -> None:
        super().__init__()
        if region.height % 4 or region.width % 4:
            raise ValueError(f"region {region.name} is {region.height}x{region.width}: both must be multiples of 4")
        at_least(1, width=width, code=code)
        at_least(0, blocks=blocks, reach=reach)
        self.reach = reach
        self.drive = drive
        half, quarter = 2 * width, 3 * width
        driven = aus + code
        self.embed = nn.Sequential(nn.Linear(aus, code), nn.SiLU(), nn.Linear(code, code))
        self.at_full = _conv(3 + 2, width)
        self.at_half = _conv(width, half, stride=2)
        self.at_quarter = _conv(half, quarter, stride=2)
        self.blocks = nn.ModuleList(_DrivenBlock(quarter, driven) for _ in range(blocks))
        self.to_half = nn.Conv2d(quarter, half, 3, padding=1)
        self.up_half = _conv(half, half)
        self.drive_half = nn.Linear(driven, half)
        self.to_full = nn.Conv2d(half, width, 3, padding=1)
        self.up_full = _conv(width, width)
        self.drive_full = nn.Linear(driven, width, bias=False)
        self.mix = nn.Conv2d(width, width, 3, padding=1)
        self.draw = nn.Conv2d(width, 3 + 1 + 2, 3, padding=1, bias=False)
        self.attention_bias = nn.Parameter(torch.tensor(float(attention_bias)))
        nn.init.normal_(self.draw.weight, std=0.01)

    def forward(self, image: Tensor, source_aus: Tensor, target_aus: Tensor) -> Edit:
        """Edit `image` `(B, 3, h, w)` from `source_aus` to `target_aus`, both `(B, A)`."""
        change = self.drive * torch.cat(
            [target_aus - source_aus, self.embed(target_aus) - self.embed(source_aus)], dim=1
        )
        full = self.at_full(torch.cat([image, _position(image)], dim=1))
        half = self.at_half(full)
        x = self.at_quarter(half)
        for block in self.blocks:
            x = block(x, change)
        x = self.up_half(F.silu(_double(self.to_half(x)) + half)) * (1 + self.drive_half(change)[:, :, None, None])
        x = self.up_full(F.silu(_double(self.to_full(x)) + full))
        x = F.silu(self.mix(x)) * self.drive_full(change)[:, :, None, None]
        paint, attention, flow = self.draw(x).float().split([3, 1, 2], dim=1)
        attention = torch.sigmoid(attention + self.attention_bias)
        flow = self.reach * torch.tanh(flow)
        moved = warp(image, flow) if self.reach else image
        colour = (moved + 2 * torch.tanh(paint)).clamp(-1, 1)
        return Edit(attention * colour + (1 - attention) * image, attention, colour, flow)


class _DrivenBlock(nn.Module):
    """A residual block whose inner channels are scaled and shifted by the change of AUs (FiLM, Perez et al. 2018)."""

    def __init__(self, channels: int, driven: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.film = nn.Linear(driven, 2 * channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, change: Tensor) -> Tensor:
        scale, shift = self.film(change)[:, :, None, None].chunk(2, dim=1)
        return x + self.second(F.silu(self.first(F.silu(x)) * (1 + scale) + shift))


def _conv(channels_in: int, channels: int, stride: int = 1) -> nn.Sequential:
    kernel, padding = (4, 1) if stride == 2 else (3, 1)
    return nn.Sequential(nn.Conv2d(channels_in, channels, kernel, stride, padding), nn.SiLU())


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="nearest")


def _position(image: Tensor) -> Tensor:
    """Where each pixel lies, as two planes (x, y) in [-1, 1]: the regions are aligned, so place says much."""
    _, _, height, width = image.shape
    y = torch.linspace(-1, 1, height, device=image.device, dtype=image.dtype)
    x = torch.linspace(-1, 1, width, device=image.device, dtype=image.dtype)
    return torch.stack(torch.meshgrid(x, y, indexing="xy")).expand(image.shape[0], -1, -1, -1)


def warp(image: Tensor, flow: Tensor) -> Tensor:
    """`image` `(B, 3, h, w)` sampled at each pixel's place plus `flow` `(B, 2, h, w)` (x, y) in pixels."""
    _, _, height, width = image.shape
    extent = torch.tensor([width - 1, height - 1], device=image.device, dtype=image.dtype) / 2
    grid = _position(image).permute(0, 2, 3, 1) + flow.permute(0, 2, 3, 1) / extent
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="border", align_corners=True)
