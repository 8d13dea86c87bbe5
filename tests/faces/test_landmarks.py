"""The mirror puts each point where the other side of the face has its like."""

import torch

from efgan_kit.faces.landmarks import COUNT, GROUPS, MIRRORED, inter_ocular_distance, mirror

SWAPPED = [("right_brow", "left_brow"), ("right_eye", "left_eye")]
PAIRS = {
    0: 16,  # ends of the jaw
    7: 9,
    17: 26,  # outer ends of the brows
    21: 22,  # inner ends of the brows
    31: 35,  # nostrils
    36: 45,  # outer corners of the eyes
    39: 42,  # inner corners of the eyes
    37: 44,  # upper lids, outer
    41: 46,  # lower lids, outer
    48: 54,  # corners of the mouth
    50: 52,  # cupid's bow
    59: 55,  # lower lip
    60: 64,  # inner corners of the mouth
    67: 65,
}
ON_THE_MIDDLE = [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]
"""Chin, bridge and base of the nose, the middles of the lips (Sagonas et al. 2013, Fig. 4)."""


def test_groups_hold_each_of_the_68_points_once():
    assert sorted(point for group in GROUPS.values() for point in group) == list(range(COUNT))


def test_mirroring_twice_changes_nothing():
    assert [MIRRORED[MIRRORED[point]] for point in range(COUNT)] == list(range(COUNT))
    points = torch.rand(3, 68, 2, generator=torch.Generator().manual_seed(0)) * 100
    assert torch.allclose(mirror(mirror(points, 100), 100), points, atol=1e-4)


def test_each_point_has_its_like_on_the_other_side():
    assert {a: MIRRORED[a] for a in PAIRS} == PAIRS
    assert [point for point in range(COUNT) if MIRRORED[point] == point] == ON_THE_MIDDLE


def test_the_right_eye_becomes_the_left_one():
    for right, left in SWAPPED:
        assert {MIRRORED[point] for point in GROUPS[right]} == set(GROUPS[left])


def test_a_face_keeps_its_right_side_on_the_left_of_the_picture():
    """Drawn faces look at us: their right eye is on the left, in the mirror too."""
    from efgan_kit.components.datasets.drawn_faces import DrawnFaces
    from efgan_kit.faces.aus import au_set
    from efgan_kit.faces.regions import FaceSpec

    points = DrawnFaces(FaceSpec(64, au_set("openface-17")), people=1, expressions=1)[0].landmarks
    seen = mirror(points, 64)
    for face in (points, seen):
        assert face[36:42, 0].mean() < face[42:48, 0].mean()
        assert face[48, 0] < face[54, 0]
    assert torch.equal(points[36, 1], seen[45, 1])
    assert (seen[:, 1].sort().values == points[:, 1].sort().values).all()


def test_a_pixel_and_its_landmark_flip_alike():
    image = torch.zeros(1, 10)
    image[0, 3] = 1
    points = torch.full((68, 2), 3.0)
    assert int(image.flip(-1).argmax()) == int(mirror(points, 10)[0, 0]) == 6


def test_the_eyes_outer_corners_are_apart():
    points = torch.zeros(2, 68, 2)
    points[:, 36], points[:, 45] = torch.tensor([1.0, 1.0]), torch.tensor([[4.0, 5.0], [1.0, 1.0]])
    assert inter_ocular_distance(points).tolist() == [5.0, 0.0]
