"""An edited face: the cut, its steps, the whole picture, and whether anybody will see the change."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import AUSet, Edited
from efgan_kit.editing.faces import Face
from efgan_kit.editing.pasting import Patch, patch_of, put_back
from efgan_kit.editing.unseen import is_unseen, why_unseen


@attrs.frozen(eq=False)
class EditedFace:
    """An edit.

    Attributes:
        face: What was edited.
        target_aus: To which AUs, `(A,)`.
        image: The edited cut, `(3, size, size)` in [-1, 1].
        initial: The face branch's own output, like `image`.
        attention: `(1, size, size)` in [0, 1].
        placed: What is added to the cut when the edit is put back, `(3, size, size)` on a scale from -2 to 2.
        change: Its mean absolute value, on a scale from 0 to 1.
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
    placed: Tensor
    change: float
    unseen: str
    steps: tuple[Tensor, ...] = ()
    step_targets: tuple[Tensor, ...] = ()

    def picture(self) -> NDArray[np.uint8]:
        """The whole picture with the edit in it, uint8 `(H, W, 3)`."""
        return put_back(self.face.read(), self.placed, self.face.frame)

    def patch(self, size: tuple[int, int], step: int = -1) -> Patch | None:
        """What the edit adds to its picture of `size` (width, height), after one of its steps or the last."""
        last = step in (-1, len(self.steps) - 1) or not self.steps
        placed = self.placed if last else self.face.change(self.steps[step], self.attention)
        return patch_of(placed, self.face.frame, size)

    def pictures(self) -> Iterator[NDArray[np.uint8]]:
        """The whole picture after each of the steps, uint8 `(H, W, 3)`, made as they are asked for."""
        return self.face.with_edits(self.steps, self.attention)


def untouched(face: Face) -> EditedFace:
    """The face as it is."""
    cut = _cut(face)
    nothing = torch.zeros(1, *cut.shape[1:])
    return EditedFace(face, face.sample.aus, cut, cut, nothing, torch.zeros_like(cut), 0.0, "it is the face itself")


def edited_face(
    face: Face,
    target_aus: Tensor,
    edited: Edited,
    place: int,
    aus: AUSet,
    spread: Callable[[], Tensor | None] = lambda: None,
) -> EditedFace:
    """The edit of one face of a batch.

    Args:
        target_aus: `(A,)`.
        edited: What the graph returned for the batch.
        place: The face's place in it.
        aus: The set that the vectors follow.
        spread: Asked for the AUs' deviations in the training set if nothing visible changes.
    """
    image, attention = edited.image[place], edited.attention[place]
    placed = face.change(image, attention)
    difference = placed.abs().mean(dim=0) / 2
    unseen = ""
    if is_unseen(difference):
        made = (image - _cut(face)).abs().mean(dim=0) / 2
        unseen = why_unseen(face, target_aus, attention, made, aus, spread)
    return EditedFace(
        face,
        target_aus,
        image,
        edited.initial[place],
        attention,
        placed,
        difference.mean().item(),
        unseen,
        tuple(step[place] for step in edited.steps),
        tuple(target[place] for target in edited.targets),
    )


def _cut(face: Face) -> Tensor:
    return face.sample.image.float() / 127.5 - 1
