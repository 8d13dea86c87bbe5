"""The editor: a trained run, ready to edit faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from efgan_kit.api import AUSet, Edited, FaceSample, FaceSpec
from efgan_kit.editing.faces import Face
from efgan_kit.errors import fail
from efgan_kit.training import Trained, load_trained

BATCH: Final = 8
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
    """

    face: Face
    target_aus: Tensor
    image: Tensor
    initial: Tensor
    attention: Tensor
    change: float
    unseen: str

    def picture(self) -> NDArray[np.uint8]:
        """The whole picture with the edit in it, uint8 `(H, W, 3)`."""
        return self.face.with_edit(self.image)


@attrs.frozen(eq=False)
class Editor:
    """Edits faces with what a run has learned.

    Attributes:
        trained: The run.
    """

    trained: Trained

    @classmethod
    def load(cls, run: str | Path, device: str = "auto") -> Editor:
        """The editor of a run folder. Raises EfganError if there is no run, or it is damaged."""
        return cls(load_trained(run, device))

    @property
    def faces(self) -> FaceSpec:
        return self.trained.recipe.faces

    @property
    def aus(self) -> AUSet:
        """The AUs that the run knows, in the order of every AU vector."""
        return self.faces.aus

    def edit_samples(self, samples: Sequence[FaceSample], target_aus: Tensor) -> Edited:
        """Edit faces of the run's size to `target_aus` `(B, A)`, in batches; float32 on the CPU.

        Raises:
            EfganError: Sizes or numbers do not fit the run.
        """
        self._check(samples, target_aus)
        parts = [
            self._edit_batch(samples[first : first + BATCH], target_aus[first : first + BATCH])
            for first in range(0, len(samples), BATCH)
        ]
        steps = tuple(torch.cat(step) for step in zip(*(part.steps for part in parts), strict=True))
        return Edited(
            torch.cat([part.image for part in parts]),
            torch.cat([part.initial for part in parts]),
            torch.cat([part.attention for part in parts]),
            steps,
        )

    def edit(self, faces: Sequence[Face], target_aus: Tensor) -> list[EditedFace]:
        """Edit faces in their pictures to `target_aus` `(B, A)`."""
        samples = [face.sample for face in faces]
        edited = self.edit_samples(samples, target_aus)
        return [
            self._edited_face(face, target, image, initial, attention)
            for face, target, image, initial, attention in zip(
                faces, target_aus, edited.image, edited.initial, edited.attention, strict=True
            )
        ]

    def path(self, face: Face, target_aus: Tensor, frames: int) -> Iterator[EditedFace]:
        """The way from the face as it is to `target_aus` `(A,)` in `frames` frames, the first without change.

        The AUs in between come from the run's interpolator, or from the straight line if it has none.
        """
        source_aus = face.sample.aus
        shares = [number / (frames - 1) for number in range(1, frames)]
        targets = torch.stack([self._on_the_way(source_aus, target_aus, share) for share in shares])
        untouched = face.sample.image.float() / 127.5 - 1
        nothing = torch.zeros(1, *untouched.shape[1:])
        unseen = "the first frame is the face itself"
        yield EditedFace(face, source_aus, untouched, untouched, nothing, 0.0, unseen)
        yield from self.edit([face] * len(targets), targets)

    def _on_the_way(self, source_aus: Tensor, target_aus: Tensor, share: float) -> Tensor:
        residual = share * (target_aus - source_aus)
        interpolator = getattr(self.trained.graph, "interpolator", None)
        if share == 1 or interpolator is None:
            return (source_aus + residual).clamp(0, 1)
        device = self.trained.device
        with torch.inference_mode():
            way: Tensor = interpolator(source_aus[None].to(device), residual[None].to(device))[0]
        return way.float().cpu().clamp(0, 1)

    def _check(self, samples: Sequence[FaceSample], target_aus: Tensor) -> None:
        size, count = self.faces.size, len(self.aus)
        where = str(self.trained.path)
        if target_aus.shape != (len(samples), count) or not len(samples):
            what = f"target AUs of shape {tuple(target_aus.shape)} for {len(samples)} faces"
            raise fail(where, what, f"one row of {count} AUs for each face is wanted")
        for sample in samples:
            if tuple(sample.image.shape) != (3, size, size):
                what = f"a face of shape {tuple(sample.image.shape)} for a run of size {size}"
                raise fail(where, what, f"pictures of (3, {size}, {size}) are wanted")

    def _edit_batch(self, samples: Sequence[FaceSample], target_aus: Tensor) -> Edited:
        device = self.trained.device
        source = torch.stack([sample.image for sample in samples]).to(device).float() / 127.5 - 1
        landmarks = torch.stack([sample.landmarks for sample in samples]).to(device)
        source_aus = torch.stack([sample.aus for sample in samples]).to(device)
        with torch.inference_mode():
            edited: Edited = self.trained.graph.edit(  # type: ignore[operator]
                source, landmarks, source_aus, target_aus.to(device)
            )
        steps = tuple(step.float().cpu() for step in edited.steps)
        return Edited(
            edited.image.float().cpu(), edited.initial.float().cpu(), edited.attention.float().cpu(), steps
        )

    def _edited_face(
        self, face: Face, target_aus: Tensor, image: Tensor, initial: Tensor, attention: Tensor
    ) -> EditedFace:
        difference = (image - (face.sample.image.float() / 127.5 - 1)).abs().mean(dim=0) / 2
        change = difference.mean().item()
        unseen = ""
        if change < VISIBLE and difference.flatten().quantile(0.99).item() < STRIKING:
            unseen = self._why_unseen(face.sample.aus, target_aus, attention)
        return EditedFace(face, target_aus, image, initial, attention, change, unseen)

    def _why_unseen(self, source_aus: Tensor, target_aus: Tensor, attention: Tensor) -> str:
        asked = (target_aus - source_aus).abs()
        if asked.max() < SAME:
            return "the target AUs are the face's own"
        if attention.mean() < COPYING:
            return f"the run's attention is {attention.mean():.3f} on this face: it copies its input"
        units = ", ".join(
            self.aus.names[i] for i in torch.argsort(asked, descending=True)[:3] if asked[i] >= SAME
        )
        return (
            f"the run has learned next to nothing of {units}, or the change is small: `efgan evaluate` tells"
        )
