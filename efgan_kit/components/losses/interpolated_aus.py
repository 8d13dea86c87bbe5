"""The interpolation loss, Eq. 5."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from efgan_kit.components.losses.gradient_penalty import interpolation_penalty


class InterpolatedAUs(nn.Module):
    """Keeps interpolated AUs near the straight line and on the manifold of natural AUs.

    Source: supplement, section 1, Eq. 5: an unsquared L2 distance to the pseudo target y_p, and a critic D_interp
    trained with WGAN-GP ("WGAN-AP" there). As in Eq. 1 the critic is taken linearly where the paper writes log.

    Read literally, the equation leaves the straight line as it is: the penalty holds the critic's slope near 1, so that
    leaving the line by d costs d and gains about `realism * d`. A squared distance has no slope on the line: leaving it
    by d costs d^2 / A, which a slope of 1 repays up to `d = realism * A / 2`; that is 0.85 for 0.1 and 17 AUs.

    Args:
        realism: The critic's weight, lambda_int; 0.1 as published.
        penalty: The weight of D_interp's gradient penalty; 10, as for the other critics.
        reduction: Of the distance over the A units: `norm` is the unsquared L2 norm as written; `mean` is the mean of
            the squares, with which the critic has a say.
    """

    def __init__(
        self, *, realism: float = 0.1, penalty: float = 10.0, reduction: Literal["norm", "mean"] = "norm"
    ) -> None:
        super().__init__()
        self.realism = realism
        self.penalty = penalty
        self.reduction = reduction

    def interpolator(self, interpolated_aus: Tensor, linear_aus: Tensor, au_judge: nn.Module) -> Tensor:
        """`E[||y_hat - y_p||_2 - realism * D_interp(y_hat)]`, or `||.||_2^2 / A` in place of the norm."""
        away = interpolated_aus - linear_aus
        by_norm = self.reduction == "norm"
        distance = torch.linalg.vector_norm(away, dim=1) if by_norm else away.square().mean(dim=1)
        return distance.mean() - self.realism * au_judge(interpolated_aus).mean()

    def discriminator(
        self, interpolated_aus: Tensor, real_aus: Tensor, au_judge: nn.Module, random: torch.Generator
    ) -> Tensor:
        """`E[D(y_hat)] - E[D(y)] + penalty * E[(||grad D|| - 1)^2]`."""
        distance = au_judge(real_aus).mean() - au_judge(interpolated_aus).mean()
        return self.penalty * interpolation_penalty(au_judge, real_aus, interpolated_aus, random) - distance
