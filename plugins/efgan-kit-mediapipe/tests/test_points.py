"""The 68 landmarks lie where the table says, and the left half of the face mirrors the right."""

import numpy as np
import pytest

from efgan_kit.api import landmarks as scheme


def test_a_landmark_lies_at_its_share_of_the_way_between_two_vertices():
    from efgan_kit_mediapipe.points import landmarks

    mesh = np.stack([np.arange(478.0), 1000 - np.arange(478.0), np.zeros(478)], axis=1)
    points = landmarks(mesh)
    assert points.shape == (68, 2)
    assert points.dtype == np.float32
    assert points[30].tolist() == [4, 996]  # the nose's tip is a vertex itself
    assert points[36] == pytest.approx([33 - 8 / 4, 967 + 8 / 4])  # a quarter of the way to vertex 25


def test_the_places_of_mirrored_landmarks_mirror_each_other():
    from efgan_kit_mediapipe.points import PLACES

    twins = {}
    for point, other in enumerate(scheme.MIRRORED):
        (first, second, share), (there, towards, as_much) = PLACES[point], PLACES[other]
        assert share == as_much
        for vertex, twin in ((first, there), (second, towards)):
            assert twins.setdefault(vertex, twin) == twin
            assert twins.setdefault(twin, vertex) == vertex
    middle = {vertex for vertex, twin in twins.items() if vertex == twin}
    assert middle >= {152, 168, 4, 0, 13, 14, 17}  # the canonical face's line of symmetry


def test_every_place_is_a_vertex_and_no_two_landmarks_share_one():
    from efgan_kit_mediapipe.points import PLACES

    assert len(PLACES) == len(set(PLACES)) == 68
    assert all(0 <= a < 468 and 0 <= b < 468 and 0 <= share <= 0.5 for a, b, share in PLACES)  # no iris: it looks about
