"""Training a study's cells: several side by side, each after the one it starts from, none twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal

import attrs

from efgan_kit.api import Launcher
from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study.cells import Training, last_words, start, step_of
from efgan_kit.evaluation.study.launching import make_launcher
from efgan_kit.evaluation.study.plan import Cell, Plan
from efgan_kit.training.interruption import Interruption

PAUSE: Final = 0.2
"""Seconds between looks at the trainings."""


@attrs.frozen
class News:
    """Something has happened to a cell.

    Attributes:
        kind: `elsewhere`: another process trains it, and is waited for.
        step: The step it has come to.
        why: What it failed of.
    """

    cell: Cell
    kind: Literal["started", "resumed", "elsewhere", "step", "finished", "failed"]
    step: int = 0
    why: str = ""


Tell = Callable[[News], None]


def train_cells(
    plan: Plan,
    *,
    jobs: int = 1,
    device: str = "auto",
    launcher: Launcher | None = None,
    tell: Tell = lambda news: None,
) -> dict[Cell, str]:
    """Train every cell that is not finished, or go on with it.

    A cell that fails is left as it is, and so are those that start from it; the others go on.

    Args:
        jobs: How many are trained side by side.
        device: What they are trained on, where they are trained.
        launcher: What runs them, prepared; processes of this machine if None.
        tell: Hears of what happens.

    Returns:
        The cells that failed, each with the reason.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM; each training has written a checkpoint.
    """
    with Interruption() as interruption:
        work = _Work(plan, jobs, device, launcher or make_launcher(jobs=jobs), tell)
        try:
            while work.go_on() and not interruption.asked:
                time.sleep(PAUSE)
            if interruption.asked:
                raise KeyboardInterrupt
        finally:
            work.stop()
    return work.failed


class _Work:
    """The cells yet to do, those under way, and those that failed."""

    def __init__(self, plan: Plan, jobs: int, device: str, launcher: Launcher, tell: Tell) -> None:
        self.plan = plan
        self.jobs = jobs
        self.device = device
        self.launcher = launcher
        self.tell = tell
        self.waiting = plan.unfinished()
        self.running: list[Training] = []
        self.elsewhere: set[Cell] = set()
        self.failed: dict[Cell, str] = {}

    def go_on(self) -> bool:
        """Look after the trainings once. Returns whether there is anything left to do."""
        for training in list(self.running):
            self._look_at(training)
        for cell in list(self.waiting):
            self._consider(cell)
        return bool(self.waiting or self.running)

    def _look_at(self, training: Training) -> None:
        cell, code = training.cell, training.job.poll()
        if code is None:
            self.tell(News(cell, "step", step_of(cell)))
            return
        self.running.remove(training)
        if cell.finished():
            self.tell(News(cell, "finished", step_of(cell)))
        else:
            how = training.job.reason() or (f"killed by signal {-code}" if code < 0 else f"exit code {code}")
            self._fail(cell, f"{how}: {last_words(cell)}")

    def _consider(self, cell: Cell) -> None:
        """Start the cell if its turn has come."""
        if cell.finished():  # by another process
            self.waiting.remove(cell)
            self.tell(News(cell, "finished", step_of(cell)))
        elif cell.donor is not None and cell.donor in self.failed:
            self.waiting.remove(cell)
            self._fail(cell, f"it starts from {cell.donor.name}, which failed")
        elif cell.donor is not None and not cell.donor.finished():
            return
        elif len(self.running) < self.jobs:
            self._start(cell)

    def _start(self, cell: Cell) -> None:
        begun = cell.begun()
        try:
            training = start(self.plan, cell, self.launcher, device=self.device)
        except (EfganError, OSError) as error:
            self.waiting.remove(cell)
            self._fail(cell, str(error))
            return
        if training is None:
            self.tell(News(cell, "step" if cell in self.elsewhere else "elsewhere", step_of(cell)))
            self.elsewhere.add(cell)
            return
        self.waiting.remove(cell)
        self.running.append(training)
        self.tell(News(cell, "resumed" if begun else "started", step_of(cell)))

    def _fail(self, cell: Cell, why: str) -> None:
        self.failed[cell] = why
        self.tell(News(cell, "failed", step_of(cell), why))

    def stop(self) -> None:
        """End what is under way: each training writes a checkpoint; if that is interrupted too, at once."""
        for training in self.running:
            training.job.stop()
        try:
            while any(training.job.poll() is None for training in self.running):
                time.sleep(PAUSE)
        finally:
            for training in self.running:
                if training.job.poll() is None:
                    training.job.kill()
