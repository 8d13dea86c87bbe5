"""What py-feat wrote about pictures: `Fex.write` or `Fex.to_csv` of `Detector.detect`.

Columns, by its source (cosanlab/py-feat, feat/pretrained.py and feat/utils): `input`, the picture's path; `frame`;
`FaceRectX` .. `FaceRectHeight`, `FaceScore`; `x_0` .. `x_67`, `y_0` .. `y_67` in pixels; `AU01` .. `AU43` in [0, 1].
`Pitch`, `Roll` and `Yaw` are not read: its present source writes radians, and a file does not say which release
wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Final

from efgan_kit.api import FoundFace, Picture, fail
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
from efgan_kit.components.readers.samples import picture_with_face, pyfeat_table

SOURCES: Final = {
    **{
        unit: unit
        for unit in (
            "AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU10", "AU12", "AU14", "AU15", "AU17", "AU20",
            "AU23", "AU25", "AU26",
        )
    },
    "AU45": "AU43",
}  # fmt: skip
"""The column of each AU. In a still picture a blink (AU45) and closed eyes (AU43) are the same."""
COLUMNS: Final = tuple(SOURCES.values())
UNSEEN: Final = frozenset({"", "nan", "NaN"})


class PyFeat:
    """The faces in a CSV file that py-feat wrote of many pictures."""

    @staticmethod
    def example(folder: Path) -> Mapping[str, str]:
        """What py-feat writes of a drawn face."""
        return {"table": str(pyfeat_table(folder))}

    example_values = staticmethod(picture_with_face)

    def __init__(self, *, table: str) -> None:
        """Read the file.

        Args:
            table: The CSV file. Its column `input` names the pictures, by as much of their paths as tells them apart.
        """
        self._faces = _FexFile(table)

    def __call__(self, picture: Picture) -> Sequence[FoundFace]:
        """Every face that the file tells of in this picture, the largest first; its AU columns are the signals."""
        return largest_first(self._faces.of(picture))


class PyFeatAUs:
    """py-feat's AUs: probabilities that an AU shows (`xgb`) or whether it does (`svm`: 0 or 1), not intensities.

    AU45 is py-feat's AU43, eyes closed.
    """

    @staticmethod
    def example(folder: Path) -> Mapping[str, str]:
        """What py-feat writes of a drawn face."""
        return {"table": str(pyfeat_table(folder))}

    example_values = staticmethod(picture_with_face)

    units: Sequence[str] = tuple(SOURCES)
    blind: Mapping[str, str] = {}

    def __init__(self, *, table: str | None = None) -> None:
        """Read the file, if one is given.

        Args:
            table: The CSV file, where another landmarker than `pyfeat` finds the faces; that leaves the AUs with them.
        """
        self._faces = None if table is None else _FexFile(table)

    def __call__(self, picture: Picture, face: FoundFace) -> Mapping[str, float]:
        """Values in [0, 1]."""
        values = signals_of(face, COLUMNS)
        if values is None and self._faces is not None:
            found = same_face(face, self._faces.of(picture), str(self._faces.path))
            values = signals_of(found, COLUMNS)
        if values is None:
            what = "there are no AUs of py-feat's with this face"
            raise fail("pyfeat", what, "use the landmarker pyfeat, or say table=FILE, a file with AUs")
        return {unit: values[column] for unit, column in SOURCES.items()}


class _FexFile:
    """A CSV file's rows by the pictures' names."""

    def __init__(self, table: str) -> None:
        self.path = Path(table).expanduser()
        if not self.path.is_file():
            raise ValueError(f"table: there is no file '{table}'")
        self._table = table_of(self.path)
        if "input" not in self._table.columns:
            raise fail(f"{self.path}:1", "there is no column 'input'", "py-feat writes it for pictures that are files")
        if "x_68" in self._table.columns:
            what = "holds MediaPipe's landmarks, of which there are more than 68"
            raise fail(f"{self.path}:1", what, "use py-feat's Detector in place of its MPDetector")
        self._rows: dict[str, list[tuple[tuple[str, ...], Row]]] = {}
        for row in self._table.rows:
            parts = PureWindowsPath(self._table.text(row, "input")).parts  # knows both kinds of slash
            if parts:
                self._rows.setdefault(parts[-1], []).append((parts, row))

    def of(self, picture: Picture) -> list[FoundFace]:
        """The faces of a picture. Raises EfganError if the file doesn't list it, or lists several that it could be."""
        path = path_of(picture, "pyfeat")
        listed = self._rows.get(path.name, [])
        if not listed:
            raise fail(str(self.path), f"does not list {path.name}", "run py-feat on the pictures")
        whole = path.absolute().parts
        shared = [_shared(parts, whole) for parts, _ in listed]
        nearest = {parts for (parts, _), depth in zip(listed, shared, strict=True) if depth == max(shared)}
        if len(nearest) > 1:
            what = f"lists several pictures that {path.name} could be"
            raise fail(str(self.path), what, "write whole paths as input")
        rows = [row for parts, row in listed if parts in nearest]
        return [_face(self._table, row) for row in rows if self._table.text(row, "x_0") not in UNSEEN]


def _shared(these: tuple[str, ...], those: tuple[str, ...]) -> int:
    """How many parts two paths share, counted from their ends."""
    count = 0
    for one, other in zip(reversed(these), reversed(those), strict=False):
        if one != other:
            break
        count += 1
    return count


def _face(table: Table, row: Row) -> FoundFace:
    signals = bounded(table, row, COLUMNS, 1.0) if COLUMNS[0] in table.columns else {}
    score = numbers(table, row, ["FaceScore"])[0] if "FaceScore" in table.columns else 1.0
    return FoundFace(landmarks_of(table, row), min(max(score, 0.0), 1.0), None, signals)
