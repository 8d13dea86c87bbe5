"""What a visitor takes home: the edited picture, and the way there."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.editing.edited import EditedFace
from efgan_kit.editing.output import write_frames
from efgan_kit.editing.photo_writing import write_photo
from efgan_kit.editing.photos import pasted
from efgan_kit.editing.requests import provenance_of, shown
from efgan_kit.editing.studio.session import Session

FRAMES: Final = 12
"""Of the way there."""


def edited_file(session: Session) -> bytes:
    """The edited picture at its own resolution, as a PNG file that says how it was edited."""
    subject, edits = session.subject, session.edits
    provenance = provenance_of(session.shared.editor, edits)
    return _file("edited.png", lambda path: write_photo(path, subject.photo, pasted(subject.photo, edits), provenance))


def way_file(session: Session) -> bytes:
    """The chosen face's way from what it was to its edit in `FRAMES` frames, the others edited; a GIF file."""
    wish, subject = session.wish, session.subject
    assert wish is not None
    others = [edit for edit in session.edits if edit is not wish.edited]
    change = wish.change(session.aus)
    way = session.shared.edit(subject.photo, wish.placed, change, wish.steps, FRAMES)

    def frames() -> Iterator[NDArray[np.uint8]]:
        for frame in way:
            edits: list[EditedFace] = [*others, frame]
            yield shown(subject, edits)

    provenance = provenance_of(session.shared.editor, session.edits)
    return _file("way.gif", lambda path: write_frames(path, frames(), provenance=provenance))


def _file(name: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="efgan-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
