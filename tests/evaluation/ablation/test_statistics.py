"""The statistics of ablations, held against worked examples of the literature and numbers worked by hand."""

import itertools
import math
import warnings

import numpy as np
import pytest
from scipy import stats

from efgan_kit.evaluation.ablation.statistics import (
    DIFFERS,
    HARMS,
    HELPS,
    IDENTICAL,
    MOST_SEEDS,
    NEGLIGIBLE,
    OPEN,
    RULE,
    correction,
    effects,
    holm,
    interaction,
    seeds_needed,
)

SLEEP = [
    1.2,
    2.4,
    1.3,
    1.3,
    0.0,
    1.0,
    1.8,
    0.8,
    4.6,
    1.4,
]  # Student 1908: what more one drug does than the other, hours


def found(*families, better=1, smallest=None, resamples=200, **options):
    """The effects of variants given as lists of differences, in their order."""
    named = {str(i): dict(enumerate(family)) for i, family in enumerate(families)}
    return list(effects(named, better=better, smallest=smallest, resamples=resamples, **options).values())


def verdicts(*families, **options):
    return [each.verdict for each in found(*families, **options)]


def test_students_sleep_data():
    """t = 4.0621, p = 0.002833, 95 % interval 0.7001142..2.4598858, as R's t.test has them of its `sleep`, paired."""
    (effect,) = found(SLEEP)
    assert effect.mean == pytest.approx(1.58)
    assert effect.p == effect.p_holm == pytest.approx(0.002833, abs=5e-7)
    assert effect.t_interval == pytest.approx((0.7001142, 2.4598858), abs=5e-8)
    assert effect.effect_size == pytest.approx(4.0621 / math.sqrt(10) * correction(9), rel=1e-5)
    assert effect.verdict == HELPS
    assert found(SLEEP, level=0.9)[0].t_interval == pytest.approx((0.8669947, 2.2930053), abs=1e-6)


def test_holms_worked_example():
    p = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    assert holm(p) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}


def test_hedges_correction():
    """Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)) by hand, and his approximation, off by 0.007 to 0.00033."""
    pi = math.pi
    worked = {2: 1 / math.sqrt(pi), 3: math.sqrt(pi / 6), 4: math.sqrt(2 / pi), 5: 0.75 * math.sqrt(pi / 2.5)}
    assert {m: correction(m) for m in worked} == pytest.approx(worked)
    assert all(correction(m) == pytest.approx(1 - 3 / (4 * m - 1), abs=0.0075) for m in range(2, 10))
    assert all(correction(m) == pytest.approx(1 - 3 / (4 * m - 1), abs=0.000335) for m in range(10, 500))


@pytest.mark.parametrize(("effect", "seeds"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_seeds_needed_are_gpowers(effect, seeds):
    """G*Power's a priori sample sizes, paired t test: two tails, alpha 0.05, power 0.8, Cohen's three sizes."""
    assert seeds_needed(effect, 1.0) == seeds
    assert seeds_needed(3 * effect, 3.0) == seeds


def test_seeds_needed_have_the_power_in_simulation():
    """G*Power puts that of 34 pairs, d = 0.5, at 0.8078; one fewer is too few."""
    draws = np.random.default_rng(1).normal(0.5, 1.0, (20_000, seeds_needed(0.5, 1.0)))
    assert np.mean(stats.ttest_1samp(draws, 0, axis=1).pvalue <= 0.05) == pytest.approx(0.8078, abs=0.01)
    assert np.mean(stats.ttest_1samp(draws[:, 1:], 0, axis=1).pvalue <= 0.05) < 0.8


def test_seeds_needed_at_the_ends():
    assert seeds_needed(1e300, 1e-3) == 2
    assert 9_800 < seeds_needed(1.0, 35.5) < MOST_SEEDS
    assert seeds_needed(1.0, 36.0) is None
    assert [seeds_needed(*each) for each in ((None, 1.0), (0.0, 1.0), (-1.0, 1.0), (1.0, None), (1.0, 0.0))] == [
        None
    ] * 5


def exact_bca(values):
    """Efron 1987 with every resample there is, weighted by how often it is drawn, instead of some drawn at random."""
    values, count = np.array(values), len(values)
    resamples = np.array(list(itertools.combinations_with_replacement(range(count), count)))
    times = np.stack([(resamples == i).sum(axis=1) for i in range(count)], axis=1)
    factorial = np.array([math.factorial(i) for i in range(count + 1)])
    weights = factorial[count] / factorial[times].prod(axis=1) / count**count
    means = (times @ values / count).round(9)
    below, level = weights[means < values.mean().round(9)].sum(), weights[means == values.mean().round(9)].sum()
    z0 = stats.norm.ppf(below + level / 2)
    about = values - values.mean()
    a = (about**3).sum() / (6 * (about**2).sum() ** 1.5)
    order = np.argsort(means)
    bounds = []
    for z in stats.norm.ppf([0.025, 0.975]):
        share = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        bounds.append(means[order][np.searchsorted(weights[order].cumsum(), share)])
    return tuple(bounds)


@pytest.mark.parametrize("values", [SLEEP, [94, 197, 16, 38, 99, 141, 23]], ids=["Student's sleep", "Efron's mice"])
def test_bca_is_that_of_all_resamples(values):
    (effect,) = found(values, resamples=100_000)
    error = np.std(values) / math.sqrt(len(values))
    assert effect.bca_interval == pytest.approx(exact_bca(values), abs=0.06 * error)


def test_bca_of_few_seeds_is_narrower_than_t_and_does_not_lean():
    """Its quantiles lie between the least and the greatest difference; of symmetric ones, it is symmetric."""
    (effect,) = found([1.0, 2.0, 3.0], resamples=9999)
    assert effect.t_interval[0] < 1.0 <= effect.bca_interval[0]
    assert effect.bca_interval[1] <= 3.0 < effect.t_interval[1]
    assert sum(effect.bca_interval) == pytest.approx(4.0)
    assert found([0.1, 0.2, 0.3])[0].bca_interval == pytest.approx(
        [each / 10 for each in found([1, 2, 3])[0].bca_interval]
    )


def test_bca_of_the_negated_is_the_negated():
    (plain,), (negated,) = (found([sign * each for each in SLEEP], resamples=100_000) for sign in (1, -1))
    low, high = negated.bca_interval
    assert (-high, -low) == pytest.approx(plain.bca_interval, abs=0.03)


def test_a_degenerate_bootstrap_gives_no_interval_and_no_warning():
    """A single resample is above or below the mean for certain, which the bias correction turns into infinity."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found([1.0, 2.0, 4.0], resamples=1)[0].bca_interval is None


def test_a_dead_part_is_indistinguishable():
    (effect,) = found([0.0, -0.0, 0.0], smallest=0.1)
    assert (effect.mean, effect.t_interval, effect.p, effect.p_holm) == (0.0, (0.0, 0.0), 1.0, 1.0)
    assert (effect.bca_interval, effect.effect_size, effect.seeds_needed) == (None, None, None)
    assert effect.verdict == IDENTICAL


@pytest.mark.parametrize("differences", [[0.3], [0.0], [0.1, 0.1, 0.1], [0.3 - 0.2, 0.4 - 0.3, 0.1]])
def test_one_cannot_tell_without_a_spread(differences):
    """One seed, or the same difference at each, be it but for rounding: Student's p of those would be 0."""
    (effect,) = found(differences, smallest=10.0)
    assert effect.mean == pytest.approx(differences[0])
    assert (effect.t_interval, effect.bca_interval, effect.p, effect.p_holm) == (None,) * 4
    assert (effect.effect_size, effect.seeds_needed, effect.verdict) == (None, None, OPEN)


def test_a_wide_miss_on_either_side_is_not_negligible():
    """Mean -4 / 3, s = 1.5275: 2.920 s / sqrt(3) = 2.575 reaches from -3.91 to 1.24."""
    assert verdicts([-3.0, -1.0, 0.0], [3.0, 1.0, 0.0], smallest=2.0) == [OPEN, OPEN]
    assert verdicts([-3.0, -1.0, 0.0], [3.0, 1.0, 0.0], smallest=4.0) == [NEGLIGIBLE, NEGLIGIBLE]


def test_two_seeds_have_a_t_interval_and_no_more():
    """Differences 1, 2: t(0.975, 1) = 12.7062 times s / sqrt(2) = 0.5; p = 1 - 2 atan(3) / pi, t = 3 being Cauchy's."""
    (effect,) = found([1.0, 2.0], smallest=1.0)
    assert effect.t_interval == pytest.approx((-4.8531, 7.8531), abs=1e-4)
    assert effect.p == pytest.approx(1 - 2 * math.atan(3) / math.pi)
    assert (effect.bca_interval, effect.effect_size) == (None, None)
    assert effect.seeds_needed > 2


def test_what_is_not_finite_is_left_out():
    family = {"a": {3: 1.0, 1: math.nan, 0: 2.0, 2: math.inf}, "b": {0: math.nan}, "c": {}}
    effect = effects(family, better=1, smallest=None)
    assert list(effect) == ["a"]
    assert list(effect["a"].differences.items()) == [(0, 2.0), (3, 1.0)]


def test_holm_counts_tests_that_came_out_without_a_spread_but_no_single_seeds():
    alone = found(SLEEP)[0].p
    assert found(SLEEP, [0.0, 0.0], [0.5, 0.5], [0.7])[0].p_holm == pytest.approx(3 * alone)
    assert found(SLEEP, [0.7])[0].p_holm == alone


@pytest.mark.parametrize(("better", "expected"), [(1, HELPS), (-1, HARMS), (0, DIFFERS)])
def test_what_is_significant_helps_harms_or_differs(better, expected):
    assert verdicts(SLEEP, better=better) == [expected]
    assert verdicts(SLEEP, better=better, smallest=10.0) == [expected], "however little"


def test_holm_decides_not_the_single_test():
    """Of 20 like it, p = 0.002833 is 0.057."""
    assert verdicts(SLEEP, *[[-1.0, 1.0, 0.1 * i] for i in range(19)])[0] == OPEN


@pytest.mark.parametrize(("smallest", "expected"), [(0.17, NEGLIGIBLE), (0.168, OPEN), (None, OPEN)])
def test_two_one_sided_tests_find_the_negligible(smallest, expected):
    """Differences -0.1, 0, 0.1: t(0.95, 2) = 2.920 times 0.1 / sqrt(3) is 0.1686 (t(0.975, 2) would make it 0.248)."""
    assert verdicts([-0.1, 0.0, 0.1], smallest=smallest) == [expected]
    assert verdicts([-0.1, 0.0, 0.1], smallest=smallest, better=0) == [expected]


def test_interactions_worked_by_hand():
    """Seed 0: b stands in for a; seed 1: neither minds the other; seed 2: a and b do nothing but together."""
    baseline, both = {0: 1.0, 1: 5.0, 2: 9.0, 3: 1.0}, {0: 0.25, 1: 2.0, 2: 1.0, 4: 1.0}
    without_a, without_b = {0: 1.0, 1: 4.0, 2: 1.0, 3: 1.0}, {2: 1.0, 1: 3.0, 0: 1.0, 3: 1.0}
    assert interaction(baseline, without_a, without_b, both) == {0: -0.75, 1: 0.0, 2: 8.0}
    assert interaction(baseline, without_b, without_a, both) == {0: -0.75, 1: 0.0, 2: 8.0}


def test_the_rule_says_every_verdict_and_its_sources():
    for word in (HELPS, HARMS, DIFFERS, NEGLIGIBLE, IDENTICAL, OPEN, "Student 1908", "Holm 1979", "Efron 1987"):
        assert word in RULE
