"""A face is cut where its landmarks say."""

import numpy as np
import pytest
import torch
from PIL import Image

from efgan_kit.components.datasets.photos.framing import Frame, cut, face_frame, into_frame, whole_frame

FRAMES = [
    Frame(20, 12, 64),  # as large as the cut
    Frame(8, 4, 96),  # shrunk
    Frame(3.25, 5.5, 101.3),  # shrunk, off the pixel grid
    Frame(40.6, 30.2, 33.7),  # magnified
    Frame(-16, -24, 160),  # reaching out of the picture
]


def face(eyes_apart: float, eyes_to_nose: float) -> np.ndarray:
    """Landmarks of which only the eyes' corners and the nose's base are where a face has them."""
    points = np.zeros((68, 2), np.float32)
    points[36], points[45] = (100.2, 100), (100.2 + eyes_apart, 100)
    points[33] = (100.2 + eyes_apart / 2, 100 + eyes_to_nose)
    return points


def photo(height: int = 120, width: int = 140) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_face_frame_is_as_wide_as_the_eyes_ask():
    # 42 / 0.42 = 100 wide; its middle at x = 121.2 + 0.5, y = 100 + 0.92 * 20 + 0.5
    assert face_frame(face(42, 20)) == Frame(72, 69, 100)


def test_in_a_turned_head_the_nose_keeps_the_size():
    assert face_frame(face(42 / 2, 23.94)).side == face_frame(face(42, 23.94)).side == 100


def test_expression_does_not_move_the_frame():
    neutral, shouting = face(42, 20), face(42, 20)
    shouting[0:17, 1] += 15  # jaw
    shouting[48:68, 1] += 12  # mouth
    shouting[17:27, 1] -= 8  # brows
    assert face_frame(neutral) == face_frame(shouting)


@pytest.mark.parametrize(
    ("size", "frame"),
    [((64, 64), Frame(0, 0, 64)), ((100, 60), Frame(0, -20, 100)), ((60, 100), Frame(-20, 0, 100))],
)
def test_whole_frame_holds_the_picture_in_its_middle(size, frame):
    assert whole_frame(*size) == frame


def test_cut_of_whole_pixels_is_a_copy():
    pixels = photo()
    assert np.array_equal(cut(pixels, Frame(20, 12, 64), 64).permute(1, 2, 0).numpy(), pixels[12:76, 20:84])


def test_cut_repeats_the_picture_s_edge_outside():
    pixels = photo(32, 32)
    cut_out = cut(pixels, Frame(-8, -8, 48), 48).permute(1, 2, 0).numpy()
    assert np.array_equal(cut_out[8:40, 8:40], pixels)
    assert np.array_equal(cut_out[:8, 8:40], np.broadcast_to(pixels[0], (8, 32, 3)))
    assert np.array_equal(cut_out[-1, -1], pixels[-1, -1])


def test_cut_does_not_alias():
    board = np.dstack([np.indices((128, 128)).sum(0) % 2 * 255] * 3).astype(np.uint8)
    grey = cut(board, Frame(0, 0, 128), 32)[:, 2:-2, 2:-2].float()  # the edge is repeated, not the pattern
    assert (grey - 127.5).abs().max() <= 2


@pytest.mark.parametrize("frame", FRAMES)
def test_cut_and_landmarks_agree(frame):
    """A round blob painted at a landmark is found at the moved landmark, by its centre of gravity."""
    x, y = 57.3, 44.8
    rows, columns = np.indices((120, 140))
    blob = 250 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * 4.0**2))
    picture = Image.fromarray(np.rint(blob).astype(np.uint8)).convert("RGB")
    weights = cut(picture, frame, 64)[0].double()
    mass = weights.sum()
    at = torch.arange(64, dtype=torch.float64)
    found = [(weights.sum(0) * at).sum() / mass, (weights.sum(1) * at).sum() / mass]
    expected = into_frame(np.full((68, 2), (x, y), np.float32), frame, 64)[0]
    assert torch.allclose(torch.stack(found).float(), expected, atol=0.15)
