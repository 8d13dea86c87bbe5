"""What holds of the statistics of any ablation, and how often simulated ablations raise a false alarm."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from efgan_kit.evaluation.ablation.statistics import HARMS, HELPS, IDENTICAL, OPEN, effects, holm

STEPS = st.integers(-1000, 1000).map(lambda step: step / 1000)
VARIANTS = st.lists(STEPS, min_size=1, max_size=6).map(lambda found: dict(enumerate(found)))
FAMILIES = st.dictionaries(st.sampled_from("abcdefg"), VARIANTS, min_size=1, max_size=5)
SMALLEST = st.floats(0.001, 2)
EXAMPLES = settings(deadline=None, max_examples=30)


def times(families, factor):
    return {name: {seed: factor * each for seed, each in found.items()} for name, found in families.items()}


def verdicts(families, **options):
    return {name: each.verdict for name, each in effects(families, resamples=20, **options).items()}


def near(known):
    """None, a number or bounds, but for rounding."""
    return known if known is None else pytest.approx(known, rel=1e-6, abs=1e-6)


@EXAMPLES
@given(FAMILIES, st.floats(0.01, 100), SMALLEST)
def test_a_figure_in_another_unit_gets_the_same_verdict(families, scale, smallest):
    plain = effects(families, better=1, smallest=smallest, resamples=200)
    for name, other in effects(times(families, scale), better=1, smallest=scale * smallest, resamples=200).items():
        one = plain[name]
        assert (other.verdict, other.seeds_needed) == (one.verdict, one.seeds_needed)
        assert (other.p, other.p_holm, other.effect_size) == (near(one.p), near(one.p_holm), near(one.effect_size))
        assert other.mean == near(scale * one.mean)
        for mine, its in ((other.t_interval, one.t_interval), (other.bca_interval, one.bca_interval)):
            assert mine == near(its and tuple(scale * bound for bound in its))


@EXAMPLES
@given(VARIANTS, st.integers(-5, 5))
def test_what_is_added_to_every_difference_is_added_to_the_intervals(found, shift):
    families = {"plain": found, "shifted": {seed: each + shift for seed, each in found.items()}}
    known = effects(families, better=1, smallest=None, resamples=200)
    plain, shifted = known["plain"], known["shifted"]
    assert shifted.mean == near(plain.mean + shift)
    assert shifted.bca_interval == near(plain.bca_interval and tuple(bound + shift for bound in plain.bca_interval))
    if len(set(found.values())) > 1:
        assert shifted.t_interval == near(tuple(bound + shift for bound in plain.t_interval))


@EXAMPLES
@given(FAMILIES, st.sampled_from([1, -1, 0]), st.none() | SMALLEST)
def test_the_opposite_swaps_helps_and_harms(families, better, smallest):
    plain = verdicts(families, better=better, smallest=smallest)
    swapped = {name: {HELPS: HARMS, HARMS: HELPS}.get(each, each) for name, each in plain.items()}
    assert verdicts(times(families, -1), better=better, smallest=smallest) == swapped
    assert verdicts(families, better=-better, smallest=smallest) == swapped


@EXAMPLES
@given(FAMILIES, st.randoms(use_true_random=False))
def test_neither_the_order_of_variants_nor_which_seed_gave_what_matters(families, random):
    def said(families):
        known = effects(families, better=1, smallest=0.1, resamples=200)
        return {
            name: (each.mean, each.p_holm, each.t_interval, each.bca_interval, each.effect_size, each.verdict)
            for name, each in known.items()
        }

    names = random.sample(list(families), len(families))
    mixed = {name: random.sample(list(families[name].values()), len(families[name])) for name in names}
    assert said({name: dict(enumerate(found)) for name, found in mixed.items()}) == said(families)


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_keeps_the_order_and_lowers_nothing(found):
    p = {str(i): each for i, each in enumerate(found)}
    adjusted = holm(p)
    assert all(p[name] <= adjusted[name] <= 1 for name in p)
    assert all(adjusted[a] <= adjusted[b] for a in p for b in p if p[a] <= p[b])


@EXAMPLES
@given(st.lists(st.floats(-1e6, 1e6) | STEPS, max_size=6))
def test_no_warning_escapes(found):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        effects({"a": dict(enumerate(found))}, better=1, smallest=0.1, resamples=20)


def simulated(seeds, added, count):
    """Ablations whose variants all stand against the same baselines, so that their differences hang together.

    Args:
        added: What each part adds to the figure, in standard deviations over seeds.
    """
    random = np.random.default_rng(7)
    for _ in range(count):
        baseline = random.normal(size=seeds)
        yield {str(i): dict(enumerate(baseline - random.normal(size=seeds) + each)) for i, each in enumerate(added)}


@pytest.mark.parametrize("seeds", [3, 5])
def test_parts_that_do_nothing_raise_no_more_false_alarms_than_promised(seeds):
    """Of 200 ablations of 7, at most what 0.05 gives in 999 of 1000 cases; without Holm's adjustment it is more."""
    bound = stats.binom.ppf(0.999, 200, 0.05)
    families = simulated(seeds, [0.0] * 7, 200)
    found = [effects(each, better=1, smallest=None, resamples=5).values() for each in families]
    assert sum(any(each.verdict != OPEN for each in family) for family in found) <= bound
    assert sum(any(each.p <= 0.05 for each in family) for family in found) > bound


def test_planted_effects_are_found_among_parts_that_do_nothing():
    for family in simulated(5, [15.0, -15.0, 0.0, 0.0, 0.0, 0.0], 20):
        found = verdicts({**family, "dead": dict.fromkeys(range(5), 0.0)}, better=1, smallest=None)
        assert (found["0"], found["1"], found["dead"]) == (HELPS, HARMS, IDENTICAL)
