"""Faces in the rows of a CSV file, and which of them is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import FoundFace, Picture, fail
from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.labels import POINTS
from efgan_kit.components.datasets.photos.table import Row, Table, read_table

NEAR: Final = 0.5
"""How far two landmarkers' points of one face may lie apart on average, over the distance of its outer eye corners."""


def table_of(path: Path) -> Table:
    """A CSV file's table. Raises EfganError if it can't be read."""
    findings = Findings()
    table = read_table(path, str(path), findings)
    findings.raise_if_faulty()
    assert table is not None
    return table


def numbers(table: Table, row: Row, columns: Sequence[str]) -> list[float]:
    """The cells of `columns` as numbers. Raises EfganError for columns that aren't there and cells that aren't."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        few = ", ".join(missing[:4]) + (f", ... ({len(missing)} in all)" if len(missing) > 4 else "")
        raise fail(f"{table.where}:1", f"there is no column {few}")
    findings = Findings()
    values = table.numbers(row, columns, findings)
    findings.raise_if_faulty()
    assert values is not None
    return values


def landmarks_of(table: Table, row: Row) -> NDArray[np.float32]:
    """The 68 points `(68, 2)` of a row with the columns `x_0` .. `x_67`, `y_0` .. `y_67`."""
    values = np.array(numbers(table, row, POINTS), dtype=np.float32)
    return np.ascontiguousarray(values.reshape(2, -1).T)


def bounded(table: Table, row: Row, columns: Sequence[str], most: float) -> dict[str, float]:
    """The cells of `columns` by name. Raises EfganError for those outside [0, most]."""
    values = dict(zip(columns, numbers(table, row, columns), strict=True))
    for column, value in values.items():
        if not 0 <= value <= most:
            raise fail(table.at(row), f"{column}: {value:g} is outside 0..{most:g}")
    return values


def path_of(picture: Picture, reader: str) -> Path:
    """The picture's file. Raises EfganError where it has none: a video's frame, a camera's picture."""
    if picture.path is None:
        raise fail(reader, "reads what was written about files, and this picture is none")
    return picture.path


def same_face(face: FoundFace, others: Sequence[FoundFace], where: str) -> FoundFace:
    """The one of the other faces that is where `face` is. Raises EfganError if there is none."""
    if not others:
        raise fail(where, "tells of no face in this picture")
    gaps = [float(np.linalg.norm(face.landmarks - other.landmarks, axis=1).mean()) for other in others]
    nearest = int(np.argmin(gaps))
    if gaps[nearest] > NEAR * float(np.linalg.norm(face.landmarks[36] - face.landmarks[45])):
        raise fail(where, "tells of no face where this one was found")
    return others[nearest]


def signals_of(face: FoundFace, columns: Sequence[str]) -> Mapping[str, float] | None:
    """The columns' values, where the landmarker has left all of them with the face."""
    return face.signals if all(column in face.signals for column in columns) else None


def largest_first(faces: Sequence[FoundFace]) -> list[FoundFace]:
    """The faces in the order that landmarkers promise."""
    return sorted(faces, key=lambda face: -face.area)
