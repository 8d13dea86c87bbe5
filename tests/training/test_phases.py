"""Phases: a player's live terms, weighted, teach its own modules and nobody else's."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import EfganError, ValueFunction
from efgan_kit.training.modes import evaluating, only_learns
from efgan_kit.training.phases import Phase, asked_by, live_terms
from efgan_kit.training.precision import Precision
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues

FP32 = Precision("fp32", torch.device("cpu"))


class Number(nn.Module):
    """A weight that is its own value."""

    def __init__(self, start=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(start))


class Pull(nn.Module):
    """`scale` times the generator's number: its gradient is `scale`."""

    def __init__(self, scale=1.0):
        super().__init__()
        self.scale = scale

    def generator(self, number):
        return self.scale * number


def values(**functions):
    made = {name: ValueFunction.of(function) for name, function in functions.items()}
    return StepValues(made, {}, lambda consumer: stream(0, consumer))


def phase(module, terms, weights=None, every=None, *, rate=1.0, clip=None, player="generator"):
    live = live_terms(
        player,
        terms,
        dict.fromkeys(terms, 1.0) | (weights or {}),
        dict.fromkeys(terms, 1) | (every or {}),
    )
    return Phase(player, [module], live, torch.optim.SGD(module.parameters(), lr=rate), clip)


def test_the_weights_scale_the_terms_and_the_losses_are_told_without_them():
    number = Number()
    turn = phase(number, {"a": Pull(2.0), "b": Pull(3.0)}, {"a": 10.0, "b": 0.5})
    losses = turn.run([values(number=lambda: number.weight)], 0, FP32)
    assert losses == {"a": torch.tensor(2.0), "b": torch.tensor(3.0)}
    assert number.weight.item() == 1.0 - (10 * 2 + 0.5 * 3)


def test_a_term_of_weight_0_is_not_there():
    assert phase(Number(), {"a": Pull(), "b": Pull()}, {"b": 0.0}).terms[0].name == "a"
    assert len(phase(Number(), {"a": Pull(), "b": Pull()}, {"b": 0.0}).terms) == 1


def test_every_lets_a_term_count_in_some_steps_only():
    number = Number()
    turn = phase(number, {"a": Pull(), "b": Pull()}, every={"b": 3})
    told = [set(turn.run([values(number=lambda: number.weight)], step, FP32)) for step in range(7)]
    assert told == [{"a", "b"}, {"a"}, {"a"}, {"a", "b"}, {"a"}, {"a"}, {"a", "b"}]


def test_a_step_without_any_live_term_computes_and_moves_nothing():
    number = Number()
    turn = phase(number, {"a": Pull()}, every={"a": 2})
    asked = []
    assert turn.run([values(number=lambda: asked.append(1) or number.weight)], 1, FP32) == {}
    assert asked == []
    assert number.weight.item() == 1


def test_a_step_whose_terms_depend_on_nothing_moves_nothing():
    number = Number()
    turn = phase(number, {"a": Pull(), "still": Pull()}, every={"a": 2})
    still = values(number=lambda: torch.tensor(4.0))
    assert turn.run([still], 1, FP32) == {"still": torch.tensor([4.0])}
    assert number.weight.item() == 1


def test_a_gradient_is_clipped_to_its_norm():
    number = Number()
    phase(number, {"a": Pull(100.0)}, clip=0.5).run([values(number=lambda: number.weight)], 0, FP32)
    assert number.weight.item() == pytest.approx(0.5)


def test_the_rate_is_scaled_from_the_recipes_own_in_every_group():
    one, other = Number(), Number()
    groups = [{"params": one.parameters(), "lr": 0.1}, {"params": other.parameters(), "lr": 0.4}]
    turn = Phase("generator", [one, other], [], torch.optim.SGD(groups))
    for factor in (0.5, 0.25):
        turn.scale_rate(factor)
    assert [group["lr"] for group in turn.optimizer.param_groups] == [0.025, 0.1]
    assert turn.rate == 0.025


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_named_and_moves_no_weight(bad):
    number = Number()
    turn = phase(number, {"fine": Pull(), "wild": Pull(bad)})
    with pytest.raises(EfganError) as caught:
        turn.run([values(number=lambda: number.weight)], 7, FP32)
    assert "step 7, generator's phase: the loss of wild is not finite" in str(caught.value)
    assert "fine" not in str(caught.value)
    assert (caught.value.what, caught.value.terms) == ("loss", ("wild",))
    assert number.weight.item() == 1


def test_a_gradient_that_is_not_finite_moves_no_weight():
    """The square root's slope is infinite at 0, where its value is fine."""

    class Root(nn.Module):
        def generator(self, number):
            return number.sqrt()

    number = Number(0.0)
    turn = phase(number, {"root": Root()})
    with pytest.raises(EfganError, match="the gradient of root is not finite"):
        turn.run([values(number=lambda: number.weight)], 0, FP32)
    assert number.weight.item() == 0


def test_a_term_that_teaches_two_players_has_a_weight_for_each():
    class Both(nn.Module):
        def generator(self, number):
            return number

        def discriminator(self, number, random):
            return -number

    term = Both()
    assert live_terms("generator", {"t": term}, {"t": 0.0}, {"t": 1}) == []
    (live,) = live_terms("discriminator", {"t": term}, {"t": 2.0}, {"t": 1})
    assert (live.weight, live.needs) == (2.0, ("number", "random"))


def test_a_submodule_with_a_players_name_is_no_lesson():
    class Holds(nn.Module):
        def __init__(self):
            super().__init__()
            self.discriminator = nn.Linear(1, 1)

    assert asked_by(Holds(), "discriminator") == ()
    assert live_terms("discriminator", {"t": Holds()}, {"t": 1.0}, {"t": 1}) == []


def test_a_parameter_with_a_default_is_given_where_the_graph_has_it():
    class Modest(nn.Module):
        def generator(self, edited, flow=None, random=None, **rest):
            return edited

    assert asked_by(Modest(), "generator") == ("edited", "random")
    assert asked_by(Modest(), "generator", known={"flow", "edited"}) == ("edited", "flow", "random")


def test_only_the_players_own_weights_learn():
    mine, theirs, frozen = Number(), Number(), Number()
    frozen.requires_grad_(False)
    with only_learns([mine], [mine, theirs, frozen]):
        (mine.weight * theirs.weight * frozen.weight).backward()
    assert mine.weight.grad == 1
    assert theirs.weight.grad is None
    assert theirs.weight.requires_grad
    assert not frozen.weight.requires_grad, "what a component froze for good stays so"


def test_a_module_of_two_players_learns_in_both_phases():
    shared, own = Number(), Number()
    with only_learns([own, shared], [nn.ModuleList([own, shared])]):
        assert shared.weight.requires_grad


def test_evaluating_gives_each_part_its_own_mode_back():
    outer = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2))
    outer[1].eval()
    with evaluating(outer):
        assert not any(part.training for part in outer.modules())
    assert outer.training
    assert outer[0].training
    assert not outer[1].training
