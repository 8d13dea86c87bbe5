"""What can be said of what a change does to a figure, from the few seeds that were trained with and without it."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

LEVEL: Final = 0.95
MOST_SEEDS: Final = 10_000

HELPS: Final = "helps"
HARMS: Final = "harms"
DIFFERS: Final = "differs"
NEGLIGIBLE: Final = "negligible"
IDENTICAL: Final = "indistinguishable"
OPEN: Final = "can't tell"

RULE: Final = (
    "Each difference is between two trainings with the same seed. Their p is that of the two-sided paired t test"
    " (Student 1908), adjusted for the number of variants compared in that figure (Holm 1979). If the adjusted p is at"
    " most 0.05, the part in question helps or harms, however little; of a figure that is neither better high nor low,"
    " it differs. Otherwise it is negligible if a smallest difference of interest was given and the mean's 90 % t"
    " interval lies wholly between that and its negative (two one-sided tests, Schuirmann 1987; not adjusted). It is"
    " indistinguishable if the differences, of two seeds or more, are all exactly 0. In all other cases one can't"
    " tell, which is not to say that it does nothing; one never can with one seed, nor if the differences are equal"
    " but not 0, for then their spread is not known. The 95 % t intervals are not adjusted, so one of them may leave"
    " out 0 though one can't tell. The BCa bootstrap intervals (Efron 1987) decide nothing: with few seeds they are"
    " too narrow."
)


@attrs.frozen
class Effect:
    """What a change does to one figure, over seeds.

    Attributes:
        differences: By seed in rising order, in the figure's unit.
        mean: Their mean.
        t_interval: The mean's, by Student's t; None of fewer than two seeds, or if their spread is not known.
        bca_interval: The mean's, by the BCa bootstrap; None of fewer than three seeds, or if they don't vary. It is too
            narrow for few seeds: it draws only what was seen, and unlike t it makes no allowance for how roughly so
            few tell the spread. That is why verdicts rest on t.
        p: Of the two-sided paired t test; None where `t_interval` is.
        p_holm: The same, adjusted by `holm` for the family.
        effect_size: The mean in standard deviations of the differences, with Hedges' correction. None of fewer than
            three seeds, of which the correction makes 0, or if they don't vary.
        seeds_needed: What the function of that name says of the differences' spread.
        verdict: What `RULE` says.
    """

    differences: Mapping[int, float]
    mean: float
    t_interval: tuple[float, float] | None
    bca_interval: tuple[float, float] | None
    p: float | None
    p_holm: float | None
    effect_size: float | None
    seeds_needed: int | None
    verdict: str


def effects(
    differences: Mapping[str, Mapping[int, float]],
    *,
    better: int,
    smallest: float | None,
    level: float = LEVEL,
    resamples: int = 9999,
) -> dict[str, Effect]:
    """What each variant of a family does to one figure.

    Args:
        differences: By the name of a variant, by seed: how much more of the figure there is thanks to the part in
            question. What is not finite is not known; variants of which nothing is known are left out.
        better: 1 if higher figures are better, -1 if lower ones are, 0 if neither.
        smallest: The smallest difference of interest, in the figure's unit; None if not given.
        level: Of the intervals; what it leaves is the verdicts' error rate. `RULE` is worded for the default.
        resamples: Of the bootstrap, which draws the same ones in every call.

    Sources: Student, *The probable error of a mean*, Biometrika 6 (1908); Lakens, *Calculating and reporting effect
    sizes*, Front. Psychol. 4 (2013), for d_z; Schuirmann, *A comparison of the two one-sided tests procedure and the
    power approach*, J. Pharmacokinet. Biopharm. 15 (1987), by whom two one-sided tests at error rate a are one look at
    the interval of level 1 - 2 a.
    """
    every = {name: _Sample.of(by_seed) for name, by_seed in differences.items()}
    samples = {name: sample for name, sample in every.items() if len(sample.values)}
    # That differences come out equal is chance. Their test counts in the family all the same, as one that shows
    # nothing: left out, it would lower the others' p because of what was seen.
    tested = {name: sample.p for name, sample in samples.items() if len(sample.values) > 1}
    adjusted = holm({name: 1.0 if p is None else p for name, p in tested.items()})
    found = {}
    for name, sample in samples.items():
        p_holm = None if sample.p is None else adjusted[name]
        spread = sample.spread if len(sample.values) > 2 else None
        found[name] = Effect(
            differences=sample.differences,
            mean=sample.mean,
            t_interval=sample.interval(level),
            bca_interval=None if spread is None else _bca(sample, spread, level, resamples),
            p=sample.p,
            p_holm=p_holm,
            effect_size=None if spread is None else sample.mean / spread * correction(len(sample.values) - 1),
            seeds_needed=seeds_needed(smallest, sample.spread, level),
            verdict=_verdict(sample, p_holm, better, smallest, level),
        )
    return found


def interaction(
    baseline: Mapping[int, float],
    without_a: Mapping[int, float],
    without_b: Mapping[int, float],
    without_both: Mapping[int, float],
) -> dict[int, float]:
    """By seed that all four have: what a adds to a figure where b is, less what it adds where b is not.

    (baseline - without a) - (without b - without both), in which a and b may change places. Positive: together they add
    more of the figure than each alone in sum; one builds on the other. Negative: they add less; one stands in for the
    other, so that taking away either understates both. 0: each adds the same with and without the other. Whether more
    of the figure is good is another matter.

    Source: Yates, *The design and analysis of factorial experiments* (1937), but for his factor of a half.
    """
    shared = sorted(baseline.keys() & without_a.keys() & without_b.keys() & without_both.keys())
    return {seed: (baseline[seed] - without_a[seed]) - (without_b[seed] - without_both[seed]) for seed in shared}


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """The p's of a family, adjusted so that any false alarm in it is no likelier than one of a single test.

    Source: Holm, *A simple sequentially rejective multiple test procedure*, Scand. J. Statist. 6 (1979). That is so
    however the tests hang together, as those against one baseline do.
    """
    ranked = sorted(p, key=p.__getitem__)
    raised = (min(1.0, (len(p) - rank) * p[name]) for rank, name in enumerate(ranked))
    return dict(zip(ranked, itertools.accumulate(raised, max), strict=True))


def correction(freedom: int) -> float:
    """J, which makes a standardised mean of so many degrees of freedom, at least 2, an unbiased one.

    Source: Hedges, *Distribution theory for Glass's estimator of effect size*, J. Educ. Stat. 6 (1981); the exact form.
    """
    return math.exp(special.gammaln(freedom / 2) - special.gammaln((freedom - 1) / 2)) / math.sqrt(freedom / 2)


def seeds_needed(smallest: float | None, spread: float | None, level: float = LEVEL) -> int | None:
    """The fewest seeds of which a two-sided paired t test sees a mean difference of `smallest` with a power of 0.8.

    It is for one test, not adjusted for a family, and few seeds tell the spread but roughly: something to plan with.
    Source: Cohen, *Statistical power analysis for the behavioral sciences* (1988). Noncentral t is taken by its square,
    noncentral F, which has both tails in one; in the far one scipy's nct is nan.

    Returns:
        None if either is not known or not positive, or if it takes more than `MOST_SEEDS`: seeds are not the answer.
    """
    if smallest is None or smallest <= 0 or not spread:
        return None
    effect = min(smallest / spread, 1e3)  # plain with 2 seeds; far beyond, scipy overflows

    def power(count: int) -> float:
        critical = stats.t.isf((1 - level) / 2, count - 1)
        return float(stats.ncf.sf(critical**2, 1, count - 1, count * effect**2))

    fewest = 2 + bisect.bisect_left(range(2, MOST_SEEDS + 1), 0.8, key=power)
    return fewest if fewest <= MOST_SEEDS else None


@attrs.frozen
class _Sample:
    """The differences of one variant.

    Attributes:
        values: In rising order, so that it can't matter which seed gave which.
        spread: Standard deviation (n - 1). None of one seed, or if all are equal to within 1e-9 of their mean, which is
            rounding: figures that move in steps do that by chance, and s = 0 would make p = 0 even of two seeds.
        test: Student's; None where the spread is.
    """

    differences: Mapping[int, float]
    values: NDArray[np.float64]
    mean: float
    spread: float | None
    test: Any

    @classmethod
    def of(cls, by_seed: Mapping[int, float]) -> _Sample:
        differences = {seed: float(by_seed[seed]) for seed in sorted(by_seed) if math.isfinite(by_seed[seed])}
        values = np.array(sorted(differences.values()), dtype=np.float64)
        mean = float(values.mean()) if values.any() else 0.0
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        if spread <= 1e-9 * abs(mean):
            return cls(differences, values, mean, None, None)
        return cls(differences, values, mean, spread, stats.ttest_1samp(values, 0.0))

    @property
    def identical(self) -> bool:
        return len(self.values) > 1 and not self.values.any()

    @property
    def p(self) -> float | None:
        if self.test is None:
            return 1.0 if self.identical else None
        return float(self.test.pvalue)

    def interval(self, level: float) -> tuple[float, float] | None:
        if self.test is None:
            return (0.0, 0.0) if self.identical else None
        found = self.test.confidence_interval(level)
        return float(found.low), float(found.high)


def _bca(sample: _Sample, spread: float, level: float, resamples: int) -> tuple[float, float] | None:
    """Source: Efron, *Better bootstrap confidence intervals*, J. Am. Stat. Assoc. 82 (1987)."""

    def mean(drawn: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        # Many resamples of few seeds are the sample in another order. The bias correction counts them half to either
        # side of the mean; the last bit of their sums would send them all to one.
        return np.asarray(np.mean(drawn, axis=axis)).round(12)

    standard = (sample.values - sample.mean) / spread
    random = np.random.default_rng(0)  # handed over by the name that scipy before 1.15 knows too
    with warnings.catch_warnings(action="ignore"):  # where it is degenerate, the bounds are nan, and that says it all
        found = stats.bootstrap((standard,), mean, n_resamples=resamples, confidence_level=level, random_state=random)
    low, high = (sample.mean + spread * float(bound) for bound in found.confidence_interval)
    return (low, high) if math.isfinite(low + high) else None


def _verdict(sample: _Sample, p_holm: float | None, better: int, smallest: float | None, level: float) -> str:
    """What `RULE` says. What is significant but small still helps or harms: its interval says how little."""
    if sample.identical:
        return IDENTICAL
    if p_holm is None:
        return OPEN
    if p_holm <= 1 - level:
        return DIFFERS if not better else HELPS if sample.mean * better > 0 else HARMS
    within = sample.interval(2 * level - 1)
    if smallest is not None and within is not None and -smallest < within[0] and within[1] < smallest:
        return NEGLIGIBLE
    return OPEN
