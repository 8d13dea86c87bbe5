"""Looking at every face of a folder of shards, as a training would in the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from efgan_kit.api import EfganError, Fault

from .split import consecutive_pairs
from .store import Store

SHOWN: Final = 20
AT_ONCE: Final = 1024
"""Faces that are handed out to be read before the first of them is asked for."""
SMALL: Final = 64
"""Pixels of the faces that are made in passing: what is checked is that they can be."""


def check(root: Path, told: Callable[[int, int], None]) -> dict[str, Any]:
    """Decode every picture and say what the shards hold.

    Args:
        told: Called with the number of faces looked at, and of all.

    Raises:
        EfganError: With each face that is at fault; beyond `SHOWN`, the rest are counted.
    """
    store = Store(root)

    def look(index: int) -> tuple[Fault, ...]:
        try:
            store.read(index, SMALL)
        except EfganError as error:
            return error.faults
        return ()

    faults: list[Fault] = []
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        for first in range(0, len(store), AT_ONCE):
            for faulty in pool.map(look, range(first, min(first + AT_ONCE, len(store)))):
                faults += faulty
            told(min(first + AT_ONCE, len(store)), len(store))
    if faults:
        more = [Fault(str(root), f"and {len(faults) - SHOWN} more")] if len(faults) > SHOWN else []
        raise EfganError(*faults[:SHOWN], *more)
    means = store.aus.mean(axis=0, dtype=float).round(4).tolist()
    return {
        "root": str(root),
        "shards": len(store.shards),
        "bytes": sum(path.stat().st_size for path in store.shards),
        "faces": len(store),
        "people": len(set(store.people)),
        "pairs": len(consecutive_pairs(store.person)),
        "aus": dict(zip(store.units, means, strict=True)),
    }
