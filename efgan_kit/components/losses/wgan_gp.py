"""The adversarial loss, Eq. 1."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from efgan_kit.components.losses.gradient_penalty import interpolation_penalty


class WGANGP(nn.Module):
    """Wasserstein loss with gradient penalty, summed over all discriminators with equal weight.

    Source: supplement, section 1, Eq. 1, which writes log D while naming WGAN-GP; here the critics' output is taken
    linearly and the penalty is `(norm - 1)^2`, as in Gulrajani et al. 2017 (arXiv:1704.00028).

    Args:
        penalty: The penalty's weight, lambda_gp; 10 as published.
    """

    def __init__(self, *, penalty: float = 10.0) -> None:
        super().__init__()
        self.penalty = penalty

    def generator(self, critic_fake: Mapping[str, Tensor]) -> Tensor:
        """`-sum_i E[D_i(fake)]`."""
        return -torch.stack([scores.mean() for scores in critic_fake.values()]).sum()

    def discriminator(
        self,
        critic_real: Mapping[str, Tensor],
        critic_fake: Mapping[str, Tensor],
        critics: Mapping[str, nn.Module],
        real_images: Mapping[str, Tensor],
        fake_images: Mapping[str, Tensor],
        random: torch.Generator,
    ) -> Tensor:
        """`sum_i E[D_i(fake)] - E[D_i(real)] + penalty * E[(||grad D_i|| - 1)^2]`."""
        losses = []
        for name, critic in critics.items():
            distance = critic_real[name].mean() - critic_fake[name].mean()
            score = functools.partial(_score, critic)
            penalty = interpolation_penalty(score, real_images[name], fake_images[name], random)
            losses.append(self.penalty * penalty - distance)
        return torch.stack(losses).sum()


def _score(critic: nn.Module, image: Tensor) -> Tensor:
    scores: Tensor = critic(image).score
    return scores
