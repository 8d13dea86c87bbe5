"""Which plugins the user has switched off: a file of theirs, and `EFGAN_DISABLE_PLUGINS` on top of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import attrs

from efgan_kit.errors import EfganError, Fault, fail
from efgan_kit.files import write_atomically, writing
from efgan_kit.registry.candidates import Candidate
from efgan_kit.registry.catalogue import DISABLED_BY
from efgan_kit.registry.distributions import canonical

FOLDER: Final = "EFGAN_CONFIG_DIR"
_KEY: Final = "disabled"


def config_file() -> Path:
    """The user's file: `plugins.json` in `EFGAN_CONFIG_DIR`, or where programs of this system keep such things."""
    import click

    return Path(os.environ.get(FOLDER) or click.get_app_dir("efgan")) / "plugins.json"


@attrs.frozen
class SwitchedOff:
    """What is switched off.

    Attributes:
        environment: Names in `EFGAN_DISABLE_PLUGINS`.
        chosen: Names in the user's file.
        fault: Why that file could not be read; it then switches nothing off.
    """

    environment: frozenset[str]
    chosen: frozenset[str]
    fault: Fault | None = None

    def reason(self, candidate: Candidate) -> str:
        """By what a plugin is disabled; empty if it is not."""
        if "all" in self.environment or any(candidate.is_called(name) for name in self.environment):
            return f"by {DISABLED_BY}"
        if any(candidate.is_called(name) for name in self.chosen):
            return "by `efgan plugin disable`"
        return ""


def switched_off() -> SwitchedOff:
    """What is switched off now; a damaged file is a fault to be told, and no more."""
    names = (name.strip() for name in os.environ.get(DISABLED_BY, "").split(","))
    environment = frozenset(canonical(name) for name in names if name)
    try:
        return SwitchedOff(environment, frozenset(read_choices()))
    except EfganError as error:
        return SwitchedOff(environment, frozenset(), error.faults[0])


def read_choices() -> list[str]:
    """The names in the user's file.

    Raises:
        EfganError: It cannot be read.
    """
    return list(_document().get(_KEY, []))


def write_choices(names: Iterable[str]) -> Path:
    """Keep these names in the user's file, whole or not at all, beside what else it holds.

    Raises:
        EfganError: It cannot be read or written.
    """
    path, document = config_file(), {**_document(), _KEY: sorted(set(names))}
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, (json.dumps(document, indent=2) + "\n").encode())
    return path


def _document() -> dict[str, Any]:
    path = config_file()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _damaged(path, str(getattr(error, "strerror", None) or error)) from error
    names = document.get(_KEY, []) if isinstance(document, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise _damaged(path, f'it is not of the form {{"{_KEY}": ["NAME", ...]}}')
    return document


def _damaged(path: Path, reason: str) -> EfganError:
    return fail(str(path), f"cannot be read: {reason}", "mend it, or delete it: then no plugin is disabled by it")
