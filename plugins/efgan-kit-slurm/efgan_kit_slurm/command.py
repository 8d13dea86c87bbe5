"""What runs on the cluster's machine: the training as a process of its own, and the cluster's signals passed on.

Slurm sends SIGTERM before it ends a job that it cancels or preempts, and submitit has it send SIGUSR2 when a job is
preempted or nears its time limit, on which submitit calls `checkpoint` and queues the job again. SIGUSR1 is the
launcher's own: stop for good. A training knows SIGTERM alone, and a second one would end it before its checkpoint is
written; the other two it never sees, whichever processes Slurm sends them to.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from io import BufferedWriter
from pathlib import Path
from types import FrameType
from typing import Final

from submitit.helpers import DelayedSubmission

from efgan_kit_slurm import become, notes

PAUSE: Final = 0.1
"""Seconds between looks at the training."""
PATIENCE: Final = 120.0
"""Seconds in which the cluster ends or requeues a job that it has sent SIGTERM to, or an earlier training ends."""
STOPPED: Final = 130
"""The exit code of a training that was interrupted."""
BUSY: Final = 75
"""The exit code where another training is at the log: EX_TEMPFAIL."""
STOP: Final = signal.SIGUSR2 if os.environ.get("SUBMITIT_PREEMPT_SIGNAL") == "USR1" else signal.SIGUSR1
"""What the launcher has sent to stop a training; submitit's own is the other one."""


class Command:
    """A command that submitit runs, and runs again after an interruption."""

    def __init__(self, words: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        self.words = list(words)
        self.log = log
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.told = False
        self.reached = False
        self.stopped = False

    def __call__(self) -> int:
        """Run it to its end; the exit code."""
        if os.environ.get("SUBMITIT_EXECUTOR") == "local":
            # submitit's controller is no cluster, which would clear up after itself.
            ctypes.CDLL(None).prctl(become.PR_SET_PDEATHSIG, signal.SIGKILL)
        else:
            self.reached = _signals_reach_children()
        with self.log.open("ab") as output:
            if not _locked(output):
                output.write(b"another training is at this log\n")
                return BUSY
            signal.signal(signal.SIGTERM, self._on_sigterm)
            signal.signal(STOP, self._on_stop)
            if notes.stopping(self.log):
                return STOPPED
            self.process = self._start(output)
            if self.told:
                self.process.send_signal(signal.SIGTERM)  # it was not there yet when the signal came
            while (code := self.process.poll()) is None:
                time.sleep(PAUSE)
        if self.told and not self._for_good():
            # The cluster is about to end this job, or to say that it is preempted: an end of ours would be the last.
            for _ in _until(PATIENCE):
                pass
        return code

    def checkpoint(self) -> DelayedSubmission | None:
        """Called by submitit within its signal handler: ends the training, and says what is to be run the next time."""
        self._tell()
        while self.process is not None and not _ended(self.process.pid):
            time.sleep(PAUSE)
        return None if self._for_good() else DelayedSubmission(Command(self.words, self.log, self.environment))

    def _for_good(self) -> bool:
        """Whether it was a person who stopped the training, and not the cluster that interrupted it."""
        return self.stopped or notes.stopping(self.log)

    def _start(self, output: BufferedWriter) -> subprocess.Popen[bytes]:
        print(f"running {' '.join(self.words)}", file=sys.stderr)
        # A process begins with the signals blocked that are blocked where it comes from, and keeps it so.
        unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGUSR1, signal.SIGUSR2))
        try:
            return subprocess.Popen(
                [sys.executable, "-I", become.__file__, str(os.getpid()), *self.words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        if self.reached:
            self.told = True
        self._tell()

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True
        self._tell()

    def _tell(self) -> None:
        if self.told:
            return
        self.told = True
        if self.process is not None and not _ended(self.process.pid):
            self.process.send_signal(signal.SIGTERM)


def _signals_reach_children() -> bool:
    """Whether this cluster sends a job's signals to its processes' children, too, and not only to us."""
    try:
        answer = subprocess.run(["scontrol", "show", "config"], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return "proctrack/linuxproc" in answer.stdout


def _ended(process: int) -> bool:
    """Whether a child has ended, without taking its exit code; `Popen` must not be asked within a signal handler."""
    try:
        return os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return True


def _locked(log: BufferedWriter) -> bool:
    """Lock the log for as long as the training lives; an earlier one may be ending."""
    for _ in _until(PATIENCE):
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        except OSError:
            return True  # a file system without locks: the note is all there is
        return True
    return False


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(PAUSE)
