"""What OpenFace 2's FaceLandmarkImg wrote about pictures.

Columns: https://github.com/TadasBaltrusaitis/OpenFace/wiki/Output-Format
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from efgan_kit.api import FoundFace, Picture, au_set, fail
from efgan_kit.components.datasets.photos.labels import INTENSITY
from efgan_kit.components.datasets.photos.table import Row, Table
from efgan_kit.components.readers.rows import (
    bounded,
    landmarks_of,
    largest_first,
    numbers,
    path_of,
    same_face,
    signals_of,
    table_of,
)
from efgan_kit.components.readers.samples import openface_folder, picture_with_face

UNITS: Final = au_set("openface-17").names
COLUMNS: Final = tuple(f"{unit}_r" for unit in UNITS)
POSE: Final = ("pose_Rx", "pose_Ry", "pose_Rz")
"""Pitch, yaw and roll in radians."""
RUN: Final = "run OpenFace's FaceLandmarkImg with -2Dfp -aus, and say where its CSV files are by folder=DIR"


class OpenFace:
    """The faces in the CSV files that OpenFace's FaceLandmarkImg wrote, one for each picture, of the picture's name.

    OpenFace's models are for academic and other non-commercial use.
    """

    @staticmethod
    def example(folder: Path) -> Mapping[str, str]:
        """What OpenFace writes of a drawn face."""
        return {"folder": str(openface_folder(folder))}

    example_values = staticmethod(picture_with_face)

    def __init__(self, *, folder: str | None = None) -> None:
        """Look for nothing yet.

        Args:
            folder: Where the CSV files are, at any depth; beside the pictures if not given.
        """
        self._files = _CSVFiles(folder)

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        """Every face in the picture's CSV file, the largest first; OpenFace's own columns are the signals."""
        return largest_first(self._files.faces(picture))


class OpenFaceAUs:
    """OpenFace's AU intensities (`AU01_r` .. `AU45_r`, 0..5) over 5, from the CSV files that FaceLandmarkImg wrote."""

    @staticmethod
    def example(folder: Path) -> Mapping[str, str]:
        """What OpenFace writes of a drawn face."""
        return {"folder": str(openface_folder(folder))}

    example_values = staticmethod(picture_with_face)

    units: Sequence[str] = UNITS
    blind: Mapping[str, str] = {}

    def __init__(self, *, folder: str | None = None) -> None:
        """Look for nothing yet.

        Args:
            folder: Where the CSV files are, at any depth; beside the pictures if not given. The landmarker `openface`
                leaves the AUs with each face, so that the files are not needed again.
        """
        self._files = _CSVFiles(folder)

    def __call__(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        """Intensities in [0, 1]."""
        values = signals_of(face, COLUMNS)
        if values is None:
            path, faces = self._files.path(picture), self._files.faces(picture)
            values = signals_of(same_face(face, faces, str(path)), COLUMNS)
            if values is None:
                raise fail(f"{path}:1", "there are no columns AU01_r to AU45_r", "OpenFace writes them with -aus")
        return {unit: values[column] / INTENSITY for unit, column in zip(UNITS, COLUMNS, strict=True)}


class _CSVFiles:
    """Finds and reads the CSV file of a picture."""

    def __init__(self, folder: str | None) -> None:
        self.folder = None if folder is None else Path(folder).expanduser()
        if self.folder is not None and not self.folder.is_dir():
            raise ValueError(f"folder: there is no folder '{folder}'")
        self._by_stem: dict[str, list[Path]] | None = None

    def path(self, picture: Picture) -> Path:
        """Where the picture's CSV file is. Raises EfganError if there is none, or several fit."""
        image = path_of(picture, "openface")
        if self.folder is None:
            beside = image.with_suffix(".csv")
            if not beside.is_file():
                raise fail(str(image), f"beside it there is no {beside.name} of OpenFace's", RUN)
            return beside
        found = self._named(image.stem)
        if len(found) > 1:  # the same name in several folders: the one below folders of the same names
            found = [path for path in found if path.parent.name == image.parent.name]
        if len(found) != 1:
            several = "several files in" if found else "no file in"
            raise fail(str(image), f"{several} {self.folder} could be its {image.stem}.csv", RUN)
        return found[0]

    def faces(self, picture: Picture) -> list[FoundFace]:
        table = table_of(self.path(picture))
        if "frame" in table.columns:
            raise fail(table.where, "holds the frames of a video", "run FaceLandmarkImg on a picture")
        return [_face(table, row) for row in table.rows]

    def _named(self, stem: str) -> list[Path]:
        if self._by_stem is None:
            self._by_stem = {}
            assert self.folder is not None
            for path in sorted(self.folder.rglob("*.csv")):
                self._by_stem.setdefault(path.stem, []).append(path)
        return self._by_stem.get(stem, [])


def _face(table: Table, row: Row) -> FoundFace:
    signals = bounded(table, row, COLUMNS, INTENSITY) if COLUMNS[0] in table.columns else {}
    pose = None
    if POSE[0] in table.columns:
        pitch, yaw, roll = (math.degrees(angle) for angle in numbers(table, row, POSE))
        pose = (pitch, yaw, roll)
    trust = {name: numbers(table, row, [name])[0] for name in ("confidence", "success") if name in table.columns}
    confidence = min(max(trust.get("confidence", 1.0), 0.0), 1.0) if trust.get("success", 1.0) else 0.0
    return FoundFace(landmarks_of(table, row), confidence, pose, signals)
