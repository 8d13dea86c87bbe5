"""What a tracker is told, and which there are."""

from __future__ import annotations

import importlib
import importlib.util
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from efgan_kit.api import EfganError, Fault, fail, nearest

WANTED: Final = "EFGAN_TRACKING"
"""The environment variable that names the trackers, with commas between them."""
TRACKERS: Final = {
    "tensorboard": "efgan_kit_tracking.tensorboard:TensorBoard",
    "mlflow": "efgan_kit_tracking.mlflow:MLflow",
}
"""By the name of the package that each needs, its class."""

Status = Literal["finished", "interrupted", "failed"]


class Tracker(Protocol):
    """Shows one run. Its methods are called in order and from one thread; any of them may raise whatever it likes."""

    def described(self, recipe: Mapping[str, Any]) -> None:
        """The resolved recipe, before anything else of a training."""
        ...

    def logged(self, record: Mapping[str, Any], when: float) -> None:
        """A line of `log.jsonl`, written at `when`, in seconds since 1970."""
        ...

    def drawn(self, step: int, sheet: Path, when: float) -> None:
        """A sample sheet, a PNG."""
        ...

    def saved(self, step: int, checkpoint: Path) -> None:
        """A checkpoint, a folder."""
        ...

    def ended(self, status: Status, reason: str, step: int) -> None:
        """The training came to its end, or to an end."""
        ...

    def measured(self, step: int, summary: Mapping[str, Any]) -> None:
        """The figures of `summary.json`."""
        ...

    def close(self) -> None:
        """Nothing more will come."""
        ...


def wanted() -> tuple[list[str], list[Fault]]:
    """The trackers that the environment names, and what is wrong with those that can't be had."""
    return _sorted_out(os.environ.get(WANTED, "").split(","), WANTED)


def known(names: Iterable[str], where: str) -> list[str]:
    """Names of trackers, each once. Raises EfganError with all that can't be had."""
    good, faults = _sorted_out(names, where)
    if faults:
        raise EfganError(*faults)
    return good


def _sorted_out(names: Iterable[str], where: str) -> tuple[list[str], list[Fault]]:
    asked = dict.fromkeys(name.strip().lower() for name in names if name.strip())
    faults = {name: _fault_of(name, where) for name in asked}
    return [name for name in asked if faults[name] is None], [fault for fault in faults.values() if fault]


def _fault_of(name: str, where: str) -> Fault | None:
    if name not in TRACKERS:
        return Fault(where, f"there is no tracker '{name}'", nearest(name, TRACKERS))
    if importlib.util.find_spec(name) is None:
        return Fault(where, f"{name} is not installed", f"pip install 'efgan-kit-tracking[{name}]'")
    return None


def make(name: str, run: Path, kept: int | None) -> Tracker:
    """The tracker of that name for a run folder; it imports the package, which takes seconds.

    Args:
        kept: The step that the training goes on from: what was shown of later ones does not count. None goes on
            after whatever was shown.
    """
    module, _, attribute = TRACKERS[name].partition(":")
    try:
        tracker: Tracker = getattr(importlib.import_module(module), attribute)(run, kept)
    except ImportError as error:
        raise fail(name, f"can't be imported: {error}", f"pip install 'efgan-kit-tracking[{name}]'") from error
    return tracker
