"""A full disk and a disk that lets nothing be written, on a small file system of the test's own."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).parents[1] / "training" / "recipes" / "tiny.yaml"
OPTIONS = ("-o", "train.steps=6", "-o", "train.checkpoint_every=1", "-o", "train.keep=100")


def mount(*words):
    return subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path):
    """A file system of 64 MB; `disk.resize("3m")`, `disk.options("ro")`."""
    place = tmp_path / "disk"
    place.mkdir()
    if not shutil.which("mount") or mount("-t", "tmpfs", "-o", "size=64m", "none", place).returncode:
        pytest.skip("only root can mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def remount(place, options):
    done = mount("-o", f"remount,{options}", place)
    assert done.returncode == 0, done.stderr


def train(run, *options):
    command = [sys.executable, "-m", "efgan_kit", "train", str(TINY), "--run", str(run), "--no-evaluate", *OPTIONS]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, env=environment)


def answer(process):
    _, err = process.communicate(timeout=600)
    assert "Traceback" not in err, err
    return process.returncode, err


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_sound(run, whole):
    """Every checkpoint that stands is the one of a run that had room."""
    from efgan_kit.training import checkpoints
    from efgan_kit.training.run_folder import RunFolder

    stand = checkpoints.complete(RunFolder(run))
    for checkpoint in stand:
        checkpoints.verify(checkpoint)
        for file in checkpoint.glob("*.safetensors"):
            assert file.read_bytes() == (whole / "checkpoints" / checkpoint.name / file.name).read_bytes()
    return [int(checkpoint.name) for checkpoint in stand]


def assert_same(run, whole):
    assert assert_sound(run, whole) == [1, 2, 3, 4, 5, 6]
    lines = [[json.loads(line) for line in (at / "log.jsonl").read_text().splitlines()] for at in (run, whole)]
    assert [{**line, "seconds": 0} for line in lines[0]] == [{**line, "seconds": 0} for line in lines[1]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("whole") / "run"
    code, err = answer(train(run))
    assert code == 0, err
    return run


@pytest.mark.proof
def test_a_full_disk_is_told_and_the_last_checkpoint_is_intact(disk, whole):
    """Room for two checkpoints and a half; then for all."""
    run = disk / "run"
    size = sum(len(part) for part in content(whole / "checkpoints" / "0000001").values())
    remount(disk, f"size={int(2.5 * size) + 400_000}")
    code, err = answer(train(run))
    assert code == 2, err
    assert "No space left on device" in err
    assert "make room" in err
    stand = assert_sound(run, whole)
    assert stand
    assert not list((run / "checkpoints").glob(".*")), "what could not be finished is gone"
    again, err = answer(train(run, "--resume"))
    assert again == 2, err
    assert assert_sound(run, whole)[: len(stand)] == stand, "a second try loses nothing either"
    remount(disk, "size=64m")
    assert answer(train(run, "--resume"))[0] == 0
    assert_same(run, whole)
    print(f"a full disk: checkpoints {stand} intact, the rest went on to the bit")


@pytest.mark.proof
def test_a_disk_that_others_fill_is_told(disk, whole):
    """Not a byte is left, for the log neither."""
    run = disk / "run"
    process = train(run)
    for line in process.stderr:
        if line.startswith("step       2"):
            break
    filler = disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    code, err = answer(process)
    assert code == 2, err
    assert "No space left on device" in err
    stand = assert_sound(run, whole)
    assert stand
    filler.unlink()
    assert answer(train(run, "--resume"))[0] == 0
    assert_same(run, whole)
    print(f"a disk that others filled: checkpoints {stand} intact, the rest went on to the bit")


@pytest.mark.proof
def test_a_read_only_disk_is_told_and_nothing_changes(disk, whole):
    run = disk / "run"
    process = train(run)
    for line in process.stderr:
        if line.startswith("step       2"):
            break
    process.send_signal(signal.SIGTERM)
    assert answer(process)[0] == 130
    before = content(run)
    remount(disk, "ro")
    for at, options in ((run, ["--resume"]), (disk / "new", [])):
        code, err = answer(train(at, *options))
        assert code == 2, err
        assert "Read-only file system" in err
    remount(disk, "rw")
    assert content(run) == before
    assert answer(train(run, "--resume"))[0] == 0
    assert_same(run, whole)
    print("a read-only disk: told, nothing changed, and went on to the bit once it was writable")
