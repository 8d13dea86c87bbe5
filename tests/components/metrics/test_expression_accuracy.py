"""The nearest of the named expressions."""

import math

import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.metrics.expression_accuracy import ExpressionAccuracy, prototypes
from efgan_kit.faces.aus import EXPRESSIONS

FEW = au_set(["AU06", "AU12", "AU25", "AU26"])
# In these AUs: happy is (0.7, 0.9, 0.5, 0), surprised (0, 0, 0.7, 0.8), fearful (0, 0, 0.5, 0.4), contemptuous
# (0, 0.3, 0, 0), and neutral, sad, angry and disgusted are all 0.
NEUTRAL, HAPPY, SURPRISED = [0.0, 0.0, 0.0, 0.0], [0.7, 0.9, 0.5, 0.0], [0.0, 0.0, 0.7, 0.8]


def test_prototypes_are_the_named_expressions_and_equal_ones_are_one():
    names, vectors = prototypes(FEW)
    assert names == ("neutral", "happy", "surprised", "fearful", "contemptuous")
    assert vectors.tolist() == [NEUTRAL, HAPPY, SURPRISED, [0.0, 0.0, 0.5, 0.4], [0.0, 0.3, 0.0, 0.0]]
    assert prototypes(au_set("openface-17"))[0] == tuple(EXPRESSIONS)


def test_shares_of_readings_nearest_to_the_targets_expression():
    metric = ExpressionAccuracy(FaceSpec(32, FEW))
    found = metric(
        target_aus=torch.tensor([HAPPY, [0.6, 0.8, 0.4, 0.1], SURPRISED, NEUTRAL]),
        edited_aus=torch.tensor([HAPPY, [0.5, 0.6, 0.3, 0.0], NEUTRAL, [0.1, 0.0, 0.0, 0.1]]),  # the third is not it
        noop_aus=torch.tensor([NEUTRAL] * 4),
        floor_aus=torch.tensor([HAPPY, HAPPY, SURPRISED, NEUTRAL]),
    )
    assert found["edit"] == 0.75
    assert found["no_op"] == 0.25
    assert found["floor"] == 1.0
    # Asked: 2 happy, 1 surprised, 1 neutral; seen: 2 happy, 2 neutral. By chance 1/2 * 1/2 + 1/4 * 1/2.
    assert found["chance"] == pytest.approx(0.375)
    assert found["prototypes"] == 5.0


def test_with_a_single_prototype_there_is_nothing_to_tell_apart():
    faces = FaceSpec(32, au_set(["AU45"]))  # no expression blinks
    found = ExpressionAccuracy(faces)(*(torch.rand(3, 1) for _ in range(4)))
    assert found["prototypes"] == 1.0
    assert math.isnan(found["edit"])
