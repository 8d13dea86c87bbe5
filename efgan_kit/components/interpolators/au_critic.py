"""The discriminator of AU vectors, D_interp."""

from __future__ import annotations

from torch import Tensor, nn


class AUCritic(nn.Module):
    """A multilayer perceptron that scores how natural an AU vector is.

    Source: supplement, section 1 (Eq. 5), trained with WGAN-GP like the others; its network is not described.

    Args:
        width: Units of each hidden layer.
        depth: Hidden layers.
    """

    def __init__(self, aus: int, *, width: int = 128, depth: int = 2) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        units = aus
        for _ in range(depth):
            layers += [nn.Linear(units, width), nn.LeakyReLU(0.01)]
            units = width
        self.mlp = nn.Sequential(*layers, nn.Linear(units, 1))

    def forward(self, aus: Tensor) -> Tensor:
        """Scores `(B, 1)` of AU vectors `(B, A)`; higher is more natural."""
        return self.mlp(aus).float()
