"""Installed distributions: their versions, and the line that installs what is missing."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

OWN: Final = "efgan-kit"


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it: `Efgan_Kit` and `efgan-kit` are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def version_of(distribution: str) -> str | None:
    """The installed version, or None. Run from its source tree, efgan-kit has the tree's version."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return _source_version() if canonical(distribution) == OWN else None


def _source_version() -> str | None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    if not project.is_file():
        return None
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


def requirements_of(distribution: str) -> list[str]:
    """The lines of an installed distribution's requirements; none if it isn't installed."""
    try:
        return metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []


def install_line(module: str, distribution: str) -> str:
    """The line that installs a module: by the extra of the distribution that brings it, if there is one."""
    wanted = canonical(module.partition(".")[0])
    for requirement in requirements_of(distribution):
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", requirement)
        if name and extra and canonical(name[0]) == wanted:
            return f"pip install '{distribution}[{extra[1]}]'"
    return f"pip install {wanted}"
