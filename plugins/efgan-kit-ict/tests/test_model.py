"""What the real model shows; set EFGAN_ICT_MODEL to a packed ICT-FaceKit to run it."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("embreex")
from efgan_kit_ict.action_units import AUS
from efgan_kit_ict.heads import pose_head
from efgan_kit_ict.landmarks import VERTICES
from efgan_kit_ict.model import load_model
from efgan_kit_ict.people import sample_person
from efgan_kit_ict.rendering import render, seat

MODEL = os.environ.get("EFGAN_ICT_MODEL")
pytestmark = pytest.mark.skipif(MODEL is None, reason="EFGAN_ICT_MODEL names no packed ICT-FaceKit")
MIRROR = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46, 39, 38,
          37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return load_model(Path(MODEL))


@pytest.fixture(scope="module")
def moved(model):
    """`moved("AU12")`: how the landmarks of a person move with a unit, `(68, 3)`, y up."""
    person = sample_person(np.random.default_rng(0), len(model.iden))

    def moved(*units):
        vector = np.zeros(17, np.float32)
        rest = pose_head(model, person, model.neutral, vector)
        vector[[AUS.index(unit) for unit in units]] = 1
        return (pose_head(model, person, model.neutral, vector) - rest)[list(VERTICES)]

    return moved


def test_landmarks_are_mirror_images(model):
    points = model.neutral[list(VERTICES)]
    assert points[MIRROR] * [-1, 1, 1] == pytest.approx(points, abs=0.12)


def test_units_move_what_facs_says_they_move(moved):
    assert moved("AU01")[[21, 22], 1].min() > 0.3
    assert moved("AU02")[[18, 25], 1].min() > 0.3
    assert moved("AU04")[[20, 21, 22, 23], 1].max() < -0.1
    assert moved("AU05")[[37, 38, 43, 44], 1].min() > 0.1
    assert moved("AU45")[[37, 38, 43, 44], 1].max() < -0.5
    assert moved("AU07")[[40, 41, 46, 47], 1].min() > 0.1
    assert moved("AU09")[[31, 35], 1].min() > 0.2
    assert moved("AU10")[[50, 52], 1].min() > 0.15
    assert moved("AU12")[[48, 54], 1].min() > 0.4
    assert moved("AU12")[54, 0] > 0.3 > -0.3 > moved("AU12")[48, 0]
    assert moved("AU15")[[48, 54], 1].max() < -0.3
    assert moved("AU17")[57, 1] > 0.3
    assert moved("AU20")[54, 0] > 0.4 > -0.4 > moved("AU20")[48, 0]
    assert moved("AU25", "AU26")[66, 1] < -1


def test_a_face_is_drawn_where_its_landmarks_are(model):
    person = sample_person(np.random.default_rng(5), len(model.iden))
    sitter = seat(model, person, 64)
    rest, landmarks = render(sitter, np.zeros(17, np.float32), 64)
    smile = np.zeros(17, np.float32)
    smile[[AUS.index(unit) for unit in ("AU12", "AU25")]] = 1
    change = np.abs(render(sitter, smile, 64)[0].astype(int) - rest).sum(-1)
    mouth = landmarks[48:68].mean(0).round().astype(int)
    assert change[mouth[1] - 6 : mouth[1] + 6, mouth[0] - 9 : mouth[0] + 9].mean() > 20
    assert change[:8].max() <= 3, "hair and background stay"
