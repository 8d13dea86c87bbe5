"""An edited face: the cut, its steps, the whole picture, and whether anybody will see the change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import AUSet, Edited
from efgan_kit.editing.faces import Face
from efgan_kit.editing.pasting import Patch

VISIBLE: Final = 1 / 255
"""The mean change below which, on a scale from 0 to 1, nobody sees an edit,"""
STRIKING: Final = 6 / 255
"""unless one pixel in a hundred changes by this much."""
SAME: Final = 0.02
"""AUs nearer than this are the same expression."""
COPYING: Final = 0.02
"""A mean attention below this copies the input."""


@attrs.frozen(eq=False)
class EditedFace:
    """An edit.

    Attributes:
        face: What was edited.
        target_aus: To which AUs, `(A,)`.
        image: The edited cut, `(3, size, size)` in [-1, 1].
        initial: The face branch's own output, like `image`.
        attention: `(1, size, size)` in [0, 1].
        change: Mean absolute change of the cut, on a scale from 0 to 1.
        unseen: Why nobody will see a change; empty if there is one to be seen.
        steps: The cut after each module of a cascade, or each pass of a single EF-GAN, like `image`; the last one is
            `image`. Empty for a face that was not edited.
        step_targets: The AUs `(A,)` that each of the steps was asked for; empty if the run's graph does not say.
    """

    face: Face
    target_aus: Tensor
    image: Tensor
    initial: Tensor
    attention: Tensor
    change: float
    unseen: str
    steps: tuple[Tensor, ...] = ()
    step_targets: tuple[Tensor, ...] = ()

    def picture(self) -> NDArray[np.uint8]:
        """The whole picture with the edit in it, uint8 `(H, W, 3)`."""
        return self.face.with_edit(self.image, self.attention)

    def patch(self, size: tuple[int, int], step: int = -1) -> Patch | None:
        """What the edit adds to its picture of `size` (width, height), after one of its steps or the last."""
        image = self.steps[step] if self.steps else self.image
        return self.face.patch(size, image, self.attention)

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """The whole picture after each of the steps, uint8 `(H, W, 3)`, made as they are asked for."""
        return self.face.with_edits(self.steps, self.attention)


def untouched(face: Face) -> EditedFace:
    """The face as it is."""
    cut = _cut(face)
    nothing = torch.zeros(1, *cut.shape[1:])
    return EditedFace(face, face.sample.aus, cut, cut, nothing, 0.0, "it is the face itself")


def edited_face(face: Face, target_aus: Tensor, edited: Edited, place: int, aus: AUSet) -> EditedFace:
    """The edit of one face of a batch.

    Args:
        target_aus: `(A,)`.
        edited: What the graph returned for the batch.
        place: The face's place in it.
        aus: The set that the vectors follow.
    """
    image, attention = edited.image[place], edited.attention[place]
    difference = (image - _cut(face)).abs().mean(dim=0) / 2
    change = difference.mean().item()
    unseen = ""
    if change < VISIBLE and difference.flatten().quantile(0.99).item() < STRIKING:
        unseen = _why_unseen(face.sample.aus, target_aus, attention, aus)
    return EditedFace(
        face,
        target_aus,
        image,
        edited.initial[place],
        attention,
        change,
        unseen,
        tuple(step[place] for step in edited.steps),
        tuple(target[place] for target in edited.targets),
    )


def _cut(face: Face) -> Tensor:
    return face.sample.image.float() / 127.5 - 1


def _why_unseen(source_aus: Tensor, target_aus: Tensor, attention: Tensor, aus: AUSet) -> str:
    asked = (target_aus - source_aus).abs()
    if asked.max() < SAME:
        return "the target AUs are the face's own"
    if attention.mean() < COPYING:
        return f"the run's attention is {attention.mean():.3f} on this face: it copies its input"
    units = ", ".join(aus.names[i] for i in torch.argsort(asked, descending=True)[:3] if asked[i] >= SAME)
    return f"the run has learned next to nothing of {units}, or the change is small: `efgan evaluate` tells"
