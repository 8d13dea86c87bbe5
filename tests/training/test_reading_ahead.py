import contextlib
import multiprocessing
import os
import sys
import time
from pathlib import Path

import pytest
import torch

from efgan_kit.api import FaceSpec, au_set
from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.face_cache import RECORD
from efgan_kit.training.reading_ahead import read_ahead

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody reads ahead")


class Noting:
    """Notes in a file of its own which process read a face; one of them can't be read."""

    keeps_faces = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> None:
        (self.folder / str(index)).write_text(str(os.getpid()))
        if index == 2:
            raise OSError("gone")


def _wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr("efgan_kit.training.reading_ahead.usable_cores", lambda: 2)


def test_another_process_reads_every_face_once_whatever_one_of_them_does(tmp_path):
    with read_ahead(Noting(tmp_path)):
        _wait_for(lambda: len(list(tmp_path.iterdir())) == 6)
    readers = {file.read_text() for file in tmp_path.iterdir()}
    assert len(readers) == 1
    assert readers != {str(os.getpid())}


def test_the_reader_ends_with_the_block_however_that_ends(tmp_path):
    with contextlib.suppress(KeyboardInterrupt), read_ahead(Noting(tmp_path)):
        (reader,) = multiprocessing.active_children()
        raise KeyboardInterrupt
    assert not reader.is_alive()


def test_nothing_is_read_of_data_that_keep_nothing_or_without_a_second_core(tmp_path, monkeypatch):
    forgetful = Noting(tmp_path)
    forgetful.keeps_faces = False
    with read_ahead(forgetful):
        assert not multiprocessing.active_children()
    monkeypatch.setattr("efgan_kit.training.reading_ahead.usable_cores", lambda: 1)
    with read_ahead(Noting(tmp_path)):
        assert not multiprocessing.active_children()


def test_faces_drawn_ahead_are_not_drawn_again_and_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path))
    spec = FaceSpec(size=64, aus=au_set("openface-17"))
    faces = DrawnFaces(spec, people=2, expressions=2, group="drawn ahead")
    index = tmp_path / "faces" / "drawn-64.index"
    with read_ahead(faces):
        _wait_for(lambda: index.exists() and index.stat().st_size == 4 * RECORD.itemsize)
        time.sleep(0.5)  # a row is claimed before its pixels are written
    drawn_here = [faces._draw(face // 2, faces._people[face // 2].expressions[face % 2])[0] for face in range(4)]
    monkeypatch.setattr(DrawnFaces, "_draw", lambda *_: pytest.fail("drawn again"))
    assert all(torch.equal(faces[face].image, drawn_here[face]) for face in range(4))
