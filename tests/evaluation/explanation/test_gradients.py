"""Each term's gradient: together they are the phase's own, and hand-made ones are what they were made to be."""

import math

import pytest
import torch
from torch import nn

from efgan_kit.api import EfganError, ValueFunction
from efgan_kit.evaluation.explanation.explain import batch_of, look_at
from efgan_kit.evaluation.explanation.figures import Limits, player_figures
from efgan_kit.evaluation.explanation.gradients import parts_of, products, term_gradients
from efgan_kit.training.batches import to_device
from efgan_kit.training.modes import unmoved
from efgan_kit.training.phases import Phase, live_terms
from efgan_kit.training.precision import Precision
from efgan_kit.training.streams import stream
from efgan_kit.training.values import StepValues

FP32 = Precision("fp32", torch.device("cpu"))


class Pull(nn.Module):
    """The scalar product of the player's weights with `direction`: its gradient is `direction`."""

    def __init__(self, *direction):
        super().__init__()
        self.direction = torch.tensor(direction)

    def generator(self, weights):
        return (self.direction * weights).sum()


class Constant(nn.Module):
    def generator(self, weights):
        return torch.tensor(3.0)


class Split(nn.Module):
    """A graph whose generator has two networks of a weight each."""

    def __init__(self, networks=2):
        super().__init__()
        self.generators = nn.ModuleDict({f"part{n}": nn.Linear(1, 1, bias=False) for n in range(networks)})

    def weights(self):
        return torch.cat([network.weight.flatten() for network in self.generators.values()])


def figures_of(terms, weights=None, *, every=None, batches=1, limits=None, asked=None):
    """A generator's figures under hand-made terms."""
    graph = Split()

    def made():
        if asked is not None:
            asked.append(1)
        return graph.weights()

    live = live_terms(
        "generator", terms, dict.fromkeys(terms, 1.0) | (weights or {}), dict.fromkeys(terms, 1) | (every or {})
    )
    phase = Phase("generator", [graph.generators], live, torch.optim.SGD(graph.parameters(), lr=1.0))
    parts, losses, found = parts_of(graph, phase.modules), [], []
    for _ in range(batches):
        values = StepValues({"weights": ValueFunction.of(made)}, {}, lambda consumer: stream(0, consumer))
        gradients = term_gradients(phase, [values], FP32)
        losses.append(gradients.losses)
        found.append(products(gradients, parts))
    return player_figures(live, losses, found, limits or Limits())


def test_linear_terms_have_the_gradients_they_are_made_of():
    figures = figures_of({"a": Pull(3.0, 0.0), "b": Pull(0.0, -4.0)}, {"a": 2.0, "b": 0.5})
    a, b = figures.terms
    assert (a.whole.norm.mean, b.whole.norm.mean) == (6, 2), "weighted"
    assert (a.whole.share.mean, b.whole.share.mean) == (6 / 8, 2 / 8)
    assert (a.whole.along.mean, b.whole.along.mean) == pytest.approx((36 / 40, 4 / 40))
    assert figures.pair("b", "a").cosine.mean == 0
    assert [a.parts[f"generators.part{n}"].share.mean for n in (0, 1)] == [1, 0]
    assert [b.parts[f"generators.part{n}"].along.mean for n in (0, 1)] == [0, 1]


def test_opposite_terms_have_cosine_minus_1_and_equal_ones_1():
    terms = {"a": Pull(1.0, 2.0), "same": Pull(2.0, 4.0), "opposite": Pull(-1.0, -2.0)}
    figures = figures_of(terms)
    assert figures.pair("a", "same").cosine.mean == pytest.approx(1, abs=1e-12)
    assert figures.pair("a", "opposite").cosine.mean == pytest.approx(-1, abs=1e-12)
    assert [term.whole.along.mean for term in figures.terms] == pytest.approx([0.5, 1, -0.5])
    assert [pair.fights for pair in figures.pairs] == [False, True, True]


def test_of_gradients_that_cancel_no_share_along_their_sum_is_known():
    figures = figures_of({"a": Pull(0.1, 0.3), "b": Pull(-0.1, -0.3)})
    assert all(math.isnan(term.whole.along.mean) for term in figures.terms)
    assert [term.whole.share.mean for term in figures.terms] == [0.5, 0.5]


def test_a_constant_term_is_dead_with_no_share_at_all():
    figures = figures_of({"a": Pull(1.0, 1.0), "constant": Constant()}, limits=Limits(dead=0.0))
    pull, constant = figures.terms
    assert constant.whole.share.high == 0.0
    assert (constant.zero, constant.dead, constant.loss.mean) == (True, True, 3.0)
    assert (pull.dead, pull.whole.share.mean) == (False, 1.0)
    assert math.isnan(figures.pair("a", "constant").cosine.mean)


def test_a_term_that_is_alone_in_a_part_is_not_dead_however_small_beside_others():
    figures = figures_of({"large": Pull(1000.0, 0.0), "alone": Pull(0.0, 0.001), "faint": Pull(0.001, 0.0)})
    _, alone, faint = figures.terms
    assert (alone.small, alone.dead, alone.alive) == (True, False, ("generators.part1",))
    assert (faint.small, faint.dead) == (True, True)


def test_a_dead_term_fights_nobody():
    figures = figures_of({"large": Pull(1000.0, 1000.0), "faint": Pull(-0.001, -0.001)})
    (pair,) = figures.pairs
    assert (pair.cosine.mean, pair.below, pair.fights) == (pytest.approx(-1), 1, False)


def test_one_forward_serves_all_terms():
    asked = []
    figures_of({"a": Pull(1.0, 0.0), "b": Pull(1.0, 1.0), "c": Pull(0.0, 1.0)}, asked=asked, batches=3)
    assert len(asked) == 3


def test_a_term_that_counts_in_some_steps_is_measured_in_all():
    figures = figures_of({"a": Pull(1.0, 0.0), "b": Pull(1.0, 1.0)}, every={"b": 7})
    assert [term.every for term in figures.terms] == [1, 7]
    assert figures.terms[1].whole.norm.mean == pytest.approx(math.sqrt(2))


def test_a_loss_that_is_not_finite_is_told_by_name():
    with pytest.raises(EfganError, match="the loss of broken is not finite"):
        figures_of({"broken": Pull(math.inf, 1.0)})


def values_of(training):
    given = to_device(dict(batch_of(training, 0)), training.device, training.recipe.train.channels_last)
    dtype = next(training.graph.parameters()).dtype
    return training.values({name: tensor.to(dtype) for name, tensor in given.items()})


def flat(gradients, parameters):
    return torch.cat(
        [(torch.zeros_like(p) if g is None else g).flatten() for g, p in zip(gradients, parameters, strict=True)]
    ).double()


@pytest.mark.parametrize("player", ["generator", "discriminator", "interpolator"])
@pytest.mark.parametrize(("which", "rounding"), [("single", 1e-6), ("cascade", 1e-6), ("published", 1e-5)])
def test_the_terms_gradients_sum_to_the_one_that_the_phase_makes(which, rounding, player, request, monkeypatch):
    training = request.getfixturevalue("prepared")() if which == "published" else request.getfixturevalue(which)
    if which != "published":  # those parts know single precision alone, in which the order of sums matters
        training.graph.double()
        training.terms.double()
    (phase,) = (phase for phase in training.phases if phase.player == player)
    parameters = phase.parameters
    with unmoved(training.graph, training.terms):
        values = values_of(training)
        with training.turn(phase, values):
            found = term_gradients(phase, values, training.precision)
    kept = []

    def keep(*_):
        kept.extend(parameter.grad for parameter in parameters)
        return True

    monkeypatch.setattr(training.precision, "step", keep)
    values = values_of(training)
    with training.turn(phase, values):
        losses = phase.run(values, 0, training.precision)
    wanted = flat(kept, parameters)
    summed = sum(flat(gradient, parameters) for gradient in found.by_term.values())
    assert wanted.norm() > 0
    assert (summed - wanted).norm() / wanted.norm() < rounding
    assert found.losses == pytest.approx({name: loss.sum().item() for name, loss in losses.items()}, rel=1e-6)


def test_looking_moves_no_weight_no_buffer_and_no_global_random_number(cascade):
    before = {name: tensor.clone() for name, tensor in cascade.graph.state_dict().items()}
    drawn = torch.get_rng_state()
    look_at(cascade, {step: batch_of(cascade, step) for step in range(2)}, 0, Limits())
    after = cascade.graph.state_dict()
    assert any("_u" in name for name in before), "there are spectral norms"
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(p.grad is None and p.requires_grad for p in cascade.graph.parameters())


def test_a_buffer_that_is_exchanged_for_another_comes_back():
    module = nn.Module()
    module.register_buffer("count", torch.zeros(1))
    buffer = module.count
    with unmoved(module):
        module.count = module.count + 5
        buffer += 1
    assert module.count is buffer
    assert module.count.item() == 0


def test_parts_are_networks_and_those_of_a_chain_are_numbered(cascade, prepared):
    def parts(training, player):
        (phase,) = (phase for phase in training.phases if phase.player == player)
        return list(dict.fromkeys(parts_of(training.graph, phase.modules).values()))

    regions = ("face", "eyes", "nose", "mouth")
    assert parts(prepared(), "generator") == [*(f"generators.{region}" for region in regions), "refiner"]
    assert parts(prepared(), "discriminator")[-2:] == ["final_critic", "au_critic"]
    assert parts(cascade, "generator")[4:6] == ["refiner@1", "generators.face@2"]
    assert parts(cascade, "interpolator") == ["interpolator"]


def test_a_part_that_modules_share_has_no_number(sharing):
    (phase,) = (phase for phase in sharing.phases if phase.player == "discriminator")
    names = set(parts_of(sharing.graph, phase.modules).values())
    assert "final_critic" in names
    assert not any("@" in name for name in names)
