"""The landmarker on faces drawn by code."""

import functools
import warnings

import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import EfganError, Landmarker, Picture


@functools.cache
def _made():
    from efgan_kit_dlib.landmarker import DlibLandmarker

    return DlibLandmarker()


@pytest.fixture
def landmarker(engine):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return _made()


def off(found, expected):
    """The mean distance of landmarks, as a share of that of the outer eye corners."""
    return np.linalg.norm(found - expected, axis=1).mean() / np.linalg.norm(expected[36] - expected[45])


def test_it_finds_a_drawn_face_with_its_landmarks(landmarker, drawn):
    pixels, expected = drawn
    assert isinstance(landmarker, Landmarker)
    (face,) = landmarker(Picture(pixels))
    assert off(face.landmarks, expected) < 0.08
    assert 0 < face.confidence <= 1
    (again,) = landmarker(Picture(pixels))
    assert np.array_equal(again.landmarks, face.landmarks)


def test_it_finds_faces_large_and_small_the_largest_first(landmarker, drawn):
    canvas = Image.new("RGB", (900, 500), (190, 195, 200))
    places = [(50, 50, 400), (700, 300, 90)]
    for left, top, side in places:
        canvas.paste(Image.fromarray(drawn[0]).resize((side, side), Image.Resampling.LANCZOS), (left, top))
    faces = landmarker(Picture(np.asarray(canvas)))
    assert len(faces) == 2
    for face, (left, top, side) in zip(faces, places, strict=True):
        assert off(face.landmarks, (drawn[1] + 0.5) * side / 256 - 0.5 + (left, top)) < 0.1


def test_a_large_picture_has_the_landmarks_of_the_small_one(landmarker, drawn):
    large = Image.fromarray(drawn[0]).resize((2560, 2560), Image.Resampling.BICUBIC)
    (face,) = landmarker(Picture(np.asarray(large)))
    assert off((face.landmarks + 0.5) / 10 - 0.5, drawn[1]) < 0.08


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 900), (200, 150)])
def test_pictures_without_a_face_have_none(landmarker, size):
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for pixels in (np.zeros((*size, 3), np.uint8), noise):
        assert list(landmarker(Picture(pixels))) == []


def test_whoever_makes_one_is_told_the_licence_once(engine, monkeypatch):
    import dlib
    from efgan_kit_dlib import landmarker as module

    monkeypatch.setattr(module, "_told", set())
    monkeypatch.setattr(dlib, "shape_predictor", lambda path: None)  # a hundred megabytes that nobody reads here
    with pytest.warns(UserWarning, match="excludes commercial use"):
        module.DlibLandmarker()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        module.DlibLandmarker()


@pytest.mark.parametrize("wrong", [{"faces": 0}, {"enlarge": -1}])
def test_parameters_out_of_range_are_refused(wrong):
    from efgan_kit_dlib.landmarker import DlibLandmarker

    with pytest.raises(EfganError, match="enlarge must be 0 or more, and faces 1 or more"):
        DlibLandmarker(**wrong)


def test_confidence_grows_with_the_detectors_margin_from_0_to_1():
    from efgan_kit_dlib.landmarker import confidence

    assert confidence(-0.2) == confidence(0) == 0
    assert confidence(1) == pytest.approx(0.632, abs=1e-3)
    assert confidence(0.5) < confidence(3) < 1
