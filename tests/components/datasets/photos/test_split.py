"""People are split, not pictures, and stay where they are."""

import pytest

from efgan_kit.components.datasets.photos.split import consecutive_pairs, people_who_test
from efgan_kit.errors import EfganError

CROWD = [f"person {number}" for number in range(2000)]


def test_share_is_about_what_was_asked():
    assert 150 < len(people_who_test(CROWD, 0.1, seed=0)) < 250


def test_newcomers_move_nobody():
    few, many = people_who_test(CROWD[:500], 0.1, seed=3), people_who_test(CROWD, 0.1, seed=3)
    assert few == many & set(CROWD[:500])


def test_order_and_repetition_do_not_matter():
    assert people_who_test(CROWD, 0.2, 0) == people_who_test([*reversed(CROWD), *CROWD], 0.2, 0)


def test_another_seed_is_another_split():
    assert people_who_test(CROWD, 0.1, seed=0) != people_who_test(CROWD, 0.1, seed=1)


def test_split_is_the_same_on_every_machine():
    """Figures of blake2b over "7/a" ... "7/d", worked out with b2sum -l 64."""
    assert people_who_test("abcd", 0.5, seed=7) == {"d"}


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_neither_side_is_empty(share, count):
    for seed in range(20):
        assert 1 <= len(people_who_test(CROWD[:count], share, seed)) < count


@pytest.mark.parametrize("people", [[], ["alone"], ["alone", "alone"]])
def test_one_person_cannot_be_split(people):
    with pytest.raises(EfganError, match="at least two people"):
        people_who_test(people, 0.1, 0)


def test_consecutive_pairs_follow_each_person():
    assert consecutive_pairs(["a", "b", "a", "a", "c", "b"]) == [(0, 2), (2, 3), (1, 5)]
