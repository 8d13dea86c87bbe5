"""How a number went in an arm, over its seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

MOST_POINTS: Final = 40
"""Longer curves are averaged over stretches of steps: losses jump from batch to batch, and ink would hide the trend."""


@attrs.frozen
class Curve:
    """How a number went in an arm.

    Attributes:
        arm: The arm, by which the baseline is known.
        label: What the legend calls it.
        by_seed: By seed, the curve's points `(x, y)`; what is not finite is not drawn.
    """

    arm: str
    label: str
    by_seed: Mapping[int, Sequence[tuple[float, float]]]


@attrs.frozen
class Trend:
    """An arm's mean over seeds and their range, each `(N,)`, as far as every seed goes.

    Attributes:
        last: Where the longest seed's last point was, before points were averaged.
        stretched: Whether they were.
    """

    x: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers
    last: float
    stretched: bool


def trend(curve: Curve, most: int = MOST_POINTS) -> Trend | None:
    """The curve over seeds; None if no seed has a point, or the seeds have no stretch of x in common.

    Seeds are read off on straight lines between their points, because runs that were interrupted or configured anew
    need not have been logged at the same steps.

    Args:
        most: How many points a seed may have before it is averaged over stretches of equally many.
    """
    seeds = [known for points in curve.by_seed.values() if len(known := _known(points))]
    if not seeds:
        return None
    last, stretched = float(max(seed[-1, 0] for seed in seeds)), max(map(len, seeds)) > most
    seeds = [_averaged(seed, most) for seed in seeds]
    begin, end = max(seed[0, 0] for seed in seeds), min(seed[-1, 0] for seed in seeds)
    every = np.unique(np.concatenate([seed[:, 0] for seed in seeds]))
    x = every[(every >= begin) & (every <= end)]
    if not len(x):
        return None
    read = np.stack([np.interp(x, seed[:, 0], seed[:, 1]) for seed in seeds])
    return Trend(x, read.mean(axis=0), read.min(axis=0), read.max(axis=0), last, stretched)


def _known(points: Sequence[tuple[float, float]]) -> Numbers:
    """Points `(N, 2)` in the order of x, the last of those at the same x."""
    finite = {x: y for x, y in points if math.isfinite(x) and math.isfinite(y)}
    return np.array(sorted(finite.items()), dtype=np.float64).reshape(-1, 2)


def _averaged(points: Numbers, most: int) -> Numbers:
    """At most so many points, each the mean of as many neighbours (or one more): fewer would jump further."""
    neighbours = -(-len(points) // most)
    if neighbours <= 1:
        return points
    return np.stack([stretch.mean(axis=0) for stretch in np.array_split(points, len(points) // neighbours)])
