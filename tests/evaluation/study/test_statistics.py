"""Means, intervals and verdicts, held against numbers worked by hand and against scipy's own paired test."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from efgan_kit.evaluation.study.statistics import (
    CONTRADICTED,
    DIFFERS,
    OPEN,
    SUPPORTED,
    Paired,
    paired,
    summary,
    verdict,
)

FIGURES = st.floats(-1e3, 1e3, allow_nan=False)


def test_an_interval_worked_by_hand():
    """Differences 1, 2, 3: mean 2, s = 1; t(0.975, 2) = 4.3027 (any table), 4.3027 / sqrt(3) = 2.4841."""
    found = paired({0: 11, 1: 12, 2: 13}, {0: 10, 1: 10, 2: 10})
    assert found.differences == {0: 1, 1: 2, 2: 3}
    assert found.mean == 2
    assert found.interval == pytest.approx((-0.4841, 4.4841), abs=1e-4)


def test_two_seeds_have_the_widest_t():
    """Differences 1, 2: mean 1.5, s = 0.70711; t(0.975, 1) = 12.7062, times s / sqrt(2) = 0.5 is 6.3531."""
    assert paired({3: 1, 5: 2}, {3: 0, 5: 0}).interval == pytest.approx((-4.8531, 7.8531), abs=1e-4)


@given(st.lists(st.tuples(FIGURES, FIGURES), min_size=2, max_size=8))
def test_the_interval_is_that_of_the_paired_t_test(pairs):
    arm, against = ({seed: pair[side] for seed, pair in enumerate(pairs)} for side in (0, 1))
    found = paired(arm, against)
    if len(set(found.differences.values())) > 1:
        known = stats.ttest_rel([a for a, _ in pairs], [b for _, b in pairs]).confidence_interval(0.95)
        assert found.interval == pytest.approx((known.low, known.high), rel=1e-6, abs=1e-6)
    else:
        assert found.interval == pytest.approx((found.mean, found.mean))


def test_only_seeds_of_both_arms_count_and_only_what_is_known():
    found = paired({0: 1.0, 1: 5.0, 2: math.nan, 4: 2.0}, {1: 4.0, 2: 3.0, 3: 9.0, 4: 2.0})
    assert found.differences == {1: 1.0, 4: 0.0}
    assert paired({0: 1.0}, {1: 1.0}) is None


def test_means_and_spreads():
    """Of 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares about it 32, so s = sqrt(32 / 7)."""
    found = summary([2, 4, 4, 4, 5, 5, 7, 9, math.nan])
    assert (found.count, found.mean) == (8, 5)
    assert found.spread == pytest.approx(math.sqrt(32 / 7))
    assert summary([3.0]).spread is None
    assert summary([math.inf]) is None


@pytest.mark.parametrize(
    ("interval", "better", "expected"),
    [
        ((0.1, 0.5), 1, SUPPORTED),
        ((0.1, 0.5), -1, CONTRADICTED),
        ((-0.5, -0.1), 1, CONTRADICTED),
        ((-0.5, -0.1), -1, SUPPORTED),
        ((-0.1, 0.5), 1, OPEN),
        ((0.0, 0.5), 1, OPEN),
        ((-0.5, 0.0), -1, OPEN),
        ((0.1, 0.5), 0, DIFFERS),
        ((-0.1, 0.5), 0, OPEN),
    ],
)
def test_a_claim_stands_or_falls_by_whether_the_interval_holds_0(interval, better, expected):
    assert verdict(Paired({}, sum(interval) / 2, interval), better) == expected


def test_with_one_seed_one_can_never_tell():
    found = paired({0: 100.0}, {0: 0.0})
    assert found.interval is None
    assert verdict(found, 1) == OPEN


def test_equal_differences_leave_no_doubt_and_equal_arms_no_difference():
    assert verdict(paired({0: 1.0, 1: 1.0}, {0: 0.0, 1: 0.0}), 1) == SUPPORTED
    assert verdict(paired({0: 1.0, 1: 1.0}, {0: 1.0, 1: 1.0}), 1) == OPEN
