"""Wishes become target AUs."""

import attrs
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from efgan_kit.api import au_set
from efgan_kit.editing.targets import expression, like, named_aus
from efgan_kit.errors import EfganError

AUS = au_set(["AU06", "AU12", "AU25"])
OWN = torch.tensor([0.2, 0.5, 0.9])


def target(change):
    return [round(value, 6) for value in change.target(OWN).tolist()]


def test_named_aus_replace_the_faces_own_and_leave_the_others():
    assert target(named_aus(AUS, ["AU12=0.8"])) == [0.2, 0.8, 0.9]
    assert target(named_aus(AUS, ["6=1", "au25=0"])) == [1.0, 0.5, 0.0]


def test_relative_aus_are_added_and_clamped():
    assert target(named_aus(AUS, ["AU12=-0.3", "AU25=0.5", "AU06=-0.9"], relative=True)) == [0.0, 0.2, 1.0]


def test_an_expression_is_all_aus_and_a_relative_one_what_it_adds():
    assert target(expression(AUS, "happy")) == [0.7, 0.9, 0.5]
    assert target(expression(AUS, "neutral")) == [0.0, 0.0, 0.0]
    assert target(expression(AUS, "contemptuous", relative=True)) == [0.2, 0.8, 0.9]


def test_every_fault_is_named_at_once():
    words = ["AU11=0.5", "AU12=4", "AU06=x", "AU25", "AU25=0.1", "AU25=0.2", "AU06=-0.5", "AU06=nan"]
    with pytest.raises(EfganError) as raised:
        named_aus(AUS, words)
    text = str(raised.value)
    assert [fault.where for fault in raised.value.faults] == [
        f"--au {word}" for word in words if word != "AU25=0.1"
    ]
    assert "did you mean" in text
    assert "4 becomes 0.8" in text
    assert "--relative" in text
    assert "given twice" in text


def test_an_unknown_expression_is_refused_with_the_nearest():
    with pytest.raises(EfganError, match=r"--expression hapy: .*did you mean 'happy'"):
        expression(AUS, "hapy")


@given(st.text())
def test_any_word_is_a_target_or_a_fault(word):
    try:
        change = named_aus(AUS, [word])
    except EfganError:
        return
    assert ((change.target(OWN) >= 0) & (change.target(OWN) <= 1)).all()


def test_intensity_scales_the_change_from_the_faces_own():
    smile = named_aus(AUS, ["AU12=0.8", "AU25=0.7"])
    assert target(attrs.evolve(smile, intensity=0.5)) == [0.2, 0.65, 0.8]
    assert target(attrs.evolve(smile, intensity=0)) == [0.2, 0.5, 0.9]
    assert target(attrs.evolve(smile, intensity=2)) == [0.2, 1.0, 0.5]
    assert attrs.evolve(smile, intensity=2).clamped(OWN) == [1]
    assert smile.clamped(OWN) == []


def test_like_takes_over_all_aus():
    assert target(like(torch.tensor([0.1, 0.0, 0.3]))) == [0.1, 0.0, 0.3]
