"""Whether anybody will see an edit, and why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from efgan_kit.api import AUSet, FaceDataset
from efgan_kit.components.datasets.photo_folder import unspoken
from efgan_kit.editing.faces import Face
from efgan_kit.errors import EfganError
from efgan_kit.recipe import Recipe, build_dataset

VISIBLE: Final = 1 / 255
"""The mean change below which, on a scale from 0 to 1, nobody sees an edit,"""
STRIKING: Final = 6 / 255
"""unless one pixel in a hundred changes by this much."""
SAME: Final = 0.02
"""AUs nearer than this are the same expression."""
COPYING: Final = 0.02
"""A mean attention below this copies the input."""
VARIED: Final = 0.05
"""The deviation below which an AU did not vary in a training set."""
LOOKED_AT: Final = 64
"""Faces whose AUs tell how a training set varies, where it does not know all of them."""


def is_unseen(difference: Tensor) -> bool:
    """Whether nobody will see a change of `(size, size)`, on a scale from 0 to 1."""
    return difference.mean().item() < VISIBLE and difference.flatten().quantile(0.99).item() < STRIKING


def why_unseen(
    face: Face,
    target_aus: Tensor,
    attention: Tensor,
    difference: Tensor,
    aus: AUSet,
    spread: Callable[[], Tensor | None] = lambda: None,
) -> str:
    """Why an edit that nobody will see came to nothing.

    Args:
        target_aus: `(A,)`.
        attention: `(1, size, size)` in [0, 1].
        difference: What the run changed before the edit was limited and blended, `(size, size)`.
        aus: The set that the vectors follow.
        spread: The AUs' deviations in the training set `(A,)`, where they are known.
    """
    asked = (target_aus - face.sample.aus).abs()
    if asked.max() < SAME:
        return "the target AUs are the face's own"
    if not is_unseen(difference):
        where = f"outside of the {' and '.join(face.pasting.regions)}" if face.pasting.regions else "around the face"
        return f"what the run changes lies {where}, or is an even tint, which is taken away"
    if attention.mean() < COPYING:
        return f"the run's attention is {attention.mean():.3f} on this face: it copies its input"
    deviation = spread()
    wanted = [i for i in torch.argsort(asked, descending=True).tolist() if asked[i] >= SAME]
    if deviation is not None:
        constant = [aus.names[i] for i in wanted if deviation[i] < VARIED]
        if len(constant) == len(wanted):
            return f"{', '.join(constant[:5])} did not vary in what the run was trained on: it can't have learned that"
    units = ", ".join(aus.names[i] for i in wanted[:3])
    return f"the run has learned next to nothing of {units}, or the change is small: `efgan evaluate` tells"


def au_spread(recipe: Recipe) -> Tensor | None:
    """How far the AUs deviate in a recipe's training faces, `(A,)`; None where these can't be read any more."""
    try:
        with unspoken():
            faces: FaceDataset = build_dataset(recipe, "train")
    except EfganError:
        return None
    known = getattr(faces, "au_vectors", None)
    if not isinstance(known, Tensor):
        count = min(LOOKED_AT, len(faces))
        known = torch.stack([faces[place * len(faces) // count].aus for place in range(count)])
    return known.float().std(dim=0, correction=0)
