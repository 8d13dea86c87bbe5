"""What a cluster does to a job: near its time limit or preempted it is queued again, and goes on; cancelled it is not.

submitit's executor for one machine sends the signals to the same process that a cluster's would be sent to.
"""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("submitit")

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import make_launcher
from efgan_kit.testing.launchers import GENTLE

SAVES = GENTLE.replace("'saved').write_text('')", "'saved').open('a').write('.')")


@pytest.fixture(autouse=True)
def here(install, tmp_path, monkeypatch):
    install("efgan-kit-slurm")
    monkeypatch.chdir(tmp_path)


def start(script=SAVES, *options):
    launcher = make_launcher("slurm", ["executor=local", "cpus=1", *options])
    launcher.prepare()
    return launcher.start([sys.executable, "-c", script], log=Path("job.log").absolute(), environment={}, name="a job")


def wait_for(there, seconds=60):
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


def runs():
    """How often the command has begun."""
    return Path("begun").read_text().count("once") if Path("begun").exists() else 0


def process_of(job):
    """What a cluster's signals reach: the process that runs the command."""
    children = Path(f"/proc/{job.number}/task/{job.number}/children").read_text().split()
    return int(children[0])


def end_of(job):
    wait_for(lambda: job.poll() is not None)
    return job.poll(), job.reason()


@pytest.mark.parametrize("signals", [[signal.SIGUSR2], [signal.SIGTERM, signal.SIGUSR2]], ids=["time", "preemption"])
def test_an_interrupted_job_saves_itself_once_and_is_run_again(signals):
    job = start()
    wait_for(lambda: runs() == 1)
    process = process_of(job)
    for kind in signals:
        os.kill(process, kind)
        time.sleep(0.5)
    wait_for(lambda: runs() == 2)
    assert job.poll() is None
    assert Path("saved").read_text() == "."
    Path("enough").touch()
    assert end_of(job) == (0, "")


def test_a_person_may_stop_a_job_that_nobody_watches():
    """As by `scancel --signal=USR1`: it does not wait for the cluster to end it."""
    job = start()
    wait_for(lambda: runs() == 1)
    os.kill(process_of(job), signal.SIGUSR1)
    assert end_of(job) == (130, "")
    assert Path("saved").exists()


def test_a_stop_after_a_preemption_is_the_last():
    job = start()
    wait_for(lambda: runs() == 1)
    process = process_of(job)
    job.stop()
    os.kill(process, signal.SIGUSR2)
    assert end_of(job) == (130, "")
    assert runs() == 1


def test_a_job_that_is_interrupted_too_often_is_told_in_a_sentence():
    job = start(SAVES, "requeues=0", "time=1", "notice=1")  # submitit takes a signal to a short job for its time limit
    wait_for(lambda: runs() == 1)
    os.kill(process_of(job), signal.SIGUSR2)
    code, why = end_of(job)
    assert code == -9
    assert why == f"job {job.number}: Job not requeued because: timed-out too many times."
    assert Path("saved").read_text() == ".", "what it had come to is not lost"


def test_a_job_that_somebody_cancelled_is_told_in_a_sentence(monkeypatch):
    from efgan_kit_slurm import jobs

    monkeypatch.setattr(jobs, "GRACE", 0.5)
    job = start()
    wait_for(lambda: runs() == 1)
    os.kill(int(job.number), signal.SIGKILL)
    assert end_of(job) == (-9, f"job {job.number}: Slurm does not know it any more")


def test_a_command_that_is_not_there_is_told_in_a_sentence():
    launcher = make_launcher("slurm", ["executor=local", "cpus=1"])
    job = launcher.start(["no-such-command"], log=Path("job.log").absolute(), environment={}, name="a job")
    assert end_of(job) == (127, "")
    assert Path("job.log").read_text() == "'no-such-command' can't be run: No such file or directory\n"


@pytest.mark.parametrize(
    ("note", "whose"),
    [
        ('{"launcher": "ray"}', "ray"),
        ('{"launcher": "slurm", "executor": "slurm", "id": "1"}', "slurm with executor=slurm"),
    ],
)
def test_what_another_engine_was_given_is_left_alone(note, whose):
    Path("job.job").write_text(note)
    with pytest.raises(EfganError, match=f"was given to the launcher {whose}; use that, or remove the file"):
        start()
