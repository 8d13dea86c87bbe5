"""Editing in steps: to one set of AUs after the other, each from the face that the step before returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from efgan_kit.api import Edited

EditFunction = Callable[[Tensor, Tensor, Tensor, Tensor], Edited]
"""A graph's `edit`: source, landmarks, source AUs, target AUs."""


def aus_on_the_way(interpolator: nn.Module | None, source_aus: Tensor, target_aus: Tensor, share: float) -> Tensor:
    """The AUs `(B, A)` after a share of the way: Interp(y_x, share * r), and y_z itself at its end.

    Args:
        interpolator: None goes along the straight line.
    """
    if share == 1:
        return target_aus
    residual = share * (target_aus - source_aus)
    return source_aus + residual if interpolator is None else interpolator(source_aus, residual)


def edit_in_steps(
    edits: Sequence[EditFunction], targets: Sequence[Tensor], source: Tensor, landmarks: Tensor, source_aus: Tensor
) -> Edited:
    """Edit pictures `(B, 3, H, W)` by one graph after the other.

    Returns:
        The last face; its attention map says where any of the steps edits: `1 - prod(1 - A_k)`.
    """
    image, aus, copied = source, source_aus, torch.ones_like(source[:, :1])
    steps: list[Tensor] = []
    for edit, target in zip(edits, targets, strict=True):
        edited = edit(image, landmarks, aus, target)
        image, aus, copied = edited.image, target, copied * (1 - edited.attention)
        steps.append(image)
    return Edited(image, edited.initial, 1 - copied, tuple(steps), tuple(targets))
