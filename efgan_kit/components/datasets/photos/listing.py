"""The files of a photo folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from efgan_kit.api import fail

from .findings import Findings

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@attrs.frozen
class Listing:
    """What lies below the root, as sorted POSIX paths relative to it.

    Attributes:
        pictures: Image files, by their suffix.
        tables: CSV files.
        details: The `NAME_of_details.txt` that OpenFace writes beside its CSV files.
        passed_over: Image files that are not used, whatever is said of them.
        others: Every other file.
    """

    root: Path
    pictures: tuple[str, ...]
    tables: tuple[str, ...]
    details: frozenset[str]
    passed_over: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()

    def only(self, used: Collection[str]) -> Listing:
        """The same folder with the other pictures passed over, and the CSV files that OpenFace wrote of them."""
        others = frozenset(self.pictures) - frozenset(used)
        theirs = {PurePosixPath(picture).stem for picture in others}
        theirs -= {PurePosixPath(picture).stem for picture in used} | {"labels", "pairs"}
        return attrs.evolve(
            self,
            pictures=tuple(picture for picture in self.pictures if picture not in others),
            tables=tuple(path for path in self.tables if PurePosixPath(path).stem not in theirs),
            passed_over=others,
        )


def list_files(root: str | Path, findings: Findings) -> Listing:
    """Every picture and CSV file below `root`; hidden folders and OpenFace's `NAME_aligned` are passed over.

    Raises:
        EfganError: The root is missing or no folder. Folders below it that can't be read are faults in
        `findings`.
    """
    base = Path(root).expanduser()
    try:
        status = base.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise fail(str(root), "there is no such folder") from error
    except (OSError, ValueError) as error:
        raise fail(str(root), f"the folder cannot be read: {getattr(error, 'strerror', error)}") from error
    if not stat.S_ISDIR(status.st_mode):
        hint = f"give its folder, '{base.parent}'" if base.suffix.lower() == ".csv" else "give a photo folder"
        raise fail(str(root), "is a file, not a folder", hint)
    pictures: list[str] = []
    tables: list[str] = []
    details: list[str] = []
    others: list[str] = []
    visited: set[str] = set()

    def unreadable(error: OSError) -> None:
        findings.fault(str(error.filename), f"the folder cannot be read: {error.strerror}")

    for folder, below, files in os.walk(base, onerror=unreadable, followlinks=True):
        here = os.path.realpath(folder)
        if here in visited:  # links may lead in a circle
            below.clear()
            continue
        visited.add(here)
        below[:] = sorted(n for n in below if not n.startswith(".") and not n.endswith("_aligned"))
        prefix = Path(folder).relative_to(base).as_posix()
        for name in files:
            if name.startswith("."):
                continue
            path = name if prefix == "." else f"{prefix}/{name}"
            suffix = PurePosixPath(name).suffix.lower()
            if suffix in PICTURES:
                pictures.append(path)
            elif suffix == ".csv":
                tables.append(path)
            elif name.endswith("_of_details.txt"):
                details.append(path)
            else:
                others.append(path)
    return Listing(
        base, tuple(sorted(pictures)), tuple(sorted(tables)), frozenset(details), others=tuple(sorted(others))
    )
