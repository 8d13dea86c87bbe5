"""What can be said of arms that were trained with the same few seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import attrs
import numpy as np
from scipy import stats

LEVEL: Final = 0.95

SUPPORTED: Final = "supported"
CONTRADICTED: Final = "contradicted"
OPEN: Final = "can't tell"
DIFFERS: Final = "differs"

RULE: Final = (
    "Each difference is the arm's figure less the other's, of the same seed, test faces and judge. Their mean has a"
    " 95 % t-interval over the seeds. A claim is supported if the interval lies wholly on the better side of 0,"
    " contradicted if it lies wholly on the worse; if it holds 0, or with one seed, one can't tell. A figure that is"
    " neither better high nor low differs, or one can't tell. The intervals are not widened for the number of"
    " comparisons."
)


@attrs.frozen
class Summary:
    """Figures of an arm over seeds: how many, their mean, and their standard deviation (n - 1), known from 2 on."""

    count: int
    mean: float
    spread: float | None


@attrs.frozen
class Paired:
    """Two arms' figures, seed by seed.

    Attributes:
        differences: By seed, the arm's figure less the other's.
        mean: Their mean.
        interval: The mean's interval over seeds; None of fewer than two.
    """

    differences: Mapping[int, float]
    mean: float
    interval: tuple[float, float] | None


def summary(figures: Sequence[float]) -> Summary | None:
    """The figures in short; None if there is none. What is not finite is not known."""
    known = [figure for figure in figures if math.isfinite(figure)]
    if not known:
        return None
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
    return Summary(len(known), float(np.mean(known)), spread)


def paired(arm: Mapping[int, float], against: Mapping[int, float], level: float = LEVEL) -> Paired | None:
    """The differences over the seeds that both arms have; None if there is none.

    Source of the interval: Student, *The probable error of a mean*, Biometrika 6 (1908): mean +- t s / sqrt(n), t being
    the quantile of Student's distribution with n - 1 degrees of freedom.
    """
    both = [seed for seed in arm if seed in against]
    differences = {seed: arm[seed] - against[seed] for seed in both}
    differences = {seed: figure for seed, figure in differences.items() if math.isfinite(figure)}
    found = summary(list(differences.values()))
    if found is None:
        return None
    if found.spread is None:
        return Paired(differences, found.mean, None)
    t = float(stats.t.ppf((1 + level) / 2, found.count - 1))
    reach = t * found.spread / math.sqrt(found.count)
    return Paired(differences, found.mean, (found.mean - reach, found.mean + reach))


def verdict(found: Paired, better: int) -> str:
    """What `RULE` says.

    Args:
        better: 1 if higher figures are better, -1 if lower ones are, 0 if neither.
    """
    if found.interval is None or found.interval[0] <= 0 <= found.interval[1]:
        return OPEN
    if not better:
        return DIFFERS
    return SUPPORTED if found.mean * better > 0 else CONTRADICTED
