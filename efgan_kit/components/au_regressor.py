"""An AU regressor to be fitted apart from any GAN: as a frozen teacher in a loss term, or as a judge of edits."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import FaceDataset


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
        self.body = nn.Sequential(*layers)
        # Where a wrinkle is matters as much as that it is: a coarse map is kept, not only its mean.
        side = min(4, math.ceil(size / 2**halvings))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Flatten(), nn.Linear(channels_in * side**2, aus))

    def forward(self, image: Tensor) -> Tensor:
        return self.head(self.body(image)).float().sigmoid()


Augmentation = Callable[[Tensor, torch.Generator], Tensor]


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
    regressor.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(regressor.parameters(), lr=lr, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps, pct_start=0.2)
    for step in range(steps):
        chosen = torch.randint(len(faces), (batch_size,), generator=random).tolist()
        samples = [faces[index] for index in chosen]
        images = torch.stack([sample.image for sample in samples]).to(device).float() / 127.5 - 1
        aus = torch.stack([sample.aus for sample in samples]).to(device)
        flipped = (torch.rand(batch_size, generator=random) < 0.5).to(device)
        images = torch.where(flipped[:, None, None, None], images.flip(-1), images)
        if augment is not None:
            images = augment(images, random)
        images = images.to(memory_format=torch.channels_last)
        read = regressor(images)
        loss = F.mse_loss(read, aus) + 0.1 * F.l1_loss(read, aus)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        on_step(step + 1)
    regressor.eval().requires_grad_(False)


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


