"""An AU regressor to be fitted apart from any GAN: as a frozen teacher in a loss term, or as a judge of edits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import FaceDataset
from efgan_kit.components.fitting import Augmentation, teach


class AURegressor(nn.Module):
    """Strided convolutions with batch norm that read AUs off a whole face: `(B, 3, H, W)` -> `(B, A)` in [0, 1].

    Args:
        size: Height and width H of the face.
        aus: The number A of units.
        width: Channels of the first layer; doubled by each halving up to eight times.
        halvings: Layers of stride 2.
    """

    def __init__(self, size: int, aus: int, *, width: int = 24, halvings: int = 4) -> None:
        super().__init__()
        self.body, self.channels = convolutions(width, halvings)
        # Where a wrinkle is matters as much as that it is: a coarse map is kept, not only its mean.
        side = min(4, math.ceil(size / 2**halvings))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Flatten(), nn.Linear(self.channels * side**2, aus))

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.body(image)).float().sigmoid()


def convolutions(width: int, halvings: int) -> tuple[nn.Sequential, int]:
    """Strided convolutions with batch norm, pictures to maps `(B, C, H / 2**halvings, W / 2**halvings)`, and C."""
    layers: list[nn.Module] = []
    channels_in, channels = 3, width
    for _ in range(halvings):
        layers += [
            nn.Conv2d(channels_in, channels, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
        channels_in, channels = channels, min(2 * channels, 8 * width)
    return nn.Sequential(*layers), channels_in


def fit(
    regressor: AURegressor,
    faces: FaceDataset,
    random: torch.Generator,
    *,
    steps: int = 800,
    batch_size: int = 64,
    lr: float = 2e-3,
    augment: Augmentation | None = None,
    device: torch.device | str = "cpu",
    on_step: Callable[[int], None] = lambda step: None,
) -> None:
    """Fit a regressor to the AUs of `faces` by AdamW under a one-cycle rate, and leave it frozen in eval mode.

    Args:
        random: Draws the batches, the mirroring and the augmentation; nothing else is random.
        augment: Applied to the pictures of every batch.
        on_step: Called after every step, for progress.
    """

    def loss(images: Tensor, aus: Tensor, chosen: Sequence[int]) -> Tensor:
        read = regressor(images)
        return F.mse_loss(read, aus) + 0.1 * F.l1_loss(read, aus)

    teach(
        regressor,
        faces,
        random,
        loss,
        steps=steps,
        batch_size=batch_size,
        lr=lr,
        augment=augment,
        device=device,
        on_step=on_step,
    )


def photometric(images: Tensor, random: torch.Generator) -> Tensor:
    """Pictures `(B, 3, H, W)` in [-1, 1] with random gain, colour cast, blur, noise and shift of a few pixels."""
    batch, _, height, width = images.shape

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return (low + (high - low) * torch.rand(shape, generator=random)).to(images.device)

    images = images * uniform(0.8, 1.2, batch, 1, 1, 1) + uniform(-0.15, 0.15, batch, 3, 1, 1)
    blurred = F.avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)
    share = uniform(-0.3, 1.0, batch, 1, 1, 1).clamp_min(0)
    images = images + share * (blurred - images)
    images = images + uniform(0, 0.1, batch, 1, 1, 1) * torch.randn(images.shape, generator=random).to(images.device)
    theta = torch.zeros(batch, 2, 3, device=images.device, dtype=images.dtype)
    theta[:, 0, 0] = uniform(0.95, 1.05, batch)
    theta[:, 1, 1] = uniform(0.95, 1.05, batch)
    theta[:, :, 2] = uniform(-0.04, 0.04, batch, 2)
    grid = F.affine_grid(theta, [batch, 3, height, width], align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


