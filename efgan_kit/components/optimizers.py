"""Optimizers that a recipe may name."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


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
