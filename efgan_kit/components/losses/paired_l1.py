"""Supervision where a data set has it: other pictures of the same person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from torch import Tensor, nn


class PairedL1(nn.Module):
    """Mean absolute difference to the person's true picture under the target AUs, for the samples that have one.

    Posed sets (RaFD, CFEED, drawn faces) hold each person under several expressions; where `train.paired` makes another
    picture of the person the target, that picture is the truth. Both the final output and each branch's initial
    output are held to it, so that the face branch learns under the boxes too. Own term; pix2pix (Isola et al., CVPR
    2017) trains on pairs alike.

    Args:
        initial: The weight of the initial outputs beside the final one.
        edges: The weight of the differences' horizontal and vertical gradients, which keep edges crisp.
        squares: The weight of the mean squared difference, which draws large errors in first.
    """

    example: ClassVar[Mapping[str, Any]] = {"squares": 0.5}

    def __init__(self, *, initial: float = 0.5, edges: float = 1.0, squares: float = 0.0) -> None:
        super().__init__()
        self.initial = initial
        self.edges = edges
        self.squares = squares

    def generator(
        self,
        edited: Tensor,
        initial: Mapping[str, Tensor],
        truth: Tensor,
        truth_regions: Mapping[str, Tensor],
        truth_share: Tensor,
    ) -> Tensor:
        """`E[|I_z - I_true| + initial * mean over regions of |I_init - I_true|]`, over the samples with a truth."""
        loss = (truth_share * self._distance(edited, truth)).sum()
        if self.initial:
            branches = sum(self._distance(initial[name], truth_regions[name]) for name in initial)
            loss = loss + self.initial / len(initial) * (truth_share * branches).sum()
        return loss

    def _distance(self, picture: Tensor, truth: Tensor) -> Tensor:
        """`(B, 3, h, w)` twice -> `(B,)`."""
        difference = picture - truth
        distance = difference.abs().flatten(1).mean(dim=1)
        if self.squares:
            distance = distance + self.squares * difference.square().flatten(1).mean(dim=1)
        if self.edges:
            across = difference.diff(dim=-1).abs().flatten(1).mean(dim=1)
            down = difference.diff(dim=-2).abs().flatten(1).mean(dim=1)
            distance = distance + self.edges * (across + down)
        return distance
