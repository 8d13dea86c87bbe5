"""A job on the cluster, as whoever waits for it sees it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from efgan_kit_slurm import notes
from efgan_kit_slurm.engines import ENDS, GOES_ON, Engine

PAUSE: Final = 0.5
"""Seconds between looks at the job's folder."""
GRACE: Final = 20.0
"""Seconds after a job's end in which its result may still be on the way through the shared file system."""
LOST: Final = -9
STOPPED: Final = 130


class ClusterJob:
    """A job that was submitted by this process or by an earlier one."""

    def __init__(self, engine: Engine, folder: Path, number: str, log: Path) -> None:
        self.engine = engine
        self.number = number
        self.log = log
        self.submitted = engine.job(folder, number)
        self._code: int | None = None
        self._reason = ""
        self._looked = -PAUSE
        self._over_since: float | None = None
        self._killed = False

    def poll(self) -> int | None:
        if self._code is None and time.monotonic() - self._looked >= PAUSE:
            self._looked = time.monotonic()
            self._look()
            if self._code is not None:
                notes.remove(self.log)
        return self._code

    def reason(self) -> str:
        return self._reason

    def stop(self) -> None:
        """The note says that it is us who end the job, so that it does not wait for the cluster to do so."""
        if self._code is None:
            notes.write(self.log, {**notes.read(self.log), "stopping": True})
            self.engine.stop(self.number)

    def kill(self) -> None:
        if self._code is None:
            self._killed = True
            self.engine.kill(self.number)

    def _look(self) -> None:
        if self.submitted.paths.result_pickle.exists():
            self._read_result()
            return
        state = self.engine.state(self.number)
        if state in GOES_ON:
            self._over_since = None
            return
        if self._over_since is None:
            self._over_since = time.monotonic()
        if self._killed:
            self._code = LOST
        elif time.monotonic() - self._over_since < GRACE and state != "CANCELLED":
            return
        elif notes.stopping(self.log):
            self._code = STOPPED
        else:
            why = ENDS.get(state, f"Slurm says {state} of it: see {self.submitted.paths.stderr}")
            self._code, self._reason = LOST, f"job {self.number}: {why}"

    def _read_result(self) -> None:
        error: Any = self.submitted.exception()
        if error is None:
            self._code = self.submitted.result()
        elif notes.stopping(self.log):
            self._code = STOPPED
        else:
            said = [line.strip() for line in str(error).splitlines() if "Error: " in line] or [str(error)]
            self._code, self._reason = LOST, f"job {self.number}: {said[-1].partition('Error: ')[2] or said[-1]}"
