"""The labels of a prepared folder: OpenFace's columns, and what else is known of each face."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from efgan_kit.components.datasets.photos.labels import INTENSITY, POINTS
from efgan_kit.faces.aus import AU_SETS
from efgan_kit.preparation.outcomes import Outcome, PreparedFace
from efgan_kit.preparation.people import Naming, Sitter

UNITS: Final = AU_SETS["openface-17"].names
COLUMNS: Final = (
    "image", "person", "expression", "confidence", "photo", "face", "face_px", "sharpness", "brightness",
    "pitch", "yaw", "roll", *(f"{unit}_r" for unit in UNITS), *POINTS,
)  # fmt: skip


@attrs.frozen
class Labelled:
    """A face of the folder with whose it is.

    Attributes:
        photo: The picture that it was cut from, relative to the photos.
        place: Its number among that picture's faces.
    """

    face: PreparedFace
    sitter: Sitter
    photo: str
    place: int


def labelled(outcomes: Iterable[Outcome], named: Naming) -> list[Labelled]:
    """Every face that was cut out; several of one picture are several people, whom its name can't tell apart."""
    faces = []
    for outcome in outcomes:
        sitter = named(outcome.picture) if len(outcome.faces) == 1 else Sitter()
        faces += [Labelled(face, sitter, outcome.picture, place) for place, face in enumerate(outcome.faces)]
    return faces


def to_labels_csv(faces: Sequence[Labelled]) -> bytes:
    """`labels.csv`, as a photo folder has it; AUs that were not measured are 0."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    for entry in faces:
        face = entry.face
        intensities = [f"{INTENSITY * face.aus.get(unit, 0.0):.4f}" for unit in UNITS]
        points = [f"{value:.4f}" for axis in zip(*face.landmarks, strict=True) for value in axis]
        rows.writerow(
            [
                face.image, entry.sitter.person, entry.sitter.expression, face.confidence, printable(entry.photo),
                entry.place, face.face_px, face.sharpness, face.brightness, *face.pose, *intensities, *points,
            ]
        )  # fmt: skip
    return written.getvalue().encode("utf-8")


def printable(name: str) -> str:
    """A path as text that can be written and shown: file names need not be Unicode, or of one line."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name.encode("utf-8", "backslashreplace").decode())
