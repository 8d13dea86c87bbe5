"""What an AU regressor looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset, FaceSpec
from efgan_kit.components.au_regressor import AURegressor, fit, photometric
from efgan_kit.components.bounds import at_least


class AUFeatures(nn.Module):
    """The last maps of an AU regressor, averaged over the picture: `(N, 8 * width)` for four halvings.

    The network is the AU judge's, with weights of its own. Its features tell expressions apart and hardly people, as
    those of `person-net` tell people apart and hardly expressions.

    Args:
        width: Channels of the first layer.
        steps: Of fitting, each on 64 faces.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "steps": 2}

    def __init__(self, faces: FaceSpec, *, width: int = 12, steps: int = 600) -> None:
        super().__init__()
        at_least(1, width=width, steps=steps)
        self.steps = steps
        self.regressor = AURegressor(faces.size, len(faces.aus), width=width)
        self.requires_grad_(False)

    def forward(self, pictures: Tensor) -> Tensor:
        return self.regressor.body(pictures).float().mean(dim=(2, 3))

    def prepare(self, faces: FaceDataset, random: torch.Generator) -> None:
        """Fit the regressor to the AUs of `faces`."""
        device = next(self.parameters()).device
        self.regressor.requires_grad_(True)
        fit(self.regressor, faces, random, steps=self.steps, augment=photometric, device=device)
