"""The training that is followed now: from the hooks to the trackers."""

from __future__ import annotations

import atexit
import functools
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from efgan_kit.api import EfganError, Fault
from efgan_kit_tracking.run_files import steps_kept
from efgan_kit_tracking.trackers import make, wanted
from efgan_kit_tracking.worker import Worker

PATIENCE: Final = 30.0
"""Seconds that the end of a training waits for a tracker."""


class Followed:
    """A run and the trackers that show it."""

    def __init__(self, run: Path, kept: int | None) -> None:
        names, self._faults = wanted()
        self.run = run
        self.workers = [Worker(name, functools.partial(make, name, run, kept)) for name in names]
        self._lamented: set[str] = set()
        self._raised_in: set[str] = set()

    def tell(self, event: str, *arguments: Any) -> None:
        """Tell every tracker; returns at once."""
        for worker in self.workers:
            worker.tell(event, *arguments)

    def settle(self) -> None:
        """Wait, not for long, until everything has been shown."""
        until = time.monotonic() + PATIENCE
        for worker in self.workers:
            worker.wait(max(0.0, until - time.monotonic()))

    def lament(self, hook: str) -> None:
        """Raise EfganError of what went wrong and was not told yet: the framework shows it, once for each hook."""
        if hook in self._raised_in:
            return
        for worker in self.workers:
            if worker.failure and worker.name not in self._lamented:
                self._lamented.add(worker.name)
                hint = f"`efgan track {self.run} --to {worker.name}` sends what is missing"
                self._faults.append(Fault(worker.name, worker.failure, hint))
        faults, self._faults = self._faults, []
        if faults:
            self._raised_in.add(hook)
            raise EfganError(*faults)


_followed: Followed | None = None


def begin(run: Path, recipe: Mapping[str, Any]) -> None:
    """Follow a training from here on, if trackers are wanted."""
    global _followed
    _close()
    _followed = Followed(run, steps_kept(run))
    _tell(run, "started", "described", recipe)


def logged(run: Path, record: Mapping[str, Any]) -> None:
    _tell(run, "logged", "logged", dict(record), time.time())


def drawn(run: Path, step: int, sheet: Path) -> None:
    _tell(run, "drawn", "drawn", step, sheet, time.time())


def saved(run: Path, step: int, checkpoint: Path) -> None:
    _tell(run, "saved", "saved", step, checkpoint)


def finished(run: Path, summary: Mapping[str, Any]) -> None:
    _tell(run, "finished", "ended", "finished", "", summary["steps"], settled=True)


def stopped(run: Path, step: int, reason: str) -> None:
    end = ("interrupted", "") if reason == "interrupted" else ("failed", reason)
    _tell(run, "stopped", "ended", *end, step, settled=True)


def measured(run: Path, summary: Mapping[str, Any]) -> None:
    """Show the figures, also of a run that another process has trained."""
    global _followed
    if _followed is None or _followed.run != run:
        _close()
        _followed = Followed(run, None)
    _tell(run, "measured", "measured", summary["steps"], dict(summary), settled=True)


def _tell(run: Path, hook: str, event: str, *arguments: Any, settled: bool = False) -> None:
    if _followed is None or _followed.run != run:
        return
    _followed.tell(event, *arguments)
    if settled:
        _followed.settle()
    _followed.lament(hook)


@atexit.register
def _close() -> None:
    """End what is followed; nobody listens to errors any more."""
    global _followed
    ended, _followed = _followed, None
    if ended is None:
        return
    try:
        ended.settle()
        for worker in ended.workers:
            worker.close(1.0)
        ended.lament("closed")
    except EfganError as error:
        print(f"warning: tracking: {error}", file=sys.stderr)
