"""Making networks differentiable twice, for gradient penalties: of some fused layers torch has no second derivative."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel


def without_fused_attention() -> AbstractContextManager[None]:
    """Within, scaled dot-product attention is computed by matrix products, which have every derivative."""
    return sdpa_kernel(SDPBackend.MATH)


def differentiable_twice(network: nn.Module) -> None:
    """Exchange the layers of a network that have no second derivative for others with the same values."""
    for parent in network.modules():
        for name, layer in parent.named_children():
            if isinstance(layer, nn.Hardsigmoid):
                setattr(parent, name, Hardsigmoid())


class Hardsigmoid(nn.Module):
    """`relu6(x + 3) / 6`, as MobileNetV3 has it (Howard et al. 2019)."""

    def forward(self, x: Tensor) -> Tensor:
        return F.relu6(x + 3) / 6
