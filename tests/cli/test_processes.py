"""`efgan train --processes N` and torchrun: what several processes leave, and what becomes of them when one ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from efgan_kit.training import load_trained

SHARED = Path(__file__).parents[1] / "training" / "recipes" / "shared.yaml"
# Rounding grows with every step: at this rate it stays rounding.
SLOW = ("-o", "optimizer.lr=1e-6")
TWO = ("--processes", "2")
linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc")


def begin(run, *options, before=(sys.executable, "-m", "efgan_kit")):
    """Starts a training in a process group of its own."""
    command = [*before, "train", SHARED, "--run", run, "--no-evaluate", *SLOW, *options]
    return subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def wait_for(process, text):
    for line in process.stderr:
        if text in line:
            return
    pytest.fail(f"'{text}' never came")


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def ranks(process):
    """The processes that a command has started, in their order."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def lines(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The log of one process that nobody disturbed."""
    import torch

    from efgan_kit.recipe import load_recipe
    from efgan_kit.training import train

    torch.set_num_threads(1)
    run = tmp_path_factory.mktemp("whole") / "run"
    train(load_recipe(SHARED, overrides=[SLOW[1]]), run=run, quiet=True)
    return lines(run)


def assert_same(log, whole):
    assert [line["step"] for line in log] == [line["step"] for line in whole]
    for line, expected in zip(log, whole, strict=True):
        assert line["losses"] == pytest.approx(expected["losses"], rel=1e-5, abs=1e-6)
        assert line["attention"] == pytest.approx(expected["attention"], rel=1e-5)
        assert line["rates"] == expected["rates"]


@linux
def test_two_processes_stop_together_and_one_goes_on_as_if_it_had_been_alone(whole, tmp_path, efgan):
    run = tmp_path / "run"
    process = begin(run, *TWO)
    wait_for(process, "step       2")
    os.kill(ranks(process)[1], signal.SIGTERM)
    code, out, err = finish(process)
    assert code == 130, err
    assert err.count("is saved, go on with --resume") == 1
    assert "Traceback" not in err
    assert out == ""
    done = len(lines(run))
    assert 2 <= done < 6
    assert (run / "checkpoints" / f"{done:07d}" / "state.json").is_file()
    assert json.loads((run / "lock.json").read_text())["processes"] == 2
    answer = efgan("train", SHARED, "--run", run, "--no-evaluate", *SLOW, "--resume")
    assert answer.code == 0, answer.err
    assert_same(lines(run), whole)


@linux
def test_a_killed_process_ends_the_training_and_the_last_checkpoint_can_be_used(tmp_path):
    run = tmp_path / "run"
    process = begin(run, "--processes", "4", "-o", "train.steps=1000")
    wait_for(process, "step       4")
    others = ranks(process)
    os.kill(others[2], signal.SIGKILL)
    began = time.monotonic()
    code, _, err = finish(process)
    assert time.monotonic() - began < 30
    assert code == 1
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if line.startswith("error")]
    assert len(said) == 1
    assert "process 2 of 4 (they count from 0) was ended by SIGKILL" in said[0]
    assert f"is saved in {run}, go on with --resume" in said[0]
    assert load_trained(run, "cpu").step >= 3
    assert not any(Path(f"/proc/{pid}").exists() for pid in others)


def test_torchrun_trains_together(whole, tmp_path):
    run = tmp_path / "run"
    torchrun = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    # Without the two dashes torchrun takes --run for an option of its own.
    code, out, err = finish(begin(run, before=(sys.executable, "-m", *torchrun, "-m", "--", "efgan_kit")))
    assert code == 0, err
    assert out.splitlines() == [f"done: {run}"]
    assert err.count("training 'shared'") == 1
    assert_same(lines(run), whole)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["0000003", "0000006"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--processes", 3), "3 processes can't share a batch of 4 evenly; train in 1, 2, 4 processes"),
        (("--processes", 0), "0 is not in the range x>=1"),
        (("--processes", 2, "--device", "cpu:0"), "'cpu:0' is one device, and 2 processes can't share it"),
    ],
)
def test_what_cannot_be_shared_is_refused_before_anything_is_started(options, told, tmp_path, efgan):
    answer = efgan("train", SHARED, "--run", tmp_path / "run", *options)
    assert answer.code == 2
    assert told in answer.err
    assert not (tmp_path / "run").exists()


@linux
def test_what_is_wrong_in_all_processes_is_said_once(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "mine").touch()
    code, _, err = finish(begin(run, *TWO))
    assert code == 2
    assert err.count("error") == 1
    assert "there is something in this folder already" in err
