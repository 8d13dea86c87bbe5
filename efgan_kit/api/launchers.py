"""Launchers: the engines that run trainings, on this machine or on a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class Job(Protocol):
    """A command that a launcher has started. Its methods raise no errors; what goes wrong is the `reason`."""

    def poll(self) -> int | None:
        """The exit code once the command has ended, negative for a signal; None while it waits its turn or runs."""
        ...

    def reason(self) -> str:
        """Why it ended, in a clause, if it was the engine that ended it; empty if the command ended by itself."""
        ...

    def stop(self) -> None:
        """Ask the command to write a checkpoint and end, by SIGTERM; one that waits its turn is not begun any more."""
        ...

    def kill(self) -> None:
        """End it at once; `poll` says when it has."""
        ...


@runtime_checkable
class Launcher(Protocol):
    """Runs trainings by an engine: on this machine, on a cluster. Context: `jobs`, how many are to run side by side.

    Machines share their files: a command runs in the present working directory, its output is appended to `log`. It
    sees the engine's variables, `environment` laid over them, and `OMP_NUM_THREADS` from the launcher. It goes on where
    it stopped, so that an engine may run it again.

    A job outlives the process that started it. What is needed to find it again is kept in `log.with_suffix(".job")`,
    which is there no longer than the job.
    """

    def prepare(self) -> None:
        """Called once before the first job: find the engine. Raises EfganError if it can't start any."""
        ...

    def start(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], name: str
    ) -> Job | None:
        """Start a command, or put it into the engine's queue; `name` is what the engine lists it by.

        Returns:
            The job; None while an earlier job with this log has not ended, whoever started it. That may be asked often.

        Raises:
            EfganError: The engine refuses it.
        """
        ...
