"""Distributions that a run was begun with, and that are no longer installed."""

from __future__ import annotations

import json
from pathlib import Path

from efgan_kit.errors import Fault
from efgan_kit.registry.distributions import version_of


def absent(run: Path) -> list[Fault]:
    """A fault for each that the folder's `lock.json` names; none where there is no such file, or it can't be read."""
    lock = run / "lock.json"
    try:
        versions = json.loads(lock.read_bytes())["distributions"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return []
    gone = [
        (name, version) for name, version in versions if name and isinstance(version, str) and version_of(name) is None
    ]
    return [
        Fault(str(lock), f"the run was begun with {name} {version}, which is not installed", _install(name, version))
        for name, version in gone
    ]


def _install(name: str, version: str) -> str:
    return f"pip install '{name}=={version}'"
