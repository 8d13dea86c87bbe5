"""The measure of flicker on pictures whose changes are known."""

import numpy as np
import pytest

from efgan_kit.components.datasets.photos.framing import Frame
from efgan_kit.editing.video.flicker import FlickerMeter

FRAME = Frame(0.0, 0.0, 64.0)


def plain(level):
    return np.full((64, 64, 3), level, np.uint8)


def measured(drawn_face, sources, edits):
    meter = FlickerMeter(64)
    for source, edited in zip(sources, edits, strict=True):
        meter.look(source, edited, FRAME, drawn_face[1].astype(float))
    return meter.result()


def test_changes_from_frame_to_frame_are_compared(drawn_face):
    flicker = measured(
        drawn_face, [plain(100 + 2 * (n % 2)) for n in range(6)], [plain(150 - 5 * (n % 2)) for n in range(6)]
    )
    assert (flicker.source, flicker.edited, flicker.pairs) == (pytest.approx(2), pytest.approx(5), 5)
    assert flicker.ratio == pytest.approx(2.5)


def test_a_steady_edit_has_the_flicker_of_its_source(drawn_face):
    sources = [plain(100 + 2 * (n % 2)) for n in range(6)]
    assert measured(drawn_face, sources, [source + 40 for source in sources]).ratio == pytest.approx(1)


def test_the_mouth_may_move(drawn_face):
    left, top = drawn_face[1][48:60].min(axis=0).astype(int)
    right, bottom = drawn_face[1][48:60].max(axis=0).astype(int) + 1
    sources = [plain(100 + 2 * (n % 2)) for n in range(6)]
    edits = [source.copy() for source in sources]
    for edit in edits[::2]:
        edit[top:bottom, left:right] = 255
    assert measured(drawn_face, sources, edits).ratio == pytest.approx(1, abs=1e-3)


def test_a_source_that_stands_still_has_no_ratio(drawn_face):
    flicker = measured(drawn_face, [plain(100)] * 4, [plain(100 + n % 2) for n in range(4)])
    assert flicker.ratio is None
    assert flicker.edited == pytest.approx(1)
