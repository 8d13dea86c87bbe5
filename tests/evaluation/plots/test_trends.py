"""An arm's mean over seeds and their range."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from efgan_kit.evaluation.plots.trends import Curve, trend


def curve(*seeds):
    return Curve("arm", "arm", dict(enumerate(seeds)))


def test_mean_and_range_are_those_of_the_seeds():
    found = trend(curve([(0, 1), (10, 3)], [(0, 2), (10, 5)]))
    assert found.x.tolist() == [0, 10]
    assert found.mean.tolist() == [1.5, 4]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 3], [2, 5])


def test_seeds_logged_at_other_steps_meet_on_straight_lines_as_far_as_all_go():
    found = trend(curve([(0, 0), (10, 10)], [(5, 1), (10, 1), (20, 1)]))
    assert found.x.tolist() == [5, 10]
    assert found.mean.tolist() == [3, 5.5]
    assert found.last == 20


def test_what_is_not_finite_is_passed_over_and_a_later_point_replaces_an_earlier():
    found = trend(curve([(3, 1), (0, 5), (1, math.nan), (2, math.inf), (3, 7)]))
    assert list(zip(found.x, found.mean, strict=True)) == [(0, 5), (3, 7)]


@pytest.mark.parametrize("seeds", [(), ([],), ([(0, math.nan)],), ([(0, 1), (1, 1)], [(2, 1), (3, 1)])])
def test_without_a_stretch_that_all_seeds_have_there_is_no_trend(seeds):
    assert trend(curve(*seeds)) is None


def test_a_seed_without_a_point_does_not_hide_the_others():
    assert trend(curve([(0, 1), (1, 2)], [])).mean.tolist() == [1, 2]


@settings(deadline=None)
@given(count=st.integers(1, 300), most=st.integers(2, 50))
def test_long_curves_are_averaged_over_stretches_of_equal_length(count, most):
    """A straight line stays itself, its mean as well, and no stretch has over one point more than another."""
    found = trend(curve([(float(x), 2.0 * x) for x in range(count)]), most)
    assert len(found.x) <= max(most, 1)
    assert found.stretched == (count > most)
    assert found.last == count - 1
    np.testing.assert_allclose(found.mean, 2 * found.x)
    assert np.ptp(np.diff(found.x)) <= 1 if len(found.x) > 1 else True
