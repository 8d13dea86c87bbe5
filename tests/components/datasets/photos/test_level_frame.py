"""Turned faces: the level frame, and whether a cut shows what its landmarks say."""

import math

import numpy as np
import pytest

from efgan_kit.components.datasets.photos.framing import cut, face_frame, into_frame, level_frame

MARKED = {36: (-60.0, 0.0), 45: (60.0, 0.0), 33: (0.0, 68.0), 48: (-30.0, 110.0)}
"""Points of an upright face about the middle of its eyes, in pixels."""


def turned_landmarks(degrees, middle=(400.3, 280.7)):
    turn = math.radians(degrees)
    around = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    landmarks = np.full((68, 2), middle, dtype=np.float32)
    for index, place in MARKED.items():
        landmarks[index] = around @ np.array(place) + middle
    return landmarks


def picture_with_spots(landmarks, height=600, width=800):
    y, x = np.mgrid[:height, :width]
    light = np.zeros((height, width))
    for index in MARKED:
        light += np.exp(-((x - landmarks[index, 0]) ** 2 + (y - landmarks[index, 1]) ** 2) / 72)
    return np.repeat((255 * light.clip(0, 1)).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("degrees", [-35, 10, 90, 170])
@pytest.mark.parametrize("size", [64, 128, 512])
def test_the_cut_shows_each_point_where_its_landmark_is_said_to_be(degrees, size):
    landmarks = turned_landmarks(degrees)
    frame = level_frame(landmarks)
    shown = cut(picture_with_spots(landmarks), frame, size)[0].numpy().astype(float)
    said = into_frame(landmarks, frame, size).numpy()
    y, x = np.mgrid[:size, :size]
    for index in MARKED:
        near = shown * (np.hypot(x - said[index, 0], y - said[index, 1]) < size * 0.08)
        seen = np.array([(near * x).sum(), (near * y).sum()]) / near.sum()
        assert np.abs(seen - said[index]).max() < 0.1


@pytest.mark.parametrize("degrees", [-35, 10, 90, 170])
def test_the_eyes_lie_level_and_where_an_upright_face_has_them(degrees):
    frame = level_frame(turned_landmarks(degrees))
    turned = into_frame(turned_landmarks(degrees), frame, 128).numpy()
    upright = turned_landmarks(0)
    straight = into_frame(upright, face_frame(upright), 128).numpy()
    assert frame.angle == pytest.approx(degrees, abs=1e-3)
    assert turned[36, 1] == pytest.approx(turned[45, 1], abs=1e-3)
    assert np.abs(turned - straight)[list(MARKED)].max() < 0.5  # a frame of whole pixels against one that need not be


def test_a_level_face_is_framed_as_ever():
    landmarks = turned_landmarks(0)
    level, plain = level_frame(landmarks), face_frame(landmarks)
    assert level.side == plain.side
    assert abs(level.left - plain.left) <= 0.5
    assert abs(level.top - plain.top) <= 0.5
