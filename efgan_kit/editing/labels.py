"""A single picture's labels, wherever they are; the faults of other pictures' lines do not matter here."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from efgan_kit.components.datasets.photos.findings import Findings
from efgan_kit.components.datasets.photos.fit import check_fit
from efgan_kit.components.datasets.photos.labels import INTENSITY, POINTS, TRUSTED, Label, relative_image
from efgan_kit.components.datasets.photos.table import Row, Table, read_table
from efgan_kit.errors import EfganError, fail

UNIT_COLUMN: Final = re.compile(r"AU\d+_r")
HOW: Final = (
    "an edit needs the face's landmarks and AUs: run OpenFace's `FaceLandmarkImg -f {} -2Dfp -aus` and"
    " give the CSV file that it writes with --labels"
)


class LabelFinder:
    """Finds pictures' labels; each CSV file is read once.

    Args:
        units: The AUs wanted.
        given: A CSV file to look in; without it, the `labels.csv` files in the picture's folder and those
            above, then the CSV file of the picture's own name beside it, as OpenFace writes it.
    """

    def __init__(self, units: Sequence[str], given: Path | None = None) -> None:
        self.columns = [*POINTS, *(f"{unit}_r" for unit in units)]
        self.given = given
        self._tables: dict[Path, Table] = {}

    def find(self, image: Path, size: tuple[int, int]) -> Label:
        """The labels of `image`, a picture of `size` (width, height).

        Raises:
            EfganError: There are none, or they are at fault.
        """
        table, row = self._row(image)
        missing = [column for column in self.columns if column not in table.columns]
        if missing:
            few = ", ".join(missing[:4]) + (f", ... ({len(missing)} in all)" if len(missing) > 4 else "")
            hint = "OpenFace writes them with the options -2Dfp and -aus"
            raise fail(f"{table.where}:1", f"there is no column {few}", hint)
        findings = Findings()
        trust = [column for column in ("confidence", "success") if table.text(row, column)]
        believed = table.numbers(row, trust, findings)
        values = table.numbers(row, self.columns, findings)
        findings.raise_if_faulty()
        assert believed is not None
        assert values is not None
        known = dict(zip(trust, believed, strict=True))
        if known.get("confidence", 1.0) < TRUSTED or known.get("success", 1.0) == 0:
            what = f"OpenFace found no face in {image}, or was less than {TRUSTED:g} confident of it"
            raise fail(table.at(row), what)
        numbers = np.array(values, dtype=np.float32)
        points = np.ascontiguousarray(numbers[: len(POINTS)].reshape(2, -1).T)
        label = Label(table.at(row), str(image), table.text(row, "person"), points, numbers[len(POINTS) :])
        for column, intensity in zip(self.columns[len(POINTS) :], label.aus.tolist(), strict=True):
            if not 0 <= intensity <= INTENSITY:
                findings.fault(table.at(row), f"{column}: {intensity:g} is outside 0..{INTENSITY:g}")
        check_fit([label], {label.image: size}, findings)
        findings.raise_if_faulty()
        return label

    def knows(self, image: Path) -> bool:
        """Whether labels of the picture are given, or there are some. Raises EfganError if a file can't be read."""
        return self.given is not None or self._beside(image) is not None

    def _row(self, image: Path) -> tuple[Table, Row]:
        """The line that tells of the picture."""
        whole = Path(os.path.abspath(image))  # noqa: PTH100 - `resolve` would follow links out of the folder
        if self.given is not None:
            found = self._in_table(self.given, whole)
            if found is None:
                raise fail(
                    str(self.given), f"does not list {image}", "its paths are relative to the file's folder"
                )
            return found
        found = self._beside(image)
        if found is None:
            own = image.with_suffix(".csv").name
            what = f"has no labels: no labels.csv above it lists it, and beside it there is no {own}"
            raise fail(str(image), what, how_to_label(image))
        return found

    def _beside(self, image: Path) -> tuple[Table, Row] | None:
        """The picture's line in a `labels.csv` above it, or in the file of its own name; None if there is none."""
        whole = Path(os.path.abspath(image))  # noqa: PTH100 - as above
        for folder in whole.parents:
            if (folder / "labels.csv").is_file():
                found = self._in_table(folder / "labels.csv", whole)
                if found is not None:
                    return found
        own = whole.with_suffix(".csv")
        return self._in_table(own, whole) if own.is_file() else None

    def _in_table(self, path: Path, image: Path) -> tuple[Table, Row] | None:
        """The picture's line in a file that lists pictures, or the best face of one that OpenFace wrote."""
        table = self._read(path)
        if "image" in table.columns:
            folder = Path(os.path.abspath(path)).parent  # noqa: PTH100
            for row in table.rows:
                relative, problem = relative_image(table.text(row, "image"), PurePosixPath())
                if not problem and folder / relative == image:
                    return table, row
            return None
        if "x_0" not in table.columns:
            return None
        if not table.rows:
            raise fail(table.where, f"OpenFace found no face in {image.name}")
        if "frame" in table.columns:
            raise fail(table.where, "holds the frames of a video", "run FaceLandmarkImg on a picture")
        return table, max(table.rows, key=lambda row: _confidence(table, row))

    def _read(self, path: Path) -> Table:
        if path not in self._tables:
            findings = Findings()
            if not path.exists():
                raise fail(str(path), "there is no such file")
            table = read_table(path, str(path), findings)
            if table is None:
                raise EfganError(*findings.faults)
            self._tables[path] = table
        return self._tables[path]


def how_to_label(image: Path) -> str:
    """How a picture gets labels."""
    return HOW.format(image.name)


def _confidence(table: Table, row: Row) -> float:
    try:
        return float(table.text(row, "confidence") or 0)
    except ValueError:
        return 0.0
