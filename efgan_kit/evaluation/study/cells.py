"""The process that trains a cell: an `efgan train` of its own, with its output in a file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from io import BufferedWriter
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.evaluation.study.arms import cell_overrides
from efgan_kit.evaluation.study.plan import Cell, Plan, make_room

try:
    import fcntl
except ImportError:  # Windows has none: nobody else is noticed there.
    fcntl = None  # type: ignore[assignment]

TAIL: Final = 8192
"""Bytes at a file's end that are looked at for its last line."""


@attrs.define
class Process:
    """A training that is under way."""

    cell: Cell
    popen: subprocess.Popen[bytes]

    def ask_to_stop(self) -> None:
        """It writes a checkpoint and stops."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait()


def command_for(plan: Plan, cell: Cell, device: str) -> list[str]:
    """The command that trains the cell, or goes on with it."""
    start = str(cell.donor.run.path.resolve()) if cell.donor else None
    options = [word for override in cell_overrides((), cell.seed, start) for word in ("-o", override)]
    resume = ["--resume"] if cell.begun() else []
    where = ["--run", str(cell.run.path), "--device", device, "--no-evaluate"]
    return [sys.executable, "-m", "efgan_kit", "train", str(plan.recipe_file(cell.arm)), *options, *where, *resume]


def start(plan: Plan, cell: Cell, *, device: str, threads: int) -> Process | None:
    """Start a cell's training; None if another process is training it, of this study's earlier run or of somebody.

    It gets a session of its own: Ctrl-C reaches it once, through us, and not from the terminal, too.

    Raises:
        EfganError: Something that is no run lies in the cell's folder.
        OSError: The log can't be written.
    """
    cell.log.parent.mkdir(parents=True, exist_ok=True)
    with cell.log.open("ab") as log:
        if not _lock(log):
            return None
        make_room(cell)
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        popen = subprocess.Popen(
            command_for(plan, cell, device),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    return Process(cell, popen)


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
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (int(given) if given.isdecimal() else cores) // jobs)


def step_of(cell: Cell) -> int:
    """The last step that the cell's training has logged; 0 before that."""
    for line in reversed(_tail(cell.run.log)):
        try:
            return int(json.loads(line)["step"])
        except (ValueError, KeyError, TypeError):
            continue  # it is being written, or begins before the part that was read
    return 0


def last_words(cell: Cell) -> str:
    """The last line that the cell's training printed."""
    lines = [line.strip() for line in _tail(cell.log) if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            return file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
