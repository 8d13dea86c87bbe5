"""How far a figure would move with other people in the test set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
LEVEL: Final = 0.95

Figures = Mapping[str, float]


def intervals(
    figures: Callable[[NDArray[np.int64]], Figures],
    people: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Percentile bootstrap intervals of figures, by name.

    People are drawn with replacement, each with all their pairs: two pairs of one person are not two pieces
    of news. A figure that is nan in a resample is left out of it.

    Args:
        figures: Computes the figures of the pairs at the given positions.
        people: Whose face each pair is. Of fewer than two people there are no intervals.
    """
    positions: dict[str, list[int]] = {}
    for position, person in enumerate(people):
        positions.setdefault(person, []).append(position)
    groups = [np.array(own, dtype=np.int64) for own in positions.values()]
    if len(groups) < 2:
        return {}
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {}
    for _ in range(resamples):
        chosen = random.integers(len(groups), size=len(groups))
        for name, figure in figures(np.concatenate([groups[i] for i in chosen])).items():
            drawn.setdefault(name, []).append(figure)
    tails = [100 * (1 - level) / 2, 100 * (1 + level) / 2]
    bounds: dict[str, tuple[float, float]] = {}
    for name, seen in drawn.items():
        known = np.array(seen)[~np.isnan(seen)]
        if len(known):
            low, high = np.percentile(known, tails)
            bounds[name] = (float(low), float(high))
    return bounds
