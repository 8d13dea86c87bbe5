"""The head's pose from landmarks, against a head that is turned by known angles."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from efgan_kit.api import FaceSpec, FoundFace, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.preparation.choosing import Choice, choose, shortcoming
from efgan_kit.preparation.pose import HEAD, POINTS, pose_from_landmarks


def turned(pitch, yaw, roll, size=0.3):
    """Landmarks of the model head: first bowed, then turned, then laid over."""
    rotation = Rotation.from_euler("ZYX", [-roll, yaw, -pitch], degrees=True).as_matrix()
    landmarks = np.full((68, 2), 300.0, np.float32)
    landmarks[list(POINTS)] = size * (HEAD @ rotation.T)[:, :2] * (1, -1) + 300
    return landmarks


@pytest.mark.parametrize("pose", [(0, 0, 0), (25, 0, 0), (0, -50, 0), (0, 0, 90), (15, 30, -120), (-10, 70, 10)])
def test_a_known_pose_is_recovered(pose):
    assert pose_from_landmarks(turned(*pose)) == pytest.approx(pose, abs=0.01)


def test_drawn_faces_look_at_the_camera():
    data = DrawnFaces(FaceSpec(128, au_set("openface-17")), people=5, expressions=2)
    poses = [pose_from_landmarks(data[index].landmarks.numpy()) for index in range(len(data))]
    assert np.abs(poses).max() < 25


def test_points_on_a_line_are_no_face():
    assert shortcoming(FoundFace(np.linspace(0, 300, 136).reshape(68, 2).astype(np.float32)), (400, 400), Choice())


def test_a_profile_is_refused_and_a_measured_pose_is_believed():
    profile = FoundFace(turned(0, 70, 0))
    assert "turned away: yaw 70 degrees" in shortcoming(profile, (600, 600), Choice())
    assert not shortcoming(FoundFace(profile.landmarks, pose=(0.0, 5.0, 0.0)), (600, 600), Choice(min_size=20))
    assert "raised or bowed" in shortcoming(FoundFace(turned(0, 0, 0), pose=(-50.0, 0.0, 0.0)), (600, 600), Choice())


def test_largest_means_the_largest_even_if_it_falls_short():
    large, small = FoundFace(turned(0, 0, 0), confidence=0.2), FoundFace(turned(0, 0, 0, 0.2))
    taken, refused = choose([large, small], (600, 600), Choice())
    assert not taken
    assert "confidence 0.20" in refused[0].why
    taken, refused = choose([large, small], (600, 600), Choice(faces="all", min_size=20))
    assert taken == [small]
    assert len(refused) == 1
