"""A few drawn faces as files, on which readers of photographs are examined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.drawing.photo_folder_writer import write_photo_folder
from efgan_kit.components.datasets.drawn_faces import DrawnFaces


def sample_photos(folder: Path, names: Sequence[str] = ()) -> dict[str, str]:
    """Write four drawn faces of two people into ``folder`` as a photo folder, with all AUs of `openface-17`.

    Args:
        names: What the four pictures are called, without suffix.

    Returns:
        The entry ``root`` of a recipe that reads them.
    """
    drawn = DrawnFaces(FaceSpec(64, au_set("openface-17")), people=2, expressions=2)
    drawn.names = list(names) or drawn.names
    write_photo_folder(drawn, folder)
    return {"root": str(folder)}
