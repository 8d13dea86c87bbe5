"""The AU labeller, with the landmarker's signals and without."""

import attrs
import numpy as np
import pytest

from efgan_kit.api import AULabeller, EfganError, FoundFace, Picture


@pytest.fixture
def labeller():
    from efgan_kit_mediapipe.labeller import MediaPipeLabeller

    labeller = MediaPipeLabeller()
    yield labeller
    labeller.close()


def test_it_reads_what_the_landmarker_saw_and_needs_no_engine(labeller, monkeypatch):
    from efgan_kit_mediapipe import labeller as module
    from efgan_kit_mediapipe.units import SIGNALS, intensities

    monkeypatch.setattr(module, "Engine", None)
    signals = dict.fromkeys(SIGNALS, 0.4)
    face = FoundFace(np.zeros((68, 2), np.float32), signals=signals)
    assert isinstance(labeller, AULabeller)
    assert labeller(Picture(np.zeros((8, 8, 3), np.uint8)), face) == intensities(signals)


def test_a_face_that_another_has_found_is_measured_as_if_it_had_found_it(labeller, landmarker, drawn):
    picture = Picture(drawn[0])
    (face,) = landmarker(picture)
    bare = labeller(picture, attrs.evolve(face, signals={}))
    known = labeller(picture, face)
    assert bare.keys() == known.keys() == set(labeller.units)
    assert max(abs(bare[unit] - known[unit]) for unit in known) < 0.1


def test_it_refuses_where_it_sees_no_face(labeller, engine, drawn):
    face = FoundFace(drawn[1].astype(np.float32))
    with pytest.raises(EfganError, match="MediaPipe sees no face where the landmarker found one"):
        labeller(Picture(np.zeros((256, 256, 3), np.uint8)), face)
