"""What is kept on disk comes back to the byte, or not at all; whatever happens to the files."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from efgan_kit.components.datasets import face_cache
from efgan_kit.components.datasets.face_cache import KEY, RECORD, FaceCache

LENGTH = 3 * 16 * 16
MANY = 400


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(face_cache, "_said", set())
    return tmp_path / "cache" / "faces"


def cache(rows=10_000):
    return FaceCache("test-16", length=LENGTH, gb=rows * (LENGTH + RECORD.itemsize) / 1e9)


def key(number):
    return number.to_bytes(KEY, "big")


def face(number):
    return np.random.default_rng(number).integers(0, 256, LENGTH, dtype=np.uint8)


def filled(count, **settings):
    made = cache(**settings)
    for number in range(count):
        made.put(key(number), face(number))
    return made


def sound(made, count):
    """The faces that are there; each must be the one that was asked for."""
    found = {number: made.get(key(number)) for number in range(count)}
    there = {number for number, data in found.items() if data is not None}
    assert all(np.array_equal(found[number], face(number)) for number in there)
    return there


def test_what_was_kept_comes_back_in_this_process_and_in_others():
    made = filled(5)
    assert sound(made, 7) == {0, 1, 2, 3, 4}
    assert sound(cache(), 7) == {0, 1, 2, 3, 4}
    assert sound(pickle.loads(pickle.dumps(made)), 7) == {0, 1, 2, 3, 4}
    late, other = cache(), cache()
    assert late.get(key(6)) is None
    other.put(key(6), face(6))
    assert sound(late, 7) == {0, 1, 2, 3, 4, 6}


def test_a_face_is_its_reader_s_own():
    made = filled(1)
    made.get(key(0)).fill(0)
    assert sound(made, 1) == {0}


def test_the_same_face_is_kept_once(folder):
    filled(3)
    filled(3)
    assert (folder / "test-16.index").stat().st_size == 3 * RECORD.itemsize


def test_no_room_is_asked_for_where_none_is_given(folder):
    made = cache(rows=0)
    made.put(key(0), face(0))
    assert made.get(key(0)) is None
    assert not folder.exists()


def flip(path, position):
    content = bytearray(path.read_bytes())
    content[position] ^= 0x10
    path.write_bytes(content)


@pytest.mark.parametrize("position", [0, LENGTH - 1, LENGTH + 7, 3 * LENGTH - 1])
def test_a_damaged_face_is_none_and_is_mended_where_it_lies(folder, position):
    filled(3)
    flip(folder / "test-16.faces", position)
    made = cache()
    assert sound(made, 3) == {0, 1, 2} - {position // LENGTH}
    made.put(key(position // LENGTH), face(position // LENGTH))
    assert sound(made, 3) == sound(cache(), 3) == {0, 1, 2}
    assert (folder / "test-16.index").stat().st_size == 3 * RECORD.itemsize


@pytest.mark.parametrize("position", range(0, RECORD.itemsize, 3))
def test_a_damaged_index_shows_no_wrong_face(folder, position):
    filled(3)
    flip(folder / "test-16.index", RECORD.itemsize + position)
    made = cache()
    assert {0, 2} <= sound(made, 3)
    made.put(key(1), face(1))
    assert sound(made, 3) == {0, 1, 2}


def exchanged(folder):
    content = (folder / "test-16.faces").read_bytes()
    (folder / "test-16.faces").write_bytes(content[LENGTH:] + content[:LENGTH])


DAMAGE = {
    "faces exchanged": exchanged,
    "faces cut short": lambda folder: os.truncate(folder / "test-16.faces", LENGTH + 5),
    "faces emptied": lambda folder: os.truncate(folder / "test-16.faces", 0),
    "faces gone": lambda folder: (folder / "test-16.faces").unlink(),
    "index gone": lambda folder: (folder / "test-16.index").unlink(),
    "index emptied": lambda folder: os.truncate(folder / "test-16.index", 0),
    "half a record": lambda folder: os.truncate(folder / "test-16.index", 2 * RECORD.itemsize + 11),
    "all gone": lambda folder: [path.unlink() for path in folder.iterdir()],
    "nonsense": lambda folder: [path.write_bytes(b"no such thing" * 1000) for path in folder.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("running", [False, True], ids=["before a training", "under a training"])
def test_whatever_is_lost_is_made_anew(folder, damage, running):
    made = filled(4)
    assert sound(made, 4) == {0, 1, 2, 3}
    DAMAGE[damage](folder)
    if not running:
        made = cache()
    for _ in range(2):
        missing = set(range(6)) - sound(made, 6)
        for number in missing:
            made.put(key(number), face(number))
    assert sound(made, 6) == sound(cache(), 6) == set(range(6))


def write_some(begin):
    made = cache()
    for number in range(begin, begin + MANY // 2):
        if made.get(key(number)) is None:
            made.put(key(number), face(number))
    assert sound(made, MANY) >= set(range(begin, begin + MANY // 2))


def test_writers_at_once_keep_what_each_has():
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_some, args=(begin,)) for begin in (0, 0, MANY // 4, MANY // 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert sound(cache(), MANY) == set(range(MANY))


def test_a_kill_at_any_moment_leaves_no_wrong_face():
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_face_cache import cache, face, key
        made = cache()
        made.put(key(0), face(0))
        print("begun", flush=True)
        for number in range(10**6):
            made.put(key(number % {MANY}), face(number % {MANY}))
        """
    )
    for moment in (0.003, 0.011, 0.05):
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert writer.stdout.readline() == b"begun\n"
        time.sleep(moment)
        writer.kill()
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        assert sound(cache(), MANY)
    made = filled(MANY)
    assert sound(made, MANY) == set(range(MANY))


def test_a_full_disk_ends_the_keeping_and_is_said_once(folder, caplog):
    filled(2)
    (folder / "test-16.faces").rename(folder / "others")
    (folder / "test-16.faces").symlink_to("/dev/full")
    for made in (cache(), cache()):
        for number in range(2, 5):
            made.put(key(number), face(number))
    assert [record.message for record in caplog.records] == [
        f"faces can't be kept in {folder}: No space left on device; the training goes on, and makes them each time "
        "(`efgan data cache --clear` empties it, EFGAN_CACHE_DIR names another place)"
    ]
    (folder / "others").replace(folder / "test-16.faces")
    assert sound(cache(), 5) == {0, 1}


def test_the_last_gigabyte_is_left_to_others(folder, monkeypatch, caplog):
    filled(2)
    usage = namedtuple("usage", "total used free")(10**12, 10**12 - 10**9, 10**9)
    monkeypatch.setattr(face_cache.shutil, "disk_usage", lambda path: usage)
    made = filled(4)
    assert sound(made, 4) == {0, 1}
    assert "less than 1 GB of the disk is free" in caplog.text


def test_a_folder_that_cannot_be_written_is_read_all_the_same(folder, monkeypatch, caplog):
    filled(2)

    def refuse(path, *arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(face_cache, "_write_at", refuse)
    monkeypatch.setattr(face_cache.time, "time", lambda: 4e9)  # time to note that they are used
    made = cache()
    assert sound(made, 3) == {0, 1}
    assert caplog.text == ""
    made.put(key(2), face(2))
    assert sound(made, 3) == {0, 1}
    assert f"faces can't be kept in {folder}: Permission denied" in caplog.text


def test_a_place_that_is_a_file_costs_only_time(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EFGAN_CACHE_DIR", str(tmp_path / "file"))
    assert sound(filled(1), 1) == set()
    assert "Not a directory" in caplog.text


def test_a_full_cache_keeps_what_it_has_and_says_so(folder, caplog):
    made = filled(5, rows=3)
    assert sound(made, 5) == {0, 1, 2}
    assert f"for faces in {folder} are full of what is in use" in caplog.text
    assert (folder / "test-16.faces").stat().st_size == 3 * LENGTH


def test_faces_that_nobody_read_for_a_day_make_room(folder, monkeypatch, caplog):
    filled(4, rows=4)
    now = time.time()
    monkeypatch.setattr(face_cache.time, "time", lambda: now + 2 * face_cache.DAY)
    made, other = cache(rows=4), cache(rows=4)
    assert sound(made, 1) == {0}  # and is in use again
    assert other.get(key(1)) is not None
    for number in (10, 11):
        made.put(key(number), face(number))
    assert sound(made, 12) >= {0, 1, 10, 11}
    assert caplog.text == ""
    made.put(key(12), face(12))
    assert "full" in caplog.text
    assert (folder / "test-16.faces").stat().st_size == 4 * LENGTH
    # The other process finds another's face where two of its own were, and leaves it there.
    for number in (2, 3):
        assert other.get(key(number)) is None
        other.put(key(number), face(number))
    assert sound(made, 12) == sound(cache(rows=4), 12) == {0, 1, 10, 11}


def test_two_processes_do_not_take_each_other_s_rows_for_ever(monkeypatch):
    """One has learned the rows before the other gives them to its own faces."""
    filled(2, rows=2)
    slow = cache(rows=2)
    now = time.time()
    assert slow.get(key(99)) is None
    monkeypatch.setattr(face_cache.time, "time", lambda: now + 2 * face_cache.DAY)
    quick = cache(rows=2)
    for number in (10, 11):
        quick.put(key(number), face(number))
    for number in (0, 1):
        assert slow.get(key(number)) is None
        slow.put(key(number), face(number))
    assert sound(quick, 12) == {10, 11}
