"""Training a study's cells: several side by side, each after the one it starts from, none twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal

import attrs

from efgan_kit.errors import EfganError
from efgan_kit.evaluation.study.cells import Process, last_words, start, step_of, threads_for
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


def train_cells(plan: Plan, *, jobs: int = 1, device: str = "auto", tell: Tell = lambda news: None) -> dict[Cell, str]:
    """Train every cell that is not finished, or go on with it.

    A cell that fails is left as it is, and so are those that start from it; the others go on.

    Args:
        jobs: How many are trained side by side; the threads are shared out among them.
        device: Where they are trained.
        tell: Hears of what happens.

    Returns:
        The cells that failed, each with the reason.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM; each training has written a checkpoint.
    """
    with Interruption() as interruption:
        work = _Work(plan, jobs, device, tell)
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

    def __init__(self, plan: Plan, jobs: int, device: str, tell: Tell) -> None:
        self.plan = plan
        self.jobs = jobs
        self.device = device
        self.tell = tell
        self.waiting = plan.unfinished()
        self.running: list[Process] = []
        self.elsewhere: set[Cell] = set()
        self.failed: dict[Cell, str] = {}

    def go_on(self) -> bool:
        """Look after the trainings once. Returns whether there is anything left to do."""
        for process in list(self.running):
            self._look_at(process)
        for cell in list(self.waiting):
            self._consider(cell)
        return bool(self.waiting or self.running)

    def _look_at(self, process: Process) -> None:
        code = process.popen.poll()
        if code is None:
            self.tell(News(process.cell, "step", step_of(process.cell)))
            return
        self.running.remove(process)
        if process.cell.finished():
            self.tell(News(process.cell, "finished", step_of(process.cell)))
        else:
            how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            self._fail(process.cell, f"{how}: {last_words(process.cell)}")

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
            process = start(self.plan, cell, device=self.device, threads=threads_for(self.jobs))
        except (EfganError, OSError) as error:
            self.waiting.remove(cell)
            self._fail(cell, str(error))
            return
        if process is None:
            self.tell(News(cell, "step" if cell in self.elsewhere else "elsewhere", step_of(cell)))
            self.elsewhere.add(cell)
            return
        self.waiting.remove(cell)
        self.running.append(process)
        self.tell(News(cell, "resumed" if begun else "started", step_of(cell)))

    def _fail(self, cell: Cell, why: str) -> None:
        self.failed[cell] = why
        self.tell(News(cell, "failed", step_of(cell), why))

    def stop(self) -> None:
        """End what is under way: each training writes a checkpoint; if that is interrupted too, at once."""
        for process in self.running:
            process.ask_to_stop()
        try:
            for process in self.running:
                process.popen.wait()
        finally:
            for process in self.running:
                process.kill()
