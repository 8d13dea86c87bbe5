"""Smoothing over time without lag: what was measured frame by frame trembles, and so would the edit.

A clip lies there as a whole, so a frame's value may rest on the frames after it as on those before it. Each value is
that of a parabola fitted to its neighbourhood by weighted least squares (Cleveland, *Robust Locally Weighted
Regression*, JASA 1979; at even times, nearly the filter of Savitzky and Golay, Analytical Chemistry 1964). It takes
the times of the frames, which need not be even. docs/video.md has its jitter and its lag beside those of the One Euro
filter (Casiez et al., CHI 2012), which is for those who can't wait.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

ENOUGH: Final = 4
"""A parabola goes through three points as they are."""


def smoothed(times: Series, values: Series, reach: float) -> Series:
    """Values `(N, ...)` measured at `times` `(N,)`, in seconds and increasing, each from those less than `reach` away.

    A parabola comes back as it was. Where fewer than `ENOUGH` values are within reach, there is nothing to average,
    and they stay as they are.
    """
    flat = values.reshape(len(values), -1)
    result = flat.copy()
    first = np.searchsorted(times, times - reach, side="right")
    beyond = np.searchsorted(times, times + reach, side="left")
    for place, (start, end) in enumerate(zip(first, beyond, strict=True)):
        if end - start < ENOUGH:
            continue
        result[place] = shares(times[start:end] - times[place], reach) @ flat[start:end]
    return result.reshape(values.shape)


def shares(aside: Series, reach: float) -> Series:
    """How much each of at least `ENOUGH` values `aside`, seconds from a moment, has of the fit at it; they sum to 1."""
    aside = aside / reach
    powers = np.stack([np.ones_like(aside), aside, aside**2])
    weighted = powers * (1 - np.abs(aside) ** 3) ** 3
    return np.linalg.solve(weighted @ powers.T, weighted)[0]


def bridged(times: Series, values: Series, known: NDArray[np.bool_]) -> Series:
    """Values `(N, ...)` of which only those `known` `(N,)` were measured, the others on the straight line between."""
    flat = values.reshape(len(values), -1)
    columns = [np.interp(times, times[known], column[known]) for column in flat.T]
    return np.stack(columns, axis=1).reshape(values.shape)


def eased(share: Series) -> Series:
    """Shares of a way in [0, 1], setting out and arriving gently."""
    share = share.clip(0, 1)
    return share * share * (3 - 2 * share)
