"""What became of each picture, and the journal of it, which an interrupted preparation goes on from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import attrs
import cattrs

from efgan_kit.files import write_atomically, writing


@attrs.frozen
class PreparedFace:
    """A face that was cut out.

    Attributes:
        image: Its picture, relative to the folder that is written.
        landmarks: 68 points in that picture, x and y.
        aus: Intensities in [0, 1] by AU name.
        confidence: The landmarker's.
        face_px: Pixels of its frame's side in the photo.
        sharpness: `quality.sharpness`.
        brightness: `quality.brightness`.
        pose: Pitch, yaw and roll in degrees.
        hash: `quality.difference_hash`.
    """

    image: str
    landmarks: list[tuple[float, float]]
    aus: dict[str, float]
    confidence: float
    face_px: int
    sharpness: float
    brightness: float
    pose: tuple[float, float, float]
    hash: str


@attrs.frozen
class Outcome:
    """What became of one picture.

    Attributes:
        picture: Its path relative to the photos.
        digest: SHA-256 of its content; empty if that can't be read.
        faces: What was cut out of it, the largest first.
        skipped: Why a face of it, or all of it, is not there; one reason each.
        thumbnail: A small picture of it for the report, in the work folder; empty if there is none.
    """

    picture: str
    digest: str
    faces: list[PreparedFace] = attrs.field(factory=list)
    skipped: list[str] = attrs.field(factory=list)
    thumbnail: str = ""


class Journal:
    """The outcomes of a folder, a line each, in the order in which they came about.

    Args:
        file: Read here; made by the first outcome.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> dict[str, Outcome]:
        """The outcomes by picture. A line that a killed process left half written counts for nothing."""
        known: dict[str, Outcome] = {}
        if not self.file.exists():
            return known
        with writing(self.file):
            lines = self.file.read_bytes().split(b"\n")
            whole = lines[:-1]
            for line in whole:
                try:
                    outcome = cattrs.structure(json.loads(line), Outcome)
                except Exception:  # cattrs raises a group of whatever went wrong
                    continue
                known[outcome.picture] = outcome
            if lines[-1]:
                write_atomically(self.file, b"".join(line + b"\n" for line in whole))
        return known

    def add(self, outcome: Outcome) -> None:
        """Raises EfganError if it can't be written."""
        with writing(self.file), self.file.open("ab") as file:
            file.write(_line(outcome))

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Keep these outcomes and no others, in their order: the same folder is then the same journal."""
        with writing(self.file):
            write_atomically(self.file, b"".join(map(_line, outcomes)))


def _line(outcome: Outcome) -> bytes:
    # ASCII: names of files need not be Unicode, and JSON can say even those.
    return (json.dumps(attrs.asdict(outcome)) + "\n").encode("ascii")
