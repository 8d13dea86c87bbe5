"""What metrics have in common that compare a set of edits, as a whole, with a set of true pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from torch import Tensor

from efgan_kit.api import FeatureExtractor, Maker
from efgan_kit.components.extractors.person_net import PersonNet

PERSON_NET: Final[Maker[FeatureExtractor]] = Maker(PersonNet)
ALIKE: Final = 1e-3
"""Shares of a standard deviation by which the means of two sets of the same pictures may differ from rounding."""


def figures_of_sets(
    distance: Callable[[Tensor, Tensor], float], edited: Tensor, source: Tensor, true: Tensor
) -> dict[str, float]:
    """The distances of features `(N, F)` to those of true pictures, and N and F.

    `edit` is that of the edits, `no_op` that of the untouched sources, given where sources and true pictures are not
    the same set (in rings of pairs, every picture is both).
    """
    figures = {"edit": distance(edited, true)}
    if not _same_set(source, true):
        figures["no_op"] = distance(source, true)
    count, features = true.shape
    return {**figures, "n": float(count), "features": float(features)}


def _same_set(first: Tensor, second: Tensor) -> bool:
    """Whether two sets of features are of the same pictures, in whatever order."""
    near = ALIKE * second.std(dim=0, correction=0) + 1e-6
    return bool(((first.mean(dim=0) - second.mean(dim=0)).abs() <= near).all())
