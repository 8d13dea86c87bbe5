"""How far the edits, as a whole, lie from true pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from efgan_kit.api import FaceSpec, FeatureExtractor, Maker, value
from efgan_kit.components.metrics.feature_sets import PERSON_NET, figures_of_sets


class Frechet:
    """Frechet distance between the features of the edits and those of true pictures with the target AUs.

    Source: Heusel et al., *GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium* (NeurIPS
    2017), as torchmetrics computes it. The features are not Inception's but learned from the run's training faces: only
    runs measured by the same extractor can be compared. `no_op` is the distance of the untouched sources, given where
    sources and true pictures are not the same set (in rings of pairs, every picture is both).

    The estimate grows as N shrinks, and means little where N is below the F of the features: both stand beside it.

    Args:
        extractor: Whose features are compared.
    """

    example: ClassVar[Mapping[str, Any]] = {"extractor": {"use": "person-net", "width": 2, "features": 3}}

    resampled = False  # repeats in a resample narrow its covariance: the distance would be biased upwards

    def __init__(self, faces: FaceSpec, *, extractor: Maker[FeatureExtractor] = PERSON_NET) -> None:
        self.extractor = extractor(faces=faces)

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
        return figures_of_sets(frechet_distance, edited_features, source_features, true_features)


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """The Frechet distance of two sets of features `(N, F)`, taken as Gaussians; nan of fewer than two rows."""
    if min(len(first), len(second)) < 2:
        return float("nan")
    from torchmetrics.image.fid import FrechetInceptionDistance  # two seconds that no other command should wait for

    distance = FrechetInceptionDistance(feature=_AsGiven(first.shape[1]))
    distance.set_dtype(first.double().dtype)
    distance.update(first.double(), real=False)
    distance.update(second.double(), real=True)
    return max(0.0, distance.compute().item())


class _AsGiven(nn.Module):
    """Stands where torchmetrics has Inception: the features are known already."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.num_features = features

    def forward(self, features: Tensor) -> Tensor:
        return features
