"""Where a clip is cut: its picture becomes another one, and nobody's face goes on."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE: Final = 32
BINS: Final = 4
CHANGED: Final = 0.35
"""A frame whose colours are further from those of the frame before, in [0, 1], may begin a shot,"""
STANDS_OUT: Final = 3.0
"""if they are so many times as far as is usual around it: a lamp that flickers and a hand that waves are not cuts."""
AROUND: Final = 4


class CutFinder:
    """Looks at frames one after the other; keeps a number of each."""

    def __init__(self) -> None:
        self._before: NDArray[np.float64] | None = None
        self.changes: list[float] = []

    def look(self, pixels: NDArray[np.uint8]) -> None:
        """Look at the next frame, `(H, W, 3)`."""
        colours = _colours(pixels)
        self.changes.append(0.0 if self._before is None else float(np.abs(colours - self._before).sum() / 2))
        self._before = colours

    def cuts(self) -> list[int]:
        """The frames that begin a shot, but for the first."""
        changes = np.array(self.changes)
        found: list[int] = []
        for place in np.flatnonzero(changes > CHANGED).tolist():
            around = np.concatenate([changes[max(1, place - AROUND) : place], changes[place + 1 : place + 1 + AROUND]])
            if changes[place] > STANDS_OUT * (np.median(around) if len(around) else 0.0):
                found.append(place)
        return found


def _colours(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How often colours occur in each quarter of a frame; sums to 1."""
    small = np.asarray(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BOX)).astype(np.int64)
    levels = small * BINS // 256
    codes = (levels[..., 0] * BINS + levels[..., 1]) * BINS + levels[..., 2]
    rows, columns = np.divmod(np.arange(SIDE * SIDE).reshape(SIDE, SIDE), SIDE)
    quarters = (rows * 2 // SIDE) * 2 + columns * 2 // SIDE
    counts = np.bincount((quarters * BINS**3 + codes).ravel(), minlength=4 * BINS**3)
    return counts / counts.sum()
