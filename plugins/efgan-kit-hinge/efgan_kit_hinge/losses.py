"""Adversarial loss terms: what the discriminators learn, and what the generators learn from them."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class HingeLoss(nn.Module):
    """Real pictures are to score above the margin, edited ones below minus the margin; beyond it nothing is to gain.

    Source: Lim and Ye 2017, Geometric GAN (arXiv:1705.02894); with spectral normalisation, which `patch-critic` has,
    Miyato et al. 2018 (arXiv:1802.05957). Averaged over the discriminators.

    Args:
        margin: The score beyond which a picture costs a discriminator nothing; 1 as published.
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


class NonSaturatingLoss(nn.Module):
    """Cross entropy of scores taken as logits; the generators maximise `log sigmoid(D(fake))`.

    Source: Goodfellow et al. 2014 (arXiv:1406.2661), section 3. R1 bounds the discriminators' gradient on real
    pictures: Mescheder et al. 2018 (arXiv:1801.04406), Eq. 9. Averaged over the discriminators.

    Args:
        r1: The weight of R1, gamma in its paper; 0 leaves it out.
    """

    example: ClassVar[Mapping[str, Any]] = {"r1": 1.0}

    def __init__(self, *, r1: float = 0.0) -> None:
        super().__init__()
        if r1 < 0:
            raise ValueError(f"r1 is {r1}: it must be 0 or more")
        self.r1 = r1

    def generator(self, critic_fake: Mapping[str, Tensor]) -> Tensor:
        """`E[-log sigmoid(D(fake))]`."""
        return torch.stack([F.softplus(-fake).mean() for fake in critic_fake.values()]).mean()

    def discriminator(
        self,
        critic_real: Mapping[str, Tensor],
        critic_fake: Mapping[str, Tensor],
        critics: Mapping[str, nn.Module],
        real_images: Mapping[str, Tensor],
    ) -> Tensor:
        """`E[-log sigmoid(D(real))] + E[-log(1 - sigmoid(D(fake)))] + r1 / 2 E[|grad D(real)|^2]`."""
        losses = []
        for name, real in critic_real.items():
            loss = F.softplus(-real).mean() + F.softplus(critic_fake[name]).mean()
            if self.r1:
                loss = loss + self.r1 / 2 * squared_gradient(critics[name], real_images[name]).mean()
            losses.append(loss)
        return torch.stack(losses).mean()


def squared_gradient(critic: nn.Module, images: Tensor) -> Tensor:
    """The squared gradient of each picture's mean score: pictures `(B, 3, h, w)` -> `(B,)`.

    The mean, so that the size of a patch critic's map of scores does not set the size of the penalty.
    """
    images = images.detach().requires_grad_()
    total = critic(images).score.flatten(1).mean(dim=1).sum()
    (gradient,) = torch.autograd.grad(total, images, create_graph=True)
    return gradient.float().flatten(1).square().sum(dim=1)
