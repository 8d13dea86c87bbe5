"""The identity-preservation loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from efgan_kit.api import FaceDataset, FaceSpec, FeatureExtractor, Maker


class IdentityCosine(nn.Module):
    """1 - cosine of the face embeddings of the edit and of the real source, above a margin.

    Source: Chen et al., *SimSwap* (ACM MM 2020), and Richardson et al., *Encoding in Style* (CVPR 2021), take one minus
    the cosine of two embeddings of a frozen face recogniser. The margin is an addition. In a cascade every module is
    held to the batch's own sources.

    An embedding that must be fitted is fitted to the training split beforehand, and frozen.

    Args:
        extractor: The embedding: an extractor that gradients pass through, such as `person-net` or `timm`. Measure with
            another one than you train against.
        margin: Edits whose 1 - cosine is no more than this cost nothing. An expression moves the embedding of a true
            picture too, by as much as the metric `identity` says of `same_person`.
    """

    example: ClassVar[Mapping[str, Any]] = {"extractor": {"use": "person-net", "width": 4, "features": 8, "steps": 2}}

    def __init__(self, faces: FaceSpec, *, extractor: Maker[FeatureExtractor], margin: float = 0.0) -> None:
        super().__init__()
        if not 0 <= margin < 2:
            raise ValueError(f"margin is {margin:g}: it is a distance of cosines, from 0 to below 2")
        self.margin = margin
        made: Any = extractor(faces=faces)
        self.extractor: nn.Module = made.requires_grad_(False).eval()
        if not torch.empty(0).is_meta:
            self._must_pass_gradients(faces.size)
        if hasattr(self.extractor, "prepare"):
            self.prepare = self._fit  # only then does the trainer keep what was learned

    def _must_pass_gradients(self, size: int) -> None:
        with torch.enable_grad():
            features = self.extractor(torch.zeros(1, 3, size, size, requires_grad=True))
        if not features.requires_grad:
            name = type(self.extractor).__name__
            raise ValueError(
                f"{name} passes no gradients to the pictures that it looks at, so that no edit can be taught by it; use"
                " it in a metric, and here another extractor, such as person-net, or timm with your weights"
            )

    def _fit(self, faces: FaceDataset, random: torch.Generator) -> None:
        """Let the embedding learn what it must from the training split."""
        self.extractor.prepare(faces, random)  # type: ignore[operator]  # the contract of extractors
        self.extractor.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> IdentityCosine:
        """The embedding stays in eval mode: it is a constant."""
        super().train(mode)
        self.extractor.eval()
        return self

    def generator(self, edited: Tensor, real: Tensor) -> Tensor:
        """`E[max(0, 1 - cos(f(I_z), f(I_x)) - margin)]`."""
        with torch.no_grad():
            wanted = self.extractor(real)
        distances = 1 - torch.cosine_similarity(self.extractor(edited), wanted, dim=1)
        return ((distances - self.margin).clamp_min(0) if self.margin else distances).mean()
