"""An embedding in which pictures of one person lie together, whatever their expression."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from efgan_kit.api import FaceDataset, FaceSpec, fail
from efgan_kit.components.au_regressor import convolutions, photometric
from efgan_kit.components.bounds import at_least
from efgan_kit.components.fitting import teach

BATCH = 64
LR = 3e-3
"""Of the one-cycle rate's top."""


class PersonNet(nn.Module):
    """Unit vectors `(N, F)`, taught to tell the people of the training split apart by a cosine softmax with margin.

    Source of the loss: Wang et al., *CosFace: Large Margin Cosine Loss for Deep Face Recognition* (CVPR 2018). Their
    scale of 64 and margin of 0.35 are for ten thousand people and a deep network. Their lower bound on the scale,
    (C - 1) / C log((C - 1) P / (1 - P)), is 10.6 for C = 400 people and P = 0.99; scale and margin here let a small
    network learn in seconds. Pictures are mirrored and augmented photometrically, so that neither light nor blur makes
    a person.

    It tells apart people like those that it was taught, and is no face recogniser.

    Args:
        width: Channels of the first layer.
        features: The length F of the embedding.
        steps: Of fitting, each on 64 faces.
        scale: The factor s of the cosines.
        margin: The cosine margin m.
    """

    example: ClassVar[Mapping[str, Any]] = {"width": 4, "steps": 2, "features": 8}

    def __init__(
        self,
        faces: FaceSpec,
        *,
        width: int = 12,
        features: int = 64,
        steps: int = 300,
        scale: float = 16.0,
        margin: float = 0.2,
    ) -> None:
        super().__init__()
        at_least(1, width=width, features=features, steps=steps)
        self.features, self.steps, self.scale, self.margin = features, steps, scale, margin
        halvings = max(1, round(math.log2(faces.size / 4)))
        self.body, channels = convolutions(width, halvings)
        side = min(4, math.ceil(faces.size / 2**halvings))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(side), nn.Flatten(), nn.Linear(channels * side**2, features))
        self.requires_grad_(False)

    def forward(self, pictures: Tensor) -> Tensor:
        return F.normalize(self.head(self.body(pictures)).float(), dim=1)

    def prepare(self, faces: FaceDataset, random: torch.Generator) -> None:
        """Learn to tell the people of `faces` apart.

        Raises:
            EfganError: There are fewer than two people.
        """
        numbers = {person: number for number, person in enumerate(sorted(set(faces.people)))}
        if len(numbers) < 2:
            raise fail("person-net", "the training faces are of one person: there is nobody to tell apart")
        device = next(self.parameters()).device
        people = torch.tensor([numbers[person] for person in faces.people], device=device)
        classes = nn.Parameter(torch.randn(len(numbers), self.features, generator=random).to(device))

        def loss(images: Tensor, aus: Tensor, chosen: Sequence[int]) -> Tensor:
            cosines = self(images) @ F.normalize(classes, dim=1).T
            own = F.one_hot(people[list(chosen)], len(numbers))
            return F.cross_entropy(self.scale * (cosines - self.margin * own), people[list(chosen)])

        learning = nn.ModuleList([self.requires_grad_(True), nn.ParameterList([classes])])
        teach(
            learning,
            faces,
            random,
            loss,
            steps=self.steps,
            batch_size=BATCH,
            lr=LR,
            augment=photometric,
            device=device,
        )
