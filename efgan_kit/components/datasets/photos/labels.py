"""The labels of a photo folder: `labels.csv` files, or the CSV files that OpenFace's FaceLandmarkImg writes.

Where there is a `labels.csv` anywhere below the root, the labels are those files alone. Columns and file
formats: https://github.com/TadasBaltrusaitis/OpenFace/wiki/Output-Format
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from efgan_kit.api import landmarks as scheme

from .findings import Findings
from .listing import Listing
from .table import Row, Table, read_table, shown

TRUSTED: Final = 0.5
"""OpenFace's confidence below which a face's labels are not used."""
INTENSITY: Final = 5.0
"""The upper end of OpenFace's AU intensities."""
POINTS: Final = tuple(f"{axis}_{i}" for axis in "xy" for i in range(scheme.COUNT))


@attrs.frozen(eq=False)
class Label:
    """One face's labels.

    Attributes:
        where: The line they were read from.
        image: The picture's path relative to the root.
        person: Whose face it is; empty if the labels do not say.
        landmarks: float32 `(68, 2)`, pixels of the picture.
        aus: float32 `(A,)` in 0..5.
    """

    where: str
    image: str
    person: str
    landmarks: NDArray[np.float32]
    aus: NDArray[np.float32]


@attrs.frozen
class Labels:
    """All labels of a folder, and the pictures whose labels are not to be trusted."""

    faces: tuple[Label, ...]
    dropped: tuple[str, ...]


def read_labels(listing: Listing, units: Sequence[str], findings: Findings) -> Labels:
    """The folder's labels for the AUs `units`; everything that is wrong with them goes to `findings`."""
    files = [path for path in listing.tables if PurePosixPath(path).name == "labels.csv"]
    if (listing.root / "labels.csv").is_dir():
        files.append("labels.csv")
    reader = _Reader(units, findings)
    if files:
        for path in files:
            reader.read_labels_csv(listing, path)
    else:
        reader.read_openface(listing)
        if not (reader.faces or reader.dropped or findings.faults):
            hint = "write labels.csv, or run OpenFace's FaceLandmarkImg on the pictures"
            findings.fault(str(listing.root), "the folder has no labels", hint)
    what = f"dropped: OpenFace found no face, or was less than {TRUSTED:g} confident of it"
    findings.warn_of_several(reader.dropped, what)
    what = "has several faces: the labels of the one with the highest confidence are used"
    findings.warn_of_several(reader.crowded, what)
    if reader.faces:
        _check_intensities(reader.faces, findings)
    elif reader.dropped and not findings.faults:
        what = f"OpenFace is confident of none of the {len(reader.dropped)} faces"
        findings.fault(str(listing.root), what)
    return Labels(tuple(reader.faces), tuple(reader.dropped))


def _check_intensities(faces: list[Label], findings: Findings) -> None:
    highest = max(float(face.aus.max(initial=0.0)) for face in faces)
    if 0 < highest <= 1:
        what = f"no AU is above {highest:g} in the whole folder"
        findings.warn("", what, "OpenFace's intensities are 0..5: multiply by 5 if these are 0..1")


def relative_image(text: str, base: PurePosixPath) -> tuple[str, str]:
    """An `image` cell as a path relative to the root, and what is wrong with it (empty if nothing is)."""
    path = PurePosixPath(text.replace("\\", "/"))
    if not text or path == PurePosixPath():
        return "", "the cell is empty"
    if path.is_absolute() or PureWindowsPath(text).drive:
        return "", f"{shown(text)} is an absolute path"
    if ".." in path.parts:
        return "", f"{shown(text)} leads out of the folder"
    return str(base / path), ""


@attrs.define
class _Reader:
    """Gathers labels over the files of one folder."""

    units: Sequence[str]
    findings: Findings
    faces: list[Label] = attrs.field(factory=list)
    dropped: list[str] = attrs.field(factory=list)
    crowded: list[str] = attrs.field(factory=list)
    first_seen: dict[str, str] = attrs.field(factory=dict)

    @property
    def columns(self) -> list[str]:
        return [*POINTS, *(f"{unit}_r" for unit in self.units)]

    def read_labels_csv(self, listing: Listing, path: str) -> None:
        """One `labels.csv`; its image paths are relative to the folder it lies in."""
        table = read_table(listing.root / path, path, self.findings)
        if table is None or not self._has_columns(table, "image"):
            return
        if not table.rows and not self.findings.faults:
            self.findings.fault(path, "names no images: there is no line below the header")
        for row in table.rows:
            image, problem = relative_image(table.text(row, "image"), PurePosixPath(path).parent)
            if image in listing.passed_over:
                continue
            if problem:
                hint = f"write it relative to the folder of {table.where}"
                self.findings.fault(table.at(row), f"image: {problem}", hint)
            elif image in self.first_seen:
                hint = f"it has its labels at {self.first_seen[image]}"
                self.findings.fault(table.at(row), f"image: {shown(image)} is there twice", hint)
            else:
                self.first_seen[image] = table.at(row)
                self._add(table, row, image)

    def read_openface(self, listing: Listing) -> None:
        """FaceLandmarkImg's `NAME.csv` files, which lie beside the pictures or in a folder of their own."""
        by_stem: dict[str, list[str]] = {}
        for picture in listing.pictures:
            by_stem.setdefault(PurePosixPath(picture).stem, []).append(picture)
        for path in listing.tables:
            stem = PurePosixPath(path).stem
            if stem == "pairs":
                continue
            candidates = _candidates(path, by_stem.get(stem, []), listing)
            # A CSV file of another make that belongs to no picture is nobody's business here.
            scratch = self.findings if candidates else Findings()
            table = read_table(listing.root / path, path, scratch)
            if table is None or not (candidates or "x_0" in table.columns):
                continue
            if "frame" in table.columns:
                hint = "run FaceLandmarkImg on the frames as pictures"
                self.findings.fault(path, "holds the frames of a video", hint)
            elif len(candidates) != 1:
                both = " and ".join(candidates[:2]) + " both fit"
                what = both if candidates else f"there is no picture {stem}.*"
                self.findings.fault(path, what, "a picture and its CSV file share their name")
            elif candidates[0] in self.first_seen:
                hint = f"it has its labels at {self.first_seen[candidates[0]]}"
                self.findings.fault(path, f"{candidates[0]} is labelled twice", hint)
            elif self._has_columns(table):
                self.first_seen[candidates[0]] = path
                self._add_best(table, candidates[0])

    def _add_best(self, table: Table, image: str) -> None:
        """The face that OpenFace is most confident of; the first of equals."""
        if not table.rows:
            self.dropped.append(image)
            return
        best, confidence = table.rows[0], -1.0
        if len(table.rows) > 1:
            self.crowded.append(image)
            for row in table.rows if "confidence" in table.columns else []:
                value = table.numbers(row, ["confidence"], self.findings)
                if value is None:
                    return
                if value[0] > confidence:
                    best, confidence = row, value[0]
        self._add(table, best, image)

    def _has_columns(self, table: Table, *more: str) -> bool:
        missing = [column for column in (*more, *self.columns) if column not in table.columns]
        aus = [column for column in missing if column.startswith("AU")]
        points = [column for column in missing if column in POINTS]
        if more and missing[:1] == ["image"]:
            self.findings.fault(f"{table.where}:1", "there is no column 'image'")
        if aus:
            what = f"there is no column {', '.join(aus)}"
            self.findings.fault(f"{table.where}:1", what, "OpenFace writes them with the option -aus")
        if points:
            few = ", ".join(points[:4]) + (f", ... ({len(points)} in all)" if len(points) > 4 else "")
            what = f"there is no column {few}"
            self.findings.fault(f"{table.where}:1", what, "OpenFace writes them with the option -2Dfp")
        return not missing

    def _add(self, table: Table, row: Row, image: str) -> None:
        trust = self._trust(table, row)
        if trust is None:
            return
        if not trust:
            self.dropped.append(image)
            return
        values = table.numbers(row, self.columns, self.findings)
        if values is None:
            return
        numbers = np.array(values, dtype=np.float32)
        aus = numbers[len(POINTS) :]
        for unit, intensity in zip(self.units, aus.tolist(), strict=True):
            if not 0 <= intensity <= INTENSITY:
                what = f"{unit}_r: {intensity:g} is outside 0..{INTENSITY:g}"
                self.findings.fault(table.at(row), what)
        points = np.ascontiguousarray(numbers[: len(POINTS)].reshape(2, scheme.COUNT).T)
        self.faces.append(Label(table.at(row), image, table.text(row, "person"), points, aus))

    def _trust(self, table: Table, row: Row) -> bool | None:
        """Whether OpenFace believes its own labels; None after a fault."""
        columns = [column for column in ("confidence", "success") if table.text(row, column)]
        values = table.numbers(row, columns, self.findings)
        if values is None:
            return None
        known = dict(zip(columns, values, strict=True))
        return known.get("confidence", 1.0) >= TRUSTED and known.get("success", 1.0) != 0


def _candidates(path: str, pictures: list[str], listing: Listing) -> list[str]:
    """Which of the pictures of the right name a CSV file speaks of.

    FaceLandmarkImg leaves a picture with the landmarks painted in beside its CSV file, and tells of it in
    `NAME_of_details.txt`; with that at hand the picture elsewhere is meant, otherwise the one beside.
    """
    folder = PurePosixPath(path).parent
    beside = [picture for picture in pictures if PurePosixPath(picture).parent == folder]
    elsewhere = [picture for picture in pictures if picture not in beside]
    if str(PurePosixPath(path).with_suffix("")) + "_of_details.txt" in listing.details:
        return elsewhere or beside
    return beside or elsewhere
