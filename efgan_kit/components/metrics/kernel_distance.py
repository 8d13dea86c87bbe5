"""How far the edits, as a whole, lie from true pictures, by an estimate that few pictures do not inflate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from efgan_kit.api import FaceSpec, FeatureExtractor, Maker, value
from efgan_kit.components.bounds import at_least
from efgan_kit.components.metrics.feature_sets import PERSON_NET, figures_of_sets


class KernelDistance:
    """Squared maximum mean discrepancy between the features of the edits and those of true pictures.

    Source: Binkowski et al., *Demystifying MMD GANs* (ICLR 2018), the Kernel Inception Distance, as torchmetrics
    computes it: the unbiased estimate with the kernel (gamma x.y + 1)^3, between features of an extractor as in
    `frechet`. It does not take the sets for Gaussians, and its expectation does not depend on N.

    `no_op` is the distance of the untouched sources, given where sources and true pictures are not the same set.
    `floor` is that of the true pictures to themselves: the estimate is unbiased for sets that were drawn apart, and
    those here are of the same people, which moves it below 0. Edits are good that come down to the floor.

    Args:
        extractor: Whose features are compared.
        gamma: The kernel's factor, 1 / F as published for Inception's F features. By default one over the mean squared
            length of the true pictures' features, so that the kernel bends alike whatever their unit; for unit vectors,
            1 / F would leave it almost straight, and the means alone would be compared.
        subset_size: More pictures are dealt out in turn to parts of at most so many, whose estimates are averaged:
            memory grows with its square. Nothing is drawn at random.
    """

    example: ClassVar[Mapping[str, Any]] = {"extractor": {"use": "person-net", "width": 2, "features": 3}}

    resampled = False  # a picture and its repeat in a resample count as two pictures alike: biased upwards

    def __init__(
        self,
        faces: FaceSpec,
        *,
        extractor: Maker[FeatureExtractor] = PERSON_NET,
        gamma: float | None = None,
        subset_size: int = 1000,
    ) -> None:
        at_least(3, subset_size=subset_size)
        if gamma is not None and gamma <= 0:
            raise ValueError(f"gamma is {gamma}: it must be above 0")
        self.extractor = extractor(faces=faces)
        self.gamma = gamma
        self.subset_size = subset_size

    @value()
    def edited_features(self, edited: Tensor) -> Tensor:
        """`(N, F)`: features of the edits."""
        return self.extractor(edited)

    @value()
    def source_features(self, source: Tensor) -> Tensor:
        """`(N, F)`: features of the untouched sources."""
        return self.extractor(source)

    @value()
    def true_features(self, example: Tensor) -> Tensor:
        """`(N, F)`: features of true pictures with the target AUs."""
        return self.extractor(example)

    def __call__(self, edited_features: Tensor, source_features: Tensor, true_features: Tensor) -> dict[str, float]:
        """From features `(N, F)`; of fewer than two faces nothing is known."""
        gamma = self.gamma or 1 / max(1e-12, true_features.double().square().sum(dim=1).mean().item())

        def distance(first: Tensor, second: Tensor) -> float:
            return kernel_distance(first, second, gamma=gamma, subset_size=self.subset_size)

        figures = figures_of_sets(distance, edited_features, source_features, true_features)
        return {**figures, "floor": distance(true_features, true_features)}


def kernel_distance(first: Tensor, second: Tensor, *, gamma: float, subset_size: int = 1000) -> float:
    """The squared MMD of two sets of features, both `(N, F)`, with the kernel (gamma x.y + 1)^3; nan of one row."""
    count = len(first)
    if count < 2:
        return float("nan")
    from torchmetrics.image.kid import poly_mmd  # two seconds that no other command should wait for

    # Pairs of one person lie side by side: dealt out in turn, they get into different parts.
    parts = math.ceil(count / subset_size)
    sets = [(second[place::parts].double(), first[place::parts].double()) for place in range(parts)]
    return torch.stack([poly_mmd(true, other, gamma=gamma) for true, other in sets]).mean().item()
