"""Small faces: tiles, the search over them, and one box for each face."""

import numpy as np
import pytest


@pytest.mark.parametrize("size", [(1600, 1000), (1000, 1600), (640, 640), (2048, 300)])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_face_of_a_third_of_a_tile_lies_whole_in_one_of_them(size, level):
    from efgan_kit_mediapipe.tiles import Box, tiles

    width, height = size
    side = max(size) / 2**level
    face = min(side / 3, height)
    parts = list(tiles(width, height, level))
    random = np.random.default_rng(0)
    for left, top in zip(random.uniform(0, width - face, 50), random.uniform(0, height - face, 50), strict=True):
        box = Box(left, top, face, face)
        assert any(part.shared(box) == pytest.approx(box.area) for part in parts)


def test_the_first_tile_is_the_picture_itself():
    from efgan_kit_mediapipe.tiles import tiles

    assert list(tiles(300, 200, 0)) == [(0, 0, 300, 200)]


class Pretended:
    """A detector that sees white squares of at least `share` of what it is shown."""

    def __init__(self, share):
        self.share, self.asked = share, []

    def __call__(self, pixels):
        from efgan_kit_mediapipe.tiles import Box

        self.asked.append(pixels.shape[:2])
        rows, columns = np.nonzero(pixels[..., 0])
        if not len(rows):
            return []
        width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
        if min(width, height) < self.share * max(pixels.shape[:2]) or width != height:
            return []
        return [(Box(columns.min(), rows.min(), width, height), 0.9)]


def picture_with(left, top, side, size=(1000, 1600)):
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[top : top + side, left : left + side] = 255
    return pixels


def test_a_large_face_is_found_at_the_first_look():
    from efgan_kit_mediapipe.tiles import search

    detect = Pretended(0.15)
    found = search(picture_with(300, 200, 600), detect, levels=3)
    assert [box for box, _ in found] == [(300, 200, 600, 600)]
    assert detect.asked == [(1000, 1600)]


@pytest.mark.parametrize("side", [150, 70, 40])
def test_a_small_face_is_found_once_where_it_is(side):
    from efgan_kit_mediapipe.tiles import search

    (box, score), *others = search(picture_with(1371, 433, side), Pretended(0.15), levels=3)
    assert box == (1371, 433, side, side)
    assert score == 0.9
    assert not others


def test_no_tile_is_looked_at_without_levels_or_in_a_small_picture():
    from efgan_kit_mediapipe.tiles import search

    detect = Pretended(0.15)
    assert search(picture_with(50, 50, 40), detect, levels=0) == []
    assert search(picture_with(5, 5, 4, size=(60, 80)), detect, levels=3) == []
    assert detect.asked == [(1000, 1600), (60, 80)]


def test_of_boxes_of_one_face_the_surest_stays():
    from efgan_kit_mediapipe.tiles import Box, suppressed

    whole, shifted, within, other = Box(0, 0, 100, 100), Box(20, 0, 100, 100), Box(10, 10, 40, 40), Box(90, 0, 100, 100)
    kept = suppressed([(within, 0.5), (shifted, 0.7), (whole, 0.9), (other, 0.6)])
    assert kept == [(whole, 0.9), (other, 0.6)]


def test_pictures_of_many_pixels_are_reduced_to_a_longer_side_of_2048():
    from efgan_kit_mediapipe.tiles import reduced

    pixels, factor = reduced(np.full((3000, 4096, 3), 77, np.uint8))
    assert pixels.shape == (1500, 2048, 3)
    assert factor == 2
    assert (pixels == 77).all()
    small = np.zeros((20, 30, 3), np.uint8)
    assert reduced(small) == (small, 1.0)
