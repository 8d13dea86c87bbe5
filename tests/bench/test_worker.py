import pytest
import torch

from efgan_kit.bench.reference import reference_step
from efgan_kit.bench.step import parity
from efgan_kit.bench.worker import Worker, _Doing
from efgan_kit.errors import EfganError


@pytest.fixture(scope="module")
def reference(way):
    with Worker(way("reference", plain=True)) as worker:
        yield worker.first_step()


def test_the_trainers_first_step_is_the_references_and_each_worker_answers_what_it_is_asked(way, reference):
    with Worker(way("fp32", "train.precision=fp32")) as worker:
        first = worker.first_step()
        worker.step()
        flops, phases, parts, peak = worker.flops(), worker.phases(), worker.parts(), worker.peak()
    assert first.losses.keys() == reference.losses.keys()
    weights = dict.fromkeys(first.losses, 1.0)
    found = parity(first, reference, weights)
    assert found.losses < 1e-5
    assert found.norms < 1e-3
    assert flops > 1e6
    assert phases.keys() == {"generator", "discriminator", "interpolator"}
    assert all(seconds > 0 for seconds in phases.values())
    assert parts["generators.face"].calls == 2  # the edit and its reconstruction
    assert parts["generators.face"].bytes > 0
    assert peak > 1e7


def test_the_reference_clips_gradients_and_leaves_out_terms_as_the_trainer_does(way):
    overrides = ("train.precision=fp32", "train.clip=0.01", "losses.interpolation.every=2")
    with Worker(way("reference", *overrides, plain=True)) as plain, Worker(way("fp32", *overrides)) as trainers:
        first, theirs = trainers.first_step(), plain.first_step()
        assert plain.period == 2
        plain.step()  # in one of these two the interpolator learns nothing
    assert theirs.norms["generator"] == pytest.approx(0.01, rel=1e-3)
    assert parity(first, theirs, dict.fromkeys(first.losses, 1.0)).norms < 1e-3


def test_several_batches_for_the_discriminators_hide_no_difference(way):
    overrides = ("train.precision=fp32", "train.critic_steps=3")
    with Worker(way("reference", *overrides, plain=True)) as plain, Worker(way("fp32", *overrides)) as trainers:
        first, theirs = trainers.first_step(), plain.first_step()
    assert parity(first, theirs, dict.fromkeys(first.losses, 1.0)).losses < 1e-5


@pytest.mark.parametrize("plain", [True, False])
def test_the_first_step_moves_no_weight_and_the_next_one_does(way, plain):
    doing = _Doing(way("", "train.precision=fp32", "train.critic_steps=2", plain=False))
    if plain:
        doing.take = lambda *batch: reference_step(doing.training, *batch)
    weights = [weight for phase in doing.training.phases for weight in phase.parameters]
    before = [weight.detach().clone() for weight in weights]
    doing.first()
    assert all(map(torch.equal, weights, before))
    doing.step()
    assert sum(map(torch.equal, weights, before)) < len(weights) / 2


def test_a_step_that_differs_is_told_apart(way, reference):
    with Worker(way("other", "train.precision=fp32", "train.seed=7")) as worker:
        other = worker.first_step()
    assert parity(other, reference, dict.fromkeys(other.losses, 1.0)).losses > 0.01


def test_what_is_wrong_with_a_recipe_is_said_here(way):
    with pytest.raises(EfganError, match="critic_stepz"):
        Worker(way("bad", "train.critic_stepz=1"))


def test_a_process_that_dies_is_an_error_and_no_hang(way):
    with Worker(way("killed")) as worker:
        worker._process.kill()
        with pytest.raises(EfganError, match="out of memory"):
            worker.step()


def test_a_component_that_fails_is_named_with_its_error(way):
    with Worker(way("failing", "train.precision=fp32")) as worker, pytest.raises(EfganError, match="AttributeError"):
        worker._ask("something that is not there")
