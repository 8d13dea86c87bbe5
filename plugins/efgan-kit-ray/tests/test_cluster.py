"""What a Ray cluster may do to a training: refuse it, lose its machine, have nothing that is large enough."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

ray = pytest.importorskip("ray")

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import make_launcher
from efgan_kit.testing.launchers import GENTLE

pytestmark = pytest.mark.proof


@pytest.fixture
def launcher(install, cluster, tmp_path, monkeypatch):
    """Makes the launcher, on the cluster, by options."""
    install("efgan-kit-ray")
    monkeypatch.chdir(tmp_path)

    def launcher(*options):
        made = make_launcher("ray", [f"address={cluster}", *options])
        made.prepare()
        return made

    return launcher


def start(launcher, script=GENTLE):
    return launcher.start([sys.executable, "-c", script], log=Path("job.log").absolute(), environment={}, name="a job")


def wait_for(there, seconds=60):
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until
        time.sleep(0.05)


def keeper_of(training):
    """The process that keeps the training with that number: its parent."""
    return int(Path(f"/proc/{training}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_training_whose_machine_fails_goes_on_with_its_next_keeper(launcher):
    from efgan_kit_ray import notes

    job = start(launcher())
    wait_for(Path("begun").exists)
    os.kill(keeper_of(notes.read(job.log)["process"]), signal.SIGKILL)
    wait_for(lambda: job.poll() is not None or Path("begun").read_text().count("once") == 2)
    Path("enough").touch()
    wait_for(lambda: job.poll() is not None)
    assert (job.poll(), job.reason()) == (0, "")


def test_a_training_that_is_lost_too_often_is_told_in_a_sentence(launcher):
    from efgan_kit_ray import notes

    job = start(launcher("restarts=0"))
    wait_for(Path("begun").exists)
    os.kill(keeper_of(notes.read(job.log)["process"]), signal.SIGKILL)
    wait_for(lambda: job.poll() is not None)
    assert job.poll() == -9
    assert job.reason().startswith("Ray lost the training's machine or process: ")
    assert "\n" not in job.reason()


def test_a_training_that_waits_for_its_turn_is_not_begun_after_it_was_stopped(launcher):
    job = start(launcher("cpus=64"))
    time.sleep(1)
    assert job.poll() is None
    job.stop()
    wait_for(lambda: job.poll() is not None)
    assert job.poll() == 130
    assert not Path("begun").exists()


def test_a_command_that_is_not_there_is_told_in_a_sentence(launcher):
    job = launcher().start(["no-such-command"], log=Path("job.log").absolute(), environment={}, name="a job")
    wait_for(lambda: job.poll() is not None)
    assert (job.poll(), job.reason()) == (127, "")
    assert Path("job.log").read_text() == "'no-such-command' can't be run: No such file or directory\n"


def test_what_slurm_was_given_is_left_alone(launcher):
    Path("job.job").write_text('{"launcher": "slurm", "id": "12"}')
    with pytest.raises(EfganError, match="this training was given to the launcher slurm; use that, or remove"):
        start(launcher())
