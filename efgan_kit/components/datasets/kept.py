"""What the cache of faces holds, and how it is emptied."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from efgan_kit.api import fail

from .face_cache import RECORD, faces_folder


@attrs.frozen
class Kept:
    """The kept faces of one kind and size.

    Attributes:
        name: Of their files: `photos-128` for faces of photo folders, 128 pixels wide.
        faces: How many.
        bytes: What their files take of the disk.
        used: When one of them was read or kept last, to the hour; None if nothing says so.
    """

    name: str
    faces: int
    bytes: int
    used: datetime | None

    def to_plain(self) -> dict[str, Any]:
        return {**attrs.asdict(self), "used": self.used and self.used.isoformat()}


def kept_faces() -> list[Kept]:
    """By name. Raises EfganError if the folder can't be read."""
    folder = faces_folder()
    try:
        names = sorted({path.stem for path in _files(folder)})
        return [_kept(folder, name) for name in names]
    except OSError as error:
        raise fail(str(folder), f"cannot be read: {error.strerror or error}") from error


def clear() -> None:
    """Remove all kept faces; trainings that read them go on, and keep faces anew.

    Raises:
        EfganError: A file can't be removed.
    """
    folder = faces_folder()
    try:
        for path in _files(folder):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise fail(str(folder), f"cannot be emptied: {error.strerror or error}", "mend the permissions") from error


def _files(folder: Path) -> list[Path]:
    """Those of the cache, whatever else lies there; the indices first, for without them no row counts."""
    if not folder.is_dir():
        return []
    return [*sorted(folder.glob("*.index")), *sorted(folder.glob("*.faces"))]


def _kept(folder: Path, name: str) -> Kept:
    records, size = np.empty(0, RECORD), 0
    for path in (folder / f"{name}.index", folder / f"{name}.faces"):
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            size += getattr(status, "st_blocks", -(-status.st_size // 512)) * 512
            if path.suffix == ".index":
                records = np.fromfile(path, RECORD)
    faces = len(np.unique(records["key"]))
    last = int(records["used"].max(initial=0))
    try:
        used = datetime.fromtimestamp(last, UTC) if last else None
    except (OverflowError, ValueError, OSError):  # damaged
        used = None
    return Kept(name, faces, size, used)
