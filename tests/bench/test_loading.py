"""Readings of faces are counted in turns, and leave the user's cache alone."""

import json
import os

import pytest

from efgan_kit.api import EfganError
from efgan_kit.bench.loading import measure_loading
from efgan_kit.components.datasets.face_cache import faces_folder
from efgan_kit.components.datasets.photo_folder import PhotoFolder
from efgan_kit.components.datasets.photos import reading

TINY = {"size": 32, "batch_size": 2, "count": 4, "people": 2}


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "mine"))
    return tmp_path / "mine"


def test_each_source_is_read_with_each_number_of_workers(mine):
    told = []
    found = measure_loading(**TINY, workers=(0, 1), rounds=1, progress=lambda *done: told.append(done))
    assert [(one.source, one.workers) for one in found.readings] == [
        (source, workers) for workers in (0, 1) for source in ("decoded", "kept", "drawn")
    ]
    for one in found.readings:
        assert 0 < one.least <= one.per_second <= one.most
        assert one.first > 0
    assert told[-1] == (12, 12)
    assert json.loads(json.dumps(found.to_plain()))["readings"][1]["source"] == "kept"
    assert found.pictures == "drawn faces, PNG, 48 px"
    assert not mine.exists()
    assert os.environ["EFGAN_CACHE_DIR"] == str(mine)


def test_only_what_is_said_to_be_decoded_is(monkeypatch):
    decoded = []
    original = reading.read_face

    def spy(path, *arguments):
        decoded.append(path)
        return original(path, *arguments)

    monkeypatch.setattr(reading, "read_face", spy)
    monkeypatch.setattr(PhotoFolder, "__init__", _noting(PhotoFolder.__init__, folders := []))
    found = measure_loading(**TINY, workers=(0,), rounds=2)
    uncached, kept = folders
    assert uncached._cache.most == 0
    assert kept._cache.gb == 4
    # Three readings of eight faces decode them all, and the first reading of what is kept does.
    assert len(decoded) == 3 * 8 + 8
    assert found.cache.least <= found.cache.median <= found.cache.most


def _noting(original, made):
    def noted(self, *arguments, **settings):
        original(self, *arguments, **settings)
        made.append(self)

    return noted


def test_a_folder_of_one_s_own_can_be_read_and_a_wrong_one_is_named(tmp_path, mine):
    with pytest.raises(EfganError, match="there is no such folder"):
        measure_loading(str(tmp_path / "nowhere"), **TINY)
    assert os.environ["EFGAN_CACHE_DIR"] == str(mine)
    assert faces_folder() == mine / "faces"
