"""Measures of the mesh, with the head turned back."""

import numpy as np
import pytest


def face(lid=-5.0, gap=8.0):
    """A mesh, y down: outer corners 100 apart; lower lids below the corners' line by -`lid`, lips apart by `gap`."""
    points = np.zeros((478, 3))
    points[33], points[133], points[145] = (-50, 0, 0), (-20, 0, 0), (-35, -lid, 0)
    points[263], points[362], points[374] = (50, 0, 0), (20, 0, 0), (35, -lid, 0)
    points[13], points[14] = (0, 60, 0), (0, 60 + gap, 0)
    return points


def test_measures_are_shares_of_the_eyes_distance():
    from efgan_kit_mediapipe.geometry import measures

    assert measures(face(), np.eye(4)) == pytest.approx({"lowerLidsRaised": -0.05, "lipsApart": 0.08})


def test_a_turned_head_measures_the_same():
    from efgan_kit_mediapipe.geometry import measures

    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    matrix = np.eye(4)
    matrix[:3, :3] = turn
    flip = np.array([1, -1, -1])  # between the mesh's axes and the matrix's
    turned = (face() * flip) @ turn.T * flip
    assert measures(turned * 3, matrix) == pytest.approx({"lowerLidsRaised": -0.05, "lipsApart": 0.08})
