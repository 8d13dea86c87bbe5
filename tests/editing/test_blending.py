"""Edits end without a trace: no edge, no shift of colour, nothing outside of the face."""

import numpy as np
import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.photos.framing import Frame
from efgan_kit.editing.blending import EXACT, REGIONS, SEAMLESS, Pasting, face_mask, membrane, region_mask
from efgan_kit.editing.pasting import put_back
from efgan_kit.faces.landmarks import GROUPS

SIZE = 64


@pytest.fixture(scope="module")
def face():
    return DrawnFaces(FaceSpec(SIZE, au_set("openface-17")), people=1, expressions=1)[0]


@pytest.fixture
def points(face):
    """Landmarks of a face that, as in a frame cut out of a photo, leaves some room around it."""
    return ((face.landmarks - SIZE / 2) * 0.7 + SIZE / 2).double().numpy()


def bump(points, group="outer_lips", height=0.5):
    """A change about a part of the face."""
    middle = points[list(GROUPS[group])].mean(axis=0)
    y, x = np.mgrid[:SIZE, :SIZE]
    spot = height * np.exp(-((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / 18)
    return torch.from_numpy(spot).float().expand(3, SIZE, SIZE)


def test_a_membrane_continues_what_solves_laplaces_equation_exactly():
    y, x = np.mgrid[:32, :32].astype(np.float32)
    surface = np.stack([x, y - 2 * x, x * y / 16, np.full_like(x, 3)])
    inside = np.hypot(x - 15, y - 17) < 9
    broken = np.where(inside, 77, surface).astype(np.float32)
    # The values around it are smoothed over a pixel, which a plane survives; the hole is kept away from them.
    broken[:, inside] = surface[:, inside] + 0
    assert np.abs(membrane(broken, inside) - surface).max() < 1e-3


def test_a_membrane_forgets_what_was_inside():
    values = np.ones((3, 32, 32), np.float32)
    inside = np.zeros((32, 32), bool)
    inside[8:24, 8:24] = True
    values[:, 14:18, 14:18] = 50
    assert np.abs(membrane(values, inside) - 1)[:, inside].max() < 1e-4


def test_a_tint_of_the_whole_cut_vanishes_and_the_edit_stays(points):
    landmarks = torch.from_numpy(points)
    change = bump(points)
    placed = SEAMLESS.change(change + 0.2, landmarks, torch.zeros(1, SIZE, SIZE))
    plain = SEAMLESS.change(change, landmarks, torch.zeros(1, SIZE, SIZE))
    assert (placed - plain).abs().max() < 1e-4
    assert placed.max() > 0.9 * change.max()


def test_exact_is_what_the_graph_returned(points):
    change = torch.rand(3, SIZE, SIZE)
    assert torch.equal(EXACT.change(change, torch.from_numpy(points), None), change)


def test_the_mask_covers_the_face_and_ends_before_the_frame(points):
    mask = face_mask(points, SIZE)
    at = np.rint(points[17:]).astype(int)
    assert mask[at[:, 1], at[:, 0]].min() > 0.9
    assert max(mask[0].max(), mask[-1].max(), mask[:, 0].max(), mask[:, -1].max()) == 0
    assert 0.1 < mask.mean() < 0.7


def test_attention_beyond_the_face_is_covered_too(points):
    attention = torch.zeros(1, SIZE, SIZE)
    attention[:, 52:60, 6:14] = 1  # a corner below the jaw
    without, with_it = face_mask(points, SIZE), face_mask(points, SIZE, attention)
    assert without[56, 10] == 0
    assert with_it[56, 10] > 0.5
    assert (with_it >= without).all()


@pytest.mark.parametrize("region", ["mouth", "eyes", "nose"])
def test_a_region_keeps_its_own_changes_and_drops_the_others(points, region):
    own = {"mouth": "outer_lips", "eyes": "left_eye", "nose": "nose"}
    landmarks = torch.from_numpy(points)
    for name, group in own.items():
        for seamless in (False, True):
            change = bump(points, group)
            x, y = np.rint(points[list(GROUPS[group])].mean(axis=0)).astype(int)
            share = (Pasting(seamless, (region,)).change(change, landmarks, None) / change)[0, y, x]
            assert share > 0.6 if name == region else share < 0.3, (name, region, seamless, share)


def test_two_regions_are_both_edited(points):
    mouth, eyes = (region_mask(points, SIZE, name) for name in ("mouth", "eyes"))
    both = Pasting(False, ("mouth", "eyes")).change(torch.ones(3, SIZE, SIZE), torch.from_numpy(points), None)
    assert np.array_equal(both[0].numpy(), np.maximum(mouth, eyes))
    assert "face" in REGIONS


@pytest.mark.parametrize("angle", [0, 20])
def test_no_edge_shows_in_the_picture(points, angle):
    """Across the mask's edge the picture is as steep as it was, within 10 %; the graph's own tint shows no box."""
    rows, columns = np.indices((300, 300))
    source = np.dstack([120 + 30 * np.sin(rows / 9) + 20 * np.cos(columns / 7)] * 3)
    source = np.rint(source + np.random.default_rng(0).normal(0, 3, (300, 300, 1))).astype(np.uint8)
    frame = Frame(70, 60, 170, angle)
    landmarks, attention = torch.from_numpy(points), torch.zeros(1, SIZE, SIZE)
    steep = {}
    for pasting in (EXACT, SEAMLESS):
        placed = pasting.change(bump(points) + 0.12, landmarks, attention)
        result = put_back(source, placed, frame)
        mask = put_back(np.zeros((300, 300, 3), np.uint8), _edge_of(pasting, points), frame)[..., 0] > 64
        steep[pasting] = _gradient(result)[mask].mean() / _gradient(source)[mask].mean()
    assert steep[SEAMLESS] == pytest.approx(1, abs=0.1)
    assert steep[EXACT] > 1.3


def _edge_of(pasting, points):
    """Where a pasting ends, as a change from 0 to 1."""
    mask = face_mask(points, SIZE) > 0.02 if pasting.seamless else np.ones((SIZE, SIZE), bool)
    padded = np.pad(mask, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return torch.from_numpy(mask & ~inner).float().expand(3, SIZE, SIZE)


def _gradient(picture):
    down, across = np.gradient(picture.astype(float).mean(axis=2))
    return np.hypot(down, across)
