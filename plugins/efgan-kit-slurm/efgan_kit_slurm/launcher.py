"""The launcher `slurm`."""

from __future__ import annotations

import contextlib
import fcntl
import io
import logging
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError

from efgan_kit.api import EfganError, fail
from efgan_kit_slurm import notes
from efgan_kit_slurm.command import Command
from efgan_kit_slurm.engines import Cluster, Engine, ThisMachine
from efgan_kit_slurm.jobs import ClusterJob

WHO = "launcher 'slurm'"


class Slurm:
    """Jobs of a Slurm cluster, one a training, submitted and queued again by submitit.

    Args:
        partition: Where jobs are queued; the cluster's default if null.
        account: Whom they are charged to.
        time: Minutes after which a job is interrupted and queued again, to go on from its checkpoint.
        requeues: How often that may happen to a training; preemptions don't count.
        notice: Seconds before `time` is up at which the training is told to write its checkpoint.
        gpus: Of a job.
        cpus: Of a job; the training computes with as many threads.
        memory: Of a job, in gigabytes.
        setup: Shell commands to be run first, such as `module load cuda`.
        sbatch: Further options of sbatch by name, such as `{qos: long, constraint: a100}`.
        executor: `local` runs jobs on this machine by submitit's own means, to try everything out without a cluster.
    """

    def __init__(
        self,
        *,
        partition: str | None = None,
        account: str | None = None,
        time: int = 240,
        requeues: int = 20,
        notice: int = 120,
        gpus: int = 0,
        cpus: int = 4,
        memory: float = 16.0,
        setup: Sequence[str] = (),
        sbatch: Mapping[str, Any] | None = None,
        executor: Literal["slurm", "local"] = "slurm",
    ) -> None:
        least = {"time": (time, 1), "requeues": (requeues, 0), "notice": (notice, 1), "gpus": (gpus, 0),
                 "cpus": (cpus, 1)}  # fmt: skip
        for name, (given, bound) in least.items():
            if given < bound:
                raise ValueError(f"{name} is {given}: it must be at least {bound}")
        if memory <= 0:
            raise ValueError(f"memory is {memory}: it must be above 0")
        if notice >= 60 * time:
            raise ValueError(f"notice is {notice} seconds: a job has {60 * time}")
        self.executor = executor
        self.requeues = requeues
        self.threads = cpus
        self.asked = {
            "timeout_min": time, "cpus_per_task": cpus, "gpus_per_node": gpus or None, "mem_gb": memory,
            "slurm_partition": partition, "slurm_account": account, "slurm_signal_delay_s": notice,
            "slurm_setup": list(setup) or None, "slurm_additional_parameters": dict(sbatch or {}) or None,
            # Since Slurm 22.05 a step does not have its job's cores unless it asks for them itself.
            "slurm_srun_args": [f"--cpus-per-task={cpus}"],
        }  # fmt: skip
        self.engine: Engine = Cluster() if executor == "slurm" else ThisMachine()
        self.found: dict[Path, ClusterJob] = {}

    def prepare(self) -> None:
        """Find Slurm's commands, and a controller that answers."""
        # What submitit notes goes to stdout, where a report may be read by a program.
        logging.getLogger("submitit").setLevel(logging.CRITICAL)
        if self.executor == "local":
            return
        missing = [name for name in ("sbatch", "srun", "scancel", "squeue") if shutil.which(name) is None]
        if missing:
            hint = "run this where jobs are submitted from, or try it out here with executor=local"
            raise fail(WHO, f"there is no Slurm on this machine: no `{missing[0]}`", hint)
        try:
            answer = subprocess.run(["squeue", "--noheader", "--me"], capture_output=True, text=True, timeout=60)
        except subprocess.TimeoutExpired as error:
            raise fail(WHO, "Slurm's controller does not answer") from error
        if answer.returncode:
            raise fail(WHO, f"Slurm's controller does not answer: {_last_line(answer.stderr)}")

    def start(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], name: str
    ) -> ClusterJob | None:
        with log.open("ab") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None  # a training is writing it, or another process is submitting one
            except OSError:
                pass  # a file system without locks: the note is all there is
            if self._lives(log):
                return None
            wanted = Command(command, log, {**environment, "OMP_NUM_THREADS": str(self.threads)})
            job = self._submit(wanted, log.with_suffix(".slurm"), name)
            notes.write(log, {"executor": self.executor, "id": job.job_id})
        return ClusterJob(self.engine, log.with_suffix(".slurm"), job.job_id, log)

    def _lives(self, log: Path) -> bool:
        """Whether the job that the note beside the log is of has not ended yet."""
        note = notes.read(log)
        if not note:
            return False
        if (note.get("launcher"), note.get("executor")) != (notes.LAUNCHER, self.executor):
            theirs = f"{note.get('launcher')}" + (f" with executor={note['executor']}" if "executor" in note else "")
            what = f"this training was given to the launcher {theirs}"
            raise fail(str(notes.note_of(log)), what, "use that, or remove the file if its job is no more")
        number = str(note.get("id"))
        known = self.found.get(log)
        if known is None or known.number != number:
            known = self.found[log] = ClusterJob(self.engine, log.with_suffix(".slurm"), number, log)
        return known.poll() is None

    def _submit(self, wanted: Command, folder: Path, name: str) -> submitit.Job[int]:
        try:
            limit: dict[str, Any] = {f"{self.executor}_max_num_timeout": self.requeues}
            executor = submitit.AutoExecutor(folder, cluster=self.executor, **limit)
            executor.update_parameters(name=name, **self.asked)
            with _unheard(), contextlib.redirect_stderr(io.StringIO()):
                return executor.submit(wanted)
        except (FailedJobError, FailedSubmissionError) as error:
            raise _refusal(str(error)) from error


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Within, processes are started that Ctrl-C on the terminal does not reach: it reaches them through us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _refusal(said: str) -> EfganError:
    return fail(WHO, f"sbatch refuses the job: {_last_line(said)}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("sbatch: error: ").removeprefix("squeue: error: ") if lines else "it said nothing"
