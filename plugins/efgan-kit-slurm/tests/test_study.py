"""Small trainings as a cluster's jobs, from the command to the report."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("submitit")

pytestmark = pytest.mark.proof


@pytest.fixture
def study(efgan, install, quick_judge, small_study, tmp_path):
    """`study()`: the study of this folder, by the launcher."""
    install("efgan-kit-slurm")
    options = ("--launcher-option", "executor=local", "--launcher-option", "cpus=1")
    return lambda: efgan("study", small_study, "--run", tmp_path / "DIR", "--launcher", "slurm", *options)


def test_a_study_is_trained_by_submitit(study, trained_once, tmp_path):
    answer = study()
    assert answer.code == 0, answer.err
    assert "submitit" not in answer.out + answer.err
    trained_once(tmp_path / "DIR")


def in_the_middle(folder, act):
    """Once the first training has taken some steps, `act` on the process that runs it there."""

    def wait():
        while not (logs := list(folder.glob("*/seed-0/log.jsonl"))) or logs[0].read_text().count("\n") < 2:
            time.sleep(0.05)
        act(logs[0].parent.with_name("seed-0.job").read_text())

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_training_that_is_preempted_goes_on_to_the_same_end(study, trained_once, tmp_path, monkeypatch):
    import json

    def preempt(note):
        number = json.loads(note)["id"]
        os.kill(int(Path(f"/proc/{number}/task/{number}/children").read_text()), signal.SIGUSR2)

    thread = in_the_middle(tmp_path / "DIR", preempt)
    answer = study()
    thread.join()
    assert answer.code == 0, answer.err
    log = (tmp_path / "DIR" / "whole" / "seed-0.log").read_text()
    assert "is saved, go on with --resume" in log
    assert log.count("training 'tiny' into") == 2
    steps = (tmp_path / "DIR" / "whole" / "seed-0" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in steps] == list(range(1, 7))


def test_ctrl_c_has_the_jobs_save_themselves_and_the_same_command_goes_on(study, tmp_path):
    thread = in_the_middle(tmp_path / "DIR", lambda note: os.kill(os.getpid(), signal.SIGINT))
    answer = study()
    thread.join()
    assert answer.code == 130
    log = tmp_path / "DIR" / "whole" / "seed-0.log"
    assert "is saved, go on with --resume" in log.read_text()
    assert not log.with_suffix(".job").exists()
    assert study().code == 0
    assert (tmp_path / "DIR" / "report.md").exists()
