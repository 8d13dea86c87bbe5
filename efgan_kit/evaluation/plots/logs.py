"""What a run wrote down while it learned, read again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from efgan_kit.errors import fail

_LARGEST: Final = sys.float_info.max


def read_curves(log: Path) -> dict[str, list[tuple[int, float]]]:
    """A run's losses by `TERM.PLAYER`, each in the order of steps; nothing of a run that has not logged yet.

    Lines that are not whole are passed over: a killed process may have left the last one half written. So are losses
    that are not finite, and a single module's own (`TERM.PLAYER@K`).

    Args:
        log: The `log.jsonl` of a run's folder.

    Raises:
        EfganError: It can't be read.
    """
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise fail(str(log), f"can't be read: {error.strerror or error}", "mend its permissions") from error
    curves: dict[str, dict[int, float]] = {}
    for step, name, loss in (found for line in text.split("\n") for found in _losses(line)):
        curves.setdefault(name, {})[step] = loss
    return {name: sorted(curve.items()) for name, curve in curves.items()}


def _losses(line: str) -> Iterator[tuple[int, str, float]]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(record, dict):
        return
    step, losses = record.get("step"), record.get("losses")
    if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step < 2**53:
        return
    for name, loss in losses.items() if isinstance(losses, dict) else ():
        if "@" not in name and isinstance(loss, int | float) and not isinstance(loss, bool) and abs(loss) <= _LARGEST:
            yield step, name, float(loss)
