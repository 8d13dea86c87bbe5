"""The editor: a trained run, ready to edit faces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import attrs
import torch
from torch import Tensor

from efgan_kit.api import AUSet, Edited, FaceSample, FaceSpec
from efgan_kit.components.graphs.steps import aus_on_the_way
from efgan_kit.editing.edited import EditedFace, edited_face, untouched
from efgan_kit.editing.faces import Face
from efgan_kit.editing.fast.forward import Forward, Precision, forward_of, refuse_precision
from efgan_kit.editing.progressive import edit_in_passes, edit_once, module_count
from efgan_kit.editing.unseen import au_spread
from efgan_kit.errors import fail
from efgan_kit.training import Trained, load_to_edit
from efgan_kit.training.device import choose_device

BATCH: Final = 8


@attrs.frozen(eq=False)
class Editor:
    """Edits faces with what a run has learned.

    Wherever an edit takes `steps`, a single EF-GAN makes it in so many passes, each from the face that the pass before
    returned and a part of the way further, as a cascade of so many modules does; a cascade has its own number.

    Attributes:
        trained: The run.
        precision: `fp32` edits to the bit as the run is evaluated; `auto` and `bf16` sooner, see `forward_of`.
    """

    trained: Trained
    precision: Precision = "fp32"

    @classmethod
    def load(cls, run: str | Path, device: str = "auto", precision: Precision = "fp32") -> Editor:
        """The editor of a run folder.

        Args:
            precision: What edits are computed in, see `Editor`.

        Raises:
            EfganError: There is no run, it is damaged, or there is no such device or precision.
        """
        refuse_precision(precision, choose_device(device))
        return cls(load_to_edit(run, device), precision)

    @cached_property
    def forward(self) -> Forward:
        """What makes the edits: the run's own graph, or a faster one."""
        return forward_of(self.trained, self.precision)

    @property
    def faces(self) -> FaceSpec:
        return self.trained.recipe.faces

    @property
    def aus(self) -> AUSet:
        """The AUs that the run knows, in the order of every AU vector."""
        return self.faces.aus

    @cached_property
    def modules(self) -> int:
        """How many modules of the run's graph edit one after the other; 1 for a single EF-GAN."""
        return module_count(self.trained.graph, self.faces, self.trained.device)

    @cached_property
    def au_spread(self) -> Tensor | None:
        """How far the AUs deviate in what the run was trained on, `(A,)`; None where that can't be read any more."""
        return au_spread(self.trained.recipe)

    def refuse_steps(self, steps: int | None) -> None:
        """Raises EfganError unless the run can edit in so many steps; None is the run's own way."""
        where = str(self.trained.path)
        if steps is not None and steps < 1:
            raise fail(where, f"{steps} steps of an edit", "at least one is wanted")
        if steps is not None and self.modules not in (1, steps):
            what = f"is a cascade of {self.modules} modules, and edits in {self.modules} steps, not in {steps}"
            raise fail(where, what, f"leave the steps out, or ask for {self.modules}")

    def edit_samples(self, samples: Sequence[FaceSample], target_aus: Tensor, steps: int | None = None) -> Edited:
        """Edit faces of the run's size to `target_aus` `(B, A)`, in batches; float32 on the CPU.

        Raises:
            EfganError: Sizes, numbers or steps do not fit the run.
        """
        self.refuse_steps(steps)
        self._check(samples, target_aus)
        parts = [
            self._edit_batch(samples[first : first + BATCH], target_aus[first : first + BATCH], steps)
            for first in range(0, len(samples), BATCH)
        ]
        return Edited(
            torch.cat([part.image for part in parts]),
            torch.cat([part.initial for part in parts]),
            torch.cat([part.attention for part in parts]),
            tuple(torch.cat(step) for step in zip(*(part.steps for part in parts), strict=True)),
            tuple(torch.cat(target) for target in zip(*(part.targets for part in parts), strict=True)),
        )

    def edit(self, faces: Sequence[Face], target_aus: Tensor, steps: int | None = None) -> list[EditedFace]:
        """Edit faces in their pictures to `target_aus` `(B, A)`. Raises EfganError as `edit_samples` does."""
        edited = self.edit_samples([face.sample for face in faces], target_aus, steps)
        return [
            edited_face(face, target, edited, place, self.aus, lambda: self.au_spread)
            for place, (face, target) in enumerate(zip(faces, target_aus, strict=True))
        ]

    def path(self, face: Face, target_aus: Tensor, frames: int, steps: int | None = None) -> Iterator[EditedFace]:
        """The way from the face as it is to `target_aus` `(A,)` in `frames` frames, the first without change.

        Each of the others is an edit of its own. The AUs in between come from the run's interpolator, or from the
        straight line if it has none.
        """
        shares = [number / (frames - 1) for number in range(1, frames)]
        targets = torch.cat([self._on_the_way(face.sample.aus, target_aus, share) for share in shares])
        yield untouched(face)
        yield from self.edit([face] * len(targets), targets, steps)

    def _on_the_way(self, source_aus: Tensor, target_aus: Tensor, share: float) -> Tensor:
        """AUs `(1, A)` after a share of the way from AUs `(A,)` to others."""
        interpolator = getattr(self.trained.graph, "interpolator", None)
        start, end = source_aus[None].to(self.trained.device), target_aus[None].to(self.trained.device)
        with torch.inference_mode():
            return aus_on_the_way(interpolator, start, end, share).float().cpu().clamp(0, 1)

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

    def _edit_batch(self, samples: Sequence[FaceSample], target_aus: Tensor, steps: int | None) -> Edited:
        device = self.trained.device
        given = (
            torch.stack([sample.image for sample in samples]).to(device).float() / 127.5 - 1,
            torch.stack([sample.landmarks for sample in samples]).to(device),
            torch.stack([sample.aus for sample in samples]).to(device),
            target_aus.to(device),
        )
        graph = self.forward.graph
        with torch.inference_mode():
            if steps is None or steps == self.modules:
                edited = edit_once(graph, *given)
            else:
                edited = edit_in_passes(graph, steps, *given)
        return Edited(
            edited.image.float().cpu(),
            edited.initial.float().cpu(),
            edited.attention.float().cpu(),
            tuple(step.float().cpu() for step in edited.steps),
            tuple(target.float().cpu() for target in edited.targets),
        )
