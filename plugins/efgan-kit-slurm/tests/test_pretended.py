"""Slurm's commands, pretended: what the launcher asks them, and what becomes of their answers."""

import shlex
import time
from pathlib import Path

import pytest

pytest.importorskip("submitit")

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study import make_launcher


@pytest.fixture
def slurm(install, tmp_path, monkeypatch):
    """`slurm(squeue="echo RUNNING")`: these commands are on the path, and note how they were called."""
    install("efgan-kit-slurm")
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(folder))  # alone: this machine may have a Slurm of its own

    def slurm(**scripts):
        for name, script in {"srun": "", "scancel": "", "squeue": "", "sacct": "exit 1", **scripts}.items():
            path = folder / name
            note = f'echo {name} "$@" >> {shlex.quote(str(tmp_path / "asked"))}'
            path.write_text(f"#!/bin/sh\n{note}\n{script}\n")
            path.chmod(0o755)

    return slurm


def launch(*options):
    launcher = make_launcher("slurm", options)
    launcher.prepare()
    return launcher.start(["true"], log=Path("job.log").absolute(), environment={}, name="s/a/seed-0")


def asked():
    return Path("asked").read_text().splitlines()


def refusal(call, *arguments):
    with pytest.raises(EfganError) as caught:
        call(*arguments)
    return str(caught.value)


def test_where_there_is_no_slurm_is_told_in_a_sentence(slurm):
    assert refusal(launch) == (
        "launcher 'slurm': there is no Slurm on this machine: no `sbatch`; "
        "run this where jobs are submitted from, or try it out here with executor=local"
    )


def test_a_controller_that_does_not_answer_is_told_in_a_sentence(slurm):
    slurm(sbatch="", squeue="echo 'squeue: error: Unable to contact slurm controller' >&2; exit 1")
    assert refusal(launch) == (
        "launcher 'slurm': Slurm's controller does not answer: Unable to contact slurm controller"
    )


def test_a_job_that_is_refused_is_told_in_a_sentence(slurm, capfd):
    slurm(sbatch="echo 'sbatch: error: invalid partition specified: gpuu' >&2; exit 1")
    assert refusal(launch, "partition=gpuu") == (
        "launcher 'slurm': sbatch refuses the job: invalid partition specified: gpuu"
    )
    assert capfd.readouterr() == ("", "")
    assert not Path("job.job").exists()


def test_a_job_asks_for_what_the_options_say(slurm):
    slurm(sbatch='/bin/cat "$1" > script; echo Submitted batch job 12', squeue="echo PENDING")
    launch("partition=gpu", "account=0042", "time=90", "notice=60", "gpus=2", "cpus=6", "memory=1.5",
           "sbatch={qos: long, constraint: a100}", "setup=[module load cuda]")  # fmt: skip
    script = Path("script").read_text()
    for line in ("--partition=gpu", "--account=0042", "--time=90", "--signal=USR2@60", "--gpus-per-node=2",
                 "--cpus-per-task=6", "--mem=1536MB", "--qos=long", "--constraint=a100",
                 "--job-name=s/a/seed-0"):  # fmt: skip
        assert f"#SBATCH {line}\n" in script
    assert "\nmodule load cuda\n" in script
    assert "--cpus-per-task=6" in next(line for line in script.splitlines() if line.startswith("srun"))


def test_a_job_that_waits_is_asked_after_now_and_then_and_taken_out_of_the_queue(slurm):
    slurm(sbatch="echo Submitted batch job 12", squeue="echo PENDING")
    job = launch()
    for _ in range(12):
        assert job.poll() is None
        time.sleep(0.1)
    assert sum(line.startswith("squeue") and "12" in line for line in asked()) == 1
    assert make_launcher("slurm").start(["true"], log=Path("job.log").absolute(), environment={}, name="x") is None
    job.stop()
    assert asked()[-2:] == ["scancel --state=PENDING 12", "scancel --signal=USR1 12"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("echo CANCELLED", "job 12: Slurm cancelled it"),
        ("echo OUT_OF_MEMORY", "job 12: it ran out of memory; give it more by memory=GIGABYTES"),
        ("echo 'error: Invalid job id specified' >&2; exit 1", "job 12: Slurm does not know it any more"),
    ],
)
def test_why_the_cluster_ended_a_job_is_told_in_a_sentence(slurm, answer, reason, monkeypatch):
    from efgan_kit_slurm import jobs

    monkeypatch.setattr(jobs, "GRACE", 0.0)
    slurm(sbatch="echo Submitted batch job 12", squeue=f'case "$*" in *--jobs=12*) {answer};; esac')
    job = launch()
    assert (job.poll(), job.reason()) == (-9, reason)
    assert not Path("job.job").exists()


def test_accounts_are_believed_where_there_are_some(slurm, monkeypatch):
    from efgan_kit_slurm import jobs

    monkeypatch.setattr(jobs, "GRACE", 0.0)
    slurm(
        sbatch="echo Submitted batch job 13",
        sacct="echo 'JobID|State|NodeList'; echo '13|TIMEOUT|vm'",
        squeue='case "$*" in *--jobs*) exit 9;; esac',
    )
    job = launch()
    assert (job.poll(), job.reason()) == (-9, "job 13: it ran out of time; give it more by time=MINUTES")


def test_a_controller_that_is_away_for_a_while_ends_no_job(slurm):
    slurm(sbatch="echo Submitted batch job 12", squeue='case "$*" in *--jobs*) echo no route >&2; exit 1;; esac')
    assert launch().poll() is None


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("partitoin=gpu", "'slurm' (efgan-kit-slurm 0.1.0) has no parameter 'partitoin'; did you mean 'partition'?"),
        ("time=0", "time is 0: it must be at least 1"),
        ("memory=0", "memory is 0.0: it must be above 0"),
        ("notice=99999", "notice is 99999 seconds: a job has 14400"),
        ("executor=debug", "expected one of 'slurm', 'local', not 'debug'"),
    ],
)
def test_options_are_checked_by_the_constructor(slurm, option, message):
    assert message in refusal(make_launcher, "slurm", [option])
