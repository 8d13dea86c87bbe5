"""Intervals over people."""

import numpy as np
import pytest

from efgan_kit.evaluation.bootstrap import intervals


def mean_of(values):
    values = np.asarray(values, dtype=float)
    return lambda chosen: {"mean": float(values[chosen].mean())}


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide():
    values = np.random.default_rng(1).normal(5, 2, size=400)
    low, high = intervals(mean_of(values), [str(i) for i in range(400)])["mean"]
    error = values.std() / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.3 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.3 * error)


def test_pairs_of_one_person_are_drawn_together():
    seen = []

    def figures(chosen):
        seen.append(chosen.tolist())
        return {"n": 0.0}

    intervals(figures, ["a", "b", "a"], resamples=20)
    assert all(chosen.count(0) == chosen.count(2) for chosen in seen)
    assert any(chosen.count(0) == 2 for chosen in seen)


def test_repeats_of_the_same_people_do_not_narrow_the_interval():
    values = np.random.default_rng(2).normal(size=30)
    once = intervals(mean_of(values), [str(i) for i in range(30)])["mean"]
    often = intervals(mean_of(np.repeat(values, 10)), [str(i) for i in range(30) for _ in range(10)])["mean"]
    assert often == pytest.approx(once)


def test_the_same_seed_gives_the_same_interval():
    values, people = range(9), list("abcabcabc")
    assert intervals(mean_of(values), people, seed=3) == intervals(mean_of(values), people, seed=3)


def test_one_person_gives_no_interval():
    assert intervals(mean_of([1, 2]), ["a", "a"]) == {}


def test_resamples_where_a_figure_is_not_known_are_left_out():
    def figures(chosen):
        return {"known": 1.0 if 0 in chosen else float("nan"), "never": float("nan")}

    assert intervals(figures, ["a", "b"]) == {"known": (1.0, 1.0)}
