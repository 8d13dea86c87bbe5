"""Optimizers that a recipe may name."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from efgan_kit.components.bounds import at_least


def adam(
    parameters: Iterable[nn.Parameter],
    *,
    lr: float = 1e-4,
    betas: tuple[float, float] = (0.5, 0.999),
    eps: float = 1e-8,
) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2014, arXiv:1412.6980), the supplement's optimizer.

    Args:
        lr: Learning rate; 1e-4 as published.
        betas: Decay of the first and second moments; (0.5, 0.999) as published.
        eps: Added to the denominator.
    """
    return torch.optim.Adam(parameters, lr=lr, betas=betas, eps=eps, fused=True)


def muon(
    parameters: Iterable[nn.Parameter],
    *,
    lr: float = 1e-3,
    momentum: float = 0.95,
    iterations: int = 5,
    betas: tuple[float, float] = (0.9, 0.99),
) -> torch.optim.Optimizer:
    """Muon: momentum whose matrix is made orthogonal before it moves a weight; NAdamW for what is no matrix.

    A convolution's kernel is a matrix of output channels by all else. Sources: Jordan et al. 2024, *Muon: An optimizer
    for hidden layers in neural networks* (kellerjordan.github.io/posts/muon), with Nesterov's momentum; the updates'
    size after Liu et al. 2025 (arXiv:2502.16982), so that the rate means what Adam's does.

    By timm, which makes it orthogonal in bfloat16 whatever else is computed in, and leaves to NAdamW also kernels of
    one input or output channel, of fewer than four outputs, or 128 times as long as wide.

    Args:
        lr: Learning rate.
        momentum: Decay of the gradients' average.
        iterations: How many of timm's five polynomials, each for what the one before leaves, are applied. All five end
            with singular values within 0.03 of 1; three, between about 0.4 and 1.25, for three fifths of the products.
            More repeat the last one.
        betas: NAdamW's decays of first and second moments.

    Raises:
        ValueError: A number is out of its range.
    """
    at_least(1, iterations=iterations)
    for name, beta in (("the first of betas", betas[0]), ("the second of betas", betas[1])):
        if not 0 <= beta < 1:
            raise ValueError(f"{name} is {beta:g}: 0 or more and less than 1 is wanted")
    from timm.optim.muon import Muon  # seconds that whoever takes another one should not wait for

    return Muon(parameters, lr=lr, momentum=momentum, nesterov=True, ns_steps=iterations, betas=betas)
