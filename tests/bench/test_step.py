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


def test_gradients_are_compared_by_their_norms():
    assert parity(first(1.0, 1.0, 2.02), first(1.0, 1.0, 2.0), WEIGHTS) == Parity(0, pytest.approx(0.01))
