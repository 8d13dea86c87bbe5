"""Whether the edit still shows the same person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from efgan_kit.api import FaceSpec, FeatureExtractor, Maker, value
from efgan_kit.components.metrics.feature_sets import PERSON_NET


class Identity:
    """Cosine similarity of edit and source in an embedding of people, beside the levels of true pictures.

    `same_person` is the level of two true pictures of one person, the source and the truth; `different_people` that of
    a source and other people's truths. `retained` = (edit - different_people) / (same_person - different_people): 1
    for an edit as alike to its source as the person's true picture is, 0 for somebody else; a copy is above 1.

    Args:
        extractor: Whose features are compared.
    """

    example: ClassVar[Mapping[str, Any]] = {"extractor": {"use": "person-net", "width": 2}}

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
    def truth_features(self, truth: Tensor) -> Tensor:
        """`(N, F)`: features of the true pictures of the same people."""
        return self.extractor(truth)

    def __call__(
        self, edited_features: Tensor, source_features: Tensor, truth_features: Tensor, person: Tensor
    ) -> dict[str, float]:
        """From features `(N, F)` and whose they are, `(N,)`; with one person, nothing is known of different people."""
        edited, source, truth = (_unit(each) for each in (edited_features, source_features, truth_features))
        edit, same = (edited * source).sum(dim=1).mean().item(), (truth * source).sum(dim=1).mean().item()
        different = _between_people(source, truth, person)
        apart = same - different
        retained = (edit - different) / apart if apart > 0 else float("nan")
        return {"edit": edit, "same_person": same, "different_people": different, "retained": retained}


def _unit(features: Tensor) -> Tensor:
    return torch.nn.functional.normalize(features.double(), dim=1)


def _between_people(first: Tensor, second: Tensor, person: Tensor) -> float:
    """The mean cosine over all pairs of different people; nan with one person.

    The sum over all pairs less that over pairs of one person: products of sums, so that thousands of faces are no
    matter, also when resampled a thousand times.
    """
    numbers, own = person.unique(return_inverse=True)
    count = torch.bincount(own).double()
    pairs = len(person) ** 2 - count.square().sum().item()
    sums = [torch.zeros(len(numbers), each.shape[1]).double().index_add(0, own, each) for each in (first, second)]
    everybody = (sums[0].sum(dim=0) * sums[1].sum(dim=0)).sum()
    return ((everybody - (sums[0] * sums[1]).sum()).item() / pairs) if pairs else float("nan")
