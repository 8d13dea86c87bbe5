"""What other programs would write of a drawn face: readers of their files are examined on it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from efgan_kit.api import FaceSample, FaceSpec, FoundFace, Picture, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.photos.labels import INTENSITY

UNITS: Final = au_set("openface-17")
NAME: Final = "face"


def openface_folder(folder: Path) -> Path:
    """A folder with OpenFace's CSV file of the picture."""
    face = _drawn()
    aus = {f"{unit}_r": f"{INTENSITY * au:.2f}" for unit, au in zip(UNITS.names, face.aus.tolist(), strict=True)}
    _write(folder / f"{NAME}.csv", {"face": "0", "confidence": "0.975", **_points(face), **aus})
    return folder


def pyfeat_table(folder: Path) -> Path:
    """py-feat's CSV file of the picture."""
    face = _drawn()
    units = (*UNITS.names[:-1], "AU43")  # what it calls eyes closed
    aus = {unit: f"{au:.2f}" for unit, au in zip(units, face.aus.tolist(), strict=True)}
    _write(folder / "fex.csv", {"input": f"elsewhere/{NAME}.png", "FaceScore": "0.9", **_points(face), **aus})
    return folder / "fex.csv"


def picture_with_face(folder: Path) -> Mapping[str, Any]:
    """The picture that the files tell of, and its face as another landmarker found it, for AU labellers."""
    face = _drawn()
    pixels = np.ascontiguousarray(face.image.permute(1, 2, 0).numpy())
    path = folder / f"{NAME}.png"
    Image.fromarray(pixels).save(path)
    picture = Picture(pixels, path)
    return {"pictures": [picture], "faces": [(picture, FoundFace(face.landmarks.numpy() + 1))]}


def _drawn() -> FaceSample:
    return DrawnFaces(FaceSpec(96, UNITS), people=1, expressions=1)[0]


def _points(face: FaceSample) -> dict[str, str]:
    return {f"{axis}_{i}": f"{face.landmarks[i, k]:.1f}" for k, axis in enumerate("xy") for i in range(68)}


def _write(path: Path, row: Mapping[str, str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, list(row))
        rows.writeheader()
        rows.writerow(row)
