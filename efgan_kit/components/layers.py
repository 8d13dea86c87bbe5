"""The few layers that several components share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from torch import Tensor, nn

from efgan_kit.components.au_planes import AUPlanesConv2d
from efgan_kit.components.spectral_norm import spectrally_normalised

Initialisation = Literal["orthogonal", "normal", "uniform"]
"""How a convolution's weights begin."""

Layer = TypeVar("Layer", bound=nn.Module)

Finish = Callable[[nn.Module], nn.Module]
"""What a fresh convolution goes through before it is built in."""


def initialised(layer: Layer, how: Initialisation) -> Layer:
    """`layer` with weights that begin `orthogonal` or `normal`, N(0, 0.02), and biases at 0; or as torch drew it.

    Sources: Saxe et al. 2013 (arXiv:1312.6120) by the supplement (section 3); Radford et al. 2015 (arXiv:1511.06434)
    by the code of GANimation; and `torch.nn.Conv2d` by that of StarGAN: U(-k, k), k = 1 / sqrt(fan in), biases too.
    """
    if how == "uniform" or layer.weight.is_meta:  # nothing is drawn on the meta device, and trying takes long
        return layer
    if how == "orthogonal":
        nn.init.orthogonal_(layer.weight)  # type: ignore[arg-type]
    else:
        nn.init.normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def regularised(
    layer: nn.Module, *, spectral_norm: bool = True, initialisation: Initialisation = "orthogonal"
) -> nn.Module:
    """`layer` as the supplement (section 3) asks, orthogonal and spectrally normalised, or as a baseline has it."""
    layer = initialised(layer, initialisation)
    return spectrally_normalised(layer) if spectral_norm else layer


def output(layer: Layer, initialisation: Initialisation) -> Layer:
    """`layer` as an output layer, which the supplement excepts from both; a baseline's begins like all others."""
    return initialised(layer, "uniform" if initialisation == "orthogonal" else initialisation)


def normalised(layer: nn.Module, channels: int, finish: Finish = regularised) -> nn.Sequential:
    """`layer`, instance norm and ReLU: what follows every convolution but the last of generator and refiner."""
    return nn.Sequential(finish(layer), nn.InstanceNorm2d(channels, affine=True), nn.ReLU(inplace=True))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, each with instance norm and ReLU, the second's after the skip (He et al. 2016).

    Args:
        finish: What the convolutions go through.
        rectified: Whether the sum is, as the supplement (section 2) has it; GANimation's and StarGAN's are not.
    """

    def __init__(self, channels: int, finish: Finish = regularised, *, rectified: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            normalised(nn.Conv2d(channels, channels, 3, padding=1, bias=False), channels, finish),
            finish(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            nn.InstanceNorm2d(channels, affine=True),
        )
        self.relu = nn.ReLU(inplace=True) if rectified else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(x + self.body(x))


def trunk(
    channels_in: int,
    width: int,
    blocks: int,
    upsampling: str,
    finish: Finish = regularised,
    *,
    aus: int = 0,
    rectified: bool = True,
) -> nn.Sequential:
    """All but the output layers of generator and refiner: `(B, C, H, W)` -> `(B, width, H, W)`.

    Args:
        aus: How many AUs it sees the picture with; if any, it takes a `Conditioned` in place of a picture.
        blocks: Residual blocks between encoder and decoder.
        upsampling: See `decoder`.
        finish: What every convolution goes through.
        rectified: Whether the residual blocks' sums are.
    """
    return nn.Sequential(
        *encoder(channels_in, width, finish, aus),
        *(ResidualBlock(4 * width, finish, rectified=rectified) for _ in range(blocks)),
        *decoder(width, upsampling, finish),
    )


def encoder(channels_in: int, width: int, finish: Finish, aus: int = 0) -> list[nn.Module]:
    """A 7x7 convolution and two halvings: `(B, C, H, W)` -> `(B, 4 width, H/4, W/4)`."""
    first: nn.Module
    if aus:
        first = AUPlanesConv2d(channels_in, aus, width, 7, bias=False)
    else:
        first = nn.Conv2d(channels_in, width, 7, padding=3, bias=False)
    layers: list[nn.Module] = [normalised(first, width, finish)]
    for channels in (2 * width, 4 * width):
        halving = nn.Conv2d(channels // 2, channels, 4, stride=2, padding=1, bias=False)
        layers.append(normalised(halving, channels, finish))
    return layers


def decoder(width: int, upsampling: str, finish: Finish) -> list[nn.Module]:
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
        layers.append(normalised(layer, channels, finish))
    return layers
