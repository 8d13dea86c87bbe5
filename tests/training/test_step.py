"""The training step of the published components."""

import math

import pytest
import torch

from efgan_kit.training import batches as batches_module
from efgan_kit.training.loop import train
from efgan_kit.training.phases import PLAYERS

CURVE = [
    {
        "adversarial.generator": -0.05031156,
        "conditional.generator": 0.1431251,
        "content.generator": 0.4733196,
        "attention.generator": 37.92807,
        "adversarial.discriminator": 44.58742,
        "conditional.discriminator": 0.06021601,
        "interpolation.discriminator": 7.836695,
        "interpolation.interpolator": 0.00174837,
    },
    {
        "adversarial.generator": -0.03959818,
        "conditional.generator": 0.1080108,
        "content.generator": 0.3516399,
        "attention.generator": 37.65494,
        "adversarial.discriminator": 45.60793,
        "conditional.discriminator": 0.001723318,
        "interpolation.discriminator": 6.962873,
        "interpolation.interpolator": 0.004449178,
    },
    {
        "adversarial.generator": -0.051805,
        "conditional.generator": 0.01022887,
        "content.generator": 0.4331105,
        "attention.generator": 38.09377,
        "adversarial.discriminator": 45.05084,
        "conditional.discriminator": 0.09865163,
        "interpolation.discriminator": 6.146812,
        "interpolation.interpolator": 0.006361767,
    },
]
"""The losses of the tiny recipe's first three steps."""


def test_the_losses_of_the_first_steps_stay_what_they_are(prepared, advance):
    """The loss curve of the published components: a change here changes what every run learns.

    Adam's large epsilon keeps its steps in proportion to the gradients, so that a last bit of rounding does
    not turn a sign. What remains is how processors sum: measured over instruction sets, 2e-6 of the first
    step's losses, 3e-5 of the second's and 6e-3 of the third's.
    """
    gentle = ("optimizer.eps=1", "optimizer.lr=0.002", "optimizer.per_player.discriminator.lr=0.002")
    curve = advance(prepared("train.channels_last=false", *gentle), 3)
    for found, expected, share in zip(curve, CURVE, (1e-5, 1e-4, 2e-2), strict=True):
        assert found == pytest.approx(expected, rel=share)


def test_a_step_teaches_every_player_in_turn(prepared, advance, weights, same):
    training = prepared()
    assert [phase.player for phase in training.phases] == list(PLAYERS)
    before = {player: weights(torch.nn.ModuleList(m)) for player, m in training.graph.players().items()}
    advance(training)
    after = {player: weights(torch.nn.ModuleList(m)) for player, m in training.graph.players().items()}
    assert not any(same(before[player], after[player]) for player in PLAYERS)
    assert training.step == 1


@pytest.mark.parametrize("player", PLAYERS)
def test_a_phase_touches_no_other_players_weights_and_gradients(player, prepared, batch_of):
    training = prepared()
    (phase,) = [phase for phase in training.phases if phase.player == player]
    own = {id(parameter) for parameter in phase.parameters}
    before = {name: parameter.clone() for name, parameter in training.graph.named_parameters()}
    training._teach([phase], training.values(batch_of(training, 0)), 0)
    moved = {
        id(parameter)
        for name, parameter in training.graph.named_parameters()
        if not torch.equal(parameter, before[name])
    }
    graded = {id(parameter) for parameter in training.graph.parameters() if parameter.grad is not None}
    assert moved
    assert moved <= own
    assert graded <= own
    assert all(parameter.requires_grad for parameter in training.graph.parameters())


def test_the_discriminators_judge_the_generators_pictures_without_a_second_forward(prepared, advance, counted):
    """Two calls a generator: to the target, and back for the reconstruction."""
    training = prepared()
    calls = {name: counted(generator) for name, generator in training.graph.generators.items()}
    advance(training)
    assert {name: len(made) for name, made in calls.items()} == dict.fromkeys(calls, 2)


def test_three_critic_steps_take_three_batches_and_move_the_generator_once(tiny, tmp_path, monkeypatch):
    read = []
    assemble = batches_module.assemble
    monkeypatch.setattr(
        batches_module,
        "assemble",
        lambda faces, draws, noise: read.append(draws) or assemble(faces, draws, noise),
    )
    recipe = tiny("train.critic_steps=3", "train.steps=2", "train.checkpoint_every=100")
    train(recipe, run=tmp_path / "run", quiet=True)
    from efgan_kit.training.batches import BatchPlan
    from efgan_kit.training.checkpoints import read_module

    people = ["p0", "p0", "p1", "p1", "p2", "p2"]
    plan = BatchPlan(people, batch_size=2, seed=0)
    assert read == [plan[number] for number in range(6)]
    newest = tmp_path / "run" / "checkpoints" / "0000002"
    taken = {p: read_module(newest, f"optimizer.{p}")["0.step"].item() for p in PLAYERS}
    assert taken == {"generator": 2, "discriminator": 6, "interpolator": 2}


def test_every_batch_of_a_step_has_random_numbers_of_its_own(prepared, batch_of):
    training = prepared("train.critic_steps=2")
    given = batch_of(training, 0)
    shares = [training.values(given, suffix)[0]["step_share"] for suffix in (".0", "")]
    assert not torch.equal(*shares)
    assert torch.equal(training.values(given)[0]["step_share"], shares[1])


def test_an_epoch_counts_generator_steps(prepared):
    """Six faces in twos are three batches; with three critic steps that is one step an epoch."""
    assert prepared("train.steps=null", "train.epochs=4").steps == 12
    assert prepared("train.steps=null", "train.epochs=4", "train.critic_steps=3").steps == 4


def test_the_schedule_sets_the_rate_of_every_player(prepared, advance):
    training = prepared("train.steps=4", "schedule.constant_share=0.5")
    rates = []
    for _ in range(4):
        advance(training)
        rates.append([phase.rate for phase in training.phases])
    factors = [1, 1, 1, 0.5]
    assert rates == [pytest.approx([5e-4 * f, 1e-3 * f, 5e-4 * f]) for f in factors]


def test_bf16_learns_on_the_cpu_and_keeps_fp32_weights(prepared, advance):
    training = prepared("train.precision=bf16")
    losses = advance(training, 2)
    assert all(math.isfinite(loss) for step in losses for loss in step.values())
    assert {parameter.dtype for parameter in training.graph.parameters()} == {torch.float32}


def test_the_averaged_weights_follow_the_trained_ones(prepared, advance, weights, same):
    training = prepared("train.ema=0.5")
    editing = training.averaged.module
    advance(training, 4)
    trained = weights(editing)
    with training.averaged.applied():
        averaged = weights(editing)
        assert not same(averaged, trained)
        assert same(averaged, weights(training.averaged.ema.module)) is False, "they have changed places"
    assert same(weights(editing), trained)
    assert prepared("train.ema=null").averaged.ema is None


def test_dropout_of_a_plugin_is_repeatable_and_leaves_the_global_numbers_alone(prepared, advance):
    """Torch's dropout knows the global generator only."""

    def losses(disturbance):
        training = prepared()
        training.graph.refiner.register_forward_hook(lambda m, i, output: torch.dropout(output, 0.5, True))
        torch.manual_seed(disturbance)
        found = advance(training, 2)
        return found, torch.rand(1)

    (first, one), (second, other) = losses(1), losses(2)
    assert first == second
    torch.manual_seed(1)
    assert torch.equal(one, torch.rand(1))
    assert not torch.equal(one, other)
