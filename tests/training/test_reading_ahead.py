import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest
import torch

from efgan_kit.components.datasets.drawn_faces import DrawnFaces
from efgan_kit.components.datasets.face_cache import RECORD
from efgan_kit.recipe import build_dataset
from efgan_kit.training import reading_ahead
from efgan_kit.training.reading_ahead import read_ahead

LONG = "data.train.people=2000"
"""More than are drawn while a test runs."""
KILLED = """
import os, signal, sys, time
from efgan_kit.recipe import build_dataset, load_recipe
from efgan_kit.training import reading_ahead

begin = reading_ahead._reader_of

def told(*arguments):
    reader = begin(*arguments)
    print(reader.pid, flush=True)
    return reader

reading_ahead._reader_of, reading_ahead.usable_cores = told, lambda: 2
recipe = load_recipe(sys.argv[1], overrides=sys.argv[2:])
with reading_ahead.read_ahead(recipe, build_dataset(recipe, "train")):
    time.sleep(5)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def _worth_it(monkeypatch, tmp_path):
    monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 2)
    monkeypatch.setattr(reading_ahead, "FEW", 1)
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def kept(tmp_path):
    """How many faces lie on disk."""

    def kept():
        files = (tmp_path / "cache" / "faces").glob("drawn-*.index")
        return sum(file.stat().st_size // RECORD.itemsize for file in files)

    return kept


@pytest.fixture
def begun(monkeypatch):
    """The readers that have begun."""
    readers, begin = [], reading_ahead._reader_of
    monkeypatch.setattr(reading_ahead, "_reader_of", lambda *given: readers.append(begin(*given)) or readers[-1])
    return readers


def _wait_for(condition):
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_faces_read_ahead_are_not_drawn_again_and_the_same(tiny, kept, monkeypatch):
    recipe = tiny()
    faces = build_dataset(recipe, "train")
    with read_ahead(recipe, faces):
        _wait_for(lambda: kept() == len(faces))
        time.sleep(0.5)  # a row is claimed before its pixels are written
    per_person = faces.expressions
    drawn = [faces._draw(k // per_person, faces._people[k // per_person].expressions[k % per_person]) for k in range(4)]
    monkeypatch.setattr(DrawnFaces, "_draw", lambda *_: pytest.fail("drawn again"))
    assert all(torch.equal(faces[k].image, image) for k, (image, _) in enumerate(drawn))


def test_the_reader_ends_with_the_block_however_that_ends(tiny, kept, begun):
    recipe = tiny(LONG)
    with contextlib.suppress(KeyboardInterrupt), read_ahead(recipe, build_dataset(recipe, "train")):
        _wait_for(kept)
        assert begun[0].poll() is None
        raise KeyboardInterrupt
    assert not _is_there(begun[0].pid)
    assert kept() < 2000


@pytest.mark.skipif(sys.platform == "win32", reason="a process there doesn't know whether its parent is left")
def test_the_reader_ends_with_a_process_that_is_killed(tiny, tmp_path):
    (tmp_path / "recipe.yaml").write_text(tiny(LONG).to_yaml())
    command = [sys.executable, "-c", KILLED, str(tmp_path / "recipe.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    _wait_for(lambda: not _is_there(int(done.stdout)))


@pytest.mark.parametrize("why", ["keeps nothing", "few faces", "one core"])
def test_nobody_reads_ahead_where_that_is_of_no_use(tiny, begun, monkeypatch, why):
    recipe = tiny()
    faces = build_dataset(recipe, "train")
    if why == "keeps nothing":
        monkeypatch.setattr(DrawnFaces, "keeps_faces", False)
    elif why == "few faces":
        monkeypatch.setattr(reading_ahead, "FEW", len(faces) + 1)
    else:
        monkeypatch.setattr(reading_ahead, "usable_cores", lambda: 1)
    with read_ahead(recipe, faces):
        assert not begun


def test_a_machine_without_room_for_another_process_reads_as_ever(tiny, monkeypatch):
    def full(*_, **__):
        raise BlockingIOError

    monkeypatch.setattr(subprocess, "Popen", full)
    recipe = tiny()
    with read_ahead(recipe, build_dataset(recipe, "train")):
        pass


def test_a_loss_term_that_learns_beforehand_has_its_faces_read_ahead(prepared, kept, monkeypatch):
    training = prepared("losses.conditional={use: au-teacher, steps: 2, width: 4, weight: 1}")
    meant = []

    def wait_for_all(faces, random):
        _wait_for(lambda: kept() >= len(training.faces))
        meant.append(faces)

    monkeypatch.setattr(training.terms["conditional"], "prepare", wait_for_all)
    training.learn_beforehand(lambda text: None)
    assert meant == [training.faces]
