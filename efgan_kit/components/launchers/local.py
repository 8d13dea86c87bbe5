"""Trainings as processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from io import BufferedWriter
from pathlib import Path

import attrs

from efgan_kit.api import fail
from efgan_kit.cores import usable_cores

try:
    import fcntl
except ImportError:  # Windows has none: nobody else is noticed there.
    fcntl = None  # type: ignore[assignment]


class Local:
    """Processes of this machine, among which its cores are shared out."""

    def __init__(self, jobs: int) -> None:
        self.threads = threads_for(jobs)

    def prepare(self) -> None:
        """There is nothing to be found."""

    def start(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], name: str
    ) -> LocalJob | None:
        """It gets a session of its own: Ctrl-C reaches it once, through us, and not from the terminal, too.

        Raises:
            EfganError: Another launcher's job may be at this log.
            OSError: The log can't be written, or there is no room for a process.
        """
        theirs = log.with_suffix(".job")
        if theirs.exists():
            what = "another launcher was given this training"
            raise fail(str(theirs), what, "use that launcher, or remove the file if its job is no more")
        with log.open("ab") as output:
            if not _lock(output):
                return None
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment, "OMP_NUM_THREADS": str(self.threads)},
                start_new_session=True,
            )
        return LocalJob(process)


@attrs.frozen
class LocalJob:
    """A process of this machine."""

    process: subprocess.Popen[bytes]

    def poll(self) -> int | None:
        return self.process.poll()

    def reason(self) -> str:
        """Nobody ends it but itself."""
        return ""

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _lock(log: BufferedWriter) -> bool:
    """Lock the log for as long as the training lives, which holds the same open file: even if we die before it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def threads_for(jobs: int) -> int:
    """Threads of each of so many trainings side by side: the machine's cores, or `OMP_NUM_THREADS`, shared out."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, (int(given) if given.isdecimal() else usable_cores()) // jobs)
