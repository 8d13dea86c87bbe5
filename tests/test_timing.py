import pytest

from efgan_kit.timing import Ratio, in_turns, ratio


def test_ways_take_turns_and_the_first_rounds_do_not_count():
    calls = []
    told = []
    seconds = in_turns(
        {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")},
        rounds=2,
        warmup=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert calls == ["a", "b"] * 3
    assert told == [(number, 6) for number in range(1, 7)]
    assert {name: len(found) for name, found in seconds.items()} == {"a": 2, "b": 2}
    assert all(second >= 0 for found in seconds.values() for second in found)


def test_a_ratio_is_taken_within_each_round():
    # In the second round the machine was ten times as slow for both: the ratio doesn't see it.
    assert ratio([2.0, 20.0, 3.0], [1.0, 10.0, 1.0]) == Ratio(2.0, 2.0, 3.0)
    assert str(ratio([2.0], [1.0])) == "2.00 [2.00, 2.00]"


def test_a_ratio_needs_as_many_rounds_of_both():
    with pytest.raises(ValueError, match="zip"):
        ratio([1.0], [1.0, 2.0])
