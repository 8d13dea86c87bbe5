"""The landmarker on faces drawn by code."""

import numpy as np
import pytest
from PIL import Image

from efgan_kit.api import EfganError, FaceSpec, Landmarker, Picture, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces


def off(found, expected):
    """The mean distance of landmarks, as a share of that of the outer eye corners."""
    return np.linalg.norm(found - expected, axis=1).mean() / np.linalg.norm(expected[36] - expected[45])


def test_it_finds_a_drawn_face_with_its_landmarks(landmarker, drawn):
    pixels, expected = drawn
    assert isinstance(landmarker, Landmarker)
    (face,) = landmarker(Picture(pixels))
    assert off(face.landmarks, expected) < 0.06
    assert 0.5 < face.confidence <= 1
    assert np.abs(face.pose).max() < 15
    assert len(face.signals) == 53


def test_it_finds_all_of_a_group_the_largest_first(landmarker, group, drawn):
    pixels, places = group
    faces = landmarker(Picture(pixels))
    assert len(faces) == len(places)
    for face, (left, top, side) in zip(faces, places, strict=True):
        assert off(face.landmarks, (drawn[1] + 0.5) * side / 256 - 0.5 + (left, top)) < 0.08


def test_it_returns_no_more_faces_than_asked_for(engine, group):
    from efgan_kit_mediapipe.landmarker import MediaPipeLandmarker

    landmarker = MediaPipeLandmarker(faces=2)
    assert len(landmarker(Picture(group[0]))) == 2
    landmarker.close()


def test_a_picture_is_answered_alike_whatever_came_before(landmarker, drawn, group):
    (before,) = landmarker(Picture(drawn[0]))
    landmarker(Picture(group[0]))
    (after,) = landmarker(Picture(drawn[0]))
    assert np.array_equal(before.landmarks, after.landmarks)
    assert before.signals == after.signals
    assert before.pose == after.pose


def test_a_large_picture_has_the_landmarks_of_the_small_one(landmarker, drawn):
    small = Image.fromarray(drawn[0])
    (face,) = landmarker(Picture(np.asarray(small.resize((3072, 3072), Image.Resampling.BICUBIC))))
    assert off((face.landmarks + 0.5) / 12 - 0.5, drawn[1]) < 0.06


def test_roll_is_positive_clockwise_and_turns_with_the_picture(landmarker, drawn):
    picture = Image.fromarray(np.pad(drawn[0], ((60, 60), (60, 60), (0, 0)), mode="edge"))
    rolls = {}
    for degrees in (-20, 0, 20):
        (face,) = landmarker(Picture(np.asarray(picture.rotate(-degrees, Image.Resampling.BICUBIC))))
        along = face.landmarks[45] - face.landmarks[36]
        rolls[degrees] = face.pose[2]
        assert face.pose[2] == pytest.approx(np.degrees(np.arctan2(along[1], along[0])), abs=4)
    assert rolls[20] - rolls[0] == pytest.approx(20, abs=3)
    assert rolls[-20] - rolls[0] == pytest.approx(-20, abs=3)


@pytest.mark.parametrize("which", [2, 8, 16])
def test_a_face_upside_down_has_the_landmarks_and_signals_of_the_upright_one(landmarker, which):
    faces = DrawnFaces(FaceSpec(256, au_set("openface-17")), people=12, expressions=2)
    pixels = faces[which].image.permute(1, 2, 0).numpy()
    upright = np.pad(pixels, ((60, 60), (60, 60), (0, 0)), mode="edge")
    (before,) = landmarker(Picture(upright))
    (face,) = landmarker(Picture(np.ascontiguousarray(upright[::-1, ::-1])))
    assert off(upright.shape[0] - 1 - face.landmarks, before.landmarks) < 0.02
    assert abs(face.pose[2]) > 170
    assert face.signals["mouthSmileLeft"] == pytest.approx(before.signals["mouthSmileLeft"], abs=0.1)


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 900), (400, 300)])
def test_pictures_without_a_face_have_none(landmarker, size):
    noise = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    for pixels in (np.zeros((*size, 3), np.uint8), noise, np.full((*size, 3), 255, np.uint8)):
        assert list(landmarker(Picture(pixels))) == []


def test_a_face_too_dark_to_see_is_none_and_a_grey_one_is_found(landmarker, drawn):
    assert list(landmarker(Picture((drawn[0] * 0.004).astype(np.uint8)))) == []
    grey = np.repeat(drawn[0].mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    assert len(landmarker(Picture(grey))) == 1


@pytest.mark.parametrize("wrong", [{"faces": 0}, {"levels": -1}, {"confidence": 1.5}])
def test_parameters_out_of_range_are_refused(wrong):
    from efgan_kit_mediapipe.landmarker import MediaPipeLandmarker

    with pytest.raises(EfganError, match="faces must be 1 or more, levels 0 or more, and confidence between 0 and 1"):
        MediaPipeLandmarker(**wrong)
