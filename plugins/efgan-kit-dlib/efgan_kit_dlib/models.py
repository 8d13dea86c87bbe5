"""Where dlib's model files are: dlib itself brings none."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Final

from efgan_kit.api import fail

LANDMARKS: Final = "shape_predictor_68_face_landmarks.dat"
EMBEDDING: Final = "dlib_face_recognition_resnet_model_v1.dat"

FOLDER: Final = "EFGAN_DLIB_MODELS"
"""The environment variable that names a folder with the files."""
CARRIER: Final = "face_recognition_models"
"""A package that brings them along. It needs setuptools' old pkg_resources to be imported, and is not."""
WAY_OUT: Final = (
    "pip install face-recognition-models, which brings it, or download it from github.com/davisking/dlib-models and "
    f"name it by the parameter `model`, or its folder by the variable {FOLDER}"
)


def find_model(name: str, named: str) -> Path:
    """The file of that name: what `named` names; where that is empty, from the variable's folder or the package's.

    Raises:
        EfganError: There is none.
    """
    if named:
        path = Path(named).expanduser()
    elif folder := os.environ.get(FOLDER):
        path = Path(folder).expanduser() / name
    else:
        spec = importlib.util.find_spec(CARRIER)
        if spec is None or not spec.origin:
            raise fail("dlib", f"its model {name} was not found", WAY_OUT)
        path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise fail(str(path), "there is no such model", WAY_OUT)
    return path


def dlib_itself() -> ModuleType:
    """The module `dlib`. Raises EfganError where it isn't installed."""
    try:
        import dlib
    except ImportError as error:
        raise fail("dlib", f"can't be imported: {error}", "pip install dlib-bin") from error
    return dlib
