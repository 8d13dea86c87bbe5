import math

import pytest

from efgan_kit.bench.step import Parity, parity
from efgan_kit.bench.worker import FirstStep

WEIGHTS = {"adversarial.generator": 1.0, "conditional.generator": 10.0}


def first(adversarial, conditional, norm=2.0):
    losses = {"adversarial.generator": adversarial, "conditional.generator": conditional}
    return FirstStep(losses, {"generator": norm})


def test_losses_are_compared_relatively():
    found = parity(first(3.0, 2.2), first(3.0, 2.0), WEIGHTS)
    assert found.losses == pytest.approx(0.1)
    assert found.norms == 0


def test_a_loss_near_nothing_is_held_against_its_players_sum():
    # 1 % of 10 x 2 + 0.001 is 0.2: a difference of 0.002 is 1 % of that, not twice the loss itself.
    found = parity(first(0.003, 2.0), first(0.001, 2.0), WEIGHTS)
    assert found.losses == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("place", [0, 1])
def test_a_number_that_is_not_finite_is_no_parity_wherever_it_stands(bad, place):
    losses, norms = [1.0, 1.0], [2.0, 2.0]
    losses[place] = norms[place] = bad
    players = ("generator", "discriminator")
    sound = FirstStep(dict(zip(WEIGHTS, (1.0, 1.0), strict=True)), dict.fromkeys(players, 2.0))
    broken = FirstStep(dict(zip(WEIGHTS, losses, strict=True)), dict(zip(players, norms, strict=True)))
    for found in (parity(broken, sound, WEIGHTS), parity(sound, broken, WEIGHTS)):
        assert math.isnan(found.losses)
        assert math.isnan(found.norms)


def test_a_loss_or_a_player_that_one_step_lacks_is_no_parity():
    whole = FirstStep(dict.fromkeys(WEIGHTS, 1.0), {"generator": 2.0, "discriminator": 2.0})
    part = FirstStep({"adversarial.generator": 1.0}, {"generator": 2.0})
    assert math.isnan(parity(part, whole, WEIGHTS).losses)
    for found in (parity(part, whole, WEIGHTS), parity(whole, part, WEIGHTS)):
        assert math.isnan(found.norms)


def test_a_gradient_where_the_reference_has_none_is_a_difference():
    assert parity(first(1.0, 1.0, 0.5), first(1.0, 1.0, 0.0), WEIGHTS).norms > 1
    assert parity(first(1.0, 1.0, 0.0), first(1.0, 1.0, 0.0), WEIGHTS).norms == 0


def test_gradients_are_compared_by_their_norms():
    assert parity(first(1.0, 1.0, 2.02), first(1.0, 1.0, 2.0), WEIGHTS) == Parity(0, pytest.approx(0.01))
