"""An edit goes back to where its face was cut, at the picture's own resolution."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.components.datasets.photos.framing import Frame, cut, into_frame
from efgan_kit.editing.pasting import add, patch_of, put_back

FRAMES = [
    Frame(20, 12, 64),  # as large as the cut
    Frame(8, 4, 96),  # shrunk
    Frame(3.25, 5.5, 101.3),  # shrunk, off the pixel grid
    Frame(40.6, 30.2, 33.7),  # magnified
    Frame(-16, -24, 160),  # reaching out of the picture
]


def photo(height: int = 120, width: int = 140) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


@settings(deadline=None, max_examples=40)
@given(
    left=st.floats(-100, 150),
    top=st.floats(-100, 150),
    side=st.floats(1, 400),
    size=st.sampled_from([8, 16, 64]),
    angle=st.sampled_from([0.0, 20.0, -135.0]),
)
def test_no_change_leaves_every_byte_alone(left, top, side, size, angle):
    pixels = photo()
    assert np.array_equal(put_back(pixels, torch.zeros(3, size, size), Frame(left, top, side, angle)), pixels)


@pytest.mark.parametrize("frame", FRAMES)
def test_a_flat_change_fills_the_frame_and_nothing_else(frame):
    pixels = np.full((120, 140, 3), 100, np.uint8)
    result = put_back(pixels, torch.full((3, 64, 64), 20 / 127.5), frame)
    rows, columns = np.indices((120, 140)) + 0.5
    inside = (
        (columns >= frame.left)
        & (columns < frame.left + frame.side)
        & (rows >= frame.top)
        & (rows < frame.top + frame.side)
    )
    assert np.array_equal(result, np.where(inside[..., None], 120, np.full(3, 100)))
    assert (pixels == 100).all()


def test_exact_frame_gives_exactly_the_edited_picture():
    pixels, frame = photo(), Frame(20, 12, 64)
    source = cut(pixels, frame, 64)
    edited = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (3, 64, 64), dtype=np.uint8))
    result = put_back(pixels, (edited.float() - source.float()) / 127.5, frame)
    assert torch.equal(cut(result, frame, 64), edited)


@pytest.mark.parametrize("frame", [Frame(10, 10, 96), Frame(30.5, 20.25, 40), Frame(20, 12, 64)])
def test_a_ramp_arrives_in_its_place(frame):
    """A change that grows linearly in the frame does so in the picture, pixel centre for pixel centre."""
    ramp = (torch.arange(64) + 0.5) / 64 * 80 / 127.5
    result = put_back(np.full((120, 140, 3), 50, np.uint8), ramp.expand(3, 64, 64), frame)
    columns = np.arange(int(frame.left) + 8, int(frame.left + frame.side) - 8)
    expected = 50 + (columns + 0.5 - frame.left) / frame.side * 80
    row = int(frame.top + frame.side / 2)
    assert np.abs(result[row, columns, 1] - expected).max() <= 0.6


def test_round_trip_returns_a_smooth_edit():
    """What is put back at the picture's resolution is what the cut of the result shows."""
    rows, columns = np.indices((120, 140))
    pixels = np.dstack([120 + 40 * np.sin(rows / 17) + 30 * np.cos(columns / 13)] * 3).astype(np.uint8)
    frame = Frame(8, 4, 96)
    y, x = torch.meshgrid(torch.linspace(-3, 3, 64), torch.linspace(-3, 3, 64), indexing="ij")
    residual = (0.3 * torch.exp(-(x**2 + y**2))).expand(3, 64, 64)
    before, after = (cut(p, frame, 64).float() for p in (pixels, put_back(pixels, residual, frame)))
    assert ((after - before) / 127.5 - residual).abs().max() < 0.02


def test_change_is_clipped_at_black_and_white():
    pixels = np.array([[[250, 5, 128]]], np.uint8)
    residual = torch.tensor([2.0, -2.0, 0.0]).reshape(3, 1, 1)
    assert put_back(pixels, residual, Frame(0, 0, 1)).tolist() == [[[255, 0, 128]]]


TURNED = [Frame(22, 12, 90, 20), Frame(30.5, 20.25, 40, -35), Frame(15, 10, 96, 90), Frame(20, 12, 64, 180)]


@pytest.mark.parametrize("frame", TURNED)
def test_a_flat_change_fills_a_turned_frame_and_nothing_else(frame):
    result = put_back(np.full((120, 140, 3), 100, np.uint8), torch.full((3, 64, 64), 20 / 127.5), frame)
    rows, columns = np.indices((120, 140)) + 0.5
    turn = math.radians(frame.angle)
    x, y = columns - frame.left - frame.side / 2, rows - frame.top - frame.side / 2
    across, down = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    reach = np.maximum(abs(across), abs(down)) - frame.side / 2
    assert (result[reach < -1e-6] == 120).all()
    assert (result[reach > 1e-6] == 100).all()


@pytest.mark.parametrize("frame", TURNED)
@pytest.mark.parametrize("size", [24, 64, 200])
def test_a_spot_arrives_where_its_landmark_is(frame, size):
    """A change about a point of the cut shows in the picture where `into_frame` took that point from."""
    at = np.array([frame.left + 0.63 * frame.side, frame.top + 0.55 * frame.side], np.float32)
    u, v = into_frame(np.repeat(at[None], 68, axis=0), frame, size)[0].tolist()
    y, x = np.mgrid[:size, :size]
    width = size / 14
    spot = 0.6 * np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * width**2))
    change = torch.from_numpy(spot).float().expand(3, size, size)
    light = put_back(np.zeros((120, 140, 3), np.uint8), change, frame)[..., 0].astype(float)
    rows, columns = np.indices(light.shape)
    seen = np.array([(light * columns).sum(), (light * rows).sum()]) / light.sum()
    assert np.abs(seen - at).max() < 0.12
    assert light.max() == pytest.approx(0.6 * 127.5, abs=6)
    assert light.sum() == pytest.approx(0.6 * 127.5 * 2 * np.pi * (width * frame.side / size) ** 2, rel=0.05)


def test_a_fine_pattern_does_not_alias_in_a_coarser_picture():
    stripes = (torch.arange(256) % 2 * 2 - 1).float().expand(3, 256, 256)  # beyond what 40 pixels can show
    for angle in (0, 30):
        result = put_back(np.full((120, 140, 3), 128, np.uint8), stripes * 0.8, Frame(30, 30, 40, angle))
        assert abs(result[42:58, 42:58].astype(int) - 128).max() <= 3


def test_a_frame_beyond_the_picture_changes_nothing():
    assert patch_of(torch.ones(3, 8, 8), Frame(500, 0, 20), (140, 120)) is None
    assert patch_of(torch.ones(3, 8, 8), Frame(-50, -50, 20, 30), (140, 120)) is None


def test_grey_gets_the_luma_of_a_change_and_16_bits_all_of_its_steps():
    change = torch.tensor([0.5, 0.0, 0.0]).reshape(3, 1, 1).expand(3, 4, 4) / 127.5
    deep = np.full((4, 4, 3), 1000, np.uint16)
    add(deep, patch_of(change, Frame(0, 0, 4), (4, 4)))
    assert deep[1, 1].tolist() == [1000 + round(0.5 * 257), 1000, 1000]
    grey = np.full((4, 4, 1), 1000, np.uint16)
    add(grey, patch_of(change, Frame(0, 0, 4), (4, 4)))
    assert grey[1, 1].tolist() == [1000 + round(0.5 * 0.299 * 257)]
