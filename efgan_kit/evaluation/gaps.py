"""Small and large edits: pairs split by how far the target AUs lie from the source's."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

SMALL: Final = "small"
LARGE: Final = "large"


def split_by_gap(source_aus: Tensor, target_aus: Tensor) -> tuple[float, dict[str, Tensor]]:
    """The median distance, and the positions `(K,)` of the pairs at most, and above, that far apart.

    The distance of a pair is the mean absolute difference of its AUs `(N, A)`. Where all pairs are equally far apart
    there is nothing to split, and no positions.
    """
    distances = (target_aus - source_aus).abs().mean(dim=1)
    threshold = distances.double().quantile(0.5)
    large = distances.double() > threshold
    if not bool(large.any()):
        return threshold.item(), {}
    return threshold.item(), {SMALL: torch.nonzero(~large)[:, 0], LARGE: torch.nonzero(large)[:, 0]}
