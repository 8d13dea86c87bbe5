"""What is asked of the cluster about a job by its number; and of this machine, where it stands in for one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final, Protocol

import submitit
from submitit.local.local import LocalJob
from submitit.slurm.slurm import SlurmJob

from efgan_kit_slurm.command import STOP

PAUSE: Final = 10.0
"""Seconds between questions to Slurm's controller about one job."""
ENDS: Final = {
    "CANCELLED": "Slurm cancelled it",
    "PREEMPTED": "Slurm preempted it for another job",
    "TIMEOUT": "it ran out of time; give it more by time=MINUTES",
    "OUT_OF_MEMORY": "it ran out of memory; give it more by memory=GIGABYTES",
    "NODE_FAIL": "its machine failed",
    "GONE": "Slurm does not know it any more",
}
"""Why a job is over that has left no result."""
GOES_ON: Final = frozenset(
    ("PENDING", "RUNNING", "SUSPENDED", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESIZING", "COMPLETING",
     "CONFIGURING", "SIGNALING", "STAGE_OUT", "STOPPED", "SPECIAL_EXIT", "RESV_DEL_HOLD", "UNKNOWN"),
)  # fmt: skip


class Engine(Protocol):
    """Jobs by their numbers."""

    def job(self, folder: Path, number: str) -> submitit.Job[int]: ...

    def state(self, number: str) -> str:
        """Slurm's word; UNKNOWN if nobody can tell at present."""
        ...

    def stop(self, number: str) -> None: ...

    def kill(self, number: str) -> None: ...


class Cluster:
    """A Slurm cluster."""

    def __init__(self) -> None:
        self._accounts: bool | None = None
        self._asked: dict[str, tuple[float, str]] = {}

    def job(self, folder: Path, number: str) -> submitit.Job[int]:
        return SlurmJob(folder, number)

    def state(self, number: str) -> str:
        when, state = self._asked.get(number, (-PAUSE, ""))
        if time.monotonic() - when >= PAUSE:
            state = self._state(number)
            self._asked[number] = (time.monotonic(), state)
        return state

    def _state(self, number: str) -> str:
        """What the accounts say; where there are none, or not yet, what the controller does."""
        if self._accounts is None:
            self._accounts = _ask("sacct", "--noheader", "--jobs", number).returncode == 0
        state = SlurmJob.watcher.get_state(number).upper() if self._accounts else "UNKNOWN"
        if state == "UNKNOWN":
            answer = _ask("squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={number}")
            gone = "Invalid job id" in answer.stderr or (answer.returncode == 0 and not answer.stdout.strip())
            state = "GONE" if gone else answer.stdout.strip() or "UNKNOWN"
        return state.split()[0].rstrip("+")  # "CANCELLED by 1000"

    def stop(self, number: str) -> None:
        """A signal to the job's step, which is our process there; a job that waits is taken out of the queue."""
        _ask("scancel", "--state=PENDING", number)
        _ask("scancel", f"--signal={STOP.name.removeprefix('SIG')}", number)

    def kill(self, number: str) -> None:
        _ask("scancel", "--state=PENDING", number)
        _ask("scancel", "--full", "--signal=KILL", number)


class ThisMachine:
    """submitit's controller processes, by their process numbers: for trials, without a cluster."""

    def job(self, folder: Path, number: str) -> submitit.Job[int]:
        return LocalJob(folder, number)

    def state(self, number: str) -> str:
        """Linux says what a process is; of one that has ended and waits to be noticed it says nothing."""
        try:
            running = b"submitit" in Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            running = False
        return "RUNNING" if running else "GONE"

    def stop(self, number: str) -> None:
        self._send(number, signal.SIGTERM)

    def kill(self, number: str) -> None:
        self._send(number, signal.SIGKILL)

    def _send(self, number: str, kind: signal.Signals) -> None:
        if self.state(number) == "RUNNING":
            with contextlib.suppress(OSError):
                os.kill(int(number), kind)


def _ask(*words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(words, 1, "", str(error))
