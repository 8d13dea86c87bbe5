"""The hinge loss of discriminators."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Hinge(nn.Module):
    """Real pictures are to score above the margin, edited ones below minus the margin; what does so costs nothing.

    Source: Lim and Ye 2017, Geometric GAN (arXiv:1705.02894); with spectral normalisation, as `patch-critic` has it,
    Miyato et al. 2018 (arXiv:1802.05957), Eq. 16 and 17. Averaged over the discriminators.

    Args:
        margin: The score beyond which a picture costs nothing; 1 as published.
    """

    example: ClassVar[Mapping[str, Any]] = {"margin": 1.0}

    def __init__(self, *, margin: float = 1.0) -> None:
        super().__init__()
        if margin <= 0:
            raise ValueError(f"margin is {margin}: it must be above 0")
        self.margin = margin

    def generator(self, critic_fake: Mapping[str, Tensor]) -> Tensor:
        """`-E[D(fake)]`."""
        return -torch.stack([fake.mean() for fake in critic_fake.values()]).mean()

    def discriminator(self, critic_real: Mapping[str, Tensor], critic_fake: Mapping[str, Tensor]) -> Tensor:
        """`E[max(0, margin - D(real))] + E[max(0, margin + D(fake))]`."""
        losses = []
        for name, real in critic_real.items():
            fake = critic_fake[name]
            losses.append(F.relu(self.margin - real).mean() + F.relu(self.margin + fake).mean())
        return torch.stack(losses).mean()
