"""The metric that asks as a verifier of faces would: the same person, or not?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from efgan_kit.api import FaceSpec, FeatureExtractor, Maker, value


class Verification:
    """The share of edits that a face verifier takes for the person of their source.

    Source: the protocol of *Labeled Faces in the Wild* (Huang et al. 2007): two pictures are of one person where the
    cosine of their embeddings is above a threshold. The threshold is set on the true pictures of this test: at most
    `false_accepts` of the pairs of different people, a source and another person's truth, pass it. So embeddings of any
    kind can be compared, which mean cosines can't.

    `edit` is the share of edits that pass; `same_person` that of the true pictures of the same people, the most that
    can be hoped for; `different_people` that of the pairs of different people, the chance level; `threshold` is the
    cosine. An untouched copy always passes: read it beside `au-error`.

    Args:
        extractor: The embedding; any extractor, also one that passes no gradients.
        false_accepts: Which share of pairs of different people may pass. With few pairs it is coarse: one in a hundred
            needs a hundred pairs.
    """

    example: ClassVar[Mapping[str, Any]] = {"extractor": {"use": "person-net", "width": 4, "features": 8, "steps": 2}}

    def __init__(self, faces: FaceSpec, *, extractor: Maker[FeatureExtractor], false_accepts: float = 0.01) -> None:
        if not 0 <= false_accepts < 1:
            raise ValueError(f"false_accepts is {false_accepts:g}: it is a share, from 0 to below 1")
        self.false_accepts = false_accepts
        self.extractor = extractor(faces=faces)

    @value()
    def edited_features(self, edited: Tensor) -> Tensor:
        """`(N, F)`: the edits' embeddings."""
        return self.extractor(edited)

    @value()
    def source_features(self, source: Tensor) -> Tensor:
        """`(N, F)`: the untouched sources' embeddings."""
        return self.extractor(source)

    @value()
    def truth_features(self, truth: Tensor) -> Tensor:
        """`(N, F)`: the embeddings of the true pictures of the same people."""
        return self.extractor(truth)

    def __call__(
        self, edited_features: Tensor, source_features: Tensor, truth_features: Tensor, person: Tensor
    ) -> dict[str, float]:
        """From embeddings `(N, F)` and whose they are, `(N,)`; with one person nothing is known, and all is nan."""
        edited, source, truth = (
            F.normalize(each, dim=1) for each in (edited_features, source_features, truth_features)
        )
        strangers = (source @ truth.T)[person[:, None] != person]
        threshold = least_above(strangers, self.false_accepts)
        scores = {"edit": (edited * source).sum(dim=1), "same_person": (truth * source).sum(dim=1)}
        shares = {**scores, "different_people": strangers}
        known = len(strangers) > 0
        figures = {name: (each > threshold).double().mean().item() for name, each in shares.items() if known}
        return {**figures, "threshold": threshold} if known else dict.fromkeys((*shares, "threshold"), float("nan"))


def least_above(scores: Tensor, share: float) -> float:
    """The lowest of the scores `(K,)` with no more than that share of them above it; nan without any."""
    count = len(scores)
    if not count:
        return float("nan")
    allowed = int(share * count + 1e-9)
    return torch.kthvalue(scores, count - allowed).values.item()
