"""What is kept beside a log of the job that writes it, for whoever comes next and for the job itself."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

LAUNCHER = "slurm"


def note_of(log: Path) -> Path:
    """Where the note of the job with that log is."""
    return log.with_suffix(".job")


def read(log: Path) -> dict[str, Any]:
    """The note; empty if there is none, or none that can be read."""
    try:
        note = json.loads(note_of(log).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write(log: Path, note: dict[str, Any]) -> None:
    """Write the note, complete or not at all."""
    path = note_of(log)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps({"launcher": LAUNCHER, **note}) + "\n", encoding="utf-8")
    part.replace(path)


def remove(log: Path) -> None:
    """The job has ended: nothing is to be found any more."""
    with contextlib.suppress(OSError):
        note_of(log).unlink(missing_ok=True)


def stopping(log: Path) -> bool:
    """Whether it was we who asked the job to end, and not the cluster."""
    return bool(read(log).get("stopping"))
