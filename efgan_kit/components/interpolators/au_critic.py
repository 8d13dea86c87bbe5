"""The discriminator of AU vectors, D_interp."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from efgan_kit.components.interpolators.perceptron import perceptron


class AUCritic(nn.Module):
    """A multilayer perceptron that scores how natural an AU vector is.

    Source: supplement, section 1 (Eq. 5), trained with WGAN-GP like the others; its network is not described.

    Args:
        width: Units of each hidden layer.
        depth: Hidden layers.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 8}

    def __init__(self, aus: int, *, width: int = 128, depth: int = 2) -> None:
        super().__init__()
        leaky = functools.partial(nn.LeakyReLU, 0.01)
        self.mlp = perceptron(aus, 1, width=width, depth=depth, activation=leaky)

    def forward(self, aus: Tensor) -> Tensor:
        """Scores `(B, 1)` of AU vectors `(B, A)`; higher is more natural."""
        return self.mlp(aus).float()
