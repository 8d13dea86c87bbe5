"""What trains a cell: an `efgan train` of its own, run by a launcher, with its output in a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Final

import attrs

from efgan_kit.api import Job, Launcher
from efgan_kit.evaluation.study.arms import cell_overrides
from efgan_kit.evaluation.study.plan import Cell, Plan

TAIL: Final = 8192
"""Bytes at a file's end that are looked at for its last line."""


@attrs.frozen
class Training:
    """A training that is under way."""

    cell: Cell
    job: Job


def command_for(plan: Plan, cell: Cell, device: str) -> list[str]:
    """The command that trains the cell, or goes on with it: also when a cluster runs it a second time."""
    start = str(cell.donor.run.path.resolve()) if cell.donor else None
    options = [word for override in cell_overrides((), cell.seed, start) for word in ("-o", override)]
    resume = "--resume" if cell.begun() else "--resume-if-begun"
    where = ["--run", str(cell.run.path), "--device", device, "--no-evaluate"]
    return [sys.executable, "-m", "efgan_kit", "train", str(plan.recipe_file(cell.arm)), *options, *where, resume]


def start(plan: Plan, cell: Cell, launcher: Launcher, *, device: str) -> Training | None:
    """Start a cell's training; None if it is being trained already, for this study's earlier run or for somebody.

    Raises:
        EfganError: The launcher refuses it.
        OSError: The log can't be written.
    """
    log = cell.log.absolute()
    log.parent.mkdir(parents=True, exist_ok=True)
    command = command_for(plan, cell, device)
    job = launcher.start(command, log=log, environment=_environment(), name=f"{plan.study.name}/{cell.name}")
    return None if job is None else Training(cell, job)


def _environment() -> dict[str, str]:
    """What a training must find as we do, wherever it runs: our settings, and the way to packages."""
    return {name: value for name, value in os.environ.items() if name.startswith("EFGAN_") or name == "PYTHONPATH"}


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
