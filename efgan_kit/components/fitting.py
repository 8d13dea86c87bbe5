"""Fitting a small network to a data set, apart from any GAN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset

WARMUP: Final = 0.2
"""The share of the steps over which the rate rises."""

Augmentation = Callable[[Tensor, torch.Generator], Tensor]
Loss = Callable[[Tensor, Tensor, Sequence[int]], Tensor]
"""Of pictures `(B, 3, H, W)`, their AUs `(B, A)` and which faces of the data set they are."""


def teach(
    module: nn.Module,
    faces: FaceDataset,
    random: torch.Generator,
    loss: Loss,
    *,
    steps: int,
    batch_size: int,
    lr: float,
    augment: Augmentation | None = None,
    device: torch.device | str = "cpu",
    on_step: Callable[[int], None] = lambda step: None,
) -> None:
    """Minimise a loss over faces drawn at random by AdamW under a one-cycle rate.

    The module is left frozen and in eval mode.

    Args:
        random: Draws the batches, the mirroring and the augmentation; nothing else is random.
        augment: Applied to the pictures of every batch.
        on_step: Called after every step, for progress.
    """
    module.train().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(module.parameters(), lr=lr, weight_decay=1e-3)
    # Torch divides by the rise's length less one step: a rise of exactly one step is made a little longer.
    rise = WARMUP if WARMUP * steps != 1 else 1.5 * WARMUP
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps, pct_start=rise)
    for step in range(steps):
        chosen = torch.randint(len(faces), (batch_size,), generator=random).tolist()
        samples = [faces[index] for index in chosen]
        images = torch.stack([sample.image for sample in samples]).to(device).float() / 127.5 - 1
        aus = torch.stack([sample.aus for sample in samples]).to(device)
        flipped = (torch.rand(batch_size, generator=random) < 0.5).to(device)
        images = torch.where(flipped[:, None, None, None], images.flip(-1), images)
        if augment is not None:
            images = augment(images, random)
        value = loss(images.to(memory_format=torch.channels_last), aus, chosen)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        schedule.step()
        on_step(step + 1)
    module.eval().requires_grad_(False)
