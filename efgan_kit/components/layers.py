"""The few layers that several components share."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


def regularised(layer: nn.Module) -> nn.Module:
    """`layer` with orthogonal initialisation and spectral normalisation, as the supplement (section 3) asks.

    Sources: Saxe et al. 2013 (arXiv:1312.6120); Miyato et al. 2018 (arXiv:1802.05957).
    """
    nn.init.orthogonal_(layer.weight)  # type: ignore[arg-type]
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return spectral_norm(layer)


def normalised(layer: nn.Module, channels: int) -> nn.Sequential:
    """`layer`, instance norm and ReLU: what follows every convolution but the last of generator and refiner."""
    return nn.Sequential(regularised(layer), nn.InstanceNorm2d(channels, affine=True), nn.ReLU(inplace=True))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, each with instance norm and ReLU, the second's after the skip (He et al. 2016)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            normalised(nn.Conv2d(channels, channels, 3, padding=1, bias=False), channels),
            regularised(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            nn.InstanceNorm2d(channels, affine=True),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(x + self.body(x))


def encoder(channels_in: int, width: int, blocks: int) -> list[nn.Module]:
    """A 7x7 convolution, two halvings and `blocks` residual blocks: `(B, C, H, W)` -> `(B, 4 width, H/4, W/4)`."""
    layers: list[nn.Module] = [normalised(nn.Conv2d(channels_in, width, 7, padding=3, bias=False), width)]
    for scale in (1, 2):
        layers.append(
            normalised(
                nn.Conv2d(scale * width, 2 * scale * width, 4, stride=2, padding=1, bias=False), 2 * scale * width
            )
        )
    return layers + [ResidualBlock(4 * width) for _ in range(blocks)]


def decoder(width: int, upsampling: str) -> list[nn.Module]:
    """Two doublings: `(B, 4 width, H/4, W/4)` -> `(B, width, H, W)`.

    Args:
        upsampling: `transposed` convolutions as in the GANimation family, or `bilinear` upsampling followed by a
            3x3 convolution, which leaves no checkerboard (Odena et al. 2016).
    """
    layers: list[nn.Module] = []
    for scale in (4, 2):
        channels_in, channels = scale * width, scale * width // 2
        if upsampling == "transposed":
            layer: nn.Module = nn.ConvTranspose2d(channels_in, channels, 4, stride=2, padding=1, bias=False)
        else:
            layers.append(nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False))
            layer = nn.Conv2d(channels_in, channels, 3, padding=1, bias=False)
        layers.append(normalised(layer, channels))
    return layers


def au_planes(aus: Tensor, image: Tensor) -> Tensor:
    """AU vectors `(B, A)` as constant planes beside a picture: `(B, 3, H, W)` -> `(B, 3 + A, H, W)`."""
    planes = aus[:, :, None, None].expand(-1, -1, *image.shape[-2:])
    return torch.cat([image, planes.to(image.dtype)], dim=1)
