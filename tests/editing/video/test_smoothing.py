"""Smoothing over time: parabolas survive, trembling doesn't, and nothing lags."""

import numpy as np
import pytest

from efgan_kit.editing.video.smoothing import bridged, eased, shares, smoothed


def test_the_shares_of_even_neighbours_are_those_worked_out_by_hand():
    # Weights (1 - |x|^3)^3 at x = 0 and +-1/2: 1 and (7/8)^3 = w; the fit's value at 0 in the basis 1, x^2 over five
    # points at -1/2, -1/4, 0, 1/4, 1/2 with v = (63/64)^3 at +-1/4.
    w, v = (7 / 8) ** 3, (63 / 64) ** 3
    s0, s2, s4 = 1 + 2 * v + 2 * w, 2 * v / 16 + 2 * w / 4, 2 * v / 256 + 2 * w / 16
    det = s0 * s4 - s2 * s2
    by_hand = [w * (s4 - s2 / 4) / det, v * (s4 - s2 / 16) / det, s4 / det]
    found = shares(np.array([-0.1, -0.05, 0.0, 0.05, 0.1]), 0.2)
    np.testing.assert_allclose(found, [*by_hand, *by_hand[1::-1]], atol=1e-12)
    assert found.sum() == pytest.approx(1)


def test_parabolas_come_back_at_uneven_times():
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.02, 0.06, 60))
    values = np.stack([3 - 2 * times + 0.7 * times**2, times], axis=1).reshape(60, 2, 1)
    np.testing.assert_allclose(smoothed(times, values, 0.3), values, atol=1e-9)


def test_few_frames_a_second_are_left_alone():
    times, values = np.arange(10) / 8, np.random.default_rng(0).normal(size=(10, 3))
    assert np.array_equal(smoothed(times, values, 0.2), values)


def one_euro(times, values, cutoff, beta):
    """The filter of Casiez et al. (CHI 2012), to compare with; the derivative's cutoff is 1 Hz, as there."""
    result, slope = values.copy(), 0.0
    for place in range(1, len(values)):
        step = times[place] - times[place - 1]

        def share(frequency, step=step):
            return 1 / (1 + 1 / (2 * np.pi * frequency * step))

        slope += share(1.0) * ((values[place] - values[place - 1]) / step - slope)
        result[place] = result[place - 1] + share(cutoff + beta * abs(slope)) * (values[place] - result[place - 1])
    return result


def test_it_trembles_less_than_the_one_euro_filter_and_does_not_lag():
    times = np.arange(500) / 25
    truth = 30 * np.sin(2 * np.pi * 0.3 * times) + 6 * np.sin(2 * np.pi * times)
    measured = truth + np.random.default_rng(0).normal(0, 0.7, 500)
    fitted = smoothed(times, measured, 0.2)

    def trembling(values):
        return float(np.diff(values - truth)[10:-10].std())

    def lag(values):
        """Frames, from the values' distance to the truth along its slope."""
        slope = np.gradient(truth)
        return float(-((values - truth) * slope).sum() / (slope * slope).sum())

    best = min((one_euro(times, measured, c, b) for c in (0.5, 1, 2, 3) for b in (0.01, 0.05, 0.1)), key=trembling)
    assert trembling(fitted) < 0.5 * trembling(best) < 0.5 * trembling(measured)
    assert abs(lag(fitted)) < 0.05 < 0.3 < lag(best)


def test_gaps_are_bridged_on_a_straight_line():
    times = np.array([0.0, 0.1, 0.2, 0.4, 0.5])
    values = np.array([[1.0], [9], [9], [5], [7]])
    known = np.array([True, False, False, True, True])
    assert bridged(times, values, known).ravel() == pytest.approx([1, 2, 3, 5, 7])


def test_easing_is_gentle_at_both_ends():
    assert eased(np.array([-1, 0, 0.25, 0.5, 1, 2])).tolist() == [0, 0, 0.15625, 0.5, 1, 1]
