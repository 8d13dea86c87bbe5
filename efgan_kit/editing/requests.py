"""What is asked of pictures, and its fulfilment one picture at a time: one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from efgan_kit.editing.blending import EXACT, SEAMLESS, Pasting
from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.editor import Editor
from efgan_kit.editing.faces import Face
from efgan_kit.editing.photos import pasted
from efgan_kit.editing.provenance import Provenance
from efgan_kit.editing.sources import Sources, Subject
from efgan_kit.editing.targets import Change
from efgan_kit.errors import EfganError
from efgan_kit.faces.aus import AUSet


@attrs.frozen(eq=False)
class Request:
    """One picture to edit.

    Attributes:
        word: The picture: a path, or a test face such as `test:0`.
        change: What becomes of each chosen face's AUs.
        name: The file's name, without its suffix.
    """

    word: str | Path
    change: Change
    name: str


@attrs.frozen(eq=False)
class Failure:
    """A request that could not be met, and why."""

    request: Request
    error: EfganError


def subjects(sources: Sources, requests: Iterable[Request]) -> Iterator[tuple[Request, Subject] | Failure]:
    """The pictures of requests, read one after the other: no more than one is held."""
    for request in requests:
        try:
            subject = sources.subject(request.word)
        except EfganError as error:
            yield Failure(request, error)
            continue
        yield request, subject
        del subject


def edit_subject(
    editor: Editor, subject: Subject, change: Change, steps: int | None = None, frames: int | None = None
) -> list[list[EditedFace]]:
    """The edits of a picture's faces: a list for each frame, of one edit a face.

    Args:
        steps: As in `Editor`.
        frames: How many frames the way there has; without it there is one, the edit itself.
    """
    targets = [change.target(face.sample.aus) for face in subject.faces]
    if frames is None:
        return [editor.edit(subject.faces, torch.stack(targets), steps)]
    ways = [editor.path(face, aus, frames, steps) for face, aus in zip(subject.faces, targets, strict=True)]
    return [list(edits) for edits in zip(*ways, strict=True)]


def with_pasting(faces: Sequence[Face], seamless: bool | None, regions: Sequence[str]) -> tuple[Face, ...]:
    """Faces whose edits are put back so; without `seamless`, as suits each of them."""
    return tuple(attrs.evolve(face, pasting=_pasting(face.pasting, seamless, regions)) for face in faces)


def _pasting(own: Pasting, seamless: bool | None, regions: Sequence[str]) -> Pasting:
    chosen = own if seamless is None else SEAMLESS if seamless else EXACT
    return attrs.evolve(chosen, regions=tuple(regions))


def shown(subject: Subject, edits: Sequence[EditedFace], step: int = -1) -> NDArray[np.uint8]:
    """The picture after a step of its edits as people see it, RGB uint8 `(H, W, 3)`."""
    return attrs.evolve(subject.photo, values=pasted(subject.photo, edits, step)).pixels


def provenance_of(editor: Editor, edits: Sequence[EditedFace]) -> Provenance:
    """What the edited picture says of itself."""
    asked = [changes_of(editor.aus, edit) for edit in edits]
    several = len(edits) > 1
    said = [f"face {e.face.number}: {text}" if several else text for e, text in zip(edits, asked, strict=True)]
    return Provenance(editor.trained.path.resolve().name, tuple(said), editor.forward.precision)


def changes_of(aus: AUSet, edited: EditedFace, *, every_step: bool = False) -> str:
    """The AUs that change most, from what to what, or to what in each of the steps."""
    asked = edited.step_targets if every_step and edited.step_targets else (edited.target_aus,)
    ways = zip(*(vector.tolist() for vector in (edited.face.sample.aus, *asked)), strict=True)
    units = sorted(zip(aus.names, ways, strict=True), key=lambda unit: -abs(unit[1][-1] - unit[1][0]))
    shown = [
        f"{name} {' -> '.join(f'{value:.2f}' for value in values)}"
        for name, values in units[:5]
        if abs(values[-1] - values[0]) >= 0.02
    ]
    return ", ".join(shown) or "its own AUs"
