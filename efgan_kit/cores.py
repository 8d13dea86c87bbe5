"""What this process may use of the machine."""

from __future__ import annotations

import os


def usable_cores() -> int:
    """How many cores this process may run on: fewer than the machine has where `taskset` or a scheduler says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
