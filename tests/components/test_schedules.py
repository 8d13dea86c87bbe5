"""The learning rate's factor at steps worked out by hand."""

import math

import pytest

from efgan_kit.components.schedules import ConstantThenLinear


@pytest.mark.parametrize(
    ("settings", "factors"),
    [
        ({"constant_share": 0.5}, {0: 1, 49: 1, 50: 1, 75: 0.5, 99: 0.02}),
        ({"constant_epochs": 2}, {0: 1, 20: 1, 60: 0.5, 99: 0.0125}),
        ({"constant_share": 0}, {0: 1, 50: 0.5, 99: 0.01}),
        ({"constant_share": 1}, {0: 1, 99: 1}),
        ({"warmup_steps": 4}, {0: 0.25, 1: 0.5, 3: 1, 4: 1, 75: 0.5}),
        ({"constant_epochs": 1000}, {0: 1, 99: 1}),
    ],
)
def test_the_rate_stays_and_then_falls(settings, factors):
    schedule = ConstantThenLinear(100, 10, **settings)
    assert {step: schedule(step) for step in factors} == pytest.approx(factors)
    assert all(math.isfinite(schedule(step)) and schedule(step) > 0 for step in range(100))


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_a_share_outside_0_to_1_is_refused(share):
    with pytest.raises(ValueError, match="a share lies in"):
        ConstantThenLinear(100, 10, constant_share=share)


@pytest.mark.parametrize("key", ["constant_epochs", "warmup_steps"])
def test_a_negative_length_is_refused(key):
    with pytest.raises(ValueError, match=f"{key} is -1: 0 or more is wanted"):
        ConstantThenLinear(100, 10, **{key: -1})
