"""The gradient norm of a critic, which the adversarial terms bound."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from efgan_kit.components.autocasting import own_format


def squared_gradient_norm(scores: Tensor, inputs: Tensor) -> Tensor:
    """Each sample's squared gradient norm of its mean score: scores `(B, ...)`, inputs `(B, ...)` -> `(B,)`.

    A patch critic's map counts as its mean, so that the size of the map does not set the size of the gradient.
    """
    total = scores.flatten(1).mean(dim=1).sum()
    with own_format(inputs):  # each product's gradient in the product's format
        (gradient,) = torch.autograd.grad(total, inputs, create_graph=True)
    return gradient.float().flatten(1).square().sum(dim=1)


def interpolation_penalty(
    score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, random: torch.Generator
) -> Tensor:
    """WGAN-GP's penalty: `E[(||grad D(u real + (1 - u) fake)|| - 1)^2]` with one u ~ U(0, 1) a sample.

    Source: Gulrajani et al. 2017 (arXiv:1704.00028), Eq. 3; the supplement's Eq. 1.
    """
    shape = (len(real),) + (1,) * (real.dim() - 1)
    u = torch.rand(shape, generator=random).to(real.device)
    between = (u * real + (1 - u) * fake).detach().requires_grad_()
    # The tiny constant keeps the square root differentiable where a gradient vanishes.
    norm = (squared_gradient_norm(score(between), between) + 1e-12).sqrt()
    return (norm - 1).square().mean()
