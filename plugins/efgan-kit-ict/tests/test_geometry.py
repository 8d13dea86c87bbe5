import attrs
import numpy as np
import pytest

pytest.importorskip("embreex")
from efgan_kit_ict.action_units import AUS, SHAPES, shape_weights
from efgan_kit_ict.camera import frame_camera
from efgan_kit_ict.heads import LIP_PAIRS, neutral_head, pose_head
from efgan_kit_ict.landmarks import VERTICES
from efgan_kit_ict.model import load_model
from efgan_kit_ict.people import sample_person


@pytest.fixture
def model(model_file):
    return load_model(model_file)


@pytest.fixture
def person(model):
    return sample_person(np.random.default_rng(3), len(model.iden))


def aus(**amounts):
    vector = np.zeros(17, np.float32)
    for name, amount in amounts.items():
        vector[AUS.index(name)] = amount
    return vector


def test_every_unit_has_shapes():
    assert set(SHAPES) == set(AUS)
    assert len(set(VERTICES)) == 68


def test_shapes_move_linearly_with_their_unit(model):
    none = np.zeros(17, np.float32)
    for name in set(AUS) - {"AU45", "AU07"}:
        half, full = (shape_weights(model, aus(**{name: amount}), none) for amount in (0.5, 1.0))
        assert full.any()
        assert half == pytest.approx(full / 2), name


def test_asymmetry_strengthens_one_side_and_weakens_the_other(model):
    weights = shape_weights(model, aus(AU12=1), np.full(17, 0.1, np.float32))
    left, right = (weights[model.expression(f"mouthSmile_{side}")] for side in "LR")
    assert (left, right) == pytest.approx((1.1, 0.9))


def test_closed_eyes_are_not_closed_twice(model):
    weights = shape_weights(model, aus(AU45=1, AU07=1), np.zeros(17, np.float32), 0.3)
    assert weights[model.expression("eyeBlink_L")] == pytest.approx(1)


def test_lips_meet_without_au25_even_when_the_jaw_drops(model, person):
    def gap(vector):
        points = pose_head(model, person, neutral_head(model, person), vector)[list(VERTICES)]
        return np.mean([points[upper, 1] - points[lower, 1] for upper, lower in LIP_PAIRS])

    assert gap(aus(AU26=1)) == pytest.approx(0, abs=0.1)
    assert gap(aus(AU26=1, AU25=1)) > gap(aus(AU26=1, AU25=0.5)) > 0.3


def test_a_ray_goes_through_the_pixel_that_its_points_fall_on(model, person):
    camera = frame_camera(person.shot, neutral_head(model, person)[list(VERTICES)])
    rays = camera.rays(16)
    assert camera.pixels(rays * 50, 16)[[0, 1, 16, 255]] == pytest.approx(
        np.array([[0, 0], [1, 0], [0, 1], [15, 15]]), abs=1e-3
    )


def test_faces_are_framed_as_photographs_are(model, person):
    still = attrs.evolve(person.shot, jitter=np.zeros(3, np.float32), yaw=0.0, pitch=0.0)
    points = neutral_head(model, person)[list(VERTICES)]
    camera = frame_camera(still, points)
    pixels = camera.pixels(camera.place(points), 1000) + 0.5
    from efgan_kit.components.datasets.photos.framing import face_frame

    frame = face_frame((pixels - 0.5).astype(np.float32))
    assert (frame.left, frame.top, frame.side) == pytest.approx((0, 0, 1000), abs=1.5)


def test_turning_to_the_left_shows_the_nose_further_right(model, person):
    points = neutral_head(model, person)[list(VERTICES)]
    level = attrs.evolve(person.shot, yaw=20.0, pitch=0.0, roll=0.0)
    placed = frame_camera(level, points).place(points)
    middle = placed[[36, 45], 0].mean()
    assert placed[30, 0] > middle, "a person's left is the picture's right"
