"""Activations computed anew for the gradient in place of being kept."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils.checkpoint import checkpoint


def checkpointed(module: nn.Module, *inputs: Tensor) -> Any:
    """What `module` returns, at the price of a second forward instead of its activations' memory.

    Source: Chen et al. 2016 (arXiv:1604.06174). Computed weights are computed before, outside: a spectral norm that is
    estimated anew would be another one, and the gradient that of another function. Exact within `parametrize.cached()`,
    as in the trainer's phases.
    """
    for part in module.modules():
        if parametrize.is_parametrized(part):
            for name in part.parametrizations:  # type: ignore[union-attr]
                getattr(part, name)
    return checkpoint(module, *inputs, use_reentrant=False)
