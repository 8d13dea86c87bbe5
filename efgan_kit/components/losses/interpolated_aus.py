"""The interpolation loss, Eq. 5."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from efgan_kit.components.losses.gradient_penalty import interpolation_penalty


class InterpolatedAUs(nn.Module):
    """Keeps interpolated AUs near the straight line and on the manifold of natural AUs.

    Source: supplement, section 1, Eq. 5: an unsquared L2 distance to the pseudo target y_p, and a critic D_interp
    trained with WGAN-GP ("WGAN-AP" there). As in Eq. 1 the critic is taken linearly where the paper writes log.

    Args:
        realism: The critic's weight, lambda_int; 0.1 as published.
        penalty: The weight of D_interp's gradient penalty; 10, as for the other critics.
    """

    def __init__(self, *, realism: float = 0.1, penalty: float = 10.0) -> None:
        super().__init__()
        self.realism = realism
        self.penalty = penalty

    def interpolator(self, interpolated_aus: Tensor, linear_aus: Tensor, au_judge: nn.Module) -> Tensor:
        """`E[||y_hat - y_p||_2 - realism * D_interp(y_hat)]`."""
        distance = torch.linalg.vector_norm(interpolated_aus - linear_aus, dim=1)
        return distance.mean() - self.realism * au_judge(interpolated_aus).mean()

    def discriminator(
        self, interpolated_aus: Tensor, real_aus: Tensor, au_judge: nn.Module, random: torch.Generator
    ) -> Tensor:
        """`E[D(y_hat)] - E[D(y)] + penalty * E[(||grad D|| - 1)^2]`."""
        distance = au_judge(real_aus).mean() - au_judge(interpolated_aus).mean()
        return self.penalty * interpolation_penalty(au_judge, real_aus, interpolated_aus, random) - distance
