"""A relativistic adversarial loss, for recipes that need their critics stable at a small size."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.components.losses.gradient_penalty import squared_gradient_norm


class Relativistic(nn.Module):
    """Each edited picture is to look more real than its own source: `softplus(-(D(fake) - D(real)))`.

    Source: R3GAN (Huang et al., NeurIPS 2024), after Jolicoeur-Martineau 2019 (arXiv:1807.00734): a relativistic
    pairing loss with zero-centred gradient penalties on real (R1) and on fake pictures (R2). Averaged over the
    discriminators.

    Args:
        penalty: The weight of R1 + R2.
    """

    def __init__(self, *, penalty: float = 0.2) -> None:
        super().__init__()
        self.penalty = penalty

    def generator(self, critic_fake: Mapping[str, Tensor], critic_real: Mapping[str, Tensor]) -> Tensor:
        """`E[softplus(D(real) - D(fake))]`, averaged over the discriminators."""
        return torch.stack([F.softplus(critic_real[name] - critic_fake[name]).mean() for name in critic_fake]).mean()

    def discriminator(
        self,
        critics: Mapping[str, nn.Module],
        real_images: Mapping[str, Tensor],
        fake_images: Mapping[str, Tensor],
    ) -> Tensor:
        """`E[softplus(D(fake) - D(real))] + penalty (R1 + R2)`, averaged over the discriminators."""
        losses = []
        for name, critic in critics.items():
            images = torch.cat([real_images[name], fake_images[name]]).detach().requires_grad_()
            scores = critic(images).score
            real, fake = scores.chunk(2)
            loss = F.softplus(fake - real).mean()
            if self.penalty:
                loss = loss + self.penalty * 2 * squared_gradient_norm(scores, images).mean()
            losses.append(loss)
        return torch.stack(losses).mean()
