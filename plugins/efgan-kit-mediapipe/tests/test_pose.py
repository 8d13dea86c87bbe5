"""Pitch, yaw and roll against turns made by hand."""

import math

import numpy as np
import pytest


def about(axis, degrees):
    """The turn `(4, 4)` about an axis, counterclockwise as seen from its tip."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turns = {"x": [[1, 0, 0], [0, c, -s], [0, s, c]], "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]]}
    turns["z"] = [[c, -s, 0], [s, c, 0], [0, 0, 1]]
    whole = np.eye(4)
    whole[:3, :3] = turns[axis]
    return whole


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.eye(4), (0, 0, 0)),
        (about("x", -20), (20, 0, 0)),  # the nose, which points to the viewer, goes up
        (about("y", 30), (0, 30, 0)),  # the nose goes to the picture's right
        (about("z", -10), (0, 0, 10)),  # clockwise as the picture is seen
        (about("y", -25) @ about("x", 15) @ about("z", 40), (-15, -25, -40)),
    ],
)
def test_angles_are_those_that_the_head_was_turned_by(matrix, expected):
    from efgan_kit_mediapipe.pose import angles

    assert angles(matrix) == pytest.approx(expected, abs=1e-9)


def test_a_face_of_any_size_has_the_same_angles():
    from efgan_kit_mediapipe.pose import angles

    scaled = about("y", 30) * 3.5
    assert angles(scaled) == pytest.approx((0, 30, 0), abs=1e-9)
